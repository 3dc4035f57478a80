import { runScripts } from './scripts.js';

const adds = (key: string, from: number, to: number, fields = 'f v'): string =>
  Array.from({ length: to - from }, (_, i) => `XADD ${key} ${from + i}-1 ${fields}`).join('\n');
const max = '18446744073709551615';

runScripts('consumer groups', [
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
]);
