/** XREADGROUP … BLOCK … CLAIM: a reader that waits is served when a pending entry comes of age. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sink } from '../../src/backend/session.js';
import { ManualClock } from '../../src/core/clock.js';
import { PENDING, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { parseReply, plain } from '../support/resp-client.js';
import { encoded, words } from '../support/side-by-side.js';

/** A stream with one entry, which `old` was given at the time 1,000,000. */
function claims() {
  const clock = new ManualClock(1_000_000);
  const engine = new Engine({ seed: 3, serverVersion: '8.4', clock });
  const connect = () => {
    const replies: unknown[] = [];
    const value = (reply: Reply): unknown => plain(parseReply(encoded(reply, 2)).node);
    const sink: Sink = {
      reply: (reply) => void replies.push(value(reply)),
      push: () => {},
      close: () => {},
      resume: () => {},
      stats: {} as Sink['stats'],
    };
    const session = engine.connect(sink);
    const call = (line: string): unknown => {
      const reply = session.call(words(line));
      return reply === PENDING ? PENDING : value(reply);
    };
    return { session, replies, call };
  };
  const writer = connect();
  writer.call('XADD s 1-0 f v');
  writer.call('XGROUP CREATE s g 0');
  writer.call('XREADGROUP GROUP g old STREAMS s >');
  /** Time passes, and the engine does its periodic work. */
  const pass = (ms: number): void => {
    clock.advance(ms);
    engine.cron();
  };
  return { clock, engine, connect, pass, call: writer.call };
}

const given = (id: string, idle: number, deliveries: number) => [['s', [[id, ['f', 'v'], idle, deliveries]]]];

