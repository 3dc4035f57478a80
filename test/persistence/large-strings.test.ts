import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MemoryMeter } from '../../src/core/memory.js';
import { Random } from '../../src/core/random.js';
import { digestOfAll } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { installSnapshot, loadSnapshot, SnapshotLoad } from '../../src/engine/rdb/load-snapshot.js';
import { Snapshot } from '../../src/engine/rdb/snapshot.js';
import type { EngineSession } from '../../src/engine/session.js';
import { Slab } from '../../src/engine/values/slab.js';
import { newFolder } from '../support/folder.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink } from '../support/side-by-side.js';

const random = new Random(5);
const noise = Array.from({ length: 300_000 }, () => String.fromCharCode(random.below(256))).join('');

const texts: Record<string, string> = {
  noise,
  words: Array.from({ length: 60_000 }, (_, i) => `word ${i % 977} `).join(''),
  zeros: '\0'.repeat(700_000),
  'half and half': noise.slice(0, 150_000) + 'ab'.repeat(150_000),
  'just long': 'x'.repeat(128 * 1024 + 1),
};

function filled(): { engine: Engine; session: EngineSession } {
  const engine = new Engine({ seed: 1 });
  const session = engine.connect(collectingSink([]));
  session.call(['SET', 'small', 'value']);
  for (const [key, text] of Object.entries(texts)) session.call(['SET', key, text]);
  // One that has room to grow, and a deadline.
  session.call(['SET', 'appended', noise.slice(0, 200_000)]);
  session.call(['APPEND', 'appended', 'more']);
  session.call(['EXPIRE', 'appended', '1000']);
  return { engine, session };
}

const copies = (chunks: Iterable<Uint8Array>): Uint8Array[] => Array.from(chunks, (chunk) => Uint8Array.from(chunk));

function* cut(whole: Uint8Array, size: number): Generator<Uint8Array> {
  // The same memory each time, as a file is read.
  const chunk = new Uint8Array(size);
  for (let at = 0; at < whole.length; at += size) {
    const part = whole.subarray(at, at + size);
    chunk.set(part);
    yield chunk.subarray(0, part.length);
  }
}

function digestOfFile(chunks: Iterable<Uint8Array>): string {
  const engine = new Engine({ seed: 2 });
  installSnapshot(engine, loadSnapshot(engine, chunks));
  return digestOfAll(engine.databases);
}

for (const compression of ['yes', 'no']) {
  describe(`long strings, rdbcompression ${compression}`, () => {
    const base = filled();
    base.engine.config.put('rdbcompression', compression);
    const expected = digestOfAll(base.engine.databases);
    const chunks = copies(new Snapshot(base.engine, { still: true }).chunks());
    const whole = Buffer.concat(chunks);

    test('are written in pieces, and compressed only where that is shorter', () => {
      assert.ok(Math.max(...chunks.map(({ length }) => length)) < 110_000);
      const plain = Object.values(texts).reduce((sum, { length }) => sum + length, 200_004);
      if (compression === 'no') assert.ok(whole.length > plain);
      else assert.ok(whole.length < plain / 2 && whole.length > 650_000, `${whole.length} bytes`);
    });

    test('are read whatever the chunks, and written the same again', () => {
      for (const size of [997, 40_000, 300_000, whole.length]) {
        assert.equal(digestOfFile(cut(whole, size)), expected, `chunks of ${size} bytes`);
      }
    });

    test('are read from chunks that come little by little, with no more in hand than is needed', () => {
      for (const size of [1021, 65_536]) {
        const engine = new Engine({ seed: 2 });
        const load = new SnapshotLoad(engine);
        for (let at = 0; at < whole.length; at += size) load.feed(Uint8Array.from(whole.subarray(at, at + size)));
        installSnapshot(engine, load.end());
        assert.equal(digestOfAll(engine.databases), expected);
      }
    });

    test('cut anywhere, they are an error and leave nothing behind', () => {
      const engine = new Engine({ seed: 2 });
      const { used } = engine.meter;
      for (let length = 1000; length < whole.length; length += 37_123) {
        assert.throws(() => loadSnapshot(engine, cut(whole.subarray(0, length), 10_000)), /unexpected end/);
        assert.throws(() => loadSnapshot(engine, [whole.subarray(0, length)]), /unexpected end/);
        assert.equal(engine.meter.used, used);
      }
    });

    test('are loaded by a real server', async (t) => {
      if (!(await requireRedis(t))) return;
      const folder = newFolder(t, 'strings');
      writeFileSync(join(folder, 'dump.rdb'), whole);
      const server = await startRedis({ args: ['--dir', folder] });
      const client = await RespClient.connect(server.port);
      const digest = await client.value('DEBUG', 'DIGEST');
      client.close();
      await server.stop();
      assert.equal(digest, expected);
    });

    const changes: Record<string, string[][]> = {
      'are changed in place': Object.keys(texts).map((key) => ['SETRANGE', key, '100', 'changed']),
      grow: Object.keys(texts).map((key) => ['APPEND', key, 'more']),
      'are overwritten': Object.entries(texts).map(([key, text]) => ['SET', key, 'y'.repeat(text.length)]),
      go: [['DEL', ...Object.keys(texts), 'appended']],
      'go with all else': [['FLUSHALL']],
      'change places': [
        ['SWAPDB', '0', '1'],
        ['SET', 'noise', 'x'],
      ],
      'get deadlines and names': [
        ['EXPIRE', 'zeros', '5'],
        ['RENAME', 'words', 'noise'],
        ['COPY', 'zeros', 'words'],
      ],
    };
    for (const [title, commands] of Object.entries(changes)) {
      test(`are as they were when the snapshot was taken, although they ${title}, and still come in pieces`, () => {
        for (let after = 1; after < chunks.length; after += 7) {
          const engine = new Engine({ seed: 3 });
          engine.config.put('rdbcompression', compression);
          installSnapshot(engine, loadSnapshot(engine, [whole]));
          const session = engine.connect(collectingSink([]));
          const saved: Uint8Array[] = [];
          for (const chunk of new Snapshot(engine).chunks()) {
            saved.push(Uint8Array.from(chunk));
            if (saved.length === after) for (const command of commands) session.call([...command]);
          }
          assert.equal(digestOfFile(saved), expected, `after ${after} chunks`);
          assert.ok(Math.max(...saved.map(({ length }) => length)) < 200_000, `after ${after} chunks`);
        }
      });
    }
  });
}

test('a block that is lent is copied before it is written to, once', () => {
  const slab = new Slab(new MemoryMeter());
  const block = slab.alloc(100_000);
  slab.write(block, 'before');
  const [first, second] = [slab.lend(block), slab.lend(block)];
  slab.giveBack(block, first);
  slab.write(block, 'after!');
  assert.equal(Buffer.from(second.subarray(0, 6)).toString('latin1'), 'before');
  assert.equal(slab.read(block, 6), 'after!');
  const own = slab.chunkOf(block);
  slab.write(block, 'again!');
  assert.equal(slab.chunkOf(block), own);
  slab.giveBack(block, second);
  // Given back before it is written to: no copy.
  slab.giveBack(block, slab.lend(block));
  slab.write(block, 'more!!');
  assert.equal(slab.chunkOf(block), own);
  // The buffer outlasts the block.
  const last = slab.lend(block);
  slab.free(block, 100_000);
  slab.write(slab.alloc(100_000), 'others');
  assert.equal(Buffer.from(last.subarray(0, 6)).toString('latin1'), 'more!!');
});
