import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Random } from '../../src/core/random.js';
import { ErrorReply } from '../../src/core/reply.js';
import { digestOfAll } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { discardSnapshot, loadSnapshot } from '../../src/engine/rdb/load-snapshot.js';
import { RdbError } from '../../src/engine/rdb/rdb-error.js';
import { Snapshot } from '../../src/engine/rdb/snapshot.js';
import { AppendLog } from '../../src/persistence/aof/append-log.js';
import { namingFile, PersistenceError } from '../../src/persistence/persistence-error.js';
import { SnapshotFile } from '../../src/persistence/snapshot-file.js';
import { newFolder } from '../support/folder.js';
import { collectingSink } from '../support/side-by-side.js';
import { randomCommands } from './dataset.js';

const NAME = 'appendonly.aof';
const INCR = `${NAME}.1.incr.aof`;
const BASE = `${NAME}.1.base.rdb`;
const MANIFEST = `${NAME}.manifest`;
/** A broken file of some kilobytes may not cost more than this beyond what it cost before. */
const GROWTH_BYTES_MAX = 256 * 1024 * 1024;

/** Commands whose log and snapshot are small and have something of everything. */
const few: string[][] = [
  ['SET', 'text', 'a value'],
  ['SET', 'number', '12345', 'PXAT', '4102444800000'],
  ['RPUSH', 'list', 'a', 'b', '7'],
  ['SADD', 'ints', '1', '2', '70000'],
  ['SADD', 'set', 'x', 'y'],
  ['HSET', 'hash', 'f', 'v'],
  ['ZADD', 'zset', '1.5', 'm', '2', 'n'],
  ['MULTI'],
  ['INCR', 'n'],
  ['INCR', 'n'],
  ['EXEC'],
  ['SELECT', '2'],
  ['XADD', 'stream', '1-1', 'f', 'v'],
  ['XGROUP', 'CREATE', 'stream', 'g', '0'],
  ['SET', 'squeezed', 'ab'.repeat(100)],
];

/** A log whose base has the first half of the data and whose increment has the second; where it is. */
async function madeLog(t: TestContext, commands = few): Promise<string> {
  const folder = newFolder(t, 'broken');
  const engine = new Engine({ seed: 1 });
  const session = engine.connect(collectingSink([]));
  for (const command of commands) session.call([...command]);
  const log = new AppendLog(engine, folder, NAME);
  log.open();
  session.call(['SELECT', '0']);
  for (const command of commands) session.call([...command]);
  await log.stop();
  return folder;
}

/** An engine with data of its own, which a load that fails must leave alone. */
class Held {
  readonly engine = new Engine({ seed: 1 });
  readonly session = this.engine.connect(collectingSink([]));
  readonly digest: string;
  readonly used: number;

  constructor() {
    this.session.call(['SET', 'mine', 'old']);
    this.session.call(['RPUSH', 'also mine', 'a', 'b']);
    this.digest = digestOfAll(this.engine.databases);
    this.used = this.engine.meter.used;
  }

  /** Loads a log; the error, or null. Throws if anything but a PersistenceError comes, or if the old data are not whole then. */
  load(folder: string): PersistenceError | null {
    try {
      new AppendLog(this.engine, folder, NAME).load();
      for (const db of this.engine.databases) db.keyspace.clear();
      this.session.call(['SET', 'mine', 'old']);
      this.session.call(['RPUSH', 'also mine', 'a', 'b']);
      return null;
    } catch (error) {
      assert.ok(error instanceof PersistenceError, `${String(error)}\n${(error as Error).stack}`);
      assert.ok(error.path.startsWith(folder) && error.reason !== '', error.message);
      assert.equal(digestOfAll(this.engine.databases), this.digest, `the old data stay: ${error.message}`);
      return error;
    }
  }
}

describe('a log that is not what it was', () => {
  for (const file of [INCR, BASE, MANIFEST]) {
    test(`${file}: a bit of every byte flipped: loaded, or refused with file and reason`, async (t) => {
      const folder = await madeLog(t);
      const bytes = readFileSync(join(folder, file));
      const held = new Held();
      let refused = 0;
      for (let at = 0; at < bytes.length; at++) {
        const broken = Buffer.from(bytes);
        broken[at]! ^= 1 << (at % 8);
        writeFileSync(join(folder, file), broken);
        const error = held.load(folder);
        if (error !== null) refused++;
        if (error !== null && file === INCR)
          assert.ok(error.offset !== null && error.offset <= bytes.length, error.message);
        // What was taken for an unfinished end was cut off.
        writeFileSync(join(folder, file), bytes);
      }
      t.diagnostic(`${bytes.length} changes, ${refused} refused`);
      if (file === BASE) assert.equal(refused, bytes.length, 'the checksum tells');
      else assert.ok(refused > bytes.length / 4, `only ${refused} refused`);
    });

    test(`${file}: cut at every byte`, async (t) => {
      const folder = await madeLog(t);
      const bytes = readFileSync(join(folder, file));
      const held = new Held();
      for (let length = 0; length < bytes.length; length++) {
        writeFileSync(join(folder, file), bytes.subarray(0, length));
        const error = held.load(folder);
        if (file === INCR) assert.equal(error, null, 'an unfinished end of the last file is cut off');
        if (file === BASE && length > 0) assert.ok(error !== null && error.path === join(folder, BASE), `${length}`);
        writeFileSync(join(folder, file), bytes);
      }
    });
  }

  test('files of others are refused by name', async (t) => {
    const held = new Held();
    const foreign: [content: string, reason: RegExp][] = [
      ['\x7fELF\x02\x01\x01\0\0\0', /./],
      ['PK\x03\x04 a zip', /./],
      ['{"json": true}\n', /./],
      ['REDIS9999 from the future', /version/],
      ['\0'.repeat(4096), /./],
      [`*1\r\n$${'9'.repeat(200)}\r\n`, /expected/],
      ['*1048577\r\n$1\r\na\r\n', /expected/],
    ];
    for (const [content, reason] of foreign) {
      const folder = await madeLog(t);
      writeFileSync(join(folder, INCR), content, 'latin1');
      const error = held.load(folder);
      assert.ok(
        error !== null && reason.test(error.reason),
        `${JSON.stringify(content.slice(0, 20))}: ${error?.reason}`,
      );
      assert.equal(error.path, join(folder, INCR));
    }
  });

  test('a file that is not the last one must be whole', async (t) => {
    const folder = await madeLog(t);
    cpSync(join(folder, INCR), join(folder, `${NAME}.2.incr.aof`));
    writeFileSync(join(folder, MANIFEST), `file ${NAME}.2.incr.aof seq 2 type i\n`, { flag: 'a' });
    truncateSync(join(folder, INCR), readFileSync(join(folder, INCR)).length - 1);
    const error = new Held().load(folder);
    assert.ok(error !== null && error.path === join(folder, INCR) && /end/.test(error.reason));
  });
});

