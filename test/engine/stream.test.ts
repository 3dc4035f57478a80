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
