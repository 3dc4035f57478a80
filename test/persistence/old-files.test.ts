import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { crc64 } from '../../src/core/crc64.js';
import { Random } from '../../src/core/random.js';
import { digestOfAll } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { discardSnapshot, loadSnapshot } from '../../src/engine/rdb/load-snapshot.js';
import { RdbError } from '../../src/engine/rdb/rdb-error.js';
import type { EngineSession } from '../../src/engine/session.js';
import { loadLog } from '../../src/persistence/aof/load-log.js';
import { emptyManifest } from '../../src/persistence/aof/manifest.js';
import { cacheFolder, findRedis } from '../../tools/redis-binary.js';
import { newFolder } from '../support/folder.js';
import { type RunningServer, requireRedis, startRedis } from '../support/redis.js';
import { parseReply, plain, RespClient } from '../support/resp-client.js';
import { collectingSink, encoded } from '../support/side-by-side.js';
import { file, integer, intset, size, stream, text, u16, u32, u64, valkeyFile, ziplist } from './old-encoders.js';
import { moduleId, type OldValue, oldValues } from './old-values.js';

/** The newest version whose files the real server reads. */
const REAL_VERSION = 10;

function newEngine(): [Engine, EngineSession] {
  const engine = new Engine({ seed: 1, settings: { enableDebugCommand: 'yes' } });
  return [engine, engine.connect(collectingSink([]))];
}

/** An engine that holds what the file has, and a conversation with it. */
function loaded(bytes: Uint8Array): [Engine, EngineSession] {
  const [engine, session] = newEngine();
  engine.saver.install(loadSnapshot(engine, [bytes]));
  return [engine, session];
}

/** Why a file is refused; null if it is not. What the engine had stays in any case. */
function refusal(bytes: Uint8Array, skipChecksum = false): string | null {
  const [engine, session] = newEngine();
  engine.skipChecksums = skipChecksum;
  session.call(['SET', 'kept', 'v']);
  try {
    discardSnapshot(loadSnapshot(engine, [bytes]));
    return null;
  } catch (error) {
    assert.ok(error instanceof RdbError, String(error));
    assert.ok(error.offset >= 0 && error.offset <= bytes.length);
    return error.message;
  } finally {
    assert.equal(session.call(['GET', 'kept']), 'v');
  }
}

/** What the engine replies, as a client of RESP2 hears it. */
function asked(session: EngineSession, ...command: string[]): unknown {
  return plain(parseReply(encoded(session.call(command), 2)).node);
}

const keyOf = ({ type, body }: OldValue, key: string): string => String.fromCharCode(type) + text(key) + body;

describe('every type of value of every version', () => {
  for (const value of oldValues) {
    test(value.title, () => {
      for (const version of new Set([value.since, REAL_VERSION, 12].filter((version) => version >= value.since))) {
        const [engine, session] = loaded(file(version, keyOf(value, 'k')));
        assert.equal(engine.databases[0]!.size, 1);
        assert.deepEqual(asked(session, ...value.command), value.reply, `in version ${version}`);
      }
    });
  }

  test('a stream of Redis 5 says what later versions store of it', () => {
    const group = { name: 'g', last: [1000, 0], pending: [], consumers: [] } as const;
    const body = stream(
      1,
      [
        [1000, 'a'],
        [1002, 'b'],
      ],
      [group],
    );
    const [, session] = loaded(file(9, `\x0f${text('k')}${body}`));
    const info = asked(session, 'XINFO', 'STREAM', 'k') as unknown[];
    const fact = (name: string): unknown => info[info.indexOf(name) + 1];
    assert.equal(fact('entries-added'), 2);
    assert.equal(fact('recorded-first-entry-id'), '1000-0');
    assert.equal(fact('max-deleted-entry-id'), '0-0');
  });
});

