import { arrayFromBytes, type Bytes } from './bytes.js';
import { hexDigits } from './hex.js';
import { BLOCK_BYTES, paddedMessage } from './message-blocks.js';

const DIGEST_BYTES = 20;
/** The longest message that fits one block with its padding: hashed without allocating anything but the digest. */
const SHORT_BYTES_MAX = BLOCK_BYTES - 9;

const schedule = new Int32Array(80);
const state = new Int32Array(5);
const shortBlock = new Uint8Array(BLOCK_BYTES);

/** The SHA-1 of `source` as 20 bytes. O(length). */
export function sha1(source: Bytes | Uint8Array): Uint8Array {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89;
  state[2] = 0x98badcfe;
  state[3] = 0x10325476;
  state[4] = 0xc3d2e1f0;
  const padded =
    source.length <= SHORT_BYTES_MAX
      ? paddedShort(source)
      : paddedMessage(typeof source === 'string' ? arrayFromBytes(source) : source);
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) digestBlock(padded, at);
  const digest = new Uint8Array(DIGEST_BYTES);
  for (let i = 0; i < DIGEST_BYTES; i++) digest[i] = state[i >> 2] >>> (24 - (i & 3) * 8);
  return digest;
}

/** The SHA-1 of `source` as 40 lowercase hexadecimal digits. */
export function sha1Hex(source: Bytes | Uint8Array): string {
  return hexDigits(sha1(source));
}

function paddedShort(source: Bytes | Uint8Array): Uint8Array {
  const { length } = source;
  if (typeof source === 'string') for (let i = 0; i < length; i++) shortBlock[i] = source.charCodeAt(i);
  else shortBlock.set(source);
  shortBlock[length] = 0x80;
  shortBlock.fill(0, length + 1);
  // The length in bits, which fits into two bytes.
  shortBlock[BLOCK_BYTES - 2] = length >> 5;
  shortBlock[BLOCK_BYTES - 1] = length << 3;
  return shortBlock;
}

function digestBlock(bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++, at += 4) {
    schedule[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 80; i++) {
    const word = schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16];
    schedule[i] = (word << 1) | (word >>> 31);
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  for (let i = 0; i < 80; i++) {
    let mixed: number;
    if (i < 20) mixed = (((c ^ d) & b) ^ d) + 0x5a827999;
    else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) mixed = ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
    else mixed = (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + mixed + e + schedule[i]) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}
