import { INT64_MAX, INT64_MIN } from './integer.js';

/** a + b for 64-bit integers; `null` on overflow. A bigint only where a number would not be exact. */
export function addInt64(a: number | bigint, b: number | bigint): number | bigint | null {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  if (sum > INT64_MAX || sum < INT64_MIN) return null;
  const number = Number(sum);
  return Number.isSafeInteger(number) ? number : sum;
}
