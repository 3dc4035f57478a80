import type { Bytes } from './bytes.js';

/**
 * Doubles as servers since 7.2 write them: few digits that read back as the same number, found by the Grisu2 algorithm
 * (Loitsch, 2010). In about one of a thousand cases those are not the fewest, so JavaScript's own digits would
 * differ; the numbers below are kept as 64-bit fractions with a binary exponent, as the algorithm has them.
 */
interface Scaled {
  fraction: bigint;
  exponent: number;
}

interface Digits {
  digits: string;
  /** The number is `digits` × 10^`power`. */
  power: number;
}

const HIDDEN_BIT = 1n << 52n;
const FRACTION_MASK = HIDDEN_BIT - 1n;
const EXPONENT_BIAS = 1023 + 52;
const WORD = 64n;
const HALF = 1n << 63n;

/** Powers of ten that are kept: every eighth from this one on. */
const FIRST_POWER = -348;
const POWER_STEP = 8;
const POWERS_COUNT = 87;
/** The power is chosen so that the product's exponent lies in this range. */
const EXPONENT_MIN = -60;
const EXPONENT_MAX = -32;
const LOG10_OF_2 = 0.30102999566398114;

const powers: (Scaled | undefined)[] = [];
const view = new DataView(new ArrayBuffer(8));

/** Up to here an integral double is written as an integer. */
const INTEGER_MAX = 2 ** 62;

/** A double as it is replied: `0.1`, `3`, `1e-7`, `inf`. O(digits). */
export function formatShort(value: number): Bytes {
  if (Number.isSafeInteger(value)) return value === 0 && 1 / value < 0 ? '-0' : String(value);
  if (Number.isInteger(value) && Math.abs(value) <= INTEGER_MAX) return BigInt(value).toString();
  return formatGrisu(value);
}

/** As {@link formatShort}, where large integers are not an exception: `1e+17`. */
export function formatGrisu(value: number): Bytes {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === 0) return `${sign}0`;
  if (magnitude === Number.POSITIVE_INFINITY) return `${sign}inf`;
  return sign + laidOut(shortDigits(magnitude), sign !== '');
}

/** Lays out the digits with a point, zeros or an exponent, as the library that servers use does. */
function laidOut({ digits, power }: Digits, negative: boolean): string {
  const count = digits.length;
  const exponent = Math.abs(power + count - 1);
  if (power >= 0 && exponent < count + 7) return digits + '0'.repeat(power);
  if (power < 0 && (power > -7 || exponent < 4)) {
    const whole = count + power;
    return whole <= 0 ? `0.${'0'.repeat(-whole)}${digits}` : `${digits.slice(0, whole)}.${digits.slice(whole)}`;
  }
  const kept = digits.slice(0, negative ? 17 : 18);
  const fraction = kept.length > 1 ? `.${kept.slice(1)}` : '';
  return `${kept[0]}${fraction}e${power + kept.length - 1 < 0 ? '-' : '+'}${exponent}`;
}

function shortDigits(magnitude: number): Digits {
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const mantissa = bits & FRACTION_MASK;
  const fraction = biased > 0 ? mantissa | HIDDEN_BIT : mantissa;
  const exponent = biased > 0 ? biased - EXPONENT_BIAS : 1 - EXPONENT_BIAS;
  const above = normalized({ fraction: (fraction << 1n) + 1n, exponent: exponent - 1 });
  // The neighbour below a power of two is only half as far away.
  const narrow = fraction === HIDDEN_BIT ? 2 : 1;
  const below = (fraction << BigInt(narrow)) - 1n;
  const belowFraction = below << BigInt(exponent - narrow - above.exponent);
  const { power, scale } = scaleFor(above.exponent);
  const middle = product(normalized({ fraction, exponent }).fraction, scale.fraction);
  const high = product(above.fraction, scale.fraction) - 1n;
  const low = product(belowFraction, scale.fraction) + 1n;
  return generate(middle, high, high - low, above.exponent + scale.exponent + 64, -power);
}

function normalized({ fraction, exponent }: Scaled): Scaled {
  const shift = 64 - fraction.toString(2).length;
  return { fraction: fraction << BigInt(shift), exponent: exponent - shift };
}

/** The upper 64 bits of a product, rounded. */
function product(a: bigint, b: bigint): bigint {
  return (a * b + HALF) >> WORD;
}

function scaleFor(exponent: number): { power: number; scale: Scaled } {
  let index = Math.trunc((-(exponent + POWERS_COUNT) * LOG10_OF_2 - FIRST_POWER) / POWER_STEP);
  for (;;) {
    const scale = powerAt(index);
    const sum = exponent + scale.exponent + 64;
    if (sum < EXPONENT_MIN) index++;
    else if (sum > EXPONENT_MAX) index--;
    else return { power: FIRST_POWER + index * POWER_STEP, scale };
  }
}

/** A power of ten, rounded to 64 bits. */
function powerAt(index: number): Scaled {
  let found = powers[index];
  if (found === undefined) {
    const power = FIRST_POWER + index * POWER_STEP;
    const ten = 10n ** BigInt(Math.abs(power));
    const length = ten.toString(2).length;
    if (power >= 0) {
      const shift = length - 64;
      found = { fraction: shift <= 0 ? ten << BigInt(-shift) : rounded(ten, 1n << BigInt(shift)), exponent: shift };
    } else {
      const shift = length + 63;
      found = { fraction: rounded(1n << BigInt(shift), ten), exponent: -shift };
    }
    powers[index] = found;
  }
  return found;
}

function rounded(dividend: bigint, divisor: bigint): bigint {
  return (dividend * 2n + divisor) / (divisor * 2n);
}

/** The fewest digits of `high` that stay within `delta` below it, the last one as close to `middle` as possible. */
function generate(middle: bigint, high: bigint, delta: bigint, exponent: number, power: number): Digits {
  const shift = BigInt(-exponent);
  const one = 1n << shift;
  const wanted = high - middle;
  let whole = high >> shift;
  let part = high & (one - 1n);
  let digits = '';
  for (let kappa = 9; kappa >= 0; kappa--) {
    const divisor = 10n ** BigInt(kappa);
    const digit = whole / divisor;
    if (digit > 0n || digits !== '') digits += digit;
    whole -= digit * divisor;
    const rest = (whole << shift) + part;
    if (rest <= delta)
      return { digits: nearest(digits, { delta, rest, step: divisor << shift, wanted }), power: power + kappa };
  }
  let room = delta;
  for (let kappa = -1, unit = 10n; ; kappa--, unit *= 10n) {
    part *= 10n;
    room *= 10n;
    const digit = part >> shift;
    if (digit > 0n || digits !== '') digits += digit;
    part &= one - 1n;
    if (part >= room) continue;
    const steps = { delta: room, rest: part, step: one, wanted: BigInt.asUintN(64, wanted * unit) };
    return { digits: nearest(digits, steps), power: power + kappa };
  }
}

interface Steps {
  delta: bigint;
  rest: bigint;
  step: bigint;
  wanted: bigint;
}

/** Lowers the last digit as long as that brings the number closer. */
function nearest(digits: string, { delta, rest, step, wanted }: Steps): string {
  let last = digits.charCodeAt(digits.length - 1) - 48;
  for (let at = rest; at < wanted && delta - at >= step; at += step) {
    if (at + step >= wanted && wanted - at <= at + step - wanted) break;
    last--;
  }
  return digits.slice(0, -1) + String(last);
}
