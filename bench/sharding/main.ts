/**
 * `npm run bench:sharding -- [--ms 400] [--rounds 5]`
 *
 * What a ring or mirror costs over plain connections to the same one or two servers (on this machine, in turns, one
 * process): operations per second and CPU of this process per operation, each as a ratio to as many plain connections in the
 * same round; medians. A write of a mirror of two is two writes.
 */
import { parseArgs } from 'node:util';
import { open, type Redis } from '../../src/index.js';
import { startRedis } from '../../test/support/redis.js';

const { values } = parseArgs({
  options: { ms: { type: 'string', default: '400' }, rounds: { type: 'string', default: '5' } },
});
const KEYS = 1000;
const SMALL = 'v'.repeat(100);
const keys = Array.from({ length: KEYS }, (_, i) => `key:${i}`);

interface Measured {
  opsPerSecond: number;
  cpuMicros: number;
}

/** `outstanding` calls at a time for `ms` milliseconds. */
async function measure(
  dbs: readonly Redis[],
  run: (db: Redis, key: string) => Promise<unknown>,
  outstanding: number,
): Promise<Measured> {
  let count = 0;
  const end = performance.now() + Number(values.ms);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const worker = async (first: number): Promise<void> => {
    for (let i = first; performance.now() < end; i += 7) {
      await run(dbs[i % dbs.length]!, keys[i % KEYS]!);
      count++;
    }
  };
  await Promise.all(Array.from({ length: outstanding }, (_, i) => worker(i * 13)));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { opsPerSecond: count / seconds, cpuMicros: (user + system) / count };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

const servers = [await startRedis(), await startRedis()] as const;
const urls = servers.map(({ url }) => url);
/** Number of the contender that each is compared with: as many connections as it has nodes, keys dealt out by hand. */
const contenders: readonly (readonly [string, readonly Redis[], number])[] = [
  ['one connection', [open(urls[0])], 0],
  ['ring of 1', [open({ ring: urls.slice(0, 1) })], 0],
  ['mirror of 1', [open({ mirror: urls.slice(0, 1) })], 0],
  ['two connections', urls.map((url) => open(url)), 3],
  ['ring of 2', [open({ ring: urls })], 3],
  ['ring of 2, eject', [open({ ring: urls, dead: 'eject' })], 3],
  ['mirror of 2', [open({ mirror: urls })], 3],
];
const get = (db: Redis, key: string): Promise<unknown> => db.get(key);
const set = (db: Redis, key: string): Promise<unknown> => db.set(key, SMALL);
const operations = [
  ['GET ×1', get, 1],
  ['GET ×50', get, 50],
  ['GET ×1000', get, 1000],
  ['SET ×50', set, 50],
] as const;

try {
  for (const [, dbs] of contenders) for (const db of dbs) for (const key of keys) await db.set(key, SMALL);
  console.log('| operation | over | ops/s | ops/s ÷ connections | CPU per op ÷ connections |');
  console.log('|---|---|---|---|---|');
  for (const [name, run, outstanding] of operations) {
    const found = contenders.map(() => [] as Measured[]);
    for (const [, dbs] of contenders) await measure(dbs, run, outstanding);
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [i, [, dbs]] of contenders.entries()) found[i]!.push(await measure(dbs, run, outstanding));
    }
    for (const [i, [title, , base]] of contenders.entries()) {
      const ratio = (of: keyof Measured): string =>
        median(found[i]!.map((one, round) => one[of] / found[base]![round]![of])).toFixed(2);
      const ops = Math.round(median(found[i]!.map(({ opsPerSecond }) => opsPerSecond))).toLocaleString('en');
      console.log(`| ${name} | ${title} | ${ops} | ${ratio('opsPerSecond')} | ${ratio('cpuMicros')} |`);
    }
  }
} finally {
  for (const [, dbs] of contenders) for (const db of dbs) db.destroy();
  await Promise.all(servers.map((server) => server.stop()));
}
