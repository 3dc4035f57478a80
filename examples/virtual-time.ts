/** A test-suite whose time is a variable: hours pass at once, and every test has its own data. `npm run example virtual-time` */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Redis } from 'keyspan';
import { withRedis } from 'keyspan/testing';

/** What is tested: a login that locks for an hour after three wrong passwords. */
async function login(db: Redis, user: string, password: string): Promise<'in' | 'wrong' | 'locked'> {
  if ((await db.exists(`lock:${user}`)) === 1) return 'locked';
  if ((await db.hget('passwords', user)) === password) {
    await db.del(`wrong:${user}`);
    return 'in';
  }
  const [wrong] = await db.multi().incr(`wrong:${user}`).expire(`wrong:${user}`, 600).exec();
  if (wrong === 3) await db.set(`lock:${user}`, 1, { ex: 3600 });
  return 'wrong';
}

const redis = withRedis({
  clock: 'manual',
  seed: 1,
  seedData: async ({ db }) => void (await db.hset('passwords', { ada: 'lovelace' })),
});

describe('login', () => {
  test(
    'locks for an hour after three wrong passwords',
    redis(async ({ db, clock }) => {
      for (let i = 0; i < 3; i++) assert.equal(await login(db, 'ada', 'guess'), 'wrong');
      assert.equal(await login(db, 'ada', 'lovelace'), 'locked');
      clock.advance(59 * 60_000);
      assert.equal(await login(db, 'ada', 'lovelace'), 'locked');
      clock.advance(61_000);
      assert.equal(await login(db, 'ada', 'lovelace'), 'in');
    }),
  );

  test(
    'forgets wrong passwords after ten minutes, and knows nothing of other tests',
    redis(async ({ db, clock }) => {
      for (let i = 0; i < 5; i++) {
        assert.equal(await login(db, 'ada', 'guess'), 'wrong');
        clock.advance(601_000);
      }
      assert.equal(await login(db, 'ada', 'lovelace'), 'in');
    }),
  );
});

// prints: # pass 2
// prints: # fail 0
