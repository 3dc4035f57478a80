import type { SyncRedis } from '../../src/embedded.js';
import type { Redis, TextView } from '../../src/index.js';
import { expectType, type Same } from './expect.js';

/** Types of replies in every mode and view. Nothing here is run: compiling it is the test. */

export async function awaited(db: Redis): Promise<void> {
  const value = await db.get('a');
  expectType<Same<typeof value, string | null>>();
  const done = await db.set('a', 'b', { ex: 5, nx: true });
  expectType<Same<typeof done, boolean>>();
  const old = await db.setGet('a', 'b');
  expectType<Same<typeof old, string | null>>();
  const fields = await db.hgetall('h');
  expectType<Same<typeof fields, Record<string, string>>>();
  const pairs = await db.zrangeWithScores('z', 0, -1);
  expectType<Same<typeof pairs, [string, number][]>>();
  const popped = await db.blpop('l', 0);
  expectType<Same<typeof popped, [string, string] | null>>();
  const places = await db.geopos('g', 'a', 'b');
  expectType<Same<typeof places, ([number, number] | null)[]>>();
  const one = await db.lpop('l');
  expectType<Same<typeof one, string | null>>();
  const many = await db.lpopCount('l', 2);
  expectType<Same<typeof many, string[] | null>>();
}

export async function streams(db: Redis, sync: SyncRedis): Promise<void> {
  type Entry = { id: string; fields: Record<string, string> };
  const id = await db.xadd('s', '*', { a: 1 }, { maxLen: 10, approximate: true });
  expectType<Same<typeof id, string>>();
  const read = await db.xread({ s: '$' }, { block: 100 });
  expectType<Same<typeof read, Record<string, Entry[]> | null>>();
  expectType<Same<ReturnType<typeof sync.xread>, never>>();
  const now = sync.xreadNow({ s: '0' });
  expectType<Same<typeof now, Record<string, Entry[]> | null>>();
  const info = await db.xinfoStream('s');
  expectType<Same<typeof info.lastEntry, Entry | null>>();
}

export function synchronous(db: SyncRedis): void {
  const value = db.get('a');
  expectType<Same<typeof value, string | null>>();
  const score = db.zscore('z', 'm');
  expectType<Same<typeof score, number | null>>();
  const sum = db.incr('n');
  expectType<Same<typeof sum, number>>();
  // A command that waits has no value to return at once.
  const waiting = db.blpop('l', 0);
  expectType<Same<typeof waiting, never>>();
  expectType<Same<ReturnType<typeof db.bzpopmin>, never>>();
}

export function syncBatches(db: SyncRedis): void {
  const replies = db.pipeline().get('a').incr('n').exec();
  expectType<Same<typeof replies, [string | null, number]>>();
  const settled = db.multi().set('a', 'b').hgetall('h').execSettled();
  expectType<Same<(typeof settled)[0] extends infer T ? Extract<T, boolean> : never, boolean>>();
  expectType<Same<ReturnType<ReturnType<typeof db.pipeline>['blpop']>, never>>();
}

export async function views(db: Redis, sync: SyncRedis): Promise<void> {
  const bytes = db.with({ as: 'bytes' });
  const raw = await bytes.get('a');
  expectType<Same<typeof raw, Uint8Array | null>>();
  const record = await bytes.hgetall('h');
  expectType<Same<typeof record, Record<string, Uint8Array>>>();
  const exact = await db.with({ integers: 'bigint' }).incr('n');
  expectType<Same<typeof exact, bigint>>();
  const both = await bytes.with({ integers: 'bigint' }).pipeline().get('a').strlen('a').exec();
  expectType<Same<typeof both, [Uint8Array | null, bigint]>>();
  const back = await bytes.with({ as: 'text' }).get('a');
  expectType<Same<typeof back, string | null>>();
  const inner = sync.with({ as: 'bytes' }).lrange('l', 0, -1);
  expectType<Same<typeof inner, Uint8Array[]>>();
  expectType<Same<typeof db, Redis<TextView>>>();
  // Scores are numbers in every view.
  const pairs = await bytes.zrangeWithScores('z', 0, -1);
  expectType<Same<typeof pairs, [Uint8Array, number][]>>();
}

export async function iterators(db: Redis, sync: SyncRedis): Promise<void> {
  for await (const key of db.scanIter({ match: 'a*', count: 100, type: 'string' }))
    expectType<Same<typeof key, string>>();
  for await (const pair of db.zscanIter('z')) expectType<Same<typeof pair, [string, number]>>();
  for await (const pair of db.with({ as: 'bytes' }).hscanIter('h')) {
    expectType<Same<typeof pair, [Uint8Array, Uint8Array]>>();
  }
  for (const member of sync.sscanIter('s')) expectType<Same<typeof member, string>>();
}

export async function transactions(db: Redis): Promise<void> {
  const outcome = await db.transaction(async (watched) => {
    const balance = Number(await watched.get('balance'));
    const [left] = await watched.multi().decrby('balance', balance).exec();
    expectType<Same<typeof left, number>>();
    return { left };
  }, 'balance');
  expectType<Same<typeof outcome, { left: number }>>();
}
