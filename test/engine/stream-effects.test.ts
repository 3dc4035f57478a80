import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sink } from '../../src/backend/session.js';
import { ManualClock } from '../../src/core/clock.js';
import { Random } from '../../src/core/random.js';
import { ErrorReply } from '../../src/core/reply.js';
import { embedded } from '../../src/embedded.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineSession } from '../../src/engine/session.js';
import { encoded } from '../support/side-by-side.js';

const silent: Sink = { reply: () => {}, push: () => {}, close: () => {}, resume: () => {}, stats: {} as Sink['stats'] };

/** Everything about a stream, but when its consumers were seen. */
function facts(session: EngineSession, key: string): unknown {
  const reply = session.call(['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0']);
  return encoded(reply, 2).replace(/(seen-time\r\n):\d+/g, '$1');
}

describe('streams: what a copy must do', () => {
  it('leads to the same streams, groups and pending entries', () => {
    const random = new Random(3);
    const clock = new ManualClock(1_000_000);
    const engine = new Engine({ seed: 1, clock });
    const session = engine.connect(silent);
    const copy = new Engine({ seed: 2, clock: new ManualClock(9_000_000) }).connect(silent);
    engine.effects = (_db, argv) => {
      const reply = copy.call([...argv]);
      assert.ok(!(reply instanceof ErrorReply), `${argv.join(' ')}: ${reply instanceof ErrorReply ? reply.text : ''}`);
    };
    engine.settings.limits.streamNodeMaxEntries = 5;
    const pick = (...words: string[]): string => words[random.below(words.length)]!;
    session.call(['XGROUP', 'CREATE', 's', 'g', '0', 'MKSTREAM']);
    session.call(['XGROUP', 'CREATE', 's', 'h', '0', 'ENTRIESREAD', '0']);
    for (let i = 0; i < 3000; i++) {
      clock.advance(random.below(4));
      const some = `${1_000_000 + random.below(i * 2 + 1)}-0`;
      const lines = [
        'XADD s * a b',
        `XADD s ${clock.now()}-* a b`,
        `XADD s NOMKSTREAM MAXLEN ~ ${random.below(60)} * a ${i}`,
        `XADD s MINID ~ ${some} LIMIT 20 * a ${i}`,
        `XTRIM s MAXLEN ~ ${random.below(60)} LIMIT 10`,
        `XTRIM s MINID ~ ${some}`,
        `XDEL s ${some}`,
        `XREADGROUP GROUP ${pick('g', 'h')} ${pick('alice', 'bob')} COUNT ${1 + random.below(9)} STREAMS s >`,
        `XREADGROUP GROUP ${pick('g', 'h')} ${pick('alice', 'carl')} NOACK COUNT 2 STREAMS s >`,
        `XCLAIM s g bob 0 ${some} ${some} FORCE LASTID ${some}`,
        `XAUTOCLAIM s ${pick('g', 'h')} dora ${random.below(9)} - COUNT 3`,
        `XACK s ${pick('g', 'h')} ${some}`,
        `XGROUP SETID s h ${some}`,
        'XGROUP DELCONSUMER s h bob',
      ];
      session.call(pick(...lines).split(' '));
    }
    assert.equal(facts(copy, 's'), facts(session, 's'));
  });

  it('says concretely what was made up', () => {
    const engine = new Engine({ seed: 1, clock: new ManualClock(5000) });
    const session = engine.connect(silent);
    const effects: string[] = [];
    engine.effects = (_db, argv) => effects.push(argv.join(' '));
    const lines = [
      'XADD s * a b',
      'XADD s 6000-* a b',
      'XADD s MAXLEN ~ 10 LIMIT 5 6001-1 a b',
      'XGROUP CREATE s g 0',
      'XREADGROUP GROUP g c COUNT 1 STREAMS s >',
      'XREADGROUP GROUP g d COUNT 1 NOACK STREAMS s >',
      'XREADGROUP GROUP g c STREAMS s 0',
      'XCLAIM s g d 0 5000-0 JUSTID',
      'XACK s g 5000-0 9-9',
      'XACK s g 9-9',
      'XTRIM s MAXLEN ~ 0 LIMIT 1',
    ];
    for (const line of lines) session.call(line.split(' '));
    const how = (count: number, last: string): string => `TIME 5000 RETRYCOUNT ${count} FORCE JUSTID LASTID ${last}`;
    assert.deepEqual(effects, [
      'XADD s 5000-0 a b',
      'XADD s 6000-0 a b',
      'XADD s MAXLEN = 3 6001-1 a b',
      'XGROUP CREATE s g 0',
      `XCLAIM s g c 0 5000-0 ${how(1, '5000-0')}`,
      'MULTI',
      'XGROUP CREATECONSUMER s g d',
      'XGROUP SETID s g 6000-0 ENTRIESREAD 2',
      'EXEC',
      `XCLAIM s g d 0 5000-0 ${how(2, '6000-0')}`,
      'XACK s g 5000-0 9-9',
    ]);
  });
});

describe('streams: the façade', () => {
  it('gives entries as objects', async () => {
    const { sync: db, close } = embedded();
    const id = db.xadd('s', '5-1', { a: 1, b: 'two' }, { maxLen: 1, approximate: true });
    assert.equal(id, '5-1');
    assert.equal(db.xaddIfExists('none', '*', { a: 1 }), null);
    const entry = { id: '5-1', fields: { a: '1', b: 'two' } };
    assert.deepEqual(db.xrange('s', '-', '+', { count: 5 }), [entry]);
    assert.deepEqual(db.xrevrange('s', '+', '-'), [entry]);
    assert.deepEqual(db.xreadNow({ s: '0', none: '$' }), { s: [entry] });
    assert.equal(db.xreadNow({ s: '$' }), null);
    assert.equal(db.xgroupCreate('s', 'g', '0', { entriesRead: 0 }), 'OK');
    assert.deepEqual(db.xreadgroupNow('g', 'alice', { s: '>' }, { count: 2 }), { s: [entry] });
    assert.deepEqual(db.xpending('s', 'g'), [1, '5-1', '5-1', [['alice', 1]]]);
    const [[pendingId, name, , deliveries] = []] = db.xpendingRange('s', 'g', '-', '+', 10, {
      consumer: 'alice',
      idle: 0,
    });
    assert.deepEqual([pendingId, name, deliveries], ['5-1', 'alice', 1]);
    assert.deepEqual(db.xclaim('s', 'g', 'bob', 0, ['5-1'], { retryCount: 3 }), [entry]);
    assert.deepEqual(db.xclaimIds('s', 'g', 'bob', 0, '5-1'), ['5-1']);
    assert.deepEqual(db.xautoclaim('s', 'g', 'carl', 0, '0'), ['0-0', [entry], []]);
    assert.equal(db.xinfoStream('s').lastEntry?.id, '5-1');
    const [group] = db.xinfoStreamFull('s').groups;
    assert.deepEqual([group?.name, group?.lag, group?.consumers.map(({ pelCount }) => pelCount)], ['g', 0, [0, 0, 1]]);
    assert.equal(db.xdel('s', '5-1'), 1);
    assert.deepEqual(db.xreadgroupNow('g', 'carl', { s: '0' }), { s: [{ id: '5-1', fields: null }] });
    assert.equal(db.xtrim('s', { minId: '6' }), 0);
    assert.equal(db.xsetid('s', '7-7', { entriesAdded: 9 }), 'OK');
    await close();
  });
});
