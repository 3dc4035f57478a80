import type { Bytes } from '../core/bytes.js';
import { MemoryMeter } from '../core/memory.js';
import type { Database } from './database.js';
import { TYPE_HASH } from './entry-meta.js';
import { NOTIFY_GENERIC, NOTIFY_HASH } from './notify.js';
import type { HashValue } from './values/hash.js';

/** Expiring fields of hashes: they are removed when their hash is looked up, and gradually in the background. */

/** How many hashes one round of the background work looks at, and how many fields it deletes of each. */
const HASHES_PER_ROUND = 20;
const FIELDS_PER_HASH = 100;

/**
 * A hash without the fields that are due; null when nothing is left of it. On a replica, whose primary says when fields
 * go, and while clients are paused, a reader gets a copy without them: O(size) as long as they are due.
 */
export function withoutDueFields(db: Database, key: Bytes, hash: HashValue, toChange: boolean): HashValue | null {
  const { now, replication, current, pause } = db.engine;
  const deadlines = hash.deadlines;
  if (deadlines === null || deadlines.next >= now || deadlines.firstDue(now) === null) return hash;
  if (replication.following === null && pause === null) {
    const own = toChange ? hash : (db.keyspace.collectionToChange(db.keyspace.find(key)) as HashValue);
    return expireFields(db, key, own, Infinity) ? own : null;
  }
  if (toChange || current?.obeyed) return hash;
  const copy = hash.clone({ ...db.engine.valueContext, meter: new MemoryMeter() });
  for (let field = copy.deadlines!.firstDue(now); field !== null; field = copy.deadlines!.firstDue(now)) {
    copy.delete(field);
  }
  return copy.size > 0 ? copy : null;
}

/** Deletes fields that are due, with their effects; false when the hash went with them. */
function expireFields(db: Database, key: Bytes, hash: HashValue, max: number): boolean {
  const { engine } = db;
  const deadlines = hash.deadlines!;
  for (let left = max; left > 0; left--) {
    const field = deadlines.firstDue(engine.now);
    if (field === null) break;
    hash.delete(field);
    engine.stats.expiredSubkeys++;
    engine.propagate(db.index, ['HDEL', key, field]);
  }
  db.modified(key, 'expiry');
  db.notify(NOTIFY_HASH, 'hexpired', key);
  if (hash.size > 0) return true;
  db.remove(key);
  db.notify(NOTIFY_GENERIC, 'del', key);
  return false;
}

/**
 * Checks some hashes, those not checked for longest first; true when so many fields were due that it is worth going on.
 */
export function expireSomeFields(db: Database): boolean {
  const { keyspace } = db;
  const { timedHashes } = keyspace;
  let looked = 0;
  let stale = 0;
  for (const key of timedHashes) {
    if (looked++ === HASHES_PER_ROUND) break;
    timedHashes.delete(key);
    const slot = keyspace.find(key);
    if (slot < 0 || keyspace.typeOf(slot) !== TYPE_HASH) continue;
    const { deadlines } = keyspace.collection(slot) as HashValue;
    if (deadlines === null || deadlines.size === 0) continue;
    timedHashes.add(key);
    if (deadlines.next >= db.engine.now || deadlines.firstDue(db.engine.now) === null) continue;
    stale++;
    expireFields(db, key, keyspace.collectionToChange(slot) as HashValue, FIELDS_PER_HASH);
  }
  return stale * 4 > Math.min(looked, HASHES_PER_ROUND);
}
