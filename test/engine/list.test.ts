import { runScripts } from './scripts.js';

const long = 'x'.repeat(9000);

runScripts('lists', [
  {
    title: 'pushing, popping, lengths',
    lines: `
      LPUSH l a b c
      RPUSH l d e
      LLEN l
      LLEN none
      LRANGE l 0 -1
      LPOP l
      RPOP l
      LPOP l 2
      LPOP l 0
      RPOP l 10
      EXISTS l
      LPOP l
      LPOP l 1
      LPOP l 0
      RPOP l
      LPUSHX l x
      RPUSHX l x
      RPUSH l 1 2 3
      LPUSHX l 0 -1
      RPUSHX l 4 5
      LRANGE l 0 -1
      RPOP l 3`,
  },
  {
    title: 'what pops refuse',
    lines: `
      SET s text
      LPOP s
      LPOP s 1
      LPOP s -1
      LPOP l -1
      LPOP l abc
      LPOP l 9223372036854775808
      LPOP l 1 2
      LPOP l abc 2
      LPOP
      RPOP l x y z
      LPUSH s a
      LPUSHX s a
      LPUSH s
      LLEN s
      LLEN`,
  },
  {
    title: 'ranges, indices, trimming',
    lines: `
      RPUSH l a b c d e f
      LRANGE l 1 3
      LRANGE l -3 -1
      LRANGE l 4 2
      LRANGE l -100 100
      LRANGE l 6 9
      LRANGE l 9223372036854775807 -9223372036854775808
      LRANGE l -9223372036854775808 9223372036854775807
      LRANGE l x 1
      LRANGE l 1 9223372036854775808
      LRANGE none 0 -1
      LINDEX l 0
      LINDEX l -1
      LINDEX l 6
      LINDEX l -7
      LINDEX l x
      LINDEX none x
      LTRIM l 1 -2
      LTRIM l 0 -1
      LTRIM l x 1
      LTRIM none 1 0
      LTRIM l 3 1
      LTRIM l 0 1
      RPUSH m a
      LTRIM m 5 9
      SET s text
      LINDEX s x
      LRANGE s 0 x
      LRANGE s 0 1
      LTRIM s 0 1`,
  },
  {
    title: 'setting, inserting, removing',
    lines: `
      RPUSH l a b a c a b
      LSET l 0 A
      LSET l -1 B
      LSET l 6 x
      LSET l x x
      LSET none x x
      LSET none 0 x
      LINSERT l BEFORE c x
      LINSERT l after c y
      LINSERT l before none y
      LINSERT none before c y
      LINSERT l between c y
      LREM l 1 a
      LREM l -1 a
      LREM l 0 none
      LREM none 0 a
      LREM l x a
      LREM l -9223372036854775808 b
      RPUSH l2 a a
      LREM l2 0 a
      SET s text
      LSET s x y
      LINSERT s before a b
      LREM s 1 a
      LRANGE l 0 -1`,
  },
  {
    title: 'positions',
    lines: `
      RPUSH l a b c 1 2 3 c c
      LPOS l c
      LPOS l c RANK 2
      LPOS l c RANK -1
      LPOS l c RANK -2
      LPOS l c RANK 4
      LPOS l c COUNT 2
      LPOS l c COUNT 0
      LPOS l c COUNT 0 RANK -1
      LPOS l c RANK -1 COUNT 2
      LPOS l c COUNT 1 MAXLEN 2
      LPOS l c COUNT 0 MAXLEN 7 RANK -2
      LPOS l c MAXLEN 3
      LPOS l c MAXLEN 0
      LPOS l none
      LPOS l none COUNT 3
      LPOS none c
      LPOS none c COUNT 1
      LPOS l c RANK 0
      LPOS l c RANK 0 FOO
      LPOS l c RANK x
      LPOS l c COUNT -1
      LPOS l c COUNT x
      LPOS l c MAXLEN -1
      LPOS l c RANK
      LPOS l c FOO 1
      LPOS l c RANK -9223372036854775808
      LPOS l c RANK 1 RANK 2
      SET s text
      LPOS s c
      LPOS s c RANK 0`,
  },
  {
    title: 'moving',
    lines: `
      RPUSH l a b c
      LMOVE l m LEFT RIGHT
      LMOVE l m right left
      LMOVE l l RIGHT LEFT
      LMOVE l m UP DOWN
      LMOVE l m LEFT
      LMOVE none m LEFT LEFT
      RPUSH l d e
      LMOVE l l LEFT RIGHT
      RPOPLPUSH l m
      RPOPLPUSH l l
      RPOPLPUSH l m
      RPOPLPUSH l m
      RPOPLPUSH l m
      RPOPLPUSH none none
      SET s text
      RPOPLPUSH m s
      RPOPLPUSH s m
      RPOPLPUSH none s
      LMOVE m s LEFT LEFT
      LMOVE s m LEFT X
      RPUSH one x
      LMOVE one one LEFT LEFT
      LRANGE m 0 -1
      EXISTS l`,
  },
  {
    title: 'LMPOP',
    lines: `
      RPUSH b 1 2 3 4
      LMPOP 2 a b LEFT
      LMPOP 2 a b right COUNT 2
      LMPOP 1 b LEFT COUNT 10
      LMPOP 2 a b LEFT
      LMPOP 0 a LEFT
      LMPOP x a LEFT
      LMPOP -1 a LEFT
      LMPOP 2 a LEFT
      LMPOP 9223372036854775807 a LEFT
      LMPOP 1 a UP
      LMPOP 1 a LEFT COUNT 0
      LMPOP 1 a LEFT COUNT x
      LMPOP 1 a LEFT COUNT
      LMPOP 1 a LEFT COUNT 1 COUNT 1
      LMPOP 1 a LEFT FOO
      LMPOP 1 a
      SET s text
      LMPOP 2 a s LEFT
      RPUSH b x
      LMPOP 2 b s LEFT
      LMPOP 2 s b LEFT COUNT x`,
  },
  {
    title: 'blocking commands that need not block',
    lines: `
      RPUSH l 1 2 3 4 5 6 7 8 9
      BLPOP none l 0
      BRPOP l none 0.5
      BLMOVE l m LEFT RIGHT 1
      BRPOPLPUSH l m 1
      BLMPOP 1 2 none l LEFT COUNT 2
      BLPOP l x
      BLPOP l -1
      BLPOP l 1e400
      BLPOP l nan
      BLPOP l 1e17
      BLPOP l " 1"
      BLMOVE l m LEFT x x
      BLMOVE l m LEFT RIGHT x
      BRPOPLPUSH l m -1
      BLMPOP x 1 l LEFT COUNT 0
      BLMPOP x 1 l LEFT
      BLMPOP -1 1 l LEFT
      BLMPOP 1 0 l LEFT
      SET s text
      BLPOP s 0
      BLPOP none s 0
      BLPOP l s 0
      BRPOPLPUSH s m 0
      BLMOVE l s LEFT LEFT 0
      BLMPOP 0 2 s l LEFT
      BLPOP s x`,
  },
  {
    title: 'expired lists, TTLs and other types',
    lines: `
      RPUSH l a b
      PEXPIRE l 100000
      RPUSH l c
      LPOP l
      LMOVE l m LEFT LEFT
      SADD set a
      LPUSH set a
      ZADD z 1 a
      RPUSH z a
      LLEN z`,
  },
  {
    title: 'large elements',
    lines: `
      RPUSH l ${long} b ${long}
      LINDEX l 0
      LSET l 1 ${long}
      LINSERT l BEFORE ${long} c
      LREM l 2 ${long}
      LRANGE l 0 -1
      LPOS l ${long}`,
  },
]);
