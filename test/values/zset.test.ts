import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayFromBytes, type Bytes, compareBytes, sliceBytes } from '../../src/core/bytes.js';
import { MemoryMeter } from '../../src/core/memory.js';
import { Random } from '../../src/core/random.js';
import { ADDED, SAME, UPDATED, ZSetValue } from '../../src/engine/values/zset.js';
import {
  LEX_HIGHEST,
  LEX_LOWEST,
  type LexBound,
  type LexRange,
  type ScoreRange,
} from '../../src/engine/values/zset-range.js';

type Pair = [member: Bytes, score: number];

const order = (a: Pair, b: Pair): number => a[1] - b[1] || compareBytes(a[0], b[0]);

/** A sorted array, which is what a sorted set is. */
class ZSetModel {
  pairs: Pair[] = [];

  indexOf(member: Bytes): number {
    return this.pairs.findIndex((pair) => pair[0] === member);
  }

  add(member: Bytes, score: number): number {
    const index = this.indexOf(member);
    if (index >= 0 && this.pairs[index][1] === score) return SAME;
    if (index >= 0) this.pairs.splice(index, 1);
    this.insert([member, score]);
    return index >= 0 ? UPDATED : ADDED;
  }

  insert(pair: Pair): void {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.pairs[middle], pair) < 0) low = middle + 1;
      else high = middle;
    }
    this.pairs.splice(low, 0, pair);
  }

  inScores({ min, max, minExclusive, maxExclusive }: ScoreRange): Pair[] {
    return this.pairs.filter(
      ([, score]) => (minExclusive ? score > min : score >= min) && (maxExclusive ? score < max : score <= max),
    );
  }

  inLex({ min, max }: LexRange): Pair[] {
    const above = (member: Bytes): boolean =>
      typeof min === 'number'
        ? min === LEX_LOWEST
        : min.exclusive
          ? compareBytes(member, min.member) > 0
          : compareBytes(member, min.member) >= 0;
    const below = (member: Bytes): boolean =>
      typeof max === 'number'
        ? max === LEX_HIGHEST
        : max.exclusive
          ? compareBytes(member, max.member) < 0
          : compareBytes(member, max.member) <= 0;
    return this.pairs.filter(([member]) => above(member) && below(member));
  }
}

/** Infinities subtract to NaN, so scores are compared, not subtracted. */
function compare(a: Pair, b: Pair): number {
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1;
  return compareBytes(a[0], b[0]);
}

const defaults = { zsetMaxListpackEntries: 128, zsetMaxListpackValue: 64 };

function randomScore(random: Random): number {
  const draw = random.below(20);
  if (draw === 0) return Number.POSITIVE_INFINITY;
  if (draw === 1) return Number.NEGATIVE_INFINITY;
  if (draw === 2) return 0;
  if (draw < 12) return random.below(12) - 6;
  return (random.unit() - 0.5) * 20;
}

function randomMember(random: Random, members: number): Bytes {
  const n = random.below(members);
  return n % 7 === 0 ? `\xff\0${n}` : `m${n}`;
}

function randomLexBound(random: Random, members: number): LexBound {
  const draw = random.below(10);
  if (draw === 0) return LEX_LOWEST;
  if (draw === 1) return LEX_HIGHEST;
  return { member: randomMember(random, members).slice(0, 1 + random.below(6)), exclusive: draw % 2 === 0 };
}

interface Run {
  zset: ZSetValue;
  model: ZSetModel;
  random: Random;
  members: number;
  score: () => number;
}

function readStep({ zset, model, random, members, score }: Run): void {
  const { pairs } = model;
  const rank = random.below(pairs.length + 4) - 2;
  const member = randomMember(random, members);
  const index = model.indexOf(member);
  const found = index >= 0 ? pairs[index] : null;
  assert.equal(zset.rank(member), found === null ? null : index);
  assert.equal(zset.score(member), found === null ? null : found[1]);
  const bytes = arrayFromBytes(`?${member}?`);
  assert.equal(zset.scoreBytes(bytes, 1, member.length), found === null ? null : found[1]);
  assert.deepEqual(zset.at(rank), pairs[rank] ?? null);
  assert.equal(zset.memberAt(rank), pairs[rank]?.[0] ?? null);
  assert.equal(zset.scoreAt(rank), pairs[rank]?.[1] ?? null);
  const range = {
    min: score(),
    max: score(),
    minExclusive: random.below(2) === 0,
    maxExclusive: random.below(2) === 0,
  };
  const expected = model.inScores(range);
  const span = zset.scoreSpan(range);
  assert.equal(span.count, expected.length);
  if (span.count > 0) assert.equal(pairs[span.first], expected[0]);
  const stop = rank + random.below(40);
  const reverse = random.below(2) === 0;
  const slice = pairs.slice(Math.max(0, rank), Math.max(0, stop + 1));
  if (reverse) slice.reverse();
  const seen: Pair[] = [];
  zset.forEachByRank(rank, stop, reverse, (name, value) => seen.push([name, value]));
  assert.deepEqual(seen, slice);
  const seenBytes: Pair[] = [];
  zset.rangeBytes(rank, stop, reverse, (buffer, start, length, value) => {
    seenBytes.push([sliceBytes(buffer, start, start + length), value]);
  });
  assert.deepEqual(seenBytes, slice);
}

