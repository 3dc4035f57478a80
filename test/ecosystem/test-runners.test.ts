import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { transformSync } from 'esbuild';
import { snippetsOf } from '../../tools/snippets.js';
import { type Packed, packPackage, tsc } from '../support/packed.js';

/** Vitest and Jest themselves run suites that use `withRedis` of the packed package, among them those of README and docs/testing.md. */
const run = promisify(execFile);
const RUNNER_TIMEOUT_MS = 120_000;

/** Waits for the other file of the run, so that both are known to be at work at the same time. */
const meeting = `
import { existsSync, writeFileSync } from 'node:fs';
export async function meet(name: string, other: string): Promise<void> {
  writeFileSync(process.env['MEETING'] + name, '');
  const deadline = Date.now() + 30_000;
  while (!existsSync(process.env['MEETING'] + other)) {
    if (Date.now() > deadline) throw new Error(other + ' did not come');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
`;

/** Three tests; what they are told about the server is the same for every runner. */
const visits = (name: string, other: string, signature: string) => `
for (const title of ['first', 'second']) {
  test(title + ' visit', async (${signature}) => {
    const client = new Redis(redis.url);
    expect(await client.incr('visits')).toBe(42);
    expect(await client.dbsize()).toBe(1);
    await client.flushall();
    client.disconnect();
  });
}
test('beside another file', async (${signature}) => {
  await redis.db.set('owner', '${name}');
  await meet('${name}-wrote', '${other}-wrote');
  expect(await redis.db.mget('owner', 'visits')).toEqual(['${name}', '41']);
  await meet('${name}-read', '${other}-read');
}, 60_000);
`;

/** The first test fails with a server of its own, which the second finds closed. */
const failing = (signature: string) => `
let port = 0;
test('fails', async (${signature}) => {
  port = redis.port;
  expect(await redis.db.get('visits')).toBe('42');
});
test('leaves no server behind', async () => {
  const outcome = await new Promise((resolve) => {
    createConnection(port, '127.0.0.1').on('connect', () => resolve('open')).on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
  });
  expect(outcome).toBe('ECONNREFUSED');
});
`;

/** Time that the runner fakes: sockets go on, and a TTL ends when the runner says so. */
const faked = (fake: string, advance: string) => `
test('time stands still', redis(async (server) => {
  ${fake};
  const clients = [new Redis(server.url), new Redis(server.ioredisOptions)];
  await clients[0]!.set('session', 'x', 'EX', 60);
  await ${advance}(59_000);
  expect(await clients[1]!.get('session')).toBe('x');
  await ${advance}(2_000);
  for (const client of clients) {
    expect(await client.get('session')).toBe(null);
    client.disconnect();
  }
}));
`;

const common = `
import { createConnection } from 'node:net';
import { Redis } from 'ioredis';
import { type TestServer, withRedis } from 'keyspan/testing';
import { meet } from '../../meeting.js';
void [createConnection, meet, Redis];
const suite = withRedis({ seedData: ({ db }) => db.set('visits', 41) });
`;

interface Runner {
  readonly imports: string;
  /** How a test comes by its server, and the parameters of its function. */
  readonly fixture: string;
  readonly signature: string;
  readonly fake: string;
  readonly advance: string;
}

const vitest: Runner = {
  imports: `import { test as base, expect, vi } from 'vitest';`,
  fixture: `const test = base.extend<{ redis: TestServer }>({ redis: suite.fixture });`,
  signature: '{ redis }',
  fake: 'vi.useFakeTimers()',
  advance: 'vi.advanceTimersByTimeAsync',
};

const jest: Runner = {
  imports: `import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';`,
  fixture: `let redis: TestServer;
    beforeEach(async () => { redis = await suite.start(); });
    afterEach(() => redis.close());`,
  signature: '',
  fake: `jest.useFakeTimers({ doNotFake: ['nextTick'] })`,
  advance: 'jest.advanceTimersByTimeAsync',
};

function files({ imports, fixture, signature, fake, advance }: Runner): Record<string, string> {
  const head = `${common}${imports}\n`;
  const wrapped = `const redis = suite;\n${imports.includes('vitest') ? 'const test = base;\n' : ''}`;
  return {
    'good/visits-a.test.ts': `${head}${fixture}${visits('a', 'b', signature)}`,
    'good/visits-b.test.ts': `${head}${fixture}${visits('b', 'a', signature)}`,
    'faked/time.test.ts': `${head}${wrapped}${faked(fake, advance)}`,
    'failing/failing.test.ts': `${head}${fixture}${failing(signature)}`,
  };
}

