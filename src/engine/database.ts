import type { Bytes } from '../core/bytes.js';
import { replyErrors } from '../core/reply.js';
import type { Engine } from './engine.js';
import * as meta from './entry-meta.js';
import { withoutDueFields } from './field-expiry.js';
import { Keyspace } from './keyspace.js';
import * as notify from './notify.js';
import type { EngineSession } from './session.js';
import type { Cause } from './tracking.js';
import type { Collection } from './value.js';
import { HashValue } from './values/hash.js';
import { ListValue } from './values/list.js';
import { SetValue } from './values/set.js';
import { StreamValue } from './values/stream.js';
import { ZSetValue } from './values/zset.js';

/**
 * A keyspace under Redis' rules: expired keys are gone, types are checked, watchers and subscribers learn of changes.
 * The openers check the type once, so handlers never do.
 */
export class Database {
  readonly index: number;
  readonly engine: Engine;
  /** Exchanged by SWAPDB. */
  keyspace: Keyspace;
  /** Who watches which key. */
  readonly watchers = new Map<Bytes, Set<EngineSession>>();

  constructor(engine: Engine, index: number) {
    this.engine = engine;
    this.index = index;
    this.keyspace = new Keyspace(engine);
  }

  get size(): number {
    return this.keyspace.size;
  }

  // Looking up. A slot is valid until the next write.

  /** The slot of a live key, without touching statistics or use stamps; −1 if absent. */
  peek(key: Bytes): number {
    const slot = this.keyspace.find(key);
    return slot >= 0 && this.#expireIfDue(slot, key) ? -1 : slot;
  }

  /** Looks a key up for a reading command: counts a hit or miss and stamps the use. */
  lookup(key: Bytes): number {
    const slot = this.peek(key);
    if (slot < 0) {
      this.engine.stats.keyspaceMisses++;
      if (this.engine.notifyFlags & notify.NOTIFY_KEY_MISS) this.notify(notify.NOTIFY_KEY_MISS, 'keymiss', key);
      return -1;
    }
    this.engine.stats.keyspaceHits++;
    this.#touch(slot);
    return slot;
  }

  /** Like `lookup`, without a stamp: for commands that only inspect a key. */
  lookupUntouched(key: Bytes): number {
    const slot = this.peek(key);
    if (slot >= 0) {
      this.engine.stats.keyspaceHits++;
      return slot;
    }
    this.engine.stats.keyspaceMisses++;
    if (this.engine.notifyFlags & notify.NOTIFY_KEY_MISS) this.notify(notify.NOTIFY_KEY_MISS, 'keymiss', key);
    return -1;
  }

  /** Looks a key up for a writing command. */
  lookupWrite(key: Bytes): number {
    const slot = this.peek(key);
    if (slot < 0) return -1;
    this.keyspace.watch?.beforeChange(slot);
    this.#touch(slot);
    return slot;
  }

  exists(key: Bytes): boolean {
    return this.peek(key) >= 0;
  }

  typeName(slot: number): meta.TypeName {
    return meta.typeNames[this.keyspace.typeOf(slot)];
  }

  /** The string of a key for a reading command; null if absent. WRONGTYPE otherwise. */
  string(key: Bytes): Bytes | null {
    const slot = this.stringSlot(key);
    return slot < 0 ? null : this.keyspace.stringOf(slot);
  }

  /** The slot of a string for a reading command, −1 if absent. WRONGTYPE otherwise. */
  stringSlot(key: Bytes): number {
    return this.#checked(this.lookup(key), meta.TYPE_STRING);
  }

  /** The slot of a string for a writing command, −1 if absent. WRONGTYPE otherwise. */
  stringSlotForWrite(key: Bytes): number {
    return this.#checked(this.lookupWrite(key), meta.TYPE_STRING);
  }

  list(key: Bytes): ListValue | null {
    return this.#open(this.lookup(key), meta.TYPE_LIST) as ListValue | null;
  }

  set(key: Bytes): SetValue | null {
    return this.#open(this.lookup(key), meta.TYPE_SET) as SetValue | null;
  }

  zset(key: Bytes): ZSetValue | null {
    return this.#open(this.lookup(key), meta.TYPE_ZSET) as ZSetValue | null;
  }

  hash(key: Bytes): HashValue | null {
    const hash = this.#open(this.lookup(key), meta.TYPE_HASH) as HashValue | null;
    return hash === null || hash.deadlines === null ? hash : withoutDueFields(this, key, hash, false);
  }

  stream(key: Bytes): StreamValue | null {
    return this.#open(this.lookup(key), meta.TYPE_STREAM) as StreamValue | null;
  }

  listForWrite(key: Bytes): ListValue | null {
    return this.#openToChange(this.lookupWrite(key), meta.TYPE_LIST) as ListValue | null;
  }

