import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryMeter } from '../../src/core/memory.js';
import { Random } from '../../src/core/random.js';
import {
  addUint64,
  bytesOfId,
  compareIds,
  differenceOf,
  formatId,
  idAfter,
  idBefore,
  idFromBytes,
  MAX_ID,
  MIN_ID,
  parseId,
  type StreamId,
  UINT64_MAX,
} from '../../src/core/stream-id.js';
import { defaultEncodingLimits } from '../../src/engine/value.js';
import {
  elementAfter,
  elementBefore,
  integerBytes,
  ListpackReader,
  writeInteger,
  writeText,
} from '../../src/engine/values/listpack.js';
import { radixNodeCount } from '../../src/engine/values/radix-nodes.js';
import { StreamValue } from '../../src/engine/values/stream.js';
import { StreamGroup } from '../../src/engine/values/stream-group.js';
import { StreamNode } from '../../src/engine/values/stream-node.js';
import { PendingList } from '../../src/engine/values/stream-pending.js';

const meter = new MemoryMeter();
const id = (ms: number, seq = 0): StreamId => ({ ms, seq });

describe('stream ids', () => {
  it('are exact over all of their range', () => {
    const edges = [0, 1, 2 ** 53 - 2, 2 ** 53 - 1, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, UINT64_MAX - 1n, UINT64_MAX];
    const ids = edges.flatMap((ms) => edges.map((seq): StreamId => ({ ms, seq })));
    ids.forEach((a, i) => {
      assert.deepEqual(parseId(formatId(a), 0), a);
      assert.deepEqual(idFromBytes(bytesOfId(a)), a);
      for (const [j, b] of ids.entries()) assert.equal(Math.sign(compareIds(a, b)), Math.sign(i - j));
      const next = idAfter(a);
      if (next === null) assert.deepEqual(a, MAX_ID);
      else assert.deepEqual(idBefore(next), a);
    });
    assert.equal(idBefore(MIN_ID), null);
    for (const a of edges) {
      for (const b of edges) assert.equal(addUint64(b, differenceOf(a, b)), a, `${a} − ${b}`);
    }
  });
});

describe('listpack elements', () => {
  it('are read as they were written, in both directions', () => {
    const texts = ['', 'a', '0', '-0', '007', '127', '128', '-1', '4095', '-4096', '4096', '-4097', '32767', '-32769'];
    texts.push('8388607', '-8388609', '2147483647', '2147483648', '-2147483649', '9007199254740993', '1.5', ' 1');
    texts.push('9223372036854775807', '-9223372036854775808', '9223372036854775808', '\x00\xff');
    for (const length of [63, 64, 126, 4095, 4096, 17_000, 2_100_000]) texts.push('x'.repeat(length));
    const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length + 11, 0));
    const starts: number[] = [];
    let end = 0;
    for (const text of texts) {
      starts.push(end);
      end = writeText(bytes, end, text);
      assert.ok(end - starts.at(-1)! <= text.length + 11);
    }
    const reader = new ListpackReader(bytes);
    texts.forEach((text, i) => {
      assert.equal(reader.at, starts[i]);
      assert.equal(elementAfter(bytes, reader.at), starts[i + 1] ?? end);
      assert.equal(reader.text(), text);
    });
    for (let i = texts.length - 1, at = end; i >= 0; i--) {
      at = elementBefore(bytes, at);
      assert.equal(at, starts[i]);
    }
    for (const value of [
      0,
      127,
      128,
      -1,
      4095,
      -4097,
      40_000,
      -9_000_000,
      2 ** 40,
      -(2 ** 52),
      2n ** 62n,
      -(2n ** 63n),
    ]) {
      const stop = writeInteger(bytes, 0, value);
      if (typeof value === 'number') assert.equal(stop, integerBytes(value));
      assert.equal(new ListpackReader(bytes).integer(), value);
    }
  });
});

describe('radix nodes', () => {
  const keys = (...texts: string[]): Uint8Array[] => texts.map((text) => Uint8Array.from(text, (c) => c.charCodeAt(0)));
  it('are counted from the keys', () => {
    assert.equal(radixNodeCount([]), 1);
    assert.equal(radixNodeCount(keys('abcd')), 2);
    assert.equal(radixNodeCount(keys('10a1', '10b7', '10b8')), 7);
    assert.equal(radixNodeCount(keys('axxx', 'bxxx')), 5);
  });
});

