import type { stringCommands } from '../../commands/string.js';
import { type Bytes, sliceBytes, writeBytes } from '../../core/bytes.js';
import { addInt64 } from '../../core/int64-sum.js';
import { INT64_MIN, parseInteger } from '../../core/integer.js';
import { addLongDouble, formatLongDouble, parseLongDouble } from '../../core/long-double.js';
import { ErrorReply, OK, type Reply, replyErrors } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_GENERIC, NOTIFY_STRING } from '../notify.js';
import type { EngineSession } from '../session.js';
import { lcs } from './lcs.js';
import { type Comparisons, passes, stringCompareHandlers } from './string-compare.js';
import { deadlineOf, readDeadline } from './string-deadline.js';

const decrementOverflow = new ErrorReply('ERR decrement would overflow');
const notFinite = new ErrorReply('ERR increment would produce NaN or Infinity');

/** "-9223372036854775808" */
const INTEGER_BYTES_MAX = 20;
const ZERO = { mantissa: 0n, exponent: 0 };
const comparisonWord = /^IFD?(EQ|NE)$/;

/** Handlers of the string group. */
export const stringHandlers: HandlersOf<typeof stringCommands> = {
  ...stringCompareHandlers,

  append({ db, engine }, { key, value }) {
    const slot = db.stringSlotForWrite(key);
    let length = value.length;
    if (slot < 0) {
      db.putString(key, value);
    } else {
      const before = db.keyspace.stringLength(slot);
      length += before;
      if (length > engine.settings.protoMaxBulkLen) throw replyErrors.stringTooLong;
      writeBytes(db.keyspace.resizeString(slot, length), value, before);
    }
    db.changed(key, NOTIFY_STRING, 'append');
    return length;
  },

  decr: ({ db }, { key }) => increment(db, key, -1),

  decrby({ db }, { key, decrement }) {
    if (decrement === INT64_MIN) throw decrementOverflow;
    return increment(db, key, -decrement);
  },

  delifeq({ db }, { key, value }) {
    if (!passes(db, key, { ifEq: value })) return 0;
    db.remove(key);
    db.changed(key, NOTIFY_GENERIC, 'del');
    return 1;
  },

  get: ({ db }, { key }) => db.string(key),

  getdel({ db, engine }, { key }) {
    const value = db.string(key);
    if (value === null) return null;
    db.remove(key);
    db.changed(key, NOTIFY_GENERIC, 'del');
    engine.propagate(db.index, ['DEL', key]);
    return value;
  },

  getex(call, params) {
    const { db, engine } = call;
    const { key } = params;
    const slot = db.stringSlot(key);
    if (slot < 0) return null;
    const deadline = deadlineOf(call, params);
    const value = db.keyspace.stringOf(slot);
    const absolute = params.exat !== undefined || params.pxat !== undefined;
    if (deadline !== null && absolute && db.isPast(deadline)) {
      db.remove(key);
      db.changed(key, NOTIFY_GENERIC, 'del');
      engine.propagate(db.index, ['DEL', key]);
    } else if (deadline !== null) {
      db.keyspace.setDeadline(slot, deadline);
      db.changed(key, NOTIFY_GENERIC, 'expire');
      engine.propagate(db.index, ['PEXPIREAT', key, String(deadline)]);
    } else if (params.persist && db.keyspace.clearDeadline(slot)) {
      db.changed(key, NOTIFY_GENERIC, 'persist');
      engine.propagate(db.index, ['PERSIST', key]);
    }
    return value;
  },

  getrange: ({ db }, { key, start, end }) => range(db, key, start, end),

  getset({ db, engine }, { key, value }) {
    const old = db.string(key);
    db.putString(key, value);
    db.changed(key, NOTIFY_STRING, 'set');
    engine.propagate(db.index, ['SET', key, value]);
    return old;
  },

  incr: ({ db }, { key }) => increment(db, key, 1),

  incrby: ({ db }, params) => increment(db, params.key, params.increment),

  incrbyfloat({ db, engine }, params) {
    const { key } = params;
    const slot = db.stringSlotForWrite(key);
    const old = slot < 0 ? ZERO : parseLongDouble(db.keyspace.stringOf(slot));
    const by = parseLongDouble(params.increment);
    if (old === null || by === null) throw replyErrors.notFloat;
    const sum = addLongDouble(old, by);
    if (sum === null) throw notFinite;
    const digits = formatLongDouble(sum);
    db.putText(key, digits);
    db.changed(key, NOTIFY_STRING, 'incrbyfloat');
    engine.propagate(db.index, ['SET', key, digits, 'KEEPTTL']);
    return digits;
  },

  lcs,

  mget({ db }, { keys }) {
    const { keyspace } = db;
    return keys.map((key) => {
      const slot = db.lookup(key);
      return slot >= 0 && db.typeName(slot) === 'string' ? keyspace.stringOf(slot) : null;
    });
  },

  mset({ db }, { pairs }) {
    setAll(db, pairs);
    return OK;
  },

  msetnx({ db }, { pairs }) {
    if (pairs.some(([key]) => db.lookupWrite(key) >= 0)) return 0;
    setAll(db, pairs);
    return 1;
  },

  psetex(call, { key, milliseconds, value }) {
    const deadline = readDeadline(call, milliseconds, { seconds: false, relative: true });
    return setExpiring(call, key, value, deadline);
  },

  set(call, params) {
    const { db, engine } = call;
    const { key, value, nx, xx, get } = params;
    const deadline = deadlineOf(call, params);
    const old = get ? db.string(key) : null;
    const found = db.lookupWrite(key) >= 0;
    if (!unconditional(params) && !passes(db, key, params)) return old;
    if ((nx && found) || (xx && !found)) return old;
    if (deadline !== null) {
      setExpiring(call, key, value, deadline);
    } else {
      db.putString(key, value, params.keepTtl);
      db.changed(key, NOTIFY_STRING, 'set');
      if (engine.propagates) engine.propagate(db.index, withoutGet(call.argv));
    }
    return get ? old : OK;
  },

  setex(call, { key, seconds, value }) {
    const deadline = readDeadline(call, seconds, { seconds: true, relative: true });
    return setExpiring(call, key, value, deadline);
  },

  setnx({ db }, { key, value }) {
    if (db.lookupWrite(key) >= 0) return 0;
    db.putString(key, value);
    db.changed(key, NOTIFY_STRING, 'set');
    return 1;
  },

  setrange({ db, engine }, { key, offset, value }) {
    const slot = db.stringSlotForWrite(key);
    const before = slot < 0 ? 0 : db.keyspace.stringLength(slot);
    if (value.length === 0) return before;
    const end = offset + value.length;
    if (end > engine.settings.protoMaxBulkLen) throw replyErrors.stringTooLong;
    const length = Math.max(before, end);
    const target = db.keyspace.resizeString(db.slotOrEmpty(key, slot), length);
    writeBytes(target, value, offset);
    db.changed(key, NOTIFY_STRING, 'setrange');
    return length;
  },

  strlen({ db }, { key }) {
    const slot = db.stringSlot(key);
    return slot < 0 ? 0 : db.keyspace.stringLength(slot);
  },

  substr: ({ db }, { key, start, end }) => range(db, key, start, end),
};

