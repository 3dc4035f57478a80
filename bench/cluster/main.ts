/**
 * `npm run bench:cluster -- [--ms 300] [--rounds 5]`
 *
 * Cluster clients against the same six nodes (3 + 3), turn by turn in one process: operations per second and client CPU
 * per operation, ours over each rival's in the same round, as medians over the rounds. Deadlines are on in ours.
 */
import { parseArgs } from 'node:util';
import { Cluster as IoRedisCluster } from 'ioredis';
import { createCluster } from 'redis';
import { open } from '../../src/index.js';
import { TestCluster } from '../../test/support/cluster.js';
import { type ClientOperation, type Measurement, measure } from '../measure-client.js';
import { median } from '../median.js';

const { values } = parseArgs({
  options: { ms: { type: 'string', default: '300' }, rounds: { type: 'string', default: '5' } },
});

const VALUE = 'v'.repeat(100);
const KEYS = Array.from({ length: 1000 }, (_, i) => `key:${i}`);
const PIPELINE = 100;
/** ioredis only takes pipelines whose keys are all served by one node. */
const SAME_NODE = Array.from({ length: PIPELINE }, (_, i) => `{tag}${i}`);

interface Contender {
  readonly name: string;
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  pipeline(keys: readonly string[]): Promise<unknown>;
  /** The same over all nodes; null where a client refuses that. */
  readonly pipelineAnywhere: ((keys: readonly string[]) => Promise<unknown>) | null;
  close(): Promise<void>;
}

async function keyspan(ports: readonly number[]): Promise<Contender> {
  const redis = open(`redis+cluster://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`);
  await redis.connect();
  const pipeline = (keys: readonly string[]): Promise<unknown> => {
    const batch = redis.pipeline();
    for (const key of keys) batch.get(key);
    return batch.exec();
  };
  return {
    name: 'keyspan',
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    pipeline,
    pipelineAnywhere: pipeline,
    close: () => redis.close(),
  };
}

async function ioredis(ports: readonly number[]): Promise<Contender> {
  const redis = new IoRedisCluster(ports.map((port) => ({ host: '127.0.0.1', port })));
  await redis.ping();
  return {
    name: 'ioredis',
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    pipeline(keys) {
      const batch = redis.pipeline();
      for (const key of keys) batch.get(key);
      return batch.exec();
    },
    pipelineAnywhere: null,
    async close() {
      redis.disconnect();
    },
  };
}

async function nodeRedis(ports: readonly number[]): Promise<Contender> {
  const redis = createCluster({ rootNodes: ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })) });
  await redis.connect();
  return {
    name: 'redis',
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    pipeline(keys) {
      const batch = redis.multi();
      for (const key of keys) batch.get(key);
      return batch.execAsPipeline();
    },
    pipelineAnywhere: null,
    async close() {
      redis.destroy();
    },
  };
}

const get = (client: Contender, n: number): Promise<unknown> => client.get(KEYS[n % KEYS.length]!);
const set = (client: Contender, n: number): Promise<unknown> => client.set(KEYS[n % KEYS.length]!, VALUE);
const operations: readonly ClientOperation<Contender>[] = [
  { name: 'GET ×50', outstanding: 50, commands: 1, run: get },
  { name: 'SET ×50', outstanding: 50, commands: 1, run: set },
  { name: 'GET ×1000', outstanding: 1000, commands: 1, run: get },
  { name: 'SET ×1000', outstanding: 1000, commands: 1, run: set },
  // Of four a server reads all at once, and client and server wait for each other; of sixteen both have work.
  ...[4, 16].map((outstanding) => ({
    name: `pipeline of ${PIPELINE}, one slot ×${outstanding}`,
    outstanding,
    commands: PIPELINE,
    run: (client: Contender) => client.pipeline(SAME_NODE),
  })),
  {
    name: `pipeline of ${PIPELINE}, all nodes ×4`,
    outstanding: 4,
    commands: PIPELINE,
    run: (client) => client.pipelineAnywhere!(KEYS.slice(0, PIPELINE)),
  },
];

/** The clients take turns in every round; a short one first does not count. */
async function compare(operation: ClientOperation<Contender>, clients: readonly Contender[]): Promise<void> {
  const ms = Number(values.ms);
  const able = clients.filter((client) => !operation.name.includes('all nodes') || client.pipelineAnywhere !== null);
  const results = new Map(able.map((client) => [client, [] as Measurement[]]));
  for (const client of able) await measure(operation, client, ms / 2);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const client of able) results.get(client)!.push(await measure(operation, client, ms));
  }
  const own = results.get(clients[0]!)!;
  const ratio = (rival: Contender, of: keyof Measurement): string => {
    const theirs = results.get(rival);
    return theirs === undefined ? 'refused' : median(own.map((m, i) => m[of] / theirs[i]![of])).toFixed(2);
  };
  const rivals = clients.slice(1);
  const figures = [median(own.map((m) => m.perSecond)).toFixed(0), median(own.map((m) => m.cpu_us)).toFixed(2)];
  const cells = [...rivals.map((rival) => ratio(rival, 'perSecond')), ...rivals.map((rival) => ratio(rival, 'cpu_us'))];
  console.log(`| ${[operation.name, ...cells, ...figures].join(' | ')} |`);
}

const cluster = await TestCluster.start();
const clients: Contender[] = [];
try {
  const ports = cluster.nodes.slice(0, 3).map(({ server }) => server.port);
  for (const make of [keyspan, ioredis, nodeRedis]) clients.push(await make(ports));
  await Promise.all([...KEYS, ...SAME_NODE].map((key) => clients[0]!.set(key, VALUE)));
  const names = clients.slice(1).map(({ name }) => name);
  const heads = ['operation', ...names.map((name) => `ops/s ÷ ${name}`), ...names.map((name) => `CPU ÷ ${name}`)];
  console.log(`| ${[...heads, 'ops/s', 'CPU µs/op'].join(' | ')} |`);
  console.log(`|---|${'--:|'.repeat(names.length * 2 + 2)}`);
  for (const operation of operations) await compare(operation, clients);
} finally {
  for (const client of clients) await client.close().catch(() => undefined);
  await cluster.stop();
}
process.exit();
