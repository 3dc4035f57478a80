import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClosedError, ConnectionError, DataError, QueueFullError, WatchError } from '../../src/core/errors.js';
import type { Message, Redis, TextView } from '../../src/index.js';
import type { Open, SuiteOptions } from './facade-suite.js';

/** The next `count` items of an iterator that goes on. */
async function take<T>(items: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const step = await items.next();
    assert.equal(step.done ?? false, false);
    taken.push(step.value as T);
  }
  return taken;
}

/** What is read from the server rather than asked: messages, MONITOR; and conversations of one's own. */
export function conversationBehaviour(redis: () => Redis, open: Open, cannot: SuiteOptions['cannot'] = {}): void {
  messageStreams(redis, open);
  pubsubObject(redis);
  subscribers(redis);
  if (cannot.oneServer === undefined) monitoring(redis);
  if (cannot.databases === undefined && cannot.atomicMany === undefined) reserving(redis);
  describe('what else a backend tells', () => {
    it('stats are plain JSON that counts commands and errors', async () => {
      const db = redis();
      const before = db.stats();
      await db.set('k', 'v');
      await db.get('k');
      await assert.rejects(db.incr('k'), /not an integer/);
      const after = db.stats();
      assert.ok(Number(after.commands) >= Number(before.commands) + 3);
      assert.ok(Number((after.errors as Record<string, number>).ERR) >= 1);
      assert.deepEqual(JSON.parse(JSON.stringify(after)), after);
    });

    it('there is room for commands', () => redis().room());
  });
}

function messageStreams(redis: () => Redis, open: Open): void {
  describe('messages as an iterator', () => {
    it('names are channels, those with glob characters patterns', async () => {
      const stream = redis().messages('a', 'b*');
      await stream.ready();
      await redis().publish('a', 'one');
      await redis().publish('bb', 'two');
      await redis().publish('other', 'no');
      await redis().publish('a', 'three');
      assert.deepEqual(await take(stream, 3), [
        { channel: 'a', pattern: null, payload: 'one' },
        { channel: 'bb', pattern: 'b*', payload: 'two' },
        { channel: 'a', pattern: null, payload: 'three' },
      ]);
      await stream.return();
    });

    it('unless they are said to be what they are; shard channels too', async () => {
      const stream = redis().messages({ channels: 'a*', patterns: ['x?'], shardChannels: ['s'] });
      await stream.ready();
      await redis().publish('aa', 'no');
      await redis().publish('a*', 'exact');
      await redis().publish('xy', 'glob');
      await redis().spublish('s', 'shard');
      assert.deepEqual(
        (await take(stream, 3)).map(({ channel, pattern, payload }) => [channel, pattern, payload]),
        [
          ['a*', null, 'exact'],
          ['xy', 'x?', 'glob'],
          ['s', null, 'shard'],
        ],
      );
      await stream.return();
    });

    it('break ends the subscription', async () => {
      const heard: Message<TextView>[] = [];
      const stream = redis().messages('a');
      await stream.ready();
      await redis().publish('a', '1');
      await redis().publish('a', '2');
      for await (const message of stream) {
        heard.push(message);
        if (message.payload === '2') break;
      }
      assert.equal(heard.length, 2);
      await untilUnheard(redis(), 'a');
    });

    it('a signal ends it, also while it waits', async () => {
      const controller = new AbortController();
      const stream = redis().messages('a', { signal: controller.signal });
      await stream.ready();
      const next = stream.next();
      controller.abort();
      assert.deepEqual(await next, { done: true, value: undefined });
      assert.deepEqual(await stream.next(), { done: true, value: undefined });
      await untilUnheard(redis(), 'a');
      for await (const message of redis().messages('a', { signal: controller.signal })) assert.fail(message.payload);
    });

    it('close ends it', async () => {
      const { db, close } = await open();
      const stream = db.messages('a');
      await stream.ready();
      const next = stream.next();
      await db.close();
      assert.deepEqual(await next, { done: true, value: undefined });
      await assert.rejects(db.messages('a').next(), ClosedError);
      await close();
    });

    const full = [
      ['drop-oldest', ['3', '4'], 2],
      ['drop-newest', ['1', '2'], 2],
    ] as const;
    for (const [overflow, kept, dropped] of full) {
      it(`what is not read in time: ${overflow}`, async () => {
        const stream = redis().messages('a', { buffer: 2, overflow });
        await stream.ready();
        for (const payload of ['1', '2', '3', '4']) await redis().publish('a', payload);
        await heardAll(redis());
        const read = await take(stream, 2);
        assert.deepEqual(
          read.map(({ payload }) => payload),
          kept,
        );
        assert.equal(stream.dropped, dropped);
        await redis().publish('a', '5');
        const [next] = await take(stream, 1);
        assert.deepEqual(
          [read[0]!.gap, next!.gap],
          overflow === 'drop-oldest' ? ['overflow', undefined] : [undefined, 'overflow'],
        );
        await stream.return();
      });
    }

    it('what is not read in time: error', async () => {
      const stream = redis().messages('a', { buffer: 2, overflow: 'error' });
      await stream.ready();
      for (const payload of ['1', '2', '3', '4']) await redis().publish('a', payload);
      await heardAll(redis());
      assert.equal((await take(stream, 2)).length, 2);
      await assert.rejects(stream.next(), QueueFullError);
      assert.deepEqual(await stream.next(), { done: true, value: undefined });
      await stream.return();
    });

    it('gaps are items of their own for those who ask', async () => {
      const stream = redis().messages('a', { buffer: 1, gaps: true });
      await stream.ready();
      for (const payload of ['1', '2']) await redis().publish('a', payload);
      await heardAll(redis());
      const [gap, message] = await take(stream, 2);
      assert.deepEqual([gap!.channel, gap!.gap, message!.payload], [null, 'overflow', '2']);
      await stream.return();
    });

    it('no name is an error', () => {
      assert.throws(() => redis().messages(), DataError);
    });
  });
}

