import { allocBytesUnsafe, type Bytes, sliceBytes, writeBytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';

/**
 * The elements of a listpack, Redis' packed sequence of strings and integers:
 *
 *     | 0vvvvvvv                      | 7 bits                |       each followed by its own length in base 128,
 *     | 110vvvvv vvvvvvvv             | 13 bits, signed       |       most significant digit first, all but the first
 *     | 0xf1…0xf4, 2, 3, 4 or 8 bytes | low byte first        |       byte marked by the high bit: so that a reader
 *     | 10llllll                      | string up to 63 bytes |       can walk backwards
 *     | 1110llll llllllll             | up to 4095            |
 *     | 0xf0, 4 bytes                 | longer, low byte first|
 *
 * A string that spells a 64-bit integer is kept as one. A whole listpack has a header of 6 bytes (bytes in all, number of
 * elements) and ends with 0xff.
 */
export const LISTPACK_HEADER_BYTES = 6;
export const LISTPACK_END = 0xff;
/** The header counts no further: more elements must be counted by walking. */
const COUNT_MAX = 0xffff;

/** No element takes more bytes than its string and these. */
export const ELEMENT_OVERHEAD_MAX = 11;

const STRING_6 = 0x80;
const INT_13 = 0xc0;
const STRING_12 = 0xe0;
const STRING_32 = 0xf0;
const INT_16 = 0xf1;
const INT_64 = 0xf4;

const INT_TEXT_MAX = 20;
const DIGIT_NINE = 57;

/** Bytes that an integer takes, its length included. */
export function integerBytes(value: number): number {
  const size =
    value >= 0 && value < 128 ? 1 : value >= -4096 && value < 4096 ? 2 : value >= -32768 && value < 32768 ? 3 : 9;
  if (size !== 9) return size + 1;
  return (value >= -0x800000 && value < 0x800000 ? 4 : value >= -0x80000000 && value < 0x80000000 ? 5 : 9) + 1;
}

/** Bytes that a string takes, as an integer if it spells one, its length included. */
export function textBytes(text: Bytes): number {
  const { length } = text;
  if (length <= INT_TEXT_MAX && length > 0 && text.charCodeAt(0) <= DIGIT_NINE) {
    const integer = parseInteger(text);
    if (integer !== null) return typeof integer === 'bigint' ? 10 : integerBytes(integer);
  }
  const size = length + (length < 64 ? 1 : length < 4096 ? 2 : 5);
  return size + lengthBytes(size);
}

/** Writes a string, as an integer if it spells one; returns where it ends. The caller made room. */
export function writeText(target: Uint8Array, at: number, text: Bytes): number {
  const { length } = text;
  if (length <= INT_TEXT_MAX && length > 0 && text.charCodeAt(0) <= DIGIT_NINE) {
    const integer = parseInteger(text);
    if (integer !== null) return writeInteger(target, at, integer);
  }
  let start = at;
  if (length < 64) {
    target[start++] = STRING_6 | length;
  } else if (length < 4096) {
    target[start++] = STRING_12 | (length >>> 8);
    target[start++] = length & 0xff;
  } else {
    target[start++] = STRING_32;
    start = writeLow(target, start, length, 4);
  }
  const end = writeBytes(target, text, start);
  return writeLength(target, end, end - at);
}

/** Writes a 64-bit integer; returns where it ends. */
export function writeInteger(target: Uint8Array, at: number, value: number | bigint): number {
  if (typeof value === 'bigint') return writeWide(target, at, value);
  if (value >= 0 && value < 128) {
    target[at] = value;
    target[at + 1] = 1;
    return at + 2;
  }
  if (value >= -4096 && value < 4096) {
    target[at] = INT_13 | ((value >> 8) & 0x1f);
    target[at + 1] = value & 0xff;
    target[at + 2] = 2;
    return at + 3;
  }
  if (value >= -0x80000000 && value < 0x80000000) {
    const width = value >= -32768 && value < 32768 ? 2 : value >= -0x800000 && value < 0x800000 ? 3 : 4;
    target[at] = INT_16 + width - 2;
    const end = writeLow(target, at + 1, value, width);
    target[end] = width + 1;
    return end + 1;
  }
  return writeWide(target, at, BigInt(value));
}

function writeWide(target: Uint8Array, at: number, value: bigint): number {
  target[at] = INT_64;
  const low = Number(BigInt.asUintN(32, value));
  const high = Number(BigInt.asUintN(32, value >> 32n));
  const end = writeLow(target, writeLow(target, at + 1, low, 4), high, 4);
  target[end] = 9;
  return end + 1;
}

function writeLow(target: Uint8Array, at: number, value: number, width: number): number {
  for (let i = 0; i < width; i++) target[at + i] = (value >> (i * 8)) & 0xff;
  return at + width;
}

/** How many digits in base 128 an element's length takes. The limits are Redis'. */
function lengthBytes(size: number): number {
  return size <= 127 ? 1 : size < 16383 ? 2 : size < 2097151 ? 3 : size < 268435455 ? 4 : 5;
}

function writeLength(target: Uint8Array, at: number, size: number): number {
  const width = lengthBytes(size);
  let rest = size;
  for (let i = width - 1; i >= 0; i--) {
    target[at + i] = (rest & 0x7f) | (i === 0 ? 0 : 0x80);
    rest = Math.floor(rest / 128);
  }
  return at + width;
}

/** Where the element before the one at `at` begins. */
export function elementBefore(bytes: Uint8Array, at: number): number {
  let end = at - 1;
  let size = bytes[end] & 0x7f;
  for (let scale = 128; bytes[end] & 0x80; scale *= 128) size += (bytes[--end] & 0x7f) * scale;
  return end - size;
}

/** Where the element after the one at `at` begins. */
export function elementAfter(bytes: Uint8Array, at: number): number {
  const size = encodedSize(bytes, at);
  return at + size + lengthBytes(size);
}

function encodedSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  if (first < INT_13) return 1 + (first & 0x3f);
  if (first < STRING_12) return 2;
  if (first < STRING_32) return 2 + (((first & 0xf) << 8) | bytes[at + 1]);
  if (first === STRING_32) return 5 + readU32(bytes, at + 1);
  return first === INT_64 ? 9 : first - INT_16 + 3;
}

