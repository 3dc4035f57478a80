import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayFromBytes, type Bytes, sliceBytes } from '../../src/core/bytes.js';
import { MemoryMeter } from '../../src/core/memory.js';
import { Random } from '../../src/core/random.js';
import { ListValue } from '../../src/engine/values/list.js';

const limits = { listMaxListpackSize: -2, compact: true };

/** What a list must do, in the plainest way. */
class ListModel {
  items: Bytes[] = [];

  removeMatching(value: Bytes, count: number): number {
    let left = count === 0 ? this.items.length : Math.abs(count);
    const order = count < 0 ? this.items.reverse() : this.items;
    const kept = order.filter((item) => item !== value || left-- <= 0);
    const removed = order.length - kept.length;
    this.items = count < 0 ? kept.reverse() : kept;
    return removed;
  }

  range(start: number, stop: number): Bytes[] {
    const size = this.items.length;
    const first = Math.max(0, start < 0 ? start + size : start);
    const last = stop < 0 ? stop + size : stop;
    return this.items.slice(first, Math.max(first, last + 1));
  }
}

function element(random: Random, sizes: 'tiny' | 'mixed'): Bytes {
  const draw = random.below(1000);
  if (sizes === 'tiny' || draw < 900) {
    if (random.below(3) === 0) return `common-${random.below(4)}`;
    return random.hex(random.below(14));
  }
  const length = draw < 960 ? random.below(400) : draw < 990 ? random.below(5000) : random.below(100 * 1024);
  return String.fromCharCode(random.below(256)).repeat(length) + random.hex(8);
}

function randomStep(list: ListValue, model: ListModel, random: Random, sizes: 'tiny' | 'mixed', growth: number): void {
  const { items } = model;
  const index = random.below(items.length + 2) - (random.below(2) === 0 ? 0 : items.length);
  const place = index < 0 ? index + items.length : index;
  const inside = place >= 0 && place < items.length;
  const value = element(random, sizes);
  const atHead = random.below(2) === 0;
  switch (random.below(growth)) {
    case 0: {
      assert.equal(list.pop(atHead), (atHead ? items.shift() : items.pop()) ?? null);
      break;
    }
    case 1:
      assert.equal(list.at(index), inside ? items[place] : null);
      break;
    case 2:
      assert.equal(list.set(index, value), inside);
      if (inside) items[place] = value;
      break;
    case 3:
    case 4: {
      const allowed = inside || index === items.length;
      assert.equal(list.insertBefore(index, value), allowed);
      if (allowed) items.splice(index === items.length ? index : place, 0, value);
      break;
    }
    case 5:
      assert.equal(list.removeAt(index), inside);
      if (inside) items.splice(place, 1);
      break;
    case 6: {
      const count = random.below(5) - 2;
      const target = items.length > 0 && atHead ? items[random.below(items.length)] : 'common-1';
      assert.equal(list.removeMatching(target, count), model.removeMatching(target, count));
      break;
    }
    case 7: {
      if (random.below(10) > 0) break;
      const start = random.below(items.length + 1) - random.below(3);
      const stop = items.length - random.below(4);
      list.trim(start, stop);
      model.items = model.range(start, stop);
      break;
    }
    case 8: {
      const stop = index + random.below(50);
      const seen: Bytes[] = [];
      const count = list.forEachInRange(index, stop, (item) => seen.push(item));
      assert.deepEqual(seen, model.range(index, stop));
      assert.equal(count, seen.length);
      break;
    }
    case 9: {
      const pivot = items.length > 0 ? items[random.below(items.length)] : 'none';
      const at = items.indexOf(pivot);
      assert.equal(list.insertAtPivot(pivot, value, atHead), at >= 0);
      if (at >= 0) items.splice(atHead ? at : at + 1, 0, value);
      break;
    }
    case 10: {
      const count = random.below(4);
      list.drop(atHead, count);
      if (atHead) items.splice(0, count);
      else items.splice(Math.max(0, items.length - count));
      break;
    }
    default:
      if (random.below(2) === 0) list.push(value, atHead);
      else {
        const buffer = arrayFromBytes(`..${value}..`);
        list.pushBytes(buffer, 2, value.length, atHead);
      }
      if (atHead) items.unshift(value);
      else items.push(value);
  }
}

function assertSame(list: ListValue, items: readonly Bytes[]): void {
  assert.equal(list.size, items.length);
  assert.deepEqual(list.toArray(), items);
  const backward: Bytes[] = [];
  for (const cursor = list.cursor(false); cursor.next(); ) backward.push(cursor.value());
  assert.deepEqual(backward.reverse(), items);
}

