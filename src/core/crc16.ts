import type { Bytes } from './bytes.js';

/** The number of hash slots in a cluster. */
export const SLOTS = 16_384;

const OPEN_BRACE = '{';
const CLOSE_BRACE = '}';

/** CRC16-XMODEM: polynomial x^16 + x^12 + x^5 + 1, most significant bit first, from 0. */
const table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  table[byte] = crc;
}

/** The CRC16-XMODEM of bytes `start`…`end`. */
export function crc16(bytes: Bytes, start = 0, end: number = bytes.length): number {
  let crc = 0;
  for (let at = start; at < end; at++) crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ bytes.charCodeAt(at)];
  return crc;
}

/**
 * The hash slot of a key: that of the text between its first `{` and the next `}` unless that is empty, else of the
 * whole key.
 */
export function keySlot(key: Bytes): number {
  const open = key.indexOf(OPEN_BRACE);
  if (open >= 0) {
    const close = key.indexOf(CLOSE_BRACE, open + 1);
    if (close > open + 1) return crc16(key, open + 1, close) & (SLOTS - 1);
  }
  return crc16(key) & (SLOTS - 1);
}
