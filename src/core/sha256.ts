import { arrayFromBytes, type Bytes } from './bytes.js';
import { hexDigits } from './hex.js';
import { BLOCK_BYTES, paddedMessage } from './message-blocks.js';

const ROUNDS = 64;

/** The standard's constants are the fractions of roots of the first primes, 32 bits of each. */
const primes: readonly number[] = firstPrimes(ROUNDS);
const roundConstants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const initialState = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const schedule = new Int32Array(ROUNDS);

/** The SHA-256 of `source` as 32 bytes. O(length). */
export function sha256(source: Bytes | Uint8Array): Uint8Array {
  const padded = paddedMessage(typeof source === 'string' ? arrayFromBytes(source) : source);
  const view = new DataView(padded.buffer);
  const state = initialState.slice();
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) digestBlock(state, view, at);
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  for (let i = 0; i < 8; i++) out.setInt32(i * 4, state[i]);
  return digest;
}

/** The SHA-256 of `source` as 64 lowercase hexadecimal digits. */
export function sha256Hex(source: Bytes | Uint8Array): string {
  return hexDigits(sha256(source));
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
}

function digestBlock(state: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) schedule[i] = view.getInt32(at + i * 4);
  for (let i = 16; i < ROUNDS; i++) {
    const early = schedule[i - 15];
    const late = schedule[i - 2];
    const mixedEarly = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const mixedLate = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    schedule[i] = schedule[i - 16] + mixedEarly + schedule[i - 7] + mixedLate;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < ROUNDS; i++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + roundConstants[i] + schedule[i]) | 0;
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] += word;
  });
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