describe('a reader that claims', () => {
  it('is served when the entry is old enough, not before', () => {
    const { connect, pass, call, engine } = claims();
    const reader = connect();
    assert.equal(reader.call('XREADGROUP GROUP g new BLOCK 0 CLAIM 1000 STREAMS s >'), PENDING);
    pass(999);
    assert.deepEqual(reader.replies, []);
    pass(1);
    assert.deepEqual(reader.replies, [given('1-0', 1000, 1)]);
    assert.equal(engine.blocking.count, 0);
    assert.deepEqual((call('XPENDING s g') as unknown[])[3], [['new', '1']]);
  });

  it('waits anew when another was quicker', () => {
    const { connect, pass, call } = claims();
    const reader = connect();
    reader.call('XREADGROUP GROUP g new BLOCK 0 CLAIM 1000 STREAMS s >');
    pass(500);
    call('XCLAIM s g other 0 1-0');
    pass(900);
    assert.deepEqual(reader.replies, []);
    pass(100);
    assert.deepEqual(reader.replies, [given('1-0', 1000, 2)]);
  });

  it('of two, the first is served, and the other when the entry has come of age again', () => {
    const { connect, pass } = claims();
    const [first, second] = [connect(), connect()];
    first.call('XREADGROUP GROUP g a BLOCK 0 CLAIM 1000 STREAMS s >');
    second.call('XREADGROUP GROUP g b BLOCK 0 CLAIM 1000 STREAMS s >');
    pass(1000);
    assert.deepEqual([first.replies, second.replies], [[given('1-0', 1000, 1)], []]);
    pass(1000);
    assert.deepEqual(second.replies, [given('1-0', 1000, 2)]);
  });

  it('is served at once what is made to look old', () => {
    const { connect, call } = claims();
    const reader = connect();
    reader.call('XREADGROUP GROUP g new BLOCK 0 CLAIM 1000 STREAMS s >');
    call('XCLAIM s g other 0 1-0 IDLE 5000');
    assert.deepEqual(reader.replies, [given('1-0', 5000, 2)]);
  });

  it('does not wait for what was acknowledged or deleted, and goes on to wait for what is new', () => {
    for (const line of ['XACK s g 1-0', 'XDEL s 1-0']) {
      const { connect, pass, call } = claims();
      const reader = connect();
      reader.call('XREADGROUP GROUP g new BLOCK 0 CLAIM 1000 STREAMS s >');
      call(line);
      pass(5000);
      assert.deepEqual(reader.replies, [], line);
      call('XADD s 2-0 f v');
      assert.deepEqual(reader.replies, [given('2-0', 0, 0)], line);
    }
  });

  it('is told in vain when its own time is over first', () => {
    const { connect, pass, engine } = claims();
    const reader = connect();
    reader.call('XREADGROUP GROUP g new BLOCK 300 CLAIM 1000 STREAMS s >');
    pass(300);
    assert.deepEqual(reader.replies, [null]);
    pass(5000);
    assert.deepEqual(reader.replies, [null]);
    assert.equal(engine.blocking.count, 0);
  });

  it('looks at all its streams', () => {
    const { connect, pass, call } = claims();
    call('XADD t 7-0 f v');
    call('XGROUP CREATE t g 0');
    pass(400);
    call('XREADGROUP GROUP g old STREAMS t >');
    call('XACK s g 1-0');
    const reader = connect();
    reader.call('XREADGROUP GROUP g new BLOCK 0 CLAIM 1000 STREAMS s t > >');
    pass(999);
    assert.deepEqual(reader.replies, []);
    pass(1);
    assert.deepEqual(reader.replies, [[['t', [['7-0', ['f', 'v'], 1000, 1]]]]]);
  });

  it('waits for entries that were read, but not by it, in the same transaction that added them', () => {
    const { connect, pass, call } = claims();
    call('XACK s g 1-0');
    const reader = connect();
    reader.call('XREADGROUP GROUP g new BLOCK 0 CLAIM 1000 STREAMS s >');
    for (const line of ['MULTI', 'XADD s 2-0 f v', 'XREADGROUP GROUP g old STREAMS s >', 'EXEC']) call(line);
    pass(999);
    assert.deepEqual(reader.replies, []);
    pass(1);
    assert.deepEqual(reader.replies, [given('2-0', 1000, 1)]);
  });

  it('takes what other commands of its connection do not wait for any more', () => {
    const { connect, pass, engine } = claims();
    const reader = connect();
    reader.call('XREADGROUP GROUP g new BLOCK 0 CLAIM 1000 STREAMS s >');
    reader.session.end();
    pass(5000);
    assert.deepEqual(reader.replies, []);
    assert.equal(engine.blocking.count, 0);
  });

  it('tells copies what it took', () => {
    const { connect, pass, engine } = claims();
    const told: string[] = [];
    engine.effects = (_db, argv) => void told.push(argv.join(' '));
    const reader = connect();
    reader.call('XREADGROUP GROUP g new BLOCK 0 CLAIM 1000 STREAMS s >');
    pass(1000);
    assert.deepEqual(reader.replies, [given('1-0', 1000, 1)]);
    assert.deepEqual(told, ['XCLAIM s g new 0 1-0 TIME 1001000 RETRYCOUNT 2 FORCE JUSTID LASTID 1-0']);
  });

  it('is served by the system clock too, though nobody gives a command', async () => {
    const engine = new Engine({ seed: 3, serverVersion: '8.4' });
    let served: (reply: Reply) => void = () => {};
    const reply = new Promise<Reply>((resolve) => {
      served = resolve;
    });
    const sink: Sink = {
      reply: (value) => served(value),
      push: () => {},
      close: () => {},
      resume: () => {},
      stats: {} as Sink['stats'],
    };
    const session = engine.connect(sink);
    session.call(words('XADD s 1-0 f v'));
    session.call(words('XGROUP CREATE s g 0'));
    session.call(words('XREADGROUP GROUP g old STREAMS s >'));
    assert.equal(session.call(words('XREADGROUP GROUP g new BLOCK 0 CLAIM 30 STREAMS s >')), PENDING);
    const [[, [[id, , idle, deliveries]]]] = plain(parseReply(encoded(await reply, 2)).node) as [
      [string, [[string, unknown, number, number]]],
    ];
    assert.deepEqual([id, deliveries], ['1-0', 1]);
    assert.ok(idle >= 30);
  });
});
