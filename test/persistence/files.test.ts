import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManualClock } from '../../src/core/clock.js';
import { ErrorReply, Status } from '../../src/core/reply.js';
import { digestOfAll } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { loadSnapshot } from '../../src/engine/rdb/load-snapshot.js';
import type { EngineSession } from '../../src/engine/session.js';
import { SnapshotFile } from '../../src/persistence/snapshot-file.js';
import { newFolder } from '../support/folder.js';
import { collectingSink } from '../support/side-by-side.js';
import { until } from '../support/until.js';
import { encodingCommands } from './dataset.js';

interface Saved {
  engine: Engine;
  session: EngineSession;
  clock: ManualClock;
  path: string;
  folder: string;
}

function withFile(t: TestContext): Saved {
  const folder = newFolder(t, 'save');
  const clock = new ManualClock(1_700_000_000_000);
  const engine = new Engine({ seed: 1, clock, settings: { enableDebugCommand: 'yes' } });
  const path = join(folder, 'dump.rdb');
  engine.saver.storage = new SnapshotFile(() => path);
  return { engine, session: engine.connect(collectingSink([])), clock, path, folder };
}

const said = (reply: unknown): unknown => (reply instanceof Status || reply instanceof ErrorReply ? reply.text : reply);

/** What the file holds. */
function digestOfFile(path: string): string {
  const engine = new Engine({ seed: 1, clock: new ManualClock(1_700_000_000_000) });
  engine.saver.storage = new SnapshotFile(() => path);
  assert.equal(engine.saver.load(), true);
  return digestOfAll(engine.databases);
}

async function ended(engine: Engine): Promise<void> {
  await until(() => engine.saver.background === null, 'the background save to end');
}

test('SAVE and LASTSAVE', (t) => {
  const { engine, session, clock, path, folder } = withFile(t);
  for (const command of encodingCommands()) session.call([...command]);
  clock.advance(5000);
  assert.equal(said(session.call(['SAVE'])), 'OK');
  assert.equal(session.call(['LASTSAVE']), 1_700_000_005);
  assert.equal(engine.dirty, 0);
  assert.equal(digestOfFile(path), digestOfAll(engine.databases));
  assert.deepEqual(readdirSync(folder), ['dump.rdb']);
});

