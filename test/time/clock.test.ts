import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppClock, ManualClock } from '../../src/core/clock.js';
import { Random } from '../../src/core/random.js';
import { ErrorReply, type Reply } from '../../src/core/reply.js';
import { type Embedded, embedded } from '../../src/embedded.js';
import { episode } from '../differential/generator.js';
import { silent } from './silent-sink.js';

const START = 1_700_000_000_000;

function manual(): { clock: ManualClock; made: Embedded; call(...words: string[]): Reply } {
  const clock = new ManualClock(START);
  const made = embedded({ clock, seed: 1, settings: { enableDebugCommand: 'yes' } });
  const session = made.engine.connect(silent);
  return { clock, made, call: (...words) => session.call(words) };
}

describe('clocks', () => {
  it('add up small steps without loss', () => {
    const clock = new AppClock(START);
    for (let frame = 0; frame < 600_000; frame++) clock.tick(1000 / 60);
    assert.ok(Math.abs(clock.now() - (START + 10_000_000)) < 0.001, String(clock.now() - START));
    const third = new ManualClock(START);
    for (let i = 0; i < 300_000; i++) third.advance(1 / 3);
    assert.ok(Math.abs(third.now() - START - 100_000) < 0.001, String(third.now() - START));
  });

  it('stand still with the app', () => {
    const clock = new AppClock(0);
    clock.tick(16.5);
    clock.pause();
    clock.tick(1000);
    assert.equal(clock.now(), 16.5);
    clock.resume();
    clock.tick(0.5);
    assert.equal(clock.now(), 17);
  });

  it('refuse what is no step', () => {
    const clock = new ManualClock(5);
    for (const ms of [-1, Number.NaN, Infinity]) assert.throws(() => clock.advance(ms), RangeError);
    assert.throws(() => clock.set(Number.NaN), RangeError);
    assert.equal(clock.now(), 5);
  });
});

describe('one clock drives', () => {
  it('TTLs, and whole numbers in their replies', () => {
    const { clock, call } = manual();
    clock.advance(0.4);
    call('SET', 'k', 'v', 'PX', '1000');
    clock.advance(999.4);
    assert.equal(call('GET', 'k'), 'v');
    const left = call('PTTL', 'k') as number;
    assert.ok(Number.isInteger(left) && left >= 0 && left <= 1, String(left));
    assert.ok(Number.isInteger(call('PEXPIRETIME', 'k')));
    clock.advance(2);
    assert.equal(call('GET', 'k'), null);
  });

  it('active expiry, at the moment it moves', () => {
    const { clock, made, call } = manual();
    for (let i = 0; i < 1000; i++) call('SET', `k${i}`, 'v', 'PX', '100');
    clock.advance(101);
    assert.ok(made.engine.databases[0]!.size <= 100, String(made.engine.databases[0]!.size));
    assert.ok(made.engine.stats.expiredKeys >= 900);
  });

  it('TIME, LASTSAVE and uptime', () => {
    const { clock, call } = manual();
    clock.advance(1500.25);
    assert.deepEqual(call('TIME'), ['1700000001', '500250']);
    assert.equal(call('LASTSAVE'), 1_700_000_000);
    clock.advance(60_000);
    assert.match(String((call('INFO', 'server') as { text?: string }).text), /uptime_in_seconds:61\r/);
  });

  it('stream ids and idle consumers', () => {
    const { clock, call } = manual();
    assert.equal(call('XADD', 's', '*', 'f', 'v'), `${START}-0`);
    clock.advance(7);
    assert.equal(call('XADD', 's', '*', 'f', 'v'), `${START + 7}-0`);
    call('XGROUP', 'CREATE', 's', 'g', '0');
    call('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>');
    clock.advance(4000);
    const [pending] = call('XPENDING', 's', 'g', '-', '+', '1') as Reply[][];
    assert.equal(pending![2], 4000);
  });

  it('idle times and the counters of LFU', () => {
    const { clock, call } = manual();
    call('SET', 'k', 'v');
    clock.advance(30_000);
    assert.equal(call('OBJECT', 'IDLETIME', 'k'), 30);
    call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    call('SET', 'f', 'v');
    const before = call('OBJECT', 'FREQ', 'f') as number;
    clock.advance(3 * 60_000);
    assert.equal(call('OBJECT', 'FREQ', 'f'), before - 3);
  });

  it('blocking timeouts, at the moment it moves', async () => {
    const { clock, made } = manual();
    let over = false;
    const popped = made.async.blpop(['list'], 5).then((reply) => {
      over = true;
      return reply;
    });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(4999);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(over, false);
    clock.advance(2);
    assert.equal(await popped, null);
  });

  it('pauses', async () => {
    const { clock, made, call } = manual();
    call('CLIENT', 'PAUSE', '1000', 'ALL');
    const reply = made.async.ping();
    clock.advance(1001);
    assert.equal(await reply, 'PONG');
  });

  it('scripts', () => {
    const { clock, call } = manual();
    clock.advance(2500);
    assert.deepEqual(call('EVAL', "return redis.call('TIME')", '0'), ['1700000002', '500000']);
  });

  it('the slow log and its durations', () => {
    const { clock, call } = manual();
    call('CONFIG', 'SET', 'slowlog-log-slower-than', '1000');
    call('GET', 'quick');
    clock.advance(10_000);
    call('DEBUG', 'SLEEP', '0.25');
    const log = call('SLOWLOG', 'GET') as Reply[][];
    assert.equal(log.length, 1);
    assert.deepEqual(log[0]!.slice(1, 4), [1_700_000_010, 250_000, ['DEBUG', 'SLEEP', '0.25']]);
  });

  it('nothing else: DEBUG CLOCK moves it over a connection', () => {
    const { call } = manual();
    call('SET', 'k', 'v', 'PX', '1000');
    assert.equal((call('DEBUG', 'CLOCK', 'ADVANCE', '999.5') as { text: string }).text, 'OK');
    assert.equal(call('EXISTS', 'k'), 1);
    call('DEBUG', 'CLOCK', 'ADVANCE', '1');
    assert.equal(call('EXISTS', 'k'), 0);
    call('DEBUG', 'CLOCK', 'SET', '5000');
    assert.deepEqual(call('TIME'), ['5', '0']);
    assert.ok(call('DEBUG', 'CLOCK', 'ADVANCE', '-1') instanceof ErrorReply);
    const other = embedded({ settings: { enableDebugCommand: 'yes' } });
    assert.throws(() => other.sync.debug('CLOCK', ['ADVANCE', '1'] as never), /not moved by hand/);
  });
});

