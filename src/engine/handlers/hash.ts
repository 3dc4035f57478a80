import type { hashCommands } from '../../commands/hash.js';
import { throwLate } from '../../commands/precedence.js';
import type { Bytes } from '../../core/bytes.js';
import { compileGlob } from '../../core/glob.js';
import { addInt64 } from '../../core/int64-sum.js';
import { parseInteger } from '../../core/integer.js';
import { addLongDouble, formatLongDouble, parseLongDouble } from '../../core/long-double.js';
import { ErrorReply, MapReply, OK, PairsReply, type Reply, replyErrors } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_HASH } from '../notify.js';
import type { EngineSession } from '../session.js';
import type { HashValue } from '../values/hash.js';
import { hashExpiryHandlers } from './hash-expiry.js';
import { countTooLarge, drawsOf } from './random-count.js';

const notInteger = new ErrorReply('ERR hash value is not an integer');
const notFloat = new ErrorReply('ERR hash value is not a float');
const infiniteIncrement = new ErrorReply('ERR value is NaN or Infinity');
const infiniteSum = new ErrorReply('ERR increment would produce NaN or Infinity');

const ZERO = { mantissa: 0n, exponent: 0 };
const SCAN_COUNT = 10;

/** Handlers of the hash group. */
export const hashHandlers: HandlersOf<typeof hashCommands> = {
  ...hashExpiryHandlers,

  hdel({ db }, { key, fields }) {
    const hash = db.hashForWrite(key);
    if (hash === null) return 0;
    let deleted = 0;
    for (const field of fields) if (hash.delete(field)) deleted++;
    if (deleted > 0) {
      db.changed(key, NOTIFY_HASH, 'hdel', deleted);
      db.removeIfEmpty(key, hash);
    }
    return deleted;
  },

  hexists: ({ db }, { key, field }) => (db.hash(key)?.has(field) ? 1 : 0),

  hget: ({ db }, { key, field }) => db.hash(key)?.get(field) ?? null,

  hgetall({ db }, { key }) {
    const flat: Reply[] = [];
    db.hash(key)?.forEach((field, value) => {
      flat.push(field, value);
    });
    return new MapReply(flat);
  },

  hincrby({ db }, params) {
    const { key, field } = params;
    const hash = db.hashForWrite(key);
    const text = hash?.get(field) ?? null;
    const old = text === null ? 0 : parseInteger(text);
    if (old === null) throw notInteger;
    const sum = addInt64(old, params.increment);
    if (sum === null) throw replyErrors.incrementOverflow;
    (hash ?? db.addHash(key)).setOnly(field, String(sum));
    db.changed(key, NOTIFY_HASH, 'hincrby');
    return sum;
  },

  hincrbyfloat({ db, engine }, params) {
    const { key, field } = params;
    const by = parseLongDouble(params.increment);
    if (by === null) throw replyErrors.notFloat;
    if (!Number.isFinite(by.exponent)) throw infiniteIncrement;
    const hash = db.hashForWrite(key);
    const text = hash?.get(field) ?? null;
    const old = text === null ? ZERO : parseLongDouble(text);
    if (old === null) throw notFloat;
    const sum = addLongDouble(old, by);
    if (sum === null) throw infiniteSum;
    const digits = formatLongDouble(sum);
    (hash ?? db.addHash(key)).setOnly(field, digits);
    db.changed(key, NOTIFY_HASH, 'hincrbyfloat');
    engine.propagate(db.index, ['HSET', key, field, digits]);
    const endsAt = hash?.deadlineOf(field) ?? null;
    if (endsAt !== null) engine.propagate(db.index, ['HPEXPIREAT', key, String(endsAt), 'FIELDS', '1', field]);
    return digits;
  },

  hkeys({ db }, { key }) {
    const fields: Reply[] = [];
    db.hash(key)?.forEach((field) => {
      fields.push(field);
    });
    return fields;
  },

  hlen: ({ db }, { key }) => db.hash(key)?.size ?? 0,

  hmget({ db }, { key, fields }) {
    const hash = db.hash(key);
    return fields.map((field) => hash?.get(field) ?? null);
  },

  hmset({ db }, { key, pairs }) {
    setFields(db, key, pairs);
    return OK;
  },

  hrandfield(call, { key, count, withValues }) {
    if (withValues && !Number.isFinite(count)) throw countTooLarge;
    const hash = call.db.hash(key);
    const { random } = call.engine;
    if (count === undefined) return hash === null ? null : hash.randomField(random);
    if (hash === null || count === 0) return [];
    const entries = count > 0 ? hash.sampleEntries(count, random) : drawEntries(call, hash, drawsOf(count));
    if (!withValues) return entries.map((entry) => hash.fieldAt(entry));
    return new PairsReply(entries.flatMap((entry) => [hash.fieldAt(entry), hash.valueAt(entry)]));
  },

  hscan({ db }, params) {
    const hash = db.hash(params.key);
    if (hash === null) return ['0', []];
    throwLate(params);
    const { match, count = SCAN_COUNT, noValues } = params;
    const matches = match === undefined || match === '*' ? null : compileGlob(match);
    const flat: Reply[] = [];
    const cursor = hash.scan(params.cursor, count, (field, value) => {
      if (matches !== null && !matches(field)) return;
      flat.push(field);
      if (!noValues) flat.push(value);
    });
    return [String(cursor), flat];
  },

  hset: ({ db }, { key, pairs }) => setFields(db, key, pairs),

  hsetnx({ db }, { key, field, value }) {
    const hash = db.hashForWrite(key);
    if (hash?.has(field)) return 0;
    (hash ?? db.addHash(key)).set(field, value);
    db.changed(key, NOTIFY_HASH, 'hset');
    return 1;
  },

  hstrlen: ({ db }, { key, field }) => db.hash(key)?.valueLength(field) ?? 0,

  hvals({ db }, { key }) {
    const values: Reply[] = [];
    db.hash(key)?.forEach((_, value) => {
      values.push(value);
    });
    return values;
  },
};

/** Sets fields; returns how many are new. */
function setFields(db: Database, key: Bytes, pairs: readonly [Bytes, Bytes][]): number {
  const hash = db.hashForWrite(key) ?? db.addHash(key);
  hash.expect(pairs.length);
  let added = 0;
  for (const [field, value] of pairs) if (hash.set(field, value)) added++;
  db.changed(key, NOTIFY_HASH, 'hset', pairs.length);
  return added;
}

function drawEntries({ engine }: EngineSession, hash: HashValue, draws: number): number[] {
  return Array.from({ length: draws }, () => hash.randomEntry(engine.random));
}
