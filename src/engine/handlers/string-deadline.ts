import type { Bytes } from '../../core/bytes.js';
import { INT64_MAX, parseInteger } from '../../core/integer.js';
import { ErrorReply, replyErrors } from '../../core/reply.js';
import type { EngineSession } from '../session.js';

/** The expiry options of SET and GETEX; at most one is given. */
export interface ExpiryParams {
  ex?: Bytes;
  px?: Bytes;
  exat?: Bytes;
  pxat?: Bytes;
}

export interface TimeUnit {
  readonly seconds: boolean;
  /** Relative to now, not to 1970. */
  readonly relative: boolean;
}

/** Up to here seconds can be multiplied and added to the time of day without a look at the range. */
const EASY_MAX = 2 ** 40;
const SECONDS_MAX = INT64_MAX / 1000n;

/** When the key is to expire, in Unix ms; null if no time is given. Throws the command's ErrorReply on a bad one. */
export function deadlineOf(call: EngineSession, params: ExpiryParams): number | null {
  const { ex, px, exat, pxat } = params;
  if (ex !== undefined) return readDeadline(call, ex, { seconds: true, relative: true });
  if (px !== undefined) return readDeadline(call, px, { seconds: false, relative: true });
  if (exat !== undefined) return readDeadline(call, exat, { seconds: true, relative: false });
  if (pxat !== undefined) return readDeadline(call, pxat, { seconds: false, relative: false });
  return null;
}

export function readDeadline(call: EngineSession, text: Bytes, unit: TimeUnit): number {
  const time = parseInteger(text);
  if (time === null) throw replyErrors.notInteger;
  const now = unit.relative ? Math.floor(call.engine.now) : 0;
  if (time > 0 && time < EASY_MAX) return Number(time) * (unit.seconds ? 1000 : 1) + now;
  if (time <= 0 || (unit.seconds && BigInt(time) > SECONDS_MAX)) throw invalidTime(call);
  const deadline = BigInt(time) * (unit.seconds ? 1000n : 1n) + BigInt(now);
  if (deadline > INT64_MAX) throw invalidTime(call);
  return Number(deadline);
}

function invalidTime(call: EngineSession): ErrorReply {
  return new ErrorReply(`ERR invalid expire time in '${call.spec.fullName}' command`);
}
