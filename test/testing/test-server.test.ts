import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Redis as IoRedis } from 'ioredis';
import { createClient as createNodeRedis } from 'redis';
import { createClient } from '../../src/client/index.js';
import { ConnectionError, DataError, ReadOnlyError, type ReplyError, TimeoutError } from '../../src/core/errors.js';
import { startServer, type TestServer, withRedis } from '../../src/testing/index.js';
import { plain, RespClient } from '../support/resp-client.js';

async function withClient(
  server: TestServer,
  work: (db: ReturnType<typeof createClient>['redis']) => Promise<void>,
  options: Parameters<typeof createClient>[1] = {},
): Promise<void> {
  const { redis } = createClient(server.url, options);
  try {
    await work(redis);
  } finally {
    redis.destroy();
  }
}

describe('the test server', () => {
  test('serves any client, and shows the same data without a socket', async () => {
    await using server = await startServer();
    const io = new IoRedis(server.url);
    try {
      await io.set('a', '1');
      assert.equal(server.sync.get('a'), '1');
      assert.equal(await server.db.incr('a'), 2);
      assert.equal(await io.get('a'), '2');
      assert.equal(server.connections, 1);
    } finally {
      io.disconnect();
    }
  });

  test('serves ioredis within the process, without a socket', async () => {
    await using server = await startServer();
    const io = new IoRedis(server.ioredisOptions);
    const blocked = io.duplicate();
    try {
      const big = 'x'.repeat(1_000_000);
      assert.equal(await io.set('big', big), 'OK');
      assert.equal(await io.get('big'), big);
      const popped = blocked.blpop('queue', 5);
      await io.rpush('queue', 'job');
      assert.deepEqual(await popped, ['queue', 'job']);
      assert.match(String(await io.client('INFO')), /addr=loopback:0/);
      server.dropConnections();
      assert.equal(await io.strlen('big'), 1_000_000);
    } finally {
      io.disconnect();
      blocked.disconnect();
    }
    assert.equal(server.sync.strlen('big'), 1_000_000);
  });

  test('serves node-redis over a path, without TCP', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'keyspan-')), 'redis.sock');
    await using _server = await startServer({ unixSocket: path });
    const client = createNodeRedis({ socket: { path, tls: false } });
    await client.connect();
    assert.equal(await client.set('a', '1'), 'OK');
    assert.deepEqual(await client.multi().incr('a').get('a').exec(), [2, '2']);
    await client.close();
  });

  test('reset gives back the data, the configuration and a world without faults', async () => {
    await using server = await startServer({ config: { 'maxmemory-policy': 'allkeys-lru' } });
    server.sync.set('a', 1);
    server.sync.configSet({ 'maxmemory-policy': 'noeviction', hz: 50 });
    const fault = server.faults.inject({ error: 'ERR no' }, { times: 5 });
    server.reset();
    assert.equal(server.sync.dbsize(), 0);
    assert.deepEqual(server.sync.configGet('maxmemory-policy'), { 'maxmemory-policy': 'allkeys-lru' });
    assert.deepEqual(server.sync.configGet('hz'), { hz: '10' });
    await withClient(server, async (db) => assert.equal(await db.get('a'), null));
    assert.equal(fault.hits, 0);
  });

  test('its clock is moved by hand: keys expire and blocked clients time out', async () => {
    await using server = await startServer({ clock: 'manual', seed: 1 });
    await withClient(server, async (db) => {
      await db.set('session', 'x', { ex: 60 });
      const popped = db.blpop('queue', 30);
      while (server.engine.blocking.idle) await new Promise((resolve) => setTimeout(resolve, 5));
      server.clock.advance(59_999);
      assert.equal(await popped, null);
      assert.equal(await db.get('session'), 'x');
      server.clock.advance(2); // Redis: past the deadline, not at it
      assert.equal(await db.get('session'), null);
    });
    await using real = await startServer();
    assert.throws(() => real.clock, DataError);
  });

  test('a fork has the data and its own life', async () => {
    await using server = await startServer();
    server.sync.set('shared', 'yes');
    await using twin = await server.fork();
    assert.notEqual(twin.port, server.port);
    await withClient(twin, async (db) => {
      assert.equal(await db.get('shared'), 'yes');
      await db.set('shared', 'changed');
    });
    assert.equal(server.sync.get('shared'), 'yes');
  });

  test('refuses directives and faults that do not exist', async () => {
    await assert.rejects(startServer({ config: { 'no-such-thing': '1' } }), DataError);
    await assert.rejects(startServer({ config: { maxmemory: 'much' } }), DataError);
    await using server = await startServer();
    assert.throws(() => server.faults.inject({ error: 'ERR' }, { on: 'GETT' }), DataError);
    assert.throws(() => server.faults.inject({ error: 'ERR' }, { times: 0 }), DataError);
  });
});

