import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { keySlot } from '../../src/core/crc16.js';
import { DataError, InvalidClusterCommandError, KeyspanError, ReplyError } from '../../src/core/errors.js';
import { open, type Redis } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { TestCluster } from '../support/cluster.js';
import { until } from '../support/until.js';

interface Cached {
  cache: { hits: number; misses: number; entries: number; invalidations: number };
}
const cacheOf = (db: Redis): Cached['cache'] => (db.stats() as unknown as Cached).cache;

const keys = Array.from({ length: 60 }, (_, i) => `key:${i}`);

describe('every node of a cluster, and replies of it that are kept', { skip: (await findRedis()) === null }, () => {
  let cluster: TestCluster;
  let other: Redis;
  let db: Redis;
  before(async () => {
    cluster = await TestCluster.start();
    other = open(cluster.url);
  });
  beforeEach(async () => {
    await other.flushall();
    db = open(cluster.url, { cache: true });
    await db.connect();
    // Each primary is connected, and tells of changes.
    await db.dbsize();
  });
  afterEach(() => db.destroy());
  after(async () => {
    other?.destroy();
    await cluster?.stop();
  });

  /** Reads a key twice: the second time from memory. */
  async function keep(key: string): Promise<void> {
    await until(async () => {
      const { hits } = cacheOf(db);
      await db.get(key);
      await db.get(key);
      return cacheOf(db).hits > hits;
    }, 'a reply to be kept');
  }

  it('each: one reply, or error, for every node in the order of `nodes`', async () => {
    const names = [...db.nodes.keys()];
    assert.equal(names.length, 6);
    const infos = await db.each.info({ sections: ['server'] });
    const ports = infos.map((info) => (info instanceof KeyspanError ? 0 : Number(info.server!.tcp_port)));
    assert.deepEqual(
      ports,
      names.map((name) => Number(name.split(':')[1])),
    );
    await db.mset(Object.fromEntries(keys.map((key) => [key, 1])));
    await cluster.replicated();
    const sizes = (await db.each.dbsize()) as number[];
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      2 * keys.length,
    );
    const found = await db.each.get(keys[0]!);
    assert.equal(found.filter((value) => value === '1').length, 1);
    const moved = found.filter((value) => value instanceof ReplyError && /^MOVED/.test(value.message));
    assert.equal(moved.length, 5, 'the others say who has the key');
    await assert.rejects(db.each.call('SELECT', 1), InvalidClusterCommandError);
    await assert.rejects(open('redis://localhost').each.ping(), /one node only/);
  });

  it('reads are answered from memory until a node tells of a change', async () => {
    await other.mset(Object.fromEntries(keys.map((key) => [key, 'old'])));
    for (const key of keys) await keep(key);
    const { misses, hits } = cacheOf(db);
    const again = await Promise.all(keys.map((key) => db.get(key)));
    assert.ok(again.every((value) => value === 'old'));
    assert.deepEqual([cacheOf(db).misses, cacheOf(db).hits], [misses, hits + keys.length]);
    await other.mset(Object.fromEntries(keys.map((key) => [key, 'new'])));
    await until(async () => (await Promise.all(keys.map((key) => db.get(key)))).every((v) => v === 'new'), 'the news');
    assert.deepEqual(new Set(await db.mget(keys)), new Set(['new']));
    // What it writes itself it sees at once, however it writes.
    await keep(keys[0]!);
    const writes: (() => Promise<unknown>)[] = [
      () => db.set(keys[0]!, 'a'),
      () => db.pipeline().set(keys[0]!, 'b').exec(),
      () => db.multi().set(keys[0]!, 'c').exec(),
      () => db.transaction(async (watched) => await watched.multi().set(keys[0]!, 'd').exec(), keys[0]!),
      () => db.mset({ [keys[0]!]: 'e', [keys[1]!]: 'e' }),
    ];
    for (const [i, write] of writes.entries()) {
      await write();
      assert.equal(await db.get(keys[0]!), 'abcde'[i]);
      await keep(keys[0]!);
    }
    await db.flushall();
    assert.equal(await db.get(keys[0]!), null);
  });

  it('a slot that moves takes nothing old along', async () => {
    const from = await cluster.primaryOf(keySlot('{moving}a'));
    const first = await cluster.primaryOf(0);
    const target = first === from ? await cluster.primaryOf(16_383) : first;
    await other.mset({ '{moving}a': 'old', '{moving}b': 'old' });
    await keep('{moving}a');
    await keep('{moving}none');
    await cluster.moveSlot(keySlot('{moving}a'), target);
    await cluster.agreed();
    await other.mset({ '{moving}a': 'new', '{moving}none': 'new' });
    // The first command that the old node turns away tells of the move.
    await db.set('{moving}b', 'x');
    assert.equal(await db.get('{moving}a'), 'new');
    assert.equal(await db.get('{moving}none'), 'new');
    await keep('{moving}a');
    await other.set('{moving}a', 'newer');
    await until(async () => (await db.get('{moving}a')) === 'newer', 'the news of the new node');
  });

  it('a connection that is lost takes along what its node would have told of', async () => {
    await other.set(keys[0]!, 'old');
    await keep(keys[0]!);
    const node = await cluster.primaryOf(keySlot(keys[0]!));
    const before = cacheOf(db).entries;
    assert.ok(before > 0);
    await node.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(() => cacheOf(db).entries === 0, 'the loss to be noticed');
    await other.set(keys[0]!, 'new');
    assert.equal(await db.get(keys[0]!), 'new');
    await keep(keys[0]!);
  });

  it('needs RESP3 and the primaries', async () => {
    for (const options of [{ protocol: 2 }, { readFrom: 'preferReplica' }] as const) {
      const refused = open(cluster.url, { cache: true, ...options });
      await assert.rejects(refused.get('k'), DataError);
      refused.destroy();
    }
  });
});
