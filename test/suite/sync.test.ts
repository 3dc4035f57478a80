import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ClosedError,
  DataError,
  KeyspanError,
  PipelineError,
  ReplyError,
  UnsupportedError,
} from '../../src/core/errors.js';
import { embedded } from '../../src/embedded.js';

/** The synchronous face over an engine in the process. */
describe('the synchronous face', () => {
  it('returns values, and shares its data with the asynchronous one', async () => {
    const { sync, async: later } = embedded({ seed: 1 });
    assert.equal(sync.get('a'), null);
    assert.equal(sync.set('a', 'one'), true);
    assert.equal(await later.get('a'), 'one');
    await later.hset('h', { f: 'v' });
    assert.deepEqual(sync.hgetall('h'), { f: 'v' });
    assert.equal(sync.zadd('z', { m: 1.5 }), 1);
    assert.deepEqual(sync.zrangeWithScores('z', 0, -1), [['m', 1.5]]);
    assert.equal(sync.call('INCR', 'n'), 1);
  });

  it('throws error replies and wrong arguments', () => {
    const { sync } = embedded({ seed: 1 });
    sync.lpush('l', 'a');
    assert.throws(
      () => sync.get('l'),
      (error) => error instanceof ReplyError && error.code === 'WRONGTYPE',
    );
    assert.throws(
      () => sync.incr('l'),
      (error) => error instanceof ReplyError && error.command === 'INCR',
    );
    assert.throws(() => sync.set('a', null as never), DataError);
    assert.throws(() => sync.hset('h', 'f', undefined as never), DataError);
    assert.throws(() => sync.call('NOSUCH'), ReplyError);
    assert.equal(sync.exists('a', 'h'), 0);
  });

  it('has pipelines and transactions', () => {
    const { sync } = embedded({ seed: 1 });
    assert.deepEqual(sync.pipeline().set('a', '1').incr('a').mget('a', 'b').exec(), [true, 2, ['2', null]]);
    assert.deepEqual(sync.multi().incr('a').get('a').exec(), [3, '3']);
    assert.throws(() => sync.multi().lpush('a', 'x').get('a').exec(), PipelineError);
    const [first] = sync.pipeline().lpush('a', 'x').execSettled();
    assert.ok((first as unknown) instanceof ReplyError);
    assert.throws(() => sync.pipeline().exec(), KeyspanError);
  });

  it('has views', () => {
    const { sync } = embedded({ seed: 1 });
    sync.set('a', 'é');
    assert.deepEqual(sync.with({ as: 'bytes' }).get('a'), new Uint8Array([0xc3, 0xa9]));
    sync.set('n', 2n ** 62n);
    assert.throws(() => sync.incr('n'), KeyspanError);
    assert.equal(sync.with({ integers: 'bigint' }).incr('n'), 2n ** 62n + 2n);
  });

  it('iterates with plain iterables', () => {
    const { sync } = embedded({ seed: 1 });
    const numbers = Array.from({ length: 250 }, (_, i) => i);
    for (const i of numbers) sync.set(`k${i}`, i);
    sync.hset('h', Object.fromEntries(numbers.map((i) => [`f${i}`, i])));
    sync.sadd('s', numbers);
    sync.zadd(
      'z',
      numbers.map((i) => [`m${i}`, i] as const),
    );
    assert.equal(new Set(sync.scanIter({ match: 'k*', count: 7 })).size, 250);
    assert.equal(new Map(sync.hscanIter('h')).get('f249'), '249');
    assert.equal(new Set(sync.sscanIter('s')).size, 250);
    assert.equal(new Map(sync.zscanIter('z')).get('m249'), 249);
    for (const key of sync.scanIter({ type: 'set' })) assert.equal(key, 's');
    assert.deepEqual([...sync.hscanIter('none')], []);
  });

  it('does not wait', () => {
    const { sync } = embedded({ seed: 1 });
    assert.equal((sync as unknown as Record<string, unknown>).blpop, undefined);
    assert.throws(() => sync.call('BLPOP', 'l', 0), UnsupportedError);
    // The refused command is forgotten: nobody waits for the list.
    sync.rpush('l', 'a');
    assert.equal(sync.llen('l'), 1);
    assert.deepEqual(sync.call('BLPOP', 'l', 0), ['l', 'a']);
  });

  it('refuses everything after close', async () => {
    const { sync, close } = embedded({ seed: 1 });
    sync.set('a', '1');
    await close();
    assert.throws(() => sync.get('a'), ClosedError);
    assert.throws(() => sync.set('a', '2'), ClosedError);
    assert.throws(() => sync.pipeline().get('a').exec(), ClosedError);
    assert.throws(() => sync.multi().get('a').exec(), ClosedError);
  });

  it('goes on when its session is ended from elsewhere', async () => {
    const { sync, async: later, close } = embedded({ seed: 1 });
    sync.set('a', '1');
    assert.equal(sync.clientKill({ skipMe: 'no' }), 1);
    assert.equal(sync.get('a'), '1');
    assert.equal(await later.incr('a'), 2);
    assert.equal(sync.incr('a'), 3);
    await close();
  });
});
