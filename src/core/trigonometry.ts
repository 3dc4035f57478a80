/**
 * sin, cos and arcsin rounded to the nearest double in all but the rarest cases. JavaScript's own may be off by one
 * unit in the last place and differ between engines, but distances stored as scores must have the digits of the C
 * library. Values are computed as a sum of two doubles, high + low, with some 100 bits.
 */

// The low part of the last double-double result, whose high part was returned.
let low = 0;

/** 2^27 + 1 splits a double into two halves whose products are exact. */
const SPLITTER = 134_217_729;

/** a × b exactly. */
function product(a: number, b: number): number {
  const high = a * b;
  const a1 = a * SPLITTER - (a * SPLITTER - a);
  const b1 = b * SPLITTER - (b * SPLITTER - b);
  const a2 = a - a1;
  const b2 = b - b1;
  low = a2 * b2 - (high - a1 * b1 - a2 * b1 - a1 * b2);
  return high;
}

/** a + b exactly. */
function sum(a: number, b: number): number {
  const high = a + b;
  const part = high - a;
  low = a - (high - part) + (b - part);
  return high;
}

/** (aHigh + aLow) × (bHigh + bLow). */
function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const high = product(aHigh, bHigh);
  return sum(high, low + (aHigh * bLow + aLow * bHigh));
}

/** (aHigh + aLow) + (bHigh + bLow). */
function add(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const high = sum(aHigh, bHigh);
  return sum(high, low + (aLow + bLow));
}

/** 1 / n! as high and low part. */
const inverseFactorials: [number, number][] = [[1, 0]];
for (let n = 1; n <= 21; n++) {
  const [high, rest] = inverseFactorials[n - 1];
  const quotient = high / n;
  const back = product(quotient, n);
  inverseFactorials.push([quotient, (high - back - low + rest) / n]);
}

/** π/2 in parts of 33 bits: k times each of the first two is exact for small k. */
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487959506e-21;

/** Beyond this the argument reduction would lose digits; no angle on a globe comes near it. */
const ANGLE_MAX = 1000;

/** The Taylor series from x (odd terms) or 1 (even ones), |x| ≤ π/4. */
function series(xHigh: number, xLow: number, odd: boolean): number {
  const squareHigh = multiply(xHigh, xLow, xHigh, xLow);
  const squareLow = low;
  // Terms from x^10 on are so small that their own rounding is far below the last bit that counts.
  let n = odd ? 21 : 20;
  let high = inverseFactorials[n][0];
  for (n -= 2; n >= 10; n -= 2) high = inverseFactorials[n][0] - high * squareHigh;
  let rest = 0;
  for (; n >= 0; n -= 2) {
    const termHigh = multiply(high, rest, -squareHigh, -squareLow);
    const [factorHigh, factorLow] = inverseFactorials[n];
    high = add(factorHigh, factorLow, termHigh, low);
    rest = low;
  }
  if (odd) return multiply(high, rest, xHigh, xLow);
  low = rest;
  return high;
}

/** sin(angle + quarters × π/2); the low part is left in `low`. */
function wave(angle: number, quarters: number): number {
  const k = Math.round(angle / (Math.PI / 2));
  let high = angle;
  low = 0;
  if (k !== 0) {
    high = sum(angle, -k * HALF_PI_1);
    high = add(high, low, -k * HALF_PI_2, 0);
    high = add(high, low, -k * HALF_PI_3, 0);
  }
  const quadrant = (((k + quarters) % 4) + 4) % 4;
  const value = series(high, low, quadrant % 2 === 0);
  if (quadrant < 2) return value;
  low = -low;
  return -value;
}

/** The sine of an angle in radians. */
export function sin(angle: number): number {
  return Math.abs(angle) <= ANGLE_MAX && angle !== 0 ? wave(angle, 0) : Math.sin(angle);
}

/** The cosine of an angle in radians. */
export function cos(angle: number): number {
  return Math.abs(angle) <= ANGLE_MAX ? wave(angle, 1) : Math.cos(angle);
}

/** The angle between −π/2 and π/2 whose sine is `x`, NaN outside −1…1. */
export function asin(x: number): number {
  const near = Math.asin(x);
  if (x === 0 || !(Math.abs(x) < 1)) return near;
  // One step of Newton's method from the engine's own value: the sum rounds once.
  const value = wave(near, 0);
  return near + (x - value - low) / Math.sqrt((1 - x) * (1 + x));
}
