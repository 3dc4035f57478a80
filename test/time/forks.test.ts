import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { Random } from '../../src/core/random.js';
import { ErrorReply } from '../../src/core/reply.js';
import { type Embedded, embedded } from '../../src/embedded.js';
import { digestOfAll } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { TYPE_STRING } from '../../src/engine/entry-meta.js';
import { letGo } from '../../src/engine/fork.js';
import type { EngineSession } from '../../src/engine/session.js';
import { episode, type Step } from '../differential/generator.js';
import { silent } from './silent-sink.js';

const START = 1_700_000_000_000;

/** A command, or a jump of the clock. */
type Act = readonly string[] | number;

/** An engine of a family, and everything that happened to it or to its ancestors. */
class Member {
  readonly engine: Engine;
  readonly session: EngineSession;
  readonly acts: Act[];

  constructor(engine: Engine, acts: readonly Act[]) {
    this.engine = engine;
    this.session = engine.connect(silent);
    this.acts = [...acts];
  }

  act(act: Act): void {
    this.acts.push(act);
    carryOut(this.session, act);
  }

  fork(): Member {
    return new Member(this.engine.fork(), this.acts);
  }

  /** What the same acts leave in an engine that was never forked. */
  replayed(): Engine {
    const engine = fresh();
    const session = engine.connect(silent);
    for (const act of this.acts) carryOut(session, act);
    return engine;
  }
}

const fresh = (): Engine => new Engine({ seed: 7, clock: new ManualClock(START) });

function carryOut(session: EngineSession, act: Act): void {
  const { engine } = session;
  if (typeof act === 'number') (engine.clock as ManualClock).advance(act);
  else session.call([...act]);
  engine.useClock.refresh();
}

/** What concerns the connection, which a fork does not have, or may make it wait. */
const ofConnections =
  /^(select|multi|exec|discard|watch|unwatch|reset|hello|quit|client|config|b[lrz](pop|move|mpop|poplpush).*|bzm?pop.*|.*subscribe)$/i;

function program(seed: number, steps: number): string[][] {
  const all = episode(seed, {
    steps,
    checkpoint_steps: steps,
    malformed: 0.05,
    exclude: new Set(),
    only: null,
    tune: false,
  });
  const fits = ({ kind, argv }: Step): boolean =>
    kind === 'plain' && !ofConnections.test(argv[0]!) && !argv.some((word) => word.toLowerCase() === 'block');
  return all.filter(fits).map(({ argv }) => argv);
}

/** Everything that commands can see of the data. */
function stateOf(engine: Engine): unknown {
  return {
    digest: digestOfAll(engine.databases),
    keys: engine.databases.map(({ keyspace }) => {
      const all: unknown[] = [];
      keyspace.table.forEach((slot) => {
        const isString = keyspace.typeOf(slot) === TYPE_STRING;
        const encoding = isString ? keyspace.stringEncoding(slot) : keyspace.collection(slot).encoding;
        all.push([keyspace.keyOf(slot), encoding, keyspace.deadline(slot), keyspace.stamp(slot)]);
      });
      return all;
    }),
  };
}

