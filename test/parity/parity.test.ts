import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { compilerOptions } from '../support/compiler-options.js';
import { type RunningServer, startKeyspan, startRedis } from '../support/redis.js';
import { moduleOf, type Page, readPage } from './page.js';
import { type Doors, type Site, type Surroundings, sites } from './sites.js';

/**
 * Each page of docs/coming-from has a row for every name of what people come from (`test/parity/<page>.json`), and what
 * stands in the rows is compiled, and run where the page says.
 */
interface Names {
  /** Everything that is to be found in the tables, as it is written there. */
  readonly names: readonly string[];
  /** Those of `names` that have no equivalent. */
  readonly none: readonly string[];
}

type RowFunction = ((around: Partial<Surroundings>) => Promise<void>) | null;

const names = ['gedis', 'redis-py', 'redis-py-2.0', 'tredis', 'django-redisdb', 'ioredis', 'node-redis'];
const root = process.cwd();
/** Beside the compiled tests, so that `keyspan` is this package. */
const folder = fileURLToPath(new URL('../../parity', import.meta.url));
/** Sites of several servers that only the real ones make. */
const ofRealServers = ['cluster', 'sentinel'];
const ROW_TIMEOUT_MS = 20_000;

const pages = new Map<string, Page>(
  names.map((name) => {
    const path = `docs/coming-from/${name}.md`;
    return [name, readPage(path, readFileSync(join(root, path), 'utf8'))];
  }),
);

/** Compiles all pages as one project. Returns the complaints by the place of the row. */
async function compile(): Promise<Map<string, string[]>> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const starts = new Map<string, number[]>();
  for (const [name, page] of pages) {
    const module = moduleOf(page);
    writeFileSync(join(folder, `${name}.mts`), module.code);
    starts.set(name, module.starts);
  }
  const doors = { keyspan: 'open', 'keyspan/embedded': 'embedded', 'keyspan/instances': 'Instance' };
  const reexports = Object.entries(doors).map(([from, name]) => `export { ${name} } from '${from}';`);
  writeFileSync(join(folder, 'doors.mts'), reexports.join('\n'));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.mts'] }));
  const complaints = new Map<string, string[]>();
  const tsc = join(root, 'node_modules/.bin/tsc');
  await promisify(execFile)(tsc, ['-p', folder]).catch(({ stdout }: { stdout: string }) => {
    for (const line of stdout.split('\n')) {
      const found = /([\w.-]+)\.mts\((\d+),/.exec(line);
      if (found === null) continue;
      const at = starts.get(found[1]!)?.findLastIndex((start) => start <= Number(found[2])) ?? -1;
      // What stands before the rows, the imports, is the page's.
      const place = at < 0 ? found[1]! : pages.get(found[1]!)!.rows[at]!.place;
      complaints.set(place, [...(complaints.get(place) ?? []), line]);
    }
    assert.notEqual(complaints.size, 0, stdout);
  });
  return complaints;
}

function imported(name: string): Promise<Record<string, unknown>> {
  return import(pathToFileURL(join(folder, 'out', `${name}.mjs`)).href) as Promise<Record<string, unknown>>;
}

describe('coming from elsewhere', () => {
  let server: RunningServer;
  let complaints: Map<string, string[]>;
  const rows = new Map<string, readonly RowFunction[]>();
  const running = new Map<string, Site>();
  before(async () => {
    const isReal = (await findRedis()) !== null;
    server = isReal ? await startRedis() : await startKeyspan();
    complaints = await compile();
    for (const name of names) rows.set(name, (await imported(name)).rows as RowFunction[]);
    const doors = (await imported('doors')) as unknown as Doors;
    const needed = [...pages.values()].flatMap((page) => page.rows.flatMap(({ on }) => on));
    const possible = needed.filter((need) => isReal || !ofRealServers.includes(need));
    for (const need of new Set(possible)) running.set(need, await sites[need]!(doors, server.url));
  });
  after(async () => {
    for (const site of running.values()) await site.stop();
    await server?.stop();
  });

  for (const [name, page] of pages) {
    test(`${name}: every name has a row, and every row a name`, () => {
      assert.deepEqual(complaints.get(name) ?? [], []);
      const wanted = JSON.parse(readFileSync(join(root, `test/parity/${name}.json`), 'utf8')) as Names;
      const found = page.rows.map((row) => row.name);
      const without = page.rows.filter(({ lines }) => lines === null).map((row) => row.name);
      const differences = {
        'names without a row': wanted.names.filter((one) => !found.includes(one)),
        'rows that are not in the list, or twice there': found.filter(
          (one, i) => !wanted.names.includes(one) || found.indexOf(one) !== i,
        ),
        'without an equivalent, and not listed so': without.filter((one) => !wanted.none.includes(one)),
        'listed as without an equivalent, which have one': wanted.none.filter((one) => !without.includes(one)),
      };
      const none = Object.fromEntries(Object.keys(differences).map((what) => [what, []]));
      assert.deepEqual(differences, none);
    });

    page.rows.forEach((row, i) => {
      if (row.lines === null) return;
      for (const where of row.on) {
        test(`${row.place} ${row.name} on ${where}`, { timeout: ROW_TIMEOUT_MS }, async (t) => {
          assert.deepEqual(complaints.get(row.place) ?? [], []);
          const site = running.get(where);
          if (site === undefined) {
            t.skip(whyNoRedis());
            return;
          }
          const { around, end } = await site.begin();
          try {
            await rows.get(name)![i]!({ redis: server.url, ...around });
          } finally {
            await end();
          }
        });
      }
    });
  }
});
