import type { stringCompareCommands } from '../../commands/string-compare.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply } from '../../core/reply.js';
import { xxh3Hex } from '../../core/xxh3.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_GENERIC, NOTIFY_STRING } from '../notify.js';
import { deadlineOf } from './string-deadline.js';

/** What SET and DELEX compare a string with; at most one of them. */
export interface Comparisons {
  readonly ifEq?: Bytes;
  readonly ifNe?: Bytes;
  readonly ifDigestEq?: Bytes;
  readonly ifDigestNe?: Bytes;
}

const badDigest = new ErrorReply('ERR digest must be exactly 16 hexadecimal characters');
const digestText = /^[0-9a-f]{16}$/i;

/** Handlers of the commands that compare a string before they act. */
export const stringCompareHandlers: HandlersOf<typeof stringCompareCommands> = {
  delex({ db }, { key, ...comparisons }) {
    const plain = Object.keys(comparisons).length === 0;
    if (plain ? db.lookupWrite(key) < 0 : !passes(db, key, comparisons) || db.peek(key) < 0) return 0;
    db.remove(key);
    db.changed(key, NOTIFY_GENERIC, 'del');
    return 1;
  },

  digest({ db }, { key }) {
    const value = db.string(key);
    return value === null ? null : xxh3Hex(value);
  },

  msetex(call, { pairs, nx, xx, keepTtl, ...times }) {
    const { db, engine } = call;
    const deadline = deadlineOf(call, times);
    const found = pairs.map(([key]) => db.lookupWrite(key) >= 0);
    if ((nx && found.includes(true)) || (xx && found.includes(false))) return 0;
    for (const [key, value] of pairs) {
      db.peek(key);
      const slot = db.putString(key, value, keepTtl === true || deadline !== null);
      if (deadline !== null) db.keyspace.setDeadline(slot, deadline);
      db.changed(key, NOTIFY_STRING, 'set');
      if (deadline !== null) db.notify(NOTIFY_GENERIC, 'expire', key);
      const how = deadline !== null ? ['PXAT', String(deadline)] : keepTtl ? ['KEEPTTL'] : [];
      engine.propagate(db.index, ['SET', key, value, ...how]);
    }
    return 1;
  },
};

/**
 * Whether a key's string is as it must be; an absent one differs from all. WRONGTYPE for other values. O(1), O(n) of the bytes
 * for a digest.
 */
export function passes(db: Database, key: Bytes, { ifEq, ifNe, ifDigestEq, ifDigestNe }: Comparisons): boolean {
  const digest = ifDigestEq ?? ifDigestNe;
  if (digest !== undefined && !digestText.test(digest)) throw badDigest;
  const slot = db.stringSlotForWrite(key);
  const value = slot < 0 ? null : db.keyspace.stringOf(slot);
  if (ifEq !== undefined) return value === ifEq;
  if (ifNe !== undefined) return value !== ifNe;
  if (digest === undefined) return true;
  const same = value !== null && xxh3Hex(value) === digest.toLowerCase();
  return ifDigestEq === undefined ? !same : same;
}
