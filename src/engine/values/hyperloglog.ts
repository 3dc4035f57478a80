import type { Bytes } from '../../core/bytes.js';
import { observe, REGISTERS, RUN_BITS } from './hyperloglog-hash.js';

/**
 * A HyperLogLog in the bytes of its string value:
 *
 *     HYLL | encoding | 0 0 0 | cached cardinality, 8 bytes, least significant first | registers
 *
 * The top bit of the cache says that it is stale. Registers are either *dense*, 16384 × 6 bits from the least significant
 * bit on, or *sparse*, a run-length code:
 *
 *     00llllll            ZERO    l + 1 registers are 0
 *     01llllll llllllll   XZERO   the same for a 14-bit l
 *     1vvvvvll            VAL     l + 1 registers are v + 1
 */
const HEADER_BYTES = 16;
const HLL_DENSE_BYTES = HEADER_BYTES + (REGISTERS * 6) / 8;

const ENCODING_AT = 4;
const CACHE_AT = 8;
const CACHE_TOP_AT = 15;
const STALE = 0x80;
const DENSE = 0;
const SPARSE = 1;

const XZERO_BIT = 0x40;
const VAL_BIT = 0x80;
const VALUE_MAX = 32;
const VALUE_LENGTH_MAX = 4;
const ZERO_LENGTH_MAX = 64;
/** A split makes the code longer by at most 3 bytes; room for some splits before the next copy. */
const SLACK_BYTES = 64;
/** After an update so many codes, from the one before it on, are looked at for merging. */
const MERGE_SCAN = 5;

/** The value was foreign bytes that are no valid run-length code: INVALIDOBJ. */
export class CorruptedHllError extends Error {}

export class HyperLogLog {
  /** The content is `#buffer[0 … #length)`; a sparse one may have spare room, which holds zeros. */
  #buffer: Uint8Array;
  #length: number;

  private constructor(buffer: Uint8Array, length: number) {
    this.#buffer = buffer;
    this.#length = length;
  }

  /** An empty one: sparse, one XZERO over all registers, cardinality 0 cached. */
  static empty(): HyperLogLog {
    const buffer = new Uint8Array(HEADER_BYTES + 2 + SLACK_BYTES);
    buffer.set([0x48, 0x59, 0x4c, 0x4c, SPARSE]);
    buffer[HEADER_BYTES] = XZERO_BIT | 0x3f;
    buffer[HEADER_BYTES + 1] = 0xff;
    return new HyperLogLog(buffer, HEADER_BYTES + 2);
  }

  /**
   * The HyperLogLog whose value is `source`, `null` if the bytes cannot be one (WRONGTYPE). A dense one works in place
   * in `source`; a sparse one copies it on its first growth.
   */
  static open(source: Uint8Array): HyperLogLog | null {
    if (source.length < HEADER_BYTES) return null;
    if (source[0] !== 0x48 || source[1] !== 0x59 || source[2] !== 0x4c || source[3] !== 0x4c) return null;
    if (source[ENCODING_AT] > SPARSE) return null;
    if (source[ENCODING_AT] === DENSE && source.length !== HLL_DENSE_BYTES) return null;
    return new HyperLogLog(source, source.length);
  }

  /** The bytes of the value: a view, good until the next change. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  get encoding(): 'dense' | 'sparse' {
    return this.#buffer[ENCODING_AT] === DENSE ? 'dense' : 'sparse';
  }

  /**
   * Adds an element; whether a register grew. A sparse one that would exceed `sparseBytesMax` or holds a run above 32
   * becomes dense. O(length) dense, O(bytes) sparse. Throws CorruptedHllError, with earlier additions kept.
   */
  add(element: Bytes, sparseBytesMax: number): boolean {
    const seen = observe(element);
    return this.raise(seen >> RUN_BITS, seen & 63, sparseBytesMax);
  }

