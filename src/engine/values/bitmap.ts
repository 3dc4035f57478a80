import type { Bytes } from '../../core/bytes.js';

/**
 * Bit strings: bit 0 is the most significant bit of byte 0.
 *
 *     offset   0 1 2 3 4 5 6 7   8 9 …
 *     byte     0 0 0 0 0 0 0 0   1 1 …
 */
export type Bit = 0 | 1;
export type RangeUnit = 'BYTE' | 'BIT';

/** The bit at `offset`; beyond the end every bit is 0. O(1). */
export function bitAt(bytes: Bytes, offset: number): Bit {
  const at = Math.floor(offset / 8);
  if (at >= bytes.length) return 0;
  return ((bytes.charCodeAt(at) >> (7 - (offset % 8))) & 1) as Bit;
}

/** Sets the bit at `offset`, which must lie inside `target`, and returns the one that was there. O(1). */
export function setBit(target: Uint8Array, offset: number, bit: Bit): Bit {
  const at = Math.floor(offset / 8);
  const shift = 7 - (offset % 8);
  const before = target[at];
  target[at] = (before & ~(1 << shift)) | (bit << shift);
  return ((before >> shift) & 1) as Bit;
}

/** The bits `first`…`last`, both included. */
export interface BitRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The bits that BITCOUNT and BITPOS mean by `start` and `end` in a string of `length` bytes: negative ones count from
 * the end, both are cut to the string. `null` for an empty range.
 */
export function bitRange(
  length: number,
  start: number | bigint,
  end: number | bigint,
  unit: RangeUnit,
): BitRange | null {
  const total = unit === 'BIT' ? length * 8 : length;
  const first = position(start, total);
  const last = Math.min(position(end, total), total - 1);
  if (first > last) return null;
  return unit === 'BIT' ? { first, last } : { first: first * 8, last: last * 8 + 7 };
}

function position(index: number | bigint, total: number): number {
  // No string comes near 2^53 bits, so rounding an index beyond that changes nothing.
  const at = Number(index);
  return at < 0 ? Math.max(0, total + at) : at;
}

/** BITCOUNT's range rule: two negative indexes in the wrong order are empty even where cutting would make them meet. */
export function isReversedFromEnd(start: number | bigint, end: number | bigint): boolean {
  return start < 0 && end < 0 && start > end;
}

/** How many bits of the range are 1; of all of `source` without a range. O(bytes). */
export function countBits(source: Uint8Array, range: BitRange | null = wholeOf(source)): number {
  if (range === null) return 0;
  const firstByte = Math.floor(range.first / 8);
  const lastByte = Math.floor(range.last / 8);
  const head = 0xff >> (range.first % 8);
  const tail = (0xff << (7 - (range.last % 8))) & 0xff;
  if (firstByte === lastByte) return ones(source[firstByte] & head & tail);
  return ones(source[firstByte] & head) + countBytes(source, firstByte + 1, lastByte) + ones(source[lastByte] & tail);
}

function wholeOf(source: Uint8Array): BitRange | null {
  return source.length === 0 ? null : { first: 0, last: source.length * 8 - 1 };
}

/** The ones of bytes `start`…`end`, 32 bits at a time. */
function countBytes(source: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start;
  while (at < end && (source.byteOffset + at) % 4 !== 0) count += ones(source[at++]);
  if (at + 4 <= end) {
    const words = new Int32Array(source.buffer, source.byteOffset + at, (end - at) >> 2);
    for (let i = 0; i < words.length; i++) count += ones(words[i]);
    at += words.length * 4;
  }
  while (at < end) count += ones(source[at++]);
  return count;
}

function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * The offset of the first `bit` in the range, −1 if there is none. A search for 0 to an end that nobody gave
 * (`endGiven` false) finds the zeros that follow every string, just after the range.
 */
