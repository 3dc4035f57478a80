import { parseDouble } from '../core/double.js';
import * as meta from '../engine/entry-meta.js';
import type { HashValue } from '../engine/values/hash.js';
import type { ListValue } from '../engine/values/list.js';
import type { SetValue } from '../engine/values/set.js';
import * as zsets from '../engine/values/zset.js';
import * as lane from './lane-call.js';

type LaneCall = lane.LaneCall;
type ZSetValue = zsets.ZSetValue;

// Constants of the module itself: see lanes.ts.
const { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_ZSET } = meta;
const { ADDED, SAME } = zsets;
const { ABSENT, DUE } = lane;

/** The lanes of lists, sets, hashes and sorted sets. Each answers like its handler, or changes nothing and returns false. */

/** Longer ranges take the regular path, where each is timed, so that the slow log sees the slow ones. */
const RANGE_MAX = 1000;
const ARRAY_STAR = 42;
const BULK_DOLLAR = 36;

export function takePush(call: LaneCall, atHead: boolean): boolean {
  const slot = call.find(1);
  const list = slot === ABSENT ? call.db.addList(call.text(1)) : call.collection<ListValue>(slot, TYPE_LIST);
  if (list === null) return false;
  const { words, bytes } = call;
  let added = 0;
  for (let word = 2; word < words; word++) added += call.length(word);
  list.growing(words - 2, added);
  for (let word = 2; word < words; word++) list.pushBytes(bytes, call.start(word), call.length(word), atHead);
  call.engine.dirty += words - 2;
  return call.replyInteger(list.size);
}

export function takePop(call: LaneCall, fromHead: boolean): boolean {
  const slot = call.find(1);
  if (slot === ABSENT) return call.replyNull();
  const list = call.collection<ListValue>(slot, TYPE_LIST);
  if (list === null) return false;
  list.peekBytes(fromHead);
  const start = list.peekStart;
  call.arena.bulkFrom(list.peekBuffer, start, start + list.peekLength);
  list.drop(fromHead);
  list.shrunk();
  call.engine.dirty++;
  if (list.size === 0) call.keyspace.remove(slot);
  return true;
}

export function takeLrange(call: LaneCall): boolean {
  const first = call.integer(2);
  const last = call.integer(3);
  if (Number.isNaN(first) || Number.isNaN(last)) return false;
  const slot = call.find(1);
  const { arena, keyspace } = call;
  if (slot < 0) {
    if (slot === DUE) return false;
    call.miss();
    arena.header(ARRAY_STAR, 0);
    return true;
  }
  if (keyspace.typeOf(slot) !== TYPE_LIST) return false;
  const list = keyspace.collection(slot) as ListValue;
  const count = list.countInRange(first, last);
  if (count > RANGE_MAX) return false;
  call.hit(slot);
  arena.header(ARRAY_STAR, count);
  list.rangeBytes(first, last, call.replyPart);
  return true;
}

export function takeSadd(call: LaneCall): boolean {
  const slot = call.find(1);
  const set = slot === ABSENT ? call.db.addSet(call.text(1)) : call.collection<SetValue>(slot, TYPE_SET);
  if (set === null) return false;
  const { words, bytes } = call;
  if (set.table === null) set.expect(words - 2, call.text(2));
  let added = 0;
  for (let word = 2; word < words; word++) if (set.addBytes(bytes, call.start(word), call.length(word))) added++;
  call.engine.dirty += added;
  return call.replyInteger(added);
}

export function takeHset(call: LaneCall): boolean {
  const { words, bytes } = call;
  if ((words & 1) !== 0) return false;
  const slot = call.find(1);
  const hash = slot === ABSENT ? call.db.addHash(call.text(1)) : call.collection<HashValue>(slot, TYPE_HASH);
  if (hash === null || hash.deadlines !== null) return false;
  hash.expect((words - 2) / 2);
  let added = 0;
  for (let word = 2; word < words; word += 2) {
    const value = word + 1;
    if (hash.setBytes(bytes, call.start(word), call.length(word), call.start(value), call.length(value))) added++;
  }
  call.engine.dirty += (words - 2) >> 1;
  return call.replyInteger(added);
}

export function takeHget(call: LaneCall): boolean {
  const slot = call.find(1);
  if (slot < 0) {
    if (slot === DUE) return false;
    call.miss();
    return call.replyNull();
  }
  const { arena, keyspace } = call;
  if (keyspace.typeOf(slot) !== TYPE_HASH) return false;
  const hash = keyspace.collection(slot) as HashValue;
  if (hash.deadlines !== null) return false;
  call.hit(slot);
  const entry = hash.findBytes(call.bytes, call.start(2), call.length(2));
  if (entry < 0) return call.replyNull();
  const length = hash.valueLengthAt(entry);
  arena.reserve(length);
  arena.header(BULK_DOLLAR, length);
  arena.at = hash.copyValue(entry, arena.bytes, arena.at);
  arena.crlf();
  return true;
}

export function takeZadd(call: LaneCall): boolean {
  const whole = call.integer(2);
  const score = Number.isNaN(whole) ? parseDouble(call.text(2)) : whole;
  if (score === null) return false;
  const slot = call.find(1);
  const zset = slot === ABSENT ? call.db.addZset(call.text(1)) : call.collection<ZSetValue>(slot, TYPE_ZSET);
  if (zset === null) return false;
  const outcome = zset.addBytes(call.bytes, call.start(3), call.length(3), score);
  if (outcome !== SAME) call.engine.dirty++;
  return call.replyInteger(outcome === ADDED ? 1 : 0);
}
