import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayFromBytes, type Bytes } from '../../src/core/bytes.js';
import { MemoryMeter } from '../../src/core/memory.js';
import { Random } from '../../src/core/random.js';
import { type SetLimits, SetValue } from '../../src/engine/values/set.js';

const SEED = 77;

function limitsOf(entries = 512): SetLimits {
  return { setMaxIntsetEntries: entries, setMaxListpackEntries: 128, setMaxListpackValue: 64, compact: false };
}

function setOf(members: Iterable<Bytes>, limits = limitsOf(), meter = new MemoryMeter()): SetValue {
  const set = new SetValue(meter, limits, SEED);
  for (const member of members) set.add(member);
  return set;
}

function numbers(count: number): Bytes[] {
  return Array.from({ length: count }, (_, i) => String(i - 20));
}

// member, whether an intset takes it
const texts: [Bytes, boolean][] = [
  ['0', true],
  ['-1', true],
  ['9007199254740993', true],
  ['-9007199254740993', true],
  ['999999999999999', true],
  ['-999999999999999', true],
  ['4294967296', true],
  ['-4294967297', true],
  ['9223372036854775807', true],
  ['-9223372036854775808', true],
  ['9223372036854775808', false],
  ['-9223372036854775809', false],
  ['99999999999999999999', false],
  ['-0', false],
  ['-', false],
  ['', false],
  ['00', false],
  ['01', false],
  ['-01', false],
  ['+1', false],
  [' 1', false],
  ['1 ', false],
  ['1.0', false],
  ['1e3', false],
  ['12a4', false],
  ['1234567890123456a', false],
  ['\xb2', false],
];

for (const [text, isInteger] of texts) {
  test(`'${text}' ${isInteger ? 'is an integer' : 'is no integer'}`, () => {
    const set = setOf([text]);
    assert.equal(set.encoding, isInteger ? 'intset' : 'hashtable');
    assert.deepEqual(set.members(), [text]);
    assert.ok(set.has(text));
    const ints = setOf(['0', '1', '12', '123']);
    assert.equal(ints.delete(text), text === '0');
  });
}

test('integers come in numeric order', () => {
  const sorted = texts.flatMap(([text, isInteger]) => (isInteger ? [BigInt(text)] : []));
  sorted.push(1n, -2n, 4294967295n, -4294967296n, 2147483648n, -2147483649n, 9007199254740992n, -9007199254740992n);
  sorted.sort((a, b) => (a < b ? -1 : 1));
  const set = setOf([...sorted].reverse().map(String));
  assert.deepEqual(set.members(), sorted.map(String));
});

const encodings: [title: string, members: Bytes[], limits: SetLimits, encoding: string][] = [
  ['no members', [], limitsOf(), 'intset'],
  ['512 integers', numbers(512), limitsOf(), 'intset'],
  ['513 integers', numbers(513), limitsOf(), 'hashtable'],
  ['512 integers added twice', [...numbers(512), ...numbers(512)], limitsOf(), 'intset'],
  ['one word among integers', [...numbers(10), 'word'], limitsOf(), 'hashtable'],
  ['no integers allowed', ['1'], limitsOf(0), 'hashtable'],
];

for (const [title, members, limits, encoding] of encodings) {
  test(`encoding with ${title} is ${encoding}`, () => {
    const set = setOf(members, limits);
    assert.equal(set.encoding, encoding);
    assert.deepEqual(set.members().sort(), [...new Set(members)].sort());
  });
}

test('a table never turns back; the limit is read when a member is added', () => {
  const limits = limitsOf();
  const set = setOf(numbers(100), limits);
  limits.setMaxIntsetEntries = 10;
  assert.equal(set.add('5'), false);
  assert.equal(set.encoding, 'intset');
  assert.equal(set.add('1000'), true);
  assert.equal(set.encoding, 'hashtable');
  for (const member of numbers(100)) assert.ok(set.delete(member));
  assert.deepEqual([set.encoding, set.members()], ['hashtable', ['1000']]);
});

for (const words of [false, true]) {
  test(`random operations agree with a Set (${words ? 'words' : 'integers'})`, () => {
    const random = new Random(3);
    const meter = new MemoryMeter();
    const set = new SetValue(meter, limitsOf(1e6), SEED);
    const model = new Set<Bytes>();
    for (let step = 0; step < 20_000; step++) {
      const declining = Math.floor(step / 5000) % 2 === 1;
      const number = String((random.below(1000) - 500) * 9_000_000_000_000_000);
      const member = words ? `word:${number}` : BigInt(number).toString();
      if (random.below(10) < (declining ? 2 : 7)) {
        const isNew = !model.has(member);
        const added = step % 2 === 0 ? set.add(member) : set.addBytes(arrayFromBytes(`_${member}_`), 1, member.length);
        assert.equal(added, isNew);
        model.add(member);
      } else {
        assert.equal(set.delete(member), model.delete(member));
      }
      assert.equal(set.has(member), model.has(member));
      assert.equal(set.hasBytes(arrayFromBytes(`_${member}`), 1, member.length), model.has(member));
      assert.equal(set.size, model.size);
    }
    assert.equal(set.encoding, words ? 'hashtable' : 'intset');
    assert.deepEqual(set.members().sort(), [...model].sort());
    assert.equal(meter.used, set.memoryBytes);
    const copy = set.clone();
    assert.equal(copy.encoding, set.encoding);
    assert.deepEqual(copy.members().sort(), [...model].sort());
    copy.add('7');
    copy.delete([...model][0]);
    assert.deepEqual(set.members().sort(), [...model].sort());
    set.dispose();
    assert.equal(meter.used, copy.memoryBytes);
    copy.dispose();
    assert.equal(meter.used, 0);
  });
}

test('pop empties a set, each member once', () => {
  const random = new Random(8);
  for (const members of [numbers(300), numbers(3000)]) {
    const meter = new MemoryMeter();
    const set = setOf(members, limitsOf(), meter);
    const popped: Bytes[] = [];
    while (set.size > 0) popped.push(set.pop(random));
    assert.notDeepEqual(popped.slice(0, 20), members.slice(0, 20));
    assert.deepEqual(popped.sort(), [...members].sort());
    set.dispose();
    assert.equal(meter.used, 0);
  }
});

test('random members and samples', () => {
  const random = new Random(8);
  for (const size of [10, 1000]) {
    const set = setOf(numbers(size));
    const drawn = new Set<Bytes>();
    for (let i = 0; i < size * 20; i++) drawn.add(set.random(random));
    assert.equal(drawn.size, size);
    for (const count of [1, 3, size - 1, size, size + 9]) {
      const sample = set.sample(count, random);
      assert.equal(new Set(sample).size, Math.min(count, size));
      assert.ok(sample.every((member) => set.has(member)));
    }
  }
});

test('a scan returns an intset whole and a table in steps; some stops early', () => {
  const seen: Bytes[] = [];
  assert.equal(
    setOf(numbers(200)).scan(0, 10, (member) => seen.push(member)),
    0,
  );
  assert.deepEqual(seen, numbers(200));
  const table = setOf(numbers(2000));
  const found = new Set<Bytes>();
  let cursor = 0;
  let steps = 0;
  do {
    cursor = table.scan(cursor, 10, (member) => found.add(member));
    steps++;
  } while (cursor !== 0);
  assert.equal(found.size, 2000);
  assert.ok(steps > 50);
  let visits = 0;
  assert.equal(
    table.some(() => ++visits === 3),
    true,
  );
  assert.equal(visits, 3);
});
