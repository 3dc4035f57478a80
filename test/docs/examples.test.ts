import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';

/** Every program of examples/ is short, compiles against the built package, and prints the lines that its end names. */
const run = promisify(execFile);
const root = process.cwd();
const folder = join(root, 'examples');
const LINES_MAX = 80;
const PROGRAM_TIMEOUT_MS = 60_000;
const names = readdirSync(folder).filter((file) => file.endsWith('.ts'));

describe('examples', () => {
  before(async () => {
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch((error: { stdout: string }) => {
      assert.fail(error.stdout);
    });
  });

  for (const name of names) {
    test(`${name} runs and prints what it says`, async () => {
      const source = readFileSync(join(folder, name), 'utf8');
      assert.ok(source.split('\n').length <= LINES_MAX, `it has more than ${LINES_MAX} lines`);
      const wanted = [...source.matchAll(/^\/\/ prints: (.+)$/gm)].map(([, line]) => line!);
      assert.ok(wanted.length > 0, 'it does not say what it prints');
      const program = join(root, 'build/examples', name.replace(/\.ts$/, '.js'));
      // The runner of these tests tells its children to report in a way of its own.
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const options = { timeout: PROGRAM_TIMEOUT_MS, env };
      const { stdout } = await run(process.execPath, ['--test-reporter=tap', program], options);
      const lines = stdout.split('\n');
      let at = 0;
      for (const line of wanted) {
        at = lines.indexOf(line, at) + 1;
        assert.notEqual(at, 0, `'${line}' is missing in:\n${stdout}`);
      }
    });
  }
});
