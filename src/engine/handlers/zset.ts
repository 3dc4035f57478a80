import { throwLate } from '../../commands/precedence.js';
import type { zsetCommands } from '../../commands/zset.js';
import type { Bytes } from '../../core/bytes.js';
import { formatDouble, parseDouble } from '../../core/double.js';
import { compileGlob } from '../../core/glob.js';
import { NULL_ARRAY, type Reply, replyErrors } from '../../core/reply.js';
import { formatShort } from '../../core/short-double.js';
import type { Database } from '../database.js';
import type { Engine } from '../engine.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_ZSET } from '../notify.js';
import type { EngineSession } from '../session.js';
import type { ZSetValue } from '../values/zset.js';
import { doubleReply } from './double-reply.js';
import { addMembers, incrementMember } from './zset-add.js';
import { zsetCombineHandlers } from './zset-combine.js';
import { zsetPopHandlers } from './zset-pop.js';
import { zsetRangeHandlers } from './zset-range.js';

/** How many members a step of ZSCAN looks at unless told. */
const SCAN_COUNT = 10;
/** ZINCRBY is a ZADD with INCR to Redis: an increment that is the name of one of its options is taken for that. */
const addOption = /^(nx|xx|gt|lt|ch|incr)$/i;

/** Handlers of the sorted-set group. */
export const zsetHandlers: HandlersOf<typeof zsetCommands> = {
  ...zsetCombineHandlers,
  ...zsetPopHandlers,
  ...zsetRangeHandlers,

  zadd: ({ db }, params) =>
    params.incr
      ? incrementMember(db, params.key, params.members[0], params)
      : addMembers(db, params.key, params.members, params),

  zcard: ({ db }, { key }) => db.zset(key)?.size ?? 0,

  zincrby({ db }, { key, increment, member }) {
    if (addOption.test(increment)) throw replyErrors.syntax;
    const value = parseDouble(increment);
    if (value === null) throw replyErrors.notFloat;
    return incrementMember(db, key, [value, member], {});
  },

  zmscore({ db, engine }, { key, members }) {
    const zset = db.zset(key);
    return members.map((member) => scoreReply(engine, zset, member));
  },

  zrank: (call, params) => rankOf(call, params, false),

  zrevrank: (call, params) => rankOf(call, params, true),

  zrem: ({ db }, { key, members }) => removeMembers(db, key, members),

  zscan({ db, engine }, { key, cursor, match, count, noScores, ...late }) {
    const zset = db.zset(key);
    if (zset === null) return ['0', []];
    throwLate(late);
    const packed = engine.commands.since.v72 ? formatShort : packedScore;
    const text = zset.encoding === 'listpack' ? packed : formatDouble;
    const matches = match === undefined || match === '*' ? null : compileGlob(match);
    const flat: Bytes[] = [];
    const next = zset.scan(cursor, count ?? SCAN_COUNT, (member, score) => {
      if (matches !== null && !matches(member)) return;
      flat.push(member);
      if (!noScores) flat.push(text(score));
    });
    return [String(next), flat];
  },

  zscore: ({ db, engine }, { key, member }) => scoreReply(engine, db.zset(key), member),
};

function scoreReply(engine: Engine, zset: ZSetValue | null, member: Bytes): Reply {
  const score = zset?.score(member) ?? null;
  return score === null ? null : doubleReply(engine, score);
}

function removeMembers(db: Database, key: Bytes, members: readonly Bytes[]): number {
  const zset = db.zsetForWrite(key);
  if (zset === null) return 0;
  let removed = 0;
  for (const member of members) if (zset.delete(member)) removed++;
  if (removed > 0) {
    db.changed(key, NOTIFY_ZSET, 'zrem', removed);
    db.removeIfEmpty(key, zset);
  }
  return removed;
}

/** A listpack holds whole scores up to 2^62 as integers, and ZSCAN shows what it holds. */
function packedScore(score: number): Bytes {
  return Number.isInteger(score) && Math.abs(score) <= 2 ** 62 ? BigInt(score).toString() : formatDouble(score);
}

/** The rank of a member, with its score if that is asked for. */
function rankOf(
  { db, engine }: EngineSession,
  { key, member, withScore }: { key: Bytes; member: Bytes; withScore?: true },
  reverse: boolean,
): Reply {
  const zset = db.zset(key);
  const fromLowest = zset?.rank(member) ?? null;
  if (fromLowest === null) return withScore ? NULL_ARRAY : null;
  const rank = reverse ? zset!.size - 1 - fromLowest : fromLowest;
  return withScore ? [rank, doubleReply(engine, zset!.score(member)!)] : rank;
}
