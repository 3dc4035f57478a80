import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { ErrorReply, Status } from '../../src/core/reply.js';
import { digestOfAll } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { discardSnapshot, installSnapshot, loadSnapshot } from '../../src/engine/rdb/load-snapshot.js';
import { RdbError } from '../../src/engine/rdb/rdb-error.js';
import { Snapshot } from '../../src/engine/rdb/snapshot.js';
import type { EngineSession } from '../../src/engine/session.js';
import { newFolder } from '../support/folder.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink } from '../support/side-by-side.js';
import { encodingCommands, randomCommands } from './dataset.js';

function newEngine(): [Engine, EngineSession] {
  const engine = new Engine({ seed: 1, settings: { enableDebugCommand: 'yes' } });
  return [engine, engine.connect(collectingSink([]))];
}

function run(session: EngineSession, commands: readonly string[][]): void {
  for (const command of commands) {
    const reply = session.call([...command]);
    assert.ok(
      !(reply instanceof ErrorReply),
      `${command.slice(0, 3).join(' ')}: ${reply instanceof ErrorReply ? reply.text : ''}`,
    );
  }
}

/** Data in three databases, keys with deadlines among them. */
function fill(session: EngineSession): void {
  run(session, [
    ...encodingCommands(),
    ['SELECT', '3'],
    ...randomCommands(3, 200),
    ['SELECT', '15'],
    ['SET', 'last', 'one'],
    ['SELECT', '0'],
  ]);
}

function fileOf(engine: Engine): Buffer {
  return Buffer.concat([...new Snapshot(engine).chunks()]);
}

/** What an engine holds that begins with the file. */
function loaded(file: Uint8Array, chunkBytes = file.length): Engine {
  const [engine] = newEngine();
  function* chunks(): Generator<Uint8Array> {
    for (let at = 0; at < file.length; at += chunkBytes) yield file.subarray(at, at + chunkBytes);
  }
  installSnapshot(engine, loadSnapshot(engine, chunks()));
  return engine;
}

function encodings({ databases }: Engine): string[] {
  return databases.flatMap(({ index, keyspace }) => {
    const found: string[] = [];
    keyspace.table.forEach((slot) => {
      const encoding = keyspace.typeOf(slot) === 0 ? keyspace.stringEncoding(slot) : keyspace.collection(slot).encoding;
      found.push(`${index} ${keyspace.keyOf(slot)} ${encoding} ${keyspace.deadline(slot)}`);
    });
    return found.sort();
  });
}

test('a file holds everything, whatever the pieces it is read in', () => {
  const [engine, session] = newEngine();
  fill(session);
  const file = fileOf(engine);
  for (const chunkBytes of [file.length, 1, 7, 4096]) {
    const copy = loaded(file, chunkBytes);
    assert.equal(digestOfAll(copy.databases), digestOfAll(engine.databases));
  }
  assert.equal(engine.snapshots, 0);
});

test('a file that was made of a loaded file is the same', () => {
  const [engine, session] = newEngine();
  fill(session);
  const copy = loaded(fileOf(engine));
  const again = loaded(fileOf(copy));
  assert.deepEqual(encodings(again), encodings(copy));
  assert.equal(digestOfAll(again.databases), digestOfAll(engine.databases));
});

describe('a real server', () => {
  test('loads our file with an equal digest', async (t) => {
    if (!(await requireRedis(t))) return;
    const [engine, session] = newEngine();
    fill(session);
    const folder = newFolder(t, 'rdb');
    writeFileSync(join(folder, 'ours.rdb'), fileOf(engine));
    const server = await startRedis({
      args: ['--dir', folder, '--dbfilename', 'ours.rdb', '--sanitize-dump-payload', 'yes'],
    });
    const client = await RespClient.connect(server.port);
    t.after(async () => {
      client.close();
      await server.stop();
    });
    assert.equal(await client.value('DEBUG', 'DIGEST'), digestOfAll(engine.databases));
    assert.equal(await client.value('PEXPIRETIME', 'ttl'), 4_102_444_800_123);
  });

  for (const [title, args] of [
    ['as it is', []],
    ['uncompressed, without a checksum', ['--rdbcompression', 'no', '--rdbchecksum', 'no']],
    ['with idle times', ['--maxmemory-policy', 'allkeys-lru', '--maxmemory', '1gb']],
    ['with frequencies', ['--maxmemory-policy', 'allkeys-lfu', '--maxmemory', '1gb']],
  ] as const) {
    test(`has its file loaded here: ${title}`, async (t) => {
      if (!(await requireRedis(t))) return;
      const folder = mkdtempSync(join(tmpdir(), 'keyspan-rdb-'));
      const server = await startRedis({ args: ['--dir', folder, '--dbfilename', 'theirs.rdb', ...args] });
      const client = await RespClient.connect(server.port);
      t.after(async () => {
        client.close();
        await server.stop();
        rmSync(folder, { recursive: true });
      });
      await client.pipeline([...encodingCommands(), ['SELECT', '3'], ...randomCommands(5, 300), ['SAVE']]);
      const engine = loaded(readFileSync(join(folder, 'theirs.rdb')), 1000);
      assert.equal(digestOfAll(engine.databases), await client.value('DEBUG', 'DIGEST'));
    });
  }
});

