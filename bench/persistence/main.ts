/**
 * `npm run bench:persistence -- [--keys 1000000] [--rounds 3] [--requests 100000] [--big [--mib 1280]]`
 *
 * Snapshots: MB per second of saving and loading the same data, here and by redis-server. Pause: the longest turn of the
 * event loop while BGSAVE and BGREWRITEAOF run. Log: throughput and CPU time with an append-only file as ratios to the
 * same server without one, redis-server's ratios beside. Medians over the rounds, the servers in turns.
 * `--big`: nothing but a snapshot of about 1 GiB, saved and loaded, and the memory that this takes beside the data.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Engine } from '../../src/engine/engine.js';
import type { EngineSession } from '../../src/engine/session.js';
import { AppendLog } from '../../src/persistence/aof/append-log.js';
import { SnapshotFile } from '../../src/persistence/snapshot-file.js';
import { keyspanCommand, type RunningServer, startRedis, startServer } from '../../test/support/redis.js';
import { RespClient } from '../../test/support/resp-client.js';
import { collectingSink } from '../../test/support/side-by-side.js';
import { findRedis, type RedisBinaries, whyNoRedis } from '../../tools/redis-binary.js';
import { median } from '../median.js';
import { cpuTime_ns } from '../server/measure.js';
import type { StreamingFigures } from './streaming.js';

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '100000' },
    big: { type: 'boolean', default: false },
    mib: { type: 'string', default: '1280' },
  },
});
const keys = Number(values.keys);
const rounds = Number(values.rounds);
const requests = Number(values.requests);
const two = availableParallelism() >= 2;

const repeated = async (work: () => Promise<number> | number): Promise<number> => {
  const all: number[] = [];
  for (let i = 0; i < rounds; i++) all.push(await work());
  return median(all);
};

function filled(): { engine: Engine; session: EngineSession } {
  const engine = new Engine({ seed: 1, settings: { enableDebugCommand: 'yes' } });
  const session = engine.connect(collectingSink([]));
  const kinds = Math.floor(keys / 2);
  for (let i = 0; i < keys; i++) {
    if (i < kinds) session.call(['SET', `key:${String(i).padStart(12, '0')}`, `value ${i}`]);
    else session.call(['HSET', `hash:${Math.floor((i - kinds) / 10)}`, `field ${i % 10}`, `value ${i}`]);
  }
  return { engine, session };
}

/** Seconds of `work`, of this process's time. */
function seconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

async function snapshots(folder: string, redis: RedisBinaries): Promise<void> {
  const { engine } = filled();
  const path = join(folder, 'dump.rdb');
  engine.saver.storage = new SnapshotFile(() => path);
  const save_s = await repeated(() => seconds(() => engine.saver.save()));
  const size_mb = statSync(path).size / 1e6;
  const load_s = await repeated(() => seconds(() => engine.saver.load()));
  const server = await startRedis({ args: ['--dir', folder, '--dbfilename', 'dump.rdb'], startTimeout_ms: 60_000 });
  const client = await RespClient.connect(server.port);
  const timed = async (...command: string[]): Promise<number> => {
    const start = performance.now();
    await client.value(...command);
    return (performance.now() - start) / 1000;
  };
  const theirSave_s = await repeated(() => timed('SAVE'));
  const theirLoad_s = await repeated(() => timed('DEBUG', 'RELOAD', 'NOSAVE'));
  client.close();
  await server.stop();
  console.log(`\nSnapshot of ${keys} strings and hash fields, ${size_mb.toFixed(1)} MB (${redis.version}): MB/s`);
  console.log('| | keyspan | redis-server | ratio |\n|---|--:|--:|--:|');
  const line = (name: string, ours_s: number, theirs_s: number): string =>
    `| ${name} | ${(size_mb / ours_s).toFixed(0)} | ${(size_mb / theirs_s).toFixed(0)} | ${(theirs_s / ours_s).toFixed(2)} |`;
  console.log(line('save', save_s, theirSave_s));
  console.log(line('load', load_s, theirLoad_s));
}

