/** Commands of all kinds, by several clients, through faults of all kinds; then what was told is held against what is there. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlockingConnectionPool, type ClientOptions, createClient } from '../../../src/client/index.js';
import { sharedWheel } from '../../../src/client/timer-wheel.js';
import { Random } from '../../../src/core/random.js';
import { open, type Redis } from '../../../src/index.js';
import { FaultyLink } from '../../support/proxy.js';
import { freePort, startRedis } from '../../support/redis.js';
import { until } from '../../support/until.js';
import { Mischief, type Stage } from './faults.js';
import { Worker } from './worker.js';

export interface SoakOptions {
  readonly seed: number;
  readonly duration_ms: number;
  /** More arguments for the server, and options for the clients: TLS, say. */
  readonly args?: readonly string[];
  readonly url?: (port: number) => string;
  /** The port behind the link; the server's own unless given. */
  readonly targetPort?: number;
  readonly options?: ClientOptions;
}

export interface SoakReport {
  readonly seed: number;
  readonly operations: number;
  readonly connects: number;
  readonly retries: number;
  readonly timeouts: number;
  readonly unclear: number;
  readonly denied: number;
  readonly messages: number;
  readonly gaps: number;
  /** By how much the latest promise missed its deadline, busy machine included. */
  readonly latest_ms: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly heap_bytes: number;
}

const TIMEOUT_MS = 400;
const WORKERS = 5;

/** What one subscriber hears: nothing twice. */
class Ear {
  readonly heard = new Set<string>();
  gaps = 0;
  isLast = false;

  readonly message = ({ payload }: { payload: string }): void => {
    assert.ok(!this.heard.has(payload), `${payload} was heard twice`);
    if (payload.startsWith('last')) this.isLast = true;
    else this.heard.add(payload);
  };

  readonly gap = (): void => void this.gaps++;
}

function clientsOf(
  url: string,
  options: ClientOptions,
): { redis: Redis; close: () => Promise<void>; stats: () => Stats }[] {
  const common: ClientOptions = {
    ...options,
    timeout: TIMEOUT_MS,
    connectTimeout: 1000,
    pingInterval: 200,
    reconnect: { base: 2, cap: 30 },
  };
  const pool = BlockingConnectionPool.fromUrl(url, { ...common, protocol: 2, maxConnections: 6 });
  return [
    { ...common, protocol: 3 as const },
    { ...common, protocol: 2 as const },
    { ...common, pool },
    { ...common, protocol: 3 as const, cache: true },
  ].map((each) => {
    const { redis, backend } = createClient(url, each);
    const close = async (): Promise<void> => {
      await redis.close();
      if ('pool' in each) pool.disconnect();
    };
    return { redis, close, stats: () => backend.stats() as unknown as Stats };
  });
}

interface Stats {
  readonly connects: number;
  readonly retries: number;
  readonly timeouts: number;
}

/** Throws if anything was lost, mixed up, done twice or left behind. */
export async function soak({ seed, duration_ms, ...more }: SoakOptions): Promise<SoakReport> {
  const random = new Random(seed);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-soak-'));
  const args = ['--appendonly', 'yes', '--appendfsync', 'no', '--dir', folder, ...(more.args ?? [])];
  const start = () => startRedis({ port, args });
  const link = await FaultyLink.start(more.targetPort ?? port);
  const stage: Stage = { link, server: await start(), restart: start };
  const rejections: unknown[] = [];
  const reject = (error: unknown): void => void rejections.push(error);
  process.on('unhandledRejection', reject);
  const before = { alarms: sharedWheel.size, heap: heapBytes() };
  const clients = clientsOf(more.url?.(link.port) ?? link.url, more.options ?? {});
  try {
    const held = new AbortController();
    const workers = clients.flatMap(({ redis }, at) =>
      Array.from({ length: WORKERS }, (_, i) => {
        const db = i === 0 ? redis.with({ signal: held.signal }) : redis;
        return new Worker(db, { name: `c${at}w${i}`, random: new Random(random.u32()), timeout: TIMEOUT_MS });
      }),
    );
    const ears = clients.map(() => new Ear());
    // Before any fault, so that it is nothing but a busy machine that could make it late.
    for (const [at, { redis }] of clients.entries()) await redis.with({ timeout: 30_000 }).subscribe('news', ears[at]!);
    const mischief = new Mischief(stage, new Random(random.u32()));
    const endsAt = performance.now() + duration_ms;
    let hasFailed = false;
    const isOver = (): boolean => hasFailed || performance.now() > endsAt;
    const runs = [
      mischief.run(isOver),
      ...clients.map(({ redis }) => churned(redis, isOver)),
      ...workers.map((worker) => worker.run(isOver)),
    ];
    for (const run of runs) run.catch(() => (hasFailed = true));
    await Promise.allSettled(runs);
    await Promise.all(runs);
    await allIsWell(stage, clients, ears);
    await using direct = open(stage.server.url);
    for (const worker of workers) await worker.check(direct);
    const stats = clients.map((client) => client.stats());
    for (const { close } of clients) await close();
    await direct.close();
    assert.equal(getEventListeners(held.signal, 'abort').length, 0, 'listeners of a signal are left');
    await until(() => sharedWheel.size === before.alarms, 'alarms are left');
    await until(() => link.connections === 0, 'connections are left');
    assert.deepEqual(rejections, [], 'rejections that nobody handles');
    const sum = (of: (worker: Worker) => number): number => workers.reduce((total, worker) => total + of(worker), 0);
    const total = (of: (stats: Stats) => number): number => stats.reduce((all, each) => all + of(each), 0);
    return {
      seed,
      operations: sum(({ count }) => count),
      connects: total(({ connects }) => connects),
      retries: total(({ retries }) => retries),
      timeouts: total(({ timeouts }) => timeouts),
      unclear: sum(({ singles, pairs }) => singles.unclear.size + pairs.unclear.size),
      denied: sum(({ singles, pairs }) => singles.denied.size + pairs.denied.size),
      messages: ears.reduce((all, { heard }) => all + heard.size, 0),
      gaps: ears.reduce((all, { gaps }) => all + gaps, 0),
      latest_ms: Math.round(Math.max(...workers.map(({ latest_ms }) => latest_ms))),
      faults: Object.fromEntries([...mischief.done].sort()),
      heap_bytes: heapBytes() - before.heap,
    };
  } finally {
    process.off('unhandledRejection', reject);
    for (const { close } of clients) await close();
    await link.stop();
    await stage.server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Subscribes to other channels for short times, in both ways. */
async function churned(redis: Redis, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await sleep(15);
    try {
      const subscription = await redis.subscribe('passing', () => {});
      await sleep(5);
      subscription.close();
      const stream = redis.messages('pass*', { signal: AbortSignal.timeout(20) });
      for await (const { payload } of stream) assert.fail(payload);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
  }
}

/** The faults are over: every client answers, and every subscriber hears. */
async function allIsWell(stage: Stage, clients: readonly { redis: Redis }[], ears: readonly Ear[]): Promise<void> {
  for (const { redis } of clients) await until(async () => (await redis.ping()) === 'PONG');
  let count = 0;
  await using direct = open(stage.server.url);
  await until(async () => {
    await direct.publish('news', `last ${++count}`);
    return ears.every(({ isLast }) => isLast);
  }, 'every subscriber hears again');
  for (const { redis } of clients) {
    await until(
      async () =>
        (await redis.reserve().then(
          (session) => session.close(),
          () => 'again',
        )) !== 'again',
    );
  }
}

function heapBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}
