import type { zsetRangeCommands } from '../../commands/zset-range.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, PairsReply, type Reply } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_ZSET } from '../notify.js';
import type { ZSetValue } from '../values/zset.js';
import { EMPTY_SPAN, type LexRange, type RankSpan, type ScoreRange } from '../values/zset-range.js';
import { parseLexRange, parseScoreRange } from '../zset-bounds.js';
import { doubleReply } from './double-reply.js';
import { readClamped } from './late-integer.js';
import { fillZset, storeZset } from './zset-store.js';

const limitByRank = new ErrorReply(
  'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
);
const scoresByLex = new ErrorReply('ERR syntax error, WITHSCORES not supported in combination with BYLEX');

/** Handlers of the commands on stretches of sorted sets. */
export const zsetRangeHandlers: HandlersOf<typeof zsetRangeCommands> = {
  zcount({ db }, { key, min, max }) {
    const range = parseScoreRange(min, max, db.engine.commands.since.v80);
    return db.zset(key)?.countInScoreRange(range) ?? 0;
  },

  zlexcount({ db }, { key, min, max }) {
    const range = parseLexRange(min, max);
    return db.zset(key)?.countInLexRange(range) ?? 0;
  },

  zrange: ({ db }, query) => range(db, query.key, query),
  zrangebylex: ({ db }, { key, min, max, ...options }) =>
    range(db, key, { ...options, start: min, stop: max, byLex: true }),
  zrangebyscore: ({ db }, { key, min, max, ...options }) =>
    range(db, key, { ...options, start: min, stop: max, byScore: true }),
  zrevrange: ({ db }, { key, ...query }) => range(db, key, { ...query, rev: true }),
  zrevrangebylex: ({ db }, { key, min, max, ...options }) =>
    range(db, key, { ...options, start: max, stop: min, byLex: true, rev: true }),
  zrevrangebyscore: ({ db }, { key, min, max, ...options }) =>
    range(db, key, { ...options, start: max, stop: min, byScore: true, rev: true }),

  zrangestore({ db }, { destination, source, ...query }) {
    const select = selectorOf(db, query);
    const zset = db.zset(source);
    const result = db.newZset();
    if (zset !== null) {
      const { first, count } = select(zset);
      const members: [Bytes, number][] = [];
      zset.forEachByRank(first, first + count - 1, query.rev === true, (member, score) => {
        members.push([member, score]);
      });
      const knownAsLarge = !query.byScore && !query.byLex && count > db.engine.settings.limits.zsetMaxListpackEntries;
      if (knownAsLarge) fillZset(result, members);
      else for (const [member, score] of members) result.add(member, score);
    }
    return storeZset(db, destination, result, 'zrangestore');
  },

  zremrangebylex({ db }, { key, min, max }) {
    const range = parseLexRange(min, max);
    return remove(db, key, 'zremrangebylex', (zset) => zset.lexSpan(range));
  },

  zremrangebyrank: ({ db }, { key, start, stop }) =>
    remove(db, key, 'zremrangebyrank', (zset) => rankSpan(zset.size, start, stop, false)),

  zremrangebyscore({ db }, { key, min, max }) {
    const range = parseScoreRange(min, max, db.engine.commands.since.v80);
    return remove(db, key, 'zremrangebyscore', (zset) => zset.scoreSpan(range));
  },
};

/** A range as ZRANGE's arguments state it; for `rev` by score or member, `start` is the higher end. */
interface RangeQuery {
  readonly start: Bytes;
  readonly stop: Bytes;
  readonly byScore?: true;
  readonly byLex?: true;
  readonly rev?: true;
  readonly limit?: readonly [offset: number, count: number];
  readonly withScores?: true;
}

function range(db: Database, key: Bytes, query: RangeQuery): Reply {
  const select = selectorOf(db, query);
  const zset = db.zset(key);
  if (zset === null) return [];
  const { first, count } = select(zset);
  const last = first + count - 1;
  const items: Reply[] = [];
  if (!query.withScores) {
    zset.forEachByRank(first, last, query.rev === true, (member) => {
      items.push(member);
    });
    return items;
  }
  zset.forEachByRank(first, last, query.rev === true, (member, score) => {
    items.push(member, doubleReply(db.engine, score));
  });
  return new PairsReply(items);
}

/** Reads the bounds, before any key is looked at, and says which ranks of a sorted set they mean. */
function selectorOf(db: Database, query: RangeQuery): (zset: ZSetValue) => RankSpan {
  const { v74, v80 } = db.engine.commands.since;
  const { byScore, byLex, limit, withScores } = query;
  const rev = query.rev === true;
  if (!byScore && !byLex && limit !== undefined && limit[1] !== -1) throw limitByRank;
  if (withScores && byLex) throw scoresByLex;
  const low = rev ? query.stop : query.start;
  const high = rev ? query.start : query.stop;
  if (byScore) {
    const bounds: ScoreRange = parseScoreRange(low, high, v80);
    return (zset) => cut(zset.scoreSpan(bounds), limit, rev, v74 && zset.encoding === 'skiplist');
  }
  if (byLex) {
    const bounds: LexRange = parseLexRange(low, high);
    return (zset) => cut(zset.lexSpan(bounds, rev), limit, rev, v74 && zset.encoding === 'skiplist');
  }
  // By rank, REV turns the counting round, not the ends.
  const [start, stop] = rev ? [readClamped(high), readClamped(low)] : [readClamped(low), readClamped(high)];
  return (zset) => rankSpan(zset.size, start, stop, rev);
}

/** LIMIT: a negative offset leaves nothing, or `wraps` round as it does in skiplists since 7.4; a negative count everything. */
function cut(span: RankSpan, limit: RangeQuery['limit'], rev: boolean, wraps: boolean): RankSpan {
  if (limit === undefined) return span;
  const [asked, wanted] = limit;
  const offset = asked < 0 && wraps ? span.count + asked : asked;
  if (offset < 0 || offset >= span.count) return EMPTY_SPAN;
  const rest = span.count - offset;
  const count = wanted < 0 ? rest : Math.min(wanted, rest);
  return { first: rev ? span.first + rest - count : span.first + offset, count };
}

function rankSpan(size: number, start: number, stop: number, rev: boolean): RankSpan {
  const from = Math.max(0, start < 0 ? start + size : start);
  const to = Math.min(size - 1, stop < 0 ? stop + size : stop);
  if (from > to) return EMPTY_SPAN;
  return { first: rev ? size - 1 - to : from, count: to - from + 1 };
}

function remove(db: Database, key: Bytes, event: string, select: (zset: ZSetValue) => RankSpan): number {
  const zset = db.zsetForWrite(key);
  if (zset === null) return 0;
  const { first, count } = select(zset);
  if (count === 0) return 0;
  zset.deleteByRank(first, first + count - 1);
  db.changed(key, NOTIFY_ZSET, event, count);
  db.removeIfEmpty(key, zset);
  return count;
}
