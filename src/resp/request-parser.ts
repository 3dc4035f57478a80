import { type Bytes, sliceBytes } from '../core/bytes.js';
import { splitArguments } from '../core/quoted-arguments.js';

/** The outcome of parsing. */
export const PARTIAL = 0;
export const COMPLETE = 1;
/** A request without arguments (`*0`, a blank line): nothing to carry out. */
const EMPTY = 2;
/** The bytes are not a request; `error` says why and the connection must be closed. */
export const FAILED = 3;
export type ParseState = typeof PARTIAL | typeof COMPLETE | typeof EMPTY | typeof FAILED;

/** Limits on requests, the same as Redis'. Lengths in bytes. */
export const requestLimits = {
  /** A line: an inline request or a header. */
  line_bytes_max: 65_536,
  arguments_max: 2_147_483_647,
  unauthenticated_arguments_max: 10,
  unauthenticated_bulk_bytes_max: 16_384,
  /** V8's longest string: a little less than the 512 MiB that Redis allows by default. */
  string_bytes_max: 536_870_888,
} as const;

/** Offset arrays larger than this are not kept for the next request. */
const KEPT_OFFSETS_MAX = 2048;
/**
 * How far the parser may read past the data; an array with that much slack avoids V8's slow path for out-of-bounds
 * reads.
 */
export const READ_SLACK_BYTES = 64;

/** Requests with up to this many arguments are parsed in one go. */
const PLAIN_ARGUMENTS_MAX = 32;

const CR = 13;
const LF = 10;
const DOLLAR = 36;
const STAR = 42;

/**
 * Finds the arguments of one request in a byte array, in place: argument i is `bytes[offsets[2i], offsets[2i + 1])`.
 * A request whose bytes are not all there yet is taken up where it was left, so no byte is looked at twice.
 *
 * The arrays given should have `READ_SLACK_BYTES` bytes behind `end` (their content does not matter).
 */
export class RequestParser {
  offsets: Int32Array = new Int32Array(PLAIN_ARGUMENTS_MAX * 2);
  /** The number of arguments found. */
  argc = 0;
  /** Offset of the request's first byte. */
  start = 0;
  /** Offset of the first byte after the request (COMPLETE, EMPTY), or where parsing goes on (PARTIAL). */
  next = 0;
  /** The arguments of an inline request, which have no offsets because of quotes; null for a multibulk request. */
  inline: Bytes[] | null = null;
  /** The protocol error's text, without its `ERR `. */
  error: Bytes = '';
  /** Whether the sender has yet to authenticate: it may send only short requests. */
  restricted = false;
  bulk_bytes_max = requestLimits.string_bytes_max as number;

  /** Arguments still to come; 0 while the header is unread. */
  #missing = 0;
  /** Length of the argument to come, −1 while its header is unread. */
  #bulk = -1;
  /** How far the search for a line end has come. */
  #scanned = 0;

  /** Parses the request that starts at `at`. O(its length). */
  parse(bytes: Uint8Array, at: number, end: number): ParseState {
    this.inline = null;
    this.start = at;
    if (bytes[at] === STAR && this.#parsePlain(bytes, at, end)) return COMPLETE;
    this.argc = 0;
    this.next = at;
    this.#missing = 0;
    this.#bulk = -1;
    this.#scanned = at;
    return this.resume(bytes, end);
  }

  /** Continues a request that was PARTIAL, now that there are more bytes. */
  resume(bytes: Uint8Array, end: number): ParseState {
    if (this.#missing === 0) {
      if (this.next >= end) return PARTIAL;
      if (bytes[this.next] !== STAR) return this.#parseInline(bytes, end);
      const state = this.#parseCount(bytes, end);
      if (state !== COMPLETE) return state;
    }
    while (this.#missing > 0) {
      const state = this.#parseArgument(bytes, end);
      if (state !== COMPLETE) return state;
    }
    return COMPLETE;
  }

  /** The least number of bytes that are missing before parsing can continue: 1 where that is unknown. */
  missingBytes(end: number): number {
    return this.#bulk < 0 ? 1 : Math.max(1, this.next + this.#bulk + 2 - end);
  }

  /** How much of the announced argument has arrived, its line end included; −1 while none is announced. */
  argumentBytes(end: number): number {
    return this.#bulk < 0 ? -1 : end - this.next;
  }

  /** The bytes were moved towards the array's start by `distance`. */
  rebase(distance: number): void {
    const offsets = this.offsets;
    for (let i = 0; i < this.argc * 2; i++) offsets[i] = offsets[i]! - distance;
    this.start -= distance;
    this.next -= distance;
    this.#scanned -= distance;
  }

  /** The complete request's arguments as strings of their own. */
  argv(bytes: Uint8Array): Bytes[] {
    if (this.inline !== null) return this.inline;
    const { argc, offsets } = this;
    const argv = new Array<Bytes>(argc);
    for (let i = 0; i < argc; i++) argv[i] = sliceBytes(bytes, offsets[i * 2]!, offsets[i * 2 + 1]!);
    if (offsets.length > KEPT_OFFSETS_MAX) this.offsets = new Int32Array(PLAIN_ARGUMENTS_MAX * 2);
    return argv;
  }

  /**
   * The fast path for nearly every request: complete, with few arguments of at most 9999 bytes. False: take the careful
   * path.
   */
  #parsePlain(bytes: Uint8Array, at: number, end: number): boolean {
    let p = at + 1;
    let argc = bytes[p]! - 48;
    const unit = bytes[p + 1]! - 48;
    if (!(argc >= 1 && argc <= 9)) return false;
    if (unit >= 0 && unit <= 9) {
      argc = argc * 10 + unit;
      p++;
      if (argc > (this.restricted ? requestLimits.unauthenticated_arguments_max : PLAIN_ARGUMENTS_MAX)) return false;
    }
    if (bytes[p + 1] !== CR) return false;
    p += 3;
    const offsets = this.offsets;
    for (let i = 0; i < argc; i++) {
      if (p >= end || bytes[p] !== DOLLAR) return false;
      let length = bytes[p + 1]! - 48;
      p += 2;
      if (!(length >= 0 && length <= 9)) return false;
      for (let c = bytes[p]!; c !== CR; c = bytes[p]!) {
        if (!(c >= 48 && c <= 57) || length === 0 || length > 999) return false;
        length = length * 10 + c - 48;
        p++;
      }
      p += 2;
      offsets[i * 2] = p;
      p += length;
      offsets[i * 2 + 1] = p;
      p += 2;
      if (p > end) return false;
    }
    this.argc = argc;
    this.next = p;
    this.#missing = 0;
    return true;
  }

