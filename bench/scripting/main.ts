/**
 * `npm run bench:scripting -- [--rounds 5] [--calls 20000] [--jobs 2000]`
 *
 * Scripts on keyspan's server and on redis-server, in turn: EVALSHA of a script of two calls, pipelined and not, and
 * the life of BullMQ jobs (added, taken, completed). Prints the server's CPU time per operation and the throughput, as
 * ratios to redis-server's in the same round (medians over the rounds).
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Queue, Worker } from 'bullmq';
import { createClient } from '../../src/client/index.js';
import { keyspanCommand, type RunningServer, startRedis, startServer } from '../../test/support/redis.js';
import { median } from '../median.js';
import { cpuTime_ns } from '../server/measure.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    calls: { type: 'string', default: '20000' },
    jobs: { type: 'string', default: '2000' },
  },
});
const PIPELINE = 100;
const SCRIPT = "local n = redis.call('INCR', KEYS[1]) redis.call('HSET', KEYS[2], ARGV[1], n) return n";

interface Measurement {
  cpu_us: number;
  perSecond: number;
}

type Load = (server: RunningServer, count: number) => Promise<void>;

async function evalsha(server: RunningServer, count: number, pipeline: number): Promise<void> {
  const { redis } = createClient(server.url);
  try {
    const sha = await redis.scriptLoad(SCRIPT);
    for (let left = count; left > 0; left -= pipeline) {
      await Promise.all(Array.from({ length: pipeline }, () => redis.evalsha(sha, ['n', 'h'], ['field'])));
    }
  } finally {
    await redis.close();
  }
}

async function bullJobs(server: RunningServer, count: number): Promise<void> {
  const connection = { host: '127.0.0.1', port: server.port, maxRetriesPerRequest: null };
  const queue = new Queue('bench', { connection });
  let left = count;
  let finished: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const worker = new Worker('bench', async (job) => job.data.n, { connection, concurrency: 10 });
  worker.on('completed', () => {
    if (--left === 0) finished();
  });
  for (let i = 0; i < count; i += PIPELINE) {
    await queue.addBulk(Array.from({ length: PIPELINE }, (_, n) => ({ name: 'job', data: { n: i + n } })));
  }
  await all;
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
}

async function measure(server: RunningServer, load: Load, count: number): Promise<Measurement> {
  const before = cpuTime_ns(server.pid);
  const start = performance.now();
  await load(server, count);
  const seconds = (performance.now() - start) / 1000;
  return { cpu_us: (cpuTime_ns(server.pid) - before) / 1000 / count, perSecond: count / seconds };
}

const operations: { name: string; count: number; load: Load }[] = [
  { name: 'EVALSHA of two calls', count: Number(values.calls), load: (server, count) => evalsha(server, count, 1) },
  {
    name: `EVALSHA of two calls, ${PIPELINE} at once`,
    count: Number(values.calls) * 5,
    load: (server, count) => evalsha(server, count, PIPELINE),
  },
  { name: 'BullMQ job', count: Number(values.jobs), load: bullJobs },
];

const wrap = process.platform === 'linux' && availableParallelism() > 1 ? ['taskset', '-c', '0'] : [];
const real = await startRedis({ wrap });
const own = await startServer(keyspanCommand(), ['--loglevel', 'warning'], { wrap });
try {
  console.log('| operation | CPU ratio | throughput ratio | CPU µs/op keyspan | redis |');
  console.log('|---|--:|--:|--:|--:|');
  for (const { name, count, load } of operations) {
    for (const server of [own, real]) await measure(server, load, Math.ceil(count / 4 / PIPELINE) * PIPELINE);
    const rounds: { own: Measurement; real: Measurement }[] = [];
    for (let i = 0; i < Number(values.rounds); i++) {
      rounds.push({ own: await measure(own, load, count), real: await measure(real, load, count) });
    }
    const cpu = median(rounds.map((round) => round.own.cpu_us / round.real.cpu_us)).toFixed(2);
    const rate = median(rounds.map((round) => round.own.perSecond / round.real.perSecond)).toFixed(2);
    const used = (side: 'own' | 'real'): string => median(rounds.map((round) => round[side].cpu_us)).toFixed(1);
    console.log(`| ${name} | ${cpu} | ${rate} | ${used('own')} | ${used('real')} |`);
  }
} finally {
  await own.stop();
  await real.stop();
}
