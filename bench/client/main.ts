/**
 * `npm run bench:client -- [--ms 400] [--rounds 5] [--tests GET,pipeline]`
 *
 * Clients against the same redis-server, each in a process of its own, turn by turn: operations per second and CPU per
 * operation, ours over each rival's in the same round, as medians over the rounds. Deadlines are on in ours. The last
 * column is the floor: the CPU of a bare socket that exchanges the same bytes.
 *
 * A process for each, because clients leave work behind (timers, garbage) that would be done in the next one's turn. Those
 * processes take turns on the cores that the server does not have.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createClient } from '../../src/client/index.js';
import { startRedis } from '../../test/support/redis.js';
import type { Measurement } from '../measure-client.js';
import { median } from '../median.js';
import type { Turn } from './contender-process.js';
import { FIELDS, MEBIBYTE, operations, SMALL } from './operations.js';

const { values } = parseArgs({
  options: {
    ms: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '5' },
    tests: { type: 'string' },
  },
});
/** A client that happens to run on the server's core is woken for a tenth of what it costs otherwise: none may. */
const cores = process.platform === 'linux' ? availableParallelism() : 1;
const onFirstCore = cores > 1 ? ['taskset', '-c', '0'] : [];
const onOtherCores = cores > 1 ? ['taskset', '-c', `1-${cores - 1}`] : [];
const RIVALS = ['ioredis', 'redis', 'glide'];
const CONTENDERS = ['keyspan', ...RIVALS, 'floor'];

/** What a contender says next. Rejects when its process ends instead. */
async function word(child: ChildProcess): Promise<unknown> {
  const silent = new AbortController();
  const gone = once(child, 'exit', silent).then(([code]) => {
    throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`);
  });
  try {
    const [said] = await Promise.race([once(child, 'message', silent), gone]);
    return said;
  } finally {
    silent.abort();
    gone.catch(() => {});
  }
}

async function start(name: string, port: number): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('contender-process.js', import.meta.url));
  const [command, ...args] = [...onOtherCores, process.execPath, program, name, String(port)];
  const child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await word(child);
  return child;
}

async function turn(child: ChildProcess, operation: number, ms: number): Promise<Measurement> {
  child.send({ operation, ms } satisfies Turn);
  return (await word(child)) as Measurement;
}

/** The clients take turns in every round; a short one first does not count. */
async function compare(operation: number, children: readonly ChildProcess[]): Promise<void> {
  const ms = Number(values.ms);
  const results = children.map(() => [] as Measurement[]);
  for (const child of children) await turn(child, operation, ms / 2);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, child] of children.entries()) results[i]!.push(await turn(child, operation, ms));
  }
  const [own, ...others] = results as [Measurement[], ...Measurement[][]];
  const bare = others.pop()!;
  const faster = others.map((rival) => median(own.map((m, i) => m.perSecond / rival[i]!.perSecond)).toFixed(2));
  const cheaper = others.map((rival) => median(own.map((m, i) => m.cpu_us / rival[i]!.cpu_us)).toFixed(2));
  const perSecond = median(own.map((m) => m.perSecond)).toFixed(0);
  const cpu = [own, bare].map((each) => median(each.map((m) => m.cpu_us)).toFixed(2));
  console.log(`| ${[operations[operation]!.name, ...faster, ...cheaper, perSecond, ...cpu].join(' | ')} |`);
}

async function fill(url: string): Promise<void> {
  const { redis } = createClient(url);
  await redis.set('small', SMALL);
  await redis.set('large', MEBIBYTE);
  const fields = Array.from({ length: FIELDS }, (_, i) => [`field:${i}`, `value of field ${i}`] as const);
  await redis.hset('hash', fields);
  await redis.close();
}

const server = await startRedis({ wrap: onFirstCore });
const children: ChildProcess[] = [];
try {
  await fill(server.url);
  for (const name of CONTENDERS) children.push(await start(name, server.port));
  const heads = [...RIVALS.map((name) => `ops/s ÷ ${name}`), ...RIVALS.map((name) => `CPU ÷ ${name}`)];
  console.log(`| ${['operation', ...heads, 'ops/s', 'CPU µs/op', 'floor µs/op'].join(' | ')} |`);
  console.log(`|---|${'--:|'.repeat(RIVALS.length * 2 + 3)}`);
  for (const [i, { name }] of operations.entries()) {
    if (values.tests === undefined || values.tests.split(',').some((part) => name.includes(part))) {
      await compare(i, children);
    }
  }
} finally {
  for (const child of children) if (child.connected) child.send('close');
  await server.stop();
}
