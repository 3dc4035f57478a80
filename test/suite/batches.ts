import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyspanError, PipelineError, ReplyError, WatchError } from '../../src/core/errors.js';
import type { Redis } from '../../src/index.js';

/** Pipelines, transactions and optimistic locking. */
export function batchBehaviour(redis: () => Redis): void {
  describe('pipelines', () => {
    it('gives the replies in order', async () => {
      const replies = await redis()
        .pipeline()
        .set('a', '1')
        .incr('a')
        .get('a')
        .hgetall('none')
        .call('TYPE', 'a')
        .exec();
      assert.deepEqual(replies, [true, 2, '2', {}, 'string']);
    });

    it('a failed command is one PipelineError with all replies', async () => {
      const batch = redis().pipeline().set('a', 'text').incr('a').get('a');
      const error = await batch.exec().then(
        () => assert.fail('it should have failed'),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof PipelineError);
      assert.deepEqual([error.replies[0], error.replies[2]], [true, 'text']);
      assert.ok(error.replies[1] instanceof ReplyError);
      assert.equal((error.replies[1] as ReplyError).command, 'INCR');
    });

    it('execSettled puts the error in its place', async () => {
      const [first, second] = await redis().pipeline().lpush('l', 'a').get('l').execSettled();
      assert.equal(first, 1);
      assert.ok(second instanceof ReplyError && second.code === 'WRONGTYPE');
    });

    it('can be counted, discarded and used again, but not be empty', async () => {
      const batch = redis().pipeline();
      batch.set('a', '1');
      assert.equal(batch.length, 1);
      batch.discard();
      assert.equal(batch.length, 0);
      await assert.rejects(async () => batch.exec(), KeyspanError);
      assert.equal(await redis().exists('a'), 0);
      assert.deepEqual(await batch.incr('n').exec(), [1]);
    });

    it('shows replies as the view wants them', async () => {
      const batch = redis().with({ as: 'bytes', integers: 'bigint' }).pipeline();
      assert.deepEqual(await batch.set('a', 'é').get('a').strlen('a').exec(), [true, new Uint8Array([0xc3, 0xa9]), 2n]);
    });
  });

  describe('transactions', () => {
    it('carries out all or shows what failed', async () => {
      assert.deepEqual(await redis().multi().set('a', '1').incr('a').exec(), [true, 2]);
      await assert.rejects(redis().multi().set('t', 'x').incr('t').get('t').exec(), PipelineError);
      assert.equal(await redis().get('t'), 'x');
    });

    it('transaction() gives what the work gives, and starts over when a watched key changed', async () => {
      const db = redis();
      await db.set('balance', 10);
      let attempts = 0;
      const left = await db.transaction(async (watched) => {
        attempts++;
        const balance = Number(await watched.get('balance'));
        if (attempts === 1) await db.set('balance', 100);
        const [after] = await watched.multi().decrby('balance', balance).exec();
        return { balance, after };
      }, 'balance');
      assert.deepEqual(left, { balance: 100, after: 0 });
      assert.equal(attempts, 2);
    });

    it('gives up when the key changes again and again', async () => {
      const db = redis();
      const work = db.transaction(async (watched) => {
        await db.incr('restless');
        await watched.multi().set('done', 'yes').exec();
      }, 'restless');
      await assert.rejects(work, WatchError);
      assert.equal(await db.exists('done'), 0);
    });

    it("an error of the work's own goes through and nothing stays watched", async () => {
      const db = redis();
      await assert.rejects(
        db.transaction(async () => {
          throw new RangeError('mine');
        }, 'a'),
        RangeError,
      );
      assert.deepEqual(await db.multi().set('a', '1').exec(), [true]);
    });
  });
}
