/**
 * `npm run bench:server -- [--rounds 3] [--requests 100000] [--tests SET,GET] [--pipeline 1,16,100] [--size 3,1024]
 * [--clients 50] [--keyspace 100000] [--target "node dist/cli/main.js serve"]`
 *
 * Compares keyspan with redis-server under redis-benchmark: the servers take turns in every round, pinned to
 * core 0, the load on core 1. A ratio is keyspan's figure over redis-server's in the same round; the table holds
 * the median over the rounds, after a short one that does not count. CPU per operation is the steadier figure and
 * the one with a gate.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { keyspanCommand, type RunningServer, startRedis, startServer } from '../../test/support/redis.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { median } from '../median.js';
import { type Load, type Measurement, measure } from './measure.js';
import { chosen, type Operation } from './operations.js';

/** Gates on the median CPU ratio over the commands, by pipeline depth. */
const gates: Record<number, number> = { 1: 1.15, 16: 1.05, 100: 0.95 };
const single_ratio_max = 1.4;

interface Row {
  name: string;
  cpu: number;
  rate: number;
  own: Measurement;
  real: Measurement;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '100000' },
    tests: { type: 'string' },
    pipeline: { type: 'string', default: '1,16,100' },
    size: { type: 'string', default: '3,1024' },
    clients: { type: 'string', default: '50' },
    keyspace: { type: 'string', default: '100000' },
    target: { type: 'string' },
  },
});

function medianOf(list: Measurement[]): Measurement {
  return {
    cpu_us: median(list.map((m) => m.cpu_us)),
    requests_per_second: median(list.map((m) => m.requests_per_second)),
  };
}

function print(title: string, rows: Row[]): void {
  console.log(`\n${title}`);
  console.log('| command | CPU ratio | throughput ratio | CPU µs/op keyspan | redis | k req/s keyspan | redis |');
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  for (const { name, cpu, rate, own, real } of rows) {
    const k = (m: Measurement) => (m.requests_per_second / 1000).toFixed(1);
    const cells = [cpu.toFixed(2), rate.toFixed(2), own.cpu_us.toFixed(2), real.cpu_us.toFixed(2), k(own), k(real)];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

/** Fewer of the commands that do a hundred times the work, and of those that need prepared megabytes. */
function requestsFor(operation: Operation, load: Load): number {
  const { requests, pipeline, size_bytes } = load;
  if (operation.name === 'LRANGE_100' || operation.name === 'MSET')
    return Math.ceil(requests / (pipeline === 1 ? 1 : 8));
  return operation.name === 'LPOP' && size_bytes > 256 ? Math.min(requests, 100_000) : requests;
}

async function compare(operation: Operation, load: Load, own: RunningServer, real: RunningServer): Promise<Row> {
  const redis = (await findRedis())!;
  const results: { own: Measurement; real: Measurement }[] = [];
  // A short run that does not count: code is compiled and memory mapped the first time.
  const short = { ...load, requests: Math.ceil(load.requests / 4) };
  for (const server of [own, real]) await measure(server, redis, operation, short);
  for (let round = 0; round < Number(values.rounds); round++) {
    const first = round % 2 === 0 ? own : real;
    const one = await measure(first, redis, operation, load);
    const two = await measure(first === own ? real : own, redis, operation, load);
    results.push(first === own ? { own: one, real: two } : { own: two, real: one });
  }
  return {
    name: operation.name,
    cpu: median(results.map((r) => r.own.cpu_us / r.real.cpu_us)),
    rate: median(results.map((r) => r.own.requests_per_second / r.real.requests_per_second)),
    own: medianOf(results.map((r) => r.own)),
    real: medianOf(results.map((r) => r.real)),
  };
}

if ((await findRedis()) === null) {
  console.error(whyNoRedis());
  process.exit(1);
}
const pinned = process.platform === 'linux' && availableParallelism() > 1;
const pin = (core: number): string[] => (pinned ? ['taskset', '-c', String(core)] : []);
const command = values.target === undefined ? keyspanCommand() : values.target.split(' ');
const real = await startRedis({ wrap: pin(0) });
let own: RunningServer | null = null;
let failed = false;
try {
  own = await startServer(command, ['--loglevel', 'warning'], { wrap: pin(0) });
  for (const size of values.size.split(',')) {
    for (const depth of values.pipeline.split(',').map(Number)) {
      const load: Load = {
        // A deeper pipeline needs more requests for the same measuring time.
        requests: Math.min(Number(values.requests) * (depth === 1 ? 1 : depth < 50 ? 4 : 10), 1_000_000),
        pipeline: depth,
        clients: Number(values.clients),
        keyspace: Number(values.keyspace),
        size_bytes: Number(size),
        wrap: pin(1),
      };
      const rows: Row[] = [];
      for (const operation of chosen(values.tests)) {
        rows.push(await compare(operation, { ...load, requests: requestsFor(operation, load) }, own, real));
      }
      print(`-P ${depth}, values of ${size} bytes, ${load.clients} clients, ${values.rounds} rounds`, rows);
      const middle = median(rows.map((row) => row.cpu));
      const worst = rows.reduce((a, b) => (b.cpu > a.cpu ? b : a));
      const gate = gates[depth];
      const missed = (gate !== undefined && middle > gate) || worst.cpu > single_ratio_max;
      failed ||= missed;
      const wanted = gate === undefined ? '' : ` (gate ${gate})`;
      console.log(
        `median CPU ratio ${middle.toFixed(2)}${wanted}, highest ${worst.cpu.toFixed(2)} (${worst.name}; gate 1.4)`,
      );
    }
  }
} finally {
  await own?.stop();
  await real.stop();
}
if (failed) process.exitCode = 1;
