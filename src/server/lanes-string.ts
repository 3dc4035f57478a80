import * as meta from '../engine/entry-meta.js';
import * as lane from './lane-call.js';

type LaneCall = lane.LaneCall;

// Constants of the module itself: see lanes.ts.
const { TYPE_STRING } = meta;
const { ABSENT, DUE } = lane;

/** The lanes of strings and keys. Each answers like its handler, or changes nothing and returns false. */

export function takeGet(call: LaneCall): boolean {
  const slot = call.find(1);
  if (slot < 0) {
    if (slot === DUE) return false;
    call.miss();
    return call.replyNull();
  }
  const { keyspace, arena } = call;
  if (keyspace.typeOf(slot) !== TYPE_STRING) return false;
  if (keyspace.isInt(slot)) {
    const value = keyspace.intOf(slot);
    if (typeof value !== 'number') return false;
    call.hit(slot);
    arena.bulkInteger(value);
    return true;
  }
  call.hit(slot);
  const start = keyspace.stringStart(slot);
  arena.bulkFrom(keyspace.stringChunk(slot), start, start + keyspace.stringLength(slot));
  return true;
}

export function takeSet(call: LaneCall): boolean {
  const found = call.find(1);
  if (found === DUE) return false;
  const { keyspace } = call;
  if (found >= 0) keyspace.touch(found);
  put(call, found, 1);
  return call.replyOk();
}

export function takeMset(call: LaneCall): boolean {
  const { words } = call;
  if ((words & 1) === 0) return false;
  // All or nothing: an expired key must be noticed before the first one is written.
  if (call.keyspace.expiries.size > 0) {
    for (let word = 1; word < words; word += 2) if (call.find(word) === DUE) return false;
  }
  for (let word = 1; word < words; word += 2) put(call, call.find(word), word);
  return call.replyOk();
}

/** INCR and its relatives; `by` is NaN if it is not a plain integer. */
export function takeIncrement(call: LaneCall, by: number): boolean {
  if (Number.isNaN(by)) return false;
  const { keyspace } = call;
  let slot = call.find(1);
  let sum = by;
  if (slot >= 0) {
    if (keyspace.typeOf(slot) !== TYPE_STRING || !keyspace.isInt(slot)) return false;
    const value = keyspace.intOf(slot);
    if (typeof value !== 'number') return false;
    sum = value + by;
    if (!Number.isSafeInteger(sum)) return false;
    keyspace.touch(slot);
  } else {
    if (slot !== ABSENT) return false;
    slot = call.add(1);
  }
  keyspace.setInt(slot, sum);
  call.engine.dirty++;
  return call.replyInteger(sum);
}

export function takeDel(call: LaneCall): boolean {
  const slot = call.find(1);
  if (slot < 0) return slot === ABSENT && call.replyInteger(0);
  call.keyspace.remove(slot);
  call.engine.dirty++;
  return call.replyInteger(1);
}

export function takeExists(call: LaneCall): boolean {
  const slot = call.find(1);
  if (slot === DUE) return false;
  const { stats } = call.engine;
  if (slot >= 0) stats.keyspaceHits++;
  else stats.keyspaceMisses++;
  return call.replyInteger(slot >= 0 ? 1 : 0);
}

/** Sets the key at `word` to the value after it, without TTL; `found` is what `find` returned for the key. */
function put(call: LaneCall, found: number, word: number): void {
  const { keyspace } = call;
  let slot = found;
  if (slot < 0) slot = call.add(word);
  else keyspace.clearDeadline(slot);
  keyspace.putStringBytes(slot, call.bytes, call.start(word + 1), call.length(word + 1));
  call.engine.dirty++;
}
