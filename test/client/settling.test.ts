import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { BlockingConnectionPool, ConnectionPool, createClient } from '../../src/client/index.js';
import { Alarm, TimerWheel } from '../../src/client/timer-wheel.js';
import { millisNow } from '../../src/core/clock.js';
import { ClosedError, ConnectionError, QueueFullError, ReplyError, TimeoutError } from '../../src/core/errors.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { FakeServer } from '../support/fake-server.js';
import { FaultyLink } from '../support/proxy.js';
import { freePort, type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

const skip = (await findRedis()) === null ? whyNoRedis() : false;

/** What is thrown at nobody while `act` runs. */
async function uncaught(act: () => Promise<unknown>, count: number): Promise<unknown[]> {
  const thrown: unknown[] = [];
  const taken = process.listeners('uncaughtException');
  const take = (error: unknown): void => void thrown.push(error);
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', take);
  try {
    await act();
    await until(() => thrown.length >= count);
  } finally {
    process.off('uncaughtException', take);
    for (const listener of taken) process.on('uncaughtException', listener);
  }
  return thrown;
}

describe('the wheel of all deadlines', () => {
  test('a deadline beyond what the timers of the runtime know does not make it spin', async () => {
    const warnings: string[] = [];
    const warn = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', warn);
    let looks = 0;
    const wheel = new TimerWheel(() => {
      looks++;
      return millisNow();
    });
    const far = new Alarm(() => assert.fail('rang after no time at all'));
    wheel.set(far, millisNow() + 40 * 86_400_000);
    const before = looks;
    let near = false;
    const soon = new TimerWheel();
    soon.set(new Alarm(() => (near = true)), millisNow() + 50);
    await until(() => near);
    assert.ok(far.isSet);
    assert.ok(looks - before < 3, `looked at the clock ${looks - before} times`);
    wheel.clear(far);
    process.off('warning', warn);
    assert.deepEqual(warnings, []);
  });

  test('one whose alarm throws does not keep the others from theirs', async () => {
    const wheel = new TimerWheel();
    const rung: string[] = [];
    const thrown = await uncaught(async () => {
      const at = millisNow() + 10;
      wheel.set(new Alarm(() => rung.push('a')), at);
      wheel.set(new Alarm(() => { throw new Error('mine'); }), at); // biome-ignore format: one line
      wheel.set(new Alarm(() => rung.push('b')), at);
      wheel.set(new Alarm(() => rung.push('later')), at + 40);
      await until(() => rung.length === 3);
    }, 1);
    assert.deepEqual(rung.toSorted(), ['a', 'b', 'later']);
    assert.equal((thrown[0] as Error).message, 'mine');
    wheel.set(new Alarm(() => rung.push('after')), millisNow() + 5);
    await until(() => rung.includes('after'));
  });
});

describe('every promise settles, whatever is said by others', { skip }, () => {
  let server: RunningServer;
  let proxy: FaultyLink;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());
  beforeEach(async () => {
    proxy = await FaultyLink.start(server.port);
    await using db = open(server.url);
    await db.flushall();
  });
  afterEach(() => proxy.stop());

  for (const [title, answer] of [
    ['undefined', undefined],
    ['not a number', Number.NaN],
    ['never', Number.POSITIVE_INFINITY],
    ['negative', -1],
  ] as const) {
    test(`a reconnect policy that says ${title} gives up until the next command`, async () => {
      const port = await freePort();
      const db = open(`redis://127.0.0.1:${port}`, { reconnect: () => answer as number, timeout: 20_000 });
      for (const ask of [() => db.get('k'), () => db.blpop('q', 0)]) {
        const { error } = await outcome(ask(), 15_000);
        assert.ok(error instanceof ConnectionError && /ECONNREFUSED/.test(error.message), inspect(error));
      }
      const late = await startRedis({ port });
      assert.equal(await db.get('k'), null);
      await db.close();
      await late.stop();
    });
  }

  test('a reconnect policy that throws gives up as well; its error is its own', async () => {
    const port = await freePort();
    const reconnect = (): number => {
      throw new Error('from the policy');
    };
    const db = open(`redis://127.0.0.1:${port}`, { reconnect, timeout: 20_000 });
    const thrown = await uncaught(async () => {
      assert.ok((await outcome(db.get('k'), 15_000)).error instanceof ConnectionError);
    }, 1);
    assert.equal((thrown[0] as Error).message, 'from the policy');
    await db.close();
  });

  test('a write that was written once and waits to be written again may have been carried out', async () => {
    for (const end of ['deadline', 'close', 'give up'] as const) {
      const link = await FaultyLink.start(server.port);
      let mayConnect = true;
      const reconnect = (): number | null => (mayConnect ? 10 : null);
      const { redis, backend } = createClient(link.url, { retry: 'always', timeout: 1000, reconnect });
      await redis.del('n');
      link.stalled = true;
      const written = outcome(redis.incr('n'), 20_000);
      await using direct = open(server.url);
      await until(async () => (await direct.get('n')) === '1');
      if (end === 'give up') mayConnect = false;
      await link.refuse();
      if (end === 'close') {
        await until(() => backend.stats().retries === 1);
        backend.destroy();
      }
      const { error } = await written;
      assert.equal(error.applied, 'maybe', `${end}: ${inspect(error)}`);
      assert.match(error.message, /INCR had no reply/);
      assert.equal(error.command, 'INCR');
      assert.equal(await direct.get('n'), '1');
      backend.destroy();
    }
  });

  test('what waits for a connection is bounded in bytes too, and so is what one turn writes', async () => {
    const port = await freePort();
    const db = open(`redis://127.0.0.1:${port}?queueBytesMax=1000000&timeout=200`);
    const value = 'x'.repeat(100_000);
    const all = await Promise.all(Array.from({ length: 15 }, (_, i) => outcome(db.set(`${i}`, value), 20_000)));
    const names = all.map(({ error }) => error.constructor.name);
    assert.deepEqual([names.indexOf('QueueFullError'), names.lastIndexOf('TimeoutError')], [10, 9], inspect(names));
    // Those have ended: there is room again.
    assert.ok((await outcome(db.set('k', value), 20_000)).error instanceof TimeoutError);
    await db.close();

    await using live = open(`${server.url}?queueBytesMax=1000000`);
    await live.ping();
    const turn = await Promise.all(Array.from({ length: 15 }, (_, i) => outcome(live.set(`${i}`, value), 20_000)));
    const refused = turn.filter(({ error }) => error instanceof QueueFullError).length;
    assert.ok(refused >= 4 && turn.every(({ value, error }) => value === true || error.applied === 'no'), `${refused}`);
    await live.room();
    assert.equal(await live.set('k', value), true);
  });

  test('a full queue of commands that were aborted takes others', async () => {
    const port = await freePort();
    const db = open(`redis://127.0.0.1:${port}?queueMax=10&timeout=20000`);
    const controller = new AbortController();
    const aborted = Array.from({ length: 10 }, () => outcome(db.with({ signal: controller.signal }).incr('n'), 20_000));
    assert.ok((await outcome(db.incr('n'))).error instanceof QueueFullError);
    controller.abort('enough');
    for (const { error } of await Promise.all(aborted)) assert.equal(error, 'enough');
    let taken: Promise<unknown> | undefined;
    await until(async () => {
      const tried = db.incr('n');
      const refused = await Promise.race([outcome(tried), new Promise((resolve) => setImmediate(resolve, null))]);
      if (refused === null) taken = outcome(tried, 20_000);
      return refused === null;
    });
    const late = await startRedis({ port });
    assert.deepEqual(await taken, { value: 1 });
    await db.close();
    await late.stop();
  });

  test('a blocking command waits no longer for its connection than its signal and its client', async () => {
    const port = await freePort();
    const reconnect = (): number => 60_000;
    const db = open(`redis://127.0.0.1:${port}`, { reconnect, timeout: 0 });
    const controller = new AbortController();
    const aborted = outcome(db.with({ signal: controller.signal }).blpop('q', 0), 20_000);
    const closed = outcome(db.blpop('q', 0), 20_000);
    const unanswered = outcome(db.get('k'), 20_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    controller.abort('enough');
    assert.equal((await aborted).error, 'enough');
    const close = db.close();
    assert.ok((await closed).error instanceof ClosedError);
    await close;
    assert.ok((await unanswered).error instanceof ClosedError);
  });

  test('a pool that is disconnected keeps nobody: neither those who wait nor those who connect', async () => {
    const pool = new BlockingConnectionPool({ port: server.port, maxConnections: 1, timeout: null });
    await pool.acquire();
    const waiting = Array.from({ length: 5 }, () => outcome(pool.acquire(), 20_000));
    pool.disconnect();
    for (const { error } of await Promise.all(waiting)) assert.ok(error instanceof ClosedError, inspect(error));
    const silent = await FakeServer.start(() => '');
    const connecting = ConnectionPool.fromUrl(silent.url, { connectTimeout: 0 });
    const opening = [outcome(connecting.acquire(), 20_000), outcome(connecting.reserve(), 20_000)];
    await until(() => silent.connections === 2);
    connecting.disconnect();
    for (const { error } of await Promise.all(opening)) assert.ok(error instanceof ClosedError, inspect(error));
    await silent.stop();
  });

  test('who waits for a pool is served in turn, and told by whose time it ended', async () => {
    const pool = new BlockingConnectionPool({ port: server.port, maxConnections: 1 });
    const first = await pool.acquire();
    const order: string[] = [];
    const waiting = pool.acquire().then((connection) => order.push('waited') && pool.release(connection));
    pool.release(first);
    // Comes later, and finds nothing that is free: the one before it has that.
    const late = pool.acquire().then((connection) => order.push('late') && pool.release(connection));
    await Promise.all([waiting, late]);
    assert.deepEqual(order, ['waited', 'late']);
    await pool.acquire();
    const { redis } = createClient(server.url, { pool, timeout: 100 });
    const { error } = await outcome(redis.blpop('q', 0), 20_000);
    assert.ok(error instanceof TimeoutError && error.applied === 'no', inspect(error));
    assert.match(error.message, /BLPOP could not be sent within 100 ms/);
    await redis.close();
    pool.disconnect();
  });

  test('a peer that owes nothing but replies nobody waits for is found out to be gone', async () => {
    let mute = false;
    const fake = await FakeServer.start((argv, connection) => {
      if (mute && argv[0] !== 'HELLO') return '';
      if (argv[0] === 'PING') return '+PONG\r\n';
      if (argv[0] !== 'ECHO') return null;
      connection.write(`$1\r\n${argv[1]}\r\n`);
      return '';
    });
    const { redis, backend } = createClient(fake.url, { pingInterval: 100 });
    const errors: string[] = [];
    backend.on('error', ({ message }) => errors.push(message));
    assert.equal(await redis.echo('a'), 'a');
    mute = true;
    const controller = new AbortController();
    const given = outcome(redis.with({ signal: controller.signal, timeout: 0 }).echo('b'), 20_000);
    controller.abort('up');
    assert.equal((await given).error, 'up');
    await until(() => errors.some((message) => /did not answer in time/.test(message)));
    mute = false;
    assert.equal(await redis.echo('c'), 'c');
    await redis.close();
    await fake.stop();
  });

  test('a blocking read that lost its connection is asked again for the rest of its time; a pop is not', async () => {
    await using db = open(proxy.url);
    await using direct = open(server.url);
    const startedAt = performance.now();
    const read = outcome(db.xread({ s: '$' }, { block: 3000 }), 30_000);
    const empty = outcome(db.xread({ none: '$' }, { block: 400 }), 30_000);
    const never = outcome(db.with({ retry: 'never' }).xread({ s: '$' }, { block: 3000 }), 30_000);
    const pop = outcome(db.blpop('q', 3), 30_000);
    const blocked = async (): Promise<number> =>
      Number(/blocked_clients:(\d+)/.exec(String(await direct.call('INFO', 'clients')))?.[1]);
    await until(async () => (await blocked()) >= 3);
    proxy.drop();
    const lost = (await pop).error;
    assert.ok(lost instanceof ConnectionError && lost.applied === 'maybe', inspect(lost));
    assert.ok((await never).error instanceof ConnectionError);
    await until(async () => (await blocked()) >= 1);
    assert.deepEqual(await empty, { value: null });
    await direct.xadd('s', '*', { f: 'v' });
    const { value, error } = await read;
    assert.ok(value !== undefined || performance.now() - startedAt > 3000, inspect(error));
    if (value !== null) assert.match(JSON.stringify(value), /"f":"v"/);
  });

  test('a pop that CLIENT PAUSE holds back ends by its deadline, and the server lives on', async () => {
    await using admin = open(server.url);
    await using db = open(server.url);
    await admin.call('CLIENT', 'PAUSE', '60000', 'WRITE');
    try {
      const { error } = await outcome(db.with({ timeout: 100 }).blpop('held', 0), 20_000);
      assert.ok(error instanceof TimeoutError && error.applied === 'maybe', inspect(error));
      const controller = new AbortController();
      const aborted = outcome(db.with({ signal: controller.signal }).blpop('held', 0), 20_000);
      await until(async () => /blocked_clients:1/.test(String(await admin.call('INFO', 'clients'))));
      controller.abort('enough');
      assert.equal((await aborted).error, 'enough');
      await until(async () => /blocked_clients:0/.test(String(await admin.call('INFO', 'clients'))));
    } finally {
      await admin.call('CLIENT', 'UNPAUSE');
    }
    await admin.rpush('held', 'v');
    assert.deepEqual(await db.lrange('held', 0, -1), ['v'], 'what was given up pops nothing later');
    assert.ok(server.alive());
  });

  for (const [title, replies, expected] of [
    ['PONG: nothing was taken', '+PONG\r\n', 'enough'],
    ['its own reply after all: it is delivered', '*2\r\n$1\r\nq\r\n$1\r\nv\r\n+PONG\r\n', ['q', 'v']],
    ['nothing after all', '*-1\r\n+PONG\r\n', 'enough'],
  ] as const) {
    test(`UNBLOCKED, and then ${title}`, async () => {
      let blocked: ((raw: string) => void) | undefined;
      const fake = await FakeServer.start((argv, connection) => {
        if (argv[0] === 'BLPOP') blocked = (raw) => connection.write(raw);
        if (argv[1] === 'UNBLOCK') blocked?.('-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n');
        if (argv[1] === 'UNBLOCK') return ':1\r\n';
        return argv[0] === 'PING' ? replies : argv[0] === 'BLPOP' ? '' : null;
      });
      const { redis, backend } = createClient(fake.url);
      const controller = new AbortController();
      const popped = outcome(redis.with({ signal: controller.signal }).blpop('q', 0), 20_000);
      await until(() => blocked !== undefined);
      controller.abort('enough');
      const { value, error } = await popped;
      assert.deepEqual(value ?? error, expected);
      // What came after a reply that was delivered belongs to nobody else; the connection serves on.
      await until(() => (backend.stats().pool as { inUse: number }).inUse === 0);
      await redis.close();
      await fake.stop();
    });
  }

  test('MULTI that is refused says why: the answer to what could not be queued is the cause', async () => {
    await using admin = open(server.url);
    await admin.call('ACL', 'SETUSER', 'reader', 'on', '>p', '~*', '&*', '+@all', '-incr');
    await using db = open(server.url, { username: 'reader', password: 'p' });
    const { error } = await outcome(db.multi().set('a', '1').incr('n').exec());
    assert.ok(error instanceof ReplyError && error.code === 'EXECABORT', inspect(error));
    assert.ok(error.cause instanceof ReplyError && error.cause.code === 'NOPERM', inspect(error.cause));
    assert.equal(await db.get('a'), null);
    assert.deepEqual(await db.multi().set('a', '1').exec(), [true]);
  });

  test('a reply that cannot be shown fails in its place, not the others', async () => {
    await using db = open(server.url);
    await db.set('large', '9007199254740993');
    const settled = await db.pipeline().set('a', '1').incrby('large', 1).get('a').execSettled();
    assert.deepEqual([settled[0], settled[2]], [true, '1']);
    assert.match(String(settled[1]), /9007199254740994/);
    const { error } = await outcome(db.multi().incrby('large', 1).get('a').exec());
    assert.equal(error.replies[1], '1', inspect(error));
  });
});