function increment(db: Database, key: Bytes, by: number | bigint): Reply {
  const slot = db.stringSlotForWrite(key);
  const sum = addInt64(slot < 0 ? 0 : integerAt(db, slot), by);
  if (sum === null) throw replyErrors.incrementOverflow;
  if (slot < 0) db.putString(key, String(sum));
  else db.keyspace.setInt(slot, sum);
  db.changed(key, NOTIFY_STRING, 'incrby');
  return sum;
}

function integerAt({ keyspace }: Database, slot: number): number | bigint {
  if (keyspace.isInt(slot)) return keyspace.intOf(slot);
  // What was changed in place is not int-encoded, whatever it spells.
  const value = keyspace.stringLength(slot) > INTEGER_BYTES_MAX ? null : parseInteger(keyspace.stringOf(slot));
  if (value === null) throw replyErrors.notInteger;
  return value;
}

function range(db: Database, key: Bytes, start: number, end: number): Bytes {
  const slot = db.stringSlot(key);
  if (slot < 0 || (start < 0 && end < 0 && start > end)) return '';
  const length = db.keyspace.stringLength(slot);
  const first = start < 0 ? Math.max(0, length + start) : start;
  const last = Math.min(end < 0 ? Math.max(0, length + end) : end, length - 1);
  if (first > last) return '';
  return sliceBytes(db.keyspace.viewString(slot), first, last + 1);
}

function setAll(db: Database, pairs: readonly [Bytes, Bytes][]): void {
  for (const [key, value] of pairs) {
    // An expired key goes first, with its own event.
    db.peek(key);
    db.putString(key, value);
    db.changed(key, NOTIFY_STRING, 'set');
  }
}

function setExpiring({ db, engine }: EngineSession, key: Bytes, value: Bytes, deadline: number): Reply {
  db.peek(key);
  // An old deadline is overwritten where it is.
  const slot = db.putString(key, value, true);
  db.keyspace.setDeadline(slot, deadline);
  db.changed(key, NOTIFY_STRING, 'set');
  db.notify(NOTIFY_GENERIC, 'expire', key);
  engine.propagate(db.index, ['SET', key, value, 'PXAT', String(deadline)]);
  return OK;
}

/** A copy need not answer with the old value. */
function withoutGet(argv: readonly Bytes[]): Bytes[] {
  const words: Bytes[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = i < 3 ? '' : argv[i].toUpperCase();
    if (comparisonWord.test(word)) i++;
    else if (word !== 'GET') words.push(argv[i]);
  }
  return words;
}

function unconditional({ ifEq, ifNe, ifDigestEq, ifDigestNe }: Comparisons): boolean {
  return ifEq === undefined && ifNe === undefined && ifDigestEq === undefined && ifDigestNe === undefined;
}
