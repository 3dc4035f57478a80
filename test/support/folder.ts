import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A new folder that is removed when the test ends. `name` tells whose it is. */
export function newFolder(t: TestContext, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `keyspan-${name}-`));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
