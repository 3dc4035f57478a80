import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { commandTable } from '../../src/commands/table.js';
import { Random } from '../../src/core/random.js';
import type { Redis } from '../../src/index.js';
import { type NodeSource, openMirror } from '../../src/sharding.js';
import { findRedis } from '../../tools/redis-binary.js';
import { type RunningServer, startRedis } from '../support/redis.js';

/** After any writes, given at once and in any order, all nodes of a mirror hold the same. */

const KEYS = 6;

type Write = (db: Redis, key: (type: string) => string, random: Random) => Promise<unknown>;

const few = (random: Random): number => random.below(5);
const word = (random: Random): string => 'abcdefgh'[random.below(8)]!;

const writes: readonly Write[] = [
  (db, key, r) => db.set(key('s'), r.below(100)),
  (db, key, r) => db.set(key('s'), r.below(100), { ex: 100 + r.below(100) }),
  (db, key, r) => db.setGet(key('s'), r.below(100), { px: 100_000 }),
  (db, key, r) => db.setex(key('s'), 50 + r.below(50), r.below(9)),
  (db, key, r) => db.psetex(key('s'), 50_000 + r.below(5000), r.below(9)),
  (db, key) => db.getex(key('s'), { ex: 77 }),
  (db, key) => db.getex(key('s'), { persist: true }),
  (db, key) => db.getdel(key('s')),
  (db, key, r) => db.expire(key('s'), 20 + r.below(1000)),
  (db, key, r) => db.pexpire(key('l'), 20_000 + r.below(1000), { gt: true }),
  (db, key, r) => db.expire(key('h'), r.below(3) - 1),
  (db, key, r) => db.incrbyfloat(key('s'), r.below(100) / 7),
  (db, key, r) => db.incrby(key('s'), few(r)),
  (db, key, r) => db.append(key('s'), r.below(10)),
  (db, key, r) => db.hset(key('h'), { [word(r)]: r.below(9), [word(r)]: r.below(9) }),
  (db, key, r) => db.hincrbyfloat(key('h'), word(r), r.below(9) / 3),
  (db, key, r) => db.hdel(key('h'), word(r)),
  (db, key, r) => db.sadd(key('set'), word(r), word(r), r.below(1000)),
  (db, key) => db.spop(key('set')),
  (db, key, r) => db.spopCount(key('set'), few(r)),
  (db, key, r) => db.smove(key('set'), key('set'), word(r)),
  (db, key) => db.sinterstore(key('set'), key('set'), key('set')),
  (db, key) => db.sortStore(key('set'), key('l'), { by: 'nosort' }),
  (db, key, r) => db.rpush(key('l'), r.below(100), r.below(100)),
  (db, key, r) => db.lpush(key('l'), r.below(100)),
  (db, key) => db.lpop(key('l')),
  (db, key) => db.lmove(key('l'), key('l'), 'left', 'right'),
  (db, key) => db.lmpop([key('l'), key('l')], 'right', { count: 2 }),
  (db, key, r) => db.zadd(key('z'), { [word(r)]: r.below(100), [word(r)]: r.below(100) / 3 }),
  (db, key, r) => db.zincrby(key('z'), r.below(10) / 3, word(r)),
  (db, key) => db.zpopmin(key('z')),
  (db, key) => db.zunionstore(key('z'), [key('z'), key('z')]),
  (db, key, r) => db.xadd(key('x'), '*', { f: r.below(100) }),
  (db, key, r) => db.xadd(key('x'), '*', { f: r.below(100) }, { maxLen: 5, approximate: true }),
  (db, key) => db.xtrim(key('x'), { maxLen: 3, approximate: true }),
  (db, key, r) => db.xgroupCreate(key('x'), word(r), '0', { mkStream: true }),
  (db, key, r) => db.xreadgroupNow(word(r), word(r), [[key('x'), '>']], { count: 2 }),
  (db, key, r) => db.xautoclaim(key('x'), word(r), word(r), 0, '0'),
  (db, key, r) => db.pfadd(key('p'), [r.below(1000), r.below(1000)]),
  (db, key) => db.pfcount(key('p')),
  (db, key) => db.rename(key('s'), key('s')),
  (db, key) => db.copy(key('h'), key('h'), { replace: true }),
  (db, key) => db.del(key('s'), key('l')),
  (db, key) => db.persist(key('s')),
  (db, key, r) => db.setbit(key('b'), r.below(50), 1),
  async (db, key, r) => {
    const dump = await db.dump(key('h'));
    if (dump !== null) await db.restore(key('h'), r.below(2) * (20_000 + r.below(1000)), dump, { replace: true });
  },
  (db, key) => db.expireat(key('z'), 4_000_000_000),
  (db, key, r) => db.set(key('s'), r.below(100), { keepTtl: true }),
  (db, key, r) => db.setrange(key('s'), r.below(5), word(r)),
  (db, key, r) => db.linsert(key('l'), 'before', r.below(100), 'x'),
  (db, key, r) => db.lset(key('l'), r.below(3), word(r)),
  (db, key, r) => db.zadd(key('z'), { [word(r)]: r.below(50) }, { gt: true, ch: true }),
  (db, key) => db.zrangestore(key('z'), key('z'), 0, 3),
  (db, key, r) => db.geoadd(key('z'), { [word(r)]: [r.below(90), r.below(80)] }),
  (db, key) => db.sdiffstore(key('set'), key('set'), key('set')),
  (db, key) => db.bitop('xor', key('b'), key('b'), key('b')),
  (db, key) => db.getdel(key('b')),
  (db, key, r) =>
    db.multi().sadd(key('set'), word(r)).spop(key('set')).incrbyfloat(key('s'), 0.5).expire(key('s'), 90).exec(),
  (db, key) => db.eval("return redis.call('RPUSH', KEYS[1], redis.call('TIME')[2], math.random(100))", [key('l')], []),
  (db, key, r) =>
    db.transaction(async (watched) => {
      const value = Number(await watched.get(key('s'))) || 0;
      await watched
        .multi()
        .set(key('s'), value + r.below(9), { ex: 60 })
        .exec();
    }, key('s')),
  (db, key, r) => db.pipeline().set(key('s'), r.below(9)).incr(key('s')).expire(key('s'), 99).exec(),
];