describe('a file that is none', () => {
  function small(): Buffer {
    const [engine, session] = newEngine();
    const tiny = encodingCommands().filter((command) => command.join('').length < 200);
    run(session, [...tiny, ['SELECT', '1'], ['SET', 'a', 'b']]);
    return fileOf(engine);
  }

  /** What loading says; the engine keeps what it had. */
  function tryLoading(file: Uint8Array, skipChecksum = false): RdbError | null {
    const [engine, session] = newEngine();
    engine.skipChecksums = skipChecksum;
    session.call(['SET', 'kept', 'v']);
    const used = engine.meter.used;
    try {
      discardSnapshot(loadSnapshot(engine, [file]));
      return null;
    } catch (error) {
      assert.ok(error instanceof RdbError, String(error));
      assert.ok(error.offset >= 0 && error.offset <= file.length && error.reason !== '');
      return error;
    } finally {
      assert.equal(session.call(['GET', 'kept']), 'v');
      assert.equal(session.call(['DBSIZE']), 1);
      assert.ok(Math.abs(engine.meter.used - used) < 4096);
    }
  }

  test('cut at every byte: an error each time', () => {
    const file = small();
    assert.equal(tryLoading(file), null);
    for (let length = 0; length < file.length; length++)
      assert.ok(tryLoading(file.subarray(0, length)) !== null, `${length} bytes`);
  });

  test('with any bit flipped: the checksum tells', () => {
    const file = small();
    for (let bit = 0; bit < file.length * 8; bit += 3) {
      file[bit >> 3]! ^= 1 << (bit & 7);
      assert.ok(tryLoading(file) !== null, `bit ${bit}`);
      file[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  test('with any bit flipped and nobody to look at the checksum: an error or data, never a crash', () => {
    const file = small();
    for (let bit = 0; bit < file.length * 8; bit++) {
      file[bit >> 3]! ^= 1 << (bit & 7);
      tryLoading(file, true);
      file[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  const files: [title: string, file: string, reason: RegExp][] = [
    ['nothing', '', /unexpected end/],
    ['another file', 'PK\x03\x04 and much more', /no RDB file/],
    ['a version to come', 'REDIS0099\xff', /can't handle RDB format version 0099/],
    ['a version of Valkey to come', 'VALKEY099\xff', /can't handle RDB format version 099 \(VALKEY's up to 80/],
    ['a version of Valkey under the name of Redis', 'REDIS0080\xff', /can't handle RDB format version 0080/],
    ['no version', 'REDISabcd\xff', /can't handle RDB format version abcd/],
    ['a module', 'REDIS0010\x07\x01k\x81\x4c\x48\xb0\x37\x4e\x1e\xa4\x00', /module type/],
    ['a database too many', 'REDIS0010\xfe\x10', /database 16/],
    ['an unknown type', 'REDIS0010\x63\x01k', /unknown type of value 99/],
    ['a key twice', 'REDIS0010\x00\x01k\x01v\x00\x01k\x01w\xff', /a key twice/],
    ['a length beyond measure', 'REDIS0010\x00\x01k\x81\xff\xff\xff\xff\xff\xff\xff\xff', /too long/],
    ['a count beyond measure', 'REDIS0010\x01\x01k\x81\xff\xff\xff\xff\xff\xff\xff\xff', /unexpected end/],
  ];
  for (const [title, file, reason] of files) {
    test(title, () => assert.match(tryLoading(Buffer.from(file, 'latin1'))!.message, reason));
  }
});

test('expired keys are not loaded, empty collections neither', () => {
  const file = Buffer.from('REDIS0003\xfd\x01\x00\x00\x00\x00\x01a\x01v\x00\x01b\x01v\x01\x05empty\x00\xff', 'latin1');
  const [engine] = newEngine();
  const found = loadSnapshot(engine, [file]);
  assert.equal(found.keysExpired, 1);
  assert.equal(found.keysLoaded, 1);
  installSnapshot(engine, found);
  assert.equal(engine.databases[0]!.size, 1);
});

describe('DEBUG RELOAD', () => {
  const say = (reply: unknown): unknown =>
    reply instanceof Status || reply instanceof ErrorReply ? reply.text : reply;

  test('keeps data, encodings and deadlines, and fails nobody who has nothing to fear', () => {
    const [engine, session] = newEngine();
    fill(session);
    const before = digestOfAll(engine.databases);
    assert.equal(say(session.call(['DEBUG', 'RELOAD'])), 'OK');
    assert.equal(digestOfAll(engine.databases), before);
  });

  test('merges, and refuses what cannot be', () => {
    const [, session] = newEngine();
    session.call(['SET', 'a', '1']);
    assert.equal(say(session.call(['DEBUG', 'RELOAD', 'NOFLUSH'])), 'ERR Error trying to load the RDB dump');
    assert.equal(say(session.call(['DEBUG', 'RELOAD', 'NOFLUSH', 'MERGE'])), 'OK');
    assert.equal(say(session.call(['DEBUG', 'RELOAD', 'NOSAVE'])), 'ERR Error trying to load the RDB dump');
    assert.match(String(say(session.call(['DEBUG', 'RELOAD', 'WHAT']))), /only supports the MERGE/);
    assert.equal(session.call(['GET', 'a']), '1');
  });
});

describe('a snapshot that is written little by little', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`is of the moment it was taken, whatever happens meanwhile (${seed})`, () => {
      const [engine, session] = newEngine();
      fill(session);
      run(
        session,
        Array.from({ length: 3000 }, (_, i) => ['SET', `filler:${i}`, 'x'.repeat(100)]),
      );
      const before = digestOfAll(engine.databases);
      const held = encodings(engine);
      const chunks: Uint8Array[] = [];
      const meanwhile = randomCommands(seed * 100, 600);
      const snapshot = new Snapshot(engine);
      let at = 0;
      for (const chunk of snapshot.chunks()) {
        chunks.push(chunk);
        for (let i = 0; i < 40 && at < meanwhile.length; i++, at++) session.call([...meanwhile[at]!]);
        disturb(session, chunks.length + seed);
      }
      assert.ok(chunks.length > 3);
      const copy = loaded(Buffer.concat(chunks));
      assert.deepEqual(
        encodings(copy).map((line) => line.replace(/ (raw|embstr|int) /, ' text ')),
        held.map((line) => line.replace(/ (raw|embstr|int) /, ' text ')),
      );
      assert.equal(digestOfAll(copy.databases), before);
      assert.equal(engine.snapshots, 0);
    });
  }

  /** Commands that touch keys in other ways than their openers. */
  function disturb(session: EngineSession, round: number): void {
    const key = (i: number): string => `filler:${(round * 577 + i * 131) % 3000}`;
    session.call(['SELECT', '0']);
    session.call(['RENAME', key(1), key(2)]);
    session.call(['MOVE', key(3), '3']);
    session.call(['COPY', key(4), key(5), 'REPLACE']);
    session.call(['EXPIRE', key(6), '100']);
    session.call(['DEL', key(7), key(8)]);
    session.call(['INCR', 'string:1']);
    session.call(['SETRANGE', 'string:sparse', '3', 'y']);
    session.call(['SETBIT', key(9), '3', '1']);
    session.call(['APPEND', key(10), 'more']);
    session.call(['BITFIELD', key(11), 'SET', 'u8', '0', '7']);
    session.call(['PFADD', 'hll', key(12)]);
    session.call(['SORT', 'set:table', 'ALPHA', 'STORE', 'list:all']);
    session.call(['GETDEL', key(13)]);
    session.call(['GETEX', key(14), 'EX', '1000']);
    session.call(['SPOP', 'set:many', '3']);
    session.call(['ZUNIONSTORE', 'zset:small', '2', 'zset:many', 'zset:large']);
    session.call(['LMOVE', 'list:nodes', 'list:one', 'LEFT', 'RIGHT']);
    if (round === 6) session.call(['SWAPDB', '0', '3']);
    if (round === 8) session.call(['FLUSHALL']);
  }

  test('keeps what expires meanwhile', () => {
    const clock = new ManualClock(1_700_000_000_000);
    const engine = new Engine({ seed: 1, clock });
    const session = engine.connect(collectingSink([]));
    for (let i = 0; i < 5000; i++) session.call(['SET', `k${i}`, 'v'.repeat(50), 'PX', '1000']);
    const before = digestOfAll(engine.databases);
    const chunks: Uint8Array[] = [];
    for (const chunk of new Snapshot(engine).chunks()) {
      chunks.push(chunk);
      clock.advance(600);
      engine.cron();
    }
    const copy = new Engine({ seed: 1, clock });
    installSnapshot(copy, loadSnapshot(copy, chunks, { keepExpired: true }));
    assert.equal(digestOfAll(copy.databases), before);
    assert.ok(engine.databases[0]!.size < 5000);
  });
});
