import type { Bytes } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import { replyErrors } from '../core/reply.js';

/**
 * An index or count that the grammar left as bytes, because Redis looks at the key first. Beyond ±2^53 it is cut,
 * which no container can tell.
 */
export function lateInteger(bytes: Bytes): number {
  const value = parseInteger(bytes);
  if (value === null) throw replyErrors.notInteger;
  if (typeof value === 'number') return value;
  return value > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
}
