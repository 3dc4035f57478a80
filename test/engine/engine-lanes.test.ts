import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Spec } from '../../src/commands/spec.js';
import { commands } from '../../src/commands/table.js';
import { ManualClock } from '../../src/core/clock.js';
import { Random } from '../../src/core/random.js';
import { type Embedded, embedded } from '../../src/embedded.js';
import { EngineBackend } from '../../src/engine/engine-backend.js';
import { until } from '../support/until.js';

/**
 * The lanes must be indistinguishable from the long way: a random program is run on two engines, one of which has its
 * lanes shut, and everything that can be asked about them must be the same.
 */
const keys = ['a', 'b', 'k:123', 'é', 'a long key of more than sixteen bytes', ''];
const values = ['v', 'text', '12', '-7', '007', 'é', '\u00e9'.repeat(9), 'x'.repeat(40), '9007199254740991', ''];

type Step = (db: Embedded['sync']) => unknown;

function step(random: Random): Step {
  const of = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const key = of(keys);
  const field = of(values);
  const other = of(values);
  const value = of(values);
  const score = random.below(5) / 2;
  const index = (): number => random.below(9) - 4;
  const [start, stop] = [index(), index()];
  const steps: readonly [number, Step][] = [
    [24, (db) => db.get(key)],
    [12, (db) => db.set(key, value)],
    [3, (db) => db.set(key, random.below(3))],
    [6, (db) => db.set(key, value, { ex: 1 + random.below(2) })],
    [3, (db) => db.set(key, value, { px: 1 + random.below(900) })],
    [1, (db) => db.set(key, value, { ex: of([0, -1, 1.5, 2 ** 41]) })],
    [1, (db) => db.set(key, value, { px: 5, nx: true })],
    [6, (db) => db.incr(key)],
    [3, (db) => db.del(key)],
    [4, (db) => db.exists(key)],
    [3, (db) => db.expire(key, random.below(4) - 1)],
    [1, (db) => db.expire(key, 2, { gt: true })],
    [3, (db) => db.ttl(key)],
    [8, (db) => db.hset(key, field, value)],
    [2, (db) => db.hset(key, { [field]: value, [other]: field })],
    [1, (db) => db.hdel(key, field)],
    [6, (db) => db.hget(key, field)],
    [4, (db) => db.hmget(key, field, other)],
    [3, (db) => db.hincrby(key, field, random.below(4) - 1)],
    [0.5, (db) => db.call('HPEXPIRE', key, 500, 'FIELDS', 1, field)],
    [3, (db) => db.sadd(key, value)],
    [1, (db) => db.srem(key, value)],
    [3, (db) => db.sismember(key, value)],
    [8, (db) => db.zadd(key, field, score)],
    [1, (db) => db.zadd(key, { [field]: score, [other]: 1 })],
    [4, (db) => db.zincrby(key, of([score, -1, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]), field)],
    [1, (db) => db.zrem(key, field)],
    [4, (db) => db.zscore(key, field)],
    [3, (db) => db.zrank(key, field)],
    [2, (db) => db.zrevrank(key, field)],
    [4, (db) => db.zrange(key, start, stop)],
    [3, (db) => db.zrange(key, start, stop, { rev: true })],
    [2, (db) => db.zrangeWithScores(key, start, stop)],
    [2, (db) => db.zrevrange(key, start, stop)],
    [1, (db) => db.zrange(key, of([0.5, '0', '(1', Number.NaN]), stop)],
    [3, (db) => db.lpush(key, value)],
    [4, (db) => db.rpush(key, value)],
    [3, (db) => db.lpop(key)],
    [2, (db) => db.rpop(key)],
    [4, (db) => db.lrange(key, start, stop)],
    [3, (db) => db.append(key, value)],
    [2, (db) => db.setrange(key, 1, 'zz')],
    [1, (db) => db.rename(key, 'b')],
    [1, (db) => db.copy(key, of(keys), { replace: true })],
    [1, (db) => db.setbit(key, 5, 1)],
    [1, (db) => db.select(random.below(2))],
    [0.3, (db) => db.swapdb(0, 1)],
    [0.2, (db) => db.flushdb()],
    [0.3, (db) => db.configSet('hash-max-listpack-entries', of([0, 3, 128]))],
    [0.3, (db) => db.configSet('zset-max-listpack-entries', of([0, 3, 128]))],
    [0.2, (db) => db.configSet('hash-max-listpack-value', of([4, 64]))],
    [0.2, (db) => db.configSet('maxmemory-policy', of(['allkeys-lru', 'noeviction']))],
  ];
  const at = random.unit() * steps.reduce((sum, [weight]) => sum + weight, 0);
  let sum = 0;
  const drawn = steps.find(([weight]) => {
    sum += weight;
    return at < sum;
  });
  return drawn![1];
}

