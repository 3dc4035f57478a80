import type { Bytes } from './bytes.js';
import { type BinaryFormat, parseFloatLiteral, roundLiteral } from './float-literal.js';

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const nonzeroDigit = /^[^eE]*[1-9]/;
const binary64: BinaryFormat = { precision: 53, exponentMin: -1074, exponentEnd: 1024 };

/** An integer of up to this many digits stays exact while it is summed up. */
const EXACT_DIGITS_MAX = 15;

/**
 * The double nearest to the number that the whole of `bytes` spells, as scores, radii and weights are read:
 * decimal or hexadecimal (`0x1.8p3`), `inf`/`infinity` in any case, an optional sign. `null` for NaN, spaces,
 * trailing bytes, nothing, and finite numbers so large or so small that they would become infinite or zero.
 */
export function parseDouble(bytes: Bytes): number | null {
  const small = smallInteger(bytes);
  if (small >= 0) return small;
  if (decimal.test(bytes)) {
    const value = Number(bytes);
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return null;
    return value === 0 && nonzeroDigit.test(bytes) ? null : value;
  }
  const literal = parseFloatLiteral(bytes);
  if (!literal) return null;
  const { mantissa, exponent } = roundLiteral(literal, binary64);
  const overflowed = exponent === Number.POSITIVE_INFINITY && literal.exponent !== exponent;
  if (overflowed || (mantissa === 0n && literal.significand !== 0n)) return null;
  const magnitude = exponent === Number.POSITIVE_INFINITY ? exponent : scale(Number(mantissa), exponent);
  return literal.negative ? -magnitude : magnitude;
}

/** The value of a string of a few digits, −1 for anything else. */
function smallInteger(bytes: Bytes): number {
  const length = bytes.length;
  if (length === 0 || length > EXACT_DIGITS_MAX) return -1;
  let value = 0;
  for (let at = 0; at < length; at++) {
    const digit = bytes.charCodeAt(at) - 48;
    if (digit >>> 0 > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** mantissa × 2^exponent in two exact steps: 2^exponent alone may lie outside the range. */
function scale(mantissa: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return mantissa * 2 ** half * 2 ** (exponent - half);
}

/** A double as Redis replies it: C's `%.17g`, and `inf`, `-inf`, `nan`. */
export function formatDouble(value: number): Bytes {
  if (Number.isSafeInteger(value)) return value === 0 && 1 / value < 0 ? '-0' : String(value);
  if (!Number.isFinite(value)) return infiniteText(value);
  const sign = value < 0 ? '-' : '';
  const text = roundTo17Digits(Math.abs(value));
  const mark = text.indexOf('e');
  const exponent = Number(text.slice(mark + 1));
  let end = mark;
  while (text.charCodeAt(end - 1) === 48) end--;
  const digits = text[0] + text.slice(2, end);
  if (exponent < -4 || exponent >= 17) return sign + scientific(digits, exponent);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = exponent + 1;
  if (digits.length <= whole) return sign + digits.padEnd(whole, '0');
  return `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}`;
}

function scientific(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const size = Math.abs(exponent);
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`;
}

function infiniteText(value: number): Bytes {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

/** `d.dddddddddddddddde±x`: 17 digits, exact ties to the even digit as in C, where JavaScript rounds them up. */
function roundTo17Digits(value: number): string {
  const rounded = value.toExponential(16);
  // A value that ends exactly in an 18th digit 5 has at most 25 fractional bits, as 5^25 < 10^18 < 5^26.
  if (!Number.isInteger(value * 2 ** 25)) return rounded;
  const exact = value.toExponential(45);
  if (!/^.{18}50*e/.test(exact) || (exact.charCodeAt(17) & 1) === 1) return rounded;
  return exact.slice(0, 18) + exact.slice(exact.indexOf('e'));
}

/** C's `%.*f`: `digits` ≤ 99 decimals, exact, ties to even; `inf`, `-inf`, `nan`. */
export function formatFixed(value: number, digits: number): Bytes {
  if (!Number.isFinite(value)) return infiniteText(value);
  if (Object.is(value, -0)) return `-${(0).toFixed(digits)}`;
  // From 10^21 on toFixed changes to scientific notation; such doubles are integers.
  if (Math.abs(value) >= 1e21) return digits > 0 ? `${BigInt(value)}.${'0'.repeat(digits)}` : String(BigInt(value));
  const rounded = value.toFixed(digits);
  // Exactly digits + 1 fractional bits: the decimal expansion is one digit longer and ends in 5.
  const halves = value * 2 ** (digits + 1);
  if (!Number.isInteger(halves) || halves % 2 === 0) return rounded;
  const truncated = value.toFixed(digits + 1).slice(0, -1);
  const last = truncated.charCodeAt(truncated.length - (truncated.endsWith('.') ? 2 : 1));
  if ((last & 1) === 1) return rounded;
  return truncated.endsWith('.') ? truncated.slice(0, -1) : truncated;
}

/** A double as Redis replies coordinates: up to 17 decimals without trailing zeros, never `-0`. */
export function formatHuman(value: number): Bytes {
  if (!Number.isFinite(value)) return infiniteText(value);
  return trimFraction(formatFixed(value, 17));
}

/** Drops the trailing zeros of a fraction, and the point if nothing is left after it; `-0` becomes `0`. */
export function trimFraction(fixed: Bytes): Bytes {
  let end = fixed.length;
  while (fixed.charCodeAt(end - 1) === 48) end--;
  if (fixed.charCodeAt(end - 1) === 46) end--;
  const text = fixed.slice(0, end);
  return text === '-0' ? '0' : text;
}
