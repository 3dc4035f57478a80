import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DataError, ReplyError } from '../../src/core/errors.js';
import type { Redis } from '../../src/index.js';

const binary = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Wrong values, by what is wrong with them. Nothing of such a call may be carried out. */
const wrongCalls: readonly (readonly [title: string, call: (db: Redis) => Promise<unknown>])[] = [
  ['null as a value', (db) => db.set('k', null as never)],
  ['undefined as a value', (db) => db.set('k', undefined as never)],
  ['an object as a value', (db) => db.set('k', {} as never)],
  ['true as a value', (db) => db.set('k', true as never)],
  ['NaN as a value', (db) => db.set('k', Number.NaN)],
  ['a Date as a value', (db) => db.set('k', new Date() as never)],
  ['a symbol as a key', (db) => db.set(Symbol('k') as never, 'v')],
  ['an unknown option', (db) => db.set('k', 'v', { px1: 1 } as never)],
  ['options that exclude each other', (db) => db.set('k', 'v', { ex: 1, keepTtl: true })],
  ['a fraction where an integer is meant', (db) => db.incrby('k', 1.5)],
  ['text where an integer is meant', (db) => db.setbit('k', 'one' as never, 1)],
  ['too few arguments', (db) => (db.set as (key: string) => Promise<unknown>)('k')],
  ['too many arguments', (db) => (db.get as (...args: string[]) => Promise<unknown>)('a', 'b')],
  ['no keys at all', (db) => db.del()],
  ['an undefined key among others', (db) => db.del('a', undefined as never)],
  ['one wrong value among pairs', (db) => db.mset({ a: 1, b: null as never })],
  ['one wrong score among pairs', (db) => db.zadd('z', { a: 1, b: Number.NaN })],
  ['no pairs', (db) => db.hset('h', {})],
  ['a word that is none of those', (db) => db.lmove('a', 'b', 'up' as never, 'left')],
  ['an invalid Date', (db) => db.expireat('k', new Date(Number.NaN))],
];

/** Bytes and text, views, wrong arguments, iteration over everything. */
export function dataBehaviour(redis: () => Redis): void {
  describe('wrong arguments are refused before anything is changed', () => {
    for (const [title, call] of wrongCalls) {
      it(title, async () => {
        const db = redis();
        await db.mset({ a: 'kept', k: 'kept' });
        // Some of these are no integers to the server either: then it is the server that refuses.
        await assert.rejects(
          async () => call(db),
          (error) => error instanceof DataError || error instanceof ReplyError,
        );
        assert.deepEqual(await db.mget('a', 'k'), ['kept', 'kept']);
        assert.equal(await db.dbsize(), 2);
      });
    }

    it('is a rejected promise, never a throw', async () => {
      for (const [, call] of wrongCalls) {
        let promise: Promise<unknown> | undefined;
        assert.doesNotThrow(() => {
          promise = call(redis());
        });
        await promise?.catch(() => undefined);
      }
    });
  });

  describe('bytes', () => {
    it('keys and values may be any bytes', async () => {
      const db = redis().with({ as: 'bytes' });
      await db.set(binary, binary);
      assert.deepEqual(new Uint8Array((await db.get(binary))!), binary);
      assert.deepEqual(
        (await db.keys('*')).map((key) => [...key]),
        [[...binary]],
      );
      await db.hset('h', [[binary, binary]]);
      assert.deepEqual([...(await db.hget('h', binary))!], [...binary]);
      await db.zadd('z', [[binary, 1]]);
      assert.deepEqual([...(await db.zrange('z', 0, -1))[0]!], [...binary]);
    });

    it('text is UTF-8, whatever its characters', async () => {
      const db = redis();
      const text = 'naïve 日本 🎉\u0000\ud83c\udf89';
      await db.set(text, text);
      assert.equal(await db.get(text), text);
      assert.equal(await db.strlen(text), new TextEncoder().encode(text).length);
      assert.deepEqual(await db.with({ as: 'bytes' }).get(text), new TextEncoder().encode(text));
      assert.equal(await db.with({ as: 'bytes' }).with({ as: 'text' }).get(text), text);
    });

    it('a text and bytes of the same characters are different keys', async () => {
      const db = redis();
      await db.set('é', 'text');
      await db.set(new Uint8Array([0xe9]), 'byte');
      assert.equal(await db.get('é'), 'text');
      assert.equal(await db.get(new Uint8Array([0xe9])), 'byte');
      // Again, now that both have been sought.
      for (let i = 0; i < 5; i++) {
        assert.equal(await db.get('é'), 'text');
        assert.equal(await db.get(new Uint8Array([0xe9])), 'byte');
      }
    });

    it('numbers are their digits', async () => {
      const db = redis();
      await db.mset({ a: 1.5, b: 1e21, c: -0, d: 12n, e: Number.POSITIVE_INFINITY });
      assert.deepEqual(await db.mget('a', 'b', 'c', 'd', 'e'), ['1.5', '1e+21', '0', '12', 'inf']);
    });
  });

  describe('iterators', () => {
    it('scanIter gives every key once at least', async () => {
      const db = redis();
      await db.mset(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key:${i}`, i])));
      await db.sadd('other', 'x');
      const seen = new Set<string>();
      for await (const key of db.scanIter({ match: 'key:*', count: 50, type: 'string' })) seen.add(key);
      assert.equal(seen.size, 500);
    });

    it('hscanIter, sscanIter and zscanIter give fields, members and scores', async () => {
      const db = redis();
      const numbers = Array.from({ length: 300 }, (_, i) => i);
      await db.hset('h', Object.fromEntries(numbers.map((i) => [`f${i}`, i])));
      await db.sadd('s', ...numbers.map((i) => `m${i}`));
      await db.zadd(
        'z',
        numbers.map((i) => [`m${i}`, i / 2] as const),
      );
      const fields = new Map<string, string>();
      for await (const [field, value] of db.hscanIter('h', { count: 20 })) fields.set(field, value);
      assert.deepEqual([fields.size, fields.get('f299')], [300, '299']);
      const members = new Set<string>();
      for await (const member of db.sscanIter('s', { match: 'm1*' })) members.add(member);
      assert.equal(members.size, 111);
      const scores = new Map<string, number>();
      for await (const [member, score] of db.zscanIter('z')) scores.set(member, score);
      assert.deepEqual([scores.size, scores.get('m299')], [300, 149.5]);
      for await (const member of db.sscanIter('none')) assert.fail(member);
      await assert.rejects(async () => {
        for await (const pair of db.hscanIter('s')) assert.fail(pair[0]);
      }, ReplyError);
    });
  });
}