/** Those that may wait: what they get is known only afterwards, so that a write meanwhile may find copies that differ. */
const waits: readonly Write[] = [
  (db, key) => db.blpop(key('l'), 0.01),
  (db, key) => db.brpop([key('l'), key('l')], 0.01),
  (db, key) => db.blmove(key('l'), key('l'), 'left', 'left', 0.01),
  (db, key) => db.bzpopmax(key('z'), 0.01),
];

async function storm(db: Redis, given: readonly Write[], random: Random, rounds: number): Promise<void> {
  const key = (type: string): string => `${type}:${random.below(KEYS)}`;
  for (let round = 0; round < rounds; round++) {
    const replies = Array.from({ length: 25 }, () => {
      const write = given[random.below(given.length)]!;
      return write(db, key, random).catch((error: Error) => error);
    });
    for (const reply of await Promise.all(replies)) {
      if (!(reply instanceof Error)) continue;
      assert.match(reply.name, /ReplyError|PipelineError|WatchError/, reply.stack);
    }
  }
}

async function checkEqual(
  nodes: (servers: RunningServer[]) => NodeSource[],
  count: number,
  seed: number,
): Promise<void> {
  const servers = await Promise.all(Array.from({ length: count }, () => startRedis()));
  const mirror = openMirror(nodes(servers));
  try {
    const isWaiting = seed % 2 === 1;
    await storm(mirror.db, isWaiting ? [...writes, ...waits] : writes, new Random(seed), 60);
    assert.deepEqual(await mirror.verify(), []);
    // A HyperLogLog keeps its last count where it was read, which DEBUG DIGEST takes for its value.
    for (let i = 0; i < KEYS; i++) await mirror.db.del(`p:${i}`);
    const digests = await mirror.db.each.debugDigest();
    assert.equal(new Set(digests).size, 1, digests.join(' '));
    const up = Object.values(mirror.db.stats().nodes as unknown as Record<string, { state: string }>);
    assert.ok(up.every(({ state }) => state === 'up'));
    if (!isWaiting) assert.equal(mirror.db.stats().healed, 0, 'copies were equal by themselves');
  } finally {
    mirror.db.destroy();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

const memory = { url: 'memory:', settings: { enableDebugCommand: 'yes' } } as const;

describe('after any writes all nodes are equal', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`three engines, seed ${seed}${seed % 2 === 1 ? ', with commands that wait' : ''}`, () =>
      checkEqual(() => [memory, memory, memory], 0, seed));
  }
  for (const seed of [11, 12]) {
    it(`two servers, seed ${seed}${seed % 2 === 1 ? ', with commands that wait' : ''}`, async (t) => {
      if ((await findRedis()) === null) t.skip('no redis-server');
      else await checkEqual((servers) => servers.map(({ url }) => url), 2, seed);
    });
  }
  it('a server and an engine', async (t) => {
    if ((await findRedis()) === null) t.skip('no redis-server');
    else await checkEqual((servers) => [servers[0]!.url, { ...memory, serverVersion: '7.0' }], 1, 21);
  });
});

