import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayFromBytes, type Bytes } from '../../src/core/bytes.js';
import { MemoryMeter } from '../../src/core/memory.js';
import { Random } from '../../src/core/random.js';
import { type HashLimits, HashValue } from '../../src/engine/values/hash.js';

const SEED = 99;

function limitsOf(entries = 128, value = 64): HashLimits {
  return { compact: false, hashMaxListpackEntries: entries, hashMaxListpackValue: value };
}

function pairsOf(hash: HashValue): [Bytes, Bytes][] {
  const pairs: [Bytes, Bytes][] = [];
  hash.forEach((field, value) => {
    pairs.push([field, value]);
  });
  return pairs;
}

function filled(size: number, limits = limitsOf(), meter = new MemoryMeter()): HashValue {
  const hash = new HashValue(meter, limits, SEED);
  for (let i = 0; i < size; i++) hash.set(`field:${i}`, `value:${i}`);
  return hash;
}

test('fields keep the order of insertion; an update keeps its place, a deletion closes the gap', () => {
  const hash = new HashValue(new MemoryMeter(), limitsOf());
  for (const field of ['b', '10', 'a', '9', '__proto__']) assert.equal(hash.set(field, '1'), true);
  assert.equal(hash.set('10', '2'), false);
  assert.equal(hash.delete('a'), true);
  assert.equal(hash.delete('a'), false);
  hash.set('a', '3');
  assert.deepEqual(pairsOf(hash), [
    ['b', '1'],
    ['10', '2'],
    ['9', '1'],
    ['__proto__', '1'],
    ['a', '3'],
  ]);
});

const encodings: [title: string, hash: () => HashValue, encoding: string][] = [
  ['128 fields', () => filled(128), 'listpack'],
  ['129 fields', () => filled(129), 'hashtable'],
  ['no fields allowed', () => filled(1, limitsOf(0)), 'hashtable'],
  ['a value of 64 bytes', () => withPair('f', 'x'.repeat(64)), 'listpack'],
  ['a value of 65 bytes', () => withPair('f', 'x'.repeat(65)), 'hashtable'],
  ['a field of 65 bytes', () => withPair('f'.repeat(65), 'x'), 'hashtable'],
];

function withPair(field: Bytes, value: Bytes): HashValue {
  const hash = filled(3);
  hash.set(field, value);
  assert.equal(hash.get(field), value);
  assert.equal(hash.get('field:2'), 'value:2');
  return hash;
}

for (const [title, make, encoding] of encodings) {
  test(`encoding with ${title} is ${encoding}`, () => assert.equal(make().encoding, encoding));
}

test('a table never turns back, and limits are read at each write', () => {
  const limits = limitsOf();
  const hash = filled(100, limits);
  limits.hashMaxListpackEntries = 50;
  assert.equal(hash.encoding, 'listpack');
  hash.set('field:0', 'again');
  assert.equal(hash.encoding, 'hashtable');
  for (let i = 1; i < 100; i++) hash.delete(`field:${i}`);
  assert.deepEqual([hash.encoding, pairsOf(hash)], ['hashtable', [['field:0', 'again']]]);
});

for (const entriesMax of [100_000, 128, 0]) {
  test(`random operations agree with a Map (at most ${entriesMax} fields flat)`, () => {
    const random = new Random(entriesMax);
    const meter = new MemoryMeter();
    const hash = new HashValue(meter, limitsOf(entriesMax, 1e9), SEED);
    const model = new Map<Bytes, Bytes>();
    const lengths = [0, 3, 30, 300, 3000];
    for (let step = 0; step < 20_000; step++) {
      const field = `f${random.below(400)}`.repeat(1 + random.below(2));
      const action = random.below(10);
      if (action < 6) {
        const value = String.fromCharCode(random.below(256)).repeat(random.below(lengths[random.below(5)] + 1));
        const isNew = !model.has(field);
        if (action < 3) {
          assert.equal(hash.set(field, value), isNew);
        } else {
          const buffer = arrayFromBytes(`<${field}|${value}>`);
          assert.equal(hash.setBytes(buffer, 1, field.length, 2 + field.length, value.length), isNew);
        }
        model.set(field, value);
      } else if (action < 9) {
        assert.equal(hash.delete(field), model.delete(field));
      }
      assert.equal(hash.get(field), model.get(field) ?? null);
      assert.equal(hash.has(field), model.has(field));
      assert.equal(hash.valueLength(field), model.get(field)?.length ?? 0);
      assert.equal(hash.size, model.size);
    }
    assert.equal(hash.encoding, entriesMax === 100_000 ? 'listpack' : 'hashtable');
    const sorted = [...model].sort();
    // The flat form's order is a Map's: insertion, updates in place.
    assert.deepEqual(
      hash.encoding === 'listpack' ? pairsOf(hash) : pairsOf(hash).sort(),
      hash.encoding === 'listpack' ? [...model] : sorted,
    );
    assert.equal(meter.used, hash.memoryBytes);
    const copy = hash.clone();
    assert.deepEqual([copy.encoding, pairsOf(copy).sort()], [hash.encoding, sorted]);
    copy.set('only in the copy', '');
    assert.equal(hash.has('only in the copy'), false);
    hash.dispose();
    assert.equal(meter.used, copy.memoryBytes);
    copy.dispose();
    assert.equal(meter.used, 0);
  });
}

test('entries give fields and values without strings', () => {
  for (const size of [5, 500]) {
    const hash = filled(size);
    const buffer = arrayFromBytes('..field:3');
    const entry = hash.findBytes(buffer, 2, 7);
    assert.equal(entry, hash.find('field:3'));
    assert.deepEqual([hash.fieldAt(entry), hash.valueAt(entry), hash.valueLengthAt(entry)], ['field:3', 'value:3', 7]);
    const target = new Uint8Array(9);
    assert.equal(hash.copyValue(entry, target, 1), 8);
    assert.deepEqual(target, arrayFromBytes('\0value:3\0'));
    assert.equal(hash.find('none'), -1);
  }
});

test('a scan returns a flat hash whole and a table in steps', () => {
  const seen: Bytes[] = [];
  assert.equal(
    filled(100).scan(0, 10, (field) => seen.push(field)),
    0,
  );
  assert.equal(seen.length, 100);
  const table = filled(1000);
  const values = new Map<Bytes, Bytes>();
  let cursor = 0;
  do {
    let visited = 0;
    cursor = table.scan(cursor, 10, (field, value) => {
      values.set(field, value);
      visited++;
    });
    assert.ok(visited < 40, `${visited} fields in one step of 10`);
  } while (cursor !== 0);
  assert.deepEqual([...values].sort(), pairsOf(table).sort());
});

test('samples are distinct, and every field can be drawn', () => {
  const random = new Random(4);
  for (const size of [20, 600]) {
    const hash = filled(size);
    for (const count of [1, 5, size - 1, size, size + 5]) {
      const fields = hash.sampleEntries(count, random).map((entry) => hash.fieldAt(entry));
      assert.equal(new Set(fields).size, Math.min(count, size));
      assert.ok(fields.every((field) => hash.has(field)));
    }
    const drawn = new Set<Bytes>();
    for (let i = 0; i < size * 20; i++) drawn.add(hash.randomField(random));
    assert.equal(drawn.size, size);
  }
});
