import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayFromBytes, type Bytes } from '../../src/core/bytes.js';
import { MemoryMeter } from '../../src/core/memory.js';
import { Random } from '../../src/core/random.js';
import { hashBytes } from '../../src/engine/values/byte-hash.js';
import { ByteTable } from '../../src/engine/values/byte-table.js';
import { Slab } from '../../src/engine/values/slab.js';

const SEED = 12345;

function keysOf(table: ByteTable): Bytes[] {
  const keys: Bytes[] = [];
  table.forEach((slot) => {
    keys.push(table.keyOf(slot));
  });
  return keys.sort();
}

/** Keys of all lengths, the short ones frequent so that they come again. */
function randomKey(random: Random, space: number): Bytes {
  const n = random.below(space);
  return n % 7 === 0 ? `${n}:${'\xfe'.repeat(n % 100)}` : n % 11 === 0 ? '' : `key:${n}`;
}

test('the hash depends on every byte, on the length and on the seed', () => {
  const seen = new Set<number>();
  const zeros = new Uint8Array(64);
  for (let length = 0; length <= 40; length++) {
    seen.add(hashBytes(zeros, 3, 3 + length, SEED));
    for (let bit = 0; bit < length * 8; bit++) {
      zeros[3 + (bit >> 3)] ^= 1 << (bit & 7);
      seen.add(hashBytes(zeros, 3, 3 + length, SEED));
      zeros[3 + (bit >> 3)] ^= 1 << (bit & 7);
    }
  }
  assert.equal(seen.size, 41 + (8 * 40 * 41) / 2);
  assert.notEqual(hashBytes(zeros, 0, 5, 1), hashBytes(zeros, 0, 5, 2));
});

test('the low bits of the hash are spread evenly over numbered keys', () => {
  const counts = new Array<number>(1024).fill(0);
  for (let i = 0; i < 102400; i++) {
    const key = arrayFromBytes(`user:${i}`);
    counts[hashBytes(key, 0, key.length, SEED) & 1023]++;
  }
  // Poisson with mean 100: chi² has 1023 degrees of freedom, 1200 is beyond 99.98 %.
  const chi2 = counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
  assert.ok(chi2 < 1200, `chi² is ${chi2}`);
});

const kinds: [title: string, shared: boolean, keyCache: boolean][] = [
  ['own slab', false, false],
  ['shared slab', true, false],
  ['own slab, cached keys', false, true],
];
for (const [title, shared, keyCache] of kinds) {
  test(`random operations agree with a Map (${title})`, () => {
    const random = new Random(shared ? 1 : 2);
    const meter = new MemoryMeter();
    const slab = shared ? new Slab(meter) : undefined;
    const table = new ByteTable(meter, { extraWords: 3, floats: true, seed: SEED, slab, keyCache });
    const model = new Map<Bytes, { slot: number; word: number; float: number }>();
    for (let step = 0; step < 120_000; step++) {
      // Long phases of growth and decline make the table resize both ways.
      const declining = Math.floor(step / 20_000) % 2 === 1;
      const key = randomKey(random, 8000);
      const known = model.get(key);
      const slot = table.find(key);
      assert.equal(slot, known?.slot ?? -1);
      if (known && random.below(10) < (declining ? 9 : 3)) {
        if (random.below(2) === 0) assert.equal(table.removeKey(key), true);
        else table.remove(slot);
        model.delete(key);
        assert.equal(table.removeKey(key), false);
      } else if (!known && random.below(10) < (declining ? 1 : 8)) {
        const added = table.addMissed(arrayFromBytes(key), 0, key.length);
        assert.deepEqual([table.word(added, 0), table.float(added, 0)], [0, 0]);
        const entry = { slot: added, word: random.u32() | 0, float: random.unit() };
        table.setFloat(added, 0, entry.float);
        table.setWord(added, 2, entry.word);
        model.set(key, entry);
      } else if (known) {
        assert.equal(table.keyOf(slot), key);
        assert.equal(table.keyLength(slot), key.length);
        assert.deepEqual([table.float(slot, 0), table.word(slot, 2)], [known.float, known.word]);
      }
      assert.equal(table.size, model.size);
    }
    assert.deepEqual(keysOf(table), [...model.keys()].sort());
    assert.equal(meter.used, table.bytesUsed + table.slabUsed);
    table.clear();
    assert.deepEqual([table.size, table.find('key:1'), table.slabUsed], [0, -1, 0]);
    table.add('key:1');
    assert.ok(table.find('key:1') >= 0);
    table.dispose();
    assert.equal(meter.used, 0);
  });
}

