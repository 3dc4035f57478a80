import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { ErrorReply, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { collectingSink, words } from '../support/side-by-side.js';
import { runScripts } from './scripts.js';

runScripts('string', [
  {
    title: 'SET and its options',
    lines: `
      SET k v
      SET k 10
      SET k v NX
      SET new v nx
      SET k w XX
      SET absent w XX
      SET k v GET
      SET absent v GET
      SET absent v GET NX
      SET fresh v GET XX
      SET k v EX 100
      SET k v KEEPTTL
      SET k v PX 100000
      SET k v EXAT 4102444800
      SET k v PXAT 4102444800000 GET
      SET gone v PXAT 1
      GET gone
      SET k v EX 1 PX 1
      SET k v KEEPTTL EX 1
      SET k v NX XX
      SET k v EX 10 EX 20
      SET k v EX
      SET k v EX abc
      SET k v EX abc WRONG
      SET k v EX 0
      SET k v EX -1
      SET k v EX 9223372036854775807
      SET k v EX 9223372036854775
      SET k v PX 9223372036854775807
      SET k v PXAT 9223372036854775807
      SET k v PERSIST
      SET k v WRONG
      SET k
      SADD set a
      SET set v GET
      SET set v EX 0 GET
      SET set v
      SET "bin\\x00\\xff" "\\x00\\xff\\r\\n"
      GET "bin\\x00\\xff"
    `,
  },
  {
    title: 'SETEX, PSETEX, SETNX, GETSET, GETDEL',
    lines: `
      SETEX k 100 v
      SETEX k 0 v
      SETEX k x v
      SETEX k 9223372036854775807 v
      PSETEX k 100000 v
      PSETEX k -5 v
      SETNX k w
      SETNX n 5
      GETSET k w
      GETSET a w
      GETSET k
      SADD s a
      GETSET s w
      GETDEL s
      GETDEL k
      GETDEL k
      SETNX s 1
      SETEX s 100 1
    `,
  },
  {
    title: 'GETEX',
    lines: `
      GETEX k
      GETEX k EX abc
      GETEX k WRONG
      SET k v
      GETEX k
      GETEX k EX 100
      GETEX k
      GETEX k PERSIST
      GETEX k PERSIST
      GETEX k PX 100000
      GETEX k PXAT 4102444800000
      GETEX k EXAT 4102444800
      GETEX k EX 0
      GETEX k EX abc
      GETEX k EX 10 PERSIST
      GETEX k KEEPTTL
      GETEX k NX
      GETEX k EX
      GETEX k EXAT 1
      GETEX k
      SADD s a
      GETEX s EX abc
      GETEX s
    `,
  },
  {
    title: 'counters',
    lines: `
      INCR n
      INCR n
      INCRBY n 40
      DECR n
      DECRBY n 41
      INCRBY n 9223372036854775807
      INCR n
      INCRBY n 1
      DECRBY n 9223372036854775807
      DECRBY n 9223372036854775807
      DECR n
      DECR n
      DECRBY n -9223372036854775808
      INCRBY n -9223372036854775808
      INCRBY n abc
      INCRBY n 1.5
      INCRBY n 9223372036854775808
      SET big 9007199254740993
      INCR big
      DECR big
      SET text abc
      INCR text
      SET lead 007
      INCR lead
      SET space " 1"
      INCR space
      SADD s a
      INCR s
      INCRBY s abc
      SET t 5 EX 100
      INCR t
      APPEND t 1
      INCR t
      SET plus +1
      INCR plus
      SET min -9223372036854775808
      DECR min
    `,
  },
  {
    title: 'INCRBYFLOAT',
    lines: `
      INCRBYFLOAT f 0.1
      INCRBYFLOAT f 0.2
      INCRBYFLOAT f -0.3
      INCRBYFLOAT i 3
      INCR i
      INCRBYFLOAT i 1e2
      INCRBYFLOAT i 0
      INCRBYFLOAT f 5e17
      INCRBYFLOAT f 1e400
      INCRBYFLOAT f inf
      INCRBYFLOAT f nan
      INCRBYFLOAT f abc
      INCRBYFLOAT f ""
      INCRBYFLOAT f " 1"
      SET text abc
      INCRBYFLOAT text 1
      SET hex 0x10
      INCRBYFLOAT hex 1
      SET t 1.5 EX 100
      INCRBYFLOAT t 1.5
      SADD s a
      INCRBYFLOAT s 1
      INCRBYFLOAT s abc
      SET exp 5.0e3
      INCRBYFLOAT exp 2.0e2
      INCRBYFLOAT digits 3.1415926535897932384626433
    `,
  },
  {
    title: 'pieces of strings',
    lines: `
      APPEND k hello
      APPEND k ""
      APPEND k " world"
      APPEND n 12
      APPEND n 34
      APPEND empty ""
      STRLEN k
      STRLEN absent
      STRLEN n
      GETRANGE k 0 4
      GETRANGE k -5 -1
      GETRANGE k -1 -5
      GETRANGE k 3 1
      GETRANGE k 0 100
      GETRANGE k -100 2
      GETRANGE k 20 30
      GETRANGE k a 1
      GETRANGE k 0 9223372036854775807
      GETRANGE k -9223372036854775808 3
      GETRANGE absent 0 1
      GETRANGE n 1 2
      GETRANGE empty 0 -1
      SUBSTR k 0 4
      SETRANGE k 6 Redis
      SETRANGE k 12 !
      SETRANGE k 0 ""
      SETRANGE absent 0 ""
      SETRANGE absent 3 x
      SETRANGE n 1 9
      SETRANGE k -1 x
      SETRANGE k a x
      SETRANGE k 536870912 x
      SETRANGE k 9223372036854775807 x
      SETRANGE new 536870911 ""
      SADD s a
      SETRANGE s 0 ""
      SETRANGE s 0 x
      SETRANGE s -1 x
      APPEND s x
      STRLEN s
      GETRANGE s 0 1
      GETRANGE s x 1
      SET int 12345
      SETRANGE int 0 9
      SETRANGE int 5 ""
    `,
  },
  {
    title: 'several keys',
    lines: `
      MSET a 1 b two c ""
      MGET a b c absent
      SADD s x
      MGET a s
      MSET a 1 b
      MSET a 1 a 2
      MSET s plain
      MSETNX a 1 z 2
      MSETNX y 1 z 2 y 3
      MSETNX y 1 z
      MSETNX q
      SET t 1 EX 100
      MSET t 2
    `,
  },
  {
    title: 'LCS',
    lines: `
      MSET a ohmytext b mynewtext e "" n 1234
      LCS a b
      LCS a b LEN
      LCS a b IDX
      LCS a b IDX WITHMATCHLEN
      LCS a b IDX MINMATCHLEN 4
      LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN
      LCS a b IDX MINMATCHLEN -4
      LCS a b MINMATCHLEN 4
      LCS a b LEN IDX
      LCS a b MINMATCHLEN
      LCS a b MINMATCHLEN x
      LCS a b WRONG
      LCS a e IDX
      LCS a absent
      LCS absent other LEN
      LCS n n IDX WITHMATCHLEN
      LCS a
      SADD s x
      LCS a s WRONG
      LCS s absent
    `,
  },
]);

describe('string', () => {
  const now = 1_700_000_000_000;
  const cases: [title: string, setup: string[], command: string, effects: string[][]][] = [
    ['SET EX sets an absolute time', [], 'SET k v EX 10', [['SET', 'k', 'v', 'PXAT', `${now + 10_000}`]]],
    ['SET alone stays as it came', [], 'SET k v NX', [['SET', 'k', 'v', 'NX']]],
    ['SET GET answers once', ['SET k a'], 'SET k v GET KEEPTTL', [['SET', 'k', 'v', 'KEEPTTL']]],
    ['SET that does nothing', ['SET k a'], 'SET k v NX', []],
    ['SETEX', [], 'SETEX k 10 v', [['SET', 'k', 'v', 'PXAT', `${now + 10_000}`]]],
    ['GETSET', [], 'GETSET k v', [['SET', 'k', 'v']]],
    ['GETDEL', ['SET k v'], 'GETDEL k', [['DEL', 'k']]],
    ['GETEX without options', ['SET k v'], 'GETEX k', []],
    ['GETEX EX', ['SET k v'], 'GETEX k EX 10', [['PEXPIREAT', 'k', `${now + 10_000}`]]],
    ['GETEX PERSIST', ['SETEX k 10 v'], 'GETEX k PERSIST', [['PERSIST', 'k']]],
    ['GETEX in the past', ['SET k v'], 'GETEX k PXAT 1', [['DEL', 'k']]],
    ['INCRBYFLOAT', [], 'INCRBYFLOAT k 1.50', [['SET', 'k', '1.5', 'KEEPTTL']]],
    ['INCR', [], 'INCR k', [['INCR', 'k']]],
    ['an error', ['SET k v'], 'INCR k', []],
  ];
  for (const [title, setup, command, effects] of cases) {
    it(`a copy is told: ${title}`, () => {
      const engine = new Engine({ clock: new ManualClock(now), seed: 1 });
      const session = engine.connect(collectingSink([]));
      for (const line of setup) session.call(words(line));
      const told: string[][] = [];
      engine.effects = (_db, argv) => told.push([...argv]);
      session.call(words(command));
      assert.deepEqual(told, effects);
    });
  }

  it('a TTL ends at its time, and SET makes a new life', () => {
    const clock = new ManualClock(now);
    const session = new Engine({ clock, seed: 1 }).connect(collectingSink([]));
    const call = (line: string): Reply => session.call(words(line));
    call('SET k v PX 100');
    clock.advance(100);
    assert.equal(call('GET k'), 'v');
    clock.advance(1);
    assert.equal(call('GET k'), null);
    call('SET k v PX 100');
    clock.advance(101);
    assert.equal(call('SETNX k w'), 1);
    assert.equal(call('GET k'), 'w');
  });

  it('a table for LCS larger than a bulk string may be is refused', () => {
    const engine = new Engine({ seed: 1 });
    engine.settings.protoMaxBulkLen = 1 << 20;
    const session = engine.connect(collectingSink([]));
    session.call(['MSET', 'a', 'x'.repeat(600), 'b', 'y'.repeat(600)]);
    const reply = session.call(['LCS', 'a', 'b']);
    assert.ok(reply instanceof ErrorReply);
    assert.match(reply.text, /transient memory for LCS exceeds proto-max-bulk-len/);
  });

  it('APPEND keeps the bytes of a growing string', () => {
    const session = new Engine({ seed: 1 }).connect(collectingSink([]));
    let expected = '';
    for (let i = 0; i < 2000; i++) {
      const piece = String.fromCharCode(i & 255).repeat(i % 90);
      expected += piece;
      assert.equal(session.call(['APPEND', 'k', piece]), expected.length);
    }
    assert.equal(session.call(['GET', 'k']), expected);
    assert.equal(session.call(['GETRANGE', 'k', '70000', '70100']), expected.slice(70_000, 70_101));
  });
});
