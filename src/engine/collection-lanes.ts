import type { RankQuery } from '../backend/lanes.js';
import { commands } from '../commands/table.js';
import { type Bytes, bytesFromText } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import * as meta from './entry-meta.js';
import { ABSENT as ABSENT_SLOT, LaneCommand, LaneGate, OTHER as OTHER_SLOT } from './lane-gate.js';
import type { HashValue } from './values/hash.js';
import type { ListValue } from './values/list.js';
import type { SetValue } from './values/set.js';
import * as zsets from './values/zset.js';

type ZSetValue = zsets.ZSetValue;

// See lane-gate.ts for why these are constants of this module.
const { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_ZSET } = meta;
const { ADDED, SAME } = zsets;
const ABSENT = ABSENT_SLOT;
const OTHER = OTHER_SLOT;
const HGET = new LaneCommand(commands.hget);
const HSET = new LaneCommand(commands.hset);
const HMGET = new LaneCommand(commands.hmget);
const HINCRBY = new LaneCommand(commands.hincrby);
const SADD = new LaneCommand(commands.sadd);
const SISMEMBER = new LaneCommand(commands.sismember);
const ZADD = new LaneCommand(commands.zadd);
const ZINCRBY = new LaneCommand(commands.zincrby);
const ZSCORE = new LaneCommand(commands.zscore);
const ZRANK = new LaneCommand(commands.zrank);
const ZREVRANK = new LaneCommand(commands.zrevrank);
const ZRANGE = new LaneCommand(commands.zrange);
const ZREVRANGE = new LaneCommand(commands.zrevrange);
const LPUSH = new LaneCommand(commands.lpush);
const RPUSH = new LaneCommand(commands.rpush);
const LPOP = new LaneCommand(commands.lpop);
const RPOP = new LaneCommand(commands.rpop);
const LRANGE = new LaneCommand(commands.lrange);

/** More than this is no bounded work, and its duration is worth measuring. */
const ELEMENTS_MAX = 1000;

/** The lanes of hashes, sets, sorted sets and lists. A key that is absent is made where the command would make it. */
export class CollectionLanes extends LaneGate {
  hgetText(key: string, field: string): string | null | undefined {
    if (!this.open()) return undefined;
    const slot = this.lookup(key, TYPE_HASH);
    if (slot < 0) return slot === ABSENT ? this.counted(HGET, null) : undefined;
    const hash = this.collection(slot) as HashValue;
    if (hash.deadlines !== null) return this.declined();
    this.count(HGET);
    return hash.textOf(field);
  }

  hget(key: string, field: string): Bytes | null | undefined {
    if (!this.open()) return undefined;
    const slot = this.lookup(key, TYPE_HASH);
    if (slot < 0) return slot === ABSENT ? this.counted(HGET, null) : undefined;
    const hash = this.collection(slot) as HashValue;
    if (hash.deadlines !== null) return this.declined();
    this.count(HGET);
    return hash.getByText(field);
  }

  hmget(key: string, fields: readonly string[]): (Bytes | null)[] | undefined {
    if (!this.open()) return undefined;
    const slot = this.lookup(key, TYPE_HASH);
    if (slot === OTHER) return undefined;
    const hash = slot < 0 ? null : (this.collection(slot) as HashValue);
    if (hash !== null && hash.deadlines !== null) return this.declined();
    this.count(HMGET);
    const values: (Bytes | null)[] = [];
    for (let i = 0; i < fields.length; i++) values.push(hash === null ? null : hash.getByText(fields[i]));
    return values;
  }

  hset(key: string, field: string, value: string): 0 | 1 | undefined {
    if (!this.openForWrite()) return undefined;
    const slot = this.lookupWrite(key, TYPE_HASH);
    if (slot < 0) return slot === ABSENT ? this.#hsetNew(key, field, value) : undefined;
    const hash = this.collectionToChange(slot) as HashValue;
    if (hash.deadlines !== null) return undefined;
    const added = hash.setText(field, value);
    this.countWrite(HSET);
    return added ? 1 : 0;
  }

  hincrby(key: string, field: string, increment: number): number | undefined {
    if (!this.openForWrite()) return undefined;
    const slot = this.lookupWrite(key, TYPE_HASH);
    if (slot === OTHER) return undefined;
    const hash = slot < 0 ? null : (this.collectionToChange(slot) as HashValue);
    if (hash !== null && hash.deadlines !== null) return undefined;
    const text = hash === null ? null : hash.getByText(field);
    const old = text === null ? 0 : parseInteger(text);
    const sum = typeof old === 'number' ? old + increment : Number.NaN;
    if (!Number.isSafeInteger(sum)) return undefined;
    const bytes = bytesFromText(field);
    (hash ?? this.db.addHash(bytesFromText(key))).setOnly(bytes, String(sum));
    this.countWrite(HINCRBY);
    return sum;
  }

  sadd(key: string, member: Bytes): 0 | 1 | undefined {
    if (!this.openForWrite()) return undefined;
    const slot = this.lookupWrite(key, TYPE_SET);
    if (slot === OTHER) return undefined;
    const set = slot < 0 ? this.db.addSet(bytesFromText(key)) : (this.collectionToChange(slot) as SetValue);
    set.expect(1, member);
    if (!set.add(member)) {
      this.count(SADD);
      return 0;
    }
    this.countWrite(SADD);
    return 1;
  }

