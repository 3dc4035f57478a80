import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { tableOf } from '../../src/commands/table.js';
import { Random } from '../../src/core/random.js';
import { Engine } from '../../src/engine/engine.js';
import { EngineAdapter } from '../../src/server/engine-adapter.js';
import { startServer } from '../../src/server/index.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { plain, RespClient, type RespReply } from '../support/resp-client.js';
import { argvFor } from './words.js';

const ROUNDS = 25;

/** Where the specification of a key lies is tried with these too: every place an option or key can take. */
const handpicked: readonly string[] = [
  'SET a b GET',
  'SET a b get ex 5',
  'SET a b',
  'GET',
  'GET a b',
  'NOSUCH a',
  'PING',
  'SORT a STORE b',
  'SORT a BY b GET c STORE d',
  'SORT a LIMIT 0 1 store b STORE c',
  'SORT a GET STORE',
  'SORT_RO a BY x',
  'BITFIELD a GET u8 0',
  'BITFIELD a SET u8 0 1',
  'BITFIELD a OVERFLOW SAT INCRBY u8 0 1',
  'BITFIELD a GET u8 0 GET u8 8',
  'BITFIELD a',
  'BITFIELD a foo',
  'GEORADIUS a 1 2 3 m',
  'GEORADIUS a 1 2 3 m STORE b',
  'GEORADIUS a 1 2 3 m STOREDIST b',
  'GEORADIUS a 1 2 3 m STORE b STOREDIST c',
  'GEORADIUSBYMEMBER a m 1 km STORE b',
  'GEORADIUSBYMEMBER a m 1 km storedist b COUNT 1',
  'ZUNIONSTORE d 2 a b',
  'ZUNIONSTORE d 2 a b WEIGHTS 1 2',
  'ZUNIONSTORE d 3 a b',
  'ZUNIONSTORE d 0 a',
  'ZUNIONSTORE d x a',
  'ZINTERSTORE d 1 a',
  'ZDIFFSTORE d 2 a b',
  'ZINTER 2 a b',
  'ZINTERCARD 2 a b LIMIT 1',
  'SINTERCARD 1 a',
  'LMPOP 2 a b LEFT',
  'BLMPOP 0 2 a b LEFT',
  'BZMPOP 0 1 a MIN',
  'ZMPOP 1 a MAX',
  'ZMPOP 9 a MAX',
  'MSET a 1 b 2',
  'MSET a 1 b',
  'MSETNX a 1',
  'DEL a b c',
  'BLPOP a b 0',
  'BITOP AND d a b',
  'OBJECT ENCODING a',
  'MEMORY USAGE a',
  'SUBSCRIBE a',
  'SPUBLISH a b',
  'SSUBSCRIBE a b',
  'PUBLISH a b',
  'EXEC',
  'WATCH a b',
  'CONFIG GET a',
  'COMMAND GETKEYS GET a',
  'PFCOUNT a b',
  'PFMERGE d a b',
  'PFDEBUG ENCODING a',
  'RENAME a b',
  'SMOVE a b c',
  'COPY a b',
  'LMOVE a b LEFT RIGHT',
];

it('the keys of a request are those which COMMAND GETKEYS and GETKEYSANDFLAGS of the real server find', async (t) => {
  if (!(await requireRedis(t))) return;
  const redis = await startRedis();
  const server = await startServer(new EngineAdapter(new Engine()), { port: 0 });
  const clients = await Promise.all([redis.port, server.port!].map((port) => RespClient.connect(port)));
  t.after(async () => {
    for (const client of clients) client.close();
    await redis.stop();
    await server.close();
  });
  const random = new Random(11);
  const requests = handpicked.map((line) => line.split(' '));
  for (const spec of tableOf('7.0').all) {
    for (let round = 0; round < ROUNDS; round++) requests.push(argvFor(spec, random));
  }
  const commands = requests.flatMap((argv) => [
    ['COMMAND', 'GETKEYS', ...argv],
    ['COMMAND', 'GETKEYSANDFLAGS', ...argv],
  ]);
  const [theirs, ours] = await Promise.all(clients.map((client) => client.pipeline(commands)));
  assert.equal(theirs!.length, commands.length);
  let found = 0;
  const wrong: object[] = [];
  commands.forEach((command, i) => {
    const expected = shown(theirs![i]!);
    const actual = shown(ours![i]!);
    if (Array.isArray(expected)) found++;
    if (!isDeepStrictEqual(actual, expected)) wrong.push({ command: command.join(' '), actual, expected });
  });
  assert.deepEqual(wrong, []);
  assert.ok(found > commands.length / 4, 'most requests of commands with keys should have been understood');
});

/** The reply's value; the flags of a key in alphabetical order, an error as its text. */
function shown(reply: RespReply): unknown {
  const value = plain(reply.node);
  if (value instanceof Error) return value.message;
  return (value as unknown[]).map((item) => {
    if (!Array.isArray(item)) return item;
    const [key, flags] = item as [string, string[]];
    return [key, [...flags].sort()];
  });
}
