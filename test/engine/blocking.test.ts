/** Sessions that wait: the same steps on a real server and on the engine, with several clients. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sink } from '../../src/backend/session.js';
import { ManualClock } from '../../src/core/clock.js';
import { PENDING, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineSession } from '../../src/engine/session.js';
import { open } from '../../src/index.js';
import { encoded } from '../support/side-by-side.js';
import { runWaits, type Waits } from './waits.js';

const scripts: Waits[] = [
  {
    title: 'first come, first served',
    steps: `
      a: BLPOP k 0
      b: BRPOP k 0
      c: BLPOP k 0
      w: RPUSH k 1 2
      w: RPUSH k 3 4
      w: LRANGE k 0 -1`,
  },
  {
    title: 'several keys: the one that became ready first',
    steps: `
      a: BLPOP k1 k2 k1 0
      b: BLPOP k2 0
      w: MULTI
      w: RPUSH k2 2
      w: RPUSH k1 1
      w: EXEC
      w: EXISTS k1 k2`,
  },
  {
    title: 'a transaction is seen as a whole',
    steps: `
      a: BLPOP k 0
      w: MULTI
      w: RPUSH k 1
      w: DEL k
      w: SADD k x
      w: EXEC
      w: DEL k
      w: MULTI
      w: LPUSH k 1
      w: LPUSH k 2
      w: EXEC
      w: LRANGE k 0 -1`,
  },
  {
    title: 'lists serve those who wait for lists, sorted sets the others',
    steps: `
      a: BLPOP k 0
      b: BZPOPMIN k 0
      c: BLMPOP 0 1 k LEFT COUNT 2
      d: BZMPOP 0 2 other k MAX COUNT 3
      w: ZADD k 1 x 2 y 3 z
      w: TYPE k
      w: DEL k
      w: RPUSH k 1 2 3 4
      w: TYPE k
      w: LRANGE k 0 -1`,
  },
  {
    title: 'moves that feed other waits, and a circle',
    steps: `
      a: BLMOVE k1 k2 LEFT RIGHT 0
      b: BRPOPLPUSH k2 k3 0
      c: BLPOP k3 0
      d: BRPOPLPUSH k3 k1 0
      w: RPUSH k1 x y
      w: EXISTS k1 k2 k3
      w: RPUSH k3 z
      w: LRANGE k1 0 -1`,
  },
  {
    title: 'a list moved into itself',
    steps: `
      a: BLMOVE k k LEFT RIGHT 0
      b: BRPOPLPUSH k k 0
      w: RPUSH k 1 2 3
      w: LRANGE k 0 -1`,
  },
  {
    title: 'a destination of another type',
    steps: `
      w: SET s text
      a: BLMOVE k s LEFT RIGHT 0
      b: BRPOPLPUSH k s 0
      c: BLPOP k 0
      w: RPUSH k 1 2
      w: LRANGE k 0 -1`,
  },
  {
    title: 'keys that come about otherwise',
    steps: `
      a: BLPOP k 0
      w: RPUSH other 1
      w: RENAME other k
      a: BLPOP k 0
      w: RPUSH other 3 1 2
      w: SORT other STORE k
      w: DEL k other
      b: SELECT 1
      b: BLPOP k 0
      w: RPUSH k 1
      w: MOVE k 1
      b: BZPOPMAX z 0
      w: ZADD z 1 a 2 b
      w: SWAPDB 0 1
      c: BZPOPMIN u 0
      w: SADD set x y
      w: ZUNIONSTORE u 1 set
      c: BLPOP copy 0
      w: RPUSH orig 1
      w: COPY orig copy
      c: BZPOPMIN near 0
      w: GEOADD geo 1 1 m
      w: GEOSEARCHSTORE near geo FROMLONLAT 1 1 BYRADIUS 1 km
      c: BZPOPMIN part 0
      w: ZRANGESTORE part geo 0 -1`,
  },
  {
    title: 'a key that is replaced wakes nobody',
    steps: `
      a: BLPOP k 0
      w: SET k text
      w: RPUSH src 1 2
      w: SORT src STORE k
      w: RPUSH k 3
      w: DEL k
      w: RPUSH k 4`,
  },
  {
    title: 'in transactions nothing waits',
    steps: `
      w: MULTI
      w: BLPOP k 0
      w: BRPOPLPUSH k k 0
      w: BLMOVE k k LEFT LEFT 0
      w: BLMPOP 0 1 k LEFT
      w: BZPOPMIN k 0
      w: BZMPOP 0 1 k MIN
      w: EXEC`,
  },
  {
    title: 'RESP3',
    steps: `
      a: HELLO 3
      a: BZPOPMIN z 0
      b: HELLO 3
      b: BZMPOP 0 1 z MIN COUNT 5
      w: ZADD z 1 a 2.5 b
      b: BLMOVE k d LEFT LEFT 0
      w: SET d text
      w: RPUSH k 1
      b: BLPOP k 0`,
  },
  {
    title: 'CLIENT REPLY silences what was waited for',
    steps: `
      a: CLIENT REPLY SKIP
      a: BLPOP k 0
      w: RPUSH k 1
      a: PING
      a: CLIENT REPLY OFF
      a: BLPOP k 0
      w: RPUSH k 1
      a: CLIENT REPLY ON`,
  },
  {
    title: 'watchers',
    steps: `
      v: WATCH d
      a: BLMOVE k d LEFT RIGHT 0
      w: RPUSH k 1
      v: MULTI
      v: PING
      v: EXEC
      v: WATCH k
      a: BLPOP k 0
      w: RPUSH k 1
      v: MULTI
      v: PING
      v: EXEC`,
  },
];

runWaits('blocking', scripts);

describe('blocking: time and ends', () => {
  const start = (): {
    engine: Engine;
    clock: ManualClock;
    session: EngineSession;
    replies: Reply[];
    resumed: () => number;
  } => {
    const clock = new ManualClock(1_000_000);
    const engine = new Engine({ seed: 1, clock });
    const replies: Reply[] = [];
    let resumed = 0;
    const sink: Sink = {
      reply: (reply) => replies.push(reply),
      push: () => {},
      close: () => {},
      resume: () => void resumed++,
      stats: {} as Sink['stats'],
    };
    return { engine, clock, session: engine.connect(sink), replies, resumed: () => resumed };
  };

  it('replies null when the time is over, not before', () => {
    const { engine, clock, session, replies, resumed } = start();
    assert.equal(session.call(['BLPOP', 'k', '0.1']), PENDING);
    assert.equal(engine.blocking.count, 1);
    assert.equal(engine.blocking.timedCount, 1);
    clock.advance(99);
    engine.timers.run();
    assert.deepEqual(replies, []);
    clock.advance(2);
    engine.timers.run();
    assert.equal(encoded(replies[0]!, 2), '*-1\r\n');
    assert.equal(resumed(), 1);
    assert.equal(engine.blocking.count, 0);
    assert.equal(engine.blocking.waitedKeys, 0);
    assert.equal(session.blocked, false);
  });

  it('is ended by CLIENT UNBLOCK with null or an error', () => {
    const { engine, session, replies } = start();
    session.call(['BLMOVE', 'k', 'd', 'LEFT', 'LEFT', '0']);
    assert.equal(engine.blocking.unblock(session, 'timeout'), true);
    assert.equal(engine.blocking.unblock(session, 'timeout'), false);
    session.call(['BZPOPMIN', 'k', '0']);
    assert.equal(engine.blocking.unblock(session, 'error'), true);
    assert.deepEqual(
      replies.map((reply) => encoded(reply, 2)),
      ['*-1\r\n', '-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n'],
    );
    assert.equal(engine.stats.errors.get('UNBLOCKED'), 1);
  });

  it('forgets a session that ends', () => {
    const { engine, session, replies } = start();
    session.call(['BLPOP', 'k', 'l', '5']);
    session.end();
    assert.equal(engine.blocking.count, 0);
    assert.equal(engine.blocking.waitedKeys, 0);
    const other = engine.connect({ ...session.sink });
    other.call(['RPUSH', 'k', '1']);
    assert.equal(other.call(['LLEN', 'k']), 1);
    assert.deepEqual(replies, []);
  });

  it('says what a copy must do', () => {
    const { engine, session } = start();
    const effects: string[] = [];
    engine.effects = (db, argv) => effects.push(`${db} ${argv.join(' ')}`);
    const writer = engine.connect({ ...session.sink });
    const waits = [
      ['BLPOP', 'k', '0'],
      ['BLMPOP', '0', '1', 'k', 'RIGHT', 'COUNT', '9'],
      ['BLMOVE', 'k', 'd', 'LEFT', 'RIGHT', '0'],
      ['BRPOPLPUSH', 'k', 'd', '0'],
    ];
    for (const wait of waits) {
      session.call(wait);
      writer.call(['RPUSH', 'k', '1']);
    }
    session.call(['BZPOPMAX', 'z', '0']);
    writer.call(['ZADD', 'z', '1', 'a']);
    session.call(['BZMPOP', '0', '1', 'z', 'MIN', 'COUNT', '9']);
    writer.call(['ZADD', 'z', '1', 'a', '2', 'b']);
    writer.call(['BLPOP', 'd', '0']);
    writer.call(['LMPOP', '1', 'd', 'LEFT', 'COUNT', '5']);
    assert.deepEqual(effects, [
      '0 RPUSH k 1',
      '0 LPOP k',
      '0 RPUSH k 1',
      '0 RPOP k 1',
      '0 RPUSH k 1',
      '0 LMOVE k d LEFT RIGHT',
      '0 RPUSH k 1',
      '0 RPOPLPUSH k d',
      '0 ZADD z 1 a',
      '0 ZPOPMAX z',
      '0 ZADD z 1 a 2 b',
      '0 ZPOPMIN z 2',
      '0 LPOP d',
      '0 LPOP d 1',
    ]);
  });

  it('lets the served go on only when all are served', () => {
    const { engine, session } = start();
    const log: string[] = [];
    const client = (name: string): EngineSession =>
      engine.connect({
        ...session.sink,
        reply: () => log.push(`${name} served`),
        resume: () => log.push(`${name} goes on`),
      });
    client('a').call(['BLPOP', 'k', '0']);
    client('b').call(['BLPOP', 'k', '0']);
    session.call(['RPUSH', 'k', '1', '2']);
    assert.deepEqual(log, ['a served', 'b served', 'a goes on', 'b goes on']);
  });

  it('carries out what may wait when it is given, not after what is given next', async () => {
    await using db = open('memory:');
    await db.xgroupCreate('x', 'g', '0', { mkStream: true });
    const [early, id, late] = await Promise.all([
      db.xreadgroupNow('g', 'c', [['x', '>']]),
      db.xadd('x', '*', { f: 1 }),
      db.xreadgroupNow('g', 'c', [['x', '>']]),
    ]);
    assert.deepEqual([early, late], [null, { x: [{ id, fields: { f: '1' } }] }]);
    await db.rpush('l', 'a');
    const popped = await Promise.all([db.blpop('l', 1), db.lpush('l', 'b'), db.lrange('l', 0, -1)]);
    assert.deepEqual(popped, [['l', 'a'], 1, ['b']]);
    const held = await db.reserve();
    const given = await Promise.all([held.set('k', 1), db.get('k'), held.incr('k'), db.get('k')]);
    assert.deepEqual(given.slice(0, 2), [true, '1']);
    assert.equal(given[2], 2);
    held.release();
  });
});
