import type { Bytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';

/** An int64 text has at most a sign and 19 digits. */
export const INT64_TEXT_MAX = 20;
/** Integers of this many digits are exact doubles. */
const EXACT_DIGITS = 15;
const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
const INT64_MIN = -0x8000_0000_0000_0000n;
const WORD = 0x1_0000_0000;
const CAPACITY_MIN = 4;

/** The integer last parsed: its upper and lower 32 bits, both signed. */
let high = 0;
let low = 0;

/**
 * Whether the bytes are an int64 in canonical decimal form (no sign but '-', no leading zero, not "-0"). The integer
 * is kept for the method of `IntSet` that is called next.
 */
export function parseInteger(buffer: Uint8Array, start: number, length: number): boolean {
  if (length === 0 || length > INT64_TEXT_MAX) return false;
  const negative = buffer[start] === 45;
  const from = negative ? start + 1 : start;
  const end = start + length;
  const first = buffer[from];
  if (from === end || first < 48 || first > 57) return false;
  if (first === 48) {
    high = 0;
    low = 0;
    return length === 1;
  }
  let value = 0;
  for (let at = from; at < end; at++) {
    const digit = buffer[at] - 48;
    if (digit < 0 || digit > 9) return false;
    value = value * 10 + digit;
  }
  if (end - from > EXACT_DIGITS) return parseLong(buffer, start, end);
  if (negative) value = -value;
  high = Math.floor(value / WORD);
  low = value | 0;
  return true;
}

function parseLong(buffer: Uint8Array, start: number, end: number): boolean {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(buffer[at]);
  const value = BigInt(text);
  if (value > INT64_MAX || value < INT64_MIN) return false;
  high = Number(value >> 32n);
  low = Number(BigInt.asIntN(32, value));
  return true;
}

/**
 * A sorted array of 64-bit integers, two words each (upper, lower): exact over the whole range, without a BigInt per
 * element. Search O(log n), change O(n); sets beyond `set-max-intset-entries` are no intsets.
 */
export class IntSet {
  readonly #meter: MemoryMeter;
  #words = new Int32Array(CAPACITY_MIN * 2);
  #size = 0;

  constructor(meter: MemoryMeter) {
    this.#meter = meter;
    meter.add(this.#words.byteLength);
  }

  get size(): number {
    return this.#size;
  }

  get bytesUsed(): number {
    return this.#words.byteLength;
  }

  /** Adds the integer just parsed; false if it was there. */
  addParsed(): boolean {
    const found = this.#search();
    if (found >= 0) return false;
    const at = ~found * 2;
    const end = this.#size * 2;
    if (end === this.#words.length) this.#setCapacity(this.#size * 2);
    this.#words.copyWithin(at + 2, at, end);
    this.#words[at] = high;
    this.#words[at + 1] = low;
    this.#size++;
    return true;
  }

  hasParsed(): boolean {
    return this.#search() >= 0;
  }

  /** Removes the integer just parsed; false if it was not there. */
  deleteParsed(): boolean {
    const index = this.#search();
    if (index < 0) return false;
    this.removeAt(index);
    return true;
  }

  /** The element at `index` (0 ≤ index < size) in numeric order, as text. */
  textAt(index: number): Bytes {
    const upper = this.#words[index * 2];
    const lower = this.#words[index * 2 + 1] >>> 0;
    if (upper >= -0x20_0000 && upper < 0x20_0000) return String(upper * WORD + lower);
    return ((BigInt(upper) << 32n) | BigInt(lower)).toString();
  }

  removeAt(index: number): void {
    this.#words.copyWithin(index * 2, index * 2 + 2, this.#size * 2);
    this.#size--;
    const capacity = this.#words.length >> 1;
    if (capacity > CAPACITY_MIN && this.#size * 4 <= capacity) this.#setCapacity(capacity >> 1);
  }

  clone(meter: MemoryMeter): IntSet {
    const copy = new IntSet(meter);
    copy.#size = this.#size;
    copy.#setCapacity(Math.max(CAPACITY_MIN, this.#size), this.#words);
    return copy;
  }

  dispose(): void {
    this.#meter.sub(this.#words.byteLength);
    this.#words = new Int32Array(0);
    this.#size = 0;
  }

  #setCapacity(capacity: number, from: Int32Array = this.#words): void {
    const words = new Int32Array(capacity * 2);
    words.set(from.subarray(0, this.#size * 2));
    this.#meter.add(words.byteLength - this.#words.byteLength);
    this.#words = words;
  }

  /** Index of the integer just parsed, or the complement of the index where it belongs. */
  #search(): number {
    const words = this.#words;
    const lower = low >>> 0;
    let from = 0;
    let to = this.#size - 1;
    while (from <= to) {
      const middle = (from + to) >>> 1;
      const otherHigh = words[middle * 2];
      const otherLow = words[middle * 2 + 1] >>> 0;
      if (otherHigh === high && otherLow === lower) return middle;
      if (otherHigh < high || (otherHigh === high && otherLow < lower)) from = middle + 1;
      else to = middle - 1;
    }
    return ~from;
  }
}
