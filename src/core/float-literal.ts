import type { Bytes } from './bytes.js';

/**
 * A number as it was written, exactly: ± significand × radix^exponent.
 * An infinite literal has the exponent Infinity.
 */
export interface FloatLiteral {
  readonly negative: boolean;
  readonly significand: bigint;
  readonly radix: 2 | 10;
  readonly exponent: number;
}

// What C's strtod consumes entirely in the C locale, except NaN, which no command accepts.
const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const hexadecimal = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/;
const infinite = /^([+-]?)inf(?:inity)?$/i;

/** Beyond the range of any format, yet small enough to add lengths to. */
const EXPONENT_MAX = 2 ** 40;

/**
 * Parses the whole of `bytes` as a literal: no spaces, no NaN, nothing after the number; `null` otherwise. O(length²)
 * in digits.
 */
export function parseFloatLiteral(bytes: Bytes): FloatLiteral | null {
  const hex = hexadecimal.exec(bytes);
  const found = hex ?? decimal.exec(bytes);
  if (!found) {
    const word = infinite.exec(bytes);
    return word && { negative: word[1] === '-', significand: 1n, radix: 2, exponent: Number.POSITIVE_INFINITY };
  }
  const fraction = found[3] ?? '';
  const digits = found[2] + fraction;
  if (digits === '') return null;
  const written = Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, Number(found[4] ?? 0)));
  return {
    negative: found[1] === '-',
    significand: BigInt(hex ? `0x${digits}` : digits),
    radix: hex ? 2 : 10,
    exponent: written - fraction.length * (hex ? 4 : 1),
  };
}

/** A binary floating-point format: bits of the significand, exponent of its smallest step, exponent of the first power of two too large. */
export interface BinaryFormat {
  readonly precision: number;
  readonly exponentMin: number;
  readonly exponentEnd: number;
}

/** A magnitude mantissa × 2^exponent; too large for its format: exponent Infinity. */
export interface Magnitude {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const infinity: Magnitude = { mantissa: 1n, exponent: Number.POSITIVE_INFINITY };
const zero: Magnitude = { mantissa: 0n, exponent: 0 };

/** Rounds the literal's magnitude to `format`: to nearest, ties to even. */
export function roundLiteral(literal: FloatLiteral, format: BinaryFormat): Magnitude {
  const { significand, radix, exponent } = literal;
  if (exponent === Number.POSITIVE_INFINITY) return infinity;
  if (significand === 0n) return zero;
  // Bound the powers before building them: the text may name exponents of any size.
  const log2 = bitLength(significand) + exponent * (radix === 2 ? 1 : Math.log2(10));
  if (log2 > format.exponentEnd + 64) return infinity;
  if (log2 < format.exponentMin - 64) return zero;
  if (radix === 2) return roundRatio(significand, 1n, exponent, format);
  if (exponent >= 0) return roundRatio(significand * 10n ** BigInt(exponent), 1n, 0, format);
  return roundRatio(significand, 10n ** BigInt(-exponent), 0, format);
}

/** numerator / denominator × 2^scale, rounded to nearest, ties to even, in `format`. Both must be positive. */
export function roundRatio(numerator: bigint, denominator: bigint, scale: number, format: BinaryFormat): Magnitude {
  // 2^(size − 1) < numerator / denominator < 2^(size + 1)
  const size = bitLength(numerator) - bitLength(denominator);
  let exponent = Math.max(size + scale - format.precision, format.exponentMin);
  let rounded = divideRounding(numerator, denominator, exponent - scale);
  if (bitLength(rounded) > format.precision) {
    // One bit too many: round once more from the exact value, unless only the carry made it longer.
    exponent++;
    rounded = divideRounding(numerator, denominator, exponent - scale);
  }
  if (rounded === 0n) return zero;
  return bitLength(rounded) + exponent > format.exponentEnd ? infinity : { mantissa: rounded, exponent };
}

/** numerator / (denominator × 2^shift) to the nearest integer, ties to even. */
function divideRounding(numerator: bigint, denominator: bigint, shift: number): bigint {
  const top = shift < 0 ? numerator << BigInt(-shift) : numerator;
  const bottom = shift > 0 ? denominator << BigInt(shift) : denominator;
  const quotient = top / bottom;
  const twice = (top - quotient * bottom) * 2n;
  if (twice < bottom || (twice === bottom && (quotient & 1n) === 0n)) return quotient;
  return quotient + 1n;
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}
