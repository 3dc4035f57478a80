import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { GAP } from '../../src/backend/messages.js';
import { BlockingConnectionPool, ClientBackend, ConnectionPool, createClient } from '../../src/client/index.js';
import { commands } from '../../src/commands/table.js';
import { ClosedError, ConnectionError, TimeoutError } from '../../src/core/errors.js';
import { Status } from '../../src/core/reply.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { FaultyLink } from '../support/proxy.js';
import { type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

const skip = (await findRedis()) === null ? whyNoRedis() : false;
const ping = { spec: commands.ping, argv: ['PING'] };

describe('connections of their own', { skip }, () => {
  let server: RunningServer;
  let proxy: FaultyLink;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());
  beforeEach(async () => {
    proxy = await FaultyLink.start(server.port);
    const db = open(server.url);
    await db.flushall();
    await db.close();
  });
  afterEach(() => proxy.stop());

  test('blocking commands hold up nobody', async () => {
    await using db = open(server.url);
    const blocked = Array.from({ length: 5 }, (_, i) => db.blpop(`q${i}`, 0));
    await sleep(30);
    assert.equal((await outcome(db.set('k', 'v'), 300)).value, true);
    for (let i = 0; i < 5; i++) await db.rpush(`q${i}`, `e${i}`);
    assert.deepEqual(
      await Promise.all(blocked),
      Array.from({ length: 5 }, (_, i) => [`q${i}`, `e${i}`]),
    );
  });

  test('the server ends a blocking command by its own timeout, whatever the client allows for others', async () => {
    await using db = open(server.url, { timeout: 100 });
    const start = performance.now();
    assert.equal(await db.blpop('q', 0.4), null);
    assert.ok(performance.now() - start >= 390);
    assert.equal(await db.blmpop(0.01, ['q'], 'left'), null);
  });

  test('a blocking command that runs out of time takes no element with it', async () => {
    await using db = open(server.url);
    const { error } = await outcome(db.with({ timeout: 100 }).blpop('q', 0), 1000);
    assert.ok(error instanceof TimeoutError && error.applied === 'no', inspect(error));
    await db.rpush('q', 'still here');
    assert.equal(await db.lpop('q'), 'still here');
  });

  test('an aborted blocking command takes no element with it', async () => {
    await using db = open(server.url);
    const controller = new AbortController();
    const blocked = outcome(db.with({ signal: controller.signal }).blpop('q', 0), 1000);
    await sleep(50);
    controller.abort('stop');
    assert.equal((await blocked).error, 'stop');
    await db.rpush('q', 'still here');
    assert.equal(await db.lpop('q'), 'still here');
    const before = outcome(db.with({ signal: controller.signal }).blpop('q', 0), 1000);
    assert.equal((await before).error, 'stop');
  });

  test('an element that came with the abort is delivered, not lost', async () => {
    // The reply is on its way but does not arrive until after the abort.
    await using db = open(proxy.url);
    await using direct = open(server.url);
    await db.get('warm');
    const controller = new AbortController();
    const blocked = outcome(db.with({ signal: controller.signal }).blpop('q', 0), 1000);
    await sleep(50);
    const pushed = direct.rpush('q', 'element');
    controller.abort('stop');
    await pushed;
    const { value, error } = await blocked;
    const left = await direct.lpop('q');
    assert.ok(
      error === 'stop' ? left === 'element' : (value as string[])[1] === 'element' && left === null,
      inspect({ value, error, left }),
    );
  });

  test('an abort that the server cannot confirm says that an element may be lost', async () => {
    const db = open(proxy.url, { timeout: 300 });
    await db.get('warm');
    const blocked = outcome(db.with({ timeout: 100 }).blpop('q', 0), 2000);
    await sleep(50);
    proxy.deaf = true;
    const { error } = await blocked;
    assert.ok(error instanceof TimeoutError && error.applied === 'maybe', inspect(error));
    proxy.deaf = false;
    await db.close();
  });

  test('a blocking command whose connection is lost says so', async () => {
    await using db = open(proxy.url);
    const blocked = outcome(db.blpop('q', 0), 2000);
    await sleep(80);
    proxy.drop();
    const { error } = await blocked;
    assert.ok(error instanceof ConnectionError && error.applied === 'maybe', inspect(error));
  });

  test('close does not wait for what blocks', async () => {
    const db = open(server.url);
    const blocked = outcome(db.blpop('q', 0), 2000);
    const listener = await db.subscribe('news', () => {});
    await sleep(50);
    await db.close();
    const { error } = await blocked;
    assert.ok(error instanceof ClosedError && error.applied === 'no', inspect(error));
    listener.close();
    await using direct = open(server.url);
    await until(async () => !/cmd=(blpop|subscribe)/.test(String(await direct.call('CLIENT', 'LIST'))));
  });

  test('WATCH: a changed key starts the work over; a lost connection is an error, not a silent write', async () => {
    await using db = open(proxy.url);
    await using other = open(server.url);
    await db.set('n', '1');
    let runs = 0;
    const work = (): Promise<[boolean]> =>
      db.transaction(async (watched) => {
        const n = Number(await watched.get('n'));
        if (++runs === 1) await other.set('n', '10');
        return watched
          .multi()
          .set('n', `${n + 1}`)
          .exec();
      }, 'n');
    assert.deepEqual(await work(), [true]);
    assert.deepEqual([runs, await db.get('n')], [2, '11']);
    const { error } = await outcome(
      db.transaction(async (watched) => {
        proxy.drop();
        await sleep(20);
        return watched.multi().set('n', 'wrong').exec();
      }, 'n'),
    );
    assert.ok(error instanceof ConnectionError && error.applied === 'no', inspect(error));
    assert.equal(await other.get('n'), '11');
    // What was watched before is forgotten by the next user of the connection.
    const pool = new ConnectionPool({ port: server.port });
    const client = new ClientBackend({ pool });
    const first = await client.lease();
    await first.call({ spec: commands.watch, argv: ['WATCH', 'n'] });
    first.release();
    assert.equal(pool.idle, 1);
    await other.set('n', '12');
    const second = await client.lease();
    await second.call({ spec: commands.multi, argv: ['MULTI'] });
    assert.deepEqual(await second.call({ spec: commands.exec, argv: ['EXEC'] }), []);
    second.release();
    await client.close();
    pool.disconnect();
  });

  for (const protocol of [2, 3]) {
    test(`RESP${protocol}: subscriptions live on when their connection is lost, and the gap is told`, async () => {
      const backend = new ClientBackend({ port: proxy.port, protocol: protocol as 2 | 3, pingInterval: 50 });
      const heard: string[] = [];
      const lease = await backend.lease((push) => heard.push(push.items.join(' ')));
      await lease.call({ spec: commands.subscribe, argv: ['SUBSCRIBE', 'a', 'b'] });
      await lease.call({ spec: commands.psubscribe, argv: ['PSUBSCRIBE', 'p*'] });
      await using other = open(server.url);
      assert.equal(await other.publish('b', 'one'), 1);
      await until(() => heard.length === 4);
      await sleep(120); // pings while subscribed
      proxy.drop();
      await until(() => heard.includes(GAP));
      // The gap is told when the subscriptions are asked for again, which takes the server a moment.
      await until(async () => (await other.publish('a', 'two')) === 1);
      await until(async () => (await other.publish('pq', 'three')) === 1);
      await until(() => heard.length === 7);
      // The confirmations of what is subscribed again are not told twice.
      assert.deepEqual(heard, [
        'subscribe a 1',
        'subscribe b 2',
        'psubscribe p* 3',
        'message b one',
        GAP,
        'message a two',
        'pmessage p* pq three',
      ]);
      await lease.call({ spec: commands.unsubscribe, argv: ['UNSUBSCRIBE'] });
      assert.equal(await other.publish('a', 'unheard'), 0);
      lease.release();
      await until(async () => (await other.publish('pq', 'unheard')) === 0);
      await backend.close();
    });
  }

  test('a listener that throws does not break the connection', async () => {
    const thrown: unknown[] = [];
    const taken = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => thrown.push(error));
    await using db = open(server.url);
    const heard: string[] = [];
    await db.subscribe('c', ({ payload }) => {
      heard.push(payload);
      if (payload === 'bad') throw new Error('from the listener');
    });
    await db.publish('c', 'bad');
    await db.publish('c', 'good');
    await until(() => heard.length === 2);
    await until(() => thrown.length === 1);
    for (const listener of taken) process.on('uncaughtException', listener);
    assert.equal((thrown[0] as Error).message, 'from the listener');
  });
});

