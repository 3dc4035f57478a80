import type { FormCall } from './form-call.js';
import { type LaneFace, type LaneMethod, textArg } from './lane-face.js';
import type { RankQuery } from './lanes.js';
import { encodeArg } from './view.js';

const FORWARD: RankQuery = { command: 'zrange', reverse: false, scores: null };
const BACKWARD: RankQuery = { command: 'zrange', reverse: true, scores: null };
const REVRANGE: RankQuery = { command: 'zrevrange', reverse: true, scores: null };

/** See `laneMethods`: those of hashes, sets, sorted sets and lists. */
export function collectionLaneMethods(callOf: (method: string) => FormCall): Record<string, LaneMethod> {
  return { ...hashMethods(callOf), ...setMethods(callOf), ...zsetMethods(callOf), ...listMethods(callOf) };
}

function hashMethods(callOf: (method: string) => FormCall): Record<string, LaneMethod> {
  const HGET = callOf('hget');
  const HSET = callOf('hset');
  const HMGET = callOf('hmget');
  const HINCRBY = callOf('hincrby');
  return {
    hget(this: LaneFace, key: unknown, field: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && typeof field === 'string' && more.length === 0 && this.lanes !== undefined) {
        if (this.asText === true) {
          const value = this.lanes.hgetText(key, field);
          if (value !== undefined) return value;
        } else {
          const value = this.lanes.hget(key, field);
          if (value !== undefined) return value === null ? null : this.view.bytes(value);
        }
      }
      return this.invoke(HGET, [key, field, ...more]);
    },

    hmget(this: LaneFace, key: unknown, ...fields: unknown[]) {
      if (typeof key === 'string' && this.lanes !== undefined) {
        const list: unknown[] = fields.length === 1 && Array.isArray(fields[0]) ? fields[0] : fields;
        const values = list.length > 0 && list.every(isString) ? this.lanes.hmget(key, list) : undefined;
        if (values !== undefined) return values.map((value) => (value === null ? null : this.view.bytes(value)));
      }
      return this.invoke(HMGET, [key, ...fields]);
    },

    hset(this: LaneFace, key: unknown, field: unknown, value: unknown, ...more: unknown[]) {
      const plain = typeof key === 'string' && typeof field === 'string' && typeof value === 'string';
      if (plain && more.length === 0 && this.lanes !== undefined) {
        const added = this.lanes.hset(key, field, value);
        if (added !== undefined) return this.asNumbers === true ? added : this.view.integer(added);
      }
      return hsetOtherwise(this, HSET, given(key, field, value, more));
    },

    hincrby(this: LaneFace, key: unknown, field: unknown, increment: unknown, ...more: unknown[]) {
      const plain = typeof key === 'string' && typeof increment === 'number' && Number.isSafeInteger(increment);
      if (plain && more.length === 0 && this.lanes !== undefined) {
        const name = textArg(field);
        const sum = name === undefined ? undefined : this.lanes.hincrby(key, name, increment);
        if (sum !== undefined) return this.asNumbers === true ? sum : this.view.integer(sum);
      }
      return this.invoke(HINCRBY, [key, field, increment, ...more]);
    },
  };
}

/** HSET of a number, which has a lane too; or whatever else it is. */
function hsetOtherwise(face: LaneFace, call: FormCall, args: readonly unknown[]): unknown {
  const [key, field, value] = args;
  if (args.length === 3 && typeof key === 'string' && typeof value === 'number' && face.lanes !== undefined) {
    const name = textArg(field);
    const added = name === undefined ? undefined : face.lanes.hset(key, name, encodeArg(value));
    if (added !== undefined) return face.view.integer(added);
  }
  return face.invoke(call, args);
}

function setMethods(callOf: (method: string) => FormCall): Record<string, LaneMethod> {
  const SADD = callOf('sadd');
  const SISMEMBER = callOf('sismember');
  return {
    sadd(this: LaneFace, ...args: unknown[]) {
      const key = args[0];
      if (args.length === 2 && typeof key === 'string' && typeof args[1] === 'string' && this.lanes !== undefined) {
        const added = this.lanes.sadd(key, encodeArg(args[1]));
        if (added !== undefined) return this.asNumbers === true ? added : this.view.integer(added);
      }
      return this.invoke(SADD, args);
    },

    sismember(this: LaneFace, key: unknown, member: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const name = textArg(member);
        const found = name === undefined ? undefined : this.lanes.sismember(key, name);
        if (found !== undefined) return found === 1;
      }
      return this.invoke(SISMEMBER, [key, member, ...more]);
    },
  };
}

function zsetMethods(callOf: (method: string) => FormCall): Record<string, LaneMethod> {
  const ZADD = callOf('zadd');
  const ZINCRBY = callOf('zincrby');
  const ZSCORE = callOf('zscore');
  return {
    zadd(this: LaneFace, key: unknown, member: unknown, score: unknown, ...more: unknown[]) {
      const plain = typeof key === 'string' && typeof member === 'string' && typeof score === 'number';
      if (plain && more.length === 0 && this.lanes !== undefined) {
        const added = this.lanes.zadd(key, member, score);
        if (added !== undefined) return this.asNumbers === true ? added : this.view.integer(added);
      }
      return this.invoke(ZADD, given(key, member, score, more));
    },

    zincrby(this: LaneFace, key: unknown, increment: unknown, member: unknown, ...more: unknown[]) {
      const plain = typeof key === 'string' && typeof increment === 'number' && typeof member === 'string';
      if (plain && more.length === 0 && this.lanes !== undefined) {
        const score = this.lanes.zincrby(key, increment, member);
        if (score !== undefined) return score;
      }
      return this.invoke(ZINCRBY, [key, increment, member, ...more]);
    },

    zscore(this: LaneFace, key: unknown, member: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const name = textArg(member);
        const score = name === undefined ? undefined : this.lanes.zscore(key, name);
        if (score !== undefined) return score;
      }
      return this.invoke(ZSCORE, [key, member, ...more]);
    },

    zrank: rankMethod(callOf('zrank'), false),
    zrevrank: rankMethod(callOf('zrevrank'), true),
    ...rangeMethods(callOf),
  };
}

