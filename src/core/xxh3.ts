import type { Bytes } from './bytes.js';

/**
 * XXH3 with 64 bits and no seed, the hash that DIGEST replies: the published algorithm with its constants and default
 * secret.
 */
const MASK = (1n << 64n) - 1n;
const LOW = 0xffffffffn;
const PRIME32_1 = 0x9e3779b1n;
const PRIME32_2 = 0x85ebca77n;
const PRIME32_3 = 0xc2b2ae3dn;
const PRIME64_1 = 0x9e3779b185ebca87n;
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME64_3 = 0x165667b19e3779f9n;
const PRIME64_4 = 0x85ebca77c2b2ae63n;
const PRIME64_5 = 0x27d4eb2f165667c5n;
const PRIME_MX1 = 0x165667919e3779f9n;
const PRIME_MX2 = 0x9fb21c651e98df25n;

const SECRET = fromHex(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8' +
    'fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb17' +
    '0ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
);

const STRIPE_BYTES = 64;
const STRIPES_PER_BLOCK = 16;
const BLOCK_BYTES = STRIPE_BYTES * STRIPES_PER_BLOCK;
const LANES = 8;

function fromHex(text: string): DataView {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return new DataView(bytes.buffer);
}

/** 16 digits in lower case. O(n). */
export function xxh3Hex(text: Bytes): Bytes {
  const input = new DataView(new ArrayBuffer(text.length));
  for (let i = 0; i < text.length; i++) input.setUint8(i, text.charCodeAt(i));
  return hash(input).toString(16).padStart(16, '0');
}

function hash(input: DataView): bigint {
  const { byteLength } = input;
  if (byteLength <= 16) return hashShort(input);
  if (byteLength <= 128) return hashMedium(input);
  return byteLength <= 240 ? hashLonger(input) : hashLong(input);
}

function word(view: DataView, at: number): bigint {
  return view.getBigUint64(at, true);
}

function secret(at: number): bigint {
  return word(SECRET, at);
}

function foldedProduct(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ (product >> 64n);
}

function rotated(value: bigint, by: bigint): bigint {
  return ((value << by) & MASK) | (value >> (64n - by));
}

function swapped(value: bigint): bigint {
  let out = 0n;
  for (let rest = value, i = 0; i < 8; i++, rest >>= 8n) out = (out << 8n) | (rest & 0xffn);
  return out;
}

/** The last mixing of the short inputs. */
function avalanche64(value: bigint): bigint {
  let h = value;
  h = ((h ^ (h >> 33n)) * PRIME64_2) & MASK;
  h = ((h ^ (h >> 29n)) * PRIME64_3) & MASK;
  return h ^ (h >> 32n);
}

function avalanche(value: bigint): bigint {
  const h = (((value & MASK) ^ ((value & MASK) >> 37n)) * PRIME_MX1) & MASK;
  return h ^ (h >> 32n);
}

function hashShort(input: DataView): bigint {
  const { byteLength } = input;
  const length = BigInt(byteLength);
  if (byteLength === 0) return avalanche64(secret(56) ^ secret(64));
  if (byteLength <= 3) {
    const first = BigInt(input.getUint8(0)) << 16n;
    const middle = BigInt(input.getUint8(byteLength >> 1)) << 24n;
    const combined = first | middle | BigInt(input.getUint8(byteLength - 1)) | (length << 8n);
    return avalanche64(combined ^ BigInt((SECRET.getUint32(0, true) ^ SECRET.getUint32(4, true)) >>> 0));
  }
  if (byteLength <= 8) {
    const low = BigInt(input.getUint32(byteLength - 4, true));
    let h = (low | (BigInt(input.getUint32(0, true)) << 32n)) ^ (secret(8) ^ secret(16));
    h ^= rotated(h, 49n) ^ rotated(h, 24n);
    h = (h * PRIME_MX2) & MASK;
    h ^= (h >> 35n) + length;
    h = (h * PRIME_MX2) & MASK;
    return h ^ (h >> 28n);
  }
  const low = word(input, 0) ^ (secret(24) ^ secret(32));
  const high = word(input, byteLength - 8) ^ (secret(40) ^ secret(48));
  return avalanche(length + swapped(low) + high + foldedProduct(low, high));
}

function mixed(input: DataView, at: number, secretAt: number): bigint {
  return foldedProduct(word(input, at) ^ secret(secretAt), word(input, at + 8) ^ secret(secretAt + 8));
}

function hashMedium(input: DataView): bigint {
  const { byteLength } = input;
  let sum = BigInt(byteLength) * PRIME64_1;
  for (let i = (byteLength - 1) >> 5; i >= 0; i--) {
    sum += mixed(input, i * 16, i * 32) + mixed(input, byteLength - (i + 1) * 16, i * 32 + 16);
  }
  return avalanche(sum);
}

function hashLonger(input: DataView): bigint {
  const { byteLength } = input;
  let sum = BigInt(byteLength) * PRIME64_1;
  for (let i = 0; i < 8; i++) sum += mixed(input, i * 16, i * 16);
  sum = avalanche(sum);
  for (let i = 8; i < byteLength >> 4; i++) sum += mixed(input, i * 16, (i - 8) * 16 + 3);
  return avalanche(sum + mixed(input, byteLength - 16, 136 - 17));
}

function hashLong(input: DataView): bigint {
  const { byteLength } = input;
  const lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];
  const whole = Math.floor((byteLength - 1) / BLOCK_BYTES) * BLOCK_BYTES;
  for (let block = 0; block < whole; block += BLOCK_BYTES) {
    for (let i = 0; i < STRIPES_PER_BLOCK; i++) accumulate(lanes, input, block + i * STRIPE_BYTES, i * 8);
    for (let i = 0; i < LANES; i++) {
      lanes[i] = ((lanes[i] ^ (lanes[i] >> 47n) ^ secret(128 + i * 8)) * PRIME32_1) & MASK;
    }
  }
  const stripes = Math.floor((byteLength - 1 - whole) / STRIPE_BYTES);
  for (let i = 0; i < stripes; i++) accumulate(lanes, input, whole + i * STRIPE_BYTES, i * 8);
  accumulate(lanes, input, byteLength - STRIPE_BYTES, 128 - 7);
  let sum = BigInt(byteLength) * PRIME64_1;
  for (let i = 0; i < LANES; i += 2) {
    sum += foldedProduct(lanes[i] ^ secret(11 + i * 8), lanes[i + 1] ^ secret(19 + i * 8));
  }
  return avalanche(sum);
}

function accumulate(lanes: bigint[], input: DataView, at: number, secretAt: number): void {
  for (let i = 0; i < LANES; i++) {
    const data = word(input, at + i * 8);
    const keyed = data ^ secret(secretAt + i * 8);
    lanes[i ^ 1] = (lanes[i ^ 1] + data) & MASK;
    lanes[i] = (lanes[i] + (keyed & LOW) * (keyed >> 32n)) & MASK;
  }
}
