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
/** How far beyond its limit a target may be written before that is noticed. */
const OVERSHOOT_MAX = 2 * (LITERAL_MAX + MATCH_MIN + 1);
/** Where compressed bytes are put, unless they are more than this. */
const KEPT_BYTES = 16 * 1024;
const packed = allocBytesUnsafe(KEPT_BYTES);

function hashOf(three: number): number {
  return Math.imul(three, 0x9e3779b1) >>> (32 - TABLE_BITS);
}

/**
 * `source[start, start + length)` compressed, or null if that would not save at least `saving` bytes. Good until the next
 * call. O(length).
 */
export function compressLzf(source: Uint8Array, start: number, length: number, saving: number): Uint8Array | null {
  const limit = length - saving;
  if (limit <= 0) return null;
  if (base + length > BASE_MAX) {
    table.fill(0);
    base = 1;
  }
  const size = limit + OVERSHOOT_MAX;
  const target = size <= KEPT_BYTES ? packed : allocBytesUnsafe(size);
  const taken = compressInto(target, source, {
    start,
    end: start + length,
    from: start,
    limit,
    table,
    offset: base - start,
  });
  base += length;
  return taken === 0 ? null : target.subarray(0, taken);
}

/** What is compressed: `source[start, end)`, a part of a text that begins at `from`. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  /** The length that may not be exceeded. */
  readonly limit: number;
  /** Where each hash was last seen, counted from `−offset`. */
  readonly table: Int32Array;
  readonly offset: number;
}

/** Returns the length, 0 if it would exceed the limit. */
function compressInto(target: Uint8Array, source: Uint8Array, part: Part): number {
  const { start, end, from: textStart, limit, table, offset } = part;
  const lastStart = end - MATCH_MIN;
  /** Bytes since the last match, which lie behind the control byte at `to - literals - 1`. */
  let literals = 0;
  let to = 1;
  let at = start;
  let three = end - start > 1 ? (source[at]! << 8) | source[at + 1]! : 0;
  while (at <= lastStart) {
    three = ((three << 8) | source[at + 2]!) & 0xffffff;
    const hash = hashOf(three);
    const from = table[hash]! - offset;
    table[hash] = at + offset;
    const near = from >= textStart && at - from <= DISTANCE_MAX;
    if (
      !near ||
      source[from + 2] !== (three & 0xff) ||
      source[from + 1] !== source[at + 1] ||
      source[from] !== source[at]
    ) {
      target[to++] = source[at++]!;
      if (++literals === LITERAL_MAX) {
        target[to - LITERAL_MAX - 1] = LITERAL_MAX - 1;
        literals = 0;
        if (++to > limit) return 0;
      }
      continue;
    }
    const length = matchLength(source, from, at, end);
    if (literals > 0) target[to - literals - 1] = literals - 1;
    else to--;
    to = putMatch(target, to, length, at - from) + 1;
    if (to > limit + 1) return 0;
    literals = 0;
    at += length;
    if (at > lastStart) break;
    // Of the bytes of a match only the last two places are noted.
    three = (source[at - 2]! << 16) | (source[at - 1]! << 8) | source[at]!;
    table[hashOf(three)] = at - 2 + offset;
    three = ((three << 8) | source[at + 1]!) & 0xffffff;
    table[hashOf(three)] = at - 1 + offset;
  }
  return putRest(target, to, literals, source, at, end, limit);
}

/** A text is compressed in parts of so many bytes by `LzfParts`. */
const PART_BYTES = 16 * 1024;
const part = allocBytesUnsafe(PART_BYTES + PART_BYTES / LITERAL_MAX + OVERSHOOT_MAX);

/** Compresses a long text part by part, to the same bytes each time. It must not change meanwhile. */
export class LzfParts {
  readonly #source: Uint8Array;
  readonly #from: number;
  readonly #end: number;
  #at: number;
  readonly #table = new Int32Array(1 << TABLE_BITS);

  constructor(source: Uint8Array, start: number, length: number) {
    this.#source = source;
    this.#from = start;
    this.#at = start;
    this.#end = start + length;
  }

  get done(): boolean {
    return this.#at === this.#end;
  }

