import { type Bytes, sliceBytes } from '../../core/bytes.js';
import type { Corrupt } from './rdb-error.js';

/** A zipmap, the small hash of Redis before 2.6: `[count] ([length] field [length] [unused] value [unused bytes])… [0xff]`. */
const END = 0xff;
const LONG_LENGTH = 0xfe;
const COUNT_UNKNOWN = 0xfe;

/** Fields and values in turn. Every byte is checked. */
export function readZipmap(blob: Uint8Array, corrupt: Corrupt): Bytes[] {
  if (blob.length < 2 || blob[blob.length - 1] !== END) throw corrupt('zipmap without an end');
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const last = blob.length - 1;
  const elements: Bytes[] = [];
  let at = 1;
  const text = (isValue: boolean): void => {
    const long = blob[at] === LONG_LENGTH;
    let start = at + (long ? 5 : 1);
    if (start > last || blob[at] === END) throw corrupt('zipmap entry beyond the end');
    const length = long ? view.getUint32(at + 1, true) : blob[at];
    if (long && length < LONG_LENGTH) throw corrupt('zipmap length that is longer than it need be');
    const unused = isValue ? blob[start++] : 0;
    at = start + length + unused;
    if (at > last) throw corrupt('zipmap string beyond the end');
    elements.push(sliceBytes(blob, start, start + length));
  };
  while (at < last) {
    text(false);
    text(true);
  }
  if (elements.length === 0) throw corrupt('zipmap without a field');
  const count = blob[0];
  if (count < COUNT_UNKNOWN && count !== elements.length / 2) throw corrupt('zipmap with another count than it says');
  return elements;
}
