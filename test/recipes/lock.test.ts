import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import { DataError, open, type Redis } from '../../src/index.js';
import { LockError, LockNotOwnedError, lock } from '../../src/recipes/index.js';
import { FaultyLink } from '../support/proxy.js';
import { onStages, startOwn } from '../support/stages.js';
import { until } from '../support/until.js';

/** Longer than any test may take. */
const LONG_MS = 60_000;

/** The reason of a signal, once it is aborted. A lease by itself keeps no process alive; waiting for this does. */
async function lost(signal: AbortSignal): Promise<unknown> {
  await until(() => signal.aborted);
  return signal.reason;
}

await onStages('a lock', (stage) => {
  beforeEach(() => stage().db.flushall());

  it('has one holder at a time, who alone releases it', async () => {
    const { db } = stage();
    const first = lock(db, 'job', { timeout: LONG_MS });
    const second = lock(db, 'job', { timeout: LONG_MS });
    assert.equal(await first.acquire(), true);
    assert.equal(await second.acquire({ blocking: false }), false);
    assert.equal(await second.acquire({ blockingTimeout: 20 }), false);
    assert.deepEqual([await first.owned(), await second.owned(), await second.locked()], [true, false, true]);
    const ttl = await db.pttl('job');
    assert.ok(ttl > 0 && ttl <= LONG_MS);
    await assert.rejects(second.release(), LockError);
    await assert.rejects(first.acquire(), LockError);
    await first.release();
    assert.equal(await first.locked(), false);
    assert.equal(await second.acquire({ blocking: false }), true);
    await second.release();
    await assert.rejects(second.release(), LockError);
  });

  it('that ran out is not released by its old holder', async () => {
    const { db } = stage();
    const old = lock(db, 'job', { timeout: 30 });
    await old.acquire();
    const { signal } = old;
    assert.ok((await lost(signal)) instanceof LockNotOwnedError);
    const next = lock(db, 'job', { timeout: LONG_MS, sleep: 5 });
    assert.equal(await next.acquire({ blockingTimeout: 5000 }), true);
    await assert.rejects(old.release(), LockNotOwnedError);
    assert.equal(await next.owned(), true);
    assert.equal(await old.acquire({ blocking: false }), false);
  });

  it('is extended by a time or anew, while it is held', async () => {
    const { db } = stage();
    const held = lock(db, 'job', { timeout: LONG_MS });
    await assert.rejects(held.extend(1000), LockError);
    await held.acquire();
    await held.extend(LONG_MS);
    const longer = await db.pttl('job');
    assert.ok(longer > LONG_MS && longer <= 2 * LONG_MS, `${longer}`);
    await held.extend(LONG_MS / 2, { replace: true });
    assert.ok((await db.pttl('job')) <= LONG_MS / 2);
    await held.reacquire();
    assert.ok((await db.pttl('job')) > LONG_MS / 2);
    await db.set('job', "another's");
    const { signal } = held;
    await assert.rejects(held.reacquire(), LockNotOwnedError);
    assert.ok(signal.aborted && signal.reason instanceof LockNotOwnedError);
    const forever = lock(db, 'other');
    await forever.acquire();
    assert.equal(await db.pttl('other'), -1);
    await assert.rejects(forever.extend(1000), LockError);
    await forever.release();
  });

  it('extends itself, until it is released', async () => {
    const { db } = stage();
    // Long enough for a loaded machine to extend it in time.
    const held = lock(db, 'job', { timeout: 1500, autoExtend: true });
    await held.acquire();
    const other = lock(db, 'job', { sleep: 10 });
    assert.equal(await other.acquire({ blockingTimeout: 3000 }), false);
    assert.equal(held.signal.aborted, false);
    await held.release();
    assert.equal(await other.acquire({ blocking: false }), true);
    await other.release();
  });

  it('tells of the loss of a lease that cannot be extended', async () => {
    const { db } = stage();
    const held = lock(db, 'job', { timeout: 60, autoExtend: true });
    await held.acquire();
    const { signal } = held;
    await db.set('job', "another's");
    assert.ok((await lost(signal)) instanceof LockNotOwnedError);
    await held[Symbol.asyncDispose]();
    assert.equal(await db.get('job'), "another's");
  });

  it('numbers its holders', async () => {
    const { db } = stage();
    const fences: number[] = [];
    for (let i = 0; i < 3; i++) fences.push(await lock(db, '{a}job').hold(({ fence }) => fence));
    assert.deepEqual(fences, [1, 2, 3]);
    await lock(db.with({ prefix: 'p:', as: 'bytes', integers: 'bigint' }), 'job').hold(async () => {
      assert.deepEqual((await db.keys('p:*')).sort(), ['p:job', 'p:{job}:fence']);
    });
  });

  it('is released by await using and by hold, however they end', async () => {
    const { db } = stage();
    {
      await using held = await lock(db, 'job').enter();
      assert.equal(await held.owned(), true);
    }
    assert.equal(await db.exists('job'), 0);
    await assert.rejects(
      lock(db, 'job').hold(() => {
        throw new RangeError('mine');
      }),
      RangeError,
    );
    assert.equal(await db.exists('job'), 0);
    await lock(db, 'job').acquire();
    await assert.rejects(lock(db, 'job', { blockingTimeout: 0 }).enter(), LockError);
  });

  it('goes to those who wait in their order, and one waits for all', async () => {
    const { db } = stage();
    const held = await lock(db, 'job').enter();
    const order: number[] = [];
    const waiting = Array.from({ length: 20 }, (_, i) =>
      lock(db, 'job', { sleep: 5000 }).hold(() => void order.push(i)),
    );
    const before = await db.info({ sections: ['commandstats'] }).then(calls);
    // What they asked for was sent before this, and is answered before it.
    for (let i = 0; i < 3; i++) await db.ping();
    assert.ok((await db.info({ sections: ['commandstats'] }).then(calls)) - before <= 2, 'waiting asks seldom');
    await held.release();
    await Promise.all(waiting);
    assert.deepEqual(order, [...order.keys()]);
  });

  for (const wake of ['sleep', 'message'] as const) {
    it(`excludes, between clients that wait by ${wake}`, async () => {
      const { another } = stage();
      const clients: Redis[] = [another(), another(), another()];
      let inside = 0;
      let most = 0;
      let rounds = 0;
      const work = async (db: Redis): Promise<void> => {
        for (let i = 0; i < 5; i++) {
          await lock(db, 'job', { timeout: LONG_MS, sleep: 5, wake }).hold(async () => {
            most = Math.max(most, ++inside);
            await db.incr('n');
            rounds++;
            inside--;
          });
        }
      };
      await Promise.all(clients.map(work));
      assert.deepEqual([most, rounds], [1, 15]);
    });
  }

  it('a release wakes a waiter of another client by message, long before it would ask', async () => {
    const { db, another } = stage();
    const held = await lock(db, 'job').enter();
    const other = lock(another(), 'job', { sleep: LONG_MS, wake: 'message' });
    const acquired = other.acquire({ blockingTimeout: LONG_MS });
    await until(async () => ((await db.pubsubNumsub({ channels: ['{job}:fence'] }))[0]?.[1] ?? 0) === 1);
    await held.release();
    assert.equal(await acquired, true);
    await other.release();
    await until(async () => ((await db.pubsubNumsub({ channels: ['{job}:fence'] }))[0]?.[1] ?? 0) === 0);
  });

  it('a wait ends by its signal, and lets the next one go on', async () => {
    const { db } = stage();
    const held = await lock(db, 'job').enter();
    const cancel = new AbortController();
    const given = lock(db, 'job', { sleep: 5000 }).acquire({ signal: cancel.signal });
    const next = lock(db, 'job', { sleep: 5000 }).acquire();
    const reason = new Error('enough');
    cancel.abort(reason);
    await assert.rejects(given, (error) => error === reason);
    await held.release();
    assert.equal(await next, true);
    await assert.rejects(lock(db, 'x').acquire({ signal: cancel.signal }), (error) => error === reason);
    assert.equal(await db.exists('x'), 0);
  });

  it('options that make no sense are refused', () => {
    const { db } = stage();
    for (const options of [{ timeout: 0 }, { timeout: -1 }, { sleep: Number.NaN }, { autoExtend: true }]) {
      assert.throws(() => lock(db, 'job', options), DataError);
    }
    assert.throws(() => lock(db, 'job').fence, LockError);
    assert.throws(() => lock(db, 'job').signal, LockError);
  });
});

it('a lease ends by its own time when the server does not answer, and is not taken for held after that', async (t) => {
  const server = await startOwn();
  const link = await FaultyLink.start(Number(new URL(server.url).port));
  const db = open(link.url, { timeout: 10_000 });
  t.after(async () => {
    db.destroy();
    await link.stop();
    await server.stop();
  });
  const held = lock(db, 'job', { timeout: 200, autoExtend: true });
  await held.acquire();
  const { signal } = held;
  link.deaf = true;
  link.stalled = true;
  assert.ok((await lost(signal)) instanceof LockNotOwnedError);
  const other = open(server.url);
  t.after(() => other.close());
  assert.equal(await lock(other, 'job', { sleep: 10 }).acquire({ blockingTimeout: 5000 }), true, 'the lock is free');
  assert.equal(await lock(other, 'job').locked(), true);
});

/** How many scripts were called. */
function calls(info: unknown): number {
  const text = JSON.stringify(info);
  return [...text.matchAll(/cmdstat_evalsha\W+calls\D+(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}
