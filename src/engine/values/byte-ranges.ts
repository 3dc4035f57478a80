/** Copies and comparisons up to this length are byte loops: cheaper than a native call. */
export const LOOP_BYTES_MAX = 64;
/** A constant of the module alone: see slot-store.ts. */
const LOOP_MAX = LOOP_BYTES_MAX;

interface NativeCompare {
  compare(target: Uint8Array, targetStart: number, targetEnd: number, start: number, end: number): number;
}

/** Copies `length` bytes between two arrays that do not overlap. */
export function copyBytes(source: Uint8Array, start: number, length: number, target: Uint8Array, at: number): void {
  if (length > LOOP_MAX) target.set(source.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) target[at + i] = source[start + i];
}

/** memcmp order of two ranges, then length: −1, 0 or 1. */
export function compareRanges(
  a: Uint8Array,
  startA: number,
  lengthA: number,
  b: Uint8Array,
  startB: number,
  lengthB: number,
): number {
  const shorter = Math.min(lengthA, lengthB);
  if (shorter > LOOP_MAX && 'compare' in a) {
    return (a as unknown as NativeCompare).compare(b, startB, startB + lengthB, startA, startA + lengthA);
  }
  for (let i = 0; i < shorter; i++) {
    const difference = a[startA + i] - b[startB + i];
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return lengthA < lengthB ? -1 : lengthA > lengthB ? 1 : 0;
}