test('findOrAddBytes tells a found slot from a new one', () => {
  const table = new ByteTable(new MemoryMeter(), { seed: SEED });
  const buffer = arrayFromBytes('..one..');
  const added = table.findOrAddBytes(buffer, 2, 3);
  assert.ok(added < 0);
  assert.equal(table.findOrAddBytes(buffer, 2, 3), ~added);
  assert.equal(table.keyOf(~added), 'one');
  assert.equal(table.compareKeyTo(~added, buffer, 2, 3), 0);
  assert.notEqual(table.compareKeyTo(~added, buffer, 1, 3), 0);
});

test('cached keys are forgotten with their slot', () => {
  const table = new ByteTable(new MemoryMeter(), { seed: SEED, keyCache: true });
  const random = new Random(11);
  const model = new Map<Bytes, number>();
  // Few keys, each sought often, many with the same last bytes; slots go from key to key.
  const keys = Array.from({ length: 40 }, (_, i) => `${'p'.repeat(i % 5)}${i % 8}`.slice(i % 3)).concat(
    '',
    'x'.repeat(80),
  );
  for (let step = 0; step < 50_000; step++) {
    const key = keys[random.below(keys.length)];
    for (let again = random.below(4); again >= 0; again--) assert.equal(table.find(key), model.get(key) ?? -1);
    if (random.below(4) > 0) continue;
    if (model.delete(key)) assert.ok(table.removeKey(key));
    else model.set(key, table.add(key));
    if (step % 10_000 === 9_999) {
      table.clear();
      model.clear();
    }
  }
});

test('a cache that rests after many misses finds the right keys then and afterwards', () => {
  const table = new ByteTable(new MemoryMeter(), { seed: SEED, keyCache: true });
  const keys = ['', ...Array.from({ length: 20_000 }, (_, i) => `key:${i}`)];
  const slots = keys.map((key) => table.add(key));
  for (let again = 0; again < 3; again++) {
    for (let sought = 0; sought < 3; sought++) assert.equal(table.find(keys[1]!), slots[1]);
    assert.ok(table.cached(keys[1]!) > 0, 'kept');
    // Evenly used keys only miss: the cache rests, and keys come and go meanwhile.
    keys.forEach((key, i) => {
      assert.equal(table.find(key), slots[i]);
    });
    assert.equal(table.cached(keys[1]!), 0, 'at rest');
    assert.equal(table.cached(''), 0);
    table.remove(slots[1]!);
    assert.equal(table.find(keys[1]!), -1);
    for (let sought = 0; sought < 101_000; sought++) assert.equal(table.find(keys[2]!), slots[2]);
    assert.ok(table.cached(keys[2]!) > 0, 'rested');
    assert.equal(table.cached(keys[1]!), 0);
    slots[1] = table.add(keys[1]!);
  }
});

test('keys compare in byte order and can be copied out', () => {
  const table = new ByteTable(new MemoryMeter(), { seed: SEED });
  const a = table.add('abc');
  const b = table.add('ab\xff');
  assert.equal(table.compareKeys(a, b), -1);
  assert.equal(table.compareKeys(b, a), 1);
  assert.equal(table.compareKeys(a, a), 0);
  assert.equal(table.compareKeyTo(a, arrayFromBytes('-abcd'), 1, 4), -1);
  const target = new Uint8Array(5);
  assert.equal(table.slab.copyOut(table.keyPtr(a), table.keyLength(a), target, 1), 4);
  assert.deepEqual([...target], [0, 97, 98, 99, 0]);
});

test('a scan without changes returns each key once', () => {
  const table = new ByteTable(new MemoryMeter(), { seed: SEED });
  for (let i = 0; i < 1000; i++) table.add(`k${i}`);
  while (table.rehashFor(100));
  const seen: Bytes[] = [];
  let cursor = 0;
  do cursor = table.scan(cursor, (slot) => seen.push(table.keyOf(slot)));
  while (cursor !== 0);
  assert.equal(seen.length, 1000);
  assert.equal(new Set(seen).size, 1000);
});