const runs = [
  // title, seed, steps, element sizes, weight of pushes, content checked every n steps
  ['stays short and packed', 1, 20_000, 'tiny', 12, 10],
  ['grows and shrinks around the packed limit', 2, 20_000, 'tiny', 14, 50],
  ['grows to thousands of tiny elements', 3, 12_000, 'tiny', 40, 500],
  ['mixes elements of 0 B to 100 KiB', 4, 6_000, 'mixed', 16, 200],
  ['grows with mixed elements', 5, 4_000, 'mixed', 40, 400],
] as const;

for (const [title, seed, steps, sizes, growth, every] of runs) {
  test(`list against an array: ${title}`, () => {
    const random = new Random(seed);
    const meter = new MemoryMeter();
    const list = new ListValue({ meter, limits });
    const model = new ListModel();
    for (let step = 1; step <= steps; step++) {
      randomStep(list, model, random, sizes, growth);
      assert.equal(list.size, model.items.length);
      if (step % every === 0) {
        assertSame(list, model.items);
        assert.equal(meter.used, list.memoryBytes);
      }
    }
    const copy = list.clone();
    const kept = [...model.items];
    for (let step = 0; step < 200; step++) randomStep(list, model, random, sizes, growth);
    assertSame(copy, kept);
    assertSame(list, model.items);
    assert.equal(meter.used, list.memoryBytes + copy.memoryBytes);
    list.dispose();
    copy.dispose();
    assert.equal(meter.used, 0);
  });
}

test('short lists take turns without disturbing each other', () => {
  const random = new Random(6);
  const meter = new MemoryMeter();
  const pairs = Array.from({ length: 8 }, () => ({ list: new ListValue({ meter, limits }), model: new ListModel() }));
  for (let step = 0; step < 20_000; step++) {
    const { list, model } = pairs[random.below(pairs.length)];
    randomStep(list, model, random, 'tiny', 12);
  }
  for (const { list, model } of pairs) assertSame(list, model.items);
  assert.equal(
    meter.used,
    pairs.reduce((sum, { list }) => sum + list.memoryBytes, 0),
  );
});

test('more short lists than can be unpacked at a time, also while one of them is read', () => {
  const meter = new MemoryMeter();
  const random = new Random(17);
  const lists = Array.from({ length: 200 }, () => new ListValue({ meter, limits }));
  const models: Bytes[][] = lists.map(() => []);
  const change = (i: number): void => {
    const list = lists[i]!;
    const model = models[i]!;
    const atHead = random.below(2) === 0;
    if (random.below(3) === 0) {
      assert.equal(list.pop(atHead), (atHead ? model.shift() : model.pop()) ?? null);
    } else {
      const value = random.hex(random.below(12));
      list.push(value, atHead);
      if (atHead) model.unshift(value);
      else model.push(value);
    }
    if (model.length > 12) {
      list.trim(-4, -1);
      model.splice(0, model.length - 4);
    }
  };
  for (let step = 0; step < 20_000; step++) {
    const i = random.below(lists.length);
    change(i);
    if (step % 50 > 0) continue;
    const seen: Bytes[] = [];
    const cursor = lists[i]!.cursor();
    lists[i]!.forEachInRange(0, -1, (value) => {
      seen.push(value);
      for (let other = 0; other < 80; other++) change((i + 1 + random.below(lists.length - 1)) % lists.length);
    });
    assert.deepEqual(seen, models[i]);
    const walked: Bytes[] = [];
    while (cursor.next()) walked.push(cursor.value());
    assert.deepEqual(walked, models[i]);
    const copy = lists[i]!.clone();
    assert.deepEqual(copy.toArray(), models[i]);
    assert.deepEqual(lists[i]!.texts(0, -1), models[i]);
    copy.dispose();
  }
  lists.forEach((list, i) => {
    assert.equal(list.size, models[i]!.length);
    assert.deepEqual(list.toArray(), models[i]);
  });
  assert.equal(
    meter.used,
    lists.reduce((sum, list) => sum + list.memoryBytes, 0),
  );
  for (const list of lists) list.dispose();
  assert.equal(meter.used, 0);
});

