import type { Bytes } from './bytes.js';
import { trimFraction } from './double.js';
import { type BinaryFormat, type Magnitude, parseFloatLiteral, roundLiteral, roundRatio } from './float-literal.js';

/**
 * An 80-bit extended number: mantissa × 2^exponent with a mantissa of at most 64 bits and a sign.
 * Infinity is ±1 with the exponent Infinity. INCRBYFLOAT counts in this format, so its digits show in replies.
 */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const extended: BinaryFormat = { precision: 64, exponentMin: -16445, exponentEnd: 16384 };

/** Longer texts are refused without parsing. */
const TEXT_BYTES_MAX = 5 * 1024 - 1;

/** The nearest long double to the number that `bytes` spells; accepts and refuses what `parseDouble` does, in its own range. */
export function parseLongDouble(bytes: Bytes): LongDouble | null {
  if (bytes.length > TEXT_BYTES_MAX) return null;
  const literal = parseFloatLiteral(bytes);
  if (!literal) return null;
  const magnitude = roundLiteral(literal, extended);
  const overflowed = !finite(magnitude) && literal.exponent !== Number.POSITIVE_INFINITY;
  if (overflowed || (magnitude.mantissa === 0n && literal.significand !== 0n)) return null;
  return signed(magnitude, literal.negative);
}

/** a + b, rounded once; `null` if the sum is infinite or not a number. */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble | null {
  if (!finite(a) || !finite(b)) return null;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  if (sum === 0n) return { mantissa: 0n, exponent: 0 };
  const magnitude = roundRatio(sum < 0n ? -sum : sum, 1n, exponent, extended);
  return finite(magnitude) ? signed(magnitude, sum < 0n) : null;
}

const SCALE = 10n ** 17n;

/** Up to 17 decimals (exact, ties to even) without trailing zeros, never an exponent, never `-0`. */
export function formatLongDouble(value: LongDouble): Bytes {
  const negative = value.mantissa < 0n;
  const sign = negative ? '-' : '';
  if (!finite(value)) return `${sign}inf`;
  const mantissa = negative ? -value.mantissa : value.mantissa;
  if (value.exponent >= 0) return sign + (mantissa << BigInt(value.exponent)).toString();
  const digits = decimals(mantissa * SCALE, BigInt(-value.exponent))
    .toString()
    .padStart(18, '0');
  return trimFraction(`${sign}${digits.slice(0, -17)}.${digits.slice(-17)}`);
}

/** value / 2^shift to the nearest integer, ties to even. */
function decimals(value: bigint, shift: bigint): bigint {
  const quotient = value >> shift;
  const rest = value - (quotient << shift);
  const half = 1n << (shift - 1n);
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/**
 * A blocking timeout in whole milliseconds, rounded up, converted as x86 does: what does not fit 64 bits (infinity
 * included) becomes −2^63 and so counts as negative.
 */
export function millisFromSeconds(seconds: LongDouble): bigint {
  const overflow = -(2n ** 63n);
  if (!finite(seconds)) return overflow;
  const { mantissa, exponent } = seconds;
  if (mantissa === 0n) return 0n;
  const product = roundRatio((mantissa < 0n ? -mantissa : mantissa) * 1000n, 1n, exponent, extended);
  if (product.exponent > 64) return overflow;
  const value = mantissa < 0n ? -product.mantissa : product.mantissa;
  const whole = product.exponent >= 0 ? value << BigInt(product.exponent) : -(-value >> BigInt(-product.exponent));
  return BigInt.asIntN(64, whole) === whole ? whole : overflow;
}

function finite(value: Magnitude): boolean {
  return value.exponent !== Number.POSITIVE_INFINITY;
}

function signed(magnitude: Magnitude, negative: boolean): LongDouble {
  return negative ? { mantissa: -magnitude.mantissa, exponent: magnitude.exponent } : magnitude;
}