  setForWrite(key: Bytes): SetValue | null {
    return this.#openToChange(this.lookupWrite(key), meta.TYPE_SET) as SetValue | null;
  }

  zsetForWrite(key: Bytes): ZSetValue | null {
    return this.#openToChange(this.lookupWrite(key), meta.TYPE_ZSET) as ZSetValue | null;
  }

  hashForWrite(key: Bytes): HashValue | null {
    const hash = this.#openToChange(this.lookupWrite(key), meta.TYPE_HASH) as HashValue | null;
    return hash === null || hash.deadlines === null ? hash : withoutDueFields(this, key, hash, true);
  }

  streamForWrite(key: Bytes): StreamValue | null {
    return this.#openToChange(this.lookupWrite(key), meta.TYPE_STREAM) as StreamValue | null;
  }

  /** For commands that count as reading but change groups of the stream. */
  streamToChange(key: Bytes): StreamValue | null {
    return this.#openToChange(this.lookup(key), meta.TYPE_STREAM) as StreamValue | null;
  }

  // New, empty values that belong to no key yet: for results that are stored at the end.

  newList(): ListValue {
    return new ListValue(this.engine.valueContext);
  }

  newSet(): SetValue {
    const { meter, limits, seed } = this.engine.valueContext;
    return new SetValue(meter, limits, seed);
  }

  newZset(): ZSetValue {
    return new ZSetValue(this.engine.valueContext);
  }

  newHash(): HashValue {
    const { meter, limits, seed } = this.engine.valueContext;
    return new HashValue(meter, limits, seed);
  }

  newStream(): StreamValue {
    return new StreamValue(this.engine.valueContext);
  }

  // Adding a new key with an empty collection: the caller fills it before the command ends.

  addList(key: Bytes): ListValue {
    const value = this.newList();
    this.putCollection(key, value);
    return value;
  }

  addSet(key: Bytes): SetValue {
    const value = this.newSet();
    this.putCollection(key, value);
    return value;
  }

  addZset(key: Bytes): ZSetValue {
    const value = this.newZset();
    this.putCollection(key, value);
    return value;
  }

  addHash(key: Bytes): HashValue {
    const value = this.newHash();
    this.putCollection(key, value);
    return value;
  }

  addStream(key: Bytes): StreamValue {
    const value = this.newStream();
    this.putCollection(key, value);
    return value;
  }

  // Writing. None of these tells watchers or subscribers: `changed` does, once per command and key.

  /** Makes or replaces `key` as a string, without TTL unless `keepTtl`. */
  putString(key: Bytes, value: Bytes, keepTtl = false): number {
    const { size } = this.keyspace;
    const slot = this.keyspace.putString(key, value);
    if (this.keyspace.size > size) this.notify(notify.NOTIFY_NEW, 'new', key);
    else if (!keepTtl) this.keyspace.clearDeadline(slot);
    return slot;
  }

  /** As `putString` with `keepTtl`, but never as an integer: OBJECT ENCODING shows the difference. */
  putText(key: Bytes, value: Bytes): number {
    const { size } = this.keyspace;
    const slot = this.keyspace.putText(key, value);
    if (this.keyspace.size > size) this.notify(notify.NOTIFY_NEW, 'new', key);
    return slot;
  }

  /** `slot`, or where it is −1 the slot of a new, empty string: to be resized and written in place. */
  slotOrEmpty(key: Bytes, slot: number): number {
    return slot < 0 ? this.putString(key, '') : slot;
  }

  /** Makes or replaces `key` as a collection, without TTL. A new key wakes those who block on it; a replaced one, as in Redis, nobody. */
  putCollection(key: Bytes, value: Collection): void {
    if (this.keyspace.expiries.size > 0) this.peek(key);
    const { size } = this.keyspace;
    const slot = this.keyspace.putCollection(key, typeOfCollection(value), value);
    if (this.keyspace.size > size) {
      this.keyAdded(key);
    } else {
      this.keyspace.clearDeadline(slot);
    }
  }

  /** A key arrived in another way than being put here (RENAME, MOVE, COPY): wakes those who block on it. */
  keyAdded(key: Bytes): void {
    this.engine.blocking.keyReady(this, key);
    this.notify(notify.NOTIFY_NEW, 'new', key);
  }

  /** Removes a key of any type; false if there was none. Notifies nobody. */
  remove(key: Bytes): boolean {
    const slot = this.keyspace.find(key);
    if (slot < 0) return false;
    this.keyspace.remove(slot);
    return true;
  }

  /** Removes a key whose collection has become empty, with the event `del`. Returns whether it did. */
  removeIfEmpty(key: Bytes, value: Collection): boolean {
    if (value.size > 0) return false;
    this.remove(key);
    this.notify(notify.NOTIFY_GENERIC, 'del', key);
    return true;
  }

