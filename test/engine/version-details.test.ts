/** What else differs between versions: encodings, digits, texts, fields and parameters, beside Redis 8.0. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { formatShort } from '../../src/core/short-double.js';
import { Engine } from '../../src/engine/engine.js';
import { commandOf } from '../laws/server-command.js';
import { requireNewer, startNewer } from '../support/redis.js';
import { parseReply } from '../support/resp-client.js';
import { collectingSink, encoded, SideBySide, words } from '../support/side-by-side.js';

const long = 'x'.repeat(65);
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i).join(' ');

const cases: readonly (readonly [title: string, ...lines: string[]])[] = [
  [
    'small sets are listpacks',
    'SADD s a b 3',
    'OBJECT ENCODING s',
    'SMEMBERS s',
    `SADD s ${long}`,
    'OBJECT ENCODING s',
    'SADD i 1 2 3',
    'SADD i x',
    'SMEMBERS i',
    `SADD n ${numbers(1, 600)}`,
    'OBJECT ENCODING n',
    `SADD m a ${numbers(1, 127)}`,
    'OBJECT ENCODING m',
    'SADD m 999',
    'OBJECT ENCODING m',
    'SADD p 1 a 2',
    'SREM p a',
    'SADD q 1 2 5 z',
    'SINTERSTORE d p q',
    'OBJECT ENCODING d',
  ],
  [
    'lists are listpacks until they outgrow one, and again when they have shrunk',
    'RPUSH l a b c',
    'OBJECT ENCODING l',
    `RPUSH l ${'y'.repeat(4000)} ${'y'.repeat(4000)}`,
    'OBJECT ENCODING l',
    `RPUSH l ${'z'.repeat(200)}`,
    'OBJECT ENCODING l',
    'RPOP l',
    'OBJECT ENCODING l',
    'RPOP l',
    'OBJECT ENCODING l',
    'LSET l 4294967296 b',
    'LRANGE l 0 1',
    'COPY l m',
    'OBJECT ENCODING m',
    `SORT l ALPHA STORE k`,
    'OBJECT ENCODING k',
  ],
  [
    'what the arguments announce counts',
    'CONFIG SET hash-max-listpack-entries 2 zset-max-listpack-entries 2',
    'HSET h a 1 a 2 a 3',
    'OBJECT ENCODING h',
    'ZADD z 1 a 2 a 3 a',
    'OBJECT ENCODING z',
  ],
  [
    'doubles have few digits',
    'ZADD z 0.1 a 1e17 b 1e-7 c 123456789.123 d 9223372036854775808 e 1e20 f 3.0 g -inf h',
    'ZRANGE z 0 -1 WITHSCORES',
    'ZINCRBY z 0.2 a',
    'ZSCAN z 0',
    'ZPOPMAX z',
    'GEOADD g 13.361389 38.115556 p',
    'GEOPOS g p',
    'EVAL "return redis.call(\'ECHO\', 0.1)" 0',
  ],
  [
    'HELLO does nothing before all its words were read',
    'CLIENT SETNAME before',
    'HELLO 3 SETNAME after wrong',
    'HELLO 3 SETNAME "a b" wrong',
    'ACL SETUSER ann on >right +@all',
    'HELLO 2 AUTH ann right wrong',
    'ACL WHOAMI',
    'HELLO 2 AUTH ann bad SETNAME after',
    'CLIENT GETNAME',
    'ACL DELUSER ann',
  ],
  [
    'texts and checks',
    'XREAD STREAMS a b 1',
    'XREADGROUP GROUP g c STREAMS a b 1',
    'BITCOUNT none 1',
    'BITPOS none 1 x',
    'LREM none -9223372036854775808 x',
    'COMMAND GETKEYS GET',
    'ACL SETUSER ann on +@all -debug ~k*',
    'ACL DRYRUN ann GET other',
    'ACL DRYRUN ann DEBUG x',
    'ACL LIST',
    'ACL DELUSER ann',
    'ZADD z 1 a',
    'ZRANGEBYSCORE z 0x1 2',
    'RPUSH l " 1"',
    'SORT l',
    'BLPOP none 9223372036854775807',
    "EVAL \"return redis.call('BLPOP', 'none', 0)\" 0",
  ],
  [
    'consumers exist once they have asked',
    'XADD s 1-1 f v',
    'XGROUP CREATE s g $',
    'XREADGROUP GROUP g c STREAMS s >',
    'XINFO GROUPS s',
    'XCLAIM s g d 0 9-9',
    'XINFO GROUPS s',
    'XADD s 2-1 f v',
    'XREADGROUP GROUP g c STREAMS s >',
    'XREADGROUP GROUP g c STREAMS s 0',
  ],
];

describe('details of Redis 8.0', () => {
  let both: SideBySide | null = null;
  before(async (t) => {
    if (await requireNewer(t as never)) both = await SideBySide.start(await startNewer(), '8.0');
  });
  after(() => both?.stop());
  const ours = (line: string) => parseReply(encoded(both!.session.call(words(line)), 2)).node;

  for (const [title, ...lines] of cases) {
    for (const protocol of [2, 3] as const) {
      it(`${title} (RESP${protocol})`, async (t) => {
        if (both === null) return t.skip('the server is not in the cache');
        await both.begin(protocol);
        for (const line of lines) await both.same(words(line));
        if (lines.some((line) => line.startsWith('CONFIG SET')))
          await both.real.send('CONFIG', 'SET', 'hash-max-listpack-entries', '512', 'zset-max-listpack-entries', '128');
      });
    }
  }

  it('all commands are described alike, but for modules', async (t) => {
    if (both === null) return t.skip('the server is not in the cache');
    await both.begin(3);
    const theirs = (await both.real.send('COMMAND', 'LIST')).node.items!.map(({ text }) => text!);
    const names = theirs.filter((name) => !/^V[A-Z]+$/.test(name)).sort();
    assert.deepEqual(
      names,
      ours('COMMAND LIST')
        .items!.map(({ text }) => text!)
        .sort(),
    );
    const question = ['COMMAND', 'INFO', ...names];
    const described = (await both.real.send(...question)).node.items!.map(commandOf);
    const mine = parseReply(encoded(both.session.call([...question]), 3)).node.items!.map(commandOf);
    assert.deepEqual(mine, described);
  });

  it('CONFIG has the parameters of its version', async (t) => {
    if (both === null) return t.skip('the server is not in the cache');
    await both.begin(2);
    const names = (flat: readonly { text: string | null }[]) =>
      flat.filter((_, i) => i % 2 === 0).map(({ text }) => text!);
    const theirs = names((await both.real.send('CONFIG', 'GET', '*')).node.items!).sort();
    assert.deepEqual(names(ours('CONFIG GET *').items!).sort(), theirs);
  });

  it('digits are those of the server for any double', async (t) => {
    if (both === null) return t.skip('the server is not in the cache');
    await both.begin(2);
    const bits = new DataView(new ArrayBuffer(8));
    let state = 12345n;
    const values = Array.from({ length: 5000 }, (_, i) => {
      state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
      if (i % 2 === 0) return Number(state >> 11n) / 2 ** (20 + (i % 40));
      bits.setBigUint64(0, state);
      const value = bits.getFloat64(0);
      return Number.isFinite(value) ? value : i / 7;
    });
    const lines = values.flatMap((value) => [
      ['ZADD', 'z', String(value), 'm'],
      ['ZSCORE', 'z', 'm'],
    ]);
    const replies = await both.real.pipeline(lines);
    values.forEach((value, i) => {
      assert.equal(formatShort(value), replies[i * 2 + 1]!.node.text, String(value));
    });
  });
});

it('an engine of 7.0 is as it was', () => {
  const session = new Engine({ seed: 3 }).connect(collectingSink([]));
  const call = (line: string) => parseReply(encoded(session.call(words(line)), 2)).node.text;
  call('SADD s a');
  call('RPUSH l a');
  call('ZADD z 0.1 a');
  assert.deepEqual(['OBJECT ENCODING s', 'OBJECT ENCODING l', 'ZSCORE z a'].map(call), [
    'hashtable',
    'quicklist',
    '0.10000000000000001',
  ]);
  assert.equal(call('CONFIG GET set-max-listpack-entries'), null);
});
