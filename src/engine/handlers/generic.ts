import type { genericCommands } from '../../commands/generic.js';
import { throwLate } from '../../commands/precedence.js';
import type { Bytes } from '../../core/bytes.js';
import { compileGlob } from '../../core/glob.js';
import { ErrorReply, OK, type Reply, replyErrors, Status } from '../../core/reply.js';
import type { Database } from '../database.js';
import { typeNames } from '../entry-meta.js';
import { LAZY_FREE_PARTS, partsOf } from '../free-effort.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_GENERIC } from '../notify.js';
import type { EngineSession } from '../session.js';
import { timeoutOf } from './client.js';
import { noSuchDatabase } from './connection.js';
import { dumpHandlers } from './dump.js';
import { expiryHandlers } from './generic-expiry.js';
import { migrateHandlers } from './migrate.js';
import { objectHandlers } from './object.js';
import { sortHandlers } from './sort.js';

const waitLogOnReplica = new ErrorReply(
  'ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated.',
);
const noLog = new ErrorReply('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.');
const waitOnReplica = new ErrorReply(
  'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable ' +
    '(which is not the default) writes to replicas are just local and are not propagated.',
);
const noMove = new ErrorReply('ERR MOVE is not allowed in cluster mode');
const noOtherDatabase = new ErrorReply('ERR Copying to another database is not allowed in cluster mode');
const types = typeNames.map((name) => new Status(name));
const NONE = new Status('none');
/** SCAN looks at no more than this many buckets per key asked for. */
const BUCKETS_PER_KEY = 10;
const COUNT_DEFAULT = 10;

type KeysParams = { keys: Bytes[] };

function deleteKeys({ db }: EngineSession, { keys }: KeysParams, before?: (key: Bytes) => void): Reply {
  let deleted = 0;
  for (const key of keys) {
    if (!db.exists(key)) continue;
    before?.(key);
    db.remove(key);
    db.changed(key, NOTIFY_GENERIC, 'del');
    deleted++;
  }
  return deleted;
}

function countKeys(keys: readonly Bytes[], look: (key: Bytes) => number): Reply {
  let found = 0;
  for (const key of keys) if (look(key) >= 0) found++;
  return found;
}

function databaseOf(call: EngineSession, index: number): Database {
  const db = call.engine.databases[index];
  if (db === undefined) throw noSuchDatabase;
  return db;
}

/** RENAME and RENAMENX; false if the new name is taken and `replace` is not allowed. */
function rename({ db, engine }: EngineSession, key: Bytes, newKey: Bytes, replace: boolean): boolean {
  const slot = db.lookupWrite(key);
  if (slot < 0) throw replyErrors.noSuchKey;
  if (key === newKey) return replace;
  if (db.lookupWrite(newKey) >= 0 && !replace) return false;
  db.keyspace.moveTo(slot, db.keyspace, newKey);
  db.keyAdded(newKey);
  db.modified(key);
  db.modified(newKey);
  db.notify(NOTIFY_GENERIC, 'rename_from', key);
  db.notify(NOTIFY_GENERIC, 'rename_to', newKey);
  engine.dirty++;
  return true;
}

/** Keys of about `count` buckets' worth, and where to go on. They are looked at only afterwards: that may delete some. */
function scanStep(db: Database, cursor: number, count: number): { next: number; keys: Bytes[] } {
  const { table } = db.keyspace;
  const keys: Bytes[] = [];
  const visit = (slot: number): void => {
    keys.push(table.keyOf(slot));
  };
  let next = cursor;
  let buckets = count * BUCKETS_PER_KEY;
  do next = table.scan(next, visit);
  while (next !== 0 && buckets-- > 0 && keys.length < count);
  return { next, keys };
}

