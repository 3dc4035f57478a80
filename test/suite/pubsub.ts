import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClosedError, DataError } from '../../src/core/errors.js';
import type { Message, Redis, TextView } from '../../src/index.js';
import type { Open } from './facade-suite.js';

/** Collects messages and lets a test wait for the next ones. */
class Inbox {
  readonly messages: Message<TextView>[] = [];
  #wake: () => void = () => undefined;

  readonly take = (message: Message<TextView>): void => {
    this.messages.push(message);
    this.#wake();
  };

  async until(count: number): Promise<Message<TextView>[]> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.messages;
  }
}

/** Messages, commands that wait for others, and the end. */
export function pubsubBehaviour(redis: () => Redis, open: Open): void {
  describe('messages', () => {
    it('subscribe hears its channels until it is closed', async () => {
      const inbox = new Inbox();
      const subscription = await redis().subscribe(['news', 'weather'], inbox.take);
      assert.equal(await redis().publish('news', 'one'), 1);
      await redis().publish('other', 'no');
      await redis().publish('weather', 'two');
      assert.deepEqual(await inbox.until(2), [
        { channel: 'news', pattern: null, payload: 'one' },
        { channel: 'weather', pattern: null, payload: 'two' },
      ]);
      subscription.close();
      while ((await redis().publish('news', 'late')) > 0);
      assert.equal(inbox.messages.length, 2);
    });

    it('psubscribe hears patterns, ssubscribe shard channels', async () => {
      const inbox = new Inbox();
      const first = await redis().psubscribe('p*', inbox.take);
      const second = await redis().ssubscribe('shard', inbox.take);
      await redis().publish('press', 'a');
      await redis().spublish('shard', 'b');
      const messages = await inbox.until(2);
      assert.deepEqual(new Set(messages.map(({ payload }) => payload)), new Set(['a', 'b']));
      assert.deepEqual(
        messages.find(({ payload }) => payload === 'a'),
        { channel: 'press', pattern: 'p*', payload: 'a' },
      );
      first.close();
      second.close();
    });

    it('payloads come as the view wants them; no channel is an error', async () => {
      const got = new Promise<unknown>((resolve) => {
        void redis()
          .with({ as: 'bytes' })
          .subscribe('raw', ({ payload }) => resolve(payload))
          .then(() => redis().publish('raw', new Uint8Array([0, 255])));
      });
      assert.deepEqual(await got, new Uint8Array([0, 255]));
      await assert.rejects(
        redis().subscribe([], () => undefined),
        DataError,
      );
    });
  });

  describe('waiting', () => {
    it('a blocking pop is served by a push, and others go on meanwhile', async () => {
      const db = redis();
      const popped = db.blpop('queue', 5);
      const moved = db.blmove('source', 'sink', 'left', 'right', 5);
      const lowest = db.bzpopmin('scores', 5);
      await db.ping();
      await db.rpush('queue', 'job');
      await db.rpush('source', 'item');
      await db.zadd('scores', 'm', 1);
      assert.deepEqual(await Promise.all([popped, moved, lowest]), [['queue', 'job'], 'item', ['scores', 'm', 1]]);
      assert.deepEqual(await db.lrange('sink', 0, -1), ['item']);
    });

    it('the first to wait is the first to be served', async () => {
      const db = redis();
      const first = db.blpop('queue', 5);
      while (!(await db.clientList()).some(({ cmd }) => cmd === 'blpop'))
        await new Promise((resolve) => setTimeout(resolve, 5));
      const second = db.brpop('queue', 5);
      await new Promise((resolve) => setTimeout(resolve, 30));
      await db.rpush('queue', 'a');
      await db.rpush('queue', 'b');
      assert.deepEqual(await Promise.all([first, second]), [
        ['queue', 'a'],
        ['queue', 'b'],
      ]);
    });

    it('a blocking command inside a transaction does not wait', async () => {
      assert.deepEqual(await redis().multi().blpop('none', 0).exec(), [null]);
    });
  });

  describe('the end', () => {
    it('after close every call is refused with ClosedError', async () => {
      const { db, close } = await open();
      await db.set('a', '1');
      const batch = db.pipeline().get('a');
      await db.close();
      await assert.rejects(db.get('a'), ClosedError);
      await assert.rejects(db.set('a', '2'), ClosedError);
      await assert.rejects(db.with({ as: 'bytes' }).hgetall('a'), ClosedError);
      await assert.rejects(async () => batch.exec(), ClosedError);
      await assert.rejects(async () => db.multi().incr('a').exec(), ClosedError);
      await assert.rejects(db.blpop('a', 0), ClosedError);
      await assert.rejects(
        db.subscribe('c', () => undefined),
        ClosedError,
      );
      await assert.rejects(
        db.transaction(async () => 1, 'a'),
        ClosedError,
      );
      await close();
    });

    it('a command that waits ends with the connection', async () => {
      const { db, close } = await open();
      const ended = assert.rejects(db.blpop('never', 0), Error);
      await db.ping();
      await db.close();
      await ended;
      await close();
    });
  });
}