describe('pools', { skip }, () => {
  let server: RunningServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  test('a pool lends what came back last, and refuses beyond its limit', async () => {
    const pool = ConnectionPool.fromUrl(`${server.url}?max_connections=2`);
    assert.equal(pool.maxConnections, 2);
    const [a, b] = await Promise.all([pool.acquire(), pool.acquire()]);
    const { error } = await outcome(pool.acquire());
    assert.ok(error instanceof ConnectionError && /all 2 connections/.test(error.message));
    pool.release(a);
    pool.release(b);
    pool.release(b);
    assert.deepEqual([pool.idle, pool.lent], [2, 0]);
    assert.equal(await pool.acquire(), b);
    pool.disconnect();
    assert.deepEqual([a.state, b.state], ['closed', 'closed']);
    assert.ok((await outcome(pool.acquire())).error instanceof ClosedError);
  });

  test('a blocking pool lets wait, first come first served, up to its timeout', async () => {
    const pool = new BlockingConnectionPool({ port: server.port, maxConnections: 1, timeout: 100 });
    assert.equal(new BlockingConnectionPool().maxConnections, 50);
    const first = await pool.acquire();
    const order: number[] = [];
    const second = pool.acquire().then((connection) => {
      order.push(2);
      return connection;
    });
    const third = pool.acquire().then((connection) => {
      order.push(3);
      return connection;
    });
    pool.release(first);
    pool.release(await second);
    await third;
    assert.deepEqual(order, [2, 3]);
    const start = performance.now();
    const { error } = await outcome(pool.acquire(), 1000);
    assert.ok(error instanceof ConnectionError && /within 100 ms/.test(error.message), inspect(error));
    assert.ok(performance.now() - start >= 99);
    // One that ended makes room as well.
    const fourth = outcome(pool.acquire());
    const lent = await third;
    lent.destroy();
    pool.release(lent);
    assert.ok((await fourth).value);
    pool.disconnect();
  });

  test('a connection that died while it waited is not lent', async () => {
    const pool = new ConnectionPool({ port: server.port });
    const connection = await pool.acquire();
    pool.release(connection);
    const db = open(server.url);
    await db.call('CLIENT', 'KILL', 'ID', String(connection.greeting.id));
    await until(() => pool.idle === 0);
    const next = await pool.acquire();
    assert.notEqual(next, connection);
    pool.disconnect();
    await db.close();
  });

  test('clients share a pool; a reserved conversation keeps its state to itself', async () => {
    const pool = new ConnectionPool({ port: server.port, db: 3 });
    const one = new ClientBackend({ pool });
    const two = new ClientBackend({ pool });
    const lease = await pool.reserve();
    await lease.call({ spec: commands.select, argv: ['SELECT', '5'] });
    assert.ok((await lease.call(ping)) instanceof Status);
    assert.match(
      String(await one.call({ spec: commands.clientInfo, argv: ['CLIENT', 'INFO'] })).replace(/\0/g, ''),
      /db=3|\[object/,
    );
    lease.release();
    assert.equal(pool.idle, 0, 'another database: not to be lent again');
    assert.ok((await outcome(lease.call(ping))).error instanceof ClosedError);
    await one.close();
    assert.ok((await two.call(ping)) instanceof Status, 'a shared pool outlives a client');
    const other = await two.lease();
    other.release();
    assert.equal(pool.idle, 1);
    await two.close();
    pool.disconnect();
  });

  test('no server: the pool says why', async () => {
    const { redis, backend } = createClient('redis://127.0.0.1:1?timeout=120');
    const { error } = await outcome(backend.lease(), 1000);
    assert.ok(error instanceof ConnectionError && /ECONNREFUSED/.test(error.message), inspect(error));
    await redis.close();
  });
});
