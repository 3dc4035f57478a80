import { hashBytes } from './byte-hash.js';
import * as slots from './slot-store.js';

const { HASH, SEGMENT_SHIFT, SLOT_MASK } = slots;

/** So many keys are looked at together at most. */
export const LOOK_AHEAD_KEYS = 16;

const places = new Int32Array(LOOK_AHEAD_KEYS);
/** Where what was read is put, so that reading it is not left out as work for nothing. */
const touched = new Int32Array(1);

/** A table as `lookAhead` reads it. */
export interface Buckets {
  readonly seed: number;
  readonly buckets: Int32Array;
  readonly segments: readonly Int32Array[];
  readonly stride: number;
}

/**
 * Reads the buckets of the keys `buffer[ranges[2i], ranges[2i + 1])` and the first record in each, which are cache misses
 * in a large table. The processor waits for all of them together; one key at a time, it would wait for each.
 */
export function lookAhead(table: Buckets, buffer: Uint8Array, ranges: Int32Array, count: number): void {
  const { seed, buckets, segments, stride } = table;
  const mask = buckets.length - 1;
  for (let i = 0; i < count; i++) places[i] = hashBytes(buffer, ranges[i * 2]!, ranges[i * 2 + 1]!, seed) & mask;
  let sum = 0;
  for (let i = 0; i < count; i++) places[i] = buckets[places[i]!]!;
  for (let i = 0; i < count; i++) {
    const slot = places[i]!;
    if (slot !== 0) sum += segments[slot >> SEGMENT_SHIFT]![(slot & SLOT_MASK) * stride + HASH]!;
  }
  touched[0] = sum;
}
