import { allocBytesUnsafe, type Bytes, sliceBytes } from '../../core/bytes.js';
import {
  ELEMENT_OVERHEAD_MAX,
  LISTPACK_END,
  LISTPACK_HEADER_BYTES,
  ListpackReader,
  writeInteger,
  writeText,
} from '../values/listpack.js';
import type { Corrupt } from './rdb-error.js';
import { sharedWord } from './shared-words.js';

// The layout of a listpack is described in ../values/listpack.ts. Here whole ones are built, and those from files are
// read.

const CAPACITY_MIN = 256;
/** A larger buffer is not kept for the next listpack. */
const KEPT_BYTES_MAX = 64 * 1024;
/** This many elements or more: the header does not tell. */
const COUNT_UNKNOWN = 0xffff;

/** Doubles up to here are stored as integers where they are whole. */
const INTEGER_MAX = 2 ** 62;

export class ListpackWriter {
  #bytes = allocBytesUnsafe(CAPACITY_MIN);
  #at = LISTPACK_HEADER_BYTES;
  #count = 0;

  /** Bytes with header and end. */
  get bytes(): number {
    return this.#at + 1;
  }

  get count(): number {
    return this.#count;
  }

  /** Begins another listpack, whatever became of the one before. */
  begin(): this {
    this.#at = LISTPACK_HEADER_BYTES;
    this.#count = 0;
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = allocBytesUnsafe(CAPACITY_MIN);
    return this;
  }

  /** Appends a string; one that is an integer is stored as such. */
  string(value: Bytes): void {
    this.#reserve(value.length);
    this.#at = writeText(this.#bytes, this.#at, value);
    this.#count++;
  }

  /** Appends an integer of 64 bits. */
  integer(value: number | bigint): void {
    this.#reserve(0);
    this.#at = writeInteger(this.#bytes, this.#at, value);
    this.#count++;
  }

  /** The listpack; the writer begins another one. */
  take(): Uint8Array {
    const view = this.finish();
    const taken = allocBytesUnsafe(view.length);
    taken.set(view);
    return taken;
  }

  /** As `take`, where it lies: good until the next one is begun. */
  finish(): Uint8Array {
    const bytes = this.#bytes;
    const length = this.#at + 1;
    const count = Math.min(this.#count, COUNT_UNKNOWN);
    bytes[this.#at] = LISTPACK_END;
    for (let i = 0; i < 4; i++) bytes[i] = length >>> (i * 8);
    bytes[4] = count;
    bytes[5] = count >>> 8;
    this.#at = LISTPACK_HEADER_BYTES;
    this.#count = 0;
    return bytes.subarray(0, length);
  }

  #reserve(length: number): void {
    const end = this.#at + length + ELEMENT_OVERHEAD_MAX;
    if (end <= this.#bytes.length) return;
    const grown = allocBytesUnsafe(Math.max(end, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}

function digitOf(size: number, place: number): number {
  return Math.floor(size / 2 ** (7 * place)) & 0x7f;
}

/** The limits are Redis', which leave the largest number of each width to the next one. */
function backLengthSize(size: number): number {
  return size < 0x80 ? 1 : size < 0x3fff ? 2 : size < 0x1f_ffff ? 3 : size < 0xfff_ffff ? 4 : 5;
}

/** Where elements are put until it is known how many they are: an array that grows leaves larger ones behind. */
let gathered: Bytes[] = [];
const GATHERED_MAX = 1024;

/** Where the data of the element end that was read last. */
let dataEnd = 0;

/**
 * The elements of a listpack, integers as their digits. Every byte is checked. `pairs`: every other one is a field, whose
 * name may be that of many others.
 */
export function readListpack(blob: Uint8Array, corrupt: Corrupt, pairs = false): Bytes[] {
  const size = blob.length;
  if (size < LISTPACK_HEADER_BYTES + 1) throw corrupt('listpack too short');
  if (u32At(blob, 0) !== size) throw corrupt('listpack of another length than it says');
  const last = size - 1;
  if (blob[last] !== LISTPACK_END) throw corrupt('listpack without an end');
  const elements = gathered;
  let found = 0;
  let at = LISTPACK_HEADER_BYTES;
  while (at < last) {
    const first = blob[at]!;
    const end = at + 1 + (first & 0x3f);
    if (first >= 0x80 && first < 0xc0 && end < last) {
      const shared = pairs && (found & 1) === 0;
      elements[found++] = shared ? sharedWord(blob, at + 1, end) : sliceBytes(blob, at + 1, end);
      dataEnd = end;
    } else {
      elements[found++] = readEntry(blob, at, last, corrupt);
    }
    const length = dataEnd - at;
    if (length < 0x80 ? blob[dataEnd] !== length : !backLengthFits(blob, dataEnd, length, last))
      throw corrupt('listpack entry with a wrong length');
    at = dataEnd + backLengthSize(length);
  }
  const count = blob[4]! | (blob[5]! << 8);
  if (count !== COUNT_UNKNOWN && count !== found) throw corrupt('listpack with another count than it says');
  if (found > GATHERED_MAX) gathered = [];
  return elements.slice(0, found);
}

function u32At(blob: Uint8Array, at: number): number {
  return (blob[at]! | (blob[at + 1]! << 8) | (blob[at + 2]! << 16) | (blob[at + 3]! << 24)) >>> 0;
}

function backLengthFits(blob: Uint8Array, at: number, length: number, last: number): boolean {
  const width = backLengthSize(length);
  if (at + width > last) return false;
  for (let i = 0; i < width; i++) {
    const digit = digitOf(length, width - 1 - i) | (i === 0 ? 0 : 0x80);
    if (blob[at + i] !== digit) return false;
  }
  return true;
}

/** The element at `at`; sets `dataEnd`. */
function readEntry(blob: Uint8Array, at: number, last: number, corrupt: Corrupt): Bytes {
  const first = blob[at]!;
  if (first < 0x80) {
    dataEnd = at + 1;
    return String(first);
  }
  const start = at + headSize(first);
  if (start > last) throw corrupt('listpack entry beyond the end');
  if (first < 0xc0) return textEntry(blob, start, first & 0x3f, last, corrupt);
  if (first >= 0xe0 && first < 0xf0) {
    return textEntry(blob, start, ((first & 0x0f) << 8) | blob[at + 1]!, last, corrupt);
  }
  if (first === 0xf0) return textEntry(blob, start, u32At(blob, at + 1), last, corrupt);
  if (first > 0xf4) throw corrupt(`unknown listpack encoding ${first}`);
  dataEnd = start;
  return String(new ListpackReader(blob, at).integer());
}

/** Bytes of the encoding, the integer included where it is one. */
function headSize(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xf0) return 2;
  return [5, 3, 4, 5, 9][first - 0xf0] ?? 1;
}

function textEntry(blob: Uint8Array, start: number, length: number, last: number, corrupt: Corrupt): Bytes {
  dataEnd = start + length;
  if (dataEnd > last) throw corrupt('listpack string beyond the end');
  return sliceBytes(blob, start, dataEnd);
}

/** Whether a double is stored as an integer: whole, and with room to spare in 64 bits. */
export function listpackInteger(value: number): number | bigint | null {
  if (!Number.isInteger(value) || Math.abs(value) > INTEGER_MAX) return null;
  return Number.isSafeInteger(value) ? value + 0 : BigInt(value);
}
