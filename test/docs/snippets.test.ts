import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { findRedis } from '../../tools/redis-binary.js';
import { type Snippet, snippetsOf, withChecks } from '../../tools/snippets.js';
import { TestCluster } from '../support/cluster.js';
import { compilerOptions } from '../support/compiler-options.js';
import { type RunningServer, startKeyspan, startRedis } from '../support/redis.js';
import { Replication, Sentinels } from '../support/replication.js';

/** Every block of TypeScript in README and docs is compiled, and run, as its readers would. */
const run = promisify(execFile);
const root = process.cwd();
const folder = join(root, 'build', 'snippets');
const PROGRAM_TIMEOUT_MS = 30_000;

/** Servers that a block may need, and the names which stand for their addresses in the text. */
interface Site {
  addresses(): ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

const sites: Readonly<Record<string, () => Promise<Site>>> = {
  async cluster() {
    const cluster = await TestCluster.start();
    const [a, b] = cluster.nodes.map(({ name }) => name);
    const addresses = new Map([
      ['node-a:7000,node-b:7001', `${a},${b}`],
      ['node-a:7000', a!],
    ]);
    return { addresses: () => addresses, stop: () => cluster.stop() };
  },
  async replication() {
    const group = await Replication.start();
    const addresses = new Map([['redis-a:6379,redis-b:6379', group.addresses.join()]]);
    return { addresses: () => addresses, stop: () => group.stop() };
  },
  async sentinels() {
    const group = await Replication.start({ password: 'secret' });
    const sentinels = await Sentinels.start(group, { password: 'another-secret' });
    const addresses = new Map([['sentinel-a:26379,sentinel-b:26379', sentinels.addresses.join()]]);
    return { addresses: () => addresses, stop: () => sentinels.stop().then(() => group.stop()) };
  },
};

function pages(): string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  return ['README.md', 'CONTRIBUTING.md', ...docs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)];
}

const snippets = pages().flatMap((page) => snippetsOf(page, readFileSync(join(root, page), 'utf8')));

function nameOf({ place }: Snippet): string {
  return place.replace(/\W+/g, '-');
}

/** Writes them as one project and compiles it. Returns the compiler's complaints by program; lines are those of the block. */
async function compile(code: (snippet: Snippet) => string): Promise<Map<string, string[]>> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const snippet of snippets) writeFileSync(join(folder, `${nameOf(snippet)}.ts`), code(snippet));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const complaints = new Map<string, string[]>();
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch(({ stdout }: { stdout: string }) => {
    for (const line of stdout.split('\n')) {
      const name = /([\w-]+)\.ts\(/.exec(line)?.[1];
      if (name !== undefined) complaints.set(name, [...(complaints.get(name) ?? []), line]);
    }
    assert.notEqual(complaints.size, 0, stdout);
  });
  return complaints;
}

describe('documentation', () => {
  let server: RunningServer;
  let scratch: string;
  let complaints: Map<string, string[]>;
  const running: Site[] = [];
  before(async () => {
    server = (await findRedis()) === null ? await startKeyspan() : await startRedis();
    scratch = mkdtempSync(join(tmpdir(), 'keyspan-docs-'));
    for (const need of new Set(snippets.flatMap(({ needs }) => needs))) {
      if (sites[need] !== undefined) running.push(await sites[need]());
    }
    const names = new Map(running.flatMap((site) => [...site.addresses()]));
    complaints = await compile(({ code }) => {
      const local = withChecks(code).replaceAll(/redis:\/\/(?:[^@'/]*@)?localhost(?::6379)?(?=['/?])/g, server.url);
      return [...names].reduce((text, [name, address]) => text.replaceAll(name, address), local);
    });
  });
  after(async () => {
    for (const site of running) await site.stop();
    await server?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  for (const snippet of snippets) {
    if (snippet.compilesOnly !== null) {
      test(`${snippet.place} compiles (not run: ${snippet.compilesOnly})`, () => {
        assert.deepEqual(complaints.get(nameOf(snippet)) ?? [], []);
      });
      continue;
    }
    test(`${snippet.place} runs`, async () => {
      assert.deepEqual(complaints.get(nameOf(snippet)) ?? [], []);
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