const many = ['zset', 'hash', 'set', 'list'];

/** Over collections that are large enough to be tables, whose members come and go. */
function stepOfMany(random: Random): Step {
  const member = `member:${random.below(600)}`;
  const odd = random.below(30) === 0 ? 'é'.repeat(1 + random.below(40)) : member;
  const score = random.below(100);
  const [start, stop] = [random.below(700) - 100, random.below(700) - 100];
  const steps: readonly Step[] = [
    (db) => db.zadd('zset', odd, score),
    (db) => db.zadd('zset', member, score / 3),
    (db) => db.zincrby('zset', random.below(3) - 1, odd),
    (db) => db.zrem('zset', odd),
    (db) => db.zscore('zset', odd),
    (db) => db.zrank('zset', odd),
    (db) => db.zrevrank('zset', member),
    (db) => db.zrange('zset', start, stop),
    (db) => db.zrangeWithScores('zset', start, stop, { rev: true }),
    (db) => db.zremrangebyrank('zset', start, start + 2),
    (db) => db.hset('hash', odd, `${score}`),
    (db) => db.hset('hash', member, score),
    (db) => db.hget('hash', odd),
    (db) => db.hmget('hash', odd, member, 'none'),
    (db) => db.hincrby('hash', odd, 3),
    (db) => db.hdel('hash', odd),
    (db) => db.sadd('set', odd),
    (db) => db.sismember('set', odd),
    (db) => db.sismember('set', member),
    (db) => db.srem('set', odd),
    (db) => db.rpush('list', odd),
    (db) => db.lpush('list', member),
    (db) => db.lpop('list'),
    (db) => db.lrange('list', start, stop),
    (db) => db.ltrim('list', 0, 900),
    (db) => (score === 0 && start === 0 ? db.del(many[random.below(4)]!) : db.copy('zset', 'copy', { replace: true })),
  ];
  return steps[random.below(steps.length)]!;
}

function outcomeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

const counted = [
  ...(['get', 'set', 'incr', 'del', 'exists', 'expire', 'ttl', 'hget', 'hset', 'hmget', 'hincrby'] as const),
  ...(['sadd', 'sismember', 'zadd', 'zincrby', 'zscore', 'zrank', 'zrevrank', 'zrange', 'zrevrange'] as const),
  ...(['lpush', 'rpush', 'lpop', 'rpop', 'lrange'] as const),
];

/** Everything of an engine that commands leave behind. */
function stateOf({ sync, engine }: Embedded): unknown {
  const all = sync.keys('*').sort();
  const { stats } = engine;
  return {
    digest: sync.debugDigest(),
    keys: all.map((key) => [key, sync.type(key), sync.pttl(key), sync.objectEncoding(key), sync.objectIdletime(key)]),
    calls: counted.map((name) => [name, stats.calls[commands[name].id]]),
    hits: [stats.keyspaceHits, stats.keyspaceMisses, stats.expiredKeys, stats.commandsProcessed],
    dirty: engine.dirty,
  };
}