/** Waits until nobody listens to a channel. */
async function untilUnheard(db: Redis, channel: string): Promise<void> {
  const end = Date.now() + 5000;
  while ((await db.publish(channel, 'late')) > 0) assert.ok(Date.now() < end, `somebody still listens to ${channel}`);
}

/** Returns when a subscriber has heard what was published before: messages keep their order. */
async function heardAll(db: Redis): Promise<void> {
  const stream = db.messages('marker');
  await stream.ready();
  await db.publish('marker', 'x');
  await stream.next();
  await stream.return();
  // Another connection's messages may be behind this one's by a turn.
  await new Promise((resolve) => setTimeout(resolve, 20));
}

function pubsubObject(redis: () => Redis): void {
  describe('pubsub()', () => {
    it('listen yields confirmations and messages in order, and ends when nothing is subscribed', async () => {
      await using pubsub = redis().pubsub();
      assert.equal(pubsub.subscribed, false);
      await pubsub.subscribe('a');
      await pubsub.psubscribe('b*');
      await pubsub.ssubscribe('s');
      assert.equal(pubsub.subscribed, true);
      await redis().publish('a', 'one');
      await redis().publish('bb', 'two');
      const events: unknown[] = [];
      for await (const event of pubsub.listen()) {
        events.push(event);
        // In a cluster the messages of shard channels come over a connection of their own.
        if (event.type === 'pmessage') await redis().spublish('s', 'three');
        if (event.type === 'smessage') {
          await pubsub.sunsubscribe();
          await pubsub.punsubscribe('b*');
          await pubsub.unsubscribe('a');
        }
      }
      assert.deepEqual(events, [
        { type: 'subscribe', pattern: null, channel: 'a', data: 1 },
        { type: 'psubscribe', pattern: null, channel: 'b*', data: 2 },
        { type: 'ssubscribe', pattern: null, channel: 's', data: 1 },
        { type: 'message', pattern: null, channel: 'a', data: 'one' },
        { type: 'pmessage', pattern: 'b*', channel: 'bb', data: 'two' },
        { type: 'smessage', pattern: null, channel: 's', data: 'three' },
        { type: 'sunsubscribe', pattern: null, channel: 's', data: 0 },
        { type: 'punsubscribe', pattern: null, channel: 'b*', data: 1 },
        { type: 'unsubscribe', pattern: null, channel: 'a', data: 0 },
      ]);
    });

    it('getMessage waits for as long as it is told', async () => {
      const pubsub = redis().pubsub();
      assert.equal(await pubsub.getMessage(), null);
      await pubsub.subscribe('a');
      await redis().publish('a', 'one');
      assert.deepEqual(await pubsub.getMessage({ timeout: 2000, ignoreSubscribeMessages: true }), {
        type: 'message',
        pattern: null,
        channel: 'a',
        data: 'one',
      });
      assert.equal(await pubsub.getMessage({ timeout: 20 }), null);
      await pubsub.close();
      assert.equal(await pubsub.getMessage({ timeout: 2000 }), null);
      await untilUnheard(redis(), 'a');
    });
  });
}

