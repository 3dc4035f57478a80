import type { Bytes } from './bytes.js';

export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;

/** The length of "-9223372036854775808", the longest 64-bit integer. */
const INT64_DIGITS_MAX = 20;
const MINUS = 45;
const ZERO = 48;

/**
 * Parses the canonical spelling of a 64-bit integer: no sign but `-`, no leading zero, no `-0`, no space. A number
 * where that is exact, a bigint for the rest of the int64 range, `null` for everything else. O(length).
 */
export function parseInteger(bytes: Bytes): number | bigint | null {
  const length = bytes.length;
  if (length === 0 || length > INT64_DIGITS_MAX) return null;
  const negative = bytes.charCodeAt(0) === MINUS;
  let at = negative ? 1 : 0;
  if (at === length) return null;
  if (bytes.charCodeAt(at) === ZERO) return length === 1 ? 0 : null;
  let value = 0;
  for (; at < length; at++) {
    const digit = bytes.charCodeAt(at) - ZERO;
    if (digit >>> 0 > 9) return null;
    value = value * 10 + digit;
  }
  if (value <= Number.MAX_SAFE_INTEGER) return negative ? -value : value;
  const exact = BigInt(bytes);
  return exact >= INT64_MIN && exact <= INT64_MAX ? exact : null;
}

/** As `parseInteger`, always as a bigint. */
export function parseInt64(bytes: Bytes): bigint | null {
  const value = parseInteger(bytes);
  return value === null ? null : BigInt(value);
}

/**
 * `parseInteger` straight from a buffer: the integer spelled by `length` bytes from `start`,
 * NaN if they spell none or one outside ±(2^53 − 1). Allocates nothing.
 */
export function parseIntegerBytes(buffer: Uint8Array, start: number, length: number): number {
  if (length <= 0 || length > INT64_DIGITS_MAX) return Number.NaN;
  const end = start + length;
  const negative = buffer[start] === MINUS;
  let at = negative ? start + 1 : start;
  if (at === end) return Number.NaN;
  if (buffer[at] === ZERO) return length === 1 ? 0 : Number.NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = buffer[at] - ZERO;
    if (digit >>> 0 > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
  return negative ? -value : value;
}
