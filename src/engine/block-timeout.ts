import type { Bytes } from '../core/bytes.js';
import { millisFromSeconds, parseLongDouble } from '../core/long-double.js';
import { ErrorReply } from '../core/reply.js';
import type { Engine } from './engine.js';

const notFloat = new ErrorReply('ERR timeout is not a float or out of range');
const outOfRange = new ErrorReply('ERR timeout is out of range');
const negative = new ErrorReply('ERR timeout is negative');

/**
 * The timeout of a blocking command: seconds, possibly with a fraction, converted to milliseconds and rounded up; 0
 * waits indefinitely.
 */
export function parseBlockTimeout(seconds: Bytes, { commands }: Engine): number {
  if (seconds === '0') return 0;
  const parsed = parseLongDouble(seconds);
  if (parsed === null) throw notFloat;
  const millis = millisFromSeconds(parsed);
  if (millis < 0n) throw parsed.mantissa > 0n && commands.since.v72 ? outOfRange : negative;
  return Number(millis);
}
