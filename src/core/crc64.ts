/**
 * CRC-64 with the Jones polynomial, bits reflected, initial value 0, no final xor: the checksum that ends an RDB file.
 * 64-bit values are kept as two 32-bit halves. Eight bytes are processed per step with eight tables: table k holds the
 * effect of a byte followed by k more.
 */
const POLYNOMIAL_LOW = 0xac4bc9b5; // 0xad93d23594c935a9, bits reversed
const POLYNOMIAL_HIGH = 0x95ac9329;

const low = new Int32Array(8 * 256);
const high = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let lo = byte;
  let hi = 0;
  for (let bit = 0; bit < 8; bit++) {
    const carry = lo & 1;
    lo = (lo >>> 1) | (hi << 31);
    hi >>>= 1;
    if (carry) {
      lo ^= POLYNOMIAL_LOW;
      hi ^= POLYNOMIAL_HIGH;
    }
  }
  low[byte] = lo;
  high[byte] = hi;
}
for (let at = 256; at < low.length; at++) {
  const lo = low[at - 256];
  const hi = high[at - 256];
  low[at] = ((lo >>> 8) | (hi << 24)) ^ low[lo & 255];
  high[at] = (hi >>> 8) ^ high[lo & 255];
}

/** A running checksum. */
export class Crc64 {
  #low = 0;
  #high = 0;

  /** Adds bytes `start`…`end` of `source`. O(end − start). */
  update(source: Uint8Array, start = 0, end: number = source.length): this {
    let lo = this.#low;
    let hi = this.#high;
    let at = start;
    for (; at + 8 <= end; at += 8) {
      lo ^= source[at] | (source[at + 1] << 8) | (source[at + 2] << 16) | (source[at + 3] << 24);
      hi ^= source[at + 4] | (source[at + 5] << 8) | (source[at + 6] << 16) | (source[at + 7] << 24);
      const a = 1792 + (lo & 255);
      const b = 1536 + ((lo >>> 8) & 255);
      const c = 1280 + ((lo >>> 16) & 255);
      const d = 1024 + (lo >>> 24);
      const e = 768 + (hi & 255);
      const f = 512 + ((hi >>> 8) & 255);
      const g = 256 + ((hi >>> 16) & 255);
      const h = hi >>> 24;
      lo = low[a] ^ low[b] ^ low[c] ^ low[d] ^ low[e] ^ low[f] ^ low[g] ^ low[h];
      hi = high[a] ^ high[b] ^ high[c] ^ high[d] ^ high[e] ^ high[f] ^ high[g] ^ high[h];
    }
    for (; at < end; at++) {
      const entry = (lo ^ source[at]) & 255;
      lo = ((lo >>> 8) | (hi << 24)) ^ low[entry];
      hi = (hi >>> 8) ^ high[entry];
    }
    this.#low = lo;
    this.#high = hi;
    return this;
  }

  /** The checksum so far. */
  value(): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }

  /** Writes the checksum so far into `target` as 8 bytes, least significant first. */
  writeTo(target: Uint8Array, at: number): void {
    for (let i = 0; i < 4; i++) {
      target[at + i] = this.#low >>> (i * 8);
      target[at + 4 + i] = this.#high >>> (i * 8);
    }
  }
}

/** The checksum of bytes `start`…`end` of `source`. */
export function crc64(source: Uint8Array, start = 0, end: number = source.length): bigint {
  return new Crc64().update(source, start, end).value();
}