describe('forks', () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`of forks never see each other, and each is what its own history makes (program ${seed})`, () => {
      const random = new Random(seed);
      let family = [new Member(fresh(), [])];
      for (const argv of program(seed, 2500)) {
        const member = family[random.below(family.length)]!;
        member.act(argv);
        if (random.below(10) === 0) member.act(random.below(2000));
        if (random.below(150) === 0 && family.length < 6) family.push(member.fork());
        if (random.below(300) === 0 && family.length > 1) {
          const [gone] = family.splice(random.below(family.length), 1);
          letGo(gone!.engine);
        }
      }
      family = family.filter(({ acts }) => acts.length > 0);
      assert.ok(family.length > 0);
      for (const member of family) {
        const replayed = member.replayed();
        assert.deepEqual(stateOf(member.engine), stateOf(replayed));
      }
    });
  }

  it('keep long strings apart, however they are changed', () => {
    const long = (letter: string): string => letter.repeat(100_000);
    for (const command of [
      ['SET', 'long', long('b')],
      ['SETRANGE', 'long', '5', 'b'],
      ['SETRANGE', 'grown', '5', 'b'],
      ['APPEND', 'grown', 'b'],
      ['SETBIT', 'grown', '6', '1'],
      ['BITOP', 'NOT', 'long', 'long'],
    ]) {
      for (const who of ['base', 'fork']) {
        const base = fresh();
        const session = base.connect(silent);
        session.call(['SET', 'long', long('a')]);
        session.call(['SET', 'grown', long('a')]);
        session.call(['APPEND', 'grown', 'more']);
        const before = stateOf(base);
        const fork = base.fork();
        const [changed, other] = who === 'base' ? [base, fork] : [fork, base];
        const changing = changed.connect(silent);
        assert.ok(!(changing.call([...command]) instanceof ErrorReply));
        assert.deepEqual(stateOf(other), before, `${command.join(' ').slice(0, 30)} in the ${who}`);
        assert.notDeepEqual(stateOf(changed), before);
      }
    }
  });

  it('with many keys and large collections keep apart', () => {
    const base = fresh();
    const session = base.connect(silent);
    const call = (who: EngineSession, ...argv: string[]): unknown => who.call(argv);
    for (let i = 0; i < 70_000; i++)
      call(session, 'SET', `key:${i}`, `value ${i}`, ...(i % 3 === 0 ? ['PX', '100000'] : []));
    for (let i = 0; i < 3000; i++) {
      call(session, 'HSET', 'hash', `field:${i}`, `value ${i}`);
      call(session, 'SADD', 'set', `member:${i}`);
      call(session, 'ZADD', 'zset', String(i % 100), `member:${i}`);
      call(session, 'RPUSH', 'list', `element ${i}`);
      call(session, 'XADD', 'stream', `${i + 1}-0`, 'f', `value ${i}`);
    }
    call(session, 'SET', 'large', 'x'.repeat(200_000));
    call(session, 'APPEND', 'slack', 'y'.repeat(1000));
    call(session, 'APPEND', 'slack', 'y'.repeat(10));
    const before = stateOf(base);
    const used = base.meter.used;
    const fork = base.fork();
    assert.equal(fork.meter.used, used);
    const other = fork.connect(silent);
    for (let i = 0; i < 70_000; i += 2) {
      call(other, 'DEL', `key:${i}`);
      call(other, 'SET', `key:${i + 1}`, 'changed');
      call(other, 'SET', `new:${i}`, 'z'.repeat(i % 300));
    }
    for (let i = 0; i < 3000; i += 2) {
      call(other, 'HSET', 'hash', `field:${i}`, 'another value');
      call(other, 'SREM', 'set', `member:${i}`);
      call(other, 'ZINCRBY', 'zset', '7.5', `member:${i}`);
      call(other, 'LSET', 'list', String(i), 'another element');
      call(other, 'XDEL', 'stream', `${i + 1}-0`);
    }
    call(other, 'SETRANGE', 'large', '100000', 'changed');
    call(other, 'APPEND', 'slack', 'changed');
    assert.deepEqual(stateOf(base), before);
    assert.equal(base.meter.used, used);
    const changed = stateOf(fork);
    call(session, 'FLUSHALL');
    assert.deepEqual(stateOf(fork), changed);
    assert.equal(base.meter.used, base.startupBytes);
    call(other, 'FLUSHALL');
    assert.equal(fork.meter.used, fork.startupBytes);
  });

  it('draw at random as the original would have', () => {
    const base = fresh();
    const session = base.connect(silent);
    for (let i = 0; i < 2000; i++) session.call(['SADD', 'set', `member:${i}`]);
    const other = base.fork().connect(silent);
    const draw = (who: EngineSession): unknown[] =>
      Array.from({ length: 200 }, () => [who.call(['SPOP', 'set']), who.call(['SRANDMEMBER', 'set', '-3'])]);
    assert.deepEqual(draw(other), draw(session));
  });

  it('have scripts, functions and settings, and keep them apart', () => {
    const base = fresh();
    const session = base.connect(silent);
    const sha = session.call(['SCRIPT', 'LOAD', "return redis.call('INCR', KEYS[1])"]) as string;
    session.call([
      'FUNCTION',
      'LOAD',
      "#!lua name=lib\nredis.register_function('f', function(k) return redis.call('GET', k[1]) end)",
    ]);
    session.call(['CONFIG', 'SET', 'hash-max-listpack-entries', '3']);
    const fork = base.fork();
    const other = fork.connect(silent);
    assert.equal(other.call(['EVALSHA', sha, '1', 'n']), 1);
    assert.equal(other.call(['FCALL', 'f', '1', 'n']), '1');
    assert.equal(session.call(['FCALL', 'f', '1', 'n']), null);
    assert.equal(fork.settings.limits.hashMaxListpackEntries, 3);
    other.call(['CONFIG', 'SET', 'hash-max-listpack-entries', '5']);
    other.call(['FUNCTION', 'FLUSH']);
    assert.equal(base.settings.limits.hashMaxListpackEntries, 3);
    assert.equal(session.call(['FCALL', 'f', '1', 'n']), null);
    assert.ok(other.call(['FCALL', 'f', '1', 'n']) instanceof ErrorReply);
  });

  it('have a clock of their own where somebody moves it', () => {
    const clock = new ManualClock(START);
    const { engine, sync } = embedded({ clock, seed: 1 });
    sync.set('k', 'v', { px: 1000 });
    const fork = engine.fork();
    clock.advance(2000);
    assert.equal(sync.get('k'), null);
    assert.equal(fork.now, START);
    assert.equal(fork.connect(silent).call(['GET', 'k']), 'v');
  });

  it('go on while the original is being saved', () => {
    const { engine, sync } = embedded({ seed: 1, clock: new ManualClock(START) });
    for (let i = 0; i < 5000; i++) sync.set(`k${i}`, `v${i}`);
    const digest = digestOfAll(engine.databases);
    const fork = engine.fork();
    const session = fork.connect(silent);
    for (let i = 0; i < 5000; i += 3) session.call(['DEL', `k${i}`]);
    sync.set('k1', 'changed');
    sync.set('k1', 'v1');
    assert.equal(digestOfAll(engine.databases), digest);
  });
});

