/**
 * `npm run bench:sharding -- [--ms 400] [--rounds 5]`
 *
 * What a ring or mirror costs over plain connections to the same one or two servers (on this machine, in turns, one
 * process): operations per second and CPU of this process per operation, each as a ratio to as many plain connections in the
 * same round; medians. Plain connections are given what the ring or mirror gives its nodes: each key at the node that has it
 * there, and for a mirror's write the same two writes, awaited together.
 */
import { parseArgs } from 'node:util';
import { open, type Redis } from '../../src/index.js';
import type { RingSource } from '../../src/open-nodes.js';
import { hashRing } from '../../src/sharding/hash-ring.js';
import { startRedis } from '../../test/support/redis.js';
import { median } from '../median.js';

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

type Run = (key: string, at: number) => Promise<unknown>;

/** `outstanding` calls at a time for `ms` milliseconds. */
async function measure(run: Run, outstanding: number): Promise<Measured> {
  let count = 0;
  const end = performance.now() + Number(values.ms);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const worker = async (first: number): Promise<void> => {
    for (let i = first; performance.now() < end; i += 7) {
      const at = i % KEYS;
      await run(keys[at]!, at);
      count++;
    }
  };
  await Promise.all(Array.from({ length: outstanding }, (_, i) => worker(i * 13)));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { opsPerSecond: count / seconds, cpuMicros: (user + system) / count };
}

const servers = [await startRedis(), await startRedis()] as const;
const urls = servers.map(({ url }) => url);
const plain = urls.map((url) => open(url));
const placement = hashRing(urls.map((_, i) => ({ name: String(i), weight: 1 })));
/** The connection to the node that a ring of two would give each key. */
const homes = keys.map((key) => plain[placement.nodeOf(key)]!);
const [first, second] = plain as [Redis, Redis];

interface Contender {
  readonly title: string;
  readonly get: Run;
  readonly set: Run;
  /** The title of what it is compared with; itself if it is absent. */
  readonly over?: string;
}

const opened: Redis[] = [...plain];
function contender(title: string, over: string, source: Parameters<typeof open>[0]): Contender {
  const db = open(source as RingSource);
  opened.push(db);
  return { title, over, get: (key) => db.get(key), set: (key) => db.set(key, SMALL) };
}

const byHand = 'two connections, keys by hand';
const twice = 'two connections, writes to both';
const contenders: readonly Contender[] = [
  { title: 'one connection', get: (key) => first.get(key), set: (key) => first.set(key, SMALL) },
  contender('ring of 1', 'one connection', { ring: urls.slice(0, 1) }),
  contender('mirror of 1', 'one connection', { mirror: urls.slice(0, 1) }),
  { title: byHand, get: (key, at) => homes[at]!.get(key), set: (key, at) => homes[at]!.set(key, SMALL) },
  contender('ring of 2', byHand, { ring: urls }),
  contender('ring of 2, eject', byHand, { ring: urls, dead: 'eject' }),
  {
    title: twice,
    get: (key, at) => homes[at]!.get(key),
    set: (key) => Promise.all([first.set(key, SMALL), second.set(key, SMALL)]),
  },
  contender('mirror of 2', twice, { mirror: urls }),
];
const operations = [
  ['GET ×1', 'get', 1],
  ['GET ×50', 'get', 50],
  ['GET ×1000', 'get', 1000],
  ['SET ×50', 'set', 50],
  ['SET ×1000', 'set', 1000],
] as const;

try {
  for (const { set } of contenders) for (const [at, key] of keys.entries()) await set(key, at);
  console.log('| operation | over | ops/s | ops/s ÷ connections | CPU per op ÷ connections |');
  console.log('|---|---|---|---|---|');
  for (const [name, what, outstanding] of operations) {
    const found = contenders.map(() => [] as Measured[]);
    for (const one of contenders) await measure(one[what], outstanding);
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [i, one] of contenders.entries()) found[i]!.push(await measure(one[what], outstanding));
    }
    for (const [i, { title, over = title }] of contenders.entries()) {
      const base = contenders.findIndex((other) => other.title === over);
      const ratio = (of: keyof Measured): string =>
        median(found[i]!.map((one, round) => one[of] / found[base]![round]![of])).toFixed(2);
      const ops = Math.round(median(found[i]!.map(({ opsPerSecond }) => opsPerSecond))).toLocaleString('en');
      console.log(`| ${name} | ${title} | ${ops} | ${ratio('opsPerSecond')} | ${ratio('cpuMicros')} |`);
    }
  }
} finally {
  for (const db of opened) db.destroy();
  await Promise.all(servers.map((server) => server.stop()));
}