function writeStep({ zset, model, random, members, score }: Run, shrinking: boolean): void {
  const { pairs } = model;
  const member = randomMember(random, members);
  const index = model.indexOf(member);
  switch (random.below(shrinking ? 8 : 24)) {
    case 0:
    case 1:
    case 2: {
      const bytes = arrayFromBytes(`__${member}`);
      const deleted = random.below(2) === 0 ? zset.delete(member) : zset.deleteBytes(bytes, 2, member.length);
      assert.equal(deleted, index >= 0);
      if (index >= 0) pairs.splice(index, 1);
      break;
    }
    case 3: {
      const start = random.below(pairs.length + 2) - 1;
      const stop = start + random.below(shrinking ? 12 : 4);
      const removed = pairs.splice(Math.max(0, start), Math.max(0, stop + 1) - Math.max(0, start));
      assert.equal(zset.deleteByRank(start, stop), removed.length);
      break;
    }
    case 4:
      assert.deepEqual(zset.popMin(), pairs.shift() ?? null);
      break;
    case 5:
      assert.deepEqual(zset.popMax(), pairs.pop() ?? null);
      break;
    default: {
      const value = index >= 0 && random.below(3) === 0 ? pairs[index][1] + 0.001 : score();
      if (random.below(2) === 0) assert.equal(zset.add(member, value), model.add(member, value));
      else {
        const bytes = arrayFromBytes(`::${member}`);
        assert.equal(zset.addBytes(bytes, 2, member.length, value), model.add(member, value));
      }
    }
  }
}

const never = { zsetMaxListpackEntries: 0, zsetMaxListpackValue: 64 };
const always = { zsetMaxListpackEntries: 1e6, zsetMaxListpackValue: 1e6 };
const runs = [
  // title, seed, limits, distinct members, steps, encoding at the end
  ['a listpack', 1, always, 60, 6000, 'listpack'],
  ['a small skiplist', 2, never, 60, 6000, 'skiplist'],
  ['from listpack to skiplist', 3, defaults, 500, 6000, 'skiplist'],
  ['a skiplist of many leaves', 4, never, 6000, 12_000, 'skiplist'],
] as const;

for (const [title, seed, limits, members, steps, encoding] of runs) {
  test(`sorted set against a sorted array: ${title}`, () => {
    const random = new Random(seed);
    const meter = new MemoryMeter();
    const zset = new ZSetValue({ meter, limits });
    const run: Run = { zset, model: new ZSetModel(), random, members, score: () => randomScore(random) };
    for (let step = 1; step <= steps; step++) {
      writeStep(run, step % 2000 > 1500);
      assert.equal(zset.size, run.model.pairs.length);
      if (step % 4 === 0) readStep(run);
      if (step % 500 === 0) {
        assert.deepEqual(zset.toArray(), run.model.pairs);
        assert.equal(meter.used, zset.memoryBytes);
      }
    }
    assert.equal(zset.encoding, encoding);
    const copy = zset.clone();
    const kept = [...run.model.pairs];
    for (let step = 0; step < 200; step++) writeStep(run, true);
    assert.deepEqual(copy.toArray(), kept);
    assert.deepEqual(zset.toArray(), run.model.pairs);
    assert.equal(meter.used, zset.memoryBytes + copy.memoryBytes);
    zset.dispose();
    copy.dispose();
    assert.equal(meter.used, 0);
  });
}

for (const limits of [always, never]) {
  test(`lexicographic intervals (${limits === always ? 'listpack' : 'skiplist'})`, () => {
    const random = new Random(9);
    const zset = new ZSetValue({ meter: new MemoryMeter(), limits });
    const model = new ZSetModel();
    for (let i = 0; i < 700; i++) {
      const member = randomMember(random, 2000);
      assert.equal(zset.add(member, 5), model.add(member, 5));
    }
    let found = 0;
    for (let i = 0; i < 2000; i++) {
      const range = { min: randomLexBound(random, 2000), max: randomLexBound(random, 2000) };
      const expected = model.inLex(range);
      const span = zset.lexSpan(range, i % 2 === 0);
      assert.equal(span.count, expected.length, JSON.stringify(range));
      if (span.count > 0) assert.equal(zset.memberAt(span.first), expected[0][0]);
      found += span.count;
    }
    assert.ok(found > 0);
  });
}

test('a listpack of mixed scores is read lexicographically from the end that is asked for', () => {
  const zset = new ZSetValue({ meter: new MemoryMeter(), limits: defaults });
  for (const [member, score] of [
    ['b', 1],
    ['z', 2],
    ['c', 3],
    ['d', 4],
  ] as const)
    zset.add(member, score);
  const range: LexRange = { min: { member: 'b', exclusive: false }, max: { member: 'x', exclusive: false } };
  assert.deepEqual(zset.lexSpan(range), { first: 0, count: 1 });
  assert.deepEqual(zset.lexSpan(range, true), { first: 0, count: 4 });
});