test('a visitor may use other lists, and a cursor outlives their changes', () => {
  const meter = new MemoryMeter();
  const source = new ListValue({ meter, limits });
  const target = new ListValue({ meter, limits });
  for (const value of ['a', 'b', 'c']) source.push(value, false);
  source.forEachInRange(0, -1, (value) => target.push(value, true));
  const cursor = source.cursor();
  assert.ok(cursor.next());
  target.push('d', true);
  assert.ok(cursor.next());
  assert.equal(cursor.value(), 'b');
  assert.deepEqual(target.toArray(), ['d', 'c', 'b', 'a']);
  assert.deepEqual(source.toArray(), ['a', 'b', 'c']);
});

test('a queue of any length keeps its order and gives its memory back', () => {
  const meter = new MemoryMeter();
  const list = new ListValue({ meter, limits });
  const empty = meter.used;
  for (const fromHead of [true, false]) {
    let written = 0;
    let read = 0;
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 1000 + round * 37; i++) list.push(`job:${written++}`, !fromHead);
      for (let i = 0; i < 1000 + (40 - round) * 37 && read < written; i++) {
        assert.ok(list.peekBytes(fromHead));
        const { peekBuffer, peekStart, peekLength } = list;
        assert.equal(sliceBytes(peekBuffer, peekStart, peekStart + peekLength), `job:${read++}`);
        list.drop(fromHead);
      }
    }
    while (read < written) assert.equal(list.pop(fromHead), `job:${read++}`);
    assert.equal(list.pop(fromHead), null);
    assert.equal(list.nodeCount, 0);
    assert.equal(meter.used, list.memoryBytes);
    assert.ok(meter.used <= empty);
  }
});

test('inserts and removals in the middle leave nodes well filled', () => {
  const meter = new MemoryMeter();
  const list = new ListValue({ meter, limits });
  const items: Bytes[] = [];
  const random = new Random(7);
  for (let i = 0; i < 12_000; i++) {
    const index = random.below(items.length + 1);
    list.insertBefore(index, `v${i}`);
    items.splice(index, 0, `v${i}`);
  }
  assertSame(list, items);
  assert.ok(list.memoryBytes < items.length * 8 * 2.5, `${list.memoryBytes} bytes`);
  while (items.length > 300) {
    const index = random.below(items.length);
    list.removeAt(index);
    items.splice(index, 1);
  }
  assertSame(list, items);
  assert.ok(list.nodeCount < 6, `${list.nodeCount} nodes`);
});

test('a list of hundreds of nodes is found, changed and thinned out anywhere', () => {
  const meter = new MemoryMeter();
  const list = new ListValue({ meter, limits });
  let items: Bytes[] = [];
  const random = new Random(8);
  const large = (i: number): Bytes => `${i % 5}`.repeat(1800 + (i % 3) * 1500);
  for (let i = 0; i < 1500; i++) {
    const value = large(i);
    const atHead = i % 4 === 0;
    list.push(value, atHead);
    if (atHead) items.unshift(value);
    else items.push(value);
  }
  assert.ok(list.nodeCount > 4 * 128, `${list.nodeCount} nodes`);
  for (let i = 0; i < 1500; i++) {
    const index = random.below(items.length);
    assert.equal(list.at(index), items[index]);
    const value = i % 2 === 0 ? `short ${i}` : large(random.below(100));
    if (i % 3 === 0) {
      list.removeAt(index);
      items.splice(index, 1);
    } else if (i % 3 === 1) {
      list.set(index, value);
      items[index] = value;
    } else {
      list.insertBefore(index, value);
      items.splice(index, 0, value);
    }
  }
  const middle = items.length >> 1;
  for (let i = 0; i < 300; i++) {
    list.insertBefore(middle, large(i));
    items.splice(middle, 0, large(i));
  }
  assertSame(list, items);
  for (const [value, count] of [
    [large(0), 100],
    [large(7), -150],
    [large(3), 0],
  ] as const) {
    const model = new ListModel();
    model.items = items;
    assert.equal(list.removeMatching(value, count), model.removeMatching(value, count));
    items = model.items;
    assertSame(list, items);
    assert.equal(meter.used, list.memoryBytes);
  }
  list.trim(15, -20);
  items = items.slice(15, -19);
  assertSame(list, items);
  while (items.length > 10) {
    const index = random.below(items.length);
    list.removeAt(index);
    items.splice(index, 1);
    const probe = random.below(items.length);
    assert.equal(list.at(probe), items[probe]);
  }
  assertSame(list, items);
  list.dispose();
  assert.equal(meter.used, 0);
});

test('a one-element list is accounted at no more than 150 bytes', () => {
  const meter = new MemoryMeter();
  new ListValue({ meter, limits }).push('0123456789abcdef', true);
  assert.ok(meter.used <= 150, `${meter.used}`);
});
