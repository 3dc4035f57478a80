/**
 * `npm run bench:client -- [--ms 400] [--rounds 5] [--tests GET,pipeline]`
 *
 * Clients against the same redis-server, turn by turn in one process: operations per second and client CPU per
 * operation, ours over each rival's in the same round, as medians over the rounds. Deadlines are on in ours.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startRedis } from '../../test/support/redis.js';
import { type Contender, glide, ioredis, keyspan, nodeRedis } from './contenders.js';

const { values } = parseArgs({
  options: {
    ms: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '5' },
    tests: { type: 'string' },
  },
});
const PIPELINE = 100;
const SUBSCRIBERS = 20;
const FIELDS = 20;
const MEBIBYTE = 'm'.repeat(1_048_576);
const SMALL = 'v'.repeat(100);

interface Operation {
  name: string;
  /** Calls that are awaited at the same time. */
  outstanding: number;
  /** Commands, or messages heard, per call. */
  commands: number;
  run(client: Contender): Promise<unknown>;
}

const get = (client: Contender): Promise<unknown> => client.get('small');
const set = (client: Contender): Promise<unknown> => client.set('written', SMALL);
const operations: Operation[] = [
  { name: 'GET ×1', outstanding: 1, commands: 1, run: get },
  { name: 'SET ×1', outstanding: 1, commands: 1, run: set },
  { name: 'GET ×50', outstanding: 50, commands: 1, run: get },
  { name: 'SET ×50', outstanding: 50, commands: 1, run: set },
  { name: 'GET ×1000', outstanding: 1000, commands: 1, run: get },
  { name: 'SET ×1000', outstanding: 1000, commands: 1, run: set },
  { name: 'pipeline of 100', outstanding: 1, commands: PIPELINE, run: (client) => client.pipeline('small', PIPELINE) },
  { name: `HGETALL ${FIELDS} ×50`, outstanding: 50, commands: 1, run: (client) => client.hgetall('hash') },
  { name: 'GET 1 MiB', outstanding: 1, commands: 1, run: (client) => client.get('large') },
  { name: 'SET 1 MiB', outstanding: 1, commands: 1, run: (client) => client.set('large', MEBIBYTE) },
  { name: `publish to ${SUBSCRIBERS}`, outstanding: 1, commands: SUBSCRIBERS, run: fanOut },
];

/** What each contender's subscribers call. */
const hearers = new Map<Contender, () => void>();

/** Publishes one message and waits until every subscriber has heard it. */
async function fanOut(client: Contender): Promise<void> {
  let left = SUBSCRIBERS;
  await new Promise<void>((resolve, reject) => {
    hearers.set(client, () => {
      if (--left === 0) resolve();
    });
    client.publish(`news of ${client.name}`, SMALL).catch(reject);
  });
}

interface Measurement {
  perSecond: number;
  cpu_us: number;
}

async function measure(operation: Operation, client: Contender, ms: number): Promise<Measurement> {
  let calls = 0;
  let over = false;
  const worker = async (): Promise<void> => {
    while (!over) {
      await operation.run(client);
      calls++;
    }
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  const workers = Array.from({ length: operation.outstanding }, worker);
  await new Promise((resolve) => setTimeout(resolve, ms));
  over = true;
  await Promise.all(workers);
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const commands = calls * operation.commands;
  return { perSecond: commands / seconds, cpu_us: (used.user + used.system) / commands };
}

function median(list: number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

async function prepare(clients: readonly Contender[]): Promise<void> {
  const own = clients[0]!;
  await own.set('small', SMALL);
  await own.set('large', MEBIBYTE);
  for (const client of clients) {
    for (let i = 0; i < SUBSCRIBERS; i++) {
      await client.subscribe(`news of ${client.name}`, () => hearers.get(client)?.());
    }
  }
}

/** The clients take turns in every round; a short one first does not count. */
async function compare(operation: Operation, clients: readonly Contender[]): Promise<void> {
  const ms = Number(values.ms);
  const results = clients.map(() => [] as Measurement[]);
  for (const client of clients) await measure(operation, client, ms / 2);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, client] of clients.entries()) results[i]!.push(await measure(operation, client, ms));
  }
  const [own, ...rivals] = results as [Measurement[], ...Measurement[][]];
  const faster = rivals.map((rival) => median(own.map((m, i) => m.perSecond / rival[i]!.perSecond)).toFixed(2));
  const cheaper = rivals.map((rival) => median(own.map((m, i) => m.cpu_us / rival[i]!.cpu_us)).toFixed(2));
  const figures = [median(own.map((m) => m.perSecond)).toFixed(0), median(own.map((m) => m.cpu_us)).toFixed(2)];
  console.log(`| ${[operation.name, ...faster, ...cheaper, ...figures].join(' | ')} |`);
}

const wrap = process.platform === 'linux' && availableParallelism() > 1 ? ['taskset', '-c', '0'] : [];
const server = await startRedis({ wrap });
const makers = [keyspan, ioredis, nodeRedis, glide];
const clients: Contender[] = [];
try {
  for (const make of makers) clients.push(await make(server.port));
  await prepare(clients);
  const fields = Array.from({ length: FIELDS }, (_, i) => [`field:${i}`, `value of field ${i}`] as const);
  const { createClient } = await import('../../src/client/index.js');
  const { redis } = createClient(server.url);
  await redis.hset('hash', fields);
  await redis.close();
  const names = clients.slice(1).map(({ name }) => name);
  const heads = ['operation', ...names.map((name) => `ops/s ÷ ${name}`), ...names.map((name) => `CPU ÷ ${name}`)];
  console.log(`| ${[...heads, 'ops/s', 'CPU µs/op'].join(' | ')} |`);
  console.log(`|---|${'--:|'.repeat(names.length * 2 + 2)}`);
  for (const operation of operations) {
    if (values.tests === undefined || values.tests.split(',').some((part) => operation.name.includes(part))) {
      await compare(operation, clients);
    }
  }
} finally {
  for (const client of clients) await client.close();
  await server.stop();
}