export function findBit(source: Uint8Array, bit: Bit, range: BitRange | null, endGiven: boolean): number {
  if (range === null) return -1;
  const skip = bit === 1 ? 0 : 0xff;
  const lastByte = Math.floor(range.last / 8);
  const firstByte = Math.floor(range.first / 8);
  for (let at = firstByte; at <= lastByte; at++) {
    if (source[at] === skip) continue;
    // Bits outside the range are made unlike the wanted one.
    let wanted = bit === 1 ? source[at] : ~source[at] & 0xff;
    if (at === firstByte) wanted &= 0xff >> (range.first % 8);
    if (at === lastByte) wanted &= (0xff << (7 - (range.last % 8))) & 0xff;
    if (wanted !== 0) return at * 8 + Math.clz32(wanted) - 24;
  }
  return bit === 0 && !endGiven ? range.last + 1 : -1;
}

/** DIFF: in the first alone; DIFF1: in others alone; ANDOR: in the first and another one; ONE: in exactly one. */
export type BitOperation = 'AND' | 'OR' | 'XOR' | 'NOT' | 'DIFF' | 'DIFF1' | 'ANDOR' | 'ONE';

/** The sources combined bit by bit, as long as the longest of them; shorter ones go on with zeros. NOT takes one source. O(total bytes). */
export function combineBits(operation: BitOperation, sources: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const source of sources) length = Math.max(length, source.length);
  const target = new Uint8Array(length);
  target.set(sources[0]);
  if (operation === 'NOT') {
    for (let at = 0; at < length; at++) target[at] = ~target[at];
    return target;
  }
  if (operation === 'ONE') return inExactlyOne(sources, target);
  if (operation === 'DIFF' || operation === 'DIFF1' || operation === 'ANDOR') {
    const others = combineBits('OR', [new Uint8Array(length), ...sources.slice(1)]);
    return compareBits(operation, target, others);
  }
  for (let i = 1; i < sources.length; i++) mixIn(operation, target, sources[i]);
  return target;
}

/** What the first string, in `target`, and all others together say of each bit. */
function compareBits(operation: 'DIFF' | 'DIFF1' | 'ANDOR', target: Uint8Array, others: Uint8Array): Uint8Array {
  for (let at = 0; at < target.length; at++) {
    const first = target[at]!;
    const other = others[at]!;
    target[at] = operation === 'DIFF' ? first & ~other : operation === 'DIFF1' ? ~first & other : first & other;
  }
  return target;
}

/** `target` begins as the first source. */
function inExactlyOne(sources: readonly Uint8Array[], target: Uint8Array): Uint8Array {
  const twice = new Uint8Array(target.length);
  for (const source of sources.slice(1)) {
    for (let at = 0; at < source.length; at++) {
      twice[at]! |= target[at]! & source[at]!;
      target[at]! |= source[at]!;
    }
  }
  for (let at = 0; at < target.length; at++) target[at]! &= ~twice[at]!;
  return target;
}

function mixIn(operation: 'AND' | 'OR' | 'XOR', target: Uint8Array, source: Uint8Array): void {
  // Whole words first, as far as the source's place in memory allows; then what is left, byte by byte.
  const words = wordsOf(source);
  mix(operation, wordsOf(target), words, 0, words.length);
  mix(operation, target, source, words.length * 4, source.length);
  if (operation === 'AND') target.fill(0, source.length);
}

function mix<T extends Uint8Array | Int32Array>(
  operation: 'AND' | 'OR' | 'XOR',
  target: T,
  source: T,
  start: number,
  end: number,
): void {
  switch (operation) {
    case 'AND':
      for (let at = start; at < end; at++) target[at] &= source[at];
      return;
    case 'OR':
      for (let at = start; at < end; at++) target[at] |= source[at];
      return;
    case 'XOR':
      for (let at = start; at < end; at++) target[at] ^= source[at];
      return;
  }
}

/** The same memory as 32-bit words; none if it does not begin at a word. */
function wordsOf(bytes: Uint8Array): Int32Array {
  if (bytes.byteOffset % 4 !== 0) return new Int32Array(0);
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}
