import { arrayFromBytes, type Bytes } from './bytes.js';
import { BLOCK_BYTES, paddedMessage } from './message-blocks.js';

/** How far each of the four steps of a round turns its word. */
const turns = new Uint8Array([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]);

/** One constant per step, from the sine of its number. */
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

/** The MD5 of `source` as 16 bytes. For placing keys as other libraries do, not for security. O(length). */
export function md5(source: Bytes | Uint8Array): Uint8Array {
  const words = md5Words(source);
  const digest = new Uint8Array(16);
  const out = new DataView(digest.buffer);
  for (let i = 0; i < 4; i++) out.setInt32(i * 4, words[i]!, true);
  return digest;
}

/** Longest message whose padding fits its block. */
const SOLE_BLOCK_BYTES_MAX = 55;
const soleBlock = new Uint8Array(BLOCK_BYTES);
const soleView = new DataView(soleBlock.buffer);
const soleState = new Int32Array(4);

/** The first of the four words of `md5Words`, unsigned. Allocates nothing for short messages, as it places keys. */
export function md5FirstWord(source: Bytes): number {
  const { length } = source;
  if (length > SOLE_BLOCK_BYTES_MAX) return md5Words(source)[0] >>> 0;
  for (let i = 0; i < length; i++) soleBlock[i] = source.charCodeAt(i);
  soleBlock[length] = 0x80;
  soleBlock.fill(0, length + 1, 56);
  soleView.setUint32(56, length << 3, true);
  begin(soleState);
  digestBlock(soleState, soleView, 0);
  return soleState[0] >>> 0;
}

function begin(state: Int32Array): void {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89;
  state[2] = 0x98badcfe;
  state[3] = 0x10325476;
}

/** The MD5 of `source` as four 32-bit words, least significant byte first, signed. O(length). */
export function md5Words(source: Bytes | Uint8Array): Int32Array {
  const padded = paddedMessage(typeof source === 'string' ? arrayFromBytes(source) : source, true);
  const view = new DataView(padded.buffer);
  const state = new Int32Array(4);
  begin(state);
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) digestBlock(state, view, at);
  return state;
}

const words = new Int32Array(16);

function digestBlock(state: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4, true);
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  for (let i = 0; i < 64; i++) {
    let mixed: number;
    let word: number;
    if (i < 16) {
      mixed = ((c ^ d) & b) ^ d;
      word = i;
    } else if (i < 32) {
      mixed = ((b ^ c) & d) ^ c;
      word = (5 * i + 1) & 15;
    } else if (i < 48) {
      mixed = b ^ c ^ d;
      word = (3 * i + 5) & 15;
    } else {
      mixed = c ^ (b | ~d);
      word = (7 * i) & 15;
    }
    const sum = (a + mixed + sines[i] + words[word]) | 0;
    const turn = turns[((i >> 4) << 2) | (i & 3)];
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}