  /**
   * Reports a change of a key: watchers fail, the dirty counter moves, subscribers receive `event`. Call it once the
   * change is done and before `removeIfEmpty`.
   */
  changed(key: Bytes, eventClass: number, event: string, changes = 1): void {
    this.modified(key);
    this.engine.dirty += changes;
    this.notify(eventClass, event, key);
  }

  /** The part of `changed` that concerns watchers and caches. */
  modified(key: Bytes, cause: Cause = 'command'): void {
    if (this.engine.tracking.on) this.engine.tracking.changed(key, cause);
    if (this.watchers.size === 0) return;
    const sessions = this.watchers.get(key);
    if (!sessions) return;
    const gone = this.keyspace.find(key) < 0;
    for (const session of sessions) session.watchedKeyChanged(this.index, key, gone);
  }

  notify(eventClass: number, event: string, key: Bytes): void {
    const flags = this.engine.notifyFlags;
    if (!(flags & eventClass)) return;
    const { pubsub } = this.engine;
    if (flags & notify.NOTIFY_KEYSPACE) pubsub.publish(`__keyspace@${this.index}__:${key}`, event);
    if (flags & notify.NOTIFY_KEYEVENT) pubsub.publish(`__keyevent@${this.index}__:${event}`, key);
  }

  /** Empties the database; returns the number of keys removed. Watchers of existing keys fail. */
  flush(): number {
    const count = this.keyspace.size;
    this.allReplaced(null);
    this.keyspace.clear();
    return count;
  }

  /**
   * To be called before all keys go, or give way to those of another database (SWAPDB): fails every session that
   * watches a key which exists before or after, and tells those who wait for entries of a stream that goes.
   * A key that had expired by the time of WATCH does not count as existing.
   */
  allReplaced(by: Database | null): void {
    this.engine.blocking.streamsLost(this, by);
    for (const [key, sessions] of this.watchers) {
      const existed = this.keyspace.find(key) >= 0;
      const slot = by === null ? -1 : by.keyspace.find(key);
      if (!existed && slot < 0) continue;
      const expired = slot >= 0 && by!.isDue(slot);
      for (const session of sessions)
        session.watchedKeyReplaced(this.index, key, { existed, exists: slot >= 0, expired });
    }
  }

  /** Deletes an expired key with its effects. */
  expire(slot: number, key: Bytes): void {
    this.keyspace.remove(slot);
    this.engine.stats.expiredKeys++;
    this.engine.propagate(this.index, ['DEL', key]);
    this.notify(notify.NOTIFY_EXPIRED, 'expired', key);
    this.modified(key, 'expiry');
  }

  /**
   * Whether a deadline has already passed, so that its key goes at once. Not on a replica: the primary decides when a
   * key goes.
   */
  isPast(deadline: number): boolean {
    return deadline <= this.engine.now && this.engine.replication.following === null;
  }

  isDue(slot: number): boolean {
    const at = this.keyspace.deadline(slot);
    return at !== null && this.engine.now > at;
  }

  #expireIfDue(slot: number, key: Bytes): boolean {
    if (!this.isDue(slot)) return false;
    const { replication, current } = this.engine;
    // On a replica the primary decides when a key goes: until then it is hidden from all but the primary's commands.
    if (replication.following !== null) return current?.obeyed !== true;
    // While clients are paused nothing may change: the key is only hidden.
    if (this.engine.pause === null) this.expire(slot, key);
    return true;
  }

  #touch(slot: number): void {
    if (!this.engine.current?.noTouch) this.keyspace.touch(slot);
  }

  #checked(slot: number, type: number): number {
    if (slot >= 0 && this.keyspace.typeOf(slot) !== type) throw replyErrors.wrongType;
    return slot;
  }

  #open(slot: number, type: number): Collection | null {
    if (slot < 0) return null;
    if (this.keyspace.typeOf(slot) !== type) throw replyErrors.wrongType;
    return this.keyspace.collection(slot);
  }

  #openToChange(slot: number, type: number): Collection | null {
    if (slot < 0) return null;
    if (this.keyspace.typeOf(slot) !== type) throw replyErrors.wrongType;
    return this.keyspace.collectionToChange(slot);
  }
}

/** The number that the keyspace keeps for a collection's type. */
export function typeOfCollection(value: Collection): number {
  if (value instanceof ListValue) return meta.TYPE_LIST;
  if (value instanceof SetValue) return meta.TYPE_SET;
  if (value instanceof ZSetValue) return meta.TYPE_ZSET;
  if (value instanceof StreamValue) return meta.TYPE_STREAM;
  return meta.TYPE_HASH;
}

/** SWAPDB: sessions stay with their index, the data changes places. Watchers of keys in either fail. */
export function exchangeKeyspaces(first: Database, second: Database): void {
  first.allReplaced(second);
  second.allReplaced(first);
  [first.keyspace, second.keyspace] = [second.keyspace, first.keyspace];
  first.engine.blocking.allReady(first);
  second.engine.blocking.allReady(second);
}
