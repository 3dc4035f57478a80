import { hexDigits } from './hex.js';
import type { Random } from './random.js';

interface CryptoLike {
  getRandomValues(target: Uint8Array): Uint8Array;
}

/**
 * `length` unguessable hexadecimal digits where the runtime has a cryptographic source; otherwise taken from
 * `fallback`.
 */
export function secureHex(length: number, fallback: Random): string {
  const crypto = (globalThis as { crypto?: CryptoLike }).crypto;
  if (!crypto) return fallback.hex(length);
  return hexDigits(crypto.getRandomValues(new Uint8Array(Math.ceil(length / 2)))).slice(0, length);
}
