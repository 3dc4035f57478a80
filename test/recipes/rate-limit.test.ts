import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import { embedded } from '../../src/embedded.js';
import { DataError, ManualClock } from '../../src/index.js';
import { slidingWindow, tokenBucket } from '../../src/recipes/index.js';
import { onStages } from '../support/stages.js';

await onStages('a rate limit', (stage) => {
  beforeEach(() => stage().db.flushall());

  it('by a sliding window allows its limit and no more', async () => {
    const { db } = stage();
    const limit = slidingWindow(db.with({ prefix: 'limits:' }), { limit: 5, window: 60_000 });
    assert.deepEqual(await limit.take('alice', 2), { allowed: true, remaining: 3, retryAfter: 0 });
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => limit.take('alice')));
    assert.equal(verdicts.filter(({ allowed }) => allowed).length, 3);
    const { allowed, remaining, retryAfter } = await limit.take('alice');
    assert.deepEqual([allowed, remaining], [false, 0]);
    assert.ok(retryAfter > 0 && retryAfter <= 60_000);
    assert.equal((await limit.take('bob', 5)).allowed, true);
    const ttl = await db.pttl('limits:alice');
    assert.ok(ttl > 0 && ttl <= 60_000);
    await limit.reset('alice');
    assert.equal((await limit.take('alice')).remaining, 4);
  });

  it('by a token bucket allows bursts up to its capacity', async () => {
    const limit = tokenBucket(stage().db, { capacity: 10, perSecond: 0.01 });
    assert.deepEqual(await limit.take('alice', 10), { allowed: true, remaining: 0, retryAfter: 0 });
    const { allowed, retryAfter } = await limit.take('alice');
    assert.equal(allowed, false);
    assert.ok(retryAfter > 90_000 && retryAfter <= 100_000, `${retryAfter}`);
  });

  it('refuses what can never be', async () => {
    const { db } = stage();
    await assert.rejects(slidingWindow(db, { limit: 5, window: 1000 }).take('a', 6), DataError);
    await assert.rejects(tokenBucket(db, { capacity: 5, perSecond: 1 }).take('a', 0), DataError);
    assert.throws(() => slidingWindow(db, { limit: 0, window: 1000 }), DataError);
    assert.throws(() => tokenBucket(db, { capacity: 1, perSecond: -1 }), DataError);
  });
});

it('limits follow the clock: the window slides, the bucket fills', async () => {
  const clock = new ManualClock(1_700_000_000_000);
  const { async: db, close } = embedded({ clock });
  const window = slidingWindow(db, { limit: 2, window: 1000 });
  await window.take('a');
  clock.advance(600);
  await window.take('a');
  assert.deepEqual(await window.take('a'), { allowed: false, remaining: 0, retryAfter: 400 });
  clock.advance(401);
  assert.deepEqual(await window.take('a'), { allowed: true, remaining: 0, retryAfter: 0 });
  assert.deepEqual(await window.take('a', 2), { allowed: false, remaining: 0, retryAfter: 1000 });
  const bucket = tokenBucket(db, { capacity: 3, perSecond: 2 });
  await bucket.take('b', 3);
  assert.deepEqual(await bucket.take('b'), { allowed: false, remaining: 0, retryAfter: 500 });
  clock.advance(1000);
  assert.deepEqual(await bucket.take('b'), { allowed: true, remaining: 1, retryAfter: 0 });
  clock.advance(60_000);
  assert.equal((await bucket.take('b')).remaining, 2);
  await close();
});
