import { allocBytesUnsafe, type Bytes, writeBytes } from '../../core/bytes.js';
import { Random } from '../../core/random.js';

/** The seed of tables that are given none: another one in each process, so that colliding keys cannot be prepared. */
export const processSeed: number = new Random().u32() | 0;

/**
 * A 32-bit hash (signed) of `buffer[start…end)`, keyed by `seed`; tables may take its low bits. O(length).
 *
 * Two lanes take each word, one by xor and multiply, one by add, rotate and multiply. A single such lane has pairs of
 * inputs that collide under every seed (flip the top bit of a word, undo its effect in the next one), and clients
 * choose their keys; what cancels in one lane does not in the other. The lanes do not wait for each other, so
 * the second is nearly free. The last word overlaps the one before it instead of being padded.
 */
export function hashBytes(buffer: Uint8Array, start: number, end: number, seed: number): number {
  const length = end - start;
  let a = seed ^ length;
  let b = seed + 0x3c6ef372;
  let word = 0;
  if (length >= 4) {
    const last = end - 4;
    for (let at = start; at < last; at += 4) {
      word = buffer[at] | (buffer[at + 1] << 8) | (buffer[at + 2] << 16) | (buffer[at + 3] << 24);
      a = Math.imul(a ^ word, 0x9e3779b1);
      a ^= a >>> 15;
      b = (b + word) | 0;
      b = Math.imul((b << 13) | (b >>> 19), 0x85ebca77);
    }
    word = buffer[last] | (buffer[last + 1] << 8) | (buffer[last + 2] << 16) | (buffer[last + 3] << 24);
  } else if (length > 0) {
    // First, middle and last byte: together all of them.
    word = buffer[start] | (buffer[start + (length >> 1)] << 8) | (buffer[end - 1] << 16);
  }
  a = Math.imul(a ^ word, 0x9e3779b1);
  b = (b + word) | 0;
  b = Math.imul((b << 13) | (b >>> 19), 0x85ebca77);
  a ^= (a >>> 15) ^ b ^ (b >>> 13);
  a = Math.imul(a, 0xc2b2ae35);
  return a ^ (a >>> 16);
}

/** Where `stage` puts its bytes. Replaced by a longer one when needed: read it after staging. */
export let scratch: Uint8Array = allocBytesUnsafe(4096);

/** A scratch grown by one huge key is not kept for good. */
const SCRATCH_KEPT_BYTES_MAX = 1024 * 1024;

/** Writes `key` to the start of `scratch`; returns its length. Good until the next call. */
export function stage(key: Bytes): number {
  const length = key.length;
  if (length > scratch.length || scratch.length > SCRATCH_KEPT_BYTES_MAX) {
    let size = 4096;
    while (size < length) size *= 2;
    scratch = allocBytesUnsafe(size);
  }
  writeBytes(scratch, key, 0);
  return length;
}