describe('what a file says beside its values', () => {
  const string = (key: string, value: string): string => `\0${text(key)}${text(value)}`;

  test('deadlines in seconds and milliseconds, idle times, frequencies, sizes, facts, slots, databases', () => {
    const [engine, session] = loaded(
      file(
        12,
        `\xfa${text('redis-ver')}${text('8.0.2')}`,
        `\xfa${text('redis-bits')}${integer(64)}`,
        `\xfa${text('lua')}${text('return 1')}`,
        `\xfa${text('nobody knows')}${text('this')}`,
        `\xfe${size(0)}\xfb${size(4)}${size(2)}\xf4${size(5)}${size(4)}${size(2)}`,
        `\xfd${u32(2_000_000_000)}${string('seconds', '1')}`,
        `\xfc${u64(2_000_000_000_123)}\xf8${size(1000)}${string('ms', '2')}`,
        `\xfc${u64(-1)}${string('never', '3')}`,
        `\xf9\x64${string('often', '4')}`,
        `\xfe${size(9)}${string('elsewhere', '5')}`,
      ),
    );
    assert.equal(session.call(['PEXPIRETIME', 'seconds']), 2_000_000_000_000);
    assert.equal(session.call(['PEXPIRETIME', 'ms']), 2_000_000_000_123);
    assert.equal(session.call(['PEXPIRETIME', 'never']), -1);
    assert.equal(session.call(['OBJECT', 'IDLETIME', 'ms']), 1000);
    assert.equal(session.call(['OBJECT', 'IDLETIME', 'often']), 0);
    assert.deepEqual(
      engine.databases.map(({ size: keys }) => keys).filter((keys) => keys > 0),
      [4, 1],
    );
  });

  test('a file without a checksum, before version 5 and since', () => {
    for (const version of [1, 2, 3, 4]) assert.equal(refusal(file(version, string('k', 'v'))), null);
    const unsigned = file(9, string('k', 'v'));
    unsigned.fill(0, unsigned.length - 8);
    assert.equal(refusal(unsigned), null);
    unsigned[unsigned.length - 1] = 1;
    assert.match(refusal(unsigned)!, /RDB CRC error/);
    assert.equal(refusal(unsigned, true), null);
  });

  test('functions, also as release candidates of 7.0 saved them', () => {
    const code = (name: string): string => `redis.register_function('${name}', function() return '${name}' end)`;
    const [, session] = loaded(
      file(
        10,
        `\xf5${text(`#!lua name=released\n${code('one')}`)}`,
        `\xf6${text('candidate')}${text('LUA')}${size(1)}${text('told')}${text(code('two'))}`,
        `\xf6${text('quiet')}${text('lua')}${size(0)}${text(code('three'))}`,
      ),
    );
    for (const name of ['one', 'two', 'three']) assert.equal(asked(session, 'FCALL', name, '0'), name);
  });

  test('the files of Valkey: version 11 of Redis, and its own', () => {
    for (const bytes of [file(11, string('k', 'v')), valkeyFile(80, string('k', 'v'))]) {
      assert.equal(loaded(bytes)[1].call(['GET', 'k']), 'v');
    }
    assert.match(refusal(valkeyFile(80, `\x16${text('k')}`))!, /type 22, which only Valkey/);
    assert.match(refusal(valkeyFile(81))!, /RDB format version 081/);
    assert.match(refusal(file(80))!, /RDB format version 0080/);
  });

  test('a log that begins with a snapshot of Redis or of Valkey', (t) => {
    const folder = newFolder(t, 'preamble');
    for (const snapshot of [file(9, string('k', 'v')), valkeyFile(80, string('k', 'v'))]) {
      writeFileSync(join(folder, 'a.aof'), snapshot);
      appendFileSync(join(folder, 'a.aof'), '*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n');
      const [engine, session] = newEngine();
      const base = { name: 'a.aof', seq: 1, type: 'b' } as const;
      loadLog(engine, folder, { ...emptyManifest, base }, false);
      assert.deepEqual([session.call(['GET', 'k']), session.call(['GET', 'n'])], ['v', '1']);
    }
  });

  test('values and data of modules are refused by their names', () => {
    const id = moduleId('ReJSON-RL', 3);
    assert.match(refusal(file(9, `\x07${text('doc')}${id}${size(0)}`))!, /ReJSON-RL/);
    assert.match(refusal(file(8, `\x06${text('doc')}${id}`))!, /ReJSON-RL/);
    assert.match(refusal(file(9, `\xf7${id}${size(2)}${size(1)}${size(0)}`))!, /ReJSON-RL/);
  });

  test('empty collections are no keys', () => {
    const empty = [
      `\x01${text('list')}${size(0)}`,
      `\x02${text('set')}${size(0)}`,
      `\x03${text('zset')}${size(0)}`,
      `\x04${text('hash')}${size(0)}`,
      `\x0a${text('ziplist')}${text(ziplist([]))}`,
      `\x0e${text('quicklist')}${size(1)}${text(ziplist([]))}`,
    ];
    const [engine] = loaded(file(9, ...empty, string('k', 'v')));
    assert.equal(engine.databases[0]!.size, 1);
  });
});

