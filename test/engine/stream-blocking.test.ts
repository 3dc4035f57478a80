/** Readers of streams that wait. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sink } from '../../src/backend/session.js';
import { ManualClock } from '../../src/core/clock.js';
import { PENDING, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { encoded } from '../support/side-by-side.js';
import { runWaits } from './waits.js';

runWaits('waiting for entries', [
  {
    title: 'streams: every reader gets what is new',
    steps: `
      w: XADD s 1-1 a b
      a: XREAD BLOCK 0 STREAMS s $
      b: XREAD BLOCK 0 COUNT 1 STREAMS s t $ 0
      c: XREAD BLOCK 0 STREAMS s 1-1
      d: XREAD BLOCK 0 STREAMS s 5-5
      e: XREAD BLOCK 0 STREAMS s s $ 9-9
      f: BLPOP s 0
      w: XADD s 2-1 a c
      w: XADD s 6-1 a c
      a: XREAD BLOCK 0 STREAMS t $
      w: RPUSH t x
      w: DEL t
      w: XGROUP CREATE t g 5-5 MKSTREAM
      w: XADD t 0-1 x y
      w: DEL s
      w: RPUSH s 1`,
  },
  {
    title: 'streams: transactions, and entries that are gone at once',
    steps: `
      a: XREAD BLOCK 0 STREAMS s $
      w: MULTI
      w: XADD s 1-1 a b
      w: XADD s 2-1 a b
      w: XDEL s 1-1
      w: EXEC
      a: XREAD BLOCK 0 STREAMS s $
      w: MULTI
      w: XADD s 3-1 a b
      w: XDEL s 3-1
      w: EXEC
      a: HELLO 3
      a: XREAD BLOCK 0 STREAMS s $
      w: XADD s MAXLEN 0 4-1 a b
      w: MULTI
      w: XREAD BLOCK 0 STREAMS s $
      w: XREAD BLOCK 0 STREAMS s 1
      w: XGROUP CREATE s g 0
      w: XREADGROUP GROUP g c BLOCK 0 STREAMS s >
      w: EXEC`,
  },
  {
    title: 'streams: groups share, in the order in which readers came',
    steps: `
      w: XGROUP CREATE s g $ MKSTREAM
      w: XGROUP CREATE s h $
      a: XREADGROUP GROUP g alice COUNT 1 BLOCK 0 STREAMS s >
      b: XREADGROUP GROUP g bob BLOCK 0 STREAMS s >
      c: XREADGROUP GROUP g carl BLOCK 0 STREAMS s >
      d: XREADGROUP GROUP h dora NOACK BLOCK 0 STREAMS s >
      e: XREADGROUP GROUP h emil BLOCK 0 STREAMS s 0
      w: MULTI
      w: XADD s 1-1 a 1
      w: XADD s 2-1 a 2
      w: EXEC
      w: XADD s 3-1 a 3
      w: XPENDING s g
      w: XPENDING s h
      w: XINFO GROUPS s`,
  },
  {
    title: 'streams: groups and keys that go',
    steps: `
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      b: XREAD BLOCK 0 STREAMS s $
      w: DEL s
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: XGROUP DESTROY s g
      w: XGROUP CREATE s g $
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: SET s text
      w: DEL s
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: RENAME s t
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: RENAME t s
      w: XADD t 1-1 a b
      w: RENAME t s
      w: DEL s
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: MULTI
      w: DEL s
      w: SADD s e
      w: EXEC
      w: DEL s
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: MULTI
      w: DEL s
      w: XGROUP CREATE s g $ MKSTREAM
      w: XADD s 1-1 a b
      w: EXEC
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: FLUSHDB
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: SWAPDB 0 1
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: SWAPDB 0 1
      w: DEL s
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: RPUSH l 2 1
      w: SORT l STORE s
      w: DEL s
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: MOVE s 2
      w: XGROUP CREATE s g $ MKSTREAM
      a: XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
      w: PEXPIREAT s 1
      w: FLUSHALL
      w: XADD s 1-1 a b`,
  },
  {
    title: 'streams: watchers',
    steps: `
      w: XGROUP CREATE s g $ MKSTREAM
      v: WATCH s
      w: XGROUP CREATECONSUMER s g c
      v: MULTI
      v: PING
      v: EXEC
      v: WATCH s
      w: XADD s 1-1 a b
      v: MULTI
      v: PING
      v: EXEC
      v: WATCH s
      w: XREADGROUP GROUP g c STREAMS s >
      w: XACK s g 1-1
      v: MULTI
      v: PING
      v: EXEC
      v: WATCH s
      w: XDEL s 9-9
      w: XTRIM s MAXLEN 10
      w: XSETID s 5-5
      v: MULTI
      v: PING
      v: EXEC
      v: WATCH s
      w: XTRIM s MAXLEN 0
      v: MULTI
      v: PING
      v: EXEC`,
  },
]);

describe('waiting for entries: time', () => {
  it('ends when the key expires, though nobody gives a command', () => {
    const clock = new ManualClock(1_000_000);
    const engine = new Engine({ seed: 1, clock });
    const replies: Reply[] = [];
    const sink: Sink = {
      reply: (reply) => void replies.push(reply),
      push: () => {},
      close: () => {},
      resume: () => {},
      stats: {} as Sink['stats'],
    };
    const session = engine.connect(sink);
    session.call(['XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM']);
    session.call(['PEXPIRE', 's', '10']);
    assert.equal(session.call(['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '50', 'STREAMS', 's', '>']), PENDING);
    clock.advance(20);
    engine.cron();
    assert.deepEqual(
      replies.map((reply) => encoded(reply, 2)),
      ['-UNBLOCKED the stream key no longer exists\r\n'],
    );
    assert.equal(engine.blocking.count, 0);
  });

  it('ends in vain after so many milliseconds', () => {
    const clock = new ManualClock(1_000_000);
    const engine = new Engine({ seed: 1, clock });
    const replies: Reply[] = [];
    const sink = {
      reply: (reply: Reply) => void replies.push(reply),
      push: () => {},
      close: () => {},
      resume: () => {},
    };
    const session = engine.connect({ ...sink, stats: {} as Sink['stats'] });
    assert.equal(session.call(['XREAD', 'BLOCK', '50', 'STREAMS', 's', '$']), PENDING);
    clock.advance(49);
    engine.cron();
    assert.deepEqual(replies, []);
    clock.advance(2);
    engine.cron();
    assert.equal(encoded(replies[0]!, 2), '*-1\r\n');
  });
});
