import { sliceBytes } from '../core/bytes.js';
import { parseInteger, parseIntegerBytes } from '../core/integer.js';

/** Numbers in the bytes of strings. */

/** A string that fits this many digits may be an integer. */
export const INT_DIGITS_MAX = 20;
/** The highest first byte of what may be an integer. */
export const DIGIT_NINE = 57;

/** A number with so few digits is below 2^53. */
const SAFE_DIGITS = 15;

/** The canonical integer that the bytes spell; null if they spell none. */
export function integerIn(source: Uint8Array, start: number, length: number): number | bigint | null {
  const value = parseIntegerBytes(source, start, length);
  if (!Number.isNaN(value)) return value;
  return length > SAFE_DIGITS ? parseInteger(sliceBytes(source, start, start + length)) : null;
}

export function writeU32(target: Uint8Array, at: number, value: number): void {
  target[at] = value;
  target[at + 1] = value >>> 8;
  target[at + 2] = value >>> 16;
  target[at + 3] = value >>> 24;
}

export function readU32(source: Uint8Array, at: number): number {
  return (source[at] | (source[at + 1] << 8) | (source[at + 2] << 16) | (source[at + 3] << 24)) >>> 0;
}

/** The 64-bit integer of two words; a bigint only outside ±2^53. */
export function integerOfWords(lowSigned: number, high: number): number | bigint {
  const low = lowSigned >>> 0;
  if (high === 0) return low;
  const value = high * 0x1_0000_0000 + low;
  return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
}

export function lowWord(value: number | bigint): number {
  return typeof value === 'number' ? value | 0 : Number(BigInt.asIntN(32, value));
}

export function highWord(value: number | bigint): number {
  if (typeof value !== 'number') return Number(value >> 32n);
  const low = value | 0;
  return low === value ? low >> 31 : Math.floor(value / 0x1_0000_0000);
}