describe('bytes that mean nothing', () => {
  /** Cuts, doubles, changes and fills in, so that lengths and counts become all that they can be. */
  function mutated(bytes: Buffer, random: Random): Buffer {
    let out = Buffer.from(bytes);
    for (let n = 1 + random.below(8); n > 0; n--) {
      const at = random.below(out.length + 1);
      const end = Math.min(out.length, at + random.below(16));
      const ways: (() => Buffer)[] = [
        () => Buffer.from([random.below(256)]),
        () => Buffer.from([0x80, 0x7f, 0xff, 0xff, 0xff]),
        () => Buffer.from([0x81, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff]),
        () => Buffer.from([0xc3, 0x05, 0x80, 0x1f, 0xff, 0xff, 0xff]),
        () => Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256))),
        () => Buffer.concat([out.subarray(at, end), out.subarray(at, end)]),
        () => Buffer.from(`$${random.below(2 ** 29)}\r\n`),
        () => Buffer.from(`*${random.below(2 ** 20)}\r\n`),
        () => Buffer.alloc(0),
      ];
      out = Buffer.concat([
        out.subarray(0, at),
        ways[random.below(ways.length)]!(),
        out.subarray(random.below(2) === 0 ? at : end),
      ]);
    }
    return out;
  }

  const seeds: [string, number][] = [
    ['a fixed seed', 6],
    ['a fresh seed', Date.now() % 2 ** 32],
  ];

  for (const [title, seed] of seeds) {
    test(`in a snapshot do no harm: ${title} (${seed})`, (t) => {
      const random = new Random(seed);
      const source = new Engine({ seed: 1 });
      const session = source.connect(collectingSink([]));
      for (const command of [...few, ...randomCommands(seed, 60)]) session.call([...command]);
      const file = Buffer.concat([...new Snapshot(source).chunks()]);
      const { engine, used } = new Held();
      engine.skipChecksums = true;
      const before = process.memoryUsage().rss;
      let refused = 0;
      for (let i = 0; i < 1500; i++) {
        try {
          discardSnapshot(loadSnapshot(engine, [mutated(file, random)]));
        } catch (error) {
          assert.ok(error instanceof RdbError, `${i}: ${String(error)}\n${(error as Error).stack}`);
          refused++;
        }
        assert.equal(engine.meter.used, used, `${i}: memory is accounted for`);
      }
      const growth = process.memoryUsage().rss - before;
      t.diagnostic(`1500 files, ${refused} refused, ${Math.round(growth / 2 ** 20)} MiB more`);
      assert.ok(growth < GROWTH_BYTES_MAX, `${growth} bytes more`);
    });

    test(`in a log do no harm: ${title} (${seed})`, async (t) => {
      const random = new Random(seed);
      const folder = await madeLog(t, [...few, ...randomCommands(seed, 40)]);
      const bytes = readFileSync(join(folder, INCR));
      const held = new Held();
      const before = process.memoryUsage().rss;
      let refused = 0;
      for (let i = 0; i < 300; i++) {
        writeFileSync(join(folder, INCR), mutated(bytes, random));
        if (held.load(folder) !== null) refused++;
      }
      const growth = process.memoryUsage().rss - before;
      t.diagnostic(`300 files, ${refused} refused, ${Math.round(growth / 2 ** 20)} MiB more`);
      assert.ok(growth < GROWTH_BYTES_MAX, `${growth} bytes more`);
    });
  }
});

test('a snapshot file that is broken: the error names it, and DEBUG RELOAD keeps the data', (t) => {
  const folder = newFolder(t, 'broken');
  const engine = new Engine({ seed: 1, settings: { enableDebugCommand: 'yes' } });
  const session = engine.connect(collectingSink([]));
  const path = join(folder, 'dump.rdb');
  engine.saver.storage = new SnapshotFile(() => path);
  for (const command of few) session.call([...command]);
  assert.ok(engine.saver.save());
  const digest = digestOfAll(engine.databases);
  const bytes = readFileSync(path);
  for (let length = 1; length < bytes.length; length += 7) {
    writeFileSync(path, bytes.subarray(0, length));
    assert.ok(session.call(['DEBUG', 'RELOAD', 'NOSAVE']) instanceof ErrorReply);
    assert.equal(digestOfAll(engine.databases), digest);
    assert.throws(
      () => namingFile(path, () => engine.saver.load()),
      (error: unknown) => error instanceof PersistenceError && error.path === path && error.offset !== null,
    );
  }
  assert.deepEqual(readdirSync(folder), ['dump.rdb'], 'nothing is left over');
});