  /** Raises a register to `value`, which makes the cache stale; false if it is that large already. As `add`. */
  raise(register: number, value: number, sparseBytesMax: number): boolean {
    const dense = this.#buffer[ENCODING_AT] === DENSE;
    if (!(dense ? this.#raiseDense(register, value) : this.#raiseSparse(register, value, sparseBytesMax))) return false;
    this.invalidate();
    return true;
  }

  /** Marks the cached cardinality as stale, as the real server also does with a new key and a merged one. */
  invalidate(): void {
    this.#buffer[CACHE_TOP_AT] |= STALE;
  }

  /** The cached cardinality, `null` if it is stale. */
  get cached(): number | bigint | null {
    if ((this.#buffer[CACHE_TOP_AT] & STALE) !== 0) return null;
    let value = 0;
    for (let at = CACHE_TOP_AT; at >= CACHE_AT; at--) value = value * 256 + this.#buffer[at];
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    return new DataView(this.#buffer.buffer, this.#buffer.byteOffset).getBigUint64(CACHE_AT, true);
  }

  /** Estimates the cardinality anew and stores it in the cache. O(registers). Throws CorruptedHllError. */
  refresh(): number | bigint {
    const value = estimateCardinality(this.#histogram());
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let at = CACHE_AT; at <= CACHE_TOP_AT; at++) {
      this.#buffer[at] = Number(rest & 255n);
      rest >>= 8n;
    }
    return value;
  }

  /** Raises each of 16384 byte registers to this one's. Throws CorruptedHllError, with `registers` partly raised. */
  mergeInto(registers: Uint8Array): void {
    if (this.encoding === 'dense') {
      const own = this.registers();
      for (let i = 0; i < REGISTERS; i++) if (own[i] > registers[i]) registers[i] = own[i];
      return;
    }
    this.#eachRun((first, length, value) => {
      for (let i = first; i < first + length; i++) if (value > registers[i]) registers[i] = value;
    });
  }

  /** Changes to the dense encoding, the cache kept; false if it was dense. Throws CorruptedHllError, nothing changed. */
  toDense(): boolean {
    if (this.encoding === 'dense') return false;
    const dense = new Uint8Array(HLL_DENSE_BYTES);
    dense.set(this.#buffer.subarray(0, HEADER_BYTES));
    dense[ENCODING_AT] = DENSE;
    const target = new HyperLogLog(dense, dense.length);
    this.#eachRun((first, length, value) => {
      if (value > 0) for (let i = first; i < first + length; i++) target.#raiseDense(i, value);
    });
    this.#buffer = dense;
    this.#length = dense.length;
    return true;
  }

  /** All 16384 registers, of a dense one. */
  registers(): Uint8Array {
    const registers = new Uint8Array(REGISTERS);
    const buffer = this.#buffer;
    // Three bytes hold four registers.
    for (let i = 0, at = HEADER_BYTES; i < REGISTERS; i += 4, at += 3) {
      const bits = buffer[at] | (buffer[at + 1] << 8) | (buffer[at + 2] << 16);
      registers[i] = bits & 63;
      registers[i + 1] = (bits >> 6) & 63;
      registers[i + 2] = (bits >> 12) & 63;
      registers[i + 3] = bits >> 18;
    }
    return registers;
  }

  /** The run-length code of a sparse one as text: `z:n` ZERO, `Z:n` XZERO, `v:value,n` VAL. */
  describe(): string {
    const words: string[] = [];
    for (let at = HEADER_BYTES; at < this.#length; at += this.#codeBytes(at)) {
      const code = this.#buffer[at];
      const length = this.#codeLength(at);
      if (code & VAL_BIT) words.push(`v:${codeValue(code)},${length}`);
      else words.push(`${code & XZERO_BIT ? 'Z' : 'z'}:${length}`);
    }
    return words.join(' ');
  }

  /** How many registers hold each value. */
  #histogram(): Int32Array {
    if (this.encoding === 'dense') return histogramOf(this.registers());
    const histogram = new Int32Array(64);
    this.#eachRun((_, length, value) => {
      histogram[value] += length;
    });
    return histogram;
  }

  #dense(register: number): number {
    const bit = register * 6;
    const at = HEADER_BYTES + (bit >> 3);
    const shift = bit & 7;
    // A register of 6 bits that starts in the last byte ends in it.
    if (shift <= 2) return (this.#buffer[at] >> shift) & 63;
    return ((this.#buffer[at] >> shift) | (this.#buffer[at + 1] << (8 - shift))) & 63;
  }

  #raiseDense(register: number, value: number): boolean {
    if (value <= this.#dense(register)) return false;
    const bit = register * 6;
    const at = HEADER_BYTES + (bit >> 3);
    const shift = bit & 7;
    const buffer = this.#buffer;
    buffer[at] = (buffer[at] & ~(63 << shift)) | (value << shift);
    if (shift > 2) buffer[at + 1] = (buffer[at + 1] & ~(63 >> (8 - shift))) | (value >> (8 - shift));
    return true;
  }

  #codeLength(at: number): number {
    const code = this.#buffer[at];
    if (code & VAL_BIT) return (code & 3) + 1;
    if (code & XZERO_BIT) return (((code & 63) << 8) | this.#byte(at + 1)) + 1;
    return code + 1;
  }

  #codeBytes(at: number): number {
    return (this.#buffer[at] & 0xc0) === XZERO_BIT ? 2 : 1;
  }

  /** Foreign bytes may end within an XZERO; what is missing reads as 0. */
  #byte(at: number): number {
    return at < this.#length ? this.#buffer[at] : 0;
  }

  /** Calls `visit` for every run of equal registers. Throws CorruptedHllError unless they are 16384 in all. */
  #eachRun(visit: (first: number, length: number, value: number) => void): void {
    let first = 0;
    for (let at = HEADER_BYTES; at < this.#length; at += this.#codeBytes(at)) {
      const length = this.#codeLength(at);
      if (first + length > REGISTERS) throw new CorruptedHllError('too many registers');
      const code = this.#buffer[at];
      visit(first, length, code & VAL_BIT ? codeValue(code) : 0);
      first += length;
    }
    if (first !== REGISTERS) throw new CorruptedHllError('too few registers');
  }

  #promote(register: number, value: number): boolean {
    this.toDense();
    return this.#raiseDense(register, value);
  }

  #raiseSparse(register: number, value: number, sparseBytesMax: number): boolean {
    if (value > VALUE_MAX) return this.#promote(register, value);
    let at = HEADER_BYTES;
    let previous = HEADER_BYTES;
    let first = 0;
    let length = 0;
    for (; at < this.#length; at += this.#codeBytes(at)) {
      length = this.#codeLength(at);
      if (register < first + length) break;
      previous = at;
      first += length;
    }
    if (at >= this.#length) throw new CorruptedHllError('no code covers the register');
    const code = this.#buffer[at];
    if (code & VAL_BIT && codeValue(code) >= value) return false;
    if (length === 1 && (code & 0xc0) !== XZERO_BIT) {
      this.#buffer[at] = valueCode(value, 1);
    } else {
      const split = splitCode(code, register - first, value, first + length - 1 - register);
      const growth = split.length - this.#codeBytes(at);
      if (growth > 0 && this.#length + growth > sparseBytesMax) return this.#promote(register, value);
      this.#replace(at, split, growth);
    }
    this.#mergeFrom(previous);
    return true;
  }

  /** Puts `codes` in the place of the code at `at`, which is `growth` bytes shorter. */
  #replace(at: number, codes: readonly number[], growth: number): void {
    // Codes of a foreign value that ends within an XZERO may reach a byte beyond the new length.
    if (this.#length + growth + 1 > this.#buffer.length) {
      const larger = new Uint8Array(this.#length + growth + SLACK_BYTES);
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    const next = at + this.#codeBytes(at);
    if (growth !== 0 && next < this.#length) this.#buffer.copyWithin(next + growth, next, this.#length);
    this.#length += growth;
    this.#buffer.set(codes, at);
  }

  /** Joins VAL codes of equal value, from the code at `at` on. */
  #mergeFrom(at: number): void {
    for (let scan = MERGE_SCAN; at < this.#length && scan > 0; scan--) {
      const code = this.#buffer[at];
      const next = this.#byte(at + 1);
      const length = (code & 3) + (next & 3) + 2;
      if (!(code & VAL_BIT) || code >> 2 !== next >> 2 || length > VALUE_LENGTH_MAX) {
        at += this.#codeBytes(at);
        continue;
      }
      this.#buffer.copyWithin(at, at + 1, this.#length);
      this.#buffer[at] = valueCode(codeValue(code), length);
      this.#length--;
    }
  }
}

function codeValue(code: number): number {
  return ((code >> 2) & 31) + 1;
}

function valueCode(value: number, length: number): number {
  return VAL_BIT | ((value - 1) << 2) | (length - 1);
}

/** The codes for a run of `code`'s value with one register in it raised: `before`, the register, `after`. */
function splitCode(code: number, before: number, value: number, after: number): number[] {
  const raised = valueCode(value, 1);
  return [...runCodes(code, before), raised, ...runCodes(code, after)];
}

function runCodes(code: number, length: number): number[] {
  if (length === 0) return [];
  if (code & VAL_BIT) return [valueCode(codeValue(code), length)];
  if (length <= ZERO_LENGTH_MAX) return [length - 1];
  return [XZERO_BIT | ((length - 1) >> 8), (length - 1) & 255];
}

const ALPHA_INFINITE = 0.7213475204444817; // 0.5 / ln 2
/** A register never exceeds 51 by an element's hash. */
const RUN_MAX = 51;

/**
 * The cardinality that a histogram of register values makes most plausible (Otmar Ertl, arXiv:1702.01284).
 * Registers all beyond what a hash can give make it infinite; the machine's conversion then says −2^63.
 */
function estimateCardinality(histogram: Int32Array): number | bigint {
  const m = REGISTERS;
  let z = m * tau((m - histogram[RUN_MAX]) / m);
  for (let run = RUN_MAX - 1; run >= 1; run--) z = (z + histogram[run]) * 0.5;
  z += m * sigma(histogram[0] / m);
  const estimate = (ALPHA_INFINITE * m * m) / z;
  if (estimate >= 2 ** 63) return -(2n ** 63n);
  const whole = Math.floor(estimate);
  const rounded = estimate - whole >= 0.5 ? whole + 1 : whole;
  return Number.isSafeInteger(rounded) ? rounded : BigInt(rounded);
}

/** The cardinality of 16384 registers of one byte each, as PFCOUNT merges several keys into. */
export function estimateRegisters(registers: Uint8Array): number | bigint {
  return estimateCardinality(histogramOf(registers));
}

function histogramOf(registers: Uint8Array): Int32Array {
  const histogram = new Int32Array(64);
  for (let i = 0; i < REGISTERS; i++) histogram[registers[i]]++;
  return histogram;
}

function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let power = x;
  let weight = 1;
  let sum = x;
  for (let before = Number.NaN; before !== sum; ) {
    before = sum;
    power *= power;
    sum += power * weight;
    weight += weight;
  }
  return sum;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let root = x;
  let weight = 1;
  let sum = 1 - x;
  for (let before = Number.NaN; before !== sum; ) {
    before = sum;
    root = Math.sqrt(root);
    weight *= 0.5;
    sum -= (1 - root) * (1 - root) * weight;
  }
  return sum / 3;
}
