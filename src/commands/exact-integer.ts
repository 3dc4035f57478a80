import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import { of } from './grammar.js';
import { int64Kind } from './kind.js';
import type { Kind, Term } from './term.js';

/** A 64-bit integer: a number where that is exact, else a bigint. Arithmetic on small ones stays cheap. */
export const exactIntegerKind: Kind<number | bigint> = {
  ...int64Kind(),
  parse(bytes) {
    const value = parseInteger(bytes);
    if (value === null) throw replyErrors.notInteger;
    return value;
  },
};

export function exactInteger<N extends string>(name: N): Term<{ [K in N]: number | bigint }> {
  return of(name, exactIntegerKind);
}

const LONG_MAX = 2n ** 63n - 1n;
const HALF = 2n ** 62n;
const countRange = new ErrorReply(`ERR value is out of range, value must between -${LONG_MAX} and ${LONG_MAX}`);

/**
 * A count of random elements; negative allows repetitions. Beyond ±2^53 it is clamped, which no collection can tell;
 * from ±2^62 on, where twice the count is not a 64-bit integer, it is infinite.
 */
export function signedCount<N extends string>(name: N): Term<{ [K in N]: number }> {
  return of(name, {
    ...exactIntegerKind,
    parse(bytes) {
      const value = exactIntegerKind.parse(bytes);
      if (typeof value === 'number') return value;
      if (value < -LONG_MAX) throw countRange;
      const magnitude = value >= HALF || value <= -HALF ? Number.POSITIVE_INFINITY : Number.MAX_SAFE_INTEGER;
      return value > 0n ? magnitude : -magnitude;
    },
  });
}
