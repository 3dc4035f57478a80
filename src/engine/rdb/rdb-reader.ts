import { allocBytesUnsafe, type Bytes, sliceBytes, writeBytes } from '../../core/bytes.js';
import { Crc64 } from '../../core/crc64.js';
import type { ByteTable } from '../values/byte-table.js';
import { LOOK_AHEAD_KEYS } from '../values/look-ahead.js';
import { ChunkQueue, ChunkWindow } from './chunk-window.js';
import { expandLzf } from './lzf.js';
import { type Corrupt, RdbError } from './rdb-error.js';
import { ENCODED, ENCODED_INT8, ENCODED_INT16, ENCODED_INT32, ENCODED_LZF, STRING } from './rdb-type.js';

/** No JavaScript string is longer. */
export const STRING_BYTES_MAX = 2 ** 29 - 24;
/** A number that is neither: how a string is encoded is −1 minus the encoding. */
const ENCODING_MASK = 0x3f;
/** Strings that are not in the data as they are, expanded or spelled out, lie here unless they are longer. */
const EXPANDED_BYTES = 64 * 1024;
const expanded = allocBytesUnsafe(EXPANDED_BYTES);

/** The keys that a table is to look ahead for. */
const ahead = new Int32Array(LOOK_AHEAD_KEYS * 2);
/** A key and the header of its value are shorter. */
const LOOK_AHEAD_BYTES = 80;

const float = new Float64Array(1);
const floatWords = new Uint32Array(float.buffer);
float[0] = 1;
/** Which of the two words of a double is the lower one. */
const LOW_WORD = floatWords[0] === 0 ? 0 : 1;

/** Thrown where a queue has no more chunks for now: `rewind`, and try again when there are some. */
export const NEED_MORE = Symbol('more data are to come');

/** Where a string ends that is an integer or less than 16 KiB long, and not compressed; −1 for any other. */
function afterShortString(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 64) return at + 1 + first;
  if (first < 128) return at + 2 + (((first & 0x3f) << 8) | bytes[at + 1]!);
  return first >= ENCODED && first <= ENCODED + ENCODED_INT32 ? at + 1 + (1 << (first - ENCODED)) : -1;
}

/**
 * Reads the elements of RDB data from a payload or from chunks of a file, of which it holds one at a time. Every read
 * beyond the end, and everything that cannot be, is an `RdbError`.
 */
export class RdbReader extends ChunkWindow {
  /** The string that `span` has read: `spanBytes[spanStart, spanStart + spanLength)`, good until the next read. */
  spanBytes: Uint8Array = expanded;
  spanStart = 0;
  spanLength = 0;
  readonly #checksum: Crc64 | null;
  /** Where in the window the part begins that the checksum has not seen. */
  #summed = 0;
  readonly #queue: ChunkQueue | null;
  /** Where in the window `rewind` goes back to. */
  #mark = 0;

  /** `checksum`: whether `checksum()` is going to be asked. */
  constructor(source: Uint8Array | Iterable<Uint8Array> | ChunkQueue, checksum = false) {
    super(source);
    this.#queue = source instanceof ChunkQueue ? source : null;
    this.#checksum = checksum ? new Crc64() : null;
  }

  /** What was read of a queue up to here is done with: `rewind` comes back to this place. */
  mark(): void {
    this.#mark = this.at;
  }

  rewind(): void {
    this.at = this.#mark;
  }

  /** How much is in hand behind the mark. */
  get held(): number {
    return this.end - this.#mark;
  }

  /** Makes sure that `size` bytes are there. */
  ensure(size: number): void {
    this.#need(size);
  }

  /** The checksum of all that was read. */
  checksum(): bigint {
    this.#sum(this.at);
    return this.#checksum!.value();
  }

  readonly corrupt: Corrupt = (reason) => new RdbError(reason, this.offset);

  /** Whether there is something left. */
  get atEnd(): boolean {
    return this.at === this.end && !this.#more(1);
  }

  byte(): number {
    if (this.at === this.end) this.#need(1);
    return this.window[this.at++]!;
  }

  u16(): number {
    this.#need(2);
    const { window, at } = this;
    this.at = at + 2;
    return window[at]! | (window[at + 1]! << 8);
  }

