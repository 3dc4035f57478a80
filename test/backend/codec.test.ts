import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import { embedded } from '../../src/embedded.js';
import { type BytesCodec, DataError, jsonCodec } from '../../src/index.js';
import { onStages } from '../support/stages.js';

interface Point {
  x: number;
  y: number;
}
const points = jsonCodec<Point>();
const p = (x: number, y = 0): Point => ({ x, y });

await onStages('a view with a codec', (stage) => {
  beforeEach(() => stage().db.flushall());

  it('strings', async () => {
    const { db } = stage();
    const view = db.with({ codec: points });
    assert.equal(await view.set('a', p(1, 2), { ex: 60 }), true);
    assert.equal(await db.get('a'), '{"x":1,"y":2}');
    assert.deepEqual(await view.get('a'), p(1, 2));
    assert.equal(await view.get('none'), null);
    await view.mset({ b: p(3), c: p(4) });
    assert.deepEqual(await view.mget('b', 'none', 'c'), [p(3), null, p(4)]);
    assert.deepEqual(await view.getset('b', p(5)), p(3));
    assert.deepEqual(await view.setGet('b', p(6)), p(5));
    assert.deepEqual(await view.getex('b', { ex: 10 }), p(6));
    assert.deepEqual(await view.getdel('b'), p(6));
    assert.equal(await view.setnx('d', p(7)), true);
    await view.setex('e', 10, p(8));
    await view.psetex('f', 10_000, p(9));
    assert.deepEqual(await view.mget('d', 'e', 'f'), [p(7), p(8), p(9)]);
    assert.equal(await view.strlen('d'), '{"x":7,"y":0}'.length);
    assert.equal(await view.getrange('d', 0, 1), '{"');
  });

  it('hashes: values, not fields', async () => {
    const { db } = stage();
    const view = db.with({ codec: points });
    await view.hset('h', 'one', p(1));
    await view.hset('h', { two: p(2), three: p(3) });
    await view.hset('h', new Map([['four', p(4)]]));
    await view.hsetnx('h', 'five', p(5));
    assert.equal(await db.hget('h', 'one'), '{"x":1,"y":0}');
    assert.deepEqual(await view.hget('h', 'two'), p(2));
    assert.deepEqual(await view.hmget('h', 'one', 'none'), [p(1), null]);
    assert.deepEqual(await view.hgetall('h'), { one: p(1), two: p(2), three: p(3), four: p(4), five: p(5) });
    assert.deepEqual((await view.hkeys('h')).sort(), ['five', 'four', 'one', 'three', 'two']);
    assert.deepEqual((await view.hvals('h')).map(({ x }) => x).sort(), [1, 2, 3, 4, 5]);
    const entries: [string, Point][] = [];
    for await (const entry of view.hscanIter('h', { match: 't*' })) entries.push(entry);
    assert.deepEqual(entries.sort(), [
      ['three', p(3)],
      ['two', p(2)],
    ]);
    assert.deepEqual((await view.hrandfieldWithValues('h', 5)).sort()[0], ['five', p(5)]);
  });

  it('lists, sets, sorted sets and streams', async () => {
    const view = stage().db.with({ codec: points });
    await view.rpush('l', p(1), p(2), p(3));
    assert.deepEqual(await view.lrange('l', 0, -1), [p(1), p(2), p(3)]);
    assert.equal(await view.lpos('l', p(2)), 1);
    await view.linsert('l', 'before', p(2), p(9));
    await view.lset('l', 0, p(0));
    assert.equal(await view.lrem('l', 0, p(3)), 1);
    assert.deepEqual(await view.lpop('l'), p(0));
    assert.deepEqual(await view.blpop('l', 1), ['l', p(9)]);
    assert.deepEqual(await view.lmpop(['l'], 'left'), ['l', [p(2)]]);
    await view.sadd('s', p(1), p(2));
    assert.equal(await view.sismember('s', p(2)), true);
    assert.deepEqual(
      (await view.smembers('s')).sort((a, b) => a.x - b.x),
      [p(1), p(2)],
    );
    assert.equal(await view.srem('s', p(1)), 1);
    assert.deepEqual(await view.spop('s'), p(2));
    await view.zadd('z', p(1), 10);
    await view.zadd('z', [[p(2), 20]], { gt: true });
    await view.zadd('z', new Map([[p(3), 30]]));
    assert.equal(await view.zscore('z', p(2)), 20);
    assert.equal(await view.zrank('z', p(3)), 2);
    assert.deepEqual(await view.zrange('z', 0, 0), [p(1)]);
    assert.deepEqual(await view.zrangeWithScores('z', 1, 2), [
      [p(2), 20],
      [p(3), 30],
    ]);
    assert.deepEqual(await view.zpopmin('z'), [p(1), 10]);
    await view.geoadd('g', [[p(7), [13.5, 38.1]]]);
    assert.deepEqual(await view.geosearch('g', { fromMember: p(7), byRadius: [1, 'km'] }), [p(7)]);
    const id = await view.xadd('x', '*', { at: p(5) });
    assert.deepEqual(await view.xrange('x', '-', '+'), [{ id, fields: { at: p(5) } }]);
    assert.deepEqual(await view.xread({ x: '0' }), { x: [{ id, fields: { at: p(5) } }] });
  });

  it('batches, messages, and other options beside', async () => {
    const view = stage().db.with({ codec: points, prefix: 'p:' }).with({ integers: 'bigint' });
    assert.deepEqual(await view.pipeline().set('a', p(1)).get('a').incr('n').exec(), [true, p(1), 1n]);
    assert.deepEqual(await view.multi().rpush('l', p(1)).lrange('l', 0, -1).exec(), [1n, [p(1)]]);
    const heard = new Promise<Point>((resolve, reject) => {
      view.subscribe('c', ({ payload }) => resolve(payload)).then(() => view.publish('c', p(8)), reject);
    });
    assert.deepEqual(await heard, p(8));
    assert.equal(await view.with({ codec: null }).get('a'), '{"x":1,"y":0}');
    assert.deepEqual(await view.with({ as: 'bytes' }).get('a'), p(1));
  });

  it('bytes codecs, checked JSON, and what codecs refuse', async () => {
    const { db } = stage();
    const u32: BytesCodec<number> = {
      as: 'bytes',
      encode: (value) => new Uint8Array(new Uint32Array([value]).buffer),
      decode: (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true),
    };
    const counts = db.with({ codec: u32 });
    await counts.set('n', 0xffee);
    assert.equal(await counts.get('n'), 0xffee);
    assert.equal(await db.strlen('n'), 4);
    const checked = db.with({
      codec: jsonCodec((value) => {
        if (typeof value !== 'number') throw new TypeError('no number');
        return value;
      }),
    });
    await db.mset({ good: '5', bad: '"five"', broken: '{' });
    assert.equal(await checked.get('good'), 5);
    for (const key of ['bad', 'broken']) {
      await assert.rejects(checked.get(key), (error) => error instanceof DataError && error.cause instanceof Error);
    }
    await assert.rejects(checked.set('k', null as never), DataError);
    await assert.rejects(checked.set('k', undefined as never), DataError);
    await assert.rejects(
      db.with({ codec: jsonCodec() }).set('k', () => 1),
      DataError,
    );
    assert.equal(await db.exists('k'), 0);
  });

  it('reply callbacks', async () => {
    const { db } = stage();
    const view = db.with({});
    view.setReplyCallback('get', (reply) => `<${reply}>`);
    view.setReplyCallback('OBJECT ENCODING', (reply) => [reply]);
    await view.set('a', 'x');
    assert.equal(await view.get('a'), '<x>');
    assert.equal(await view.call('GET', 'none'), '<null>');
    assert.deepEqual(await view.pipeline().get('a').exists('a').exec(), ['<x>', 1]);
    assert.deepEqual(await view.multi().get('a').exec(), ['<x>']);
    assert.deepEqual(await view.objectEncoding('a'), ['embstr']);
    assert.equal(await view.with({ prefix: '' }).get('a'), '<x>');
    assert.equal(await db.get('a'), 'x');
    view.setReplyCallback('GET', null);
    assert.equal(await view.get('a'), 'x');
    view.setReplyCallback('lpop', () => {
      throw new RangeError('mine');
    });
    await assert.rejects(view.lpop('l'), RangeError);
  });
});

it('the synchronous face has codecs and callbacks', async () => {
  const { sync, close } = embedded();
  const view = sync.with({ codec: points });
  view.set('a', p(1));
  assert.deepEqual(view.get('a'), p(1));
  assert.deepEqual(view.pipeline().get('a').exec(), [p(1)]);
  sync.setReplyCallback('get', () => 'called');
  assert.equal(sync.get('a'), 'called');
  await close();
});
