import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import { collectingSink } from '../support/side-by-side.js';
import { runScripts } from './scripts.js';

runScripts('bitmap', [
  {
    title: 'single bits',
    lines: `
      SETBIT b 7 1
      SETBIT b 7 1
      SETBIT b 7 0
      SETBIT b 20 0
      SETBIT b 100 1
      GETBIT b 7
      GETBIT b 100
      GETBIT b 4000000000
      GETBIT absent 3
      SETBIT b -1 1
      SETBIT b 4294967296 1
      SETBIT b x 1
      SETBIT b 1 2
      SETBIT b 1 x
      SETBIT b x x
      SET n 12
      GETBIT n 2
      SETBIT n 0 0
      SETBIT n 31 0
      SADD s a
      SETBIT s 0 1
      SETBIT s 0 2
      GETBIT s 0
      GETBIT s x
    `,
  },
  {
    title: 'BITCOUNT and BITPOS',
    lines: `
      SET b "\\xff\\xf0\\x00foobar"
      BITCOUNT b
      BITCOUNT b 0 0
      BITCOUNT b 1 1
      BITCOUNT b 0 -1
      BITCOUNT b 5 30 BIT
      BITCOUNT b 5 30 byte
      BITCOUNT b -8 -1 BIT
      BITCOUNT b -1 -8 BIT
      BITCOUNT b -1 -8 WRONG
      BITCOUNT b 1
      BITCOUNT b 1 2 WRONG
      BITCOUNT b 1 2 BIT extra
      BITCOUNT b x 2
      BITCOUNT b 100 200
      BITCOUNT absent
      BITCOUNT absent 1
      BITCOUNT absent x y
      SADD s a
      BITCOUNT s x
      SET n 7
      BITCOUNT n
      SET e ""
      BITCOUNT e
      BITCOUNT e 0 -1
      BITPOS b 0
      BITPOS b 1
      BITPOS b 1 2
      BITPOS b 0 0 0
      BITPOS b 0 0
      BITPOS b 1 2 2
      BITPOS b 0 3 -1 BIT
      BITPOS b 1 12 -1 BIT
      BITPOS b 1 7 15 BIT
      BITPOS b 1 -1 1
      BITPOS b 2
      BITPOS b x
      BITPOS b 1 x
      BITPOS b 1 0 x
      BITPOS b 1 0 x WRONG
      BITPOS b 1 0 1 WRONG
      BITPOS b 1 0 1 BIT extra
      BITPOS absent 0
      BITPOS absent 1
      BITPOS absent 1 x
      BITPOS s 1
      BITPOS s 3
      SET ff "\\xff\\xff"
      BITPOS ff 0
      BITPOS ff 0 0
      BITPOS ff 0 0 -1
      BITPOS ff 0 1 -1
      BITPOS ff 0 5
      BITPOS e 0
      BITPOS e 1
      BITPOS e 0 0
    `,
  },
  {
    title: 'BITOP',
    lines: `
      MSET a "\\xff\\x0f\\xaa" b "\\x0f" n 12 e ""
      BITOP AND r a b
      BITOP or r a b n
      BITOP XOR r a b absent
      BITOP NOT r a
      BITOP NOT r a b
      BITOP NAND r a b
      BITOP AND r absent
      BITOP AND r absent
      BITOP OR r e absent
      BITOP AND a a b
      BITOP NOT n n
      SADD s x
      BITOP OR r a s
      BITOP OR r s
      BITOP NOT s b
      BITOP AND
    `,
  },
  {
    title: 'BITFIELD',
    lines: `
      BITFIELD k
      BITFIELD k GET u8 0
      BITFIELD k SET u8 0 255 GET u4 4 GET i8 0
      BITFIELD k INCRBY u8 0 10
      BITFIELD k OVERFLOW SAT INCRBY u8 0 250 INCRBY u8 0 250
      BITFIELD k OVERFLOW FAIL INCRBY u8 0 1 OVERFLOW WRAP INCRBY u8 0 1
      BITFIELD k SET i64 #1 -9223372036854775808 INCRBY i64 #1 -1
      BITFIELD k SET u63 3 9223372036854775807 GET u63 3
      BITFIELD k SET i5 100 -16 INCRBY i5 100 -1
      BITFIELD k OVERFLOW SAT SET i8 0 200 SET i8 0 -200
      BITFIELD k OVERFLOW FAIL SET u2 0 9 GET u2 0
      BITFIELD grown OVERFLOW FAIL SET u2 40 9
      BITFIELD grown SET u8 0 0
      BITFIELD grown SET u8 48 0
      BITFIELD k GET u64 0
      BITFIELD k GET i65 0
      BITFIELD k GET x8 0
      BITFIELD k GET u8 -1
      BITFIELD k GET u8 #x
      BITFIELD k GET u8 4294967296
      BITFIELD k GET u8 4294967296 WRONG
      BITFIELD k GET u8 0 WRONG
      BITFIELD k SET u8 0 x
      BITFIELD k SET u8 0
      BITFIELD k OVERFLOW
      BITFIELD k OVERFLOW MAYBE
      BITFIELD k OVERFLOW FAIL
      BITFIELD_RO k GET u8 0 GET i16 4
      BITFIELD_RO k SET u8 0 1
      BITFIELD_RO k SET u8 0 1 WRONG
      BITFIELD_RO k OVERFLOW SAT GET u8 0
      BITFIELD_RO absent GET u8 0
      BITFIELD_RO absent
      SADD s a
      BITFIELD s GET u8 0
      BITFIELD s SET u8 0 1
      BITFIELD s SET u8 x 1
      BITFIELD_RO s SET u8 0 1
      SET n 12
      BITFIELD n GET u8 8
      BITFIELD n SET u8 8 50
    `,
  },
]);

describe('bitmap', () => {
  it('BITOP reads a source that is the destination before it is overwritten', () => {
    const session = new Engine({ seed: 1 }).connect(collectingSink([]));
    session.call(['SET', 'a', '\x0f'.repeat(100_000)]);
    session.call(['SET', 'b', '\xf0'.repeat(100_001)]);
    assert.equal(session.call(['BITOP', 'OR', 'a', 'a', 'b']), 100_001);
    assert.equal(session.call(['BITCOUNT', 'a']), 800_004);
    assert.equal(session.call(['BITPOS', 'a', '0']), 800_004);
  });
});