test('BGSAVE is of its moment; commands go on, and their changes count', async (t) => {
  const { engine, session, path, folder } = withFile(t);
  for (let i = 0; i < 20_000; i++) session.call(['SET', `k${i}`, `value ${i}`]);
  const before = digestOfAll(engine.databases);
  assert.equal(said(session.call(['BGSAVE'])), 'Background saving started');
  assert.equal(said(session.call(['BGSAVE'])), 'ERR Background save already in progress');
  assert.equal(said(session.call(['SAVE'])), 'ERR Background save already in progress');
  let changes = 0;
  while (engine.saver.background !== null && changes < 19_000) {
    session.call(['SET', `k${changes++}`, 'changed']);
    if (changes % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await ended(engine);
  assert.ok(changes > 0);
  assert.equal(engine.dirty, changes);
  assert.equal(digestOfFile(path), before);
  assert.deepEqual(readdirSync(folder), ['dump.rdb']);
  assert.equal(engine.plain, true);
});

test('the rules of `save` start a save when they are met', async (t) => {
  const { engine, session, clock, path } = withFile(t);
  session.call(['CONFIG', 'SET', 'save', '10 2']);
  session.call(['SET', 'a', '1']);
  clock.advance(20_000);
  engine.cron();
  assert.equal(engine.saver.background, null);
  session.call(['SET', 'b', '1']);
  engine.cron();
  assert.notEqual(engine.saver.background, null);
  await ended(engine);
  assert.equal(digestOfFile(path), digestOfAll(engine.databases));
});

test('a save that fails keeps the old file, refuses writes and is made good by the next one', async (t) => {
  const { engine, session, clock, path, folder } = withFile(t);
  session.call(['SET', 'a', '1']);
  session.call(['SAVE']);
  const old = readFileSync(path);
  let there = false;
  engine.saver.storage = new SnapshotFile(() => (there ? path : join(folder, 'no such folder', 'dump.rdb')));
  session.call(['CONFIG', 'SET', 'save', '1 1']);
  session.call(['SET', 'a', '2']);
  // Writes are refused after a save in the background alone.
  assert.equal(said(session.call(['SAVE'])), 'ERR');
  assert.equal(said(session.call(['SET', 'a', '2'])), 'OK');
  session.call(['BGSAVE']);
  await until(() => engine.saver.background === null, 'the save to fail');
  assert.match(String(said(session.call(['SET', 'a', '3']))), /^MISCONF Redis is configured to save RDB snapshots/);
  assert.match(String(said(session.call(['PING']))), /^MISCONF/);
  assert.equal(session.call(['GET', 'a']), '2');
  assert.deepEqual(readFileSync(path), old);
  assert.deepEqual(readdirSync(folder), ['dump.rdb']);
  there = true;
  clock.advance(60_000);
  engine.cron();
  await ended(engine);
  assert.equal(said(session.call(['SET', 'a', '3'])), 'OK');
});

test('FLUSHALL ends a background save, and the file is as empty as the data', async (t) => {
  const { engine, session, path, folder } = withFile(t);
  for (let i = 0; i < 20_000; i++) session.call(['SET', `k${i}`, `value ${i}`]);
  session.call(['BGSAVE']);
  await new Promise((resolve) => setImmediate(resolve));
  session.call(['FLUSHALL']);
  assert.equal(engine.saver.background, null);
  await sleep(50);
  assert.equal(digestOfFile(path), digestOfAll(engine.databases));
  assert.deepEqual(readdirSync(folder), ['dump.rdb']);
  assert.equal(engine.snapshots, 0);
});

test('DEBUG RELOAD goes through the file; a broken one changes nothing', (t) => {
  const { engine, session, path } = withFile(t);
  session.call(['SET', 'a', '1']);
  assert.equal(said(session.call(['DEBUG', 'RELOAD'])), 'OK');
  session.call(['SET', 'b', '2']);
  assert.equal(said(session.call(['DEBUG', 'RELOAD', 'NOSAVE'])), 'OK');
  assert.deepEqual(session.call(['MGET', 'a', 'b']), ['1', null]);
  writeFileSync(path, readFileSync(path).subarray(0, 20));
  assert.equal(said(session.call(['DEBUG', 'RELOAD', 'NOSAVE'])), 'ERR Error trying to load the RDB dump');
  assert.deepEqual(session.call(['MGET', 'a', 'b']), ['1', null]);
  assert.equal(engine.databases[0]!.size, 1);
});

test('a folder in the place of the file: the system says so', (t) => {
  const { engine, path } = withFile(t);
  mkdirSync(path);
  assert.throws(() => engine.saver.load(), /EISDIR|directory/);
});

test('every old encoding, made by hand', () => {
  const text = (value: string): string => String.fromCharCode(value.length) + value;
  const value = (type: number, key: string, body: string): string => String.fromCharCode(type) + text(key) + body;
  const ziplist =
    '\x17\x00\x00\x00\x12\x00\x00\x00\x04\x00' +
    '\x00\x01a' +
    '\x03\xf2' +
    '\x02\xfe\x64' +
    '\x03\xc0\x39\x30' +
    '\xff';
  const values = [
    value(9, 'zipmap', text('\x02\x01f\x01\x00v\x03two\x03\x01222x\xff')),
    value(10, 'list of a ziplist', text(ziplist)),
    value(13, 'hash of a ziplist', text(ziplist)),
    value(14, 'quicklist of ziplists', `\x02${text(ziplist)}${text(ziplist)}`),
    value(1, 'list', `\x02${text('x')}\xc0\x07`),
    value(3, 'zset with text scores', `\x03${text('a')}${text('1.5')}${text('b')}\xfe${text('c')}\xff`),
    value(12, 'zset of a ziplist', text(ziplist.replace('\x03\xc0\x39\x30', '\x03\xc0\x39\x31'))),
    value(11, 'intset', text('\x02\x00\x00\x00\x02\x00\x00\x00\xff\xff\x05\x00')),
    value(18, 'quicklist with a plain node', `\x01\x01${text('plain')}`),
    value(20, 'set of a listpack', text('\x0c\x00\x00\x00\x02\x00\x01\x01\x81a\x02\xff')),
  ];
  const engine = new Engine();
  const session = engine.connect(collectingSink([]));
  engine.saver.install(loadSnapshot(engine, [Buffer.from(`REDIS0003${values.join('')}\xff`, 'latin1')]));
  const expected: [argv: string[], reply: unknown][] = [
    [['DBSIZE'], values.length],
    [
      ['HMGET', 'zipmap', 'f', 'two'],
      ['v', '222'],
    ],
    [
      ['LRANGE', 'list of a ziplist', '0', '-1'],
      ['a', '1', '100', '12345'],
    ],
    [
      ['HMGET', 'hash of a ziplist', 'a', '100'],
      ['1', '12345'],
    ],
    [['LLEN', 'quicklist of ziplists'], 8],
    [
      ['LRANGE', 'list', '0', '-1'],
      ['x', '7'],
    ],
    [
      ['ZRANGE', 'zset with text scores', '0', '-1'],
      ['c', 'a', 'b'],
    ],
    [
      ['ZRANGE', 'zset of a ziplist', '0', '-1'],
      ['a', '100'],
    ],
    [
      ['SMISMEMBER', 'intset', '-1', '5', '0'],
      [1, 1, 0],
    ],
    [['LRANGE', 'quicklist with a plain node', '0', '-1'], ['plain']],
    [
      ['SMISMEMBER', 'set of a listpack', 'a', '1', 'b'],
      [1, 1, 0],
    ],
  ];
  for (const [argv, reply] of expected) assert.deepEqual(session.call([...argv]), reply, argv.join(' '));
});
