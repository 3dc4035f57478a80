import { allocBytesUnsafe, type Bytes, writeBytes } from '../../core/bytes.js';
import type { RequestBytes } from '../../engine/effect-queue.js';

/** Initial buffer size. */
const CAPACITY_MIN = 1024;
/** A larger buffer is released when it is emptied. */
const KEPT_BYTES_MAX = 256 * 1024;
/** A sign, the digits of a length, and a line end. */
const HEADER_BYTES_MAX = 16;
/** Up to this length a byte loop copies faster than a native call. */
const LOOP_BYTES_MAX = 64;

const CR = 13;
const LF = 10;
const DOLLAR = 36;
const STAR = 42;
const ZERO = 48;

/** Encoded commands on their way to a log, as arrays of bulk strings. */
export class CommandBuffer {
  #bytes: Uint8Array = allocBytesUnsafe(CAPACITY_MIN);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The buffered bytes, in place: valid until something is added. */
  get view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = allocBytesUnsafe(CAPACITY_MIN);
  }

  text(text: Bytes): void {
    this.#reserve(text.length);
    this.#length = writeBytes(this.#bytes, text, this.#length);
  }

  command(argv: readonly Bytes[]): void {
    this.#reserve(HEADER_BYTES_MAX);
    this.#header(STAR, argv.length);
    for (const word of argv) {
      this.#reserve(word.length + HEADER_BYTES_MAX + 2);
      this.#header(DOLLAR, word.length);
      this.#length = writeBytes(this.#bytes, word, this.#length);
      this.#lineEnd();
    }
  }

  /** Adds a command as it came in. */
  request({ bytes, offsets, words, from, to }: RequestBytes): void {
    const length = to - from;
    this.#reserve(length);
    const target = this.#bytes;
    const start = this.#length;
    if (length > LOOP_BYTES_MAX) target.set(bytes.subarray(from, to), start);
    else for (let i = 0; i < length; i++) target[start + i] = bytes[from + i]!;
    this.#length = start + length;
    // The request parser, like Redis, does not check both bytes of a line end, but loaders of the log do.
    const distance = start - from;
    target[start + digitsOf(words) + 2] = LF;
    for (let i = 0; i < words; i++) {
      const end = offsets[i * 2 + 1]! + distance;
      target[offsets[i * 2]! + distance - 1] = LF;
      target[end] = CR;
      target[end + 1] = LF;
    }
  }

  #header(sign: number, value: number): void {
    const digits = digitsOf(value);
    const bytes = this.#bytes;
    const at = this.#length;
    bytes[at] = sign;
    let left = value;
    for (let i = digits; i > 0; i--) {
      const tenth = Math.floor(left / 10);
      bytes[at + i] = ZERO + left - tenth * 10;
      left = tenth;
    }
    this.#length = at + digits + 1;
    this.#lineEnd();
  }

  #lineEnd(): void {
    this.#bytes[this.#length++] = CR;
    this.#bytes[this.#length++] = LF;
  }

  #reserve(size: number): void {
    const end = this.#length + size;
    if (end <= this.#bytes.length) return;
    const grown = allocBytesUnsafe(Math.max(end, this.#bytes.length * 2));
    grown.set(this.view);
    this.#bytes = grown;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}
