import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SinkStats } from '../../src/backend/session.js';
import { type ServerVersion, serverVersions } from '../../src/commands/version.js';
import { ErrorReply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import type { NewerServer } from '../../tools/newer-server.js';
import type { Comparison } from '../differential/template.js';
import { commandOf } from '../laws/server-command.js';
import { requireNewer, startNewer } from '../support/redis.js';
import { parseReply } from '../support/resp-client.js';
import { collectingSink, encoded, SideBySide, words } from '../support/side-by-side.js';

const sinkStats: SinkStats = {
  address: 'test:0',
  localAddress: 'test:0',
  fd: -1,
  queryBufferBytes: 0,
  queryBufferFreeBytes: 0,
  outputBufferBytes: 0,
  outputListLength: 0,
  outputListBytes: 0,
};

type Case = readonly [title: string, ...lines: (string | readonly [line: string, comparison: Comparison])[]];

const ofRedis: readonly Case[] = [
  [
    'ZRANK and ZREVRANK WITHSCORE',
    'ZADD z 1 a 2.5 b 3 c',
    'ZRANK z a',
    'ZRANK z a WITHSCORE',
    'ZRANK z b withscore',
    'ZREVRANK z b WITHSCORE',
    'ZRANK z none WITHSCORE',
    'ZRANK none a WITHSCORE',
    'ZRANK z a WITHSCORES',
    'ZRANK z a WITHSCORE x',
    'ZREVRANK z a x',
    'SET s 1',
    'ZRANK s a WITHSCORE',
  ],
  [
    'CLIENT SETINFO and NO-TOUCH',
    'CLIENT SETINFO lib-name keyspan',
    'CLIENT SETINFO LIB-VER 1.2.3',
    'CLIENT SETINFO lib-ver "1 2"',
    'CLIENT SETINFO Lib-Name "a\\x01"',
    'CLIENT SETINFO lib-other x',
    'CLIENT SETINFO lib-name ""',
    'CLIENT SETINFO lib-name',
    'CLIENT NO-TOUCH ON',
    'CLIENT NO-TOUCH off',
    'CLIENT NO-TOUCH x',
    'CLIENT NO-TOUCH',
  ],
  [
    'CLIENT KILL MAXAGE',
    'CLIENT KILL MAXAGE 100000',
    'CLIENT KILL MAXAGE 0',
    'CLIENT KILL MAXAGE x',
    'CLIENT KILL MAXAGE',
    'CLIENT KILL ID 9999999 MAXAGE 1',
  ],
  [
    'HSCAN NOVALUES',
    'HSET h a 1 b 2',
    'HSCAN h 0',
    'HSCAN h 0 NOVALUES',
    'HSCAN h 0 MATCH b* COUNT 5 NOVALUES',
    'HSCAN none 0 NOVALUES',
    'HSCAN h 0 NOVALUE',
    'SSCAN h 0 NOVALUES',
  ],
  [
    'XREAD with +',
    'XADD x 1-1 a 1',
    'XADD x 2-1 b 2',
    'XADD x 3-1 c 3',
    'XREAD STREAMS x +',
    'XREAD COUNT 5 STREAMS x none + +',
    'XDEL x 3-1',
    'XREAD STREAMS x +',
    'XGROUP CREATE x g 0',
    'XREADGROUP GROUP g c STREAMS x +',
    'XDEL x 1-1 2-1',
    'XREAD STREAMS x +',
  ],
  [
    'WAITAOF without an append-only file',
    'WAITAOF 1 0 0',
    'WAITAOF 2 0 0',
    'WAITAOF x 0 0',
    'WAITAOF 0 -1 0',
    'WAITAOF 0 0 -1',
    'WAITAOF 0 0 x',
    'WAITAOF 0 0',
  ],
  ['what is not there yet is a syntax error', 'SET k v IFEQ', 'GETEX k NOVALUES', 'NOSUCHCOMMAND a'],
];

const ofValkey: readonly Case[] = [
  [
    'SET IFEQ',
    'SET k a',
    'SET k b IFEQ x',
    'SET k b IFEQ a',
    'GET k',
    'SET k c IFEQ b GET',
    'SET k d IFEQ b GET',
    'SET k 12 EX 100 IFEQ c',
    'SET k 13 IFEQ 12 KEEPTTL',
    'SET none x IFEQ y',
    'SET none x IFEQ y GET',
    'SET k x NX IFEQ 13',
    'SET k x IFEQ 13 XX',
    'SET k x IFEQ',
    'SET k x IFEQ 13 IFEQ 13',
    'HSET l a 1',
    'SET l x IFEQ y',
    'SET l x IFEQ y GET',
  ],
  [
    'BITCOUNT to the end',
    'SET k foobar',
    'BITCOUNT k 0',
    'BITCOUNT k 2',
    'BITCOUNT k -2',
    'BITCOUNT k 99',
    'BITCOUNT k -99',
    'BITCOUNT k x',
    'BITCOUNT k ""',
    'BITCOUNT none 1',
    'BITCOUNT k 1 x',
    'BITCOUNT k 1 2 3 4',
    'RPUSH l a',
    'BITCOUNT l 0',
    'BITCOUNT l x',
  ],
  [
    'ZSCAN NOSCORES',
    'ZADD z 1 a 2 b 3 ab',
    'ZSCAN z 0 NOSCORES',
    'ZSCAN z 0 MATCH a* NOSCORES COUNT 10',
    'ZSCAN none 0 NOSCORES',
    'ZSCAN z 0 NOSCORES x',
  ],
  ['SCRIPT SHOW', 'SCRIPT LOAD "return 1"', 'SCRIPT SHOW e0e1f9fabfc9d4800c877a703b823ac0578ff8db', 'SCRIPT SHOW'],
  ['BGSAVE CANCEL', 'BGSAVE CANCEL', 'BGSAVE CANCEL SCHEDULE', 'BGSAVE SCHEDULE CANCEL', 'BGSAVE CANCEL x'],
  [
    'CLIENT CAPA',
    'CLIENT CAPA',
    'CLIENT CAPA redirect',
    'CLIENT CAPA REDIRECT other',
    'READONLY',
    'READWRITE',
    'SET k v',
    'GET k',
  ],
];

function compare(kind: NewerServer, title: string, cases: readonly Case[]): void {
  describe(title, () => {
    let both: SideBySide | null = null;
    before(async (t) => {
      if (await requireNewer(t as never, kind))
        both = await SideBySide.start(await startNewer(kind), kind === 'valkey' ? '8.4' : '8.0');
    });
    after(() => both?.stop());
    for (const [name, ...lines] of cases) {
      for (const protocol of [2, 3] as const) {
        it(`${name} (RESP${protocol})`, async (t) => {
          if (both === null) return t.skip('the server is not in the cache');
          await both.begin(protocol);
          for (const line of lines) {
            const [text, comparison] = typeof line === 'string' ? ([line, 'exact'] as const) : line;
            await both.same(words(text), comparison);
          }
          await both.sameState();
        });
      }
    }
  });
}

compare('redis', 'newer commands, as Redis 8.0 has them', ofRedis);
compare('valkey', 'newer commands, as Valkey 8.1 has them', ofValkey);

const start = (serverVersion: ServerVersion) => {
  const engine = new Engine({ seed: 3, serverVersion });
  const session = engine.connect({ ...collectingSink([]), stats: sinkStats });
  return { engine, session, call: (line: string) => session.call(words(line)) };
};
const errorOf = (reply: unknown): string => {
  assert.ok(reply instanceof ErrorReply, `no error but ${String(reply)}`);
  return reply.text;
};

describe('serverVersion', () => {
  const gates: readonly (readonly [line: string, since: ServerVersion, without: RegExp])[] = [
    ['HEXPIRE h 1 FIELDS 1 f', '7.4', /^ERR unknown command 'HEXPIRE'/],
    ['HGETEX h FIELDS 1 f', '8.0', /^ERR unknown command 'HGETEX'/],
    ['ZRANK z m WITHSCORE', '7.2', /^ERR wrong number of arguments for 'zrank' command/],
    ['CLIENT SETINFO lib-name x', '7.2', /^ERR unknown subcommand 'SETINFO'. Try CLIENT HELP./],
    ['HSCAN h 0 NOVALUES', '7.4', /^ERR syntax error/],
    ['SET k v IFEQ w', '8.4', /^ERR syntax error/],
    ['DELIFEQ k v', '8.4', /^ERR unknown command 'DELIFEQ'/],
    ['BITOP DIFF a b c', '8.2', /^ERR syntax error/],
    ['WAITAOF 0 0 0', '7.2', /^ERR unknown command 'WAITAOF'/],
    ['XREAD STREAMS x +', '7.4', /^ERR Invalid stream ID/],
  ];
  for (const [line, since, without] of gates) {
    it(`${line} is there since ${since}`, () => {
      for (const version of serverVersions) {
        const { call } = start(version);
        call('HSET h f v');
        call('XADD x 1-1 a b');
        const reply = call(line);
        if (version >= since) assert.ok(!(reply instanceof ErrorReply), `${version}: ${String(reply)}`);
        else assert.match(errorOf(reply), without);
      }
    });
  }

  it('is what INFO, HELLO, scripts and COMMAND report', () => {
    for (const version of serverVersions) {
      const { call } = start(version);
      assert.match((call('INFO server') as { text: string }).text, new RegExp(`redis_version:${version}\\.`));
      assert.match(call('EVAL "return redis.REDIS_VERSION" 0') as string, new RegExp(`^${version}\\.`));
      const hello = (call('HELLO') as { flat: string[] }).flat;
      assert.match(hello[hello.indexOf('version') + 1]!, new RegExp(`^${version}\\.`));
      const names = call('COMMAND LIST') as string[];
      assert.equal(names.includes('httl'), version >= '7.4');
      assert.equal(names.includes('client|setinfo'), version >= '7.2');
      assert.equal((call('COMMAND INFO zrank') as unknown[][])[0]![1], version >= '7.2' ? -3 : 3);
      assert.equal((call('CLIENT INFO') as { text: string }).text.includes('lib-name='), version >= '7.2');
      assert.equal((call('ACL CAT hash') as string[]).includes('hexpire'), version >= '7.4');
    }
  });

  it('cannot be changed while the engine runs, and a fork has the same', () => {
    const { engine, call } = start('7.2');
    assert.match(errorOf(call('CONFIG SET server-version 8.0')), /immutable/);
    assert.equal(engine.fork().settings.serverVersion, '7.2');
    assert.deepEqual((call('CONFIG GET server-version') as { flat: string[] }).flat, ['server-version', '7.2']);
  });
});

describe('what only Valkey 9 and Redis 8.2 have', () => {
  it('DELIFEQ removes a key that holds the string', () => {
    const { call } = start('8.4');
    call('SET k v');
    assert.equal(call('DELIFEQ k w'), 0);
    assert.equal(call('DELIFEQ none w'), 0);
    assert.equal(call('DELIFEQ k v'), 1);
    assert.equal(call('EXISTS k'), 0);
    call('RPUSH l 1');
    assert.match(errorOf(call('DELIFEQ l 1')), /^WRONGTYPE/);
  });

  it('BITOP compares the first string with the others', () => {
    const { call } = start('8.4');
    call('SET x "\\x0f\\x33"');
    call('SET y "\\x05"');
    call('SET z "\\x11\\x01\\x80"');
    const cases: readonly (readonly [string, string])[] = [
      ['DIFF d x y z', '\x0a\x32\x00'],
      ['DIFF1 d x y z', '\x10\x00\x80'],
      ['ANDOR d x y z', '\x05\x01\x00'],
      ['ONE d x y z', '\x1a\x32\x80'],
      ['ONE d x', '\x0f\x33'],
    ];
    for (const [line, wanted] of cases) {
      assert.equal(call(`BITOP ${line}`), wanted.length);
      assert.equal(call('GET d'), wanted, line);
    }
    for (const word of ['DIFF', 'DIFF1', 'ANDOR'])
      assert.equal(
        errorOf(call(`BITOP ${word} d x`)),
        `ERR BITOP ${word} must be called with at least two source keys.`,
      );
  });
});

const described = [
  ...['hexpire', 'hpexpire', 'hexpireat', 'hpexpireat', 'httl', 'hpttl', 'hexpiretime', 'hpexpiretime', 'hpersist'],
  ...['hgetex', 'hsetex', 'hgetdel', 'zrank', 'zrevrank', 'hscan', 'waitaof', 'xread'],
  ...['client|setinfo', 'client|no-touch', 'client|kill', 'cluster|myshardid'],
];

it('COMMAND INFO says of newer commands what Redis 8.0 says', async (t) => {
  if (!(await requireNewer(t))) return;
  const both = await SideBySide.start(await startNewer(), '8.0');
  t.after(() => both.stop());
  await both.begin(3);
  const question = ['COMMAND', 'INFO', ...described];
  const theirs = (await both.real.send(...question)).node.items!.map(commandOf);
  const ours = parseReply(encoded(both.session.call([...question]), 3)).node.items!.map(commandOf);
  assert.deepEqual(ours, theirs);
});
