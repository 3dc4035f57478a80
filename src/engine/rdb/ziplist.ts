import { type Bytes, sliceBytes } from '../../core/bytes.js';
import type { Corrupt } from './rdb-error.js';

/**
 * A ziplist, the listpack of Redis before 7.0:
 *
 *     [total bytes u32] [offset of the last entry u32] [entries u16] entry … entry [0xff]
 *     entry = [length of the entry before, 1 or 5 bytes] [encoding] [data]
 */
const HEADER_BYTES = 10;
const END = 0xff;
const LONG_PREVIOUS = 0xfe;
const COUNT_UNKNOWN = 0xffff;

/** The elements of a ziplist, integers as their digits. Every byte is checked. */
export function readZiplist(blob: Uint8Array, corrupt: Corrupt): Bytes[] {
  const size = blob.length;
  if (size < HEADER_BYTES + 1) throw corrupt('ziplist too short');
  const view = new DataView(blob.buffer, blob.byteOffset, size);
  if (view.getUint32(0, true) !== size) throw corrupt('ziplist of another length than it says');
  const last = size - 1;
  if (blob[last] !== END) throw corrupt('ziplist without an end');
  const elements: Bytes[] = [];
  let at = HEADER_BYTES;
  let previous = 0;
  let lastEntry = HEADER_BYTES;
  while (at < last) {
    const long = blob[at] === LONG_PREVIOUS;
    if (at + (long ? 5 : 1) >= last) throw corrupt('ziplist entry beyond the end');
    const stated = long ? view.getUint32(at + 1, true) : blob[at];
    if (stated !== previous) throw corrupt('ziplist entry with a wrong length of the one before');
    const end = readEntry(blob, view, at + (long ? 5 : 1), last, elements, corrupt);
    previous = end - at;
    lastEntry = at;
    at = end;
  }
  if (view.getUint32(4, true) !== lastEntry) throw corrupt('ziplist with a wrong place of its last entry');
  const count = view.getUint16(8, true);
  if (count !== COUNT_UNKNOWN && count !== elements.length) throw corrupt('ziplist with another count than it says');
  return elements;
}

/** Reads the entry whose encoding is at `at`; returns the offset after it. */
function readEntry(blob: Uint8Array, view: DataView, at: number, last: number, out: Bytes[], corrupt: Corrupt): number {
  const first = blob[at];
  if (first < 0xc0) {
    const head = first < 0x40 ? 1 : first < 0x80 ? 2 : 5;
    const start = at + head;
    if (start > last) throw corrupt('ziplist entry beyond the end');
    let length = first & 0x3f;
    if (head === 2) length = (length << 8) | blob[at + 1];
    else if (head === 5) length = view.getUint32(at + 1, false);
    const end = start + length;
    if (end > last) throw corrupt('ziplist string beyond the end');
    out.push(sliceBytes(blob, start, end));
    return end;
  }
  const end = at + 1 + integerSize(first);
  if (end > last) throw corrupt('ziplist integer beyond the end');
  const value = integerAt(view, first, at + 1);
  if (value === null) throw corrupt(`unknown ziplist encoding ${first}`);
  out.push(String(value));
  return end;
}

function integerSize(encoding: number): number {
  switch (encoding) {
    case 0xc0:
      return 2;
    case 0xd0:
      return 4;
    case 0xe0:
      return 8;
    case 0xf0:
      return 3;
    case 0xfe:
      return 1;
  }
  return 0;
}

function integerAt(view: DataView, encoding: number, at: number): number | bigint | null {
  switch (encoding) {
    case 0xc0:
      return view.getInt16(at, true);
    case 0xd0:
      return view.getInt32(at, true);
    case 0xe0:
      return view.getBigInt64(at, true);
    case 0xf0:
      return (view.getInt8(at + 2) << 16) | view.getUint16(at, true);
    case 0xfe:
      return view.getInt8(at);
  }
  return encoding > 0xf0 && encoding < 0xfe ? (encoding & 0x0f) - 1 : null;
}