  i32(): number {
    this.#need(4);
    const { window, at } = this;
    this.at = at + 4;
    return window[at]! | (window[at + 1]! << 8) | (window[at + 2]! << 16) | (window[at + 3]! << 24);
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  u64(): bigint {
    this.#need(8);
    const low = this.u32();
    return (BigInt(this.u32()) << 32n) | BigInt(low);
  }

  i64(): bigint {
    return BigInt.asIntN(64, this.u64());
  }

  /** As `i64`, rounded where it is beyond ±2^53. */
  i64Rounded(): number {
    this.#need(8);
    const low = this.u32();
    return this.i32() * 2 ** 32 + low;
  }

  double(): number {
    this.#need(8);
    floatWords[LOW_WORD] = this.u32();
    floatWords[1 - LOW_WORD] = this.u32();
    return float[0]!;
  }

  /** The next `length` bytes as they are. Good until the next read. */
  raw(length: number): Uint8Array {
    this.#need(length);
    this.at += length;
    return this.window.subarray(this.at - length, this.at);
  }

  text(length: number): Bytes {
    if (length > STRING_BYTES_MAX) this.#tooLong(length);
    this.#need(length);
    this.at += length;
    return sliceBytes(this.window, this.at - length, this.at);
  }

  /** A length or count. Beyond 2^53 it is rounded, which no data can fulfil. */
  size(): number {
    const size = this.sizeOrEncoding();
    if (size < 0) throw this.corrupt('a string where a length belongs');
    return size;
  }

  /** As `size`, all 64 bits. */
  size64(): bigint {
    this.#need(1);
    if (this.window[this.at] !== 0x81) return BigInt(this.size());
    this.at++;
    const high = this.#u32BigEndian();
    return (BigInt(high) << 32n) | BigInt(this.#u32BigEndian());
  }

  /** A string. */
  string(): Bytes {
    this.span();
    return sliceBytes(this.spanBytes, this.spanStart, this.spanStart + this.spanLength);
  }

  /** A string as bytes. Good until the next read. */
  blob(): Uint8Array {
    this.span();
    return this.spanBytes.subarray(this.spanStart, this.spanStart + this.spanLength);
  }

  /** A string where it lies, which `spanBytes`, `spanStart` and `spanLength` tell. */
  span(): void {
    this.spanOf(this.sizeOrEncoding());
  }

  /** As `span`, after `sizeOrEncoding`. */
  spanOf(size: number): void {
    if (size >= 0) {
      if (size > STRING_BYTES_MAX) this.#tooLong(size);
      this.#need(size);
      this.spanBytes = this.window;
      this.spanStart = this.at;
      this.spanLength = size;
      this.at += size;
    } else if (-1 - size === ENCODED_LZF) {
      this.#expand();
    } else {
      const digits = String(this.#encodedInteger(-1 - size));
      writeBytes(expanded, digits, 0);
      this.spanBytes = expanded;
      this.spanStart = 0;
      this.spanLength = digits.length;
    }
  }

  /** What a string begins with: its length, or, negative, how it is encoded. */
  sizeOrEncoding(): number {
    const first = this.byte();
    switch (first >> 6) {
      case 0:
        return first;
      case 1:
        return ((first & 0x3f) << 8) | this.byte();
      case 3:
        return -1 - (first & ENCODING_MASK);
    }
    if (first === 0x80) return this.#u32BigEndian();
    if (first === 0x81) return this.#u32BigEndian() * 2 ** 32 + this.#u32BigEndian();
    throw this.corrupt(`unknown length encoding ${first}`);
  }

  #u32BigEndian(): number {
    this.#need(4);
    const { window, at } = this;
    this.at = at + 4;
    return ((window[at]! << 24) | (window[at + 1]! << 16) | (window[at + 2]! << 8) | window[at + 3]!) >>> 0;
  }

  #encodedInteger(encoding: number): number {
    switch (encoding) {
      case ENCODED_INT8:
        return (this.byte() << 24) >> 24;
      case ENCODED_INT16:
        return (this.u16() << 16) >> 16;
      case ENCODED_INT32:
        return this.i32();
    }
    throw this.corrupt(`unknown string encoding ${encoding}`);
  }

  #expand(): void {
    const packedSize = this.size();
    this.expandedSpan(packedSize, this.size());
  }

  /** As `span`, of a string whose length, compressed and not, was read. */
  expandedSpan(packedSize: number, size: number): void {
    if (size > STRING_BYTES_MAX) this.#tooLong(size);
    this.#need(packedSize);
    const start = this.at;
    this.at += packedSize;
    this.spanBytes = expandLzf(
      this.window,
      start,
      packedSize,
      size,
      size <= EXPANDED_BYTES ? expanded : null,
      this.corrupt,
    );
    this.spanStart = 0;
    this.spanLength = size;
  }

  /** Throws if it is certain already that no `size` bytes are going to come. */
  expect(size: number): void {
    if (this.whole) this.#need(size);
  }

  /** The next bytes where they lie, at least `least` and at most `most` of them, as a span. They are not read by that. */
  look(least: number, most: number): void {
    this.#need(least);
    this.spanBytes = this.window;
    this.spanStart = this.at;
    this.spanLength = Math.min(this.end - this.at, most);
  }

  /** Reads bytes that `look` has shown. */
  skip(count: number): void {
    this.at += count;
  }

  /**
   * Has the table look ahead for the keys that come next, as long as they are short and plain and so are their values,
   * strings all of them. To be called where a key begins. Nothing is read by it.
   */
  lookAhead(table: ByteTable): void {
    const { window } = this;
    const end = this.end - LOOK_AHEAD_BYTES;
    let count = 0;
    for (let at = this.at; count < LOOK_AHEAD_KEYS && at < end; ) {
      const length = window[at]!;
      if (length > 63) break;
      ahead[count * 2] = ++at;
      at += length;
      ahead[count++ * 2 + 1] = at;
      const next = afterShortString(window, at);
      if (next < 0 || window[next] !== STRING) break;
      at = next + 1;
    }
    table.lookAhead(window, ahead, count);
  }

  #tooLong(size: number): never {
    throw this.corrupt(`a string of ${size} bytes is too long`);
  }

  #need(size: number): void {
    if (this.end - this.at < size && !this.#more(size)) {
      if (this.#queue !== null && !this.#queue.closed) throw NEED_MORE;
      throw this.corrupt(`unexpected end: ${size} bytes wanted, ${this.available} left`);
    }
  }

  /** Gets more data. Of a queue nothing is given away that a `rewind` may want again. */
  #more(size: number): boolean {
    return this.fill(size, this.#queue === null ? this.at : this.#mark);
  }

  protected override losing(from: number): void {
    this.#sum(from);
    this.#summed -= from;
    this.#mark = Math.max(0, this.#mark - from);
  }

  #sum(until: number): void {
    if (until <= this.#summed) return;
    this.#checksum?.update(this.window, this.#summed, until);
    this.#summed = until;
  }
}
