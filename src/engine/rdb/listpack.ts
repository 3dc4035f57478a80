import { allocBytesUnsafe, type Bytes, sliceBytes } from '../../core/bytes.js';
import {
  ELEMENT_OVERHEAD_MAX,
  LISTPACK_END,
  LISTPACK_HEADER_BYTES,
  writeInteger,
  writeText,
} from '../values/listpack.js';
import type { Corrupt } from './rdb-error.js';

// What a listpack looks like is told in ../values/listpack.ts. Whole ones are made here, and read from strangers.

const CAPACITY_MIN = 256;
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
    const taken = allocBytesUnsafe(this.bytes);
    taken.set(this.#bytes.subarray(0, this.#at));
    taken[this.#at] = LISTPACK_END;
    const header = new DataView(taken.buffer, taken.byteOffset, LISTPACK_HEADER_BYTES);
    header.setUint32(0, taken.length, true);
    header.setUint16(4, Math.min(this.#count, COUNT_UNKNOWN), true);
    this.#at = LISTPACK_HEADER_BYTES;
    this.#count = 0;
    return taken;
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

/** The elements of a listpack, integers as their digits. Every byte is checked. */
export function readListpack(blob: Uint8Array, corrupt: Corrupt): Bytes[] {
  const size = blob.length;
  if (size < LISTPACK_HEADER_BYTES + 1) throw corrupt('listpack too short');
  const view = new DataView(blob.buffer, blob.byteOffset, size);
  if (view.getUint32(0, true) !== size) throw corrupt('listpack of another length than it says');
  const last = size - 1;
  if (blob[last] !== LISTPACK_END) throw corrupt('listpack without an end');
  const elements: Bytes[] = [];
  const end = { at: 0 };
  let at = LISTPACK_HEADER_BYTES;
  while (at < last) {
    elements.push(readEntry(blob, view, at, last, end, corrupt));
    const length = end.at - at;
    if (!backLengthFits(blob, end.at, length, last)) throw corrupt('listpack entry with a wrong length');
    at = end.at + backLengthSize(length);
  }
  const count = view.getUint16(4, true);
  if (count !== COUNT_UNKNOWN && count !== elements.length) throw corrupt('listpack with another count than it says');
  return elements;
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

/** The element at `at`; sets `end.at` to the offset after its data. */
function readEntry(
  blob: Uint8Array,
  view: DataView,
  at: number,
  last: number,
  end: { at: number },
  corrupt: Corrupt,
): Bytes {
  const first = blob[at];
  if (first < 0x80) {
    end.at = at + 1;
    return String(first);
  }
  const head = headSize(first);
  const start = at + head;
  if (start > last) throw corrupt('listpack entry beyond the end');
  if (first < 0xc0) return textEntry(blob, start, first & 0x3f, last, end, corrupt);
  if (first < 0xe0) {
    end.at = start;
    return String(((((first & 0x1f) << 8) | blob[at + 1]) << 19) >> 19);
  }
  if (first < 0xf0) return textEntry(blob, start, ((first & 0x0f) << 8) | blob[at + 1], last, end, corrupt);
  end.at = start;
  switch (first) {
    case 0xf0:
      return textEntry(blob, start, view.getUint32(at + 1, true), last, end, corrupt);
    case 0xf1:
      return String(view.getInt16(at + 1, true));
    case 0xf2:
      return String((view.getInt8(at + 3) << 16) | view.getUint16(at + 1, true));
    case 0xf3:
      return String(view.getInt32(at + 1, true));
    case 0xf4:
      return String(view.getBigInt64(at + 1, true));
  }
  throw corrupt(`unknown listpack encoding ${first}`);
}

/** Bytes of the encoding, the integer included where it is one. */
function headSize(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xf0) return 2;
  return [5, 3, 4, 5, 9][first - 0xf0] ?? 1;
}

function textEntry(
  blob: Uint8Array,
  start: number,
  length: number,
  last: number,
  end: { at: number },
  corrupt: Corrupt,
): Bytes {
  end.at = start + length;
  if (end.at > last) throw corrupt('listpack string beyond the end');
  return sliceBytes(blob, start, end.at);
}

/** Whether a double is stored as an integer: whole, and with room to spare in 64 bits. */
export function listpackInteger(value: number): number | bigint | null {
  if (!Number.isInteger(value) || Math.abs(value) > INTEGER_MAX) return null;
  return Number.isSafeInteger(value) ? value + 0 : BigInt(value);
}