/** Handlers of the generic group. */
export const genericHandlers: HandlersOf<typeof genericCommands> = {
  ...dumpHandlers,
  ...expiryHandlers,
  ...migrateHandlers,
  ...objectHandlers,
  ...sortHandlers,

  copy(call, { source, destination, db: index, replace, ...late }) {
    const { db } = call;
    if (call.engine.cluster !== null && index !== undefined && index !== 0) throw noOtherDatabase;
    const target = index === undefined ? db : databaseOf(call, index);
    throwLate(late);
    if (target === db && source === destination) throw replyErrors.sameObject;
    const slot = db.lookup(source);
    if (slot < 0) return 0;
    if (target.lookupWrite(destination) >= 0) {
      if (!replace) return 0;
      target.remove(destination);
    }
    db.keyspace.copyTo(slot, target.keyspace, destination);
    target.keyAdded(destination);
    target.changed(destination, NOTIFY_GENERIC, 'copy_to');
    return 1;
  },

  del: (call, params) => deleteKeys(call, params),

  exists: ({ db }, { keys }) => countKeys(keys, (key) => db.lookupUntouched(key)),

  keys({ db }, { pattern }) {
    const { table } = db.keyspace;
    const fits = pattern === '*' ? null : compileGlob(pattern);
    const found: Bytes[] = [];
    table.forEach((slot) => {
      const key = table.keyOf(slot);
      if ((fits === null || fits(key)) && !db.isDue(slot)) found.push(key);
    });
    return found;
  },

  move(call, { key, db: index }) {
    const { db, engine } = call;
    if (engine.cluster !== null) throw noMove;
    const target = databaseOf(call, index);
    if (target === db) throw replyErrors.sameObject;
    const slot = db.lookupWrite(key);
    if (slot < 0 || target.lookupWrite(key) >= 0) return 0;
    db.keyspace.moveTo(slot, target.keyspace, key);
    target.keyAdded(key);
    db.modified(key);
    target.modified(key);
    db.notify(NOTIFY_GENERIC, 'move_from', key);
    target.notify(NOTIFY_GENERIC, 'move_to', key);
    engine.dirty++;
    return 1;
  },

  randomkey({ db, engine }) {
    // While clients are paused, expired keys stay: after so many of them one is good enough.
    for (let tries = 0; ; tries++) {
      const slot = db.keyspace.randomSlot(engine.random);
      if (slot < 0) return null;
      const key = db.keyspace.keyOf(slot);
      if (db.exists(key) || tries === 100) return key;
    }
  },

  rename(call, { key, newKey }) {
    rename(call, key, newKey, true);
    return OK;
  },

  renamenx: (call, { key, newKey }) => (rename(call, key, newKey, false) ? 1 : 0),

  scan({ db }, { cursor, match, count, type }) {
    const { next, keys } = scanStep(db, cursor, count ?? COUNT_DEFAULT);
    const fits = match === undefined || match === '*' ? null : compileGlob(match);
    const wanted = type?.toLowerCase();
    const found = keys.filter((key) => {
      if (fits !== null && !fits(key)) return false;
      const slot = wanted === undefined ? db.peek(key) : db.lookupUntouched(key);
      return slot >= 0 && (wanted === undefined || db.typeName(slot) === wanted);
    });
    return [String(next), found];
  },

  touch: ({ db }, { keys }) => countKeys(keys, (key) => db.lookup(key)),

  type({ db }, { key }) {
    const slot = db.lookupUntouched(key);
    return slot < 0 ? NONE : types[db.keyspace.typeOf(slot)];
  },

  unlink(call, params) {
    const { db, engine } = call;
    return deleteKeys(call, params, (key) => {
      if (partsOf(db.keyspace, db.keyspace.find(key)) > LAZY_FREE_PARTS) engine.stats.lazyFreed++;
    });
  },

  waitaof(call, { local, replicas, timeout }) {
    const { replication, saver } = call.engine;
    const timeoutMs = timeoutOf(timeout);
    if (replication.following !== null) throw waitLogOnReplica;
    const { journal } = saver;
    const enabled = journal?.enabled ?? false;
    if (local > 0 && !enabled) throw noLog;
    const offset = call.writeOffset;
    const own = enabled && journal!.sync() ? 1 : 0;
    const logged = replication.logged(offset);
    if ((logged >= replicas && own >= local) || call.inExec) return [own, logged];
    replication.askForAcks();
    const count = () => replication.logged(offset);
    return replication.waiters.add(call, replicas, timeoutMs, { count, reply: (counted) => [own, counted] });
  },

  wait(call, { replicas, timeout }) {
    const { replication } = call.engine;
    if (replication.following !== null) throw waitOnReplica;
    const timeoutMs = timeoutOf(timeout);
    const acknowledged = replication.acknowledged(call.writeOffset);
    if (acknowledged >= replicas || call.inExec) return acknowledged;
    replication.askForAcks();
    return replication.waiters.add(call, replicas, timeoutMs);
  },
};
