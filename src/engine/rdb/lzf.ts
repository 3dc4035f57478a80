import { allocBytesUnsafe } from '../../core/bytes.js';
import type { Corrupt } from './rdb-error.js';

/**
 * LZF, as RDB strings are compressed. A control byte begins each piece:
 *
 *     000lllll            the next l + 1 bytes as they are
 *     lllooooo oooooooo   l + 2 bytes from o + 1 bytes back      (l = 1…6)
 *     111ooooo l oooooooo l + 9 bytes from o + 1 bytes back
 */
const LITERAL_MAX = 32;
const MATCH_MIN = 3;
const MATCH_MAX = 264;
const DISTANCE_MAX = 8192;
/** Three bytes can stand for 264. */
const RATIO_MAX = 88;

const TABLE_BITS = 14;
/** The place where each hash was last seen, counted from `base`: lower numbers are from earlier texts. */
const table = new Int32Array(1 << TABLE_BITS);
let base = 1;
const BASE_MAX = 2 ** 30;
/** Where compressed bytes are put, unless they are more than this. */
const KEPT_BYTES = 16 * 1024;
const packed = allocBytesUnsafe(KEPT_BYTES);

function hashAt(source: Uint8Array, at: number): number {
  const three = (source[at] << 16) | (source[at + 1] << 8) | source[at + 2];
  return Math.imul(three, 0x9e3779b1) >>> (32 - TABLE_BITS);
}

/** `source` compressed, or null if that would not save at least `saving` bytes. Good until the next call. O(length). */
export function compressLzf(source: Uint8Array, saving: number): Uint8Array | null {
  const limit = source.length - saving;
  if (limit <= 0) return null;
  if (base + source.length > BASE_MAX) {
    table.fill(0);
    base = 1;
  }
  const size = limit + LITERAL_MAX + MATCH_MIN + 1;
  const target = size <= KEPT_BYTES ? packed : allocBytesUnsafe(size);
  const length = compressInto(target, source, limit);
  base += source.length;
  return length === 0 ? null : target.subarray(0, length);
}

/** Returns the length, 0 if it would exceed `limit`. */
function compressInto(target: Uint8Array, source: Uint8Array, limit: number): number {
  const lastStart = source.length - MATCH_MIN;
  let literalFrom = 0;
  let to = 0;
  let at = 0;
  while (at <= lastStart) {
    const hash = hashAt(source, at);
    const from = table[hash] - base;
    table[hash] = base + at;
    const length = from >= 0 && at - from <= DISTANCE_MAX ? matchLength(source, from, at) : 0;
    if (length < MATCH_MIN) {
      at++;
      continue;
    }
    to = putLiterals(target, to, source, literalFrom, at, limit);
    if (to === 0 && at > literalFrom) return 0;
    to = putMatch(target, to, length, at - from);
    if (to > limit) return 0;
    const end = at + length;
    for (at++; at < end && at <= lastStart; at++) table[hashAt(source, at)] = base + at;
    at = end;
    literalFrom = end;
  }
  to = putLiterals(target, to, source, literalFrom, source.length, limit);
  return to > limit ? 0 : to;
}

function matchLength(source: Uint8Array, from: number, at: number): number {
  const max = Math.min(MATCH_MAX, source.length - at);
  let length = 0;
  while (length < max && source[from + length] === source[at + length]) length++;
  return length;
}

/** Returns where the next piece begins, 0 if that is beyond `limit`. */
function putLiterals(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
  limit: number,
): number {
  for (let from = start; from < end; from += LITERAL_MAX) {
    const length = Math.min(LITERAL_MAX, end - from);
    if (at + 1 + length > limit) return 0;
    target[at++] = length - 1;
    for (let i = 0; i < length; i++) target[at++] = source[from + i];
  }
  return at;
}

function putMatch(target: Uint8Array, at: number, length: number, distance: number): number {
  const back = distance - 1;
  const short = length - 2;
  if (short < 7) {
    target[at++] = (short << 5) | (back >> 8);
  } else {
    target[at++] = (7 << 5) | (back >> 8);
    target[at++] = short - 7;
  }
  target[at++] = back;
  return at;
}

/** The `length` bytes that `source` stands for. Throws if it stands for more, fewer or none. */
export function expandLzf(source: Uint8Array, length: number, corrupt: Corrupt): Uint8Array {
  if (length > source.length * RATIO_MAX) throw corrupt('LZF data too short for its length');
  const target = allocBytesUnsafe(length);
  let to = 0;
  let at = 0;
  while (at < source.length) {
    const control = source[at++];
    if (control < LITERAL_MAX) {
      const count = control + 1;
      if (at + count > source.length || to + count > length) throw corrupt('LZF literals overrun');
      for (let i = 0; i < count; i++) target[to++] = source[at++];
      continue;
    }
    let count = (control >> 5) + 2;
    if (count === 9) {
      if (at >= source.length) throw corrupt('LZF data ends too early');
      count += source[at++];
    }
    if (at >= source.length) throw corrupt('LZF data ends too early');
    let from = to - (((control & 31) << 8) | source[at++]) - 1;
    if (from < 0 || to + count > length) throw corrupt('LZF match out of range');
    for (let i = 0; i < count; i++) target[to++] = target[from++];
  }
  if (to !== length) throw corrupt('LZF data shorter than its length');
  return target;
}
