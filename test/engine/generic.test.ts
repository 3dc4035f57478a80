import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { Engine } from '../../src/engine/engine.js';
import { compareWithRedis } from './compare.js';
import { LocalClient, talk } from './conversation.js';

/** `e` hears every keyspace event while `a` and `b` work. */
const listening = `
      config notify-keyspace-events KEAmn
      e PSUBSCRIBE __key*__:*`;

const everyType = `
      a SET str value
      a SET int 12
      a APPEND raw x
      a RPUSH list a b c
      a SADD set a b c
      a SADD ints 1 2 3
      a ZADD zset 1 a 2 b
      a HSET hash f v g w`;

const dump = (keys: string): string =>
  keys
    .split(' ')
    .map((key) => `a TYPE ${key}\na OBJECT ENCODING ${key}\na PTTL ${key}\na DEBUG-READ ${key}`)
    .join('\n')
    .replaceAll(/a DEBUG-READ (\S+)/g, 'a GET $1\na LRANGE $1 0 -1\na SORT $1 ALPHA\na HGET $1 f');

compareWithRedis('generic', [
  {
    title: 'DEL, UNLINK, EXISTS, TOUCH, TYPE',
    steps: talk(`${listening}${everyType}
      a EXISTS str list nothing str
      a TOUCH str list nothing str
      a TYPE str
      a TYPE int
      a TYPE list
      a TYPE set
      a TYPE zset
      a TYPE hash
      a TYPE nothing
      a DEL str nothing str
      a UNLINK list set nothing
      a EXISTS str list set
      a DEL
      a TYPE
      a TYPE a b`),
  },
  {
    title: 'EXPIRE and its conditions',
    steps: talk(`${listening}
      a SET k v
      a EXPIRE k 100
      a TTL k
      a EXPIRE k 50 NX
      a EXPIRE k 50 GT
      a EXPIRE k 200 LT
      a TTL k
      a EXPIRE k 200 GT
      a EXPIRE k 150 LT XX
      a TTL k
      a EXPIRE k 300 XX GT
      a PERSIST k
      a PERSIST k
      a TTL k
      a EXPIRE k 10 XX
      a EXPIRE k 10 GT
      a EXPIRE k 10 LT
      a TTL k
      a PERSIST k
      a EXPIRE k 10 NX
      a TTL k
      a EXPIRE k 10 NX XX
      a EXPIRE k 10 GT LT
      a EXPIRE k 10 NX GT
      a EXPIRE k x NX GT
      a EXPIRE k 10 FOO
      a EXPIRE k 10 NX GT FOO
      a EXPIRE k x FOO
      a EXPIRE k x
      a EXPIRE k 10 nx nx
      a EXPIRE nothing 10
      a EXPIRE nothing x
      a EXPIRE k
      a TTL nothing
      a PTTL nothing
      a EXPIRETIME nothing
      a PEXPIRETIME nothing
      a PERSIST nothing`),
  },
  {
    title: 'EXPIREAT and its like, and times in the past',
    steps: talk(`${listening}
      a SET k v
      a EXPIREAT k 33177117420
      a EXPIRETIME k
      a PEXPIRETIME k
      a PEXPIREAT k 33177117420499
      a EXPIRETIME k
      a PEXPIREAT k 33177117420500
      a EXPIRETIME k
      a PEXPIRETIME k
      a EXPIREAT k 33177117421 GT
      a EXPIREAT k 33177117420 GT
      a PEXPIREAT k 1000
      a EXISTS k
      a SET k v
      a EXPIRE k 0
      a EXISTS k
      a SET k v
      a EXPIRE k -1
      a SET k v
      a PEXPIRE k -100 NX
      a SET k v
      a EXPIREAT k 0
      a SET k v
      a EXPIRE k -1 XX
      a EXPIRE k -1 GT
      a EXPIRE k -1 LT
      a SET k v
      a EXPIRE k 9223372036854775807
      a EXPIRE k 9223372036854775
      a EXPIRE k 9223370399119966
      a EXPIRE k -9223372036854775808
      a PEXPIRE k 9223372036854775807
      a PEXPIRE k 9223372036854770000
      a PEXPIREAT k 9223372036854775808
      a EXPIREAT k 9223372036854775807
      a EXPIREAT k 9223372036854776
      a PEXPIREAT k -9223372036854775808
      a EXISTS k`),
  },
  {
    title: 'keys that expired are gone for all',
    steps: talk(`${listening}
      a SET k v PX 3
      a RPUSH list x
      a PEXPIRE list 3
      wait 10
      a EXISTS k
      a TYPE list
      a RENAME k l
      a COPY list l
      a RANDOMKEY
      a DEL k
      a SET k v PX 3
      wait 10
      a DEL k
      a SET k v PX 3
      wait 10
      a KEYS *
      a SCAN 0
      a GET k`),
  },
  {
    title: 'RENAME and RENAMENX',
    steps: talk(`${listening}${everyType}
      a EXPIRE str 100
      a RENAME str moved
      a TTL moved
      a GET moved
      a EXISTS str
      a RENAME moved moved
      a RENAMENX moved moved
      a RENAME nothing x
      a RENAME nothing nothing
      a RENAMENX nothing x
      a RENAMENX moved list
      a RENAME moved list
      a GET list
      a TTL list
      a RENAME hash list
      a TTL list
      a HGET list f
      a RENAMENX list new
      a RENAME raw raw2
      a OBJECT ENCODING raw2
      a RENAME int int2
      a OBJECT ENCODING int2
      a RENAME
      a RENAMENX a`),
  },
  {
    title: 'COPY of every type',
    steps: talk(`${listening}${everyType}
      a EXPIRE set 100
      a COPY str str2
      a COPY int int2
      a COPY raw raw2
      a COPY list list2
      a COPY set set2
      a COPY ints ints2
      a COPY zset zset2
      a COPY hash hash2
      a COPY nothing x
      a COPY str list
      a COPY str list REPLACE
      a COPY set set DB 0
      a COPY set set DB 1
      a COPY set set DB 1
      a COPY set set DB 1 REPLACE
      a COPY str x DB 16
      a COPY str x DB -1
      a COPY str x DB x
      a COPY str x DB 99999999999
      a COPY str x DB
      a COPY str x FOO
      a COPY str str
      a COPY nothing nothing
      a COPY str x replace db 2
      a RPUSH list2 more
      a SADD set2 more
      a ZADD zset2 9 more
      a HSET hash2 f changed
      a APPEND str2 more
${dump('str str2 int2 raw2 list list2 set set2 ints2 zset zset2 hash hash2')}
      a OBJECT REFCOUNT int2
      a OBJECT REFCOUNT int
      a SELECT 1
${dump('set')}`),
    // What is left of a hundred seconds.
    ignore: /:99\d{3}(?=\r)/g,
  },
  {
    title: 'MOVE',
    steps: talk(`${listening}${everyType}
      a EXPIRE hash 100
      a MOVE hash 1
      a MOVE hash 1
      a MOVE str 0
      a MOVE str 16
      a MOVE str -1
      a MOVE str x
      a MOVE nothing 1
      a MOVE nothing 0
      a MOVE raw 1
      a MOVE int 1
      a SELECT 1
      a HGET hash f
      a TTL hash
      a OBJECT ENCODING raw
      a OBJECT ENCODING int
      a SET str taken
      a SELECT 0
      a MOVE str 1
      a GET str
      a EXISTS hash`),
  },
  {
    title: 'OBJECT',
    steps: talk(`${everyType}
      a OBJECT ENCODING str
      a OBJECT ENCODING int
      a OBJECT ENCODING raw
      a OBJECT ENCODING list
      a OBJECT ENCODING set
      a OBJECT ENCODING ints
      a OBJECT ENCODING zset
      a OBJECT ENCODING hash
      a OBJECT ENCODING nothing
      a OBJECT REFCOUNT str
      a OBJECT REFCOUNT int
      a OBJECT REFCOUNT nothing
      a OBJECT IDLETIME nothing
      a OBJECT FREQ str
      a OBJECT FREQ nothing
      a SET big 10000
      a OBJECT REFCOUNT big
      a SET big 9999
      a OBJECT REFCOUNT big
      a SET big -1
      a OBJECT REFCOUNT big
      config maxmemory-policy allkeys-lfu
      a SET new v
      a OBJECT FREQ new
      a OBJECT IDLETIME new
      a OBJECT IDLETIME nothing
      a OBJECT ENCODING
      a OBJECT ENCODING a b
      a OBJECT NOSUCH a
      a OBJECT`),
  },
  {
    title: 'KEYS, SCAN and RANDOMKEY of few keys',
    steps: talk(`
      a RANDOMKEY
      a KEYS *
      a SCAN 0
      a SET key v
      a RANDOMKEY
      a KEYS *
      a KEYS k?y
      a KEYS [^k]*
      a KEYS
      a SCAN 0
      a SCAN 0 MATCH x*
      a SCAN 0 MATCH *
      a SCAN 0 COUNT 1000 TYPE string
      a SCAN 0 COUNT 1000 TYPE STRING
      a SCAN 0 COUNT 1000 TYPE list
      a SCAN 0 COUNT 1000 TYPE nosuch
      a SCAN x
      a SCAN +0
      a SCAN " 0"
      a SCAN 99999999999999999999
      a SCAN x COUNT y
      a SCAN 0 COUNT 0
      a SCAN 0 COUNT x
      a SCAN 0 COUNT
      a SCAN 0 MATCH
      a SCAN 0 FOO
      a SCAN`),
  },
  {
    title: 'WAIT without replicas',
    steps: talk(`
      a WAIT 0 0
      a WAIT -1 10
      a WAIT x 10
      a WAIT 0 x
      a WAIT x x
      a WAIT 0 -1
      a WAIT 1 10
      wait 250
      a WAIT
      a WAIT 1`),
  },
  {
    title: 'clients that wait for a key are served when it comes by another name',
    steps: talk(`
      b RPUSH list x y
      a BLPOP target 0
      b RENAME list target
      b LRANGE target 0 -1
      a BLPOP copy 0
      b COPY target copy
      a BLPOP sorted 0
      b SORT target ALPHA STORE sorted
      a SELECT 3
      a BLPOP target 0
      b MOVE target 3
      a BZPOPMIN zset 0
      b ZADD other 1 m
      b SELECT 3
      b RPUSH other wrong
      b RENAME other zset
      b DEL zset
      b ZADD other 1 m
      b RENAMENX other zset`),
  },
]);

