import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { replyErrors } from '../../core/reply.js';

/** A 64-bit integer that Redis reads only after it has looked at the key. Throws "not an integer". */
export function readInteger(text: Bytes): number | bigint {
  const value = parseInteger(text);
  if (value === null) throw replyErrors.notInteger;
  return value;
}

/** As `readInteger`, an index or count: beyond ±2^53 it is clamped, which no collection can tell. */
export function readClamped(text: Bytes): number {
  const value = readInteger(text);
  if (typeof value === 'number') return value;
  return value > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
}