function subscribers(redis: () => Redis): void {
  describe('subscriber objects', () => {
    it('have their methods called, and are taken off by channel', async () => {
      // A channel that a cluster hears at the same node as the other: counts are of one node.
      const together = '{a}b';
      const heard: string[] = [];
      const subscriber = {
        message: ({ channel, payload }: Message<TextView>) => void heard.push(`${channel} ${payload}`),
      };
      await redis().subscribe(['a', together], subscriber);
      await redis().psubscribe('p*', subscriber);
      await redis().publish('a', '1');
      await redis().publish('pp', '2');
      while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
      assert.deepEqual(heard, ['a 1', 'pp 2'].sort());
      await redis().unsubscribe('a', subscriber);
      assert.equal(await redis().publish('a', 'no'), 0);
      assert.equal(await redis().publish(together, '3'), 1);
      await redis().unsubscribe(together, () => {});
      assert.equal(await redis().publish(together, '4'), 1);
      await redis().unsubscribe();
      await redis().punsubscribe('p*', subscriber);
      await untilUnheard(redis(), together);
      await untilUnheard(redis(), 'pp');
      assert.ok(!heard.includes('a no'));
    });
  });
}

function monitoring(redis: () => Redis): void {
  describe('monitor', () => {
    it('shows what clients give, word by word', async () => {
      const stream = redis().monitor();
      await stream.ready();
      await redis().echo('a "quoted" \\ word\r\n\u00e9');
      await redis()
        .with({ as: 'bytes' })
        .echo(new Uint8Array([1, 255]));
      const seen: string[][] = [];
      for await (const { command, time, db, client } of stream) {
        assert.ok(time > 1.6e12 && db === 0 && client.length > 0);
        if (command[0]!.toLowerCase() !== 'echo') continue;
        seen.push(command.slice(1));
        if (seen.length === 2) break;
      }
      assert.deepEqual(seen, [['a "quoted" \\ word\r\n\u00e9'], ['\u0001\ufffd']]);
    });

    it('a signal ends it', async () => {
      const controller = new AbortController();
      const stream = redis().monitor({ signal: controller.signal });
      await stream.ready();
      const reading = (async () => {
        for await (const _ of stream);
      })();
      controller.abort();
      await reading;
    });
  });
}

function reserving(redis: () => Redis): void {
  describe('reserve', () => {
    it('WATCH guards a transaction, and its failure is a WatchError', async () => {
      const db = redis();
      await using session = await db.reserve();
      await session.set('n', 1);
      await session.watch('n');
      const n = Number(await session.get('n'));
      assert.deepEqual(
        await session
          .multi()
          .set('n', n + 1)
          .get('n')
          .exec(),
        [true, '2'],
      );
      await session.watch('n');
      await db.set('n', 10);
      await assert.rejects(async () => session.multi().incr('n').exec(), WatchError);
      await session.watch('n');
      await db.set('n', 20);
      await session.unwatch();
      assert.deepEqual(await session.multi().incr('n').exec(), [21]);
    });

    it('SELECT concerns nobody else; the database after it is the common one', async () => {
      const db = redis();
      {
        await using session = await db.reserve();
        await session.select(3);
        await session.set('k', 'three');
        assert.equal(await session.get('k'), 'three');
        assert.equal(await db.get('k'), null);
        await session.flushdb();
      }
      const session = await db.reserve();
      await db.set('k', 'zero');
      assert.equal(await session.get('k'), 'zero');
      session.release();
      await assert.rejects(
        session.get('k'),
        (error) => error instanceof ClosedError || error instanceof ConnectionError,
      );
      assert.equal(await db.get('k'), 'zero');
    });

    it('blocking commands and pipelines go by it in order', async () => {
      await using session = await redis().reserve();
      const popped = session.blpop('queue', 5);
      await redis().rpush('queue', 'job');
      assert.deepEqual(await popped, ['queue', 'job']);
      assert.deepEqual(await session.pipeline().set('a', 1).incr('a').exec(), [true, 2]);
    });
  });
}