describe('what cannot be', () => {
  const cases: [title: string, type: number, body: string, reason: RegExp][] = [
    ['ziplist of another length', 10, text(u32(99) + ziplist(['a']).slice(4)), /another length/],
    ['ziplist with another count', 10, text(ziplist(['a'], { count: 2 })), /another count/],
    ['ziplist with an unknown encoding', 10, text(ziplist([{ raw: '\xc1ab' }])), /unknown ziplist encoding 193/],
    ['ziplist with a string beyond its end', 10, text(ziplist([{ raw: '\x3fab' }])), /beyond the end/],
    ['ziplist of pairs, one short', 13, text(ziplist(['a', 'b', 'c'])), /odd number/],
    ['ziplist with a field twice', 13, text(ziplist(['a', 'b', 'a', 'c'])), /field twice/],
    ['zipmap without an end', 9, text('\x01\x01f\x01\0v'), /without an end/],
    ['zipmap with a string beyond its end', 9, text('\x01\x01f\x7f\0v\xff'), /beyond the end/],
    ['intset of an unknown width', 11, text(`${u32(3)}${u32(1)}abc`), /integers of 3 bytes/],
    ['intset out of order', 11, text(intset(2, [2, 1])), /out of order/],
    ['intset of no integers', 11, text(intset(2, [])), /another length/],
    ['score that is no number', 3, `${size(1)}${text('m')}\xfd`, /no number/],
    ['score that is a word', 3, `${size(1)}${text('m')}\x03abc`, /no number/],
    ['quicklist node of an unknown kind', 18, `${size(1)}${size(3)}${text('a')}`, /unknown quicklist container 3/],
    ['unknown type', 99, '', /unknown type of value 99/],
  ];
  for (const [title, type, body, reason] of cases) {
    test(title, () => assert.match(refusal(file(10, String.fromCharCode(type) + text('k') + body))!, reason));
  }

  test('any byte of any value changed, or missing: an error or data, never a crash', () => {
    const random = new Random(7);
    let refused = 0;
    let taken = 0;
    for (const value of oldValues.filter(({ body }) => body.length < 2000)) {
      const whole = file(12, keyOf(value, 'k'));
      for (let i = 0; i < 120; i++) {
        const bytes = whole.slice(0, i % 3 === 0 ? random.below(whole.length) : whole.length);
        for (let changes = i % 3 === 0 ? 0 : 1 + random.below(3); changes > 0; changes--) {
          bytes[9 + random.below(bytes.length - 9)] = random.below(256);
        }
        if (refusal(bytes, true) === null) taken++;
        else refused++;
      }
    }
    assert.ok(refused > 500 && taken > 50, `${refused} refused, ${taken} taken`);
  });
});

