import type { Bytes } from '../core/bytes.js';

const units: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1_000_000n,
  mb: 1024n ** 2n,
  g: 1_000_000_000n,
  gb: 1024n ** 3n,
};
const UINT64_MAX = 2n ** 64n - 1n;

/**
 * The bytes that `100mb`, `1g` or `4096` mean; `k`, `m` and `g` are powers of 1000, `kb`, `mb` and `gb` of 1024.
 * null if the text means none. Wraps at 2^64 as in C.
 */
export function parseMemory(text: Bytes): bigint | null {
  const match = /^(\d*)([a-z]*)$/i.exec(text);
  const unit = match ? units[match[2].toLowerCase()] : undefined;
  if (unit === undefined || match![1].length > 127) return null;
  const count = BigInt(match![1]);
  return BigInt.asUintN(64, (count > UINT64_MAX ? UINT64_MAX : count) * unit);
}

/** The shortest exact spelling with a unit of 1024: `100mb`. */
export function memoryText(bytes: bigint): string {
  if (bytes !== 0n && bytes % units.gb === 0n) return `${bytes / units.gb}gb`;
  if (bytes !== 0n && bytes % units.mb === 0n) return `${bytes / units.mb}mb`;
  if (bytes !== 0n && bytes % units.kb === 0n) return `${bytes / units.kb}kb`;
  return String(bytes);
}

const letters = ['B', 'K', 'M', 'G', 'T', 'P'];

/** For people to read: `967.46K`, `512B`. */
export function humanMemory(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let scaled = bytes;
  let letter = 0;
  while (scaled >= 1024 && letter < letters.length - 1) {
    scaled /= 1024;
    letter++;
  }
  return `${scaled.toFixed(2)}${letters[letter]}`;
}
