import { throwLate } from '../../commands/precedence.js';
import type { zsetCombineCommands } from '../../commands/zset-combine.js';
import { type Bytes, compareBytes } from '../../core/bytes.js';
import { PairsReply, type Reply, replyErrors } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { Engine } from '../engine.js';
import { TYPE_SET, TYPE_ZSET } from '../entry-meta.js';
import type { HandlersOf } from '../handler.js';
import { SetValue } from '../values/set.js';
import type { ZSetValue } from '../values/zset.js';
import { doubleReply } from './double-reply.js';
import { fillZset, storeZset } from './zset-store.js';

/** Handlers of the commands that combine sorted sets. */
export const zsetCombineHandlers: HandlersOf<typeof zsetCombineCommands> = {
  zdiff({ db, engine }, { keys, withScores, ...late }) {
    const inputs = inputsOf(db, keys);
    throwLate(late);
    return reply(engine, difference(inputs), withScores);
  },

  zdiffstore({ db }, { destination, keys, ...late }) {
    const inputs = inputsOf(db, keys);
    throwLate(late);
    return store(db, destination, difference(inputs), 'zdiffstore');
  },

  zinter({ db, engine }, { keys, weights, aggregate, withScores, ...late }) {
    const inputs = inputsOf(db, keys);
    throwLate(late);
    return reply(engine, intersection(inputs, weights, aggregate), withScores);
  },

  zintercard({ db }, { keys, limit, ...late }) {
    const inputs = inputsOf(db, keys);
    throwLate(late);
    let count = 0;
    eachCommon(smallestFirst(inputs, undefined), () => ++count === limit);
    return count;
  },

  zinterstore({ db }, { destination, keys, weights, aggregate, ...late }) {
    const inputs = inputsOf(db, keys);
    throwLate(late);
    return store(db, destination, intersection(inputs, weights, aggregate), 'zinterstore');
  },

  zunion({ db, engine }, { keys, weights, aggregate, withScores, ...late }) {
    const inputs = inputsOf(db, keys);
    throwLate(late);
    return reply(engine, union(inputs, weights, aggregate), withScores);
  },

  zunionstore({ db }, { destination, keys, weights, aggregate, ...late }) {
    const inputs = inputsOf(db, keys);
    throwLate(late);
    return store(db, destination, union(inputs, weights, aggregate), 'zunionstore');
  },
};

type Input = ZSetValue | SetValue | null;
type Aggregate = 'sum' | 'min' | 'max' | undefined;

/** The sorted sets or sets at some keys, null where there is nothing. */
function inputsOf(db: Database, keys: readonly Bytes[]): Input[] {
  return keys.map((key) => {
    const slot = db.lookup(key);
    if (slot < 0) return null;
    const type = db.keyspace.typeOf(slot);
    if (type !== TYPE_ZSET && type !== TYPE_SET) throw replyErrors.wrongType;
    return db.keyspace.collection(slot) as ZSetValue | SetValue;
  });
}

function scoreIn(input: ZSetValue | SetValue, member: Bytes): number | null {
  if (input instanceof SetValue) return input.has(member) ? 1 : null;
  return input.score(member);
}

function forEachMember(input: ZSetValue | SetValue, visit: (member: Bytes, score: number) => void): void {
  if (input instanceof SetValue) {
    input.forEach((member) => {
      visit(member, 1);
    });
  } else {
    input.forEach(visit);
  }
}

interface Weighted {
  readonly value: Input;
  readonly size: number;
  readonly weight: number;
}

/** Scores are summed up from the smallest input to the largest: in floating point the order shows. */
function smallestFirst(inputs: readonly Input[], weights: readonly number[] | undefined): Weighted[] {
  return inputs
    .map((value, i) => ({ value, size: value?.size ?? 0, weight: weights?.[i] ?? 1 }))
    .sort((a, b) => a.size - b.size);
}

/** Sums of opposite infinities and other products without a value count as 0. */
function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

/** What is not a number never wins against the score so far: Math.min would let it. */
function combined(old: number, score: number, aggregate: Aggregate): number {
  if (aggregate === undefined || aggregate === 'sum') return orZero(old + score);
  const wins = aggregate === 'min' ? score < old : score > old;
  return wins ? score : old;
}

function union(
  inputs: readonly Input[],
  weights: readonly number[] | undefined,
  aggregate: Aggregate,
): Map<Bytes, number> {
  const result = new Map<Bytes, number>();
  for (const { value, weight } of smallestFirst(inputs, weights)) {
    if (value === null) continue;
    forEachMember(value, (member, plain) => {
      const score = orZero(weight * plain);
      const old = result.get(member);
      result.set(member, old === undefined ? score : combined(old, score, aggregate));
    });
  }
  return result;
}

function intersection(
  inputs: readonly Input[],
  weights: readonly number[] | undefined,
  aggregate: Aggregate,
): Map<Bytes, number> {
  const result = new Map<Bytes, number>();
  const ordered = smallestFirst(inputs, weights);
  eachCommon(ordered, (member, plain) => {
    let score = orZero(ordered[0].weight * plain);
    for (let i = 1; i < ordered.length; i++) {
      score = combined(score, scoreIn(ordered[i].value!, member)! * ordered[i].weight, aggregate);
    }
    result.set(member, score);
    return false;
  });
  return result;
}

/** Visits what is in all inputs with its score in the first of them, until the visitor returns true. */
function eachCommon(ordered: readonly Weighted[], visit: (member: Bytes, score: number) => boolean): void {
  const [smallest, ...others] = ordered;
  if (smallest.value === null) return;
  const common = (member: Bytes): boolean => others.every(({ value }) => scoreIn(value!, member) !== null);
  if (smallest.value instanceof SetValue) {
    smallest.value.some((member) => common(member) && visit(member, 1));
    return;
  }
  const zset = smallest.value;
  let over = false;
  // In bites: a visit that ends early must not have cost a walk over all.
  for (let rank = 0; rank < zset.size && !over; rank += BITE) {
    zset.forEachByRank(rank, rank + BITE - 1, false, (member, score) => {
      if (!over && common(member)) over = visit(member, score);
    });
  }
}

const BITE = 256;

function difference([first, ...others]: readonly Input[]): Map<Bytes, number> {
  const result = new Map<Bytes, number>();
  if (first === null || others.includes(first)) return result;
  const present = others.filter((input) => input !== null).sort((a, b) => b.size - a.size);
  forEachMember(first, (member, score) => {
    if (present.every((input) => scoreIn(input, member) === null)) result.set(member, score);
  });
  return result;
}

function reply(engine: Engine, members: Map<Bytes, number>, withScores: true | undefined): Reply {
  const sorted = [...members].sort(([a, x], [b, y]) => (x < y ? -1 : x > y ? 1 : compareBytes(a, b)));
  if (!withScores) return sorted.map(([member]) => member);
  return new PairsReply(sorted.flatMap(([member, score]) => [member, doubleReply(engine, score)]));
}

function store(db: Database, destination: Bytes, members: Map<Bytes, number>, event: string): number {
  return storeZset(db, destination, fillZset(db.newZset(), members), event);
}
