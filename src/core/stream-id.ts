import type { Bytes } from './bytes.js';

/**
 * The ids of stream entries: two unsigned 64-bit numbers, milliseconds and a sequence number. Each is a number where that
 * is exact and a bigint beyond 2^53, never the other way round; JavaScript compares the two exactly, and equal values
 * are `===`.
 */
export type Uint64 = number | bigint;

export interface StreamId {
  readonly ms: Uint64;
  readonly seq: Uint64;
}

export const UINT64_MAX = 2n ** 64n - 1n;
export const MIN_ID: StreamId = { ms: 0, seq: 0 };
export const MAX_ID: StreamId = { ms: UINT64_MAX, seq: UINT64_MAX };

/** The longest text that is accepted as an id. */
const TEXT_MAX = 127;
const decimal = /^[ \t-\r]*([+-]?)(\d+)$/;
const plainDigits = /^(?:0|[1-9]\d{0,14})$/;

/** Normalises a bigint in the uint64 range: a number where that is exact. */
export function uint64(value: bigint): Uint64 {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** a + b modulo 2^64, where b may be negative. */
export function addUint64(a: Uint64, b: number | bigint): Uint64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum >= 0 && sum <= Number.MAX_SAFE_INTEGER) return sum;
  }
  return uint64(BigInt.asUintN(64, BigInt(a) + BigInt(b)));
}

/** a − b as a signed 64-bit number, wrapped around on overflow. */
export function differenceOf(a: Uint64, b: Uint64): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const wrapped = BigInt.asIntN(64, BigInt(a) - BigInt(b));
  const number = Number(wrapped);
  return Number.isSafeInteger(number) ? number : wrapped;
}

/** Negative, 0 or positive, by milliseconds and then by sequence number. */
export function compareIds(a: StreamId, b: StreamId): number {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1;
  return a.seq < b.seq ? -1 : a.seq === b.seq ? 0 : 1;
}

export function isZeroId(id: StreamId): boolean {
  return id.ms === 0 && id.seq === 0;
}

/** The next id; null after the last one. */
export function idAfter({ ms, seq }: StreamId): StreamId | null {
  if (seq !== UINT64_MAX) return { ms, seq: addUint64(seq, 1) };
  return ms === UINT64_MAX ? null : { ms: addUint64(ms, 1), seq: 0 };
}

/** The previous id; null before 0-0. */
export function idBefore({ ms, seq }: StreamId): StreamId | null {
  if (seq !== 0) return { ms, seq: addUint64(seq, -1) };
  return ms === 0 ? null : { ms: addUint64(ms, -1), seq: UINT64_MAX };
}

export function formatId(id: StreamId): Bytes {
  return `${id.ms}-${id.seq}`;
}

/** `ms-seq`, or `ms` alone, whose sequence number is then `missingSeq`; null for anything else. */
export function parseId(text: Bytes, missingSeq: Uint64): StreamId | null {
  const known = idText(text);
  if (known === null) return null;
  const dash = known.indexOf('-');
  const ms = parseUint64(dash < 0 ? known : known.slice(0, dash));
  if (ms === null) return null;
  const seq = dash < 0 ? missingSeq : parseUint64(known.slice(dash + 1));
  return seq === null ? null : { ms, seq };
}

/** The significant part of an id: everything before a NUL. Null if it is too long. */
export function idText(text: Bytes): Bytes | null {
  if (text.length > TEXT_MAX) return null;
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

/**
 * As C reads an unsigned number: canonical ones, and others with blanks, a sign or zeros in front. Of those a negative
 * one wraps around, while a canonical one is refused.
 */
export function parseUint64(text: Bytes): Uint64 | null {
  if (plainDigits.test(text)) return Number(text);
  const match = decimal.exec(text);
  if (match === null) return null;
  const [, sign, digits] = match;
  const magnitude = BigInt(digits);
  if (magnitude > UINT64_MAX) return null;
  if (sign !== '-') return uint64(magnitude);
  if (text[0] === '-' && digits[0] !== '0' && magnitude <= 2n ** 63n) return null;
  return uint64(BigInt.asUintN(64, -magnitude));
}

const SCRATCH = new DataView(new ArrayBuffer(16));

/** An id as the 16 bytes that sort like it. */
export function bytesOfId(id: StreamId): Uint8Array {
  const bytes = new Uint8Array(16);
  SCRATCH.setBigUint64(0, BigInt(id.ms));
  SCRATCH.setBigUint64(8, BigInt(id.seq));
  bytes.set(new Uint8Array(SCRATCH.buffer));
  return bytes;
}

/** The id in 16 bytes. */
export function idFromBytes(bytes: Uint8Array): StreamId {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return { ms: uint64(view.getBigUint64(0)), seq: uint64(view.getBigUint64(8)) };
}
