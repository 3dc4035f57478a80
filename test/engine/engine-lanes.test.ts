import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Spec } from '../../src/commands/spec.js';
import { commands } from '../../src/commands/table.js';
import { ManualClock } from '../../src/core/clock.js';
import { Random } from '../../src/core/random.js';
import { type Embedded, embedded } from '../../src/embedded.js';
import { EngineBackend } from '../../src/engine/engine-backend.js';

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
    const deadline = Date.now() + 5000;
    while (heard.length < 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(heard.length, 2);
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
    sync.del('a');
    assert.deepEqual(
      events,
      ['set a', 'new h', 'hset h', 'del a'].filter((event) => !event.startsWith('new')),
    );
  });
});
