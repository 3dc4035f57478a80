import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { findRedis } from '../../tools/redis-binary.js';
import { type Snippet, snippetsOf, withChecks } from '../../tools/snippets.js';
import { type RunningServer, startKeyspan, startRedis } from '../support/redis.js';

/** Every block of TypeScript in README and docs is compiled, and run, as its readers would. */
const run = promisify(execFile);
const root = process.cwd();
const folder = join(root, 'build', 'snippets');
const PROGRAM_TIMEOUT_MS = 30_000;

function pages(): string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  return ['README.md', 'CONTRIBUTING.md', ...docs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)];
}

const snippets = pages().flatMap((page) => snippetsOf(page, readFileSync(join(root, page), 'utf8')));

function nameOf({ place }: Snippet): string {
  return place.replace(/\W+/g, '-');
}

/** Writes them as one project and compiles it; a fault's line says which page it is on. */
async function compile(code: (snippet: Snippet) => string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const snippet of snippets) writeFileSync(join(folder, `${nameOf(snippet)}.ts`), code(snippet));
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    rootDir: '.',
    outDir: 'out',
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch((error: { stdout: string }) => {
    assert.fail(`documentation that does not compile:\n${error.stdout}`);
  });
}

describe('documentation', () => {
  let server: RunningServer;
  let scratch: string;
  before(async () => {
    server = (await findRedis()) === null ? await startKeyspan() : await startRedis();
    scratch = mkdtempSync(join(tmpdir(), 'keyspan-docs-'));
    await compile(({ code }) =>
      withChecks(code).replaceAll(/redis:\/\/(?:[^@'/]*@)?localhost(?::6379)?(?=['/?])/g, server.url),
    );
  });
  after(async () => {
    await server?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  for (const snippet of snippets) {
    if (snippet.compilesOnly !== null) {
      test(`${snippet.place} compiles (not run: ${snippet.compilesOnly})`, () => {});
      continue;
    }
    test(`${snippet.place} runs`, async () => {
      const cwd = mkdtempSync(join(scratch, 'run-'));
      const program = join(folder, 'out', `${nameOf(snippet)}.js`);
      await run(process.execPath, [program], { cwd, timeout: PROGRAM_TIMEOUT_MS }).catch(
        (error: { killed: boolean; stderr: string }) => {
          assert.fail(error.killed ? `it did not end in ${PROGRAM_TIMEOUT_MS} ms` : error.stderr);
        },
      );
    });
  }
});
