import { arrayFromBytes, type Bytes } from './bytes.js';
import { BLOCK_BYTES, hexDigits, paddedMessage } from './message-blocks.js';

const schedule = new Int32Array(80);

/** The SHA-1 of `source` as 20 bytes. O(length). */
export function sha1(source: Bytes | Uint8Array): Uint8Array {
  const padded = paddedMessage(typeof source === 'string' ? arrayFromBytes(source) : source);
  const view = new DataView(padded.buffer);
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) digestBlock(state, view, at);
  const digest = new Uint8Array(20);
  const out = new DataView(digest.buffer);
  for (let i = 0; i < 5; i++) out.setInt32(i * 4, state[i]);
  return digest;
}

/** The SHA-1 of `source` as 40 lowercase hexadecimal digits. */
export function sha1Hex(source: Bytes | Uint8Array): string {
  return hexDigits(sha1(source));
}

function digestBlock(state: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) schedule[i] = view.getInt32(at + i * 4);
  for (let i = 16; i < 80; i++) {
    schedule[i] = rotate(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1);
  }
  let [a, b, c, d, e] = state;
  for (let i = 0; i < 80; i++) {
    let mixed: number;
    if (i < 20) mixed = (((c ^ d) & b) ^ d) + 0x5a827999;
    else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) mixed = ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
    else mixed = (b ^ c ^ d) + 0xca62c1d6;
    const next = (rotate(a, 5) + mixed + e + schedule[i]) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
