import type { Engine } from '../../src/engine/engine.js';
import { runScripts } from './scripts.js';

const big = 'm'.repeat(65);

const scripts = [
  {
    title: 'ZADD and its options',
    lines: `
      ZADD z 1 a 2 b
      ZADD z 3 a 4 c
      ZADD z CH 3 a 5 c 6 d
      ZADD z NX 10 a 11 e
      ZADD z XX 10 a 11 f
      ZADD z XX CH 10 a 12 b
      ZADD z GT CH 9 a 13 b
      ZADD z LT CH 9 a 14 b
      ZADD z GT XX 100 none 100 a
      ZADD z GT 1 new
      ZADD z INCR 5 a
      ZADD z NX INCR 5 a
      ZADD z XX INCR 5 none
      ZADD z GT INCR -5 a
      ZADD z LT INCR -5 a
      ZADD z LT INCR 5 a
      ZADD none XX 1 a
      ZADD none XX INCR 1 a
      ZADD z CH NX XX 1 a
      ZADD z NX GT 1 a
      ZADD z GT LT 1 a
      ZADD z NX XX 1
      ZADD z NX 1
      ZADD z NX NX
      ZADD z 1 a 2
      ZADD z INCR 1 a 2 b
      ZADD z x a
      ZADD z 1 a x b
      ZADD z nan a
      ZADD z 1e400 a
      ZADD z inf a -inf b +inf c
      ZADD z INCR -inf a
      ZADD z INCR -inf new
      ZADD z 0x10 hex 1e3 e 1.5 f " 1" g
      ZADD z 1
      ZADD z 1 nx
      SET s text
      ZADD s 1 a
      ZADD s x a
      ZADD s XX 1 a
      ZRANGE z 0 -1 WITHSCORES`,
  },
  {
    title: 'scores as they are shown',
    lines: `
      ZADD z -0 zero 0.1 a 3.14159265358979 pi 1e17 e17 1152921504606846976 p60 5e18 big 1e-7 small 1e300 huge 17 int
      ZRANGE z 0 -1 WITHSCORES
      ZSCAN z 0
      ZSCORE z zero
      ZINCRBY z -0 other
      ZADD z 1 ${big}
      ZADD z -0 zero2 1e17 f17
      ZADD skiplist 1e17 ${big}
      ZSCAN skiplist 0
      ZADD skiplist -0 ${big}
      ZSCAN skiplist 0 COUNT 100
      ZRANGE z 0 -1 WITHSCORES
      ZMSCORE z zero zero2 none
      ZINCRBY z 0.2 a
      ZINCRBY z nan a
      ZINCRBY z x a
      ZINCRBY z nx a
      ZINCRBY z incr ch
      ZINCRBY z inf a
      ZINCRBY z -inf a
      ZINCRBY none 3 a`,
  },
  {
    title: 'reading single members',
    lines: `
      ZADD z 1 a 2 b 3 c
      ZCARD z
      ZCARD none
      ZSCORE z b
      ZSCORE z none
      ZSCORE none a
      ZRANK z c
      ZRANK z none
      ZRANK none c
      ZREVRANK z c
      ZREVRANK z none
      ZMSCORE z a none c
      ZMSCORE none a b
      ZREM z a none
      ZREM z none
      ZREM z b b c
      ZREM z a
      SET s text
      ZCARD s
      ZSCORE s a
      ZRANK s a
      ZREVRANK s a
      ZMSCORE s a
      ZREM s a
      ZINCRBY s 1 a
      ZINCRBY s x a`,
  },
  {
    title: 'ZSCAN',
    lines: `
      ZADD z 1 a 2 b 3 ab
      ZSCAN z 0
      ZSCAN z 0 MATCH a*
      ZSCAN z 0 MATCH * COUNT 1
      ZSCAN z 0 COUNT 0
      ZSCAN z 0 COUNT x
      ZSCAN z 0 FOO
      ZSCAN z x
      ZSCAN z " 1"
      ZSCAN z -1
      ZSCAN none 0
      ZSCAN none 0 FOO
      ZSCAN none x
      SET s text
      ZSCAN s 0 FOO
      ZSCAN s x`,
  },
  {
    title: 'ZRANGE in all its forms',
    lines: `
      ZADD z 1 a 2 b 3 c 4 d 5 e
      ZRANGE z 0 -1
      ZRANGE z 1 2 WITHSCORES
      ZRANGE z -2 -1 REV
      ZRANGE z 0 1 REV WITHSCORES
      ZRANGE z 3 1
      ZRANGE z -100 100
      ZRANGE z 5 6
      ZRANGE z 2 4 BYSCORE
      ZRANGE z (2 (4 BYSCORE WITHSCORES
      ZRANGE z +inf -inf BYSCORE REV
      ZRANGE z 4 2 BYSCORE REV LIMIT 1 1
      ZRANGE z -inf +inf BYSCORE LIMIT 1 2
      ZRANGE z -inf +inf BYSCORE LIMIT 1 -1
      ZRANGE z -inf +inf BYSCORE LIMIT -1 2
      ZRANGE z -inf +inf BYSCORE LIMIT 9 2
      ZRANGE z -inf +inf BYSCORE LIMIT 1 0
      ZRANGE z -inf +inf BYSCORE LIMIT x 0
      ZRANGE z -inf +inf BYSCORE LIMIT 1
      ZRANGE z "" 3 BYSCORE
      ZRANGE z ( 3 BYSCORE
      ZRANGE z " 2" 1e400 BYSCORE
      ZRANGE z 0x1 0x3 BYSCORE
      ZRANGE z nan 3 BYSCORE
      ZRANGE z 1x 3 BYSCORE
      ZRANGE z [a 3 BYSCORE
      ZRANGE z 0 1 LIMIT 0 1
      ZRANGE z 0 1 LIMIT 0 -1
      ZRANGE z 0 1 BYSCORE BYLEX
      ZRANGE z 0 1 BYSCORE BYSCORE
      ZRANGE z 0 1 REV REV
      ZRANGE z 0 1 WITHSCORES WITHSCORES
      ZRANGE z - + BYLEX WITHSCORES
      ZRANGE z 0 1 FOO
      ZRANGE z x 1
      ZRANGE z 0 x
      ZRANGE none x 1
      ZRANGE none 0 -1
      ZRANGE none 0 -1 WITHSCORES
      SET s text
      ZRANGE s 0 -1
      ZRANGE s x -1`,
  },
  {
    title: 'lexicographic ranges',
    lines: `
      ZADD z 0 a 0 aa 0 b 0 c 0 d "0" "" 0 "\\x00" 0 "\\xff"
      ZRANGE z [a [c BYLEX
      ZRANGE z (a (c BYLEX
      ZRANGE z - + BYLEX
      ZRANGE z + - BYLEX REV LIMIT 1 2
      ZRANGE z + - BYLEX
      ZRANGE z [ [a BYLEX
      ZRANGE z [c [a BYLEX
      ZRANGE z a [c BYLEX
      ZRANGE z -x + BYLEX
      ZRANGE z 1 2 BYLEX
      ZRANGEBYLEX z - [b
      ZRANGEBYLEX z - + LIMIT 2 3
      ZRANGEBYLEX z - + WITHSCORES
      ZRANGEBYLEX z - + LIMIT 1
      ZRANGEBYLEX z - + REV
      ZREVRANGEBYLEX z + [b
      ZREVRANGEBYLEX z [b -
      ZREVRANGEBYLEX z + - LIMIT 0 2
      ZLEXCOUNT z - +
      ZLEXCOUNT z (a +
      ZLEXCOUNT z + -
      ZLEXCOUNT z - -
      ZLEXCOUNT z + +
      ZLEXCOUNT z [b [b
      ZLEXCOUNT z (b [b
      ZLEXCOUNT z a b
      ZLEXCOUNT none - +
      ZREMRANGEBYLEX z [a (b
      ZREMRANGEBYLEX z x y
      ZREMRANGEBYLEX none - +
      ZREMRANGEBYLEX z - +
      SET s text
      ZLEXCOUNT s - +
      ZRANGEBYLEX s - +
      ZREMRANGEBYLEX s - +`,
  },
  {
    title: 'ranges by score of old',
    lines: `
      ZADD z 1 a 2 b 2 bb 3 c inf d -inf e
      ZRANGEBYSCORE z -inf +inf WITHSCORES LIMIT 1 3
      ZRANGEBYSCORE z (1 3
      ZRANGEBYSCORE z 2 1
      ZRANGEBYSCORE z (2 2
      ZREVRANGEBYSCORE z 3 (1
      ZREVRANGEBYSCORE z inf -inf LIMIT 1 2 WITHSCORES
      ZREVRANGEBYSCORE z 1 3
      ZREVRANGE z 0 1
      ZREVRANGE z 0 -1 WITHSCORES
      ZREVRANGE z 0 1 LIMIT 0 1
      ZREVRANGE z 0 1 LIMIT 0 -1
      ZREVRANGE z 0 1 REV
      ZREVRANGE z x 1
      ZRANGEBYSCORE z x 1
      ZRANGEBYSCORE z 0 1 BYSCORE
      ZCOUNT z 1 2
      ZCOUNT z (1 inf
      ZCOUNT z 9 1
      ZCOUNT z x 1
      ZCOUNT none 0 1
      ZREMRANGEBYSCORE z (1 2
      ZREMRANGEBYSCORE z 50 60
      ZREMRANGEBYSCORE z x 60
      ZREMRANGEBYRANK z 0 0
      ZREMRANGEBYRANK z -1 -1
      ZREMRANGEBYRANK z 5 6
      ZREMRANGEBYRANK z x 6
      ZREMRANGEBYRANK none 0 1
      ZREMRANGEBYRANK z 0 -1
      SET s text
      ZCOUNT s 0 1
      ZREMRANGEBYRANK s 0 1
      ZREMRANGEBYSCORE s 0 1`,
  },
  {
    title: 'ZRANGESTORE',
    lines: `
      ZADD z 1 a 2 b 3 c 4 d
      SET d text
      ZRANGESTORE d z 0 1
      ZRANGESTORE d z 1 2 REV
      ZRANGESTORE d z 2 inf BYSCORE LIMIT 0 2
      ZRANGESTORE d z inf 2 BYSCORE REV LIMIT 0 1
      ZRANGESTORE z z 0 2
      ZRANGESTORE d z 9 10
      ZRANGESTORE d z 9 10
      ZRANGESTORE d none 0 1
      ZRANGESTORE d z 0 1 WITHSCORES
      ZRANGESTORE d z - + BYLEX
      ZRANGESTORE d z 0 -1 LIMIT 0 1
      ZRANGESTORE d z x 1
      SET s text
      ZRANGESTORE d s 0 1
      ZRANGESTORE d z 0 -1
      PEXPIRE d 100000
      ZRANGESTORE d z 0 -1`,
  },
  {
    title: 'popping',
    lines: `
      ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g
      ZPOPMIN z
      ZPOPMAX z
      ZPOPMIN z 2
      ZPOPMAX z 1
      ZPOPMIN z 0
      ZPOPMIN z 100
      ZPOPMIN z
      ZPOPMIN z 1
      ZPOPMIN z -1
      ZPOPMIN z x
      ZPOPMIN z x y
      ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g
      ZMPOP 2 none z MIN
      ZMPOP 2 none z MAX COUNT 2
      ZMPOP 1 none MIN
      ZMPOP 0 z MIN
      ZMPOP x z MIN
      ZMPOP 2 z MIN
      ZMPOP 1 z UP
      ZMPOP 1 z MIN COUNT 0
      ZMPOP 1 z MIN COUNT 1 COUNT 2
      BZPOPMIN none z 0
      BZPOPMAX z 0.1
      BZMPOP 0 1 z MIN COUNT 1
      BZMPOP x 1 z MIN COUNT 0
      BZMPOP x 1 z MIN
      BZMPOP -1 1 z MIN
      BZPOPMIN z x
      BZPOPMIN z -0.1
      ZMPOP 1 z MAX COUNT 10
      SET s text
      ZPOPMIN s
      ZPOPMIN s 0
      ZMPOP 2 none s MIN
      BZPOPMIN s 0
      BZPOPMIN none s 0
      BZMPOP 0 1 s MIN`,
  },
  {
    title: 'drawing',
    lines: `
      ZADD z 1 a 2 b 3 c
      ZRANDMEMBER z ~shape
      ZRANDMEMBER z 10 WITHSCORES
      ZRANDMEMBER z 3
      ZRANDMEMBER z 2 ~shape
      ZRANDMEMBER z -5 ~shape
      ZRANDMEMBER z -5 WITHSCORES ~shape
      ZRANDMEMBER z 0
      ZRANDMEMBER z x
      ZRANDMEMBER z x WITHSCORES
      ZRANDMEMBER z 1 FOO
      ZRANDMEMBER z 1 WITHSCORES WITHSCORES
      ZRANDMEMBER z WITHSCORES
      ZRANDMEMBER z -9223372036854775808
      ZRANDMEMBER z -9223372036854770000 WITHSCORES
      ZRANDMEMBER z 9223372036854770000 WITHSCORES
      ZRANDMEMBER z 9223372036854775807
      ZRANDMEMBER none
      ZRANDMEMBER none 1
      ZRANDMEMBER none 1 WITHSCORES
      ZRANDMEMBER none -9223372036854770000 WITHSCORES
      SET s text
      ZRANDMEMBER s
      ZRANDMEMBER s 1`,
  },
  {
    title: 'unions, intersections, differences',
    lines: `
      ZADD x 1 a 2 b 3 c
      ZADD y 10 b 20 c 30 d
      SADD set a b z
      ZUNION 2 x y
      ZUNION 2 x y WITHSCORES
      ZUNION 3 x y set WITHSCORES WEIGHTS 2 3 4
      ZUNION 2 x y AGGREGATE MIN WITHSCORES
      ZUNION 2 x y aggregate max withscores
      ZUNION 2 x x WITHSCORES
      ZUNION 2 x none WITHSCORES
      ZUNION 1 none WITHSCORES
      ZUNION 2 x y WEIGHTS inf -inf WITHSCORES
      ZUNION 2 x y WEIGHTS 0.1 0.2 WITHSCORES
      ZINTER 2 x y WITHSCORES
      ZINTER 2 x set WITHSCORES
      ZINTER 2 set set WITHSCORES
      ZINTER 2 x x WITHSCORES WEIGHTS 1 2
      ZINTER 2 x none
      ZINTER 2 x y AGGREGATE MAX
      ZINTERCARD 2 x y
      ZINTERCARD 2 x y LIMIT 1
      ZINTERCARD 2 x y LIMIT 0
      ZINTERCARD 2 x y LIMIT -1
      ZINTERCARD 2 x y LIMIT x
      ZINTERCARD 2 x set
      ZINTERCARD 1 none
      ZDIFF 2 x y
      ZDIFF 2 x y WITHSCORES
      ZDIFF 2 x set WITHSCORES
      ZDIFF 2 x x
      ZDIFF 1 none
      ZDIFF 3 x none set WITHSCORES
      ZUNIONSTORE d 2 x y
      ZUNIONSTORE d 2 x y WEIGHTS 1 -1 AGGREGATE MIN
      ZINTERSTORE d 2 x y
      ZINTERSTORE x 2 x y
      ZDIFFSTORE d 2 y x
      ZDIFFSTORE d 1 none
      ZDIFFSTORE d 1 none
      ZUNIONSTORE d 1 set
      PEXPIRE d 100000
      ZUNIONSTORE d 1 d`,
  },
  {
    title: 'what combinations refuse',
    lines: `
      ZADD x 1 a
      SET s text
      ZUNION 0 x
      ZUNION -1 x
      ZUNION z x
      ZUNION 2 x
      ZUNIONSTORE d 0 x
      ZINTERCARD 0 x
      ZDIFF 0 x
      ZINTERSTORE d 0 x
      ZDIFFSTORE d 0 x
      ZINTER 0 x
      ZUNION 1 s
      ZUNION 1 s FOO
      ZUNION 1 x FOO
      ZUNION 1 x WEIGHTS
      ZUNION 1 x WEIGHTS y
      ZUNION 1 s WEIGHTS y
      ZUNION 1 x WEIGHTS 1 2
      ZUNION 1 x WEIGHTS 1 WEIGHTS 2 WITHSCORES
      ZUNION 2 x x WEIGHTS 1
      ZUNION 1 x AGGREGATE AVG
      ZUNION 1 x AGGREGATE
      ZUNION 1 x AGGREGATE WEIGHTS 1
      ZUNIONSTORE d 1 x WITHSCORES
      ZUNIONSTORE d 1 s WITHSCORES
      ZDIFF 1 x WEIGHTS 1
      ZDIFFSTORE d 1 x WITHSCORES
      ZDIFFSTORE d 1 x FOO
      ZDIFFSTORE d 1 s FOO
      ZINTERCARD 1 x WITHSCORES
      ZINTERCARD 1 x LIMIT
      ZINTERCARD 1 s LIMIT x
      ZINTER 2 x s`,
  },
  {
    title: 'encodings',
    lines: `
      ZADD z 1 a 2 b 3 c
      ZADD z 4 d
      ZREM z d
      ZADD w 1 ${big}
      ZUNIONSTORE u 2 z w
      ZADD small 1 a
      ZDIFFSTORE v 2 w small
      ZINTERSTORE i 2 z z
      ZRANGESTORE r z 0 1
      ZRANGESTORE r4 z 0 -1
      ZADD four 1 a 2 b 3 c 4 d
      ZRANGESTORE rr four 0 -1
      ZRANGESTORE rs four 0 2`,
    config: ['zset-max-listpack-entries', '3'],
    tune: (engine: Engine) => {
      engine.settings.limits.zsetMaxListpackEntries = 3;
    },
  },
];

runScripts('sorted sets', scripts);

runScripts(
  'sorted sets as skiplists',
  scripts
    .filter(({ config, title }) => config === undefined && title !== 'drawing' && title !== 'ZSCAN')
    .map((script) => ({
      ...script,
      lines: script.lines.replace(/^ *ZSCAN z 0$/gm, ''),
      config: ['zset-max-listpack-entries', '0'],
      tune: (engine: Engine) => {
        engine.settings.limits.zsetMaxListpackEntries = 0;
      },
    })),
);