/** CPU time of this thread in milliseconds: what other programs take does not count. */
function threadTime_ms(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
}

/** The longest turn until `busy` is false: as it passed, and as far as this thread used it. */
async function longestTurn(
  start: () => void,
  busy: () => boolean,
  work: () => void,
): Promise<[wall: number, cpu: number]> {
  let [wall, cpu] = [0, 0];
  let [at, used] = [performance.now(), threadTime_ms()];
  start();
  do {
    await new Promise((resolve) => setImmediate(resolve));
    const [now, usedNow] = [performance.now(), threadTime_ms()];
    wall = Math.max(wall, now - at);
    cpu = Math.max(cpu, usedNow - used);
    work();
    [at, used] = [performance.now(), threadTime_ms()];
  } while (busy());
  return [wall, cpu];
}

async function pauses(folder: string): Promise<void> {
  console.log('\nLongest turn of the event loop in ms: as it passed, and CPU time of the thread (worst of the rounds)');
  console.log('| | passed | CPU |\n|---|--:|--:|');
  const shapes: [string, () => { engine: Engine; session: EngineSession }][] = [
    [`${keys} keys`, plainKeys],
    [`a set of ${keys} members`, () => oneOf((session, names) => session.call(['SADD', 'large', ...names]))],
    [`a list of ${keys} elements`, () => oneOf((session, names) => session.call(['RPUSH', 'large', ...names]))],
  ];
  for (const [shape, make] of shapes) {
    const { engine, session } = make();
    engine.saver.storage = new SnapshotFile(() => join(folder, 'pause.rdb'));
    const log = new AppendLog(engine, join(folder, shape.replaceAll(' ', '-')), 'a.aof');
    log.start();
    let n = 0;
    const work = (): void => void session.call(['SET', `key:${String(n++ % 1000).padStart(12, '0')}`, 'v']);
    const until = performance.now() + 1500;
    const ways: [string, () => void, () => boolean][] = [
      ['nothing else', () => {}, () => performance.now() < until],
      ['BGSAVE', () => void session.call(['BGSAVE']), () => engine.saver.background !== null],
      ['BGREWRITEAOF', () => void session.call(['BGREWRITEAOF']), () => log.rewriting],
    ];
    for (const [name, start, busy] of ways) {
      const turns: [number, number][] = [];
      for (let i = 0; i < rounds; i++) turns.push(await longestTurn(start, busy, work));
      const worst = (of: 0 | 1): string => Math.max(...turns.map((turn) => turn[of])).toFixed(1);
      console.log(`| ${shape}, ${name} | ${worst(0)} | ${worst(1)} |`);
    }
    await log.stop();
  }
}

function plainKeys(): { engine: Engine; session: EngineSession } {
  const engine = new Engine({ seed: 1 });
  const session = engine.connect(collectingSink([]));
  for (let i = 0; i < keys; i++) session.call(['SET', `key:${String(i).padStart(12, '0')}`, 'xxx']);
  return { engine, session };
}

function oneOf(add: (session: EngineSession, names: string[]) => void): { engine: Engine; session: EngineSession } {
  const engine = new Engine({ seed: 1 });
  const session = engine.connect(collectingSink([]));
  for (let i = 0; i < keys; i += 1000)
    add(
      session,
      Array.from({ length: 1000 }, (_, j) => `member:${i + j}`),
    );
  return { engine, session };
}

interface Rate {
  perSecond: number;
  cpu_us: number;
}

