import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BlockingConnectionPool } from '../../src/client/index.js';
import { commandTable } from '../../src/commands/table.js';
import { ClosedError, QueueFullError, ReplyError, TimeoutError } from '../../src/core/errors.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { FakeServer } from '../support/fake-server.js';
import { FaultyLink } from '../support/proxy.js';
import { type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

const skip = (await findRedis()) === null ? whyNoRedis() : false;

/** What comes by a diagnostics channel while `work` runs. */
async function published(name: string, work: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const messages: Record<string, unknown>[] = [];
  const listener = (message: unknown): void => void messages.push(message as Record<string, unknown>);
  channel(name).subscribe(listener);
  try {
    await work();
  } finally {
    channel(name).unsubscribe(listener);
  }
  return messages;
}

describe('what a client tells of itself', { skip }, () => {
  let server: RunningServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  test('stats before the first command are all there, in zeros', async () => {
    await using db = open(server.url, { cache: true });
    const idle = db.stats();
    await db.ping();
    const used = db.stats();
    const shapeOf = (stats: object): unknown =>
      Object.entries(stats).map(([name, value]) => [name, typeof value === 'object' ? shapeOf(value) : typeof value]);
    assert.deepEqual(shapeOf(idle), shapeOf(used));
    assert.deepEqual([idle.state, idle.commands, idle.connections, used.state], ['idle', 0, 0, 'ready']);
  });

  test('stats: gauges, errors by code, latency and pool', async () => {
    await using db = open(server.url);
    await db.set('k', 'v');
    await db.pipeline().get('k').get('k').exec();
    await outcome(db.lpush('k', 'x'));
    const blocked = db.blpop('none', 0.1);
    await until(() => (db.stats().pool as { inUse: number }).inUse === 1);
    await blocked;
    const stats = db.stats();
    assert.equal(stats.backend, 'client');
    assert.equal(stats.state, 'ready');
    assert.deepEqual([stats.commands, stats.connects, stats.connections], [5, 2, 2]);
    assert.deepEqual(stats.errors, { WRONGTYPE: 1 });
    assert.deepEqual([stats.inFlight, stats.queued, stats.reconnects, stats.timeouts], [0, 0, 0, 0]);
    assert.ok(Number(stats.bytesIn) > 50 && Number(stats.bytesOut) > 50);
    const latency = stats.latency as Record<string, number>;
    assert.equal(latency.count, 3);
    assert.ok(
      latency.p50! > 0 && latency.p50! <= latency.p99! && latency.p99! <= latency.max!,
      JSON.stringify(latency),
    );
    assert.deepEqual(stats.pool, { inUse: 0, opening: 0, idle: 1, waiting: 0, maxConnections: 1000 });
  });

  test('stats: what was lost, tried again and late', async () => {
    const link = await FaultyLink.start(server.port);
    await using db = open(link.url, { reconnect: { base: 5 } });
    await db.get('k');
    link.deaf = true;
    const lost = outcome(db.get('k'));
    await until(() => db.stats().inFlight === 1);
    link.deaf = false;
    link.drop();
    await lost;
    assert.deepEqual([db.stats().reconnects, db.stats().retries], [1, 1]);
    link.deaf = true;
    const { error } = await outcome(db.with({ timeout: 30 }).get('k'));
    assert.ok(error instanceof TimeoutError);
    assert.equal(db.stats().timeouts, 1);
    link.deaf = false;
    await link.stop();
    db.destroy();
  });

  test('slow commands are told to the listener and as an event; blocking ones are not slow', async () => {
    const heard: string[] = [];
    const listener = ({ command, duration }: { command: string; duration: number }): void => {
      assert.ok(duration >= 40);
      heard.push(command);
    };
    await using db = open(server.url, { slowCommand: { threshold: 40, listener } });
    await db.connect();
    const events: string[] = [];
    const off = db.on('slow', ({ command }) => events.push(command));
    assert.equal(await db.blpop('none', 0.1), null);
    await db.call(
      'EVAL',
      "local t = redis.call('time'); local u; repeat u = redis.call('time') until (u[1]-t[1])*1000000+u[2]-t[2] > 60000",
      0,
    );
    assert.deepEqual([heard, events], [['EVAL'], ['EVAL']]);
    assert.equal(db.stats().slow, 1);
    off();
  });

  test('diagnostics channels: command, with neither arguments nor replies', async () => {
    await using db = open(server.url);
    await db.connect();
    const messages = await published('keyspan:command', async () => {
      await db.set('secret-key', 'secret-value');
      await outcome(db.incr('secret-key'));
      await db.pipeline().get('secret-key').ping().exec();
    });
    assert.deepEqual(
      messages.map(({ command, duration }) => [command, typeof duration]),
      [
        ['SET', 'number'],
        ['INCR', 'number'],
        ['a pipeline of 2', 'number'],
      ],
    );
    assert.deepEqual(
      messages.map(({ error }) => error === null || error instanceof ReplyError),
      [true, true, true],
    );
    assert.ok(messages[1]!.error instanceof ReplyError);
    assert.doesNotMatch(JSON.stringify(messages), /secret/);
  });

  test('diagnostics channels: connect and reconnect', async () => {
    const link = await FaultyLink.start(server.port);
    let reconnects: Record<string, unknown>[] = [];
    const connects = await published('keyspan:connect', async () => {
      reconnects = await published('keyspan:reconnect', async () => {
        // Long enough to be seen.
        await using db = open(link.url, { reconnect: { base: 200 } });
        await db.connect();
        link.drop();
        await until(() => db.stats().state !== 'ready');
        await db.ping();
      });
    });
    assert.deepEqual(
      connects.map(({ protocol, error }) => [protocol, error]),
      [
        [3, null],
        [3, null],
      ],
    );
    assert.deepEqual(
      reconnects.map(({ attempt, delay }) => [attempt, Number(delay) <= 200]),
      [[1, true]],
    );
    await link.stop();
    const failed = await published('keyspan:connect', async () => {
      await using db = open('redis://127.0.0.1:1', { timeout: 50 });
      await outcome(db.ping());
      db.destroy();
    });
    assert.ok(failed.length > 0 && failed.every(({ protocol, error }) => protocol === 0 && error instanceof Error));
  });

  test('diagnostics channels: waiting for a pool', async () => {
    const pool = BlockingConnectionPool.fromUrl(server.url, { maxConnections: 1 });
    const first = await pool.reserve();
    const messages = await published('keyspan:pool-wait', async () => {
      const second = pool.reserve();
      await until(() => pool.waiting === 1);
      first.release();
      (await second).release();
    });
    assert.equal(messages.length, 1);
    assert.ok(Number(messages[0]!.duration) >= 0);
    pool.disconnect();
  });
});

describe('room', () => {
  test('a full queue refuses; room() resolves when commands are taken again', async () => {
    let held: (() => void)[] = [];
    const fake = await FakeServer.start((argv, connection) => {
      if (argv[0] === 'HELLO') return null;
      held.push(() => connection.write('+PONG\r\n'));
      return '';
    });
    const db = open(fake.url, { queueMax: 4 });
    await db.room();
    const calls = Array.from({ length: 5 }, () => outcome(db.ping()));
    const { error } = await calls[4]!;
    assert.ok(error instanceof QueueFullError && error.applied === 'no');
    let free = false;
    const room = db.room().then(() => {
      free = true;
    });
    await until(() => held.length === 4);
    assert.equal(free, false);
    await assert.rejects(db.with({ timeout: 20 }).room(), TimeoutError);
    await assert.rejects(db.with({ signal: AbortSignal.abort('enough') }).room(), (reason) => reason === 'enough');
    held.shift()!();
    await calls[0];
    held.shift()!();
    await room;
    assert.equal(free, true);
    for (const answer of held) answer();
    held = [];
    await Promise.all(calls);
    const closed = outcome(Promise.all(Array.from({ length: 4 }, () => db.ping())));
    const waiting = outcome(db.room());
    db.destroy();
    assert.ok((await waiting).error instanceof ClosedError);
    await closed;
    await fake.stop();
  });

  test('a writer that waits for room never overruns the queue, however slow the server is', async () => {
    const fake = await FakeServer.start((argv) => (argv[0] === 'HELLO' ? null : ':1\r\n'));
    await using db = open(fake.url, { queueMax: 50 });
    const replies: Promise<number>[] = [];
    for (let i = 0; i < 2000; i++) {
      await db.room();
      replies.push(db.incr('n'));
      assert.ok(Number(db.stats().inFlight ?? 0) <= 50);
    }
    assert.equal((await Promise.all(replies)).length, 2000);
    await fake.stop();
  });
});

describe('what is sent again', () => {
  test('a lost connection repeats exactly the commands that the table calls reads', async () => {
    const samples = commandTable.all.filter(({ name }) =>
      ['GET', 'HGETALL', 'ZRANGE', 'INCR', 'SET', 'EVAL', 'PUBLISH'].includes(name),
    );
    for (const spec of samples) {
      let times = 0;
      const fake = await FakeServer.start((argv, connection) => {
        if (argv[0] !== spec.name) return argv[0] === 'PING' ? '+PONG\r\n' : null;
        times++;
        if (times === 1) connection.end();
        return times === 1 ? '' : '*0\r\n';
      });
      const db = open(fake.url, { reconnect: { base: 1 } });
      await db.ping();
      const { error } = await outcome(db.call(spec.name, '1', '2', '3'));
      const repeated = error === undefined;
      assert.deepEqual([repeated, times], [spec.isReadonly, spec.isReadonly ? 2 : 1], spec.name);
      if (!repeated) assert.equal((error as { applied: string }).applied, 'maybe');
      db.destroy();
      await fake.stop();
    }
  });
});

describe('what an engine in the process tells of itself', () => {
  test('stats before the first command are all there, in zeros', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'keyspan-stats-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    for (const url of [`file:${folder}`, 'memory:']) {
      await using db = open(url);
      const idle = db.stats();
      await db.ping();
      const used = db.stats();
      assert.deepEqual(Object.keys(idle), Object.keys(used), url);
      assert.deepEqual([idle.backend, idle.commands, idle.keys, idle.errors], ['engine', 0, 0, {}], url);
      assert.equal(used.commands, 1);
    }
  });
});
