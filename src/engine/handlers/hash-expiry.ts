import type { hashExpiryCommands } from '../../commands/hash-expiry.js';
import { FIELD_END_MAX, invalidFieldEnd } from '../../commands/hash-field-terms.js';
import { throwLate } from '../../commands/precedence.js';
import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, type Reply, replyErrors } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_HASH } from '../notify.js';
import type { EngineSession } from '../session.js';
import type { HashValue } from '../values/hash.js';

const negative = new ErrorReply('ERR invalid expire time, must be >= 0');
const SECOND = 1000;

// Replies for a field.
const ABSENT = -2;
const ENDLESS = -1;
const REFUSED = 0;
const DONE = 1;
const ENDED = 2;

interface Conditions {
  nx?: true;
  xx?: true;
  gt?: true;
  lt?: true;
  late?: ErrorReply;
}

interface Expiration {
  ex?: Bytes;
  px?: Bytes;
  exat?: Bytes;
  pxat?: Bytes;
}

function deadlineFrom(call: EngineSession, text: Bytes, unitMs: number, base: number): number {
  const value = parseInteger(text);
  if (value === null) throw replyErrors.notInteger;
  if (value < 0) throw negative;
  const at = Number(value) * unitMs + base;
  if (at > FIELD_END_MAX) throw invalidFieldEnd(call.spec.fullName);
  return at;
}

/** The deadline that one of the options asks for; null if there is none. */
function deadlineIn(call: EngineSession, { ex, px, exat, pxat }: Expiration): number | null {
  const now = Math.floor(call.engine.now);
  if (ex !== undefined) return deadlineFrom(call, ex, SECOND, now);
  if (px !== undefined) return deadlineFrom(call, px, 1, now);
  if (exat !== undefined) return deadlineFrom(call, exat, SECOND, 0);
  return pxat === undefined ? null : deadlineFrom(call, pxat, 1, 0);
}

function accepts({ nx, xx, gt, lt }: Conditions, old: number | null, at: number): boolean {
  if (old === null) return !xx && !gt;
  return !nx && !(gt && at <= old) && !(lt && at >= old);
}

/** Sets a field's deadline, or deletes it at once if that has passed. */
function setEnd(call: EngineSession, key: Bytes, hash: HashValue, field: Bytes, at: number): number {
  const { db, engine } = call;
  if (db.isPast(at)) {
    hash.delete(field);
    engine.stats.expiredSubkeys++;
    engine.propagate(db.index, ['HDEL', key, field]);
    return ENDED;
  }
  hash.setDeadline(field, at);
  return DONE;
}

/** Notifications after deadlines of fields were set; the hash may have become empty. */
function endsSet(call: EngineSession, key: Bytes, hash: HashValue, replies: readonly number[]): void {
  const updated = replies.filter((reply) => reply === DONE).length;
  const deleted = replies.filter((reply) => reply === ENDED).length;
  if (updated + deleted === 0) return;
  if (updated > 0) call.db.keyspace.timedHashes.add(key);
  call.db.changed(key, NOTIFY_HASH, deleted > 0 ? 'hdel' : 'hexpire', updated + deleted);
  call.db.removeIfEmpty(key, hash);
}

function propagateEnds(call: EngineSession, key: Bytes, at: number, fields: readonly Bytes[]): void {
  if (fields.length === 0) return;
  call.engine.propagate(call.db.index, ['HPEXPIREAT', key, String(at), 'FIELDS', String(fields.length), ...fields]);
}

function expire(
  call: EngineSession,
  params: Conditions & { key: Bytes; fields: Bytes[] },
  text: Bytes,
  unitMs: number,
  base: number,
): Reply {
  const { key } = params;
  const hash = call.db.hashForWrite(key);
  const at = deadlineFrom(call, text, unitMs, base);
  throwLate(params);
  const { fields } = params;
  if (hash === null) return fields.map(() => ABSENT);
  hash.keepDeadlines();
  const replies = fields.map((field) => {
    if (!hash.has(field)) return ABSENT;
    return accepts(params, hash.deadlineOf(field), at) ? setEnd(call, key, hash, field, at) : REFUSED;
  });
  endsSet(call, key, hash, replies);
  const updated = fields.filter((_, i) => replies[i] === DONE);
  propagateEnds(call, key, at, updated);
  return replies;
}

/** For each field what `show` makes of its end. */
function ask(
  { db }: EngineSession,
  params: { key: Bytes; fields: Bytes[]; late?: ErrorReply },
  show: (at: number) => number,
): Reply {
  const hash = db.hash(params.key);
  throwLate(params);
  return params.fields.map((field) => {
    const at = hash?.deadlineOf(field) ?? null;
    if (at !== null) return show(at);
    return hash?.has(field) ? ENDLESS : ABSENT;
  });
}

const nowOf = ({ engine }: EngineSession): number => Math.floor(engine.now);