async function writes(server: RunningServer, redis: RedisBinaries, clients: number, pipeline: number): Promise<Rate> {
  const args = ['-p', String(server.port), '-t', 'set', '-n', String(requests), '-r', '100000', '--csv'];
  const line = [
    ...(two ? ['taskset', '-c', '1'] : []),
    redis.benchmark,
    ...args,
    '-c',
    String(clients),
    '-P',
    String(pipeline),
  ];
  const before = cpuTime_ns(server.pid);
  const { stdout } = await run(line[0]!, line.slice(1), { env: redis.env });
  const perSecond = Number(stdout.trim().split('\n').at(-1)!.split('","')[1]);
  return { perSecond, cpu_us: (cpuTime_ns(server.pid) - before) / 1000 / requests };
}

async function logs(redis: RedisBinaries): Promise<void> {
  const policies = ['no log', 'everysec', 'always'] as const;
  const wrap = two ? ['taskset', '-c', '0'] : [];
  const argsOf = (policy: string): string[] =>
    policy === 'no log' ? ['--save', ''] : ['--save', '', '--appendonly', 'yes', '--appendfsync', policy];
  const start = {
    keyspan: (policy: string) => startServer(keyspanCommand(), [...argsOf(policy), '--loglevel', 'warning'], { wrap }),
    'redis-server': (policy: string) => startRedis({ args: argsOf(policy), wrap }),
  };
  console.log(
    '\nSET with an append-only file, against the same server without: requests per second and CPU time per request',
  );
  console.log('| clients × pipeline | server | no log: k/s | µs | everysec: k/s | µs | always: k/s | µs |');
  console.log('|---|---|--:|--:|--:|--:|--:|--:|');
  for (const [clients, pipeline] of [
    [50, 1],
    [50, 16],
  ] as const) {
    for (const name of ['keyspan', 'redis-server'] as const) {
      const found: Rate[] = [];
      for (const policy of policies) {
        const server = await start[name](policy);
        await writes(server, redis, clients, pipeline);
        const rates: Rate[] = [];
        for (let i = 0; i < rounds; i++) rates.push(await writes(server, redis, clients, pipeline));
        await server.stop();
        found.push({ perSecond: median(rates.map((r) => r.perSecond)), cpu_us: median(rates.map((r) => r.cpu_us)) });
      }
      const [plain, ...logged] = found as [Rate, ...Rate[]];
      const cells = logged.flatMap((r) => [
        `${(r.perSecond / plain.perSecond).toFixed(2)} ×`,
        `${(r.cpu_us / plain.cpu_us).toFixed(2)} ×`,
      ]);
      console.log(
        `| ${clients} × ${pipeline} | ${name} | ${(plain.perSecond / 1000).toFixed(0)} | ${plain.cpu_us.toFixed(1)} | ${cells.join(' | ')} |`,
      );
    }
  }
}

/** A process each: what one of them has taken would hide what the other one takes. */
async function big(folder: string): Promise<void> {
  const program = fileURLToPath(new URL('./streaming.js', import.meta.url));
  console.log('\n| | file MB | data MB | memory before | at most | beside the data | seconds |');
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  for (const mode of ['save', 'load'] as const) {
    const args = ['--expose-gc', program, mode, join(folder, 'big.rdb'), values.mib];
    const found = JSON.parse((await run(process.execPath, args)).stdout) as StreamingFigures;
    const { file_mb, data_mb, before_mb, peak_mb, seconds } = found;
    const beside = peak_mb - before_mb - (mode === 'load' ? data_mb : 0);
    const cells = [file_mb, data_mb, before_mb, peak_mb, beside, seconds];
    console.log(`| ${mode} | ${cells.map((cell) => cell.toFixed(0)).join(' | ')} |`);
  }
}

const redis = await findRedis();
if (redis === null) throw new Error(whyNoRedis());
const folder = mkdtempSync(join(tmpdir(), 'keyspan-bench-'));
console.log(
  `Node ${process.version}, load of the machine ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores, ${rounds} rounds`,
);
try {
  if (values.big) await big(folder);
  else {
    await snapshots(folder, redis);
    await pauses(folder);
    await logs(redis);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
