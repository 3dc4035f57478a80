import { arrayFromBytes, type Bytes, bytesFromArray, bytesFromText, textFromBytes } from '../../core/bytes.js';
import { DataError } from '../../core/errors.js';
import { formatId, type StreamId, type Uint64 } from '../../core/stream-id.js';

/** Bytes in JSON: text where they are valid UTF-8, else base64. Exact both ways. */
export type JsonBytes = string | { base64: string };
/** A score in JSON: what JSON cannot express as a number is a string. */
export type JsonScore = number | 'inf' | '-inf' | '-0';

export function jsonOfBytes(bytes: Bytes): JsonBytes {
  const text = textFromBytes(bytes);
  return bytesFromText(text) === bytes ? text : { base64: btoa(bytes) };
}

export function bytesOfJson(value: unknown, where: string): Bytes {
  if (typeof value === 'string') return bytesFromText(value);
  const coded = typeof value === 'object' && value !== null ? (value as { base64?: unknown }).base64 : undefined;
  if (typeof coded !== 'string') throw new DataError(`${where}: expected a string or { base64 }`);
  try {
    return atob(coded);
  } catch {
    throw new DataError(`${where}: invalid base64`);
  }
}

export function jsonOfScore(score: number): JsonScore {
  if (score === Infinity) return 'inf';
  if (score === -Infinity) return '-inf';
  return Object.is(score, -0) ? '-0' : score;
}

export function scoreOfJson(value: unknown, where: string): number {
  if (value === 'inf') return Infinity;
  if (value === '-inf') return -Infinity;
  if (value === '-0') return -0;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new DataError(`${where}: expected a score`);
  return value;
}

export function jsonOfId(id: StreamId): string {
  return formatId(id);
}

export function idOfJson(value: unknown, where: string): StreamId {
  const parts = typeof value === 'string' ? /^(\d{1,20})-(\d{1,20})$/.exec(value) : null;
  if (parts === null) throw new DataError(`${where}: expected a stream id`);
  return { ms: uint64Of(parts[1], where), seq: uint64Of(parts[2], where) };
}

/** A count beyond 2^53 becomes a string of digits. */
export function jsonOfCount(value: number | bigint): number | string {
  return typeof value === 'number' ? value : String(value);
}

export function countOfJson(value: unknown, where: string): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) throw new DataError(`${where}: expected an integer`);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

function uint64Of(digits: string, where: string): Uint64 {
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number;
  const exact = BigInt(digits);
  if (exact >= 1n << 64n) throw new DataError(`${where}: ${digits} is out of the range of 64-bit integers`);
  return exact;
}

export function jsonArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new DataError(`${where}: expected an array`);
  return value;
}

export function jsonObject(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DataError(`${where}: expected an object`);
  }
  return value as Record<string, unknown>;
}

/** The bytes of a JSON text, for files. */
export function bytesOfJsonText(text: string): Uint8Array {
  return arrayFromBytes(bytesFromText(text));
}

export function jsonTextOfBytes(bytes: Uint8Array): string {
  return textFromBytes(bytesFromArray(bytes));
}