function rankMethod(call: FormCall, reverse: boolean): LaneMethod {
  return function (this: LaneFace, key: unknown, member: unknown, ...more: unknown[]) {
    if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
      const name = textArg(member);
      const rank = name === undefined ? undefined : this.lanes.zrank(key, name, reverse);
      if (rank !== undefined) return rank === null || this.asNumbers === true ? rank : this.view.integer(rank);
    }
    return this.invoke(call, [key, member, ...more]);
  };
}

function rangeMethods(callOf: (method: string) => FormCall): Record<string, LaneMethod> {
  const ZRANGE = callOf('zrange');
  const ZRANGE_WITH_SCORES = callOf('zrangeWithScores');
  const ZREVRANGE = callOf('zrevrange');
  return {
    zrange(this: LaneFace, key: unknown, start: unknown, stop: unknown, ...more: unknown[]) {
      if (areRanks(key, start, stop) && this.asText === true && this.lanes !== undefined) {
        const query = more.length === 0 ? FORWARD : more.length === 1 && isReversed(more[0]) ? BACKWARD : null;
        const members = query && this.lanes.zrange(key as string, start as number, stop as number, query);
        if (members) return members;
      }
      return this.invoke(ZRANGE, [key, start, stop, ...more]);
    },

    zrangeWithScores(this: LaneFace, key: unknown, start: unknown, stop: unknown, ...more: unknown[]) {
      if (areRanks(key, start, stop) && this.asText === true && this.lanes !== undefined) {
        const reverse = more.length === 1 && isReversed(more[0]);
        if (more.length === 0 || reverse) {
          const scores: number[] = [];
          const query: RankQuery = { command: 'zrange', reverse, scores };
          const members = this.lanes.zrange(key as string, start as number, stop as number, query);
          if (members !== undefined) return members.map((member, i) => [member, scores[i]]);
        }
      }
      return this.invoke(ZRANGE_WITH_SCORES, [key, start, stop, ...more]);
    },

    zrevrange(this: LaneFace, key: unknown, start: unknown, stop: unknown, ...more: unknown[]) {
      if (areRanks(key, start, stop) && more.length === 0 && this.asText === true && this.lanes !== undefined) {
        const members = this.lanes.zrange(key as string, start as number, stop as number, REVRANGE);
        if (members !== undefined) return members;
      }
      return this.invoke(ZREVRANGE, [key, start, stop, ...more]);
    },
  };
}

function listMethods(callOf: (method: string) => FormCall): Record<string, LaneMethod> {
  const LRANGE = callOf('lrange');
  return {
    lpush: pushMethod(callOf('lpush'), true),
    rpush: pushMethod(callOf('rpush'), false),
    lpop: popMethod(callOf('lpop'), true),
    rpop: popMethod(callOf('rpop'), false),

    lrange(this: LaneFace, key: unknown, start: unknown, stop: unknown, ...more: unknown[]) {
      if (areRanks(key, start, stop) && more.length === 0 && this.asText === true && this.lanes !== undefined) {
        const elements = this.lanes.lrange(key as string, start as number, stop as number);
        if (elements !== undefined) return elements;
      }
      return this.invoke(LRANGE, [key, start, stop, ...more]);
    },
  };
}

function pushMethod(call: FormCall, atHead: boolean): LaneMethod {
  return function (this: LaneFace, ...args: unknown[]) {
    const key = args[0];
    if (args.length === 2 && typeof key === 'string' && typeof args[1] === 'string' && this.lanes !== undefined) {
      const length = this.lanes.push(key, encodeArg(args[1]), atHead);
      if (length !== undefined) return this.asNumbers === true ? length : this.view.integer(length);
    }
    return this.invoke(call, args);
  };
}

function popMethod(call: FormCall, fromHead: boolean): LaneMethod {
  return function (this: LaneFace, key: unknown, ...more: unknown[]) {
    if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
      const element = this.lanes.pop(key, fromHead);
      if (element !== undefined) return element === null ? null : this.view.bytes(element);
    }
    return this.invoke(call, [key, ...more]);
  };
}

/** The arguments as they were given: the third may have been left out, which is rarer than three. */
function given(first: unknown, second: unknown, third: unknown, more: readonly unknown[]): unknown[] {
  return third === undefined && more.length === 0 ? [first, second] : [first, second, third, ...more];
}

function areRanks(key: unknown, start: unknown, stop: unknown): boolean {
  return typeof key === 'string' && typeof start === 'number' && typeof stop === 'number';
}

/** `{ rev: true }`, which means that and nothing else. */
function isReversed(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false;
  let reversed = false;
  for (const name in options) {
    if (name !== 'rev' || (options as { rev: unknown }).rev !== true || !Object.hasOwn(options, name)) return false;
    reversed = true;
  }
  return reversed;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
