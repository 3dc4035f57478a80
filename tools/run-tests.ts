import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** Runs the compiled tests: all, or those whose path contains one of the arguments. */
/** A file that hangs fails after this long. */
const FILE_TIMEOUT_MS = 180_000;
const folder = join(process.cwd(), 'build', 'test');
const wanted = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js') && (wanted.length === 0 || wanted.some((part) => file.includes(part))))
  .map((file) => join(folder, file))
  .sort();

if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`);
  process.exitCode = 1;
} else {
  const tests = run({ files, concurrency: 2, timeout: FILE_TIMEOUT_MS });
  tests.on('test:fail', () => {
    process.exitCode = 1;
  });
  tests.compose(new spec()).pipe(process.stdout);
}
