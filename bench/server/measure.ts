/** One measurement: redis-benchmark on its core, the server's CPU time from the kernel's schedstat. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { RunningServer } from '../../test/support/redis.js';
import { RespClient } from '../../test/support/resp-client.js';
import type { RedisBinaries } from '../../tools/redis-binary.js';
import type { Operation } from './operations.js';

const run = promisify(execFile);

export interface Load {
  requests: number;
  pipeline: number;
  clients: number;
  /** redis-benchmark's -r: keys and members are drawn from so many. */
  keyspace: number;
  size_bytes: number;
  /** Put before the benchmark, for example `taskset -c 1`. */
  wrap: string[];
}

export interface Measurement {
  cpu_us: number;
  requests_per_second: number;
}

/** CPU time used so far by all threads of a process. */
export function cpuTime_ns(pid: number): number {
  let total = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      total += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]);
    } catch {
      // a thread that ended since the listing
    }
  }
  return total;
}

/** Runs one operation against one server. Elements for LPOP are pushed first, outside of the measured time. */
export async function measure(
  server: RunningServer,
  redis: RedisBinaries,
  operation: Operation,
  load: Load,
): Promise<Measurement> {
  await prepare(server, operation, load);
  const args = ['-h', '127.0.0.1', '-p', String(server.port), '-c', String(load.clients), '-n', String(load.requests)];
  args.push('-P', String(load.pipeline), '-r', String(load.keyspace), '--csv', ...operation.args(load.size_bytes));
  const line = [...load.wrap, redis.benchmark, ...args];
  const before = cpuTime_ns(server.pid);
  const { stdout, stderr } = await run(line[0]!, line.slice(1), { env: redis.env, maxBuffer: 1 << 24 });
  const used_ns = cpuTime_ns(server.pid) - before;
  const figures = stdout.trim().split('\n').at(-1)!.split('","');
  const rate = Number(figures[1]?.replaceAll('"', ''));
  if (!(rate > 0)) throw new Error(`redis-benchmark gave no rate for ${operation.name}: ${stdout}${stderr}`);
  return { cpu_us: used_ns / 1000 / load.requests, requests_per_second: rate };
}

async function prepare(server: RunningServer, operation: Operation, load: Load): Promise<void> {
  const client = await RespClient.connect(server.port);
  try {
    for (const argv of [['FLUSHALL'], ...operation.prepare(load.size_bytes, load.keyspace)])
      await expectNoError(client, argv);
    if (operation.name !== 'LPOP') return;
    const element = 'x'.repeat(load.size_bytes);
    for (let left = load.requests; left > 0; left -= 1000) {
      await expectNoError(client, ['RPUSH', 'mylist', ...Array.from({ length: Math.min(left, 1000) }, () => element)]);
    }
  } finally {
    client.close();
  }
}

async function expectNoError(client: RespClient, argv: string[]): Promise<void> {
  const { node } = await client.send(...argv);
  if (node.type === '-') throw new Error(`${argv[0]}: ${node.text}`);
}