function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

/** Reads elements one after the other. `at` may be set to the start of any element. */
export class ListpackReader {
  bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** An element that is known to be an integer. */
  integer(): number | bigint {
    const { bytes, at } = this;
    const first = bytes[at];
    if (first < 0x80) {
      this.at = at + 2;
      return first;
    }
    if (first < INT_13 || (first >= STRING_12 && first <= STRING_32)) return parseInteger(this.text()) ?? 0;
    return this.#wideInteger(first);
  }

  #wideInteger(first: number): number | bigint {
    const { bytes, at } = this;
    if (first < STRING_12) {
      this.at = at + 3;
      return ((((first & 0x1f) << 8) | bytes[at + 1]) << 19) >> 19;
    }
    if (first === INT_64) {
      this.at = at + 10;
      const value = (BigInt(readU32(bytes, at + 5) | 0) << 32n) | BigInt(readU32(bytes, at + 1));
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    const width = first - INT_16 + 2;
    this.at = at + width + 2;
    const shift = (4 - width) * 8;
    let value = 0;
    for (let i = 0; i < width; i++) value |= bytes[at + 1 + i] << (i * 8);
    return (value << shift) >> shift;
  }

  /** An element as a string. */
  text(): Bytes {
    const { bytes, at } = this;
    const first = bytes[at];
    if (first < STRING_6 || (first >= INT_13 && first < STRING_12) || first > STRING_32) return String(this.integer());
    const header = first < INT_13 ? 1 : first < STRING_32 ? 2 : 5;
    const size = encodedSize(bytes, at);
    this.at = at + size + lengthBytes(size);
    return sliceBytes(bytes, at + header, at + size);
  }

  skip(count = 1): void {
    for (let i = 0; i < count; i++) this.at = elementAfter(this.bytes, this.at);
  }
}

/** A whole listpack around the elements `bytes[start…end)`, with some integers put before them. O(bytes). */
export function wholeListpack(before: readonly number[], bytes: Uint8Array, start: number, end: number): Uint8Array {
  const prefix = before.reduce((sum, value) => sum + integerBytes(value), 0);
  const total = LISTPACK_HEADER_BYTES + prefix + (end - start) + 1;
  const whole = allocBytesUnsafe(total);
  let at = LISTPACK_HEADER_BYTES;
  for (const value of before) at = writeInteger(whole, at, value);
  whole.set(bytes.subarray(start, end), at);
  whole[total - 1] = LISTPACK_END;
  let count = 0;
  for (at = LISTPACK_HEADER_BYTES; at < total - 1; at = elementAfter(whole, at)) count++;
  writeLow(whole, 0, total | 0, 4);
  writeLow(whole, 4, Math.min(count, COUNT_MAX), 2);
  return whole;
}
