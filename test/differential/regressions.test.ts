/** Differences that the fuzz once found, in their shortest form: the same commands, byte for byte the same replies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireRedis, startKeyspan, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';

/** A connection's name, then a command. */
type Line = string[];

const long = 'L'.repeat(65);
/** `a SET key value`; words are parted by blanks. */
const talk = (text: string): Line[] => text.split(/\n\s*/).flatMap((line) => (line === '' ? [] : [line.split(' ')]));

const scenes: [title: string, lines: Line[]][] = [
  [
    'after SWAPDB every connection writes to the database it chose',
    talk(`a SET x 0
      b SELECT 2
      b SET x 2
      a SWAPDB 0 2
      b SET y 2
      a SET y 0
      b RPUSH l 2
      a RPUSH l 0
      a GET x
      a GET y
      a LRANGE l 0 -1
      b GET x
      b GET y
      b LRANGE l 0 -1
      b DBSIZE`),
  ],
  [
    'MOVE keeps a number that is stored as text',
    talk(`a INCRBYFLOAT n 3.0
      a OBJECT ENCODING n
      a MOVE n 1
      a SELECT 1
      a OBJECT ENCODING n
      a GET n`),
  ],
  [
    'what a transaction replied before HELLO stays in the old protocol',
    talk(`a ZADD z 1.5 m
      a MULTI
      a HGETALL none
      a ZSCORE z m
      a HELLO 3
      a GET none
      a EXEC
      a MULTI
      a ZRANGE z 0 -1 WITHSCORES
      a CLIENT NO-EVICT OFF
      a GET none
      a EXEC`),
  ],
  [
    'ZRANGESTORE REV adds from the highest on',
    [
      ['a', 'ZADD', 'z', '5', long, '-0', 'm'],
      ['a', 'ZRANGESTORE', 'z', 'z', '0', '-1', 'REV'],
      ['a', 'ZRANGE', 'z', '0', '-1', 'WITHSCORES'],
    ],
  ],
  [
    'key flags depend on the options of SET and BITFIELD',
    talk(`a COMMAND GETKEYSANDFLAGS SET k v
      a COMMAND GETKEYSANDFLAGS SET k v GET
      a COMMAND GETKEYSANDFLAGS BITFIELD k GET u1 0
      a COMMAND GETKEYSANDFLAGS BITFIELD k GET u1 0 SET u1 0 1
      a COMMAND GETKEYSANDFLAGS BITFIELD k OVERFLOW SAT
      a HELLO 3
      a COMMAND INFO get`),
  ],
  [
    'which error comes first',
    talk(`a COPY a b DB -1 REPLACE 1
      a COPY a b DB 99 nonsense
      a COPY a b DB x nonsense
      a COPY a b nonsense DB 99
      a ZINTERSTORE z 2 a b c WEIGHTS 1 2
      a SET s v
      a ZINTERSTORE z 2 s b c WEIGHTS 1 2
      a ZUNION 2 a b WITHSCORES WEIGHTS 1 2 nonsense`),
  ],
  [
    'numbers beyond all doubles',
    talk(`a ZADD z 1e400 m
      a ZADD z -1e400 n
      a ZRANGEBYSCORE z -1e400 (1e400 WITHSCORES
      a INCRBYFLOAT n 1e400
      a HINCRBYFLOAT h f 1e400
      a GEOADD g 1e400 1 m
      a BLPOP l 1e400
      a RPUSH l 1 1e400
      a SORT l`),
  ],
  [
    'errors quote an argument up to its first zero byte',
    [
      ['a', 'DEBUG', 'a\0b'],
      ['a', 'CLIENT', 'a\0b'],
      ['a', 'no\0ne', 'x\0y'],
    ],
  ],
];

async function spoken(port: number, lines: readonly Line[]): Promise<string[]> {
  const clients = new Map<string, RespClient>();
  const heard: string[] = [];
  try {
    for (const [name, ...argv] of [['a', 'FLUSHALL'], ...lines]) {
      const client = clients.get(name!) ?? (await RespClient.connect(port));
      clients.set(name!, client);
      const { raw } = await client.send(...argv);
      // HELLO tells the connection's number.
      heard.push(`${argv.join(' ')} => ${raw.replace(/(\$2\r\nid\r\n:)\d+/, '$1')}`);
    }
  } finally {
    for (const client of clients.values()) client.close();
  }
  return heard;
}

test('differences of the past', async (t) => {
  if (!(await requireRedis(t))) return;
  const servers = [await startRedis(), await startKeyspan()] as const;
  try {
    for (const [title, lines] of scenes) {
      await t.test(title, async () => {
        const [real, own] = await Promise.all(servers.map(({ port }) => spoken(port, lines)));
        assert.deepEqual(own, real);
      });
    }
    await t.test('CONFIG SET maxmemory makes room at once', async () => {
      const client = await RespClient.connect(servers[1].port);
      await client.send('SET', 'k', 'v');
      await client.send('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', '1');
      await client.send('CONFIG', 'SET', 'maxmemory', '0');
      assert.equal(await client.value('EXISTS', 'k'), 0);
      client.close();
    });
    await t.test('a score of -0 survives DUMP and RESTORE', async () => {
      const client = await RespClient.connect(servers[1].port);
      await client.send('ZADD', 'z', '1', long, '-0', 'm');
      const dump = await client.send('DUMP', 'z');
      await client.send('RESTORE', 'copy', '0', dump.node.text!);
      assert.equal(await client.value('ZSCORE', 'copy', 'm'), '-0');
      client.close();
    });
  } finally {
    for (const server of servers) await server.stop();
  }
});
