import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { replyErrors } from '../../core/reply.js';

/** A 64-bit integer that Redis reads only after it has looked at the key. Throws "not an integer". */
export function readInteger(text: Bytes): number | bigint {
  const value = parseInteger(text);
  if (value === null) throw replyErrors.notInteger;
  return value;
}
