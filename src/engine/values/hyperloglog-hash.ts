import type { Bytes } from '../../core/bytes.js';

/** Registers of a HyperLogLog: the low 14 bits of an element's hash choose one. */
export const REGISTERS = 16_384;

/** A register fits this many bits; `observe` returns register × 64 + run. */
export const RUN_BITS = 6;

const SEED = 0xadc83b19;
// MurmurHash64A's multiplier, 0xc6a4a7935bd1e995, as halves; the lower one again as quarters.
const FACTOR_HIGH = 0xc6a4a793 | 0;
const FACTOR_LOW = 0x5bd1e995;
const FACTOR_LOW_HIGH = 0x5bd1;
const FACTOR_LOW_LOW = 0xe995;

/** The upper 32 bits of low × FACTOR_LOW, both unsigned: all intermediate values are exact in a double. */
function carry(low: number): number {
  const unsigned = low >>> 0;
  return ((unsigned * FACTOR_LOW_HIGH + Math.floor((unsigned * FACTOR_LOW_LOW) / 65536)) / 65536) | 0;
}

/** The upper half of (high, low) × the multiplier. The lower half is `Math.imul(low, FACTOR_LOW)`. */
function productHigh(high: number, low: number): number {
  return (carry(low) + Math.imul(high, FACTOR_LOW) + Math.imul(low, FACTOR_HIGH)) | 0;
}

/**
 * What an element tells a HyperLogLog: the register its hash chooses and the length of the run 0…01 that follows,
 * packed as register × 64 + run. The hash is the 64-bit MurmurHash2, kept in two halves. O(length).
 */
export function observe(element: Bytes): number {
  const length = element.length;
  let low = SEED ^ Math.imul(length, FACTOR_LOW);
  let high = productHigh(0, length);
  const whole = length - (length & 7);
  for (let at = 0; at < whole; at += 8) {
    let kLow = word(element, at);
    let kHigh = word(element, at + 4);
    kHigh = productHigh(kHigh, kLow);
    kLow = Math.imul(kLow, FACTOR_LOW) ^ (kHigh >>> 15); // k ^= k >> 47
    kHigh = productHigh(kHigh, kLow);
    kLow = Math.imul(kLow, FACTOR_LOW);
    low ^= kLow;
    high ^= kHigh;
    high = productHigh(high, low);
    low = Math.imul(low, FACTOR_LOW);
  }
  const rest = length & 7;
  if (rest > 0) {
    low ^= tail(element, whole, Math.min(rest, 4));
    if (rest > 4) high ^= tail(element, whole + 4, rest - 4);
    high = productHigh(high, low);
    low = Math.imul(low, FACTOR_LOW);
  }
  low ^= high >>> 15;
  high = productHigh(high, low);
  low = Math.imul(low, FACTOR_LOW);
  low ^= high >>> 15;
  return ((low & (REGISTERS - 1)) << RUN_BITS) | run(high, low);
}

/** Zeros, counted from bit 14 on, up to and with the first 1; a hash without one counts 51. */
function run(high: number, low: number): number {
  const rest = low >>> 14;
  if (rest !== 0) return 32 - Math.clz32(rest & -rest);
  if (high !== 0) return 50 - Math.clz32(high & -high);
  return 51;
}

function word(bytes: Bytes, at: number): number {
  return (
    bytes.charCodeAt(at) |
    (bytes.charCodeAt(at + 1) << 8) |
    (bytes.charCodeAt(at + 2) << 16) |
    (bytes.charCodeAt(at + 3) << 24)
  );
}

function tail(bytes: Bytes, at: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value |= bytes.charCodeAt(at + i) << (i * 8);
  return value;
}
