import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { createClient } from '../../src/client/index.js';
import { ReadOnlyError, ReplyError, UnsupportedError } from '../../src/core/errors.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { FakeServer } from '../support/fake-server.js';
import { FaultyLink } from '../support/proxy.js';
import { type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

const HELLO_OF_7_2 = '%3\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.0\r\n$2\r\nid\r\n:7\r\n';

test('CLIENT SETINFO holds for the connections to come, and is nothing else than that', async () => {
  const fake = await FakeServer.start((argv) =>
    argv[0] === 'HELLO' ? HELLO_OF_7_2 : argv[0] === 'CLIENT' ? '+OK\r\n' : argv[0] === 'PING' ? '+PONG\r\n' : null,
  );
  const { redis, backend } = createClient(fake.url, { password: 'kept' });
  let ready = 0;
  backend.on('ready', () => ready++);
  await redis.clientSetinfo('LIB-NAME', 'mine(keyspan)');
  await redis.clientSetinfo('lib-ver', '9');
  const before = fake.log.length;
  fake.drop();
  await until(() => ready === 2);
  await redis.ping();
  const said = fake.log.slice(before).map(({ argv }) => argv.join(' '));
  assert.deepEqual(said, [
    'HELLO 3 AUTH default kept',
    'CLIENT SETINFO LIB-NAME mine(keyspan)',
    'CLIENT SETINFO LIB-VER 9',
    'PING',
  ]);
  await redis.close();
  await fake.stop();
});

describe('errors of a server have the same classes wherever they stand', () => {
  for (const text of [
    "READONLY You can't write against a read only replica.",
    'NOPERM this user has no permissions',
    "OOM command not allowed when used memory > 'maxmemory'.",
    'MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to',
    'LOADING Redis is loading the dataset in memory',
  ]) {
    const [code] = text.split(' ');
    test(`${code}: alone, in a pipeline and in MULTI`, async () => {
      const fake = await FakeServer.start((argv) => {
        if (argv[0] === 'MULTI') return '+OK\r\n';
        if (argv[0] === 'SET') return `-${text}\r\n`;
        return argv[0] === 'EXEC' ? '-EXECABORT Transaction discarded because of previous errors.\r\n' : null;
      });
      await using db = open(fake.url);
      const alone = (await outcome(db.set('k', 'v'))).error;
      assert.ok(alone instanceof ReplyError && alone.code === code && alone.command === 'SET', inspect(alone));
      const [piped] = await db.pipeline().set('k', 'v').execSettled();
      assert.ok(piped instanceof ReplyError && piped.constructor === alone.constructor, inspect(piped));
      assert.equal(piped.applied, 'no');
      const multi = (await outcome(db.multi().set('k', 'v').exec())).error;
      assert.ok(multi instanceof ReplyError && multi.code === 'EXECABORT', inspect(multi));
      assert.ok(multi.cause instanceof ReplyError && multi.cause.constructor === alone.constructor, inspect(multi));
      if (code === 'READONLY') assert.ok(piped instanceof ReadOnlyError);
      await db.close();
      await fake.stop();
    });
  }
});

const skip = (await findRedis()) === null ? whyNoRedis() : false;

describe('the state of connections', { skip }, () => {
  let server: RunningServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  test('one whose state was changed is not lent again, whatever changed it', async () => {
    const { redis, backend } = createClient(server.url);
    const idle = (): number => (backend.stats().pool as { idle: number }).idle;
    for (const words of [
      ['CLIENT', 'TRACKING', 'ON'],
      ['CLIENT', 'NO-EVICT', 'ON'],
      ['CLIENT', 'SETNAME', 'me'],
      ['READONLY'],
      ['ASKING'],
      ['SELECT', '3'],
    ] as const) {
      const session = await redis.reserve();
      await outcome(session.call(...(words as readonly [string, ...string[]])));
      session.release();
      assert.equal(idle(), 0, words.join(' '));
    }
    const session = await redis.reserve();
    await session.ping();
    session.release();
    assert.equal(idle(), 1);
    await redis.close();
  });

  test('what the cache relies on is not turned off under it', async () => {
    await using db = open(server.url, { cache: true });
    for (const promise of [
      db.clientTracking('off'),
      db.pipeline().clientTracking('off').exec(),
      db.multi().clientTracking('off').exec(),
    ]) {
      const { error } = await outcome(promise);
      assert.ok(error instanceof UnsupportedError, inspect(error));
    }
    await using other = open(server.url);
    await db.set('k', '1');
    assert.equal(await db.get('k'), '1');
    await other.set('k', '2');
    await until(async () => (await db.get('k')) === '2');
  });

  test('a reply that is kept belongs to each of its readers', async () => {
    await using db = open(server.url, { cache: true });
    await db.del('l', 'h');
    await db.rpush('l', 'a', 'b');
    await db.hset('h', { f: 'v' });
    const both = await Promise.all([db.lrange('l', 0, -1), db.lrange('l', 0, -1)]);
    both[0].push('mine');
    assert.deepEqual(both[1], ['a', 'b'], 'those who shared a read share nothing else');
    (await db.lrange('l', 0, -1)).push('mine');
    (await db.hgetall('h')).f = 'mine';
    const raw = (await db.call('LRANGE', 'l', 0, -1)) as unknown as string[];
    raw.push('mine');
    assert.deepEqual(await db.lrange('l', 0, -1), ['a', 'b']);
    assert.deepEqual(await db.call('LRANGE', 'l', 0, -1), ['a', 'b']);
    assert.deepEqual(await db.hgetall('h'), { f: 'v' });
  });

  test('a server that ends idle connections costs an idle client nothing', async () => {
    const link = await FaultyLink.start(server.port);
    await using admin = open(server.url);
    const db = open(link.url);
    const heard: string[] = [];
    await db.set('k', 'v');
    await admin.configSet('timeout', '1');
    try {
      const before = link.accepted;
      await until(() => link.accepted > before);
      await db.subscribe('c', ({ payload }) => heard.push(payload));
      assert.equal(await db.get('k'), 'v');
      const wasThere = link.accepted;
      await until(async () => {
        await admin.publish('c', 'm');
        return heard.length > 0;
      });
      assert.ok(link.accepted >= wasThere);
    } finally {
      await admin.configSet('timeout', '0');
      await db.close();
      await link.stop();
    }
  });
});
