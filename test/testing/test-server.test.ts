import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Duplex, pipeline } from 'node:stream';
import { describe, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { Redis as IoRedis } from 'ioredis';
import { createClient as createNodeRedis } from 'redis';
import { createClient } from '../../src/client/index.js';
import {
  ClosedError,
  ConnectionError,
  DataError,
  ReadOnlyError,
  type ReplyError,
  TimeoutError,
} from '../../src/core/errors.js';
import { startServer, type TestServer, withRedis } from '../../src/testing/index.js';
import { LoopbackSocket } from '../../src/testing/loopback.js';
import { plain, RespClient } from '../support/resp-client.js';
import { until } from '../support/until.js';

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

  test('serves node-redis over a path, without TCP: pub/sub, MULTI, waiting and reconnecting', async () => {
    const server = await startServer();
    const options = await server.nodeRedisOptions();
    const client = createNodeRedis({ ...options, RESP: 3 });
    client.on('error', () => {});
    const listener = client.duplicate();
    listener.on('error', () => {});
    try {
      await Promise.all([client.connect(), listener.connect()]);
      assert.equal(await client.set('a', '1'), 'OK');
      assert.deepEqual(await client.multi().incr('a').get('a').exec(), [2, '2']);
      const heard: string[] = [];
      await listener.subscribe('news', (message) => heard.push(message));
      await client.publish('news', 'one');
      await until(() => heard.length === 1);

      const waiting = client.duplicate();
      await waiting.connect();
      const popped = waiting.blPop('queue', 10);
      await until(() => !server.engine.blocking.idle);
      await client.rPush('queue', 'job');
      assert.deepEqual({ ...(await popped) }, { key: 'queue', element: 'job' });
      await waiting.close();

      let back = 0;
      for (const each of [client, listener]) each.once('ready', () => back++);
      server.dropConnections();
      // The subscriber comes back by itself, and with it its subscription.
      await until(() => back === 2 && server.sync.pubsubChannels().length === 1);
      assert.equal(await client.publish('news', 'two'), 1);
      await until(() => heard.length === 2);
      assert.deepEqual(heard, ['one', 'two']);
      assert.match(String(await client.sendCommand(['CLIENT', 'INFO'])), /addr=path:0/);
    } finally {
      client.destroy();
      listener.destroy();
      await server.close();
    }
    assert.equal(existsSync(options.socket.path), false);
    await assert.rejects(server.nodeRedisOptions(), ClosedError);
  });

  // Why there is no connector for node-redis as there is one for ioredis: docs/decisions/0017.
  test('node-redis takes a stream only for its first connection', async () => {
    await using server = await startServer();
    const psk = Buffer.from('of no importance');
    const suite = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    const lines: Duplex[] = [];
    const line = (): Duplex => {
      const [near, far] = LoopbackSocket.pair();
      const secured = new TLSSocket(far as never, { ...suite, isServer: true, pskCallback: () => psk } as object);
      pipeline(secured, server.connectStream(), secured, () => {});
      lines.push(near);
      return near;
    };
    let attempts = 0;
    const client = createNodeRedis({
      socket: {
        ...suite,
        tls: true,
        get socket() {
          return line();
        },
        pskCallback: () => ({ psk, identity: 'test' }),
        checkServerIdentity: () => undefined,
        reconnectStrategy: () => (attempts++ < 3 ? 1 : new Error('given up')),
      },
    });
    client.on('error', () => {});
    const ended = new Promise((resolve) => client.once('terminated', resolve));
    try {
      await client.connect();
      assert.equal(await client.set('a', '1'), 'OK');
      const asked = lines.length;
      server.dropConnections();
      await ended;
      assert.ok(attempts > 3);
      assert.equal(lines.length, asked);
    } finally {
      client.destroy();
      for (const stream of lines) stream.destroy();
    }
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
      await until(() => !server.engine.blocking.idle, 'the client to block');
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
    await until(() => !server.engine.blocking.idle, 'the client to block');
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

  test('a wrapped test gets what its runner gives, and shows no parameters', async (t) => {
    const wrapped = redis((server, context: typeof t, row: number) => {
      assert.equal(server.sync.get('users'), '2');
      assert.equal(context, t);
      assert.equal(row, 7);
    });
    assert.equal(wrapped.length, 0);
    await wrapped(t, 7);
  });

  test('a failing body closes its server, and its error comes through', async () => {
    let port = 0;
    const failing = redis((server) => {
      port = server.port;
      throw new Error('as it should');
    });
    await assert.rejects(failing(), /as it should/);
    await assert.rejects(RespClient.connect(port));
  });

  test('data that cannot be filled in fail every test, and leave no server', async () => {
    let origin: TestServer | null = null;
    const broken = withRedis({
      seedData(server) {
        origin = server;
        throw new Error('no data');
      },
    });
    for (let i = 0; i < 2; i++) await assert.rejects(broken.start(), /no data/);
    await assert.rejects(RespClient.connect(origin!.port));
  });
});
