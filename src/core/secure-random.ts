import type { Random } from './random.js';

interface CryptoLike {
  getRandomValues(target: Uint8Array): Uint8Array;
}

/** `length` hexadecimal digits that nobody can guess, where the runtime has a source for such; else of `fallback`. */
export function secureHex(length: number, fallback: Random): string {
  const crypto = (globalThis as { crypto?: CryptoLike }).crypto;
  if (!crypto) return fallback.hex(length);
  let text = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(Math.ceil(length / 2))))
    text += byte.toString(16).padStart(2, '0');
  return text.slice(0, length);
}
