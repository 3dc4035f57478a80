import type { expiryCommands } from '../../commands/generic-expiry.js';
import type { Bytes } from '../../core/bytes.js';
import { INT64_MAX, INT64_MIN, parseInteger } from '../../core/integer.js';
import { ErrorReply, type Reply, replyErrors } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_GENERIC } from '../notify.js';
import type { EngineSession } from '../session.js';

const nxClash = new ErrorReply('ERR NX and XX, GT or LT options at the same time are not compatible');
const gtClash = new ErrorReply('ERR GT and LT options at the same time are not compatible');

interface Conditions {
  nx?: true;
  xx?: true;
  gt?: true;
  lt?: true;
}

function checkClashes({ nx, xx, gt, lt }: Conditions): void {
  if (nx && (xx || gt || lt)) throw nxClash;
  if (gt && lt) throw gtClash;
}

/** The deadline in Unix ms that `text`, in units of `unitMs`, means from `base` on. */
function deadlineOf(call: EngineSession, text: Bytes, unitMs: number, base: number): number {
  const value = parseInteger(text);
  if (value === null) throw replyErrors.notInteger;
  // A number below 2^53 stays within 64 bits whatever is done to it here.
  if (typeof value === 'number') return value * unitMs + base;
  const unit = BigInt(unitMs);
  const ms = value * unit;
  if (ms > INT64_MAX || ms < INT64_MIN || ms > INT64_MAX - BigInt(base)) {
    throw new ErrorReply(`ERR invalid expire time in '${call.spec.fullName}' command`);
  }
  return Number(ms) + base;
}

/** Whether a new deadline may replace the old one. Without a deadline a key lives forever. */
function accepts({ nx, xx, gt, lt }: Conditions, old: number | null, at: number): boolean {
  if (nx && old !== null) return false;
  if (xx && old === null) return false;
  if (gt && (old === null || at <= old)) return false;
  return !(lt && old !== null && at >= old);
}

function expireAt(call: EngineSession, key: Bytes, at: number, conditions: Conditions): Reply {
  const { db, engine } = call;
  const slot = db.lookupWrite(key);
  if (slot < 0) return 0;
  if (!accepts(conditions, db.keyspace.deadline(slot), at)) return 0;
  if (db.isPast(at)) {
    db.remove(key);
    db.changed(key, NOTIFY_GENERIC, 'del');
    engine.propagate(db.index, ['DEL', key]);
    return 1;
  }
  db.keyspace.setDeadline(slot, at);
  db.changed(key, NOTIFY_GENERIC, 'expire');
  engine.propagate(db.index, ['PEXPIREAT', key, String(at)]);
  return 1;
}

function expireFromNow(call: EngineSession, key: Bytes, text: Bytes, unitMs: number, conditions: Conditions): Reply {
  checkClashes(conditions);
  return expireAt(call, key, deadlineOf(call, text, unitMs, Math.floor(call.engine.now)), conditions);
}

function expireAtTime(call: EngineSession, key: Bytes, text: Bytes, unitMs: number, conditions: Conditions): Reply {
  checkClashes(conditions);
  return expireAt(call, key, deadlineOf(call, text, unitMs, 0), conditions);
}

/**
 * TTL and its relatives: −2 without the key, −1 without a deadline, else what `show` makes of it in ms, rounded to the
 * unit.
 */
function timeLeft({ db }: EngineSession, key: Bytes, unitMs: number, show: (at: number) => number): Reply {
  const slot = db.lookupUntouched(key);
  if (slot < 0) return -2;
  const at = db.keyspace.deadline(slot);
  if (at === null) return -1;
  const ms = Math.max(0, Math.floor(show(at)));
  return unitMs === 1 ? ms : Math.floor((ms + unitMs / 2) / unitMs);
}

const asIs = (at: number): number => at;

/** Handlers of EXPIRE, TTL and their relatives. */
export const expiryHandlers: HandlersOf<typeof expiryCommands> = {
  expire: (call, { key, seconds, ...conditions }) => expireFromNow(call, key, seconds, 1000, conditions),

  expireat: (call, { key, unixSeconds, ...conditions }) => expireAtTime(call, key, unixSeconds, 1000, conditions),

  expiretime: (call, { key }) => timeLeft(call, key, 1000, asIs),

  persist({ db }, { key }) {
    const slot = db.lookupWrite(key);
    if (slot < 0 || !db.keyspace.clearDeadline(slot)) return 0;
    db.changed(key, NOTIFY_GENERIC, 'persist');
    return 1;
  },

  pexpire: (call, { key, milliseconds, ...conditions }) => expireFromNow(call, key, milliseconds, 1, conditions),

  pexpireat: (call, { key, unixMillis, ...conditions }) => expireAtTime(call, key, unixMillis, 1, conditions),

  pexpiretime: (call, { key }) => timeLeft(call, key, 1, asIs),

  pttl: (call, { key }) => timeLeft(call, key, 1, (at) => at - call.engine.now),

  ttl: (call, { key }) => timeLeft(call, key, 1000, (at) => at - call.engine.now),
};