  #parseCount(bytes: Uint8Array, end: number): ParseState {
    const lineEnd = this.#findLineEnd(bytes, CR, end);
    if (lineEnd < 0) return this.#lineMissing('too big mbulk count string', end);
    if (lineEnd + 1 >= end) return PARTIAL;
    const count = parseLength(bytes, this.next + 1, lineEnd);
    if (Number.isNaN(count) || count > requestLimits.arguments_max) return this.#fail('invalid multibulk length');
    if (count > requestLimits.unauthenticated_arguments_max && this.restricted) {
      return this.#fail('unauthenticated multibulk length');
    }
    this.#advanceTo(lineEnd + 2);
    if (count <= 0) return EMPTY;
    this.#missing = count;
    return COMPLETE;
  }

  #parseArgument(bytes: Uint8Array, end: number): ParseState {
    if (this.#bulk < 0) {
      const state = this.#parseBulkLength(bytes, end);
      if (state !== COMPLETE) return state;
    }
    const start = this.next;
    if (end - start < this.#bulk + 2) return PARTIAL;
    if (this.argc * 2 === this.offsets.length) this.#growOffsets();
    this.offsets[this.argc * 2] = start;
    this.offsets[this.argc * 2 + 1] = start + this.#bulk;
    this.argc++;
    this.#missing--;
    this.#advanceTo(start + this.#bulk + 2);
    this.#bulk = -1;
    return COMPLETE;
  }

  #parseBulkLength(bytes: Uint8Array, end: number): ParseState {
    const lineEnd = this.#findLineEnd(bytes, CR, end);
    if (lineEnd < 0) return this.#lineMissing('too big bulk count string', end);
    if (lineEnd + 1 >= end) return PARTIAL;
    const prefix = bytes[this.next]!;
    if (prefix !== DOLLAR) return this.#fail(`expected '$', got '${String.fromCharCode(prefix)}'`);
    const length = parseLength(bytes, this.next + 1, lineEnd);
    if (Number.isNaN(length) || length < 0 || length > this.bulk_bytes_max) return this.#fail('invalid bulk length');
    if (length > requestLimits.unauthenticated_bulk_bytes_max && this.restricted) {
      return this.#fail('unauthenticated bulk length');
    }
    this.#advanceTo(lineEnd + 2);
    this.#bulk = length;
    return COMPLETE;
  }

  #parseInline(bytes: Uint8Array, end: number): ParseState {
    const lineEnd = this.#findLineEnd(bytes, LF, end);
    if (lineEnd < 0) return this.#lineMissing('too big inline request', end);
    const start = this.next;
    const textEnd = lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    const argv = splitArguments(sliceBytes(bytes, start, textEnd));
    if (argv === null) return this.#fail('unbalanced quotes in request');
    this.#advanceTo(lineEnd + 1);
    if (argv.length === 0) return EMPTY;
    this.inline = argv;
    this.argc = argv.length;
    return COMPLETE;
  }

  /** The offset of the line's end, −1 if it has not arrived. A zero byte hides what follows it, as in Redis. */
  #findLineEnd(bytes: Uint8Array, mark: number, end: number): number {
    let at = this.#scanned;
    while (at < end && bytes[at] !== mark && bytes[at] !== 0) at++;
    this.#scanned = at;
    return at < end && bytes[at] === mark ? at : -1;
  }

  #lineMissing(error: Bytes, end: number): ParseState {
    return end - this.next > requestLimits.line_bytes_max ? this.#fail(error) : PARTIAL;
  }

  #advanceTo(at: number): void {
    this.next = at;
    this.#scanned = at;
  }

  #fail(error: Bytes): ParseState {
    this.error = `Protocol error: ${error}`;
    return FAILED;
  }

  #growOffsets(): void {
    const grown = new Int32Array(this.offsets.length * 2);
    grown.set(this.offsets);
    this.offsets = grown;
  }
}

/** A decimal 64-bit integer without leading zeros, plus or blanks; NaN for anything else. */
function parseLength(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === 45;
  const first = negative ? start + 1 : start;
  const width = end - first;
  if (width < 1 || width > 19) return Number.NaN;
  if (bytes[first] === 48) return width === 1 && !negative ? 0 : Number.NaN;
  let value = 0;
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  // A negative count is an empty request unless it does not fit 64 bits, where the exact border is beyond a double.
  if (width === 19 && BigInt(sliceBytes(bytes, first, end)) > 9_223_372_036_854_775_807n + (negative ? 1n : 0n)) {
    return Number.NaN;
  }
  return negative ? -value : value;
}