test('SCAN returns every key that is there all the time, however the table changes', () => {
  const client = new LocalClient(new Engine({ seed: 7 }));
  const say = (...words: string[]): string => {
    client.say(words);
    return client.take();
  };
  for (let i = 0; i < 1000; i++) say('SET', `stay:${i}`, 'v');
  const seen = new Set<string>();
  let cursor = '0';
  let round = 0;
  do {
    const reply = say('SCAN', cursor, 'COUNT', '20');
    cursor = /^\*2\r\n\$\d+\r\n(\d+)\r\n/.exec(reply)![1]!;
    for (const [key] of reply.matchAll(/stay:\d+/g)) seen.add(key);
    // The table grows, then shrinks.
    for (let i = 0; i < 300; i++) say('SET', `pass:${round < 20 ? round * 300 + i : -1}`, 'v');
    if (round > 20) for (let i = 0; i < 600; i++) say('DEL', `pass:${(round - 21) * 600 + i}`);
    round++;
  } while (cursor !== '0');
  assert.equal(seen.size, 1000);
});

test('idle time and TTLs follow the clock of the engine', () => {
  const clock = new ManualClock(1_700_000_000_000);
  const engine = new Engine({ clock, seed: 1 });
  const client = new LocalClient(engine);
  const say = (line: string): string => {
    client.say(line.split(' '));
    return client.take();
  };
  const cases: [command: string, reply: string, thenMs: number][] = [
    ['SET k v', '+OK\r\n', 10_000],
    ['OBJECT IDLETIME k', ':10\r\n', 0],
    ['EXPIRE k 10', ':1\r\n', 400],
    ['TTL k', ':10\r\n', 200],
    ['TTL k', ':9\r\n', 0],
    ['PTTL k', ':9400\r\n', 9400],
    ['PTTL k', ':0\r\n', 0],
    ['EXISTS k', ':1\r\n', 1],
    ['EXISTS k', ':0\r\n', 0],
  ];
  for (const [command, reply, thenMs] of cases) {
    assert.equal(say(command), reply, command);
    clock.advance(thenMs);
    engine.useClock.refresh();
  }
});
