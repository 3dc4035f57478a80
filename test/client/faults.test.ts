import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createClient } from '../../src/client/index.js';
import {
  BusyLoadingError,
  ClosedError,
  ConnectionError,
  QueueFullError,
  ReadOnlyError,
  TimeoutError,
} from '../../src/core/errors.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { FakeServer } from '../support/fake-server.js';
import { FaultyLink } from '../support/proxy.js';
import { freePort, type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

/** What ended badly, of many. */
function isFault(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof TimeoutError;
}

describe('faults between client and server', { skip: (await findRedis()) === null ? whyNoRedis() : false }, () => {
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

  test('a reply that does not come: the command and those after it end by their deadlines, then all is well', async () => {
    await using db = open(`${proxy.url}?timeout=150`);
    await db.set('k', 'v');
    proxy.stalled = true;
    const [read, write] = await Promise.all([outcome(db.get('k'), 400), outcome(db.incr('n'), 400)]);
    assert.ok(read.error instanceof TimeoutError && read.error.applied === 'no', inspect(read));
    assert.ok(write.error instanceof TimeoutError && write.error.applied === 'maybe', inspect(write));
    proxy.stalled = false;
    // Rivals kept the dead socket here: every later command timed out as well.
    assert.equal(await db.get('k'), 'v');
    assert.equal(proxy.accepted, 2, 'the connection was replaced');
  });

  test('a peer that went silent while the client was idle is found out by the first deadline', async () => {
    await using db = open(`${proxy.url}?timeout=150`);
    await db.get('k');
    await sleep(200);
    proxy.deaf = true;
    assert.ok((await outcome(db.get('k'), 400)).error instanceof TimeoutError);
    proxy.deaf = false;
    assert.equal(await db.set('k', 'v'), true);
  });

  test('an idle connection is pinged, and replaced when the ping is missed', async () => {
    const { redis, backend } = createClient(`${proxy.url}?pingInterval=60&connectTimeout=150`);
    const errors: string[] = [];
    backend.on('error', (error) => errors.push(error.message));
    await backend.connect();
    await sleep(250);
    assert.deepEqual([proxy.accepted, errors], [1, []], 'answered pings change nothing');
    proxy.stalled = true;
    await until(() => errors.length > 0);
    proxy.stalled = false;
    assert.match(errors[0]!, /did not answer in time/);
    await until(() => proxy.accepted >= 2);
    assert.equal(await redis.get('k'), null);
    await redis.close();
  });

  test('a late reply is taken by its tombstone, never by another command', async () => {
    let held: (() => void)[] = [];
    const fake = await FakeServer.start((argv, connection) => {
      if (argv[0] === 'ECHO') held.push(() => connection.write(`$${argv[1]!.length}\r\n${argv[1]}\r\n`));
      return null;
    });
    const release = (): void => {
      for (const send of held.splice(0)) send();
    };
    const db = open(fake.url);
    const controller = new AbortController();
    const aborted = Array.from({ length: 10 }, (_, i) =>
      outcome(db.with({ signal: controller.signal }).call('ECHO', `aborted ${i}`)),
    );
    const nonces = Array.from({ length: 10 }, (_, i) => outcome(db.call('ECHO', `nonce ${i}`)));
    await until(() => held.length === 20);
    controller.abort('changed my mind');
    for (const { error } of await Promise.all(aborted)) assert.equal(error, 'changed my mind');
    const later = outcome(db.call('ECHO', 'later'));
    await until(() => held.length === 21);
    release();
    for (const [i, { value }] of (await Promise.all(nonces)).entries()) assert.equal(value, `nonce ${i}`);
    assert.equal((await later).value, 'later');
    assert.equal(fake.connections, 1, 'an abort is no reason to leave a connection');
    // A missed deadline is: what the old connection owes still comes, to whom it belongs.
    const patient = outcome(db.call('ECHO', 'patient'));
    const late = await outcome(db.with({ timeout: 30 }).call('ECHO', 'late'));
    assert.ok(late.error instanceof TimeoutError);
    const next = outcome(db.call('ECHO', 'next'));
    await until(() => held.length === 3);
    release();
    assert.deepEqual(await Promise.all([patient, next]), [{ value: 'patient' }, { value: 'next' }]);
    assert.equal(fake.connections, 2);
    held = [];
    await db.close();
    await fake.stop();
  });

  test('an abort settles a command that was written; one that is aborted before is never sent', async () => {
    const fake = await FakeServer.start(() => null);
    const db = open(fake.url);
    const controller = new AbortController();
    const written = outcome(db.with({ signal: controller.signal }).incr('n'), 1000);
    const inMulti = outcome(db.with({ signal: controller.signal }).multi().incr('m').exec(), 1000);
    await until(() => fake.commands.includes('EXEC'));
    controller.abort('enough');
    assert.equal((await written).error, 'enough');
    assert.equal((await inMulti).error, 'enough');
    assert.equal((await outcome(db.with({ signal: controller.signal }).incr('late'))).error, 'enough');
    await sleep(30);
    assert.ok(!fake.commands.some((line) => line.includes('late')));
    const { error } = await outcome(db.with({ timeout: 60 }).multi().incr('m').exec(), 500);
    assert.ok(error instanceof TimeoutError && error.applied === 'maybe', 'MULTI has a deadline too');
    const closed = db.close();
    await closed;
    await fake.stop();
  });

  for (const [retry, error, count] of [
    ['never', 'maybe', '1'],
    ['safe', 'maybe', '1'],
    ['always', null, '2'],
  ] as const) {
    test(`INCR whose reply is lost, retry ${retry}: carried out ${count} times`, async () => {
      await using db = open(`${proxy.url}`, { retry });
      await db.get('warm');
      proxy.stalled = true;
      const increment = outcome(db.incr('n'), 3000);
      await using direct = open(server.url);
      await until(async () => (await direct.get('n')) === '1');
      proxy.drop();
      proxy.stalled = false;
      const { value, error: got } = await increment;
      if (error === null) assert.equal(value, 2);
      else
        assert.ok(
          got instanceof ConnectionError && got.applied === error && got.cause instanceof ConnectionError,
          inspect(got),
        );
      assert.equal(await direct.get('n'), count);
    });
  }

  test('reads whose replies are lost are sent again, in order; with retry never they are not', async () => {
    await using db = open(proxy.url);
    await db.set('k', 'v');
    proxy.stalled = true;
    const reads = Promise.all([
      outcome(db.get('k')),
      outcome(db.strlen('k')),
      outcome(db.pipeline().get('k').exists('k').exec()),
    ]);
    const never = outcome(db.with({ retry: 'never' }).get('k'));
    await sleep(30);
    proxy.drop('end');
    proxy.stalled = false;
    assert.deepEqual(await reads, [{ value: 'v' }, { value: 1 }, { value: ['v', 1] }]);
    const { error } = await never;
    assert.ok(error instanceof ConnectionError && error.applied === 'no');
  });

  test('a read that kills the connection each time is given up', async () => {
    const fake = await FakeServer.start((argv, connection) => {
      if (argv[0] === 'GET') connection.end();
      return null;
    });
    await using db = open(fake.url, { retriesMax: 2, reconnect: { base: 5 } });
    const { error } = await outcome(db.get('k'), 3000);
    assert.ok(error instanceof ConnectionError, inspect(error));
    assert.equal(fake.commands.filter((line) => line === 'GET k').length, 3);
    await fake.stop();
  });

  test('a transaction cut by a lost connection is never split or repeated', async () => {
    await using db = open(proxy.url);
    await db.get('warm');
    proxy.deaf = true;
    const lost = outcome(db.multi().incr('a').incr('b').exec());
    await sleep(20);
    const waiting = outcome(db.multi().incr('a').incr('b').exec());
    proxy.deaf = false;
    proxy.drop();
    for (const { error } of [await lost, await waiting])
      assert.ok(error instanceof ConnectionError && error.applied === 'maybe', inspect(error));
    const queued = await db.multi().incr('a').incr('b').exec();
    assert.deepEqual(queued, [1, 1]);
  });

  test('commands given while there is no server wait for it, in order', async () => {
    const port = await freePort();
    const db = open(`redis://127.0.0.1:${port}`, { reconnect: { base: 10, cap: 50 } });
    const first = db.set('k', '1');
    const all = Promise.all([first, db.incr('k'), db.multi().incr('k').incr('k').exec(), db.get('k')]);
    await sleep(100);
    const late = await startRedis({ port });
    assert.deepEqual(await all, [true, 2, [3, 4], '4']);
    await db.close();
    await late.stop();
  });

  test('the queue is bounded: what does not fit is refused at once', async () => {
    const port = await freePort();
    const db = open(`redis://127.0.0.1:${port}?queueMax=10&timeout=200`);
    const all = await Promise.all(Array.from({ length: 15 }, (_, i) => outcome(db.incr(`${i}`), 1000)));
    assert.deepEqual(
      all.map(({ error }) => error.constructor.name),
      [...Array.from({ length: 10 }, () => 'TimeoutError'), ...Array.from({ length: 5 }, () => 'QueueFullError')],
    );
    assert.ok(all[14]!.error instanceof QueueFullError && all[14]!.error.applied === 'no');
    // Room again, now that those have ended.
    assert.ok((await outcome(db.get('k'), 1000)).error instanceof TimeoutError);
    await db.close();
  });

  test('replies cut off after every byte: each command settles, and with a reply of its own', async () => {
    const words = ['alpha', 'beta', 'gamma'];
    await using direct = open(server.url);
    for (const word of words) await direct.set(word, word);
    // HELLO's reply is about 130 bytes.
    for (let cut = 1; cut < 190; cut += 11) {
      proxy.cutAfterBytes = cut;
      const db = open(proxy.url, { reconnect: { base: 1, cap: 5 }, retriesMax: 1, timeout: 200 });
      const pending = words.map((word) => outcome(db.get(word), 2000));
      const writes = outcome(db.append('w', 'x'), 2000);
      const got = await Promise.all(pending);
      for (const [i, { value, error }] of got.entries())
        assert.ok(value === words[i] || isFault(error), `cut at ${cut}: ${inspect(got)}`);
      const { value, error } = await writes;
      assert.ok(typeof value === 'number' || isFault(error));
      await db.close();
    }
  });

  test('a counter under fire ends between what was acknowledged and that plus what may have been', async () => {
    const db = open(proxy.url, { reconnect: { base: 2, cap: 10 }, timeout: 400 });
    let acknowledged = 0;
    let maybe = 0;
    let over = false;
    const worker = async (id: number): Promise<void> => {
      for (let i = 0; !over; i++) {
        const nonce = `${id}:${i}`;
        const [count, echo] = await Promise.all([
          outcome(db.incr('counter'), 3000),
          outcome(db.with({ retry: 'always' }).call('ECHO', nonce), 3000),
        ]);
        if (count.error === undefined) acknowledged++;
        else if (count.error.applied === 'maybe') maybe++;
        assert.ok(echo.value === nonce || isFault(echo.error), inspect(echo));
      }
    };
    const workers = Array.from({ length: 20 }, (_, id) => worker(id));
    for (let i = 0; i < 12; i++) {
      await sleep(40);
      if (i % 3 === 2) proxy.stalled = true;
      await sleep(10);
      proxy.drop(i % 2 === 0 ? 'reset' : 'end');
      proxy.stalled = false;
    }
    over = true;
    await Promise.all(workers);
    await db.close();
    await using direct = open(server.url);
    const counter = Number(await direct.get('counter'));
    assert.ok(
      counter >= acknowledged && counter <= acknowledged + maybe,
      `${acknowledged} ≤ ${counter} ≤ ${acknowledged + maybe}`,
    );
    assert.ok(acknowledged > 100 && maybe > 0, `${acknowledged} acknowledged, ${maybe} maybe`);
  });

  test('kill -9 and SIGSTOP of the server: every promise settles by its deadline', async () => {
    const port = await freePort();
    let victim = await startRedis({ port });
    const db = open(victim.url, { timeout: 300, reconnect: { base: 5, cap: 20 } });
    await db.set('k', 'v');
    process.kill(victim.pid, 'SIGSTOP');
    const stopped = await Promise.all([
      outcome(db.get('k'), 700),
      outcome(db.incr('n'), 700),
      outcome(db.pipeline().incr('n').exec(), 700),
    ]);
    for (const { error } of stopped) assert.ok(error instanceof TimeoutError, inspect(error));
    process.kill(victim.pid, 'SIGCONT');
    assert.equal((await outcome(db.get('k'), 1000)).value, 'v');
    process.kill(victim.pid, 'SIGKILL');
    const killed = await Promise.all([outcome(db.get('k'), 700), outcome(db.incr('n'), 700)]);
    for (const { error } of killed) assert.ok(isFault(error), inspect(error));
    await victim.stop();
    victim = await startRedis({ port });
    assert.equal((await outcome(db.get('k'), 1000)).value, null);
    await db.close();
    await victim.stop();
  });

  test('CLIENT PAUSE and CLIENT KILL', async () => {
    await using db = open(server.url, { timeout: 150 });
    await using admin = open(server.url);
    await db.get('k');
    await admin.call('CLIENT', 'PAUSE', '250');
    assert.ok((await outcome(db.get('k'), 400)).error instanceof TimeoutError);
    await sleep(200);
    assert.equal(await db.get('k'), null);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
    assert.equal(await db.get('k'), null);
  });

  test('nothing listens to errors, and the process lives', async () => {
    const { redis, backend } = createClient(proxy.url, { reconnect: { base: 1, cap: 2 } });
    await backend.connect();
    for (let i = 0; i < 5; i++) {
      proxy.drop();
      await sleep(10);
    }
    assert.equal(await redis.get('k'), null);
    const events: string[] = [];
    for (const event of ['ready', 'close', 'reconnecting', 'error', 'end'] as const)
      backend.on(event, () => events.push(event));
    proxy.drop();
    await until(() => events.includes('ready'));
    await redis.close();
    assert.deepEqual(events, ['close', 'error', 'reconnecting', 'ready', 'end']);
  });

  test('many reconnects leave no listeners and no memory behind', async () => {
    const { redis, backend } = createClient(proxy.url, { reconnect: () => 0 });
    let opened = 0;
    const off = backend.on('ready', () => opened++);
    await backend.connect();
    const controller = new AbortController();
    const db = redis.with({ signal: controller.signal });
    const heap = (): number => {
      (globalThis as { gc?: () => void }).gc?.();
      return process.memoryUsage().heapUsed;
    };
    const before = heap();
    while (opened < 100) {
      const seen = opened;
      await db.get('k');
      proxy.drop();
      await until(() => opened > seen);
    }
    assert.ok(heap() - before < 20_000_000);
    await until(() => proxy.connections === 1);
    off();
    await redis.close();
  });

  test('READONLY and LOADING have errors of their own', async () => {
    const fake = await FakeServer.start((argv) => {
      if (argv[0] === 'SET') return "-READONLY You can't write against a read only replica.\r\n";
      return argv[0] === 'GET' ? '-LOADING Redis is loading the dataset in memory\r\n' : null;
    });
    await using db = open(fake.url);
    const write = (await outcome(db.set('k', 'v'))).error;
    assert.ok(write instanceof ReadOnlyError && write.code === 'READONLY' && write.command === 'SET');
    assert.ok((await outcome(db.get('k'))).error instanceof BusyLoadingError);
    await db.close();
    await fake.stop();
  });

  test('close lets replies come, destroy does not', async () => {
    const one = createClient(server.url);
    await one.backend.connect();
    const asked = Array.from({ length: 100 }, () => one.redis.incr('closing'));
    await one.redis.close();
    assert.equal((await Promise.all(asked)).at(-1), 100);
    assert.ok((await outcome(one.redis.get('k'))).error instanceof ClosedError);
    const two = createClient(server.url);
    const unsent = outcome(two.redis.incr('x'));
    two.backend.destroy();
    const { error } = await unsent;
    assert.ok(error instanceof ClosedError && error.applied === 'no', inspect(error));
    await two.redis.close();
    const three = createClient(proxy.url);
    await three.backend.connect();
    proxy.stalled = true;
    const sent = outcome(three.redis.incr('x'));
    await sleep(20);
    three.backend.destroy();
    const late = (await sent).error;
    assert.ok(late instanceof ClosedError && late.applied === 'maybe', inspect(late));
    const never = createClient(server.url);
    await never.redis.close();
  });
});