describe('snapshots', () => {
  const filled = (): Embedded => {
    const made = embedded({ seed: 3, clock: new ManualClock(START) });
    made.sync.mset({ a: '1', b: '2' });
    made.sync.rpush('list', ['x', 'y']);
    made.sync.set('timed', 'v', { px: 5000 });
    return made;
  };

  it('are rolled back to, again and again', () => {
    const { engine, sync } = filled();
    const snapshot = engine.snapshot();
    const digest = digestOfAll(engine.databases);
    const used = engine.meter.used;
    assert.equal(snapshot.keys, 4);
    for (let round = 0; round < 3; round++) {
      sync.flushall();
      sync.set('other', 'x');
      sync.lpush('list', ['z']);
      engine.rollback(snapshot);
      assert.equal(digestOfAll(engine.databases), digest);
      assert.equal(engine.meter.used, used);
      sync.rpush('list', ['w']);
      sync.incr('a');
      sync.persist('timed');
    }
    engine.rollback(snapshot);
    assert.equal(digestOfAll(engine.databases), digest);
    assert.equal(sync.pttl('timed'), 5000);
  });

  it('bring function libraries back', () => {
    const { engine, sync } = filled();
    const code = "#!lua name=lib\nredis.register_function('f', function() return 1 end)";
    sync.functionLoad(code);
    const snapshot = engine.snapshot();
    sync.functionFlush();
    engine.rollback(snapshot);
    assert.equal(sync.fcall('f', [], []), 1);
  });

  it('fail watchers and serve who waits', async () => {
    const { engine, sync, async: db } = filled();
    const snapshot = engine.snapshot();
    const session = engine.connect(silent);
    session.call(['WATCH', 'a']);
    sync.del(['list']);
    const popped = db.blpop(['list'], 0);
    await Promise.resolve();
    engine.rollback(snapshot);
    assert.deepEqual(await popped, ['list', 'x']);
    session.call(['MULTI']);
    session.call(['SET', 'a', 'lost']);
    session.call(['EXEC']);
    assert.equal(sync.get('a'), '1');
  });

  it('tell those who keep a copy by commands', () => {
    const { engine, sync } = filled();
    const copy = embedded({ seed: 9, clock: new ManualClock(START) });
    const repeat = copy.engine.connect(silent);
    engine.effects = (db, argv) => {
      repeat.call(['SELECT', String(db)]);
      repeat.call([...argv]);
    };
    const snapshot = engine.snapshot();
    sync.flushall();
    sync.set('x', 'y');
    engine.rollback(snapshot);
    assert.equal(digestOfAll(copy.engine.databases), digestOfAll(engine.databases));
    assert.equal(copy.sync.pttl('timed'), 5000);
  });

  it('refuse another engine, and one that was let go', () => {
    const { engine } = filled();
    const snapshot = engine.snapshot();
    assert.throws(() => embedded({ seed: 4 }).engine.rollback(snapshot), /another engine/);
    snapshot.release();
    assert.throws(() => engine.rollback(snapshot), /released/);
  });

  it('roll a fork back to what its original was', () => {
    const { engine } = filled();
    const snapshot = engine.snapshot();
    const fork = engine.fork();
    fork.connect(silent).call(['FLUSHALL']);
    fork.rollback(snapshot);
    assert.equal(digestOfAll(fork.databases), digestOfAll(engine.databases));
  });
});
