import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';

/** An integer type of BITFIELD: u1…u63, i1…i64. */
export interface BitfieldType {
  readonly signed: boolean;
  readonly bits: number;
}

export type BitfieldOverflow = 'WRAP' | 'SAT' | 'FAIL';

/** What a SET or INCRBY replies (`null`: refused by FAIL, nothing written) and whether the stored integer changed. */
export interface BitfieldChange {
  readonly reply: number | bigint | null;
  readonly changed: boolean;
}

/** Fields of at most this many bits are computed as numbers; the sum of two stays exact. */
const NUMBER_BITS_MAX = 45;
const refused: BitfieldChange = { reply: null, changed: false };

/** The type that `i8`, `u63` … name, `null` for any other text. A NUL ends the text. */
export function parseBitfieldType(bytes: Bytes): BitfieldType | null {
  const kind = bytes[0];
  if (kind !== 'i' && kind !== 'u') return null;
  const nul = bytes.indexOf('\0');
  const bits = parseInteger(bytes.slice(1, nul < 0 ? bytes.length : nul));
  if (typeof bits !== 'number' || bits < 1 || bits > (kind === 'i' ? 64 : 63)) return null;
  return { signed: kind === 'i', bits };
}

/**
 * A bit offset; with `multiplier` > 0 also in the form `#n`, n times that many bits (64-bit arithmetic, it wraps).
 * `null` if it is no integer, negative, or not inside a string of `maxBytes`.
 */
export function parseBitOffset(bytes: Bytes, maxBytes: number, multiplier = 0): number | null {
  const scaled = multiplier > 0 && bytes.charCodeAt(0) === 35;
  let offset = parseInteger(scaled ? bytes.slice(1) : bytes);
  if (offset === null) return null;
  if (scaled) offset = Number(BigInt.asIntN(64, BigInt(offset) * BigInt(multiplier)));
  if (offset < 0 || Number(offset) / 8 >= maxBytes) return null;
  return Number(offset);
}

/** The integer at bit `offset`; bits beyond the end are 0. A bigint only outside ±(2^53 − 1). */
export function getBitfield(source: Uint8Array, offset: number, type: BitfieldType): number | bigint {
  const { bits, signed } = type;
  if (bits <= NUMBER_BITS_MAX) {
    const value = readNumber(source, offset, bits);
    return signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
  }
  const value = readBigint(source, offset, bits);
  return narrow(signed ? BigInt.asIntN(bits, value) : value);
}

/** Stores `value` in the field and replies the integer that was there. The field must lie inside `target`. */
export function setBitfield(
  target: Uint8Array,
  offset: number,
  type: BitfieldType,
  value: number | bigint,
  overflow: BitfieldOverflow,
): BitfieldChange {
  const before = getBitfield(target, offset, type);
  const after = fitSet(BigInt(value), type, overflow);
  if (after === null) return refused;
  writeBits(target, offset, type.bits, after);
  // biome-ignore lint/suspicious/noDoubleEquals: a number and a bigint of the same value are equal here
  return { reply: before, changed: before != after };
}

/** Adds `increment` to the field and replies the sum. The field must lie inside `target`. */
export function incrementBitfield(
  target: Uint8Array,
  offset: number,
  type: BitfieldType,
  increment: number | bigint,
  overflow: BitfieldOverflow,
): BitfieldChange {
  const before = getBitfield(target, offset, type);
  const { bits, signed } = type;
  if (bits <= NUMBER_BITS_MAX && typeof increment === 'number' && Math.abs(increment) < 2 ** 52) {
    const sum = (before as number) + increment;
    const max = 2 ** (signed ? bits - 1 : bits) - 1;
    if (sum <= max && sum >= (signed ? -max - 1 : 0)) {
      writeNumber(target, offset, bits, sum < 0 ? sum + 2 ** bits : sum);
      return { reply: sum, changed: increment !== 0 };
    }
  }
  const after = fitted(BigInt(before) + BigInt(increment), type, overflow);
  if (after === null) return refused;
  writeBits(target, offset, bits, after);
  // biome-ignore lint/suspicious/noDoubleEquals: a number and a bigint of the same value are equal here
  return { reply: narrow(after), changed: before != after };
}

function fitSet(value: bigint, type: BitfieldType, overflow: BitfieldOverflow): bigint | null {
  const { signed, bits } = type;
  // An unsigned field sees a negative value as a huge one.
  if (!signed) return fitted(BigInt.asUintN(64, value), type, overflow);
  // The real server computes the distance to the maximum in 64 bits: the least values wrap there and count as too large.
  const max = (1n << BigInt(bits - 1)) - 1n;
  if (overflow === 'SAT' && bits < 64 && BigInt.asIntN(64, max - value) < 0n) return max;
  return fitted(value, type, overflow);
}

/** `value` made to fit the type as `overflow` says; `null` if FAIL refuses it. */
function fitted(value: bigint, type: BitfieldType, overflow: BitfieldOverflow): bigint | null {
  const { signed, bits } = type;
  const max = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const min = signed ? -max - 1n : 0n;
  if (value >= min && value <= max) return value;
  if (overflow === 'FAIL') return null;
  if (overflow === 'SAT') return value > max ? max : min;
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** At most 45 bits, which with those before them in their byte fill at most 52: exact in a double. */
function readNumber(source: Uint8Array, offset: number, bits: number): number {
  const first = Math.floor(offset / 8);
  const end = offset + bits;
  const last = Math.floor((end - 1) / 8);
  let value = byteAt(source, first) & (0xff >> (offset % 8));
  for (let at = first + 1; at <= last; at++) value = value * 256 + byteAt(source, at);
  return Math.floor(value / 2 ** (last * 8 + 8 - end));
}

function writeNumber(target: Uint8Array, offset: number, bits: number, value: number): void {
  let at = Math.floor((offset + bits - 1) / 8);
  const first = Math.floor(offset / 8);
  const spare = at * 8 + 8 - (offset + bits);
  // Keep what surrounds the field in its first and last byte.
  const before = target[first] & (0xff00 >> (offset % 8)) & 0xff;
  const after = target[at] & (2 ** spare - 1);
  let rest = value * 2 ** spare + after;
  for (; at > first; at--) {
    target[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  target[first] = before | rest;
}

function readBigint(source: Uint8Array, offset: number, bits: number): bigint {
  const head = Math.min(bits, 32);
  const high = BigInt(readNumber(source, offset, head));
  if (head === bits) return high;
  return (high << BigInt(bits - head)) | BigInt(readNumber(source, offset + head, bits - head));
}

function writeBits(target: Uint8Array, offset: number, bits: number, value: bigint): void {
  const raw = BigInt.asUintN(bits, value);
  if (bits <= NUMBER_BITS_MAX) {
    writeNumber(target, offset, bits, Number(raw));
    return;
  }
  const tail = bits - 32;
  writeNumber(target, offset, 32, Number(raw >> BigInt(tail)));
  writeNumber(target, offset + 32, tail, Number(BigInt.asUintN(tail, raw)));
}

function byteAt(source: Uint8Array, at: number): number {
  return at < source.length ? source[at] : 0;
}