  /** What the next part becomes. Good until the next call of any. */
  next(): Uint8Array {
    const start = this.#at;
    const end = Math.min(start + PART_BYTES, this.#end);
    const from = this.#from;
    const found = { start, end, from, limit: part.length, table: this.#table, offset: 1 - from };
    const length = compressInto(part, this.#source, found);
    this.#at = end;
    return part.subarray(0, length);
  }
}

/** The literals that no match follows; returns the whole length, 0 if it would exceed `limit`. */
function putRest(
  target: Uint8Array,
  to: number,
  literals: number,
  source: Uint8Array,
  at: number,
  end: number,
  limit: number,
): number {
  for (; at < end; at++) {
    target[to++] = source[at]!;
    if (++literals < LITERAL_MAX) continue;
    target[to - LITERAL_MAX - 1] = LITERAL_MAX - 1;
    literals = 0;
    to++;
  }
  if (literals > 0) target[to - literals - 1] = literals - 1;
  else to--;
  return to > limit ? 0 : to;
}

/** How far two places are alike whose first three bytes are. */
function matchLength(source: Uint8Array, from: number, at: number, end: number): number {
  const max = Math.min(MATCH_MAX, end - at);
  let length = MATCH_MIN;
  while (length < max && source[from + length] === source[at + length]) length++;
  return length;
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

/**
 * The `length` bytes that `source[start, start + size)` stands for, in `target` or, if that is null, in an array of their
 * own. Throws if it stands for more, fewer or none.
 */
export function expandLzf(
  source: Uint8Array,
  start: number,
  size: number,
  length: number,
  target: Uint8Array | null,
  corrupt: Corrupt,
): Uint8Array {
  checkLzfLength(size, length, corrupt);
  const out = target ?? allocBytesUnsafe(length);
  const expansion = new LzfExpansion(out, 0, length, size, corrupt);
  expansion.take(source, start, start + size);
  return out;
}

/** Throws if no `size` bytes can stand for `length` bytes. */
export function checkLzfLength(size: number, length: number, corrupt: Corrupt): void {
  if (length > size * RATIO_MAX) throw corrupt('LZF data too short for its length');
}

/** No piece of compressed data is longer. */
export const LZF_PIECE_BYTES_MAX = LITERAL_MAX + 1;

/** Expands compressed data that come little by little. */
export class LzfExpansion {
  readonly #out: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly #corrupt: Corrupt;
  #to: number;
  /** How many bytes of compressed data are still to come. */
  left: number;

  /** What `size` bytes stand for goes to `out[start, start + length)`. */
  constructor(out: Uint8Array, start: number, length: number, size: number, corrupt: Corrupt) {
    this.#out = out;
    this.#start = start;
    this.#to = start;
    this.#end = start + length;
    this.left = size;
    this.#corrupt = corrupt;
  }

  /**
   * Expands `source[from, to)`, which is no more than what is left, but for an unfinished piece at its end; returns where
   * that begins. Throws where the data are none, and at their end if they stand for fewer bytes than expected.
   */
  take(source: Uint8Array, from: number, to: number): number {
    const isLast = to - from >= this.left;
    const at = this.#expand(source, from, to, isLast ? to : to - LZF_PIECE_BYTES_MAX);
    this.left -= at - from;
    if (this.left === 0 && this.#to !== this.#end) throw this.#corrupt('LZF data shorter than its length');
    return at;
  }

  /** Expands the pieces that begin before `until`. */
  #expand(source: Uint8Array, from: number, end: number, until: number): number {
    const out = this.#out;
    const start = this.#start;
    const outEnd = this.#end;
    const corrupt = this.#corrupt;
    let to = this.#to;
    let at = from;
    while (at < until) {
      const control = source[at++]!;
      if (control < LITERAL_MAX) {
        const count = control + 1;
        if (at + count > end || to + count > outEnd) throw corrupt('LZF literals overrun');
        for (let i = 0; i < count; i++) out[to++] = source[at++]!;
        continue;
      }
      let count = (control >> 5) + 2;
      if (count === 9) {
        if (at >= end) throw corrupt('LZF data ends too early');
        count += source[at++]!;
      }
      if (at >= end) throw corrupt('LZF data ends too early');
      let back = to - (((control & 31) << 8) | source[at++]!) - 1;
      if (back < start || to + count > outEnd) throw corrupt('LZF match out of range');
      for (let i = 0; i < count; i++) out[to++] = out[back++]!;
    }
    this.#to = to;
    return at;
  }
}
