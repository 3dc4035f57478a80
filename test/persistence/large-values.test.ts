import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestOfAll } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { installSnapshot, loadSnapshot } from '../../src/engine/rdb/load-snapshot.js';
import { Snapshot } from '../../src/engine/rdb/snapshot.js';
import type { EngineSession } from '../../src/engine/session.js';
import { collectingSink } from '../support/side-by-side.js';

const ELEMENTS = 5000;

function filled(): { engine: Engine; session: EngineSession } {
  const engine = new Engine({ seed: 1 });
  const session = engine.connect(collectingSink([]));
  for (let i = 0; i < ELEMENTS; i += 1000) {
    const names = Array.from({ length: 1000 }, (_, j) => `element ${i + j}`);
    session.call(['SADD', 'set', ...names]);
    session.call(['RPUSH', 'list', ...names]);
    session.call(['HSET', 'hash', ...names.flatMap((name, j) => [name, String(i + j)])]);
    session.call(['ZADD', 'zset', ...names.flatMap((name, j) => [String((i + j) % 777), name])]);
    for (const name of names) session.call(['XADD', 'stream', '*', 'field', name]);
  }
  session.call(['XGROUP', 'CREATE', 'stream', 'group', '0']);
  session.call(['XREADGROUP', 'GROUP', 'group', 'reader', 'COUNT', '3000', 'STREAMS', 'stream', '>']);
  session.call(['XREADGROUP', 'GROUP', 'group', 'another', 'COUNT', '700', 'STREAMS', 'stream', '>']);
  return { engine, session };
}

function digestOfFile(chunks: readonly Uint8Array[]): string {
  const engine = new Engine({ seed: 2 });
  installSnapshot(engine, loadSnapshot(engine, chunks));
  return digestOfAll(engine.databases);
}

const copies = (chunks: Iterable<Uint8Array>): Uint8Array[] => Array.from(chunks, (chunk) => Uint8Array.from(chunk));

/** Commands that change a value of the dataset, one for each way in which it can. */
const changes: [title: string, ...commands: string[][]][] = [
  [
    'an element is added',
    ['SADD', 'set', 'x'],
    ['RPUSH', 'list', 'x'],
    ['HSET', 'hash', 'x', 'y'],
    ['ZADD', 'zset', '1', 'x'],
  ],
  [
    'an element goes',
    ['SPOP', 'set'],
    ['LPOP', 'list'],
    ['HDEL', 'hash', 'element 5'],
    ['ZPOPMAX', 'zset', '7'],
    ['XTRIM', 'stream', 'MAXLEN', '5'],
  ],
  ['the value goes', ['DEL', 'set'], ['UNLINK', 'list'], ['DEL', 'hash'], ['DEL', 'zset'], ['DEL', 'stream']],
  [
    'another value comes',
    ['SET', 'set', 'x'],
    ['RENAME', 'hash', 'list'],
    ['COPY', 'set', 'zset', 'REPLACE'],
    ['RESTORE', 'stream', '0', 'nonsense', 'REPLACE'],
  ],
  [
    'it gets a deadline',
    ['EXPIRE', 'set', '100'],
    ['EXPIRE', 'list', '100'],
    ['EXPIRE', 'hash', '0'],
    ['PEXPIREAT', 'zset', '1'],
  ],
  ['all goes', ['FLUSHALL']],
  ['it changes places', ['SWAPDB', '0', '1'], ['SADD', 'set', 'x'], ['MOVE', 'hash', '1']],
];

describe('a large value', () => {
  const base = filled();
  const expected = digestOfAll(base.engine.databases);
  const whole = copies(new Snapshot(base.engine, { still: true }).chunks());

  test('is written whole', () => {
    assert.equal(digestOfFile(whole), expected);
  });

  test('is written in many pieces, none of them large', () => {
    const sizes = whole.map(({ length }) => length);
    assert.ok(sizes.length > 4, `${sizes.length} pieces`);
    assert.ok(Math.max(...sizes) < 400_000, `one of ${Math.max(...sizes)} bytes`);
  });

  for (const [title, ...commands] of changes) {
    test(`is as it was when the snapshot was taken, although meanwhile: ${title}`, () => {
      // The change comes after another piece each time.
      for (let after = 1; after < whole.length + 3; after += 2) {
        const { engine, session } = filledFrom(whole);
        const chunks: Uint8Array[] = [];
        for (const chunk of new Snapshot(engine).chunks()) {
          chunks.push(Uint8Array.from(chunk));
          if (chunks.length === after) for (const command of commands) session.call([...command]);
        }
        assert.equal(digestOfFile(chunks), expected, `after ${after} pieces`);
      }
    });
  }
});

test('a large hash whose fields have ends is written in pieces, as it was', () => {
  const filledWithEnds = (): { engine: Engine; session: EngineSession } => {
    const engine = new Engine({ seed: 1, serverVersion: '8.0' });
    engine.config.put('rdbcompression', 'no');
    const session = engine.connect(collectingSink([]));
    for (let i = 0; i < ELEMENTS; i++) session.call(['HSET', 'hash', `field ${i}`, 'value'.repeat(10)]);
    for (let i = 0; i < ELEMENTS; i += 2)
      session.call(['HPEXPIREAT', 'hash', String(4e12 + i * 1000), 'FIELDS', '1', `field ${i}`]);
    return { engine, session };
  };
  const chunksOf = ({ engine }: { engine: Engine }): Uint8Array[] => copies(new Snapshot(engine).chunks());
  const pieces = chunksOf(filledWithEnds());
  assert.ok(pieces.length > 4, `${pieces.length} pieces`);
  for (let after = 1; after < pieces.length; after++) {
    const { engine, session } = filledWithEnds();
    const chunks: Uint8Array[] = [];
    for (const chunk of new Snapshot(engine).chunks()) {
      chunks.push(Uint8Array.from(chunk));
      if (chunks.length !== after) continue;
      session.call(['HPERSIST', 'hash', 'FIELDS', '2', 'field 0', 'field 4998']);
      session.call(['HDEL', 'hash', 'field 17']);
    }
    const loaded = new Engine({ seed: 2, serverVersion: '8.0' });
    installSnapshot(loaded, loadSnapshot(loaded, chunks));
    const reader = loaded.connect(collectingSink([]));
    assert.equal(reader.call(['HLEN', 'hash']), ELEMENTS);
    const fields = ['field 0', 'field 17', 'field 2000', 'field 4998'];
    assert.deepEqual(
      (reader.call(['HPEXPIRETIME', 'hash', 'FIELDS', '4', ...fields]) as unknown[]).map(Number),
      [4e12, -1, 4e12 + 2_000_000, 4e12 + 4_998_000],
      `after ${after} pieces`,
    );
  }
});

function filledFrom(chunks: readonly Uint8Array[]): { engine: Engine; session: EngineSession } {
  const engine = new Engine({ seed: 3 });
  installSnapshot(engine, loadSnapshot(engine, chunks));
  return { engine, session: engine.connect(collectingSink([])) };
}