  sismember(key: string, member: string): 0 | 1 | undefined {
    if (!this.open()) return undefined;
    const slot = this.lookup(key, TYPE_SET);
    if (slot === OTHER) return undefined;
    this.count(SISMEMBER);
    return slot >= 0 && (this.collection(slot) as SetValue).hasText(member) ? 1 : 0;
  }

  zadd(key: string, member: string, score: number): 0 | 1 | undefined {
    if (Number.isNaN(score) || !this.openForWrite()) return undefined;
    const slot = this.lookupWrite(key, TYPE_ZSET);
    if (slot === OTHER) return undefined;
    const zset = this.#zsetToChange(key, slot);
    zset.expect(1);
    const outcome = zset.addText(member, score);
    if (outcome === SAME) this.count(ZADD);
    else this.countWrite(ZADD);
    return outcome === ADDED ? 1 : 0;
  }

  zincrby(key: string, increment: number, member: string): number | undefined {
    if (Number.isNaN(increment) || !this.openForWrite()) return undefined;
    const slot = this.lookupWrite(key, TYPE_ZSET);
    if (slot === OTHER) return undefined;
    const old = slot < 0 ? null : (this.collection(slot) as ZSetValue).scoreOfText(member);
    const score = old === null ? increment : old + increment;
    if (Number.isNaN(score)) return undefined;
    if (this.#zsetToChange(key, slot).addText(member, score) === SAME) this.count(ZINCRBY);
    else this.countWrite(ZINCRBY);
    return score;
  }

  zscore(key: string, member: string): number | null | undefined {
    if (!this.open()) return undefined;
    const slot = this.lookup(key, TYPE_ZSET);
    if (slot === OTHER) return undefined;
    this.count(ZSCORE);
    return slot < 0 ? null : (this.collection(slot) as ZSetValue).scoreOfText(member);
  }

  zrank(key: string, member: string, reverse: boolean): number | null | undefined {
    if (!this.open()) return undefined;
    const slot = this.lookup(key, TYPE_ZSET);
    if (slot === OTHER) return undefined;
    this.count(reverse ? ZREVRANK : ZRANK);
    if (slot < 0) return null;
    const zset = this.collection(slot) as ZSetValue;
    const rank = zset.rankOfText(member);
    return rank === null || !reverse ? rank : zset.size - 1 - rank;
  }

  zrange(key: string, start: number, stop: number, query: RankQuery): string[] | undefined {
    if (!areIndices(start, stop) || !this.open()) return undefined;
    const slot = this.lookup(key, TYPE_ZSET);
    if (slot === OTHER) return undefined;
    const zset = slot < 0 ? null : (this.collection(slot) as ZSetValue);
    const size = zset === null ? 0 : zset.size;
    const from = Math.max(0, start < 0 ? start + size : start);
    const to = Math.min(size - 1, stop < 0 ? stop + size : stop);
    if (to - from >= ELEMENTS_MAX) return this.declined();
    this.count(query.command === 'zrange' ? ZRANGE : ZREVRANGE);
    if (from > to) return [];
    const { reverse, scores } = query;
    return reverse ? zset!.texts(size - 1 - to, size - 1 - from, true, scores) : zset!.texts(from, to, false, scores);
  }

  push(key: string, element: Bytes, atHead: boolean): number | undefined {
    if (!this.openForWrite()) return undefined;
    const slot = this.lookupWrite(key, TYPE_LIST);
    if (slot === OTHER) return undefined;
    const list = slot < 0 ? this.db.addList(bytesFromText(key)) : (this.collectionToChange(slot) as ListValue);
    list.growing(1, element.length);
    list.push(element, atHead);
    this.countWrite(atHead ? LPUSH : RPUSH);
    return list.size;
  }

  pop(key: string, fromHead: boolean): Bytes | null | undefined {
    if (!this.openForWrite()) return undefined;
    const slot = this.lookupWrite(key, TYPE_LIST);
    if (slot === OTHER) return undefined;
    const spec = fromHead ? LPOP : RPOP;
    if (slot < 0) {
      this.count(spec);
      return null;
    }
    const list = this.collectionToChange(slot) as ListValue;
    const element = list.pop(fromHead);
    list.shrunk();
    if (list.size === 0) this.db.keyspace.remove(slot);
    this.countWrite(spec);
    return element;
  }

  lrange(key: string, start: number, stop: number): string[] | undefined {
    if (!areIndices(start, stop) || !this.open()) return undefined;
    const slot = this.lookup(key, TYPE_LIST);
    if (slot === OTHER) return undefined;
    const list = slot < 0 ? null : (this.collection(slot) as ListValue);
    if (list !== null && list.countInRange(start, stop) > ELEMENTS_MAX) return this.declined();
    this.count(LRANGE);
    return list === null ? [] : list.texts(start, stop);
  }

  #hsetNew(key: string, field: string, value: string): 1 {
    this.db.addHash(bytesFromText(key)).setText(field, value);
    this.countWrite(HSET);
    return 1;
  }

  #zsetToChange(key: string, slot: number): ZSetValue {
    return slot < 0 ? this.db.addZset(bytesFromText(key)) : (this.collectionToChange(slot) as ZSetValue);
  }
}

function areIndices(start: number, stop: number): boolean {
  return Number.isSafeInteger(start) && Number.isSafeInteger(stop);
}