test('the encoding follows the limits that hold at each write', () => {
  const limits = { zsetMaxListpackEntries: 4, zsetMaxListpackValue: 8 };
  const build = (...members: Bytes[]): ZSetValue => {
    const zset = new ZSetValue({ meter: new MemoryMeter(), limits });
    members.forEach((member, score) => {
      zset.add(member, score);
    });
    return zset;
  };
  assert.equal(build('a', 'b', 'c', '12345678').encoding, 'listpack');
  assert.equal(build('123456789').encoding, 'skiplist');
  const five = build('a', 'b', 'c', 'd', 'e');
  assert.equal(five.encoding, 'skiplist');
  five.delete('e');
  assert.equal(five.encoding, 'skiplist', 'a set that shrinks keeps its encoding');
  five.compact();
  assert.equal(five.encoding, 'listpack');
  assert.deepEqual(five.toArray(), [
    ['a', 0],
    ['b', 1],
    ['c', 2],
    ['d', 3],
  ]);
  five.add('a', 7);
  assert.equal(five.encoding, 'listpack', 'an update adds no entry');
  limits.zsetMaxListpackEntries = 3;
  five.delete('b');
  five.add('f', 1);
  assert.equal(five.encoding, 'skiplist');
  const long = build('a long member', 'b');
  long.compact();
  assert.equal(long.encoding, 'skiplist', 'a member is too long');
});

test('zeros of both signs are one score', () => {
  for (const limits of [always, never]) {
    const zset = new ZSetValue({ meter: new MemoryMeter(), limits });
    assert.equal(zset.add('a', -0), ADDED);
    assert.equal(zset.add('a', 0), SAME);
    // A listpack keeps whole scores as integers, which know one zero only.
    assert.ok(Object.is(zset.score('a'), zset.encoding === 'listpack' ? 0 : -0));
    zset.add('0', 0);
    assert.deepEqual(zset.memberAt(0), '0');
  }
});

test('scan visits every member once while nothing changes, and random reaches them all', () => {
  for (const limits of [always, never]) {
    const random = new Random(11);
    const zset = new ZSetValue({ meter: new MemoryMeter(), limits });
    for (let i = 0; i < 100; i++) zset.add(`m${i}`, i % 10);
    const seen: Bytes[] = [];
    let cursor = 0;
    do {
      cursor = zset.scan(cursor, 10, (member, score) => {
        assert.equal(zset.score(member), score);
        seen.push(member);
      });
    } while (cursor !== 0);
    assert.equal(new Set(seen).size, 100);
    const drawn = new Set<Bytes>();
    for (let i = 0; i < 3000; i++) {
      const [member, score] = zset.random(random)!;
      assert.equal(score, Number(member.slice(1)) % 10);
      drawn.add(member);
    }
    assert.equal(drawn.size, 100);
    assert.equal(new ZSetValue({ meter: new MemoryMeter(), limits }).random(random), null);
  }
});

test('100,000 members: order, ranks, bulk removal by rank, and memory that comes back', () => {
  const random = new Random(12);
  const meter = new MemoryMeter();
  const zset = new ZSetValue({ meter, limits: defaults });
  const empty = meter.used;
  let pairs: Pair[] = [];
  for (let i = 0; i < 100_000; i++) {
    const pair: Pair = [`member:${i}`, random.below(20_000)];
    pairs.push(pair);
    zset.add(pair[0], pair[1]);
  }
  for (let i = 0; i < 50_000; i++) {
    const pair = pairs[random.below(pairs.length)];
    const score = i % 2 === 0 ? pair[1] + 0.5 : random.below(20_000);
    assert.equal(zset.add(pair[0], score), score === pair[1] ? SAME : UPDATED);
    pair[1] = score;
  }
  pairs.sort(order);
  assert.deepEqual(zset.toArray(), pairs);
  for (let rank = 0; rank < pairs.length; rank += 97) assert.equal(zset.rank(pairs[rank][0]), rank);
  const full = meter.used;
  for (const [start, stop] of [
    [0, 9],
    [50_000, 89_000],
    [20_000, 20_000],
    [100, 5000],
    [40_000, 1e9],
  ] as const) {
    const removed = pairs.splice(start, stop - start + 1);
    assert.equal(zset.deleteByRank(start, stop), removed.length);
    assert.equal(zset.score(removed[0][0]), null);
    assert.deepEqual(zset.toArray(), pairs);
    for (let rank = 0; rank < pairs.length; rank += 397) assert.equal(zset.rank(pairs[rank][0]), rank);
  }
  assert.equal(zset.deleteByRank(5, 4), 0);
  assert.equal(zset.deleteByRank(-5, 1e9), pairs.length);
  pairs = [];
  assert.deepEqual(zset.toArray(), pairs);
  assert.ok(meter.used < full / 4, `${meter.used} of ${full}`);
  for (let i = 0; i < 3000; i++) zset.add(`again:${i}`, -i);
  assert.deepEqual(zset.at(0), ['again:2999', -2999]);
  assert.equal(zset.rank('again:0'), 2999);
  zset.dispose();
  assert.ok(meter.used < empty);
  assert.equal(meter.used, 0);
});