describe('the lanes of an engine', () => {
  for (const seed of [1, 2, 3]) {
    it(`do what the long way does (program ${seed})`, () => {
      const clock = new ManualClock(1_700_000_000_000);
      const make = (): Embedded => embedded({ seed: 5, clock, settings: { enableDebugCommand: 'yes' } });
      const quick = make();
      const slow = make();
      // With a listener, nothing is plain.
      slow.engine.effects = () => undefined;
      assert.equal(quick.engine.plain && !slow.engine.plain, true);
      const drawn = [new Random(seed), new Random(seed)];
      const time = new Random(seed + 100);
      for (let i = 0; i < 20_000; i++) {
        const [mine, theirs] = [quick, slow].map(({ sync }, side) => {
          const next = step(drawn[side]!);
          return outcomeOf(() => next(sync));
        });
        assert.deepEqual(mine, theirs, `step ${i}`);
        if (time.below(20) === 0) clock.advance(time.below(900));
        if (time.below(50) === 0) for (const { engine } of [quick, slow]) engine.useClock.refresh();
        if (i % 500 === 0) assert.deepEqual(stateOf(quick), stateOf(slow), `after step ${i}`);
      }
    });
  }

  for (const seed of [1, 2]) {
    it(`do what the long way does with many members, and in forks (program ${seed})`, () => {
      const make = (): Embedded => embedded({ seed: 5, settings: { enableDebugCommand: 'yes' } });
      let [quick, slow] = [make(), make()];
      slow.engine.effects = () => undefined;
      const drawn = [new Random(seed), new Random(seed)];
      for (let i = 0; i < 30_000; i++) {
        const [mine, theirs] = [quick, slow].map(({ sync }, side) => {
          const next = stepOfMany(drawn[side]!);
          return outcomeOf(() => next(sync));
        });
        assert.deepEqual(mine, theirs, `step ${i}`);
        if (i % 3000 === 2999) {
          assert.equal(quick.sync.debugDigest(), slow.sync.debugDigest(), `after step ${i}`);
          // The program goes on with a fork, while what it came from is changed, or is not used any more.
          const [before, beforeSlow] = [quick, slow];
          [quick, slow] = [quick.fork(), slow.fork()];
          slow.engine.effects = () => undefined;
          if (i % 6000 === 2999) for (const { sync } of [before, beforeSlow]) for (const key of many) sync.del(key);
          assert.equal(quick.engine.plain && !slow.engine.plain, true);
        }
      }
    });
  }

  it('tell watchers', async () => {
    const { async: db, sync } = embedded({ seed: 1 });
    sync.set('string', '1');
    sync.rpush('list', 'a', 'b');
    const changes: readonly [string, () => unknown][] = [
      ['string', () => sync.set('string', '2')],
      ['string', () => sync.set('string', '2', { ex: 10 })],
      ['string', () => sync.expire('string', 20)],
      ['hash', () => sync.hset('hash', 'f', 'v')],
      ['hash', () => sync.hincrby('hash', 'n', 1)],
      ['set', () => sync.sadd('set', 'm')],
      ['zset', () => sync.zadd('zset', 'm', 1)],
      ['zset', () => sync.zincrby('zset', 1, 'm')],
      ['list', () => sync.lpush('list', 'x')],
      ['list', () => sync.rpop('list')],
    ];
    for (const [key, change] of changes) {
      let attempts = 0;
      await db.transaction(async (watched) => {
        if (attempts++ === 0) change();
        await watched.multi().exists(key).exec();
      }, key);
      assert.equal(attempts, 2, `${key}: ${change}`);
    }
  });

  it('serve those who are blocked', async () => {
    const { async: db, sync } = embedded({ seed: 1 });
    const popped = db.blpop('list', 5);
    const lowest = db.bzpopmin('zset', 5);
    await new Promise((resolve) => setImmediate(resolve));
    sync.rpush('list', 'a');
    sync.zadd('zset', 'm', 1);
    assert.deepEqual(await popped, ['list', 'a']);
    assert.deepEqual(await lowest, ['zset', 'm', 1]);
    assert.deepEqual([sync.exists('list'), sync.exists('zset')], [0, 0]);
  });

  it('reject what the long way rejects, and leave all as it was', () => {
    const { sync } = embedded({ seed: 1 });
    sync.set('string', '1');
    sync.hset('hash', 'text', 'x');
    const wrongType = /WRONGTYPE/;
    const refused: readonly [() => unknown, RegExp][] = [
      [() => sync.hset('string', 'f', 'v'), wrongType],
      [() => sync.hincrby('string', 'f', 1), wrongType],
      [() => sync.hincrby('hash', 'text', 1), /hash value is not an integer/],
      [() => sync.sadd('string', 'm'), wrongType],
      [() => sync.zincrby('string', 1, 'm'), wrongType],
      [() => sync.zincrby('zset', Number.NaN, 'm'), /NaN/],
      [() => sync.zrange('string', 0, 1), wrongType],
      [() => sync.zrank('string', 'm'), wrongType],
      [() => sync.rpush('hash', 'x'), wrongType],
      [() => sync.lpop('hash'), wrongType],
      [() => sync.lrange('hash', 0, 1), wrongType],
      [() => sync.set('string', 'x', { ex: 0 }), /invalid expire time/],
      [() => sync.set('string', 'x', { ex: 1.5 }), /integer/],
      [() => sync.set('string', 'x', { ex: 1, px: 1 }), /./],
      [() => sync.set('string', 'x', { ey: 1 } as object), /ey/],
    ];
    for (const [give, error] of refused) assert.throws(give, error, String(give));
    assert.deepEqual([sync.get('string'), sync.ttl('string'), sync.hgetall('hash')], ['1', -1, { text: 'x' }]);
    assert.equal(sync.dbsize(), 2);
  });

  it('give views what they ask for', () => {
    const { sync } = embedded({ seed: 1 });
    const bytes = sync.with({ as: 'bytes', integers: 'bigint' });
    assert.equal(bytes.rpush('list', 'é'), 1n);
    assert.equal(bytes.hset('hash', 'f', 'é'), 1n);
    assert.equal(bytes.zadd('zset', 'é', 1), 1n);
    const text = Uint8Array.from([0xc3, 0xa9]);
    assert.deepEqual(
      [
        bytes.lrange('list', 0, -1),
        bytes.hget('hash', 'f'),
        bytes.zrange('zset', 0, -1),
        bytes.hmget('hash', 'f', 'g'),
      ],
      [[text], text, [text], [text, null]],
    );
    assert.deepEqual([bytes.zrank('zset', 'é'), bytes.hincrby('hash', 'n', 2), bytes.lpop('list')], [0n, 2n, text]);
    assert.deepEqual(
      [sync.hget('hash', 'f'), sync.zrange('zset', 0, 0), sync.hget('hash', '\u00c3\u00a9')],
      ['é', ['é'], null],
    );
  });

  it('queue between MULTI and EXEC', () => {
    const { sync } = embedded({ seed: 1 });
    sync.call('MULTI');
    assert.throws(() => sync.incr('n'));
    assert.equal(sync.call('SET', 'a', 'b'), 'QUEUED');
    assert.deepEqual(sync.call('EXEC'), [1, 'OK']);
  });

  it('are shut at once when the user of the program loses a right', () => {
    const { sync, engine } = embedded({ seed: 1 });
    sync.set('a', '1');
    assert.equal(sync.get('a'), '1');
    engine.acl.setUser('default', ['-get', 'resetkeys', '~b']);
    assert.throws(() => sync.get('a'), /NOPERM/);
    assert.throws(() => sync.set('a', '2'), /NOPERM/);
    engine.acl.setUser('default', ['+@all', 'allkeys']);
    assert.equal(sync.get('a'), '1');
  });

  it('tell those who track keys, of what they change themselves after the reply', async () => {
    const { sync, engine } = embedded({ seed: 1 });
    const heard: string[] = [];
    const backend = new EngineBackend(engine);
    const lease = await backend.lease(({ items }) => heard.push(JSON.stringify(items)));
    const give = (spec: Spec, ...argv: string[]) => lease.call({ spec, argv });
    await give(commands.clientTracking, 'CLIENT', 'TRACKING', 'ON');
    await give(commands.get, 'GET', 'a');
    sync.set('a', '1');
    sync.set('a', '2');
    assert.deepEqual(heard, ['["invalidate",["a"]]']);
    await give(commands.get, 'GET', 'a');
    assert.equal((await give(commands.del, 'DEL', 'a')) === 1 && heard.length, 1);
    await until(() => heard.length === 2, 'the second invalidation');
    await backend.close();
  });

  it('tell those who listen for changes of keys', async () => {
    const { sync, async: db } = embedded({ seed: 1 });
    const events: string[] = [];
    sync.set('a', '1');
    sync.configSet('notify-keyspace-events', 'KEA');
    await db.psubscribe('__keyevent@0__:*', ({ channel, payload }) => events.push(`${channel.slice(15)} ${payload}`));
    sync.set('a', '2');
    sync.hset('h', 'f', 'v');
    sync.set('a', '3', { ex: 10 });
    sync.zadd('z', 'm', 1);
    sync.rpush('l', 'x');
    sync.lpop('l');
    sync.del('a');
    assert.deepEqual(events, ['set a', 'hset h', 'set a', 'expire a', 'zadd z', 'rpush l', 'lpop l', 'del l', 'del a']);
  });
});
