import { runScripts } from './scripts.js';

const long = 'x'.repeat(900);
const adds = (key: string, from: number, to: number, fields = 'f v'): string =>
  Array.from({ length: to - from }, (_, i) => `XADD ${key} ${from + i}-1 ${fields}`).join('\n');
const max = '18446744073709551615';

runScripts('streams', [
  {
    title: 'adding, ids, ranges',
    lines: `
      XADD s 1-1 a 1 b 2
      XADD s 1-2 a 3 b 4
      XADD s 1-* x y
      XADD s 2 a 5 c 6
      XADD s 2-* a "" "" b
      XADD s 7-* a 1
      XLEN s
      XLEN none
      XRANGE s - +
      XRANGE s - + COUNT 2
      XRANGE s - + COUNT 0
      XRANGE s - + COUNT -5
      XRANGE none - + COUNT 0
      XRANGE s 1 1
      XRANGE s 1-2 2
      XRANGE s (1-1 (2-1
      XRANGE s (1 +
      XRANGE s - (2
      XREVRANGE s + -
      XREVRANGE s + - COUNT 1
      XREVRANGE s 2 1-2
      XREVRANGE s (2-0 (1-1 COUNT 5
      XRANGE s 5 1
      XADD s ${max}-${max} last one
      XADD s * more things
      XADD s ${max}-* more things
      XRANGE s ${max} +
      XREVRANGE s + + COUNT 1
      XADD t 0-* a b
      XADD t 0-* a b
      XADD t 18446744073709551614-5 a b
      XADD t 18446744073709551614-18446744073709551615 a b
      XADD t 18446744073709551614-* a b
      XADD t 18446744073709551615-3 a b
      XRANGE t - +
      XADD u 9007199254740991-9007199254740991 a 1
      XADD u 9007199254740991-* a 2
      XADD u 9007199254740992-1 a 3
      XADD u 9007199254740993-1 a 4
      XRANGE u - +
      XRANGE u (9007199254740991-9007199254740991 9007199254740992`,
  },
  {
    title: 'what adding refuses',
    lines: `
      XADD s
      XADD s *
      XADD s * a
      XADD s * a b c
      XADD s 5-1 a b c
      XADD s 0-0 a b
      XADD s - a b
      XADD s + a b
      XADD s 1-2-3 a b
      XADD s 1- a b
      XADD s -1 a b
      XADD s x a b
      XADD s *-* a b
      XADD s -* a b
      XADD s 1-** a b
      XADD s "+5-1" a b
      XADD s "5-+2" a b
      XADD s " 6-007" a b
      XADD s 7--5 a b
      XADD s 7--05 a b
      XADD s 5 a b
      XADD s 18446744073709551616-1 a b
      XADD s MAXLEN x * a b
      XADD s MAXLEN -1 * a b
      XADD s MAXLEN 5 MINID 3 * a b
      XADD s MAXLEN 5 MAXLEN 3 * a b
      XADD s MAXLEN 5 LIMIT 3 * a b
      XADD s MAXLEN = 5 LIMIT 0 * a b
      XADD s LIMIT 3 * a b
      XADD s LIMIT 0 * a b
      XADD s MAXLEN ~ 5 LIMIT -3 * a b
      XADD s MAXLEN ~ 5 LIMIT z * a b
      XADD s MINID ~ z 9-1 a b
      XADD s MAXLEN 5 9-1
      XADD s MAXLEN ~ 5
      XADD s NOMKSTREAM 9-1
      XADD none NOMKSTREAM 9-1 a b
      XADD none NOMKSTREAM 0-0 a b
      XADD s NOMKSTREAM nomkstream 9-1 a b
      SET str text
      XADD str * a b
      XADD str NOMKSTREAM * a b
      XLEN str
      XRANGE str - +
      XRANGE s
      XRANGE s -
      XRANGE s x +
      XRANGE s - y
      XRANGE s - + COUNT
      XRANGE s - + COUNT x
      XRANGE s - + LIMIT 1
      XRANGE s - + COUNT 1 COUNT 2
      XRANGE s (+ +
      XRANGE s (- +
      XRANGE s ( +
      XRANGE s (${max}-${max} (0-0
      XRANGE s 0 (0-0
      XREVRANGE s (0-0 (${max}-${max}
      XREVRANGE s bad (${max}-${max}
      XREVRANGE s (0-0 0
      XRANGE none x +
      XRANGE str x +`,
  },
  {
    title: 'nodes: by number and by bytes',
    lines: `
      ${adds('s', 1, 230)}
      XINFO STREAM s
      ${adds('big', 1, 14, `f ${long}`)}
      XINFO STREAM big
      XADD huge 1-1 a ${'y'.repeat(9000)}
      XADD huge 2-1 a b
      XADD huge 300-5 a b
      XADD huge 301-1 c d
      XADD huge 301-2 a -17 b 300 c 70000 d -9000000 e 9000000000
      XRANGE huge 2 +
      XREVRANGE huge + 2
      XINFO STREAM huge
      COPY s copy
      XINFO STREAM copy
      XDEL s 1-1 100-1 101-1 150-1 229-1 229-1 500-1
      XADD s 300-1 f v
      XRANGE s 95 105
      XREVRANGE s 155 145
      XINFO STREAM s
      XTRIM s MAXLEN 150
      XINFO STREAM s
      XTRIM s MAXLEN ~ 100
      XINFO STREAM s
      XTRIM s MAXLEN ~ 20
      XTRIM s MINID 140
      XTRIM s MINID ~ 220
      XTRIM s MINID ~ 400
      XINFO STREAM s
      XINFO STREAM copy FULL COUNT 3
      XTRIM copy MAXLEN ~ 0 LIMIT 150
      XTRIM copy MAXLEN ~ 0 LIMIT 0
      XINFO STREAM copy
      XTRIM copy MAXLEN 0
      XADD copy 1-1 a b
      XADD copy MAXLEN 0 900-1 a b
      XINFO STREAM copy
      XADD copy MAXLEN ~ 0 901-1 a b
      XADD copy MINID = 902 903-1 a b
      XINFO STREAM copy FULL`,
  },
  {
    title: 'nodes of other sizes',
    config: ['stream-node-max-entries', '3', 'stream-node-max-bytes', '120'],
    tune: ({ settings }) => {
      settings.limits.streamNodeMaxEntries = 3;
      settings.limits.streamNodeMaxBytes = 120;
    },
    lines: `
      ${adds('s', 1, 20)}
      XADD s 30-1 field 123456789012345678901234567890123456789012345678901234567890
      XADD s 31-1 field 12345678901234567890123456789012345678901234567890
      XADD s 32-1 f 1 g 2
      XADD s 33-1 f 1 g 3
      XADD s 70000-1 f 1 g 3
      XADD s 90000000-1 f 1 g 3
      XINFO STREAM s
      XTRIM s MAXLEN ~ 7
      XTRIM s MAXLEN ~ 7 LIMIT 2
      XADD s MAXLEN ~ 7 LIMIT 3 90000001-1 f v
      XADD s MINID ~ 25 LIMIT 3 90000001-2 f v
      XDEL s 19-1 30-1 31-1
      XDEL s 90000001-2
      XINFO STREAM s
      XTRIM s MINID ~ 33-2
      XINFO STREAM s FULL`,
  },
  {
    title: 'nodes without limits',
    config: ['stream-node-max-entries', '0', 'stream-node-max-bytes', '0'],
    tune: ({ settings }) => {
      settings.limits.streamNodeMaxEntries = 0;
      settings.limits.streamNodeMaxBytes = 0;
    },
    lines: `
      ${adds('s', 1, 300)}
      XINFO STREAM s
      XTRIM s MAXLEN ~ 7
      XTRIM s MAXLEN 170
      XDEL s 299-1
      XADD s 300-0 f v
      XINFO STREAM s`,
  },
  {
    title: 'deleting',
    lines: `
      ${adds('s', 1, 6)}
      XDEL s 3-1
      XDEL s 3-1 4-1 x
      XDEL s 4-1 9-9 4-1
      XDEL none x
      XDEL none 1-1
      XDEL s
      XRANGE s - +
      XREVRANGE s + -
      XDEL s 1-1
      XINFO STREAM s
      XDEL s 2-1 5-1
      XINFO STREAM s
      XLEN s
      TYPE s
      XRANGE s - +
      XADD s 5-1 a b
      XADD s 5-2 a b
      XTRIM s MAXLEN 0
      XINFO STREAM s
      SET str text
      XDEL str 1-1
      XDEL str x
      XTRIM str MAXLEN 0
      XTRIM none MAXLEN 0
      XTRIM s
      XTRIM s MAXLEN
      XTRIM s FOO 1
      XTRIM s MAXLEN ~
      XTRIM s MAXLEN = x
      XTRIM s LIMIT 5
      XTRIM s LIMIT 0 LIMIT 0
      XTRIM s MAXLEN 5 LIMIT 5
      XTRIM s MAXLEN 5 MINID 5
      XTRIM s MAXLEN ~ 5 LIMIT 5 more`,
  },
  {
    title: 'XSETID',
    lines: `
      XSETID none 1-1
      ${adds('s', 1, 4)}
      XSETID s 3-0
      XSETID s 3-1
      XSETID s -
      XSETID s 10-1 ENTRIESADDED 2
      XSETID s 10-1 ENTRIESADDED -2
      XSETID s 10-1 ENTRIESADDED x
      XSETID s 10-1 ENTRIESADDED
      XSETID s 10-1 MAXDELETEDID 11
      XSETID s 10-1 MAXDELETEDID 11 FOO
      XSETID s 10-1 MAXDELETEDID x
      XSETID s 10-1 FOO BAR
      XSETID s 10-1 ENTRIESADDED 100 MAXDELETEDID 2-2
      XINFO STREAM s
      XADD s 10-* a b
      XINFO STREAM s
      XSETID s 20-1 ENTRIESADDED 9223372036854775807
      XADD s 21 a b
      XSETID s 30-1 MAXDELETEDID 0-0
      XGROUP CREATE s g 0
      XINFO GROUPS s
      XSETID s
      SET str text
      XSETID str 1-1
      XSETID str x`,
  },
  {
    title: 'reading several streams',
    lines: `
      ${adds('s', 1, 5)}
      XADD t 1-1 x y
      XREAD STREAMS s t 0 0
      XREAD COUNT 2 STREAMS s t 2-1 0
      XREAD COUNT 0 STREAMS s 0
      XREAD COUNT -1 STREAMS s 0
      XREAD COUNT 1 COUNT 2 STREAMS s 0
      XREAD STREAMS s t 4-1 1-1
      XREAD STREAMS s t $ $
      XREAD STREAMS none s 0 3
      XREAD STREAMS none $
      XREAD STREAMS s s 3 4
      XREAD BLOCK 10 STREAMS s 3
      XREAD STREAMS s
      XREAD STREAMS s 0 1
      XREAD STREAMS
      XREAD s 0 1
      XREAD COUNT x STREAMS s 0
      XREAD BLOCK x STREAMS s 0
      XREAD BLOCK -1 STREAMS s 0
      XREAD BLOCK 1.5 STREAMS s 0
      XREAD COUNT 5 s 0
      XREAD STREAMS s >
      XREAD STREAMS s +
      XREAD STREAMS s x
      XREAD GROUP g c STREAMS s 0
      XREAD NOACK STREAMS s 0
      XREAD GROUP g STREAMS s
      SET str text
      XREAD STREAMS str 0
      XREAD STREAMS s str x 0
      XREAD STREAMS s ${max}-${max}
      XDEL s 4-1
      XREAD STREAMS s 3-1
      XREAD STREAMS s $`,
  },
  {
    title: 'groups: making, changing, removing',
    lines: `
      XGROUP CREATE s g $
      XGROUP CREATE s g $ MKSTREAM
      XGROUP CREATE s g $ MKSTREAM
      XGROUP CREATE s h 0 ENTRIESREAD 0
      XGROUP CREATE s i 5-5 MKSTREAM ENTRIESREAD 3
      XGROUP CREATE s j x
      XGROUP CREATE t j x MKSTREAM
      XGROUP CREATE s j - ENTRIESREAD -1
      XGROUP CREATE s j 0 ENTRIESREAD -2
      XGROUP CREATE s j 0 ENTRIESREAD x
      XGROUP CREATE s j 0 ENTRIESREAD
      XGROUP CREATE s j 0 FOO
      XGROUP CREATE s j 0 MKSTREAM MKSTREAM ENTRIESREAD 5
      XGROUP CREATE s j
      XGROUP CREATE none j 0 FOO
      XINFO GROUPS s
      XGROUP CREATECONSUMER s g alice
      XGROUP CREATECONSUMER s g alice
      XGROUP CREATECONSUMER s nog alice
      XGROUP CREATECONSUMER nos g alice
      XGROUP CREATECONSUMER s g
      XINFO CONSUMERS s g ~shape
      XINFO CONSUMERS s nog
      XINFO CONSUMERS nos g
      XINFO GROUPS nos
      XINFO STREAM nos
      XINFO STREAM s FOO
      XINFO STREAM s FULL COUNT
      XINFO STREAM s FULL COUNT x
      XINFO STREAM s FULL FOO 5
      XINFO STREAM s FOO COUNT 5
      XINFO STREAM
      XINFO GROUPS
      XINFO FOO s
      XINFO
      XINFO HELP s
      XINFO GROUPS s more
      XGROUP
      XGROUP FOO s g
      XGROUP HELP me
      XGROUP SETID s g 7-7
      XGROUP SETID s g - ENTRIESREAD 3
      XGROUP SETID s g + ENTRIESREAD 9223372036854775807
      XGROUP SETID s g $
      XGROUP SETID s g x
      XGROUP SETID s nog $
      XGROUP SETID nos g $
      XGROUP SETID s g $ FOO
      XGROUP SETID s g $ MKSTREAM
      XGROUP SETID s g $ ENTRIESREAD 1 ENTRIESREAD 2
      XGROUP SETID s g $ ENTRIESREAD -5
      XGROUP DELCONSUMER s g alice
      XGROUP DELCONSUMER s g alice
      XGROUP DELCONSUMER s nog alice
      XGROUP DESTROY s g
      XGROUP DESTROY s g
      XGROUP DESTROY nos g
      XINFO GROUPS s
      SET str text
      XGROUP CREATE str g $ MKSTREAM
      XGROUP DESTROY str g
      XGROUP SETID str g 0
      XINFO STREAM str
      XINFO STREAM str FOO
      XINFO GROUPS str
      XADD s 1-1 a b
      XINFO STREAM s FULL`,
  },
  {
    title: 'groups: reading, history, acknowledging',
    lines: `
      ${adds('s', 1, 8)}
      XGROUP CREATE s g 0
      XGROUP CREATE s h $
      XREADGROUP GROUP g alice COUNT 2 STREAMS s >
      XREADGROUP GROUP g bob COUNT 1 STREAMS s >
      XREADGROUP GROUP g carl NOACK COUNT 2 STREAMS s >
      XREADGROUP GROUP h alice STREAMS s >
      XREADGROUP GROUP h alice STREAMS s 0
      XREADGROUP GROUP g alice STREAMS s 0
      XREADGROUP GROUP g alice COUNT 1 STREAMS s 0
      XREADGROUP GROUP g alice STREAMS s 1-1
      XREADGROUP GROUP g dora STREAMS s 0
      XREADGROUP GROUP g emil NOACK STREAMS s 0
      XPENDING s g
      XINFO GROUPS s
      XDEL s 1-1
      XREADGROUP GROUP g alice STREAMS s 0
      XACK s g 1-1 1-1 3-1 9-9
      XACK s g x
      XACK s g 2-1 x
      XACK none g x
      XACK s nog x
      XACK s g
      XPENDING s g
      XINFO GROUPS s
      XREADGROUP GROUP g alice STREAMS s >
      XREADGROUP GROUP g alice STREAMS s >
      XINFO GROUPS s
      XGROUP SETID s g 0
      XREADGROUP GROUP g bob COUNT 3 STREAMS s >
      XPENDING s g
      XINFO GROUPS s
      XGROUP DELCONSUMER s g bob
      XPENDING s g
      XPENDING s g - + 10 ~shape
      XREADGROUP GROUP nog a STREAMS s >
      XREADGROUP GROUP g a STREAMS none >
      XREADGROUP GROUP g a STREAMS s none > >
      XREADGROUP GROUP g a STREAMS s $
      XREADGROUP GROUP g a STREAMS s x
      XREADGROUP GROUP g a STREAMS s +
      XREADGROUP GROUP g a COUNT 5 STREAMS
      XREADGROUP COUNT 5 NOACK STREAMS s t 0 0
      XREADGROUP BLOCK 10 COUNT 2 STREAMS s >
      XREADGROUP GROUP g a s >
      XREADGROUP GROUP g a STREAMS s s >
      SET str text
      XREADGROUP GROUP g a STREAMS str >
      XACK str g x
      XPENDING s g
      XCLAIM s g new 0 2-1 3-1 JUSTID`,
  },
  {
    title: 'lag',
    lines: `
      XGROUP CREATE s early $ MKSTREAM
      XINFO GROUPS s
      ${adds('s', 1, 6)}
      XGROUP CREATE s g 0
      XGROUP CREATE s first 1-1
      XGROUP CREATE s mid 3-1
      XGROUP CREATE s last 5-1
      XGROUP CREATE s future 9-1
      XINFO GROUPS s
      XREADGROUP GROUP g a COUNT 2 STREAMS s >
      XREADGROUP GROUP mid a COUNT 1 STREAMS s >
      XREADGROUP GROUP first a COUNT 1 STREAMS s >
      XINFO GROUPS s
      XDEL s 4-1
      XINFO GROUPS s
      XREADGROUP GROUP g a COUNT 1 STREAMS s >
      XINFO GROUPS s
      XREADGROUP GROUP g a STREAMS s >
      XREADGROUP GROUP early a COUNT 1 STREAMS s >
      XINFO GROUPS s
      XTRIM s MAXLEN 1
      XINFO GROUPS s
      XDEL s 5-1
      XINFO GROUPS s
      XADD s 10-1 a b
      XINFO GROUPS s
      XINFO STREAM s`,
  },
  {
    title: 'claiming',
    lines: `
      ${adds('s', 1, 9)}
      XGROUP CREATE s g 0
      XREADGROUP GROUP g alice COUNT 6 STREAMS s >
      XCLAIM s g bob 0 1-1 2-1
      XCLAIM s g bob 0 1-1 JUSTID
      XCLAIM s g bob 0 9-9 8-1
      XCLAIM s g bob 0 8-1 FORCE
      XCLAIM s g bob 0 7-1 FORCE JUSTID RETRYCOUNT 7
      XCLAIM s g bob 100000 3-1
      XCLAIM s g bob 1000 3-1 IDLE 5000
      XCLAIM s g carl 0 3-1 IDLE 500000 RETRYCOUNT 9223372036854775807 JUSTID
      XCLAIM s g dora 400000 3-1 TIME 5
      XCLAIM s g dora 0 3-1 TIME 9223372036854775807 LASTID 7-7
      XCLAIM s g dora 0 3-1 TIME -5
      XCLAIM s g dora 0 9-9 LASTID 8-8
      XINFO GROUPS s
      XPENDING s g
      XPENDING s g - + 100 ~shape
      XDEL s 4-1 5-1
      XCLAIM s g bob 0 4-1
      XPENDING s g
      XCLAIM s g bob 0
      XCLAIM s g bob x 1-1
      XCLAIM s g bob -5 1-1
      XCLAIM s g bob 0 1-1 FOO
      XCLAIM s g bob 0 1-1 FORCE 2-1
      XCLAIM s g bob 0 1-1 IDLE x
      XCLAIM s g bob 0 1-1 TIME x
      XCLAIM s g bob 0 1-1 RETRYCOUNT x
      XCLAIM s g bob 0 1-1 RETRYCOUNT -4
      XCLAIM s g bob 0 1-1 LASTID x
      XCLAIM s g bob 0 1-1 IDLE
      XCLAIM s g bob 0 JUSTID
      XCLAIM s nog bob 0 1-1
      XCLAIM none g bob x 1-1
      XCLAIM s g emil 100000 1-1
      XINFO GROUPS s
      XAUTOCLAIM s g fred 0 0 COUNT 2
      XAUTOCLAIM s g fred 0 (2-1 COUNT 2 JUSTID
      XAUTOCLAIM s g fred 0 - JUSTID
      XAUTOCLAIM s g fred 100000 - 
      XAUTOCLAIM s g fred 0 + 
      XAUTOCLAIM s g fred 0 x
      XAUTOCLAIM s g fred x x
      XAUTOCLAIM s g fred 0 0 COUNT 0
      XAUTOCLAIM s g fred 0 0 COUNT x
      XAUTOCLAIM s g fred 0 0 COUNT 576460752303423488
      XAUTOCLAIM s g fred 0 0 COUNT
      XAUTOCLAIM s g fred 0 0 FOO
      XAUTOCLAIM s g fred 0 (${max}-${max}
      XAUTOCLAIM s nog fred 0 0
      XAUTOCLAIM s g fred 0
      SET str text
      XCLAIM str g bob 0 1-1
      XAUTOCLAIM str g bob 0 0
      XPENDING s g`,
  },
  {
    title: 'pending entries',
    lines: `
      ${adds('s', 1, 9)}
      XGROUP CREATE s g 0
      XPENDING s g
      XPENDING s g - + 10
      XREADGROUP GROUP g alice COUNT 3 STREAMS s >
      XREADGROUP GROUP g bob COUNT 3 STREAMS s >
      XPENDING s g
      XPENDING s g - + 10 ~shape
      XPENDING s g - + 2 ~shape
      XPENDING s g - + 0
      XPENDING s g - + -1
      XPENDING s g (1-1 (5-1 10 alice ~shape
      XPENDING s g - + 10 nobody
      XPENDING s g IDLE 100000 - + 10
      XPENDING s g IDLE 0 - + 10 bob ~shape
      XPENDING s g IDLE 0 - +
      XPENDING s g IDLE x - + 10
      XPENDING s g IDLE
      XPENDING s g - +
      XPENDING s g -
      XPENDING s g - + x
      XPENDING s g x + 10
      XPENDING s g - y 10
      XPENDING s g - y x
      XPENDING s g - + 10 a b c d
      XPENDING s g - + 10 a b
      XPENDING s g (${max}-${max} + 10
      XPENDING s g - (0-0 10
      XPENDING s nog
      XPENDING nos g
      XPENDING nos g x + 10
      XPENDING s
      SET str text
      XPENDING str g
      XGROUP DELCONSUMER s g alice
      XPENDING s g
      COPY s copy
      XPENDING copy g
      XINFO STREAM copy FULL COUNT 1 ~shape
      XACK copy g 4-1
      XPENDING s g`,
  },
  {
    title: 'keys',
    lines: `
      XADD s 1-1 a b
      OBJECT ENCODING s
      TYPE s
      EXPIRE s 100
      XADD s 2-1 a b
      RENAME s t
      XRANGE t - +
      SCAN 0 TYPE stream
      GET t
      LPUSH t x
      SORT t
      XGROUP CREATE t g 0
      XREADGROUP GROUP g c STREAMS t >
      MOVE t 1
      EXISTS t
      XADD t 1-1 a b
      UNLINK t`,
  },
]);
