import { type Bytes, joinArrays, sliceBytes } from '../../core/bytes.js';
import { Crc64 } from '../../core/crc64.js';
import { expandLzf } from './lzf.js';
import { type Corrupt, RdbError } from './rdb-error.js';
import { ENCODED_INT8, ENCODED_INT16, ENCODED_INT32, ENCODED_LZF } from './rdb-type.js';

/** No JavaScript string is longer. */
const STRING_BYTES_MAX = 2 ** 29 - 24;
/** A number that is neither: how a string is encoded is −1 minus the encoding. */
const ENCODING_MASK = 0x3f;
const NONE = new Uint8Array(0);

/** Chunks that come little by little. A read beyond those that are there throws `NEED_MORE` until it is `closed`. */
export class ChunkQueue {
  closed = false;
  readonly #chunks: Uint8Array[] = [];

  /** The chunk must not change afterwards. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  next(): IteratorResult<Uint8Array, undefined> {
    const value = this.#chunks.shift();
    return value === undefined ? { done: true, value } : { done: false, value };
  }
}

/** Thrown where a queue has no more chunks for now: `rewind`, and try again when there are some. */
export const NEED_MORE = Symbol('more data are to come');

/**
 * Reads the elements of RDB data from a payload or from chunks of a file, of which it holds one at a time. Every read
 * beyond the end, and everything that cannot be, is an `RdbError`.
 */
export class RdbReader {
  #buffer: Uint8Array = NONE;
  #view: DataView = new DataView(NONE.buffer);
  #at = 0;
  /** Where in the data the buffer begins. */
  #start = 0;
  readonly #chunks: Iterator<Uint8Array> | null;
  readonly #checksum: Crc64 | null;
  /** Where in the buffer the part begins that the checksum has not seen. */
  #summed = 0;
  readonly #queue: ChunkQueue | null;
  /** Where in the buffer `rewind` goes back to. */
  #mark = 0;

  /** `checksum`: whether `checksum()` is going to be asked. */
  constructor(source: Uint8Array | Iterable<Uint8Array> | ChunkQueue, checksum = false) {
    this.#queue = source instanceof ChunkQueue ? source : null;
    if (source instanceof ChunkQueue) this.#chunks = source;
    else this.#chunks = source instanceof Uint8Array ? null : source[Symbol.iterator]();
    this.#checksum = checksum ? new Crc64() : null;
    if (source instanceof Uint8Array) this.#setBuffer(source);
  }

  /** How much was read. */
  get offset(): number {
    return this.#start + this.#at;
  }

  /** What was read of a queue up to here is done with: `rewind` comes back to this place. */
  mark(): void {
    this.#sum();
    this.#mark = this.#at;
  }

  rewind(): void {
    this.#at = this.#mark;
  }

  /** How much is in hand behind the mark. */
  get held(): number {
    return this.#buffer.length - this.#mark;
  }

  /** Makes sure that `size` bytes are there. */
  ensure(size: number): void {
    this.#need(size);
  }

  /** The checksum of all that was read. */
  checksum(): bigint {
    this.#sum();
    return this.#checksum!.value();
  }

  readonly corrupt: Corrupt = (reason) => new RdbError(reason, this.offset);

  /** Whether there is something left. */
  get atEnd(): boolean {
    return this.#at === this.#buffer.length && !this.#fill(1);
  }

  byte(): number {
    this.#need(1);
    return this.#buffer[this.#at++];
  }

  u16(): number {
    this.#need(2);
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }

  i32(): number {
    this.#need(4);
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4, true);
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  u64(): bigint {
    this.#need(8);
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }

  i64(): bigint {
    return BigInt.asIntN(64, this.u64());
  }

  double(): number {
    this.#need(8);
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  /** The next `length` bytes as they are. Good until the next read. */
  raw(length: number): Uint8Array {
    this.#need(length);
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  text(length: number): Bytes {
    if (length > STRING_BYTES_MAX) this.#tooLong(length);
    this.#need(length);
    this.#at += length;
    return sliceBytes(this.#buffer, this.#at - length, this.#at);
  }

  /** A length or count. Beyond 2^53 it is rounded, which no data can fulfil. */
  size(): number {
    const size = this.#sizeOrEncoding();
    if (size < 0) throw this.corrupt('a string where a length belongs');
    return size;
  }

  /** As `size`, all 64 bits. */
  size64(): bigint {
    this.#need(1);
    if (this.#buffer[this.#at] !== 0x81) return BigInt(this.size());
    this.#at++;
    const high = this.#u32BigEndian();
    return (BigInt(high) << 32n) | BigInt(this.#u32BigEndian());
  }

  /** A string. */
  string(): Bytes {
    const size = this.#sizeOrEncoding();
    if (size >= 0) return this.text(size);
    if (-1 - size !== ENCODED_LZF) return String(this.#encodedInteger(-1 - size));
    const expanded = this.#expanded();
    return sliceBytes(expanded, 0, expanded.length);
  }

  /** A string as bytes. Good until the next read. */
  blob(): Uint8Array {
    const size = this.#sizeOrEncoding();
    if (size >= 0) return this.raw(size);
    if (-1 - size === ENCODED_LZF) return this.#expanded();
    return Uint8Array.from(String(this.#encodedInteger(-1 - size)), (digit) => digit.charCodeAt(0));
  }

  #sizeOrEncoding(): number {
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
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, false);
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

  #expanded(): Uint8Array {
    const packedSize = this.size();
    const size = this.size();
    if (size > STRING_BYTES_MAX) this.#tooLong(size);
    return expandLzf(this.raw(packedSize), size, this.corrupt);
  }

  #tooLong(size: number): never {
    throw this.corrupt(`a string of ${size} bytes is too long`);
  }

  #need(size: number): void {
    if (this.#buffer.length - this.#at < size && !this.#fill(size)) {
      if (this.#queue !== null && !this.#queue.closed) throw NEED_MORE;
      throw this.corrupt(`unexpected end: ${size} bytes wanted, ${this.#buffer.length - this.#at} left`);
    }
  }

  /** Gets chunks until `size` bytes can be read; false if there are not so many. */
  #fill(size: number): boolean {
    if (this.#chunks === null) return false;
    // Of a queue nothing is given away that a `rewind` may want again.
    const from = this.#queue === null ? this.#at : this.#mark;
    const parts = [this.#buffer.subarray(from)];
    let length = parts[0].length;
    let available = this.#buffer.length - this.#at;
    while (available < size) {
      const next = this.#chunks.next();
      if (next.done) break;
      parts.push(next.value);
      length += next.value.length;
      available += next.value.length;
    }
    if (parts.length === 1) return false;
    if (this.#queue === null) this.#sum();
    this.#start += from;
    this.#at -= from;
    this.#mark = 0;
    this.#summed = 0;
    this.#setBuffer(parts.length === 2 && parts[0].length === 0 ? parts[1] : joinArrays(parts, length));
    return available >= size;
  }

  #sum(): void {
    this.#checksum?.update(this.#buffer, this.#summed, this.#at);
    this.#summed = this.#at;
  }

  #setBuffer(buffer: Uint8Array): void {
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
}
