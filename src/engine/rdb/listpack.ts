import { type Bytes, sliceBytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ByteWriter } from './byte-writer.js';
import type { Corrupt } from './rdb-error.js';

/**
 * A listpack: strings and integers in one blob.
 *
 *     [total bytes u32] [elements u16] entry … entry [0xff]
 *     entry = [encoding and data] [their length, to be read backward]
 */
const HEADER_BYTES = 6;
const END = 0xff;
/** This many elements or more: the header does not tell. */
const COUNT_UNKNOWN = 0xffff;

/** Doubles up to here are stored as integers where they are whole. */
const INTEGER_MAX = 2 ** 62;

export class ListpackWriter {
  readonly #out = new ByteWriter();
  #count = 0;

  constructor() {
    this.#start();
  }

  /** Bytes with header and end. */
  get bytes(): number {
    return this.#out.length + 1;
  }

  get count(): number {
    return this.#count;
  }

  /** Appends a string; one that is an integer is stored as such. */
  string(value: Bytes): void {
    const integer = parseInteger(value);
    if (integer !== null) {
      this.integer(integer);
      return;
    }
    const out = this.#out;
    const start = out.length;
    const { length } = value;
    if (length < 64) out.byte(0x80 | length);
    else if (length < 4096) {
      out.byte(0xe0 | (length >> 8));
      out.byte(length);
    } else {
      out.byte(0xf0);
      out.u32(length);
    }
    out.text(value);
    this.#close(start);
  }

  /** Appends an integer of 64 bits. */
  integer(value: number | bigint): void {
    const out = this.#out;
    const start = out.length;
    if (value >= 0 && value <= 127) {
      out.byte(Number(value));
    } else if (value >= -4096 && value <= 4095) {
      const bits = Number(value) & 0x1fff;
      out.byte(0xc0 | (bits >> 8));
      out.byte(bits);
    } else if (value >= -32_768 && value <= 32_767) {
      out.byte(0xf1);
      out.u16(Number(value));
    } else if (value >= -8_388_608 && value <= 8_388_607) {
      out.byte(0xf2);
      out.u16(Number(value));
      out.byte(Number(value) >> 16);
    } else if (value >= -2_147_483_648 && value <= 2_147_483_647) {
      out.byte(0xf3);
      out.u32(Number(value));
    } else {
      out.byte(0xf4);
      out.u64(BigInt(value));
    }
    this.#close(start);
  }

  /** The listpack; the writer begins another one. */
  take(): Uint8Array {
    this.#out.byte(END);
    this.#out.patchU32(0, this.#out.length);
    this.#out.patchU16(4, Math.min(this.#count, COUNT_UNKNOWN));
    const taken = this.#out.take();
    this.#start();
    return taken;
  }

  #start(): void {
    this.#count = 0;
    this.#out.u32(0);
    this.#out.u16(0);
  }

  /** Ends an entry with its length: seven bits a byte, the lowest last, all but the first byte marked. */
  #close(start: number): void {
    const size = this.#out.length - start;
    const highest = backLengthSize(size) - 1;
    for (let i = highest; i >= 0; i--) this.#out.byte(digitOf(size, i) | (i === highest ? 0 : 0x80));
    this.#count++;
  }
}

function digitOf(size: number, place: number): number {
  return Math.floor(size / 2 ** (7 * place)) & 0x7f;
}

function backLengthSize(size: number): number {
  return size < 0x80 ? 1 : size < 0x4000 ? 2 : size < 0x20_0000 ? 3 : size < 0x1000_0000 ? 4 : 5;
}

/** The elements of a listpack, integers as their digits. Every byte is checked. */
export function readListpack(blob: Uint8Array, corrupt: Corrupt): Bytes[] {
  const size = blob.length;
  if (size < HEADER_BYTES + 1) throw corrupt('listpack too short');
  const view = new DataView(blob.buffer, blob.byteOffset, size);
  if (view.getUint32(0, true) !== size) throw corrupt('listpack of another length than it says');
  const last = size - 1;
  if (blob[last] !== END) throw corrupt('listpack without an end');
  const elements: Bytes[] = [];
  const end = { at: 0 };
  let at = HEADER_BYTES;
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
function readEntry(blob: Uint8Array, view: DataView, at: number, last: number, end: { at: number }, corrupt: Corrupt): Bytes {
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

function textEntry(blob: Uint8Array, start: number, length: number, last: number, end: { at: number }, corrupt: Corrupt): Bytes {
  end.at = start + length;
  if (end.at > last) throw corrupt('listpack string beyond the end');
  return sliceBytes(blob, start, end.at);
}

/** Whether a double is stored as an integer: whole, and with room to spare in 64 bits. */
export function listpackInteger(value: number): number | bigint | null {
  if (!Number.isInteger(value) || Math.abs(value) > INTEGER_MAX) return null;
  return Number.isSafeInteger(value) ? value + 0 : BigInt(value);
}
