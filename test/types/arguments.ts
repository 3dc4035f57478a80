import type { SyncRedis } from '../../src/embedded.js';
import type { Redis } from '../../src/index.js';

/** What may be passed, and what must not compile. Nothing here is run. */

export async function right(db: Redis): Promise<void> {
  await db.set(new Uint8Array([1]), 5n, { pxat: new Date() });
  await db.hset('h', new Map([['a', 1]]));
  await db.hset('h', [
    ['a', 'b'],
    [new Uint8Array(1), 2],
  ]);
  await db.mset({ a: 1, b: 'two' });
  await db.zadd('z', [['member', 1.5]], { gt: true, ch: true });
  await db.zadd('z', 'member', '+inf');
  await db.del('a', 'b');
  await db.del(['a', 'b']);
  await db.expireat('a', new Date());
  await db.lmove('a', 'b', 'left', 'right');
  await db.sort('l', { by: 'w_*', get: ['#', 'o_*'], limit: [0, 10], alpha: true });
  await db.blpop(['a', 'b'], 1.5);
  await db.call('ANY', 'thing', 1, new Uint8Array(1));
}

export async function wrong(db: Redis, sync: SyncRedis): Promise<void> {
  // @ts-expect-error: no such option
  await db.set('a', 'b', { exx: 5 });
  // @ts-expect-error: an option of the wrong type
  await db.set('a', 'b', { ex: 'five' });
  // @ts-expect-error: GET changes the reply's type: setGet
  await db.set('a', 'b', { get: true });
  // @ts-expect-error: a value is missing
  await db.set('a');
  // @ts-expect-error: null is no value
  await db.set('a', null);
  // @ts-expect-error: an object is no value
  await db.set('a', { b: 1 });
  // @ts-expect-error: one argument too many
  await db.get('a', 'b');
  // @ts-expect-error: left or right
  await db.lmove('a', 'b', 'up', 'down');
  // @ts-expect-error: scores are numbers
  await db.zadd('z', { a: 'high' });
  // @ts-expect-error: a score is missing
  await db.zadd('z', 'a');
  // @ts-expect-error: pairs, not a flat list
  await db.hset('h', ['a', 'b']);
  // @ts-expect-error: a count is needed: lpop takes one element
  await db.lpopCount('l');
  // @ts-expect-error: MULTI has a face of its own
  await db.exec();
  // @ts-expect-error: a Date only where a point in time is meant
  await db.expire('a', new Date());
  // @ts-expect-error: only 'text' or 'bytes'
  db.with({ as: 'buffer' });
  // @ts-expect-error: what waits cannot be used synchronously
  const popped: [string, string] | null = sync.blpop('l', 0).slice();
  // @ts-expect-error: a promise is no value
  const value: string | null = db.get('a');
  void [popped, value];
}