describe('faults', () => {
  test('the third GET of a key fails, and only that', async () => {
    await using server = await startServer();
    const fault = server.faults.inject({ error: 'ERR made to fail' }, { on: 'get', key: 'a', skip: 2 });
    await withClient(server, async (db) => {
      assert.equal(await db.get('a'), null);
      assert.equal(await db.get('b'), null);
      assert.equal(await db.get('a'), null);
      await assert.rejects(db.get('a'), (error: ReplyError) => error.message.includes('made to fail'));
      assert.equal(await db.get('a'), null);
    });
    assert.equal(fault.hits, 1);
  });

  test('states of a server: read only, loading, out of memory', async () => {
    await using server = await startServer();
    await withClient(
      server,
      async (db) => {
        server.faults.readOnly();
        assert.equal(await db.get('a'), null);
        await assert.rejects(db.set('a', 1), ReadOnlyError);
        server.faults.outOfMemory();
        await assert.rejects(db.set('a', 1), { code: 'OOM' });
        server.faults.loading();
        await assert.rejects(db.get('a'), { code: 'LOADING' });
        assert.equal(await db.set('a', 1), true);
      },
      { retry: 'never' },
    );
  });

  test('redirections name the slot of the key', async () => {
    await using server = await startServer();
    const client = await RespClient.connect(server.port);
    try {
      server.faults.moved('10.0.0.1:7000');
      assert.equal((await client.send('GET', 'foo')).node.text, 'MOVED 12182 10.0.0.1:7000');
      server.faults.ask('10.0.0.1:7000', { on: 'SET' });
      assert.equal(plain((await client.send('GET', 'foo')).node), null);
      assert.equal((await client.send('SET', '{foo}bar', '1')).node.text, 'ASK 12182 10.0.0.1:7000');
    } finally {
      client.close();
    }
  });

  test('a refused command ruins its transaction, as in Redis', async () => {
    await using server = await startServer();
    server.faults.inject({ error: 'ERR no' }, { on: 'INCR' });
    const io = new IoRedis(server.url);
    try {
      await assert.rejects(io.multi().set('a', 1).incr('a').exec(), /EXECABORT/);
      assert.equal(server.sync.exists('a'), 0);
    } finally {
      io.disconnect();
    }
  });

  test('a slow command keeps its connection waiting, and no other', async () => {
    await using server = await startServer();
    const [slow, other] = [new IoRedis(server.url), new IoRedis(server.url)];
    try {
      server.faults.inject({ delay: 80 }, { on: 'SET' });
      const order: string[] = [];
      await Promise.all([
        slow.set('a', '1').then(() => order.push('slow set')),
        slow.get('a').then((value) => order.push(`slow get ${value}`)),
        other.get('a').then((value) => order.push(`other get ${value}`)),
      ]);
      assert.deepEqual(order, ['other get null', 'slow set', 'slow get 1']);
    } finally {
      slow.disconnect();
      other.disconnect();
    }
  });

  test('a connection dropped before a write leaves it undone, after it leaves it done', async () => {
    await using server = await startServer();
    await withClient(
      server,
      async (db) => {
        server.faults.inject({ drop: 'before' }, { on: 'INCR' });
        await assert.rejects(db.incr('n'), (error: ConnectionError) => {
          return error instanceof ConnectionError && error.applied === 'maybe';
        });
        assert.equal(server.sync.get('n'), null);
        server.faults.inject({ drop: 'after' }, { on: 'INCR' });
        await assert.rejects(db.incr('n'), ConnectionError);
        assert.equal(server.sync.get('n'), '1');
        server.dropConnections();
        assert.equal(await db.get('n'), '1');
      },
      { retry: 'safe' },
    );
  });

  test('a reply cut at any byte never becomes another reply', async () => {
    await using server = await startServer();
    server.sync.set('a', 'value');
    for (let bytes = 0; bytes < 11; bytes++) {
      await withClient(
        server,
        async (db) => {
          await db.ping();
          const fault = server.faults.inject({ cut: bytes }, { on: 'GET' });
          await assert.rejects(db.get('a'), ConnectionError);
          assert.equal(fault.hits, 1);
          assert.equal(await db.get('a'), 'value');
        },
        { retry: 'never' },
      );
    }
  });

  test('a stalled command ends at its deadline; the connection is replaced', async () => {
    await using server = await startServer();
    await withClient(
      server,
      async (db) => {
        server.faults.inject({ stall: 'after' }, { on: 'INCR' });
        await assert.rejects(db.incr('n'), TimeoutError);
        assert.equal(await db.incr('n'), 2);
      },
      { timeout: 150 },
    );
  });

  test('blocking commands suffer too', async () => {
    await using server = await startServer();
    const io = new IoRedis(server.url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
    io.on('error', () => {});
    server.faults.inject({ drop: 'after' }, { on: 'BLPOP' });
    const popped = io.blpop('queue', 10);
    popped.catch(() => {});
    while (server.engine.blocking.idle) await new Promise((resolve) => setTimeout(resolve, 5));
    server.sync.rpush('queue', 'lost');
    await assert.rejects(popped);
    assert.equal(server.sync.llen('queue'), 0);
    io.disconnect();
  });
});

describe('withRedis', () => {
  let prepared = 0;
  const redis = withRedis({
    seedData: ({ sync }) => {
      prepared++;
      sync.set('users', 2);
    },
  });
  const ports = new Set<number>();

  for (const name of ['first', 'second']) {
    test(
      `the ${name} test begins with the same data`,
      redis(({ sync, port }) => {
        assert.equal(sync.incr('users'), 3);
        assert.equal(prepared, 1);
        ports.add(port);
      }),
    );
  }

  test('each had a server of its own, closed at its end', async () => {
    assert.equal(ports.size, 2);
    for (const port of ports) await assert.rejects(RespClient.connect(port));
  });
});
