import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sharedWheel } from '../../src/client/timer-wheel.js';
import { ConnectionError } from '../../src/core/errors.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { FaultyLink } from '../support/proxy.js';
import { type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const skip = (await findRedis()) === null ? whyNoRedis() : false;

describe('conversations and lost connections', { skip }, () => {
  let server: RunningServer;
  let replica: RunningServer;
  before(async () => {
    server = await startRedis();
    replica = await startRedis({
      args: ['--replicaof', '127.0.0.1', `${server.port}`, '--repl-diskless-sync-delay', '0'],
    });
  });
  after(async () => {
    await replica.stop();
    await server.stop();
  });

  for (const protocol of [2, 3] as const) {
    test(`RESP${protocol}: callbacks, streams and pubsub() are told of the gap, and go on`, async () => {
      const link = await FaultyLink.start(server.port);
      await using direct = open(server.url);
      await using db = open(link.url, { protocol });
      const heard: string[] = [];
      await db.subscribe('a', { message: ({ payload }) => heard.push(payload), gap: () => heard.push('GAP') });
      const plain = db.messages('a');
      const telling = db.messages('a', { gaps: true });
      const pubsub = db.pubsub();
      await Promise.all([plain.ready(), telling.ready(), pubsub.subscribe('a')]);
      // One connection hears it for all four.
      const untilHeard = async (): Promise<void> =>
        until(async () => ((await direct.call('PUBSUB', 'NUMSUB', 'a')) as number[])[1] === 1);
      await untilHeard();
      await direct.publish('a', '1');
      await until(() => heard.length === 1);
      link.drop();
      await until(() => heard.includes('GAP'));
      await untilHeard();
      await direct.publish('a', '2');
      const first = [await plain.next(), await plain.next()].map(({ value }) => [value!.payload, value!.gap]);
      assert.deepEqual(first, [
        ['1', undefined],
        ['2', 'reconnect'],
      ]);
      const all = [await telling.next(), await telling.next(), await telling.next()].map(
        ({ value }) => value!.payload ?? value!.gap,
      );
      assert.deepEqual(all, ['1', 'reconnect', '2']);
      const events: unknown[] = [];
      for await (const event of pubsub.listen()) {
        events.push(event.type);
        if (events.length === 4) break;
      }
      assert.deepEqual(events, ['subscribe', 'message', 'gap', 'message']);
      await until(() => heard.length === 3);
      assert.deepEqual(heard, ['1', 'GAP', '2']);
      await link.stop();
      db.destroy();
    });

    test(`RESP${protocol}: MONITOR ends with an error when its connection is lost, and is quiet after return()`, async () => {
      const link = await FaultyLink.start(server.port);
      await using direct = open(server.url);
      const db = open(link.url, { protocol, pingInterval: 20 });
      const stream = db.monitor();
      await stream.ready();
      await direct.call('SET', 'k', 'v');
      for await (const { command } of stream) if (command[0] === 'SET') break;
      const again = db.monitor();
      await again.ready();
      const reading = outcome(
        (async () => {
          for await (const _ of again);
        })(),
      );
      link.drop();
      assert.ok((await reading).error instanceof ConnectionError);
      db.destroy();
      await link.stop();
    });

    test(`RESP${protocol}: WAIT waits for what was written before, and holds up nobody`, async () => {
      await using db = open(server.url, { protocol });
      await until(async () => String(await db.call('INFO', 'replication')).includes('state=online'));
      await db.set('k', 'v');
      assert.equal(await db.wait(1, 2000), 1);
      // Two replicas there are not: it waits for its whole time, and the others go on meanwhile.
      void db.set('k', 'w');
      const waiting = db.wait(2, 400);
      let over = false;
      void waiting.then(() => {
        over = true;
      });
      assert.equal(await db.get('k'), 'w');
      assert.equal(over, false);
      assert.equal(await waiting, 1);
      process.kill(replica.pid, 'SIGSTOP');
      try {
        await db.set('k', 'x');
        // A stopped replica acknowledges nothing: a WAIT that looked at another connection's writes would say 1.
        assert.equal(await db.wait(1, 100), 0);
        assert.deepEqual(await db.pipeline().incr('n').wait(1, 100).exec(), [Number(await db.get('n')), 0]);
        await using session = await db.reserve();
        await session.set('k', 'y');
        assert.equal(await session.wait(1, 100), 0);
      } finally {
        process.kill(replica.pid, 'SIGCONT');
      }
      assert.equal(await db.wait(1, 2000), 1);
    });
  }

  test('a pipeline that blocks holds up nobody', async () => {
    await using db = open(server.url);
    const blocked = db.pipeline().set('before', 1).blpop('queue', 5).exec();
    assert.equal(await db.ping(), 'PONG');
    await until(async () => (await db.exists('before')) === 1);
    await db.rpush('queue', 'job');
    assert.deepEqual(await blocked, [true, ['queue', 'job']]);
  });
});

describe('leaks', () => {
  const RECONNECTS = 10_000;

  test('10,000 reconnects leave heap, sockets, timers and listeners as they were', async () => {
    const sockets = new Set<Socket>();
    const listeners = process.eventNames().map((name) => [name, process.listenerCount(name)]);
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const controller = new AbortController();
    const clients = Array.from({ length: 20 }, () =>
      open(`redis://127.0.0.1:${port}`, { reconnect: () => 0, timeout: 0, connectTimeout: 1000 }),
    );
    const calls = clients.map((db) => outcome(db.with({ signal: controller.signal, timeout: 0 }).get('k'), 40_000));
    const reconnects = (): number => clients.reduce((sum, db) => sum + Number(db.stats().reconnects ?? 0), 0);
    const heapAt = async (count: number): Promise<number> => {
      await until(() => reconnects() >= count, undefined, 30_000);
      collect();
      return process.memoryUsage().heapUsed;
    };
    const early = await heapAt(RECONNECTS / 5);
    const timers = sharedWheel.size;
    const late = await heapAt(RECONNECTS);
    assert.ok(sharedWheel.size <= timers + 40, `${timers} timers became ${sharedWheel.size}`);
    assert.ok(late - early < 16_000_000, `the heap grew from ${early} to ${late}`);
    controller.abort('enough');
    for (const call of calls) assert.equal((await call).error, 'enough');
    for (const db of clients) db.destroy();
    await until(() => sockets.size === 0);
    await until(() => sharedWheel.size === 0);
    assert.deepEqual(
      process.eventNames().map((name) => [name, process.listenerCount(name)]),
      listeners,
    );
    await until(() => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
    await new Promise((resolve) => server.close(resolve));
  });
});