for (const seed of [1, 2, 3, 4]) {
  test(`a scan returns every key that stays, while the table grows and shrinks (seed ${seed})`, () => {
    const random = new Random(seed);
    const table = new ByteTable(new MemoryMeter(), { seed });
    const stay = Array.from({ length: 200 }, (_, i) => `stay:${i}`);
    for (const key of stay) table.add(key);
    let guests: Bytes[] = [];
    let next = 0;
    const sizes = new Set<number>();
    for (let round = 0; round < 8; round++) {
      const seen = new Set<Bytes>();
      const removed = new Set<Bytes>();
      let cursor = 0;
      let calls = 0;
      do {
        cursor = table.scan(cursor, (slot) => {
          const key = table.keyOf(slot);
          assert.ok(!removed.has(key), 'a removed key was returned');
          seen.add(key);
          // Deleting what the scan returns loses nothing else.
          if (key.startsWith('guest') && random.below(3) === 0) {
            table.remove(slot);
            removed.add(key);
          }
        });
        guests = guests.filter((key) => !removed.has(key));
        sizes.add(table.bucketCount);
        const change = random.below(8);
        if (change === 0) for (let i = 0; i < 700; i++) table.add(guests[guests.push(`guest:${next++}`) - 1]);
        if (change === 1) {
          for (const key of guests.splice(0, 5000)) {
            assert.ok(table.removeKey(key));
            removed.add(key);
          }
        }
        if (change === 2) table.rehashFor(random.below(200));
        assert.ok(++calls < 100_000, 'the scan does not end');
      } while (cursor !== 0);
      for (const key of stay) assert.ok(seen.has(key), `${key} was not returned`);
    }
    assert.ok(sizes.size > 4, 'the table did not resize during the scans');
  });
}

test('a table that empties gives its buckets and segments back', () => {
  const meter = new MemoryMeter();
  const table = new ByteTable(meter, { seed: SEED });
  for (let i = 0; i < 100_000; i++) table.add(`k${i}`);
  const full = meter.used;
  for (let i = 0; i < 99_990; i++) table.removeKey(`k${i}`);
  while (table.rehashFor(1000));
  for (let i = 99_990; i < 99_995; i++) table.removeKey(`k${i}`);
  while (table.rehashFor(1000));
  assert.ok(meter.used < full / 1000, `${meter.used} of ${full} bytes are left`);
  assert.ok(table.bucketCount <= 64);
  assert.deepEqual(keysOf(table), ['k99995', 'k99996', 'k99997', 'k99998', 'k99999']);
  for (let i = 0; i < 99_995; i++) table.add(`k${i}`);
  assert.equal(table.size, 100_000);
  assert.ok(table.find('k50000') >= 0);
});

test('random slots are drawn evenly, from dense and from sparse tables', () => {
  for (const removed of [0, 3750]) {
    const table = new ByteTable(new MemoryMeter(), { seed: SEED });
    for (let i = 0; i < 4000; i++) table.add(`k${i}`);
    for (let i = 0; i < removed; i++) table.removeKey(`k${i}`);
    while (table.rehashFor(1000));
    const random = new Random(9);
    const counts = new Map<number, number>();
    const perKey = 100;
    for (let i = 0; i < table.size * perKey; i++) {
      const slot = table.randomSlot(random);
      counts.set(slot, (counts.get(slot) ?? 0) + 1);
    }
    assert.equal(counts.size, table.size);
    for (const count of counts.values()) assert.ok(count > perKey / 3 && count < perKey * 3, `${count} draws`);
  }
  assert.equal(new ByteTable(new MemoryMeter()).randomSlot(new Random(1)), -1);
});

test('samples are distinct slots in use, also while rehashing', () => {
  const table = new ByteTable(new MemoryMeter(), { seed: SEED });
  const random = new Random(5);
  const out: number[] = [];
  assert.equal(table.sampleSlots(5, random, out), 0);
  for (let i = 0; i < 1500; i++) {
    table.add(`k${i}`);
    const count = table.sampleSlots(5, random, out);
    assert.ok(count >= 1 && count <= Math.min(5, table.size));
    assert.equal(new Set(out).size, count);
    for (const slot of out) assert.equal(table.find(table.keyOf(slot)), slot);
  }
});

test('visitors of forEach may remove slots', () => {
  const table = new ByteTable(new MemoryMeter(), { seed: SEED });
  for (let i = 0; i < 70_000; i++) table.add(`k${i}`);
  let visits = 0;
  table.forEach((slot) => {
    visits++;
    table.remove(slot);
  });
  assert.deepEqual([visits, table.size], [70_000, 0]);
});

test('200,000 keys are added without a long pause', () => {
  const table = new ByteTable(new MemoryMeter(), { extraWords: 2, seed: SEED });
  let longest = 0;
  for (let batch = 0; batch < 2000; batch++) {
    const start = process.cpuUsage();
    for (let i = 0; i < 100; i++) table.add(`key:${batch * 100 + i}`);
    const { user, system } = process.cpuUsage(start);
    longest = Math.max(longest, user + system);
  }
  assert.equal(table.size, 200_000);
  assert.ok(longest < 100_000, `100 additions took ${longest} µs of CPU`);
});