/** Handlers of the commands on expiring fields of hashes. */
export const hashExpiryHandlers: HandlersOf<typeof hashExpiryCommands> = {
  hexpire: (call, params) => expire(call, params, params.seconds, SECOND, nowOf(call)),
  hexpireat: (call, params) => expire(call, params, params.unixSeconds, SECOND, 0),
  hpexpire: (call, params) => expire(call, params, params.milliseconds, 1, nowOf(call)),
  hpexpireat: (call, params) => expire(call, params, params.unixMillis, 1, 0),

  httl: (call, params) => ask(call, params, (at) => Math.floor((at + SECOND - 1 - nowOf(call)) / SECOND)),
  hpttl: (call, params) => ask(call, params, (at) => at - nowOf(call)),
  hexpiretime: (call, params) => ask(call, params, (at) => Math.floor((at + SECOND - 1) / SECOND)),
  hpexpiretime: (call, params) => ask(call, params, (at) => at),

  hpersist({ db }, params) {
    const { key } = params;
    const hash = db.hashForWrite(key);
    throwLate(params);
    let changed = false;
    const replies = params.fields.map((field) => {
      if (hash?.clearDeadline(field)) {
        changed = true;
        return DONE;
      }
      return hash?.has(field) ? ENDLESS : ABSENT;
    });
    if (changed) db.changed(key, NOTIFY_HASH, 'hpersist');
    return replies;
  },

  hgetdel({ db, engine }, params) {
    const { key } = params;
    const hash = db.hashForWrite(key);
    throwLate(params);
    const { fields } = params;
    if (hash === null) return fields.map(() => null);
    let deleted = 0;
    const values = fields.map((field) => {
      const value = hash.get(field);
      if (hash.delete(field)) deleted++;
      return value;
    });
    if (deleted === 0) return values;
    db.changed(key, NOTIFY_HASH, 'hdel', deleted);
    engine.propagate(db.index, ['HDEL', key, ...fields]);
    db.removeIfEmpty(key, hash);
    return values;
  },

  hgetex(call, params) {
    const { db, engine } = call;
    const { key, persist } = params;
    const hash = db.hashForWrite(key);
    const at = deadlineIn(call, params);
    throwLate(params);
    const { fields } = params;
    if (hash === null) return fields.map(() => null);
    if (at !== null || persist) hash.keepDeadlines();
    const replies: number[] = [];
    const values = fields.map((field, i) => {
      const value = hash.get(field);
      if (value === null) replies[i] = ABSENT;
      else if (persist) replies[i] = hash.clearDeadline(field) ? DONE : REFUSED;
      else replies[i] = at === null ? REFUSED : setEnd(call, key, hash, field, at);
      return value;
    });
    const updated = fields.filter((_, i) => replies[i] === DONE);
    if (at !== null) {
      endsSet(call, key, hash, replies);
      propagateEnds(call, key, at, updated);
    } else if (updated.length > 0) {
      db.changed(key, NOTIFY_HASH, 'hpersist', updated.length);
      engine.propagate(db.index, ['HPERSIST', key, 'FIELDS', String(fields.length), ...fields]);
    }
    return values;
  },

  hsetex(call, params) {
    const { db, engine } = call;
    const { key, pairs, fnx, fxx, keepTtl } = params;
    const at = deadlineIn(call, params);
    const found = db.hashForWrite(key);
    const has = (pair: readonly [Bytes, Bytes]): boolean => found?.has(pair[0]) ?? false;
    if ((fxx && !pairs.every(has)) || (fnx && pairs.some(has))) return 0;
    const hash = found ?? db.addHash(key);
    hash.expect(pairs.length);
    if (at !== null) hash.keepDeadlines();
    const replies = pairs.map(([field, value]) => {
      if (at !== null || keepTtl) hash.setOnly(field, value);
      else hash.set(field, value);
      return at === null ? REFUSED : setEnd(call, key, hash, field, at);
    });
    db.changed(key, NOTIFY_HASH, 'hset', pairs.length);
    if (replies.includes(ENDED)) db.notify(NOTIFY_HASH, 'hdel', key);
    else if (replies.includes(DONE)) {
      db.keyspace.timedHashes.add(key);
      db.notify(NOTIFY_HASH, 'hexpire', key);
    }
    if (!replies.includes(ENDED)) engine.propagate(db.index, at === null ? [...call.argv] : setAt(call.argv, at));
    db.removeIfEmpty(key, hash);
    return 1;
  },
};

/** HSETEX with an absolute deadline. */
function setAt(argv: readonly Bytes[], at: number): Bytes[] {
  const index = argv.findIndex((word, i) => i > 1 && /^(ex|px|exat|pxat)$/i.test(word));
  return [...argv.slice(0, index), 'PXAT', String(at), ...argv.slice(index + 2)];
}
