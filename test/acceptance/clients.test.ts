import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Redis as IoRedis } from 'ioredis';
import { createClient } from 'redis';
import { type RunningServer, startKeyspan } from '../support/redis.js';

/** Real client libraries against `keyspan serve`, as their users write. */
describe('clients', () => {
  let server: RunningServer;
  before(async () => {
    server = await startKeyspan();
  });
  after(() => server.stop());

  test('ioredis tours the data types, pipelines, transactions, blocking and pub/sub', async () => {
    const redis = new IoRedis(server.port, '127.0.0.1');
    const other = new IoRedis(server.port, '127.0.0.1');
    try {
      await redis.flushall();
      assert.equal(await redis.set('greeting', 'grüße', 'EX', 60), 'OK');
      assert.equal(await redis.get('greeting'), 'grüße');
      assert.equal(await redis.ttl('greeting'), 60);
      assert.equal(await redis.hset('h', { a: 1, b: 2 }), 2);
      assert.deepEqual(await redis.hgetall('h'), { a: '1', b: '2' });
      assert.equal(await redis.zadd('z', 1.5, 'x', 2, 'y'), 2);
      assert.deepEqual(await redis.zrange('z', 0, -1, 'WITHSCORES'), ['x', '1.5', 'y', '2']);
      assert.deepEqual(
        await redis
          .pipeline()
          .incr('n')
          .lpush('h', 'wrong')
          .incr('n')
          .exec()
          .then((all) => all?.map(([error, reply]) => error?.message ?? reply)),
        [1, 'WRONGTYPE Operation against a key holding the wrong kind of value', 2],
      );
      assert.deepEqual(await redis.multi().set('k', 'v').get('k').exec(), [
        [null, 'OK'],
        [null, 'v'],
      ]);
      await redis.watch('k');
      await other.set('k', 'changed');
      assert.equal(await redis.multi().get('k').exec(), null);
      const popped = redis.blpop('queue', 5);
      await other.rpush('queue', 'job');
      assert.deepEqual(await popped, ['queue', 'job']);
      const heard = new Promise((resolve) => other.on('message', (channel, message) => resolve([channel, message])));
      await other.subscribe('news');
      assert.equal(await redis.publish('news', 'hello'), 1);
      assert.deepEqual(await heard, ['news', 'hello']);
      const keys: string[] = [];
      for await (const page of redis.scanStream({ count: 2 })) keys.push(...(page as string[]));
      assert.deepEqual([...new Set(keys)].sort(), ['greeting', 'h', 'k', 'n', 'z']);
      const bytes = Buffer.from([0, 255, 128, 13, 10]);
      await redis.set(bytes, bytes);
      assert.deepEqual(await redis.getBuffer(bytes), bytes);
      await assert.rejects(redis.incr('greeting'), /ERR value is not an integer or out of range/);
    } finally {
      redis.disconnect();
      other.disconnect();
    }
  });

  for (const RESP of [2, 3] as const) {
    test(`node-redis tours the data types over RESP${RESP}`, async () => {
      const client = createClient({ url: server.url, RESP });
      const other = client.duplicate();
      await client.connect();
      await other.connect();
      try {
        await client.flushAll();
        assert.equal(await client.set('a', '1', { expiration: { type: 'EX', value: 100 } }), 'OK');
        assert.equal(await client.incrBy('a', 41), 42);
        assert.equal(await client.hSet('h', { field: 'value', n: 1 }), 2);
        assert.deepEqual({ ...(await client.hGetAll('h')) }, { field: 'value', n: '1' });
        assert.equal(await client.sAdd('s', ['x', 'y']), 2);
        assert.deepEqual([...(await client.sMembers('s'))].sort(), ['x', 'y']);
        assert.equal(
          await client.zAdd('z', [
            { score: 1, value: 'one' },
            { score: Infinity, value: 'last' },
          ]),
          2,
        );
        assert.deepEqual(await client.zRangeWithScores('z', 0, -1), [
          { value: 'one', score: 1 },
          { value: 'last', score: Infinity },
        ]);
        assert.equal(await client.zScore('z', 'one'), 1);
        assert.deepEqual(await client.multi().set('k', 'v').get('k').exec(), ['OK', 'v']);
        const popped = client.blPop('queue', 5);
        await other.rPush('queue', 'job');
        assert.deepEqual({ ...(await popped) }, { key: 'queue', element: 'job' });
        const heard = new Promise((resolve) => {
          void other.subscribe('news', (message) => resolve(message)).then(() => client.publish('news', 'hello'));
        });
        assert.equal(await heard, 'hello');
        const fields: string[] = [];
        for await (const page of client.hScanIterator('h')) fields.push(...page.map(({ field }) => field));
        assert.deepEqual(fields.sort(), ['field', 'n']);
        await assert.rejects(client.lPush('a', 'x'), /WRONGTYPE/);
        assert.match(await client.info('server'), /redis_version:7\.0/);
      } finally {
        client.destroy();
        other.destroy();
      }
    });
  }
});