describe('a real server', () => {
  let server: RunningServer | null = null;
  let client: RespClient;
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-old-'));
  before(async () => {
    if ((await findRedis()) === null) return;
    const everything = oldValues.filter(({ since }) => since <= REAL_VERSION);
    writeFileSync(join(folder, 'dump.rdb'), file(REAL_VERSION, ...everything.map((value, i) => keyOf(value, `k${i}`))));
    server = await startRedis({ args: ['--dir', folder, '--sanitize-dump-payload', 'yes'] });
    client = await RespClient.connect(server.port);
  });
  after(async () => {
    client?.close();
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  test('has the same data of the same file', async (t) => {
    if (!(await requireRedis(t))) return;
    const [engine, session] = loaded(readFileSync(join(folder, 'dump.rdb')));
    assert.ok(engine.databases[0]!.size > 30);
    assert.equal(await client.value('DBSIZE'), engine.databases[0]!.size);
    for (const key of (session.call(['KEYS', '*']) as string[]).sort()) {
      const ask = ['DEBUG', 'DIGEST-VALUE', key];
      assert.deepEqual(await client.value(...ask), asked(session, ...ask), key);
    }
    assert.equal(await client.value('DEBUG', 'DIGEST'), digestOfAll(engine.databases));
    const streams = oldValues.flatMap(({ type }, i) => (type === 15 || type === 19 ? [`k${i}`] : []));
    for (const key of streams) {
      const ask = ['XINFO', 'STREAM', key, 'FULL'];
      assert.deepEqual(await client.value(...ask), asked(session, ...ask), key);
    }
  });

  test('has the same data of the files in its own tests', async (t) => {
    if (!(await requireRedis(t))) return;
    const redis = await findRedis();
    const source = process.env.KEYSPAN_REDIS_SOURCE ?? join(cacheFolder(), `redis-suite-${redis?.version}`);
    const assets = join(source, 'tests/assets');
    if (!existsSync(assets)) return t.skip('no source of Redis: $KEYSPAN_REDIS_SOURCE, or `npm run conformance` once');
    for (const name of [
      'encodings',
      'hash-ziplist',
      'hash-zipmap',
      'list-quicklist',
      'zset-ziplist',
      'corrupt_empty_keys',
    ]) {
      const bytes = readFileSync(join(assets, `${name}.rdb`));
      const [engine] = loaded(bytes);
      writeFileSync(join(folder, 'dump.rdb'), bytes);
      await client.value('DEBUG', 'RELOAD', 'NOSAVE');
      assert.equal(await client.value('DEBUG', 'DIGEST'), digestOfAll(engine.databases), name);
    }
  });

  test('has the same value of every changed payload, and takes all that we take', async (t) => {
    if (!(await requireRedis(t))) return;
    await client.value('FLUSHALL');
    const [, session] = newEngine();
    const random = new Random(11);
    const kinds = oldValues.filter(({ since, body }) => since <= REAL_VERSION && body.length < 2000);
    let both = 0;
    for (const value of kinds) {
      for (let i = 0; i < 40; i++) {
        const body = [...(String.fromCharCode(value.type) + value.body)];
        for (let changes = i === 0 ? 0 : 1 + random.below(2); changes > 0; changes--) {
          body[1 + random.below(body.length - 1)] = String.fromCharCode(random.below(256));
        }
        const payload = payloadOf(body.join(''));
        const theirs = await client.value('RESTORE', 'k', 0, Buffer.from(payload, 'latin1'), 'REPLACE');
        const ours = asked(session, 'RESTORE', 'k', '0', payload, 'REPLACE');
        const which = `${value.title}, change ${i}: ${JSON.stringify(body.join(''))}`;
        if (i === 0) assert.equal(ours, 'OK', which);
        // It takes more: half a score's digits, a value that goes on in the checksum.
        if (ours !== 'OK') continue;
        assert.equal(theirs, 'OK', which);
        both++;
        const ask = ['DEBUG', 'DIGEST-VALUE', 'k'];
        assert.deepEqual(await client.value(...ask), asked(session, ...ask), which);
      }
    }
    assert.ok(both > 100, `only ${both} were taken by both`);
  });
});

/** `body` with version and checksum, as DUMP answers. */
function payloadOf(body: string): string {
  const bytes = body + u16(REAL_VERSION);
  return bytes + u64(crc64(Buffer.from(bytes, 'latin1')));
}
