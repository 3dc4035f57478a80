import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commands } from '../../src/commands/table.js';
import { ManualClock } from '../../src/core/clock.js';
import { Random } from '../../src/core/random.js';
import { type Embedded, embedded } from '../../src/embedded.js';

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
  const value = of(values);
  const score = random.below(5) / 2;
  const steps: readonly Step[] = [
    (db) => db.get(key),
    (db) => db.get(key),
    (db) => db.set(key, value),
    (db) => db.set(key, random.below(3)),
    (db) => db.incr(key),
    (db) => db.del(key),
    (db) => db.exists(key),
    (db) => db.hset(key, field, value),
    (db) => db.hget(key, field),
    (db) => db.sadd(key, value),
    (db) => db.sismember(key, value),
    (db) => db.zadd(key, field, score),
    (db) => db.zscore(key, field),
    (db) => db.append(key, value),
    (db) => db.setrange(key, 1, 'zz'),
    (db) => db.expire(key, 2),
    (db) => db.rename(key, 'b'),
    (db) => db.setbit(key, 5, 1),
    (db) => db.select(random.below(2)),
    (db) => db.swapdb(0, 1),
    (db) => db.flushdb(),
  ];
  const weights = [12, 12, 12, 3, 6, 3, 4, 8, 6, 3, 3, 8, 4, 3, 2, 3, 1, 1, 1, 0.3, 0.2];
  const at = random.unit() * weights.reduce((a, b) => a + b);
  let sum = 0;
  const drawn = weights.findIndex((weight) => {
    sum += weight;
    return at < sum;
  });
  return steps[drawn]!;
}

function outcomeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** Everything of an engine that commands leave behind. */
function stateOf({ sync, engine }: Embedded): unknown {
  const all = sync.keys('*').sort();
  const { stats } = engine;
  const counted = ['get', 'set', 'incr', 'del', 'exists', 'hget', 'hset', 'zadd', 'zscore', 'sismember'] as const;
  return {
    digest: sync.debugDigest(),
    keys: all.map((key) => [key, sync.type(key), sync.pttl(key), sync.objectEncoding(key), sync.objectIdletime(key)]),
    calls: counted.map((name) => stats.calls[commands[name].id]),
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

  it('tell watchers', async () => {
    const { async: db, sync } = embedded({ seed: 1 });
    sync.set('a', '1');
    let attempts = 0;
    await db.transaction(async (watched) => {
      if (attempts++ === 0) sync.set('a', '2');
      await watched.multi().get('a').exec();
    }, 'a');
    assert.equal(attempts, 2);
  });

  it('queue between MULTI and EXEC', () => {
    const { sync } = embedded({ seed: 1 });
    sync.call('MULTI');
    assert.throws(() => sync.incr('n'));
    assert.equal(sync.call('SET', 'a', 'b'), 'QUEUED');
    assert.deepEqual(sync.call('EXEC'), [1, 'OK']);
  });

  it('tell those who listen for changes of keys', async () => {
    const { sync, async: db } = embedded({ seed: 1 });
    const events: string[] = [];
    sync.set('a', '1');
    sync.configSet('notify-keyspace-events', 'KEA');
    await db.psubscribe('__keyevent@0__:*', ({ channel, payload }) => events.push(`${channel.slice(15)} ${payload}`));
    sync.set('a', '2');
    sync.hset('h', 'f', 'v');
    sync.del('a');
    assert.deepEqual(
      events,
      ['set a', 'new h', 'hset h', 'del a'].filter((event) => !event.startsWith('new')),
    );
  });
});
