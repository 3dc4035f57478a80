import { allocBytesUnsafe, type Bytes, writeBytes } from '../../core/bytes.js';
import { parseInteger, parseIntegerBytes } from '../../core/integer.js';
import { ByteWriter } from './byte-writer.js';
import { compressLzf } from './lzf.js';
import { ENCODED, ENCODED_INT8, ENCODED_INT16, ENCODED_INT32, ENCODED_LZF } from './rdb-type.js';

const LENGTH_14_BITS = 0x40;
const LENGTH_32_BITS = 0x80;
const LENGTH_64_BITS = 0x81;
/** "-2147483648": a longer text is no 32-bit integer. */
const INT32_DIGITS_MAX = 11;
/** Shorter strings are not worth the trouble. */
const COMPRESSED_BYTES_MIN = 21;
export const COMPRESSED_SAVING_MIN = 4;

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Where a string lies while it is compressed, unless it is longer than this. */
const STAGED_BYTES = 16 * 1024;
const staged = allocBytesUnsafe(STAGED_BYTES);

/** Writes the elements of RDB data: lengths, strings, blobs. */
export class RdbWriter extends ByteWriter {
  /** `rdbcompression`: whether strings are compressed where that makes them shorter. */
  readonly compress: boolean;

  constructor(compress: boolean) {
    super();
    this.compress = compress;
  }

  /** A number ≥ 0 in one to nine bytes. */
  size(value: number): void {
    if (value < 64) {
      this.byte(value);
    } else if (value < 16_384) {
      this.byte(LENGTH_14_BITS | (value >> 8));
      this.byte(value);
    } else if (value < 2 ** 32) {
      this.byte(LENGTH_32_BITS);
      this.u32BigEndian(value);
    } else {
      this.byte(LENGTH_64_BITS);
      this.u64BigEndian(BigInt(value));
    }
  }

  /** As `size`, for numbers of 64 bits; negative ones are taken as unsigned. */
  size64(value: bigint): void {
    const unsigned = BigInt.asUintN(64, value);
    if (unsigned <= SAFE_MAX) {
      this.size(Number(unsigned));
      return;
    }
    this.byte(LENGTH_64_BITS);
    this.u64BigEndian(unsigned);
  }

  /** A string: as an integer or compressed where that is shorter. */
  string(value: Bytes): void {
    if (value.length <= INT32_DIGITS_MAX) {
      const integer = parseInteger(value);
      if (typeof integer === 'number' && this.#smallInteger(integer)) return;
    }
    if (this.compress && value.length >= COMPRESSED_BYTES_MIN) {
      const plain = value.length <= STAGED_BYTES ? staged : allocBytesUnsafe(value.length);
      writeBytes(plain, value, 0);
      if (this.#compressed(plain, 0, value.length)) return;
    }
    this.size(value.length);
    this.text(value);
  }

  /** As `string`, the value in a buffer. */
  blob(value: Uint8Array): void {
    this.span(value, 0, value.length);
  }

  /** As `blob`, `length` bytes of `source` from `start` on. */
  span(source: Uint8Array, start: number, length: number): void {
    if (length <= INT32_DIGITS_MAX) {
      const integer = parseIntegerBytes(source, start, length);
      if (!Number.isNaN(integer) && this.#smallInteger(integer)) return;
    } else if (this.compress && length >= COMPRESSED_BYTES_MIN && this.#compressed(source, start, length)) return;
    this.size(length);
    this.range(source, start, length);
  }

  /** What precedes the bytes of a string that `packed` bytes stand for. */
  packedHeader(packed: number, length: number): void {
    this.byte(ENCODED | ENCODED_LZF);
    this.size(packed);
    this.size(length);
  }

  /** An integer as the string of its digits: never compressed. */
  integerString(value: number | bigint): void {
    if (typeof value === 'number' && this.#smallInteger(value)) return;
    const digits = String(value);
    this.size(digits.length);
    this.text(digits);
  }

  #smallInteger(value: number): boolean {
    if (value >= -128 && value <= 127) {
      this.byte(ENCODED | ENCODED_INT8);
      this.byte(value);
    } else if (value >= -32_768 && value <= 32_767) {
      this.byte(ENCODED | ENCODED_INT16);
      this.u16(value);
    } else if (value >= -2_147_483_648 && value <= 2_147_483_647) {
      this.byte(ENCODED | ENCODED_INT32);
      this.u32(value);
    } else {
      return false;
    }
    return true;
  }

  #compressed(source: Uint8Array, start: number, length: number): boolean {
    const packed = compressLzf(source, start, length, COMPRESSED_SAVING_MIN);
    if (packed === null) return false;
    this.packedHeader(packed.length, length);
    this.raw(packed);
    return true;
  }
}