test('every write whose own words would not do has a rule that copies follow', () => {
  /** Theirs do, where nothing is told to replicas but the change itself. */
  const same = new Set(['getdel', 'getset', 'hgetdel', 'lmpop', 'zmpop', 'flushall', 'flushdb']);
  const without = commandTable.all.filter(
    ({ effects, follow, isWrite, flags }) =>
      isWrite && effects === 'own' && follow === undefined && !flags.includes('blocking'),
  );
  assert.deepEqual(
    without.map(({ fullName }) => fullName).filter((name) => !same.has(name)),
    [],
  );
});

describe('a transaction of a mirror', () => {
  it('carries what concerns all to every node', async () => {
    const mirror = openMirror(['memory:', 'memory:', 'memory:']);
    const { db } = mirror;
    const nodes = [...mirror.nodes.values()];
    try {
      await db.mset({ a: 1, b: 2 });
      assert.deepEqual(await db.multi().flushall().set('c', 3).exec(), ['OK', true]);
      assert.deepEqual(await Promise.all(nodes.map((node) => node.keys('*'))), [['c'], ['c'], ['c']]);
      await db.multi().configSet({ 'hash-max-listpack-entries': '7' }).set('c', 4).exec();
      const settings = await Promise.all(nodes.map((node) => node.configGet('hash-max-listpack-entries')));
      assert.deepEqual(new Set(settings.map((one) => Object.values(one)[0])), new Set(['7']));
      const [sha] = await db.multi().scriptLoad('return 7').exec();
      for (const node of nodes) assert.deepEqual(await node.scriptExists(sha), [true]);
      await db.multi().eval("return redis.call('SET', 'd', 5)", [], []).exec();
      assert.deepEqual(await Promise.all(nodes.map((node) => node.get('d'))), ['5', '5', '5']);
      const heard: string[] = [];
      for (const channel of ['x', 'y', 'z']) await db.subscribe(channel, ({ payload }) => heard.push(payload));
      await db.multi().publish('x', '1').publish('y', '2').publish('z', '3').set('c', 5).exec();
      assert.deepEqual(heard.sort(), ['1', '2', '3'], 'each is heard at the node where it is subscribed');
      assert.deepEqual(await mirror.verify(), []);
    } finally {
      mirror.db.destroy();
    }
  });
});
