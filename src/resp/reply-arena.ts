import { allocBytesUnsafe, type Bytes, writeBytes } from '../core/bytes.js';

/** Slack behind the asked-for size, so that headers and short numbers need no check of their own. */
const SLACK_BYTES = 64;
const ZERO = 48;
/** The largest integer whose digits are written without making a string. */
const DIGITS_MAX = 999_999_999;

/**
 * The buffer that replies are written to: one growable byte array, reused for every flush. `bytes[0, at)` is what has
 * been written. Writers make room with `reserve` and then write without checks.
 */
export class ReplyArena {
  bytes: Uint8Array;
  at = 0;
  /**
   * Called before the arena grows: it may send what is there and reset `at`, so that the arena need not grow. It runs
   * between two pieces of one reply, so whatever it takes must be sent in order.
   */
  spill: (() => void) | null = null;
  readonly #size: number;

  constructor(size = 16_384) {
    this.#size = size;
    this.bytes = allocBytesUnsafe(size + SLACK_BYTES);
  }

  /** Makes room for `length` bytes and a few more (a header, a line end) after `at`. Amortised O(1). */
  reserve(length: number): void {
    if (this.at + length + SLACK_BYTES > this.bytes.length) this.#makeRoom(length);
  }

  /** Discards what was written; an array that outgrew its initial size is released. */
  reset(): void {
    this.at = 0;
    if (this.bytes.length > this.#size + SLACK_BYTES) this.replace();
  }

  /** Starts a new array of the initial size: the old one has been handed over. */
  replace(): void {
    this.bytes = allocBytesUnsafe(this.#size + SLACK_BYTES);
    this.at = 0;
  }

  /** A prefix byte, an integer and CRLF: `:12\r\n`, `$5\r\n`. Makes its own room. */
  header(prefix: number, value: number): void {
    this.reserve(32);
    this.bytes[this.at++] = prefix;
    this.#digits(value);
    this.crlf();
  }

  /** A bulk string with its header. O(length). */
  bulk(text: Bytes): void {
    const length = text.length;
    this.reserve(length);
    const bytes = this.bytes;
    let at = this.at;
    bytes[at++] = 36;
    if (length < 10) {
      bytes[at++] = ZERO + length;
    } else {
      this.at = at;
      this.#digits(length);
      at = this.at;
    }
    bytes[at++] = 13;
    bytes[at++] = 10;
    at = writeBytes(bytes, text, at);
    bytes[at++] = 13;
    bytes[at++] = 10;
    this.at = at;
  }

  /** A bulk string whose content is `source[start, end)`. O(length). */
  bulkFrom(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.reserve(length);
    this.bytes[this.at++] = 36;
    this.#digits(length);
    this.crlf();
    this.raw(source, start, end);
    this.crlf();
  }

  /** A bulk string that is an integer's digits. */
  bulkInteger(value: number): void {
    if (value < 0 || value > DIGITS_MAX) {
      this.bulk(String(value));
      return;
    }
    this.reserve(32);
    const bytes = this.bytes;
    const { at } = this;
    bytes[at] = 36;
    bytes[at + 1] = ZERO + decimalWidth(value);
    bytes[at + 2] = 13;
    bytes[at + 3] = 10;
    this.at = at + 4;
    this.#digits(value);
    this.crlf();
  }

  /** Bytes of another array. The caller reserved the room. */
  raw(source: Uint8Array, start: number, end: number): void {
    const bytes = this.bytes;
    let at = this.at;
    if (end - start <= 48) {
      for (let i = start; i < end; i++) bytes[at++] = source[i]!;
    } else {
      bytes.set(source.subarray(start, end), at);
      at += end - start;
    }
    this.at = at;
  }

  /** A prefix byte, text and CRLF: `+OK\r\n`. */
  line(prefix: number, text: Bytes): void {
    this.reserve(text.length);
    this.bytes[this.at++] = prefix;
    this.at = writeBytes(this.bytes, text, this.at);
    this.crlf();
  }

  /** Text as it is. */
  text(text: Bytes): void {
    this.reserve(text.length);
    this.at = writeBytes(this.bytes, text, this.at);
  }

  /** A line end. The caller reserved the room. */
  crlf(): void {
    this.bytes[this.at] = 13;
    this.bytes[this.at + 1] = 10;
    this.at += 2;
  }

  #digits(value: number): void {
    const bytes = this.bytes;
    let at = this.at;
    if (value < 0 || value > DIGITS_MAX) {
      this.at = writeBytes(bytes, String(value), at);
      return;
    }
    let left = value | 0;
    const width = decimalWidth(left);
    for (let i = at + width - 1; i >= at; i--) {
      const tenth = (left / 10) | 0;
      bytes[i] = ZERO + left - tenth * 10;
      left = tenth;
    }
    at += width;
    this.at = at;
  }

  #makeRoom(length: number): void {
    this.spill?.();
    const need = this.at + length + SLACK_BYTES;
    if (need <= this.bytes.length) return;
    const grown = allocBytesUnsafe(Math.max(need, this.at === 0 ? 0 : this.bytes.length * 2));
    if (this.at > 0) grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }
}

function decimalWidth(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  return value < 100_000_000 ? 8 : 9;
}
