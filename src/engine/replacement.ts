import type { Database } from './database.js';
import type { Engine } from './engine.js';
import { dumpValue } from './rdb/dump-payload.js';

/**
 * To be called when all data of an engine were exchanged for others, past any command: whoever watches keys that exist
 * now, waits for them or has read any learns of it, and log and replicas get the new data as commands. O(waited and
 * watched keys); O(n) where there is a log or a replica.
 */
export function announceAll(engine: Engine): void {
  engine.dirty++;
  engine.tracking.flushed();
  for (const db of engine.databases) {
    for (const key of [...db.watchers.keys()]) if (db.keyspace.find(key) >= 0) db.modified(key);
    engine.blocking.allReady(db);
  }
  engine.blocking.serveReady();
  if (!engine.propagates) return;
  engine.propagate(0, ['FLUSHALL']);
  engine.propagate(0, ['FUNCTION', 'FLUSH']);
  for (const source of engine.scripting.functionSources()) engine.propagate(0, ['FUNCTION', 'LOAD', source]);
  for (const db of engine.databases) announceKeys(engine, db);
}

function announceKeys(engine: Engine, db: Database): void {
  const { table } = db.keyspace;
  for (let slot = table.slotAfter(0); slot >= 0; slot = table.slotAfter(slot)) announceKey(engine, db, slot);
}

/** Propagates a key that was created outside any command. O(n). */
export function announceKey(engine: Engine, { index, keyspace }: Database, slot: number): void {
  if (!engine.propagates) return;
  const payload = dumpValue(keyspace, slot, engine.settings.limits, false);
  const deadline = keyspace.deadline(slot);
  const at = deadline === null ? '0' : String(Math.trunc(deadline));
  const words = ['RESTORE', keyspace.keyOf(slot), at, payload, 'REPLACE'];
  engine.propagate(index, deadline === null ? words : [...words, 'ABSTTL']);
}
