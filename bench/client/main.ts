/**
 * Clients against the same redis-server, turn by turn in one process: operations per second and client CPU per operation,
 * as ratios to ioredis. Options: --ms (per measurement), --rounds, --tests a,b.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startRedis } from '../../test/support/redis.js';
import { type Contender, ioredis, keyspan, nodeRedis } from './contenders.js';

const { values } = parseArgs({
  options: {
    ms: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '3' },
    tests: { type: 'string' },
  },
});
const PIPELINE = 100;
const MEBIBYTE = 'm'.repeat(1_048_576);
const SMALL = 'v'.repeat(100);

interface Operation {
  name: string;
  /** Calls that are awaited at the same time. */
  outstanding: number;
  /** Commands per call. */
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
  { name: 'HGETALL 20 ×50', outstanding: 50, commands: 1, run: (client) => client.hgetall('hash') },
  { name: 'GET 1 MiB', outstanding: 1, commands: 1, run: (client) => client.get('large') },
  { name: 'SET 1 MiB', outstanding: 1, commands: 1, run: (client) => client.set('large', MEBIBYTE) },
];

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

const wrap = process.platform === 'linux' && availableParallelism() > 1 ? ['taskset', '-c', '0'] : [];
const server = await startRedis({ wrap });
const clients = [await ioredis(server.url), await nodeRedis(server.url), await keyspan(server.url)];
try {
  await clients[2]!.set('small', SMALL);
  await clients[2]!.set('large', MEBIBYTE);
  const { redis } = (await import('../../src/client/index.js')).createClient(server.url);
  await redis.hset(
    'hash',
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`field:${i}`, `value of field ${i}`])),
  );
  await redis.close();
  const ms = Number(values.ms);
  console.log(
    '| operation | ops/s to ioredis: redis | keyspan | CPU µs/op: ioredis | redis | keyspan | keyspan ops/s |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  for (const operation of operations) {
    if (values.tests !== undefined && !values.tests.split(',').some((part) => operation.name.includes(part))) continue;
    const results = new Map(clients.map((client) => [client.name, [] as Measurement[]]));
    for (const client of clients) await measure(operation, client, ms / 2);
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const client of clients) results.get(client.name)!.push(await measure(operation, client, ms));
    }
    const base = results.get('ioredis')!;
    const ratio = (name: string): string =>
      median(results.get(name)!.map((m, i) => m.perSecond / base[i]!.perSecond)).toFixed(2);
    const cpu = (name: string): string => median(results.get(name)!.map((m) => m.cpu_us)).toFixed(2);
    const own = median(results.get('keyspan')!.map((m) => m.perSecond)).toFixed(0);
    const cells = [ratio('redis'), ratio('keyspan'), cpu('ioredis'), cpu('redis'), cpu('keyspan'), own];
    console.log(`| ${operation.name} | ${cells.join(' | ')} |`);
  }
} finally {
  for (const client of clients) await client.close();
  await server.stop();
}
