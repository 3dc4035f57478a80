import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import KeyvRedis from '@keyv/redis';
import BeeQueue from 'bee-queue';
import { RedisStore } from 'connect-redis';
import type session from 'express-session';
import { Redis as IoRedis } from 'ioredis';
import { Keyv } from 'keyv';
import { RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import Redlock from 'redlock';
import { type RunningServer, startKeyspan } from '../support/redis.js';
import { until } from '../support/until.js';

/** Packages that live on a Redis, unmodified, on a server of our own. */
describe('packages', () => {
  let server: RunningServer;
  let io: IoRedis;
  before(async () => {
    server = await startKeyspan({ args: ['--server-version', '8.0'] });
    io = new IoRedis(server.port, '127.0.0.1');
  });
  beforeEach(() => io.flushall());
  after(async () => {
    io.disconnect();
    await server.stop();
  });

  test('connect-redis stores sessions with their time to live', async () => {
    const client = createClient({ url: `redis://127.0.0.1:${server.port}` });
    await client.connect();
    try {
      const store = new RedisStore({ client, prefix: 'sess:' });
      const cookie = { originalMaxAge: 60_000, expires: new Date(Date.now() + 60_000) };
      const data = { cookie, user: 'ada' } as unknown as session.SessionData;
      await store.set('s1', data);
      const ttl = await io.ttl('sess:s1');
      assert.ok(ttl > 50 && ttl <= 60, `${ttl}`);
      assert.equal(((await store.get('s1')) as unknown as { user: string }).user, 'ada');
      await store.touch('s1', data);
      await store.set('s2', data);
      assert.equal(await store.length(), 2);
      assert.deepEqual((await store.ids()).sort(), ['s1', 's2']);
      await store.destroy('s1');
      assert.equal(await store.length(), 1);
      await store.clear();
      assert.equal(await io.dbsize(), 0);
    } finally {
      client.destroy();
    }
  });

  test('node-redis keeps what it read in its own cache, until it changes', async () => {
    const url = `redis://127.0.0.1:${server.port}`;
    const client = createClient({ url, RESP: 3, clientSideCache: { ttl: 0, maxEntries: 100, evictPolicy: 'LRU' } });
    await client.connect();
    try {
      await io.set('a', '1');
      const gets = async (): Promise<number> => {
        const calls = /cmdstat_get:calls=(\d+)/.exec(await io.info('commandstats'));
        return Number(calls?.[1] ?? 0);
      };
      const before = await gets();
      assert.equal(await client.get('a'), '1');
      assert.equal(await client.get('a'), '1');
      assert.equal(await client.get('a'), '1');
      assert.equal((await gets()) - before, 1, 'the cache answers');
      await io.set('a', '2');
      await until(async () => (await client.get('a')) === '2', 'the new value');
      await io.flushall();
      await until(async () => (await client.get('a')) === null, 'the removal');
    } finally {
      client.destroy();
    }
  });

  test('rate-limiter-flexible counts, blocks and forgets', async () => {
    const limiter = new RateLimiterRedis({ storeClient: io, points: 3, duration: 60, blockDuration: 120 });
    for (let i = 1; i <= 3; i++) assert.equal((await limiter.consume('user')).consumedPoints, i);
    const refused = await limiter.consume('user').then(
      () => null,
      (refusal: RateLimiterRes) => refusal,
    );
    assert.equal(refused?.remainingPoints, 0);
    assert.ok(refused!.msBeforeNext > 60_000 && refused!.msBeforeNext <= 120_000);
    assert.equal((await limiter.get('user'))?.consumedPoints, 4);
    await limiter.reward('user', 1);
    assert.equal(await limiter.delete('user'), true);
    assert.equal((await limiter.consume('user')).remainingPoints, 2);
  });

  test('redlock excludes, extends and releases', async () => {
    const redlock = new Redlock([io as never], { retryCount: 2, retryDelay: 20 });
    redlock.on('clientError', (error: Error) => assert.fail(error));
    const lock = await redlock.lock('resource', 5000);
    await assert.rejects(redlock.lock('resource', 5000), { name: 'LockError' });
    const longer = await lock.extend(60_000);
    assert.ok((await io.pttl('resource')) > 50_000);
    await longer.unlock();
    assert.equal(await io.exists('resource'), 0);
    const second = await redlock.lock('resource', 5000);
    await second.unlock();
  });

  test('keyv gets, sets, expires, iterates and clears by namespace', async () => {
    const store = new KeyvRedis(`redis://127.0.0.1:${server.port}`);
    const keyv = new Keyv({ store, namespace: 'cache' });
    try {
      await keyv.set('a', { deep: [1, 'zwei'] });
      await keyv.set('b', 2, 60_000);
      assert.deepEqual(await keyv.get('a'), { deep: [1, 'zwei'] });
      assert.deepEqual(await keyv.get(['a', 'b', 'c']), [{ deep: [1, 'zwei'] }, 2, undefined]);
      assert.equal(await keyv.has('b'), true);
      const seen: string[] = [];
      for await (const [key] of keyv.iterator!(undefined)) seen.push(key as string);
      assert.deepEqual(seen.sort(), ['a', 'b']);
      await io.set('other', 'stays');
      assert.equal(await keyv.delete('a'), true);
      await keyv.clear();
      assert.deepEqual(await io.keys('*'), ['other']);
    } finally {
      await keyv.disconnect();
    }
  });

  test('bee-queue saves, works, retries and reports', async () => {
    const options = { redis: { host: '127.0.0.1', port: server.port }, activateDelayedJobs: true };
    const queue = new BeeQueue<{ n: number }>('bees', options);
    try {
      await queue.ready();
      let failures = 0;
      queue.process(3, async (job: BeeQueue.Job<{ n: number }>) => {
        job.reportProgress({ done: job.data.n });
        if (job.data.n === 7 && failures++ === 0) throw new Error('once');
        return job.data.n + 1;
      });
      const results = await Promise.all(
        [1, 7, 9].map(async (n) => {
          const job = queue.createJob({ n }).retries(1);
          const done = new Promise((resolve) => job.on('succeeded', resolve));
          await job.save();
          return await done;
        }),
      );
      assert.deepEqual(results, [2, 8, 10]);
      assert.equal(failures, 2);
      const late = queue.createJob({ n: 1 }).delayUntil(Date.now() + 100);
      const done = new Promise((resolve) => late.on('succeeded', resolve));
      await late.save();
      assert.equal(await done, 2);
      assert.equal((await queue.checkHealth()).succeeded, 4);
    } finally {
      await queue.close();
    }
  });
});
