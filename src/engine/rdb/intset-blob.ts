import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ByteWriter } from './byte-writer.js';
import type { Corrupt } from './rdb-error.js';

/** An intset: `[bytes per integer u32] [integers u32] integer …`, sorted, all as wide as the widest needs. */
const HEADER_BYTES = 8;

/** The blob of integers, which come sorted as their digits. */
export function writeIntset(sorted: readonly Bytes[]): Uint8Array {
  const values = sorted.map((digits) => parseInteger(digits)!);
  // The widest integer is the first or the last one.
  const width = Math.max(widthOf(values[0]), widthOf(values[values.length - 1]));
  const out = new ByteWriter(HEADER_BYTES + width * values.length);
  out.u32(width);
  out.u32(values.length);
  for (const value of values) {
    if (width === 2) out.u16(Number(value));
    else if (width === 4) out.u32(Number(value));
    else out.u64(BigInt(value));
  }
  return out.take();
}

function widthOf(value: number | bigint): 2 | 4 | 8 {
  if (value >= -32_768 && value <= 32_767) return 2;
  return value >= -2_147_483_648 && value <= 2_147_483_647 ? 4 : 8;
}

/** The integers of an intset as their digits, in order. */
export function readIntset(blob: Uint8Array, corrupt: Corrupt): Bytes[] {
  if (blob.length < HEADER_BYTES) throw corrupt('intset too short');
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const width = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  if (width !== 2 && width !== 4 && width !== 8) throw corrupt(`intset of integers of ${width} bytes`);
  if (count === 0 || HEADER_BYTES + width * count !== blob.length)
    throw corrupt('intset of another length than it says');
  const members: Bytes[] = [];
  let previous: number | bigint = -Infinity;
  for (let at = HEADER_BYTES; at < blob.length; at += width) {
    const value =
      width === 2 ? view.getInt16(at, true) : width === 4 ? view.getInt32(at, true) : view.getBigInt64(at, true);
    if (value <= previous) throw corrupt('intset out of order');
    members.push(String(value));
    previous = value;
  }
  return members;
}
