import { sliceBytes } from '../core/bytes.js';
import { parseInteger, parseIntegerBytes } from '../core/integer.js';

/** Numbers in the bytes of strings. */

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