describe('setTimeSource', () => {
  it('leaves keys the rest of their time', () => {
    const { clock, made, call } = manual();
    call('SET', 'k', 'v', 'PX', '5000');
    clock.advance(2000);
    const next = new ManualClock(77);
    made.setTimeSource(next);
    assert.equal(call('PTTL', 'k'), 3000);
    clock.advance(100_000);
    assert.equal(call('PTTL', 'k'), 3000);
    next.advance(3001);
    assert.equal(call('EXISTS', 'k'), 0);
  });

  it('leaves deadlines where they are, if told to', () => {
    const { made, call } = manual();
    call('SET', 'k', 'v', 'PX', '5000');
    made.setTimeSource({ now: () => START + 4000 }, { deadlines: 'absolute' });
    assert.equal(call('PTTL', 'k'), 1000);
    made.setTimeSource({ now: () => START + 6000 }, { deadlines: 'absolute' });
    assert.equal(call('GET', 'k'), null);
  });

  it('lets waits go on for the rest of their time, and stamps keep their age', async () => {
    const { clock, made, call } = manual();
    call('SET', 'k', 'v');
    const popped = made.async.blpop(['list'], 10);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(9000);
    const next = new ManualClock(0);
    made.setTimeSource(next);
    assert.equal(call('OBJECT', 'IDLETIME', 'k'), 9);
    next.advance(1001);
    assert.equal(await popped, null);
  });

  it('tells those who keep a copy', () => {
    const { made, call } = manual();
    call('SET', 'k', 'v', 'PX', '5000');
    const told: string[][] = [];
    made.engine.effects = (_db, argv) => told.push([...argv]);
    made.setTimeSource(new ManualClock(1000));
    assert.deepEqual(told, [['PEXPIREAT', 'k', '6000']]);
  });
});

describe('a manual clock and a seed', () => {
  const trace = (seed: number): unknown[] => {
    const clock = new ManualClock(START);
    const { engine } = embedded({ clock, seed });
    const session = engine.connect(silent);
    const time = new Random(5);
    const steps = episode(11, {
      steps: 2000,
      checkpoint_steps: 2000,
      malformed: 0.1,
      exclude: new Set(['memory', 'function']),
      only: null,
      tune: false,
    });
    return (
      steps
        .filter(
          ({ kind, argv }) => ['plain', 'sample', 'scan'].includes(kind) && !/^(info|quit|client)$/i.test(argv[0]!),
        )
        // Passwords are never to be foreseen.
        .filter(({ argv }) => argv[1]?.toLowerCase() !== 'genpass')
        .map(({ argv }) => {
          if (time.below(5) === 0) clock.advance(time.below(3000));
          return [argv[0], session.call([...argv])];
        })
    );
  };

  it('make two runs of a program the same', () => {
    assert.deepEqual(trace(3), trace(3));
  });
  it('differ with the seed', () => {
    assert.notDeepEqual(trace(3), trace(4));
  });
});
