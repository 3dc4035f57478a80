import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CrossSlotError, DataError, open, type Redis, UnsupportedError } from '../../src/index.js';
import { hashRing } from '../../src/sharding.js';

/** A ring of three engines, its nodes, and where a key of a number is. */
function ring(): { db: Redis; nodes: Redis[]; placeOf(key: string): number } {
  const db = open({ ring: ['memory:', 'memory:', 'memory:'] });
  const places = hashRing([0, 1, 2].map((name) => ({ name: String(name), weight: 1 })));
  return { db, nodes: [...db.nodes.values()], placeOf: (key) => places.nodeOf(key) };
}

/** `foo` and `a` live apart, `foo` and `bar` together, as the vectors of the hash say. */
describe('a ring', () => {
  it('keeps each key at its node alone', async () => {
    const { db, nodes, placeOf } = ring();
    for (let i = 0; i < 60; i++) await db.set(`k${i}`, i);
    for (let i = 0; i < 60; i++) {
      const held = await Promise.all(nodes.map((node) => node.exists(`k${i}`)));
      assert.deepEqual(held.indexOf(1), placeOf(`k${i}`));
      assert.equal(held.filter((count) => count === 1).length, 1);
    }
    assert.deepEqual([...db.nodes.keys()], ['0', '1', '2']);
    await db.close();
  });

  it('splits and merges what the table says can be', async () => {
    const { db } = ring();
    const all = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, String(i)]));
    await db.mset(all);
    const keys = Object.keys(all);
    assert.deepEqual(await db.mget([...keys, 'none']), [...Object.values(all), null]);
    assert.equal(await db.exists(...keys), 30);
    assert.equal(await db.touch(...keys), 30);
    assert.equal(await db.dbsize(), 30);
    assert.deepEqual((await db.keys('*')).sort(), [...keys].sort());
    const scanned = new Set<string>();
    for await (const key of db.scanIter({ count: 3 })) scanned.add(key);
    assert.deepEqual([...scanned].sort(), [...keys].sort());
    assert.ok(keys.includes((await db.randomkey())!));
    assert.equal(await db.del(...keys.slice(10)), 20);
    assert.equal(await db.unlink(...keys), 10);
    assert.equal(await db.dbsize(), 0);
    await db.close();
  });

  it('refuses what needs its keys together, naming keys and nodes, before anything is sent', async () => {
    const { db } = ring();
    const refused = (error: unknown): boolean =>
      error instanceof CrossSlotError &&
      /'a' is at node '1'/.test(error.message) &&
      /'foo' is at node '2'/.test(error.message);
    await assert.rejects(db.rename('a', 'foo'), refused);
    await assert.rejects(db.msetnx({ a: 1, foo: 2 }), refused);
    await assert.rejects(db.sinter('a', 'foo'), refused);
    await assert.rejects(db.blpop(['a', 'foo'], 1), refused);
    await assert.rejects(async () => db.multi().set('a', 1).set('foo', 2).exec(), refused);
    await assert.rejects(db.eval('return 1', ['a', 'foo'], []), refused);
    await assert.rejects(
      db.transaction(async () => {}, 'a', 'foo'),
      refused,
    );
    assert.equal(await db.dbsize(), 0);
    assert.equal(await db.rename('foo', 'bar').catch((error: Error) => error.message), 'ERR no such key');
    await db.close();
  });

  it('carries out transactions, scripts, WATCH and blocking commands at the node of the key', async () => {
    const { db } = ring();
    for (const key of ['a', 'b', 'foo']) {
      assert.deepEqual(await db.multi().set(key, 1).incr(key).exec(), [true, 2]);
      assert.equal(await db.eval("return redis.call('GET', KEYS[1])", [key], []), '2');
      const value = await db.transaction(async (watched) => {
        const before = Number(await watched.get(key));
        return (
          await watched
            .multi()
            .set(key, before + 1)
            .get(key)
            .exec()
        )[1];
      }, key);
      assert.equal(value, '3');
      const popped = db.blpop(`list:${key}`, 5);
      await db.rpush(`list:${key}`, 'x');
      assert.deepEqual(await popped, [`list:${key}`, 'x']);
    }
    assert.deepEqual(await db.transaction(async (session) => await session.multi().set('b', 9).get('b').exec()), [
      true,
      '9',
    ]);
    await db.close();
  });

  it('refuses in a transaction what concerns all nodes, and scripts that do not say where they belong', async () => {
    const { db } = ring();
    await db.mset({ a: 1, b: 2, foo: 3 });
    const concernsAll = /concerns all nodes, and a transaction is at one of them/;
    const batches = [
      () => db.multi().set('a', 9).flushall().exec(),
      () => db.multi().dbsize().exec(),
      () => db.multi().get('a').keys('*').exec(),
      () => db.multi().configSet({ maxmemory: '0' }).set('a', 9).exec(),
      () => db.transaction(async (watched) => await watched.multi().set('a', 9).flushdb().exec(), 'a'),
    ];
    for (const batch of batches) {
      await assert.rejects(batch(), (error) => error instanceof UnsupportedError && concernsAll.test(error.message));
    }
    const names = /names no key/;
    for (const script of [
      () => db.eval("return redis.call('SET', 'x', 1)", [], []),
      () => db.evalRo('return 1', [], []),
      () => db.multi().set('a', 9).eval('return 1', [], []).exec(),
    ]) {
      await assert.rejects(script(), (error) => error instanceof UnsupportedError && names.test(error.message));
    }
    assert.deepEqual(await db.mget('a', 'b', 'foo'), ['1', '2', '3'], 'nothing of them was carried out');
    assert.equal(await db.nodes.get('0')!.eval('return 1', [], []), 1, 'one node may be asked by itself');
    const sole = open({ ring: ['memory:'] });
    assert.deepEqual(await sole.multi().set('a', 1).dbsize().flushall().exec(), [true, 1, 'OK']);
    assert.equal(await sole.eval('return 1', [], []), 1);
    await Promise.all([db.close(), sole.close()]);
  });

  it('a conversation reaches all nodes with what concerns all, and its transaction is all or nothing', async () => {
    const { db, nodes } = ring();
    await db.mset({ a: 1, b: 2, foo: 3 });
    const session = await db.reserve();
    await session.get('a');
    assert.equal(await session.dbsize(), 3);
    await session.select(1);
    await session.flushdb();
    assert.equal(await db.dbsize(), 3, 'another database was emptied, at every node');
    await session.select(0);
    await assert.rejects(session.multi().set('a', 9).rename('a', 'foo').exec(), CrossSlotError);
    assert.equal(await db.get('a'), '1', 'nothing of it was carried out');
    assert.deepEqual(await session.multi().incr('a').exec(), [2]);
    await session.flushdb();
    assert.deepEqual(await Promise.all(nodes.map((node) => node.dbsize())), [0, 0, 0]);
    session.release();
    await db.close();
  });

  it('a message in a transaction goes where its channel is heard', async () => {
    const { db, placeOf } = ring();
    const channel = ['a', 'b', 'c', 'd', 'e'].find((name) => placeOf(name) === placeOf('foo'))!;
    const elsewhere = ['a', 'b', 'c', 'd', 'e'].find((name) => placeOf(name) !== placeOf('foo'))!;
    const heard: string[] = [];
    await db.subscribe([channel, elsewhere], ({ payload }) => heard.push(payload));
    assert.deepEqual(await db.multi().set('foo', 1).publish(channel, 'one').exec(), [true, 1]);
    assert.deepEqual(await db.multi().publish(elsewhere, 'two').exec(), [1]);
    await assert.rejects(async () => await db.multi().set('foo', 2).publish(elsewhere, 'three').exec(), CrossSlotError);
    assert.deepEqual(heard, ['one', 'two']);
    await db.close();
  });

  it('merges pipelines in order', async () => {
    const { db } = ring();
    const batch = db.pipeline();
    for (let i = 0; i < 40; i++) batch.set(`p${i}`, i);
    batch.mget(['p1', 'p2', 'p3']).dbsize();
    for (let i = 0; i < 40; i++) batch.get(`p${i}`);
    const replies = (await batch.exec()) as unknown[];
    assert.deepEqual(replies.slice(40, 42), [['1', '2', '3'], 40]);
    assert.deepEqual(
      replies.slice(42),
      Array.from({ length: 40 }, (_, i) => String(i)),
    );
    await db.close();
  });

  it('states how facts of several nodes are merged', async () => {
    const { db } = ring();
    await db.mset({ a: 1, b: 2, foo: 3 });
    const info = await db.info();
    assert.ok(info.server !== undefined && info['0:server'] !== undefined && info['2:server'] !== undefined);
    const [sha, same] = await Promise.all([db.scriptLoad('return 1'), db.scriptLoad('return 1')]);
    assert.equal(sha, same);
    assert.deepEqual(await db.scriptExists(sha), [true]);
    assert.equal((await db.memoryStats())['keys.count'], 3);
    assert.deepEqual(
      (await db.each.get('foo')).filter((value) => value !== null),
      ['3'],
    );
    assert.equal(db.stats().kind, 'ring');
    await db.close();
  });

  it('takes names, weights, hash tags, open databases and other rings as nodes', async () => {
    const given = open('memory:');
    const db = open({
      ring: [
        { redis: given, name: 'given', weight: 3 },
        { url: 'memory:', name: 'url' },
        { ring: ['memory:', 'memory:'], name: 'inner' },
      ],
      hash: 'rendezvous',
      hashTags: true,
    });
    for (let i = 0; i < 500; i++) await db.set(`k${i}`, i);
    const sizes = Object.fromEntries(
      await Promise.all([...db.nodes].map(async ([name, node]) => [name, await node.dbsize()] as const)),
    );
    assert.equal(sizes.given! + sizes.url! + sizes.inner!, 500);
    assert.ok(sizes.given! > sizes.url! && sizes.given! > sizes.inner! && sizes.inner! > 20);
    await db.mset({ '{t}a': 1, '{t}b': 2 });
    assert.equal(await db.rename('{t}a', '{t}c'), 'OK');
    await db.close();
    assert.equal(await given.ping(), 'PONG', 'what was given open stays open');
    await given.close();
  });

  it('refuses nodes that cannot be, and commands that belong to one connection', async () => {
    assert.throws(() => open({ ring: [] }), DataError);
    assert.throws(() => open({ ring: ['nowhere:'] }), DataError);
    assert.throws(() => open({ ring: [{ url: 'memory:', name: '1' }, 'memory:'] }), DataError);
    const { db } = ring();
    await assert.rejects(db.call('MULTI'), UnsupportedError);
    await assert.rejects(open('memory:').each.get('a'), UnsupportedError);
    await db.close();
  });
});
