import type { zsetPopCommands } from '../../commands/zset-pop.js';
import type { Bytes } from '../../core/bytes.js';
import { parseInt64 } from '../../core/integer.js';
import type { Random } from '../../core/random.js';
import { NULL_ARRAY, PairsReply, type Reply } from '../../core/reply.js';
import { parseBlockTimeout } from '../block-timeout.js';
import { BLOCK_ON_ZSET } from '../blocking.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_ZSET } from '../notify.js';
import type { EngineSession } from '../session.js';
import type { ZSetValue } from '../values/zset.js';
import { doubleReply } from './double-reply.js';
import { countTooLarge, drawsOf } from './random-count.js';

/** With scores, Redis takes no count whose double would not fit 64 bits. */
const PAIRS_MAX = (2n ** 63n - 1n) / 2n;

/** Handlers of the commands that take members from an end, or draw some at random. */
export const zsetPopHandlers: HandlersOf<typeof zsetPopCommands> = {
  bzmpop(call, { timeout, keys, where, count }) {
    const fromMax = where === 'max';
    return orWait(call, keys, timeout, (wanted) => popFirst(call, wanted, fromMax, count ?? 1));
  },

  bzpopmax: (call, { keys, timeout }) => orWait(call, keys, timeout, (wanted) => popOne(call, wanted, true)),
  bzpopmin: (call, { keys, timeout }) => orWait(call, keys, timeout, (wanted) => popOne(call, wanted, false)),

  zmpop: (call, { keys, where, count }) => popFirst(call, keys, where === 'max', count ?? 1) ?? NULL_ARRAY,

  zpopmax: ({ db }, { key, count }) => pop(db, key, count, true),
  zpopmin: ({ db }, { key, count }) => pop(db, key, count, false),

  zrandmember(call, { key, count, withScores }) {
    if (withScores && isTooManyPairs(call.argv[2])) throw countTooLarge;
    const { random } = call.engine;
    const zset = call.db.zset(key);
    if (count === undefined) return zset === null ? null : zset.random(random)![0];
    if (zset === null) return [];
    const drawn = count < 0 ? repeated(zset, drawsOf(count), random) : distinct(zset, count, random);
    if (!withScores) return drawn.map(([member]) => member);
    return new PairsReply(drawn.flatMap(([member, score]) => [member, doubleReply(call.engine, score)]));
  },
};

type Scored = [member: Bytes, score: number];

/** Pops up to `count` members with the highest or lowest scores; the key goes if none is left. */
function popMembers(db: Database, key: Bytes, zset: ZSetValue, fromMax: boolean, count: number): Scored[] {
  const wanted = Math.min(count, zset.size);
  const first = fromMax ? zset.size - wanted : 0;
  const popped: Scored[] = [];
  zset.forEachByRank(first, first + wanted - 1, fromMax, (member, score) => {
    popped.push([member, score]);
  });
  zset.deleteByRank(first, first + wanted - 1);
  db.changed(key, NOTIFY_ZSET, fromMax ? 'zpopmax' : 'zpopmin', wanted);
  db.removeIfEmpty(key, zset);
  return popped;
}

function pop(db: Database, key: Bytes, count: number | undefined, fromMax: boolean): Reply {
  const zset = db.zsetForWrite(key);
  if (zset === null || count === 0) return [];
  const popped = popMembers(db, key, zset, fromMax, count ?? 1);
  const flat = popped.flatMap(([member, score]) => [member, doubleReply(db.engine, score)]);
  return count === undefined ? flat : new PairsReply(flat);
}

/** The first sorted set that exists, null if there is none. */
function firstOf(db: Database, keys: readonly Bytes[]): { key: Bytes; zset: ZSetValue } | null {
  for (const key of keys) {
    const zset = db.zsetForWrite(key);
    if (zset !== null) return { key, zset };
  }
  return null;
}

function popFirst(call: EngineSession, keys: readonly Bytes[], fromMax: boolean, count: number): Reply | null {
  const { db } = call;
  const found = firstOf(db, keys);
  if (found === null) return null;
  const { key, zset } = found;
  const popped = popMembers(db, key, zset, fromMax, count);
  call.engine.propagate(db.index, [effectName(fromMax), key, String(popped.length)]);
  return [key, popped.map(([member, score]) => [member, doubleReply(call.engine, score)])];
}

function popOne(call: EngineSession, keys: readonly Bytes[], fromMax: boolean): Reply | null {
  const { db } = call;
  const found = firstOf(db, keys);
  if (found === null) return null;
  const { key, zset } = found;
  const [[member, score]] = popMembers(db, key, zset, fromMax, 1);
  call.engine.propagate(db.index, [effectName(fromMax), key]);
  return [key, member, doubleReply(call.engine, score)];
}

function effectName(fromMax: boolean): Bytes {
  return fromMax ? 'ZPOPMAX' : 'ZPOPMIN';
}

/** Pops from the first of `keys` that exists, or waits for one. */
function orWait(
  call: EngineSession,
  keys: readonly Bytes[],
  timeout: Bytes,
  popFrom: (keys: readonly Bytes[]) => Reply | null,
): Reply {
  const timeoutMs = parseBlockTimeout(timeout, call.engine);
  const popped = popFrom(keys);
  if (popped !== null) return popped;
  if (call.inExec) return NULL_ARRAY;
  return call.engine.blocking.block(call, {
    keys,
    type: BLOCK_ON_ZSET,
    timeoutMs,
    timedOut: NULL_ARRAY,
    serve: (key) => popFrom([key]),
  });
}

function isTooManyPairs(count: Bytes): boolean {
  const value = parseInt64(count)!;
  return value > PAIRS_MAX || value < -PAIRS_MAX;
}

/** `count` members, each drawn from all of them. */
function repeated(zset: ZSetValue, count: number, random: Random): Scored[] {
  return Array.from({ length: count }, () => zset.random(random)!);
}

/** `count` different members: if there are no more, all from the last to the first, as Redis walks sorted sets. */
function distinct(zset: ZSetValue, count: number, random: Random): Scored[] {
  const { size } = zset;
  if (count >= size) return zset.toArray().reverse();
  if (count * 3 <= size) {
    const ranks = new Set<number>();
    while (ranks.size < count) ranks.add(random.below(size));
    return Array.from(ranks, (rank) => zset.at(rank)!);
  }
  const all = zset.toArray();
  for (let i = 0; i < count; i++) {
    const j = i + random.below(size - i);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, count);
}