/** What Vitest and Jest both write with `--json`. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { message: string; assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
}

describe('withRedis in test runners', () => {
  let packed: Packed;
  let project: string;
  let runs = 0;
  before(async () => {
    packed = await packPackage(['vitest', 'jest', '@jest', 'ioredis', 'redis', '@redis', 'esbuild']);
    project = packed.project;
    put('meeting.ts', meeting);
    for (const page of ['README.md', 'docs/testing.md']) {
      const name = page.replace(/\W/g, '-');
      for (const { code } of snippetsOf(page, readFileSync(page, 'utf8'))) {
        if (code.includes(`from 'vitest'`)) put(`vitest/docs/${name}.test.ts`, code);
        if (code.includes(`from '@jest/globals'`)) put(`jest/docs/${name}.test.ts`, code);
      }
    }
    for (const [name, code] of Object.entries(files(vitest))) put(`vitest/${name}`, code);
    for (const [name, code] of Object.entries(files(jest))) put(`jest/${name}`, code);
  });
  after(() => packed?.remove());

  /** Writes a file of TypeScript, and beside it what Jest can run without a transformer. */
  function put(name: string, code: string): void {
    mkdirSync(join(project, name, '..'), { recursive: true });
    writeFileSync(join(project, name), code);
    if (name.startsWith('vitest/')) return;
    writeFileSync(join(project, name.replace(/\.ts$/, '.js')), transformSync(code, { loader: 'ts' }).code);
  }

  async function report(args: readonly string[]): Promise<{ exitCode: number; stderr: string; report: Report }> {
    // The runner of these tests tells its children to report in a way of its own.
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...inherited } = process.env;
    const env = { ...inherited, MEETING: join(project, `meeting-${runs++}-`), CI: 'true' };
    const options = { cwd: project, env, timeout: RUNNER_TIMEOUT_MS };
    const done = run(process.execPath, [...args], options);
    const outcome = await done.then(
      (said) => ({ ...said, code: 0 }),
      (error: { stdout: string; stderr: string; code: number; killed: boolean }) => {
        assert.equal(error.killed, false, `${error.stdout}\n${error.stderr}`);
        return error;
      },
    );
    assert.match(outcome.stdout, /^\{/m, outcome.stderr);
    const json = outcome.stdout.slice(outcome.stdout.search(/^\{/m));
    return { exitCode: outcome.code, stderr: outcome.stderr, report: JSON.parse(json) as Report };
  }

  const runners = {
    Vitest: (filter: string) =>
      report(['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--maxWorkers=2', '--minWorkers=2', filter]),
    Jest: (filter: string) =>
      report([
        '--experimental-vm-modules',
        'node_modules/jest/bin/jest.js',
        ...[filter, '--json', '--maxWorkers=2', '--transform={}', '--testMatch=**/*.test.js'],
      ]),
  };

  it('has types that suit both', async () => {
    const compilerOptions = { module: 'NodeNext', target: 'ES2022', lib: ['ES2023', 'ESNext.Disposable'] };
    const strictness = { strict: true, types: ['node'], skipLibCheck: true, noEmit: true };
    const config = { compilerOptions: { ...compilerOptions, ...strictness }, include: ['**/*.ts'] };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
    const { stdout } = await run(tsc, ['-p', project]).catch((error) => error as { stdout: string });
    assert.equal(stdout, '');
  });

  for (const [name, runner] of Object.entries(runners)) {
    const folder = name.toLowerCase();
    describe(name, () => {
      it('gives every test the same data, also in two files that run at the same time', async () => {
        const { exitCode, stderr, report } = await runner(`${folder}/good/`);
        assert.deepEqual(failuresOf(report), []);
        assert.equal(exitCode, 0, stderr);
        assert.equal(report.testResults.length, 2);
        assert.equal(report.numPassedTests, 6);
        assert.doesNotMatch(stderr, /did not exit|open handles/i);
      });

      it('reports a failing test as failing, and its server is gone', async () => {
        const { exitCode, report } = await runner(`${folder}/failing/`);
        assert.equal(exitCode, 1);
        const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
        assert.deepEqual(
          results.map(({ title, status }) => [title, status]),
          [
            ['fails', 'failed'],
            ['leaves no server behind', 'passed'],
          ],
        );
        assert.match(results[0]!.failureMessages.join(), /41/);
      });

      it('serves on when the runner fakes timers, and lives in their time', async () => {
        const { report } = await runner(`${folder}/faked/`);
        assert.deepEqual(failuresOf(report), []);
        assert.equal(report.numPassedTests, 1);
      });

      it('runs what the documentation shows', async () => {
        const { report } = await runner(`${folder}/docs/`);
        assert.deepEqual(failuresOf(report), []);
        assert.equal(report.testResults.length, 2);
        assert.equal(report.numPassedTests, 3);
      });
    });
  }

  it('runs in a CommonJS suite of Jest that transforms the package', async () => {
    put(
      'commonjs/transform.js',
      `const { transformSync } = require('esbuild');
       exports.process = (source) => transformSync(source, { format: 'cjs', target: 'node20', logLevel: 'silent' });`,
    );
    writeFileSync(join(project, 'commonjs/package.json'), '{ "type": "commonjs" }');
    const config = {
      transform: { '\\.js$': join(project, 'commonjs/transform.js') },
      transformIgnorePatterns: ['/node_modules/(?!keyspan/)'],
      testMatch: ['**/commonjs/*.test.js'],
    };
    put(
      'commonjs/visits.test.js',
      `const { withRedis } = require('keyspan/testing');
       const redis = withRedis({ seedData: ({ db }) => db.set('visits', 41) });
       test('counts', redis(async ({ db }) => expect(await db.incr('visits')).toBe(42)));`,
    );
    writeFileSync(join(project, 'commonjs/jest.json'), JSON.stringify(config));
    const { report: result } = await report([
      'node_modules/jest/bin/jest.js',
      ...['--json', '--rootDir', project, '-c', 'commonjs/jest.json'],
    ]);
    assert.deepEqual(failuresOf(result), []);
    assert.equal(result.numPassedTests, 1);
  });
});

function failuresOf({ testResults }: Report): string[] {
  return testResults.flatMap(({ message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status !== 'passed');
    if (assertionResults.length === 0) return [message];
    return failed.map(({ title, failureMessages }) => `${title}: ${failureMessages.join('\n')}`);
  });
}