describe('pending lists', () => {
  it('keep their order whatever comes and goes', () => {
    const random = new Random(7);
    const group = new StreamGroup('g', MIN_ID, 0, meter);
    const consumer = group.addConsumer('c', 0);
    const list = new PendingList();
    const model = new Map<number, number>();
    for (let i = 0; i < 20_000; i++) {
      const ms = random.below(3000);
      if (random.below(3) > 0) {
        list.add({ id: id(ms), consumer, deliveredAt: i, deliveries: 1 });
        model.set(ms, i);
      } else {
        assert.equal(list.remove(id(ms)), model.delete(ms));
      }
      if (i % 500 > 0) continue;
      const expected = [...model].sort(([a], [b]) => a - b);
      const found: [number, number][] = [];
      list.forEach((entry) => {
        found.push([Number(entry.id.ms), entry.deliveredAt]);
      });
      assert.deepEqual(found, expected);
      assert.equal(list.size, model.size);
      const from = random.below(3000);
      assert.equal(list.atOrAfter(id(from))?.id.ms, expected.find(([at]) => at >= from)?.[0]);
      const after: number[] = [];
      list.forEachFrom(id(from), (entry) => after.push(Number(entry.id.ms)) < 5);
      assert.deepEqual(
        after,
        expected
          .filter(([at]) => at >= from)
          .map(([at]) => at)
          .slice(0, 5),
      );
    }
  });
});

describe('streams', () => {
  it('hold what a plain list holds', () => {
    const random = new Random(11);
    const limits = { ...defaultEncodingLimits(), streamNodeMaxEntries: 8, streamNodeMaxBytes: 300 };
    const stream = new StreamValue({ meter, limits });
    let model: { id: StreamId; words: string[] }[] = [];
    let last = 0;
    for (let i = 0; i < 6000; i++) {
      const action = random.below(20);
      if (action < 14) {
        last += 1 + random.below(3);
        const words = Array.from(
          { length: 2 + 2 * random.below(3) },
          () => ['f', 'g', '12', '-700000', 'text'][random.below(5)]!,
        );
        stream.append(id(last, i), words);
        model.push({ id: id(last, i), words });
      } else if (action < 17 && model.length > 0) {
        const gone = model[random.below(model.length)]!.id;
        assert.equal(stream.delete([gone, gone]), 1);
        model = model.filter((entry) => entry.id !== gone);
      } else if (action === 17) {
        const length = random.below(400);
        const before = model.length;
        assert.equal(stream.trimToLength(length, false, 0), Math.max(0, before - length));
        model = model.slice(-length || model.length);
        if (length === 0) model = [];
      } else if (action === 18) {
        const below = id(last - random.below(500));
        stream.trimBelow(below, false, 0);
        model = model.filter((entry) => compareIds(entry.id, below) >= 0);
      } else {
        const from = id(last - random.below(600));
        const to = id(last - random.below(600));
        const expected = model.filter((entry) => compareIds(entry.id, from) >= 0 && compareIds(entry.id, to) <= 0);
        for (const reverse of [false, true]) {
          const cursor = stream.cursor({ from, to }, { reverse });
          const found: { id: StreamId; words: string[] }[] = [];
          while (cursor.next()) found.push({ id: cursor.id, words: cursor.fields() });
          assert.deepEqual(reverse ? found.reverse() : found, expected);
        }
      }
      assert.equal(stream.size, model.length);
      assert.deepEqual(stream.firstId, model[0]?.id ?? MIN_ID);
      assert.deepEqual(stream.lastLiveId, model.at(-1)?.id ?? MIN_ID);
    }
    stream.dispose();
  });

  it('can be taken apart and rebuilt, and give back the memory they took', () => {
    const own = new MemoryMeter();
    const stream = new StreamValue({ meter: own, limits: defaultEncodingLimits() });
    for (let i = 1; i <= 1000; i++)
      stream.append(id(i), ['field', String(i), i % 7 ? 'same' : 'other', 'x'.repeat(i % 50)]);
    stream.delete([id(5), id(700), id(701)]);
    stream.trimToLength(900, false, 0);
    const group = stream.addGroup('g', id(20), 20);
    const [alice, bob] = [group.addConsumer('alice', 5), group.addConsumer('bob', 6)];
    for (let i = 1; i <= 600; i++) group.addPending(id(i), i % 2 ? alice : bob, i, 1);
    group.removePending(group.pending.find(id(30))!);
    group.removeConsumer(bob);
    assert.equal(group.pending.size, 300);
    assert.equal(own.used, stream.memoryBytes);

    const copy = new StreamValue({ meter: own, limits: defaultEncodingLimits() });
    for (const node of stream.nodes) {
      const listpack = node.toListpack();
      assert.equal(listpack.length, node.listpackBytes);
      copy.addNode(StreamNode.fromListpack(node.id, listpack));
    }
    copy.restore(stream);
    const clone = stream.clone();
    for (const other of [copy, clone]) {
      assert.equal(other.size, stream.size);
      assert.deepEqual([other.firstId, other.lastId, other.maxDeletedId], [stream.firstId, stream.lastId, id(701)]);
      const cursors = [stream.cursor(), other.cursor()];
      while (cursors[0]!.next()) {
        assert.ok(cursors[1]!.next());
        assert.deepEqual([cursors[1]!.id, cursors[1]!.fields()], [cursors[0]!.id, cursors[0]!.fields()]);
      }
      other.append(id(2000), ['field', '1', 'same', 'y']);
      assert.deepEqual(other.lastLiveId, id(2000));
    }
    assert.equal(clone.group('g')!.pending.size, 300);
    for (const each of [stream, copy, clone]) each.dispose();
    assert.equal(own.used, 0);
  });
});
