import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { BackendStats } from '../../src/backend/backend.js';
import { BlockingConnectionPool, ConnectionPool, createClient } from '../../src/client/index.js';
import { ClosedError, ConnectionError } from '../../src/core/errors.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { FaultyLink } from '../support/proxy.js';
import { type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

const skip = (await findRedis()) === null ? whyNoRedis() : false;
const noop = (): void => {};

/** How many connections of a pool are lent, and how many wait to be. */
function lendable(pool: unknown): unknown[] {
  const { inUse, idle } = pool as BackendStats;
  return [inUse, idle];
}

describe('subscriptions in RESP2 go by a connection of the pool', { skip }, () => {
  let server: RunningServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  async function idOf(url: string, name: string, flag: string): Promise<string | undefined> {
    await using direct = open(url);
    const lines = String(await direct.call('CLIENT', 'LIST')).split('\n');
    return lines.find((line) => line.includes(` name=${name} `) && line.includes(` ${flag} `))?.match(/id=(\d+)/)?.[1];
  }

  test('it counts, is given back when nothing is heard any more, and is lent again', async () => {
    const pool = new ConnectionPool({ port: server.port, protocol: 2, maxConnections: 1, name: 'only' });
    const { redis } = createClient(server.url, { pool });
    const heard: string[] = [];
    const subscription = await redis.subscribe('c', ({ payload }) => heard.push(payload));
    assert.deepEqual([pool.lent, pool.idle], [1, 0]);
    const id = await idOf(server.url, 'only', 'sub=1');
    const { error } = await outcome(redis.blpop('q', 1));
    assert.ok(error instanceof ConnectionError && /all 1 connections/.test(error.message), inspect(error));
    await redis.publish('c', 'm');
    await until(() => heard.length === 1);
    subscription.close();
    await until(() => isDeepStrictEqual([pool.lent, pool.idle], [0, 1]));
    await redis.rpush('q', 'v');
    assert.deepEqual(await redis.blpop('q', 5), ['q', 'v']);
    const lease = await pool.reserve();
    assert.ok(String(id).length > 0 && (await idOf(server.url, 'only', 'sub=0')) !== undefined);
    lease.release();
    // Ended and begun anew at once: what the former one had is waited for.
    for (let i = 0; i < 5; i++) (await redis.subscribe('c', noop)).close();
    const last = await redis.psubscribe('*', ({ payload }) => heard.push(payload));
    assert.equal(await idOf(server.url, 'only', 'psub=1'), id, 'always the same connection');
    await redis.publish('c', 'again');
    await until(() => heard.length === 2);
    last.close();
    await redis.close();
    pool.disconnect();
  });

  test('none to be had: SUBSCRIBE says so at once; with a blocking pool it waits', async () => {
    const pool = new ConnectionPool({ port: server.port, protocol: 2, maxConnections: 1 });
    const { redis } = createClient(server.url, { pool });
    const lease = await pool.reserve();
    const { error } = await outcome(redis.subscribe('c', noop));
    assert.ok(
      error instanceof ConnectionError && error.applied === 'no' && /in use/.test(error.message),
      inspect(error),
    );
    lease.release();
    (await redis.subscribe('c', noop)).close();
    await redis.close();
    pool.disconnect();

    const patient = new BlockingConnectionPool({ port: server.port, protocol: 2, maxConnections: 1 });
    const clients = [createClient(server.url, { pool: patient }), createClient(server.url, { pool: patient })] as const;
    const first = await clients[0].redis.subscribe('c', noop);
    let isSecond = false;
    const second = clients[1].redis.subscribe('c', noop).then((subscription) => {
      isSecond = true;
      return subscription;
    });
    await until(() => patient.waiting === 1);
    assert.equal(isSecond, false);
    first.close();
    (await second).close();
    await until(() => patient.lent === 0);
    for (const { redis } of clients) await redis.close();
    patient.disconnect();
  });

  test('a lost connection is replaced by one of the pool, as soon as there is one, and the gap is told', async () => {
    const proxy = await FaultyLink.start(server.port);
    const pool = ConnectionPool.fromUrl(proxy.url, { protocol: 2, maxConnections: 1 });
    const { redis } = createClient(server.url, { pool, reconnect: (attempt) => (attempt === 1 ? 1500 : 10) });
    const told: string[] = [];
    await redis.subscribe('c', { message: ({ payload }) => void told.push(payload), gap: () => void told.push('gap') });
    proxy.drop();
    await until(() => pool.lent === 0);
    const thief = await pool.reserve();
    await using direct = open(server.url);
    assert.equal(await direct.publish('c', 'unheard'), 0);
    thief.release();
    await until(() => told.includes('gap'));
    await direct.publish('c', 'heard');
    await until(() => told.includes('heard'));
    assert.deepEqual(told, ['gap', 'heard']);
    await redis.close();
    pool.disconnect();
    await proxy.stop();
  });

  test('a pool that is disconnected ends the subscribers of its clients', async () => {
    const pool = new ConnectionPool({ port: server.port, protocol: 2 });
    const { redis } = createClient(server.url, { pool });
    let ended: unknown = 'not yet';
    await redis.subscribe('c', { message: noop, end: (error) => (ended = error) });
    pool.disconnect();
    await until(() => ended !== 'not yet');
    assert.equal(ended, null);
    assert.ok((await outcome(redis.subscribe('c', noop))).error instanceof ClosedError);
    assert.equal(await redis.ping(), 'PONG');
    await redis.close();
  });

  test('a connection that could not log in anew while it was lent is not lent again', async () => {
    const listeners: (() => void)[] = [];
    const onChange = (listener: () => void): void => void listeners.push(listener);
    const credentials = { get: () => ({ password: 'p' }), onChange };
    await using admin = open(server.url);
    await admin.call('ACL', 'SETUSER', 'default', '>p');
    const { redis, backend } = createClient(server.url, { protocol: 2, credentials });
    const subscription = await redis.subscribe('c', noop);
    await redis.ping();
    for (const changed of listeners) changed();
    await until(async () => /cmd=auth/.test(String(await admin.call('CLIENT', 'LIST'))));
    await admin.call('ACL', 'SETUSER', 'default', 'nopass');
    subscription.close();
    await until(() => isDeepStrictEqual(lendable(backend.stats().pool), [0, 0]));
    await redis.close();
  });

  test('client that closes while it waits for a pool: nothing hangs', async () => {
    const pool = new BlockingConnectionPool({ port: server.port, protocol: 2, maxConnections: 1, timeout: null });
    const lease = await pool.reserve();
    const { redis } = createClient(server.url, { pool });
    const waiting = outcome(redis.subscribe('c', noop), 20_000);
    const blocked = outcome(redis.blpop('q', 0), 20_000);
    await until(() => pool.waiting === 2);
    const closed = redis.close();
    assert.ok((await blocked).error instanceof ClosedError);
    assert.notEqual((await waiting).error, undefined);
    await closed;
    lease.release();
    await until(() => pool.lent === 0 && pool.waiting === 0);
    pool.disconnect();
  });
});
