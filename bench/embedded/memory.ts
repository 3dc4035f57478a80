import { embedded } from '../../src/embedded.js';
import { startRedis } from '../../test/support/redis.js';
import { RespClient } from '../../test/support/resp-client.js';

const BATCH = 1000;

/** `count` keys of 16 bytes with values of 3. */
function keyOf(i: number): string {
  return `key:${String(i).padStart(12, '0')}`;
}

function valueFor(i: number): string {
  return `v${String(i % 100).padStart(2, '0')}`;
}

/** Bytes per key in this process, all of it counted: the heap and what lies outside it. Needs `--expose-gc`. */
export function ownBytesPerKey(count: number): number {
  const { sync } = embedded({ seed: 1 });
  sync.set('warm', 'up');
  const before = usedBytes();
  for (let i = 0; i < count; i++) sync.set(keyOf(i), valueFor(i));
  const after = usedBytes();
  if (sync.dbsize() !== count + 1) throw new Error('keys are missing');
  return (after - before) / count;
}

function usedBytes(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error('run with --expose-gc');
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes per key of a real server, by its own account. */
export async function realBytesPerKey(count: number): Promise<number> {
  const redis = await startRedis();
  const client = await RespClient.connect(redis.port);
  try {
    const before = await usedMemory(client);
    for (let i = 0; i < count; i += BATCH) {
      await client.pipeline(Array.from({ length: BATCH }, (_, j) => ['SET', keyOf(i + j), valueFor(i + j)]));
    }
    return ((await usedMemory(client)) - before) / count;
  } finally {
    client.close();
    await redis.stop();
  }
}

async function usedMemory(client: RespClient): Promise<number> {
  const info = String(await client.value('INFO', 'memory'));
  return Number(/^used_memory:(\d+)/m.exec(info)![1]);
}

export interface Growth {
  keys: number;
  seconds: number;
  /** The longest that one SET took. */
  pause_ms: number;
  bytesPerKey: number;
}

/** Fills one database key by key and looks for the longest pause. */
export function growth(count: number, progress: (done: number) => void): Growth {
  const { sync, engine } = embedded({ seed: 1 });
  const start = performance.now();
  let last = start;
  let pause_ms = 0;
  for (let i = 0; i < count; i++) {
    sync.set(keyOf(i), valueFor(i));
    const now = performance.now();
    pause_ms = Math.max(pause_ms, now - last);
    last = now;
    // As the timer of an idle program would, were this loop not to keep it from running.
    if (i % 100_000 === 0) engine.cron();
    if (i % 1_000_000 === 0) progress(i);
    last = performance.now();
  }
  const { heapUsed, external } = process.memoryUsage();
  if (sync.dbsize() !== count) throw new Error('keys are missing');
  return { keys: count, seconds: (last - start) / 1000, pause_ms, bytesPerKey: (heapUsed + external) / count };
}
