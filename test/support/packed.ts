import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();
export const tsc: string = join(root, 'node_modules/.bin/tsc');

/** The package as users get it: built, packed, and unpacked into another project. */
export interface Packed {
  readonly project: string;
  /** `node_modules/keyspan` of the project. */
  readonly installed: string;
  readonly tarball: string;
  remove(): void;
}

/** `modules`: packages of this repository that the project has as well. */
export async function packPackage(modules: readonly string[] = []): Promise<Packed> {
  const project = mkdtempSync(join(tmpdir(), 'keyspan-package-'));
  const stage = join(project, 'stage');
  await run(tsc, ['-p', join(root, 'tsconfig.json'), '--outDir', join(stage, 'dist')]);
  for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(stage, file));
  }
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: stage });
  const tarball = join(project, readdirSync(project).find((name) => name.endsWith('.tgz'))!);
  const installed = join(project, 'node_modules/keyspan');
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of ['@types', 'undici-types', ...modules]) {
    if (existsSync(join(root, 'node_modules', name))) {
      mkdirSync(dirname(join(project, 'node_modules', name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
    }
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
  return { project, installed, tarball, remove: () => rmSync(project, { recursive: true, force: true }) };
}
