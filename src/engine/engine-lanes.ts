import type { Bytes } from '../core/bytes.js';
import type { Lanes } from '../backend/lanes.js';
import type { Spec } from '../commands/spec.js';
import { commands } from '../commands/table.js';
import type { Engine } from './engine.js';
import { TYPE_HASH, TYPE_SET, TYPE_STRING, TYPE_ZSET } from './entry-meta.js';
import { NOTIFY_GENERIC, NOTIFY_HASH, NOTIFY_STRING, NOTIFY_ZSET } from './notify.js';
import type { EngineSession } from './session.js';
import type { Collection } from './value.js';
import type { HashValue } from './values/hash.js';
import type { SetValue } from './values/set.js';
import { ADDED, SAME, type ZSetValue } from './values/zset.js';

/** One call in so many goes the long way, so that the statistics know how long the command takes. */
const LONG_WAY_ONE_IN = 256;

/** The type in place of one that the lane does not serve: the command takes the long way. */
const OTHER = -2;

/**
 * The lanes of one session of an engine. They are open while `engine.plain` holds and the session is in no special
 * state; what they leave out is then not needed: admission, the parser, frozen time (a key with a TTL asks the clock),
 * events, effects and those who block.
 */
export class EngineLanes implements Lanes {
  readonly #engine: Engine;
  readonly #session: EngineSession;
  #untilLongWay = LONG_WAY_ONE_IN;

  constructor(engine: Engine, session: EngineSession) {
    this.#engine = engine;
    this.#session = session;
  }

  get(key: Bytes): Bytes | null | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#lookup(key, TYPE_STRING);
    if (slot === OTHER) return undefined;
    this.#count(commands.get);
    return slot < 0 ? null : this.#session.db.keyspace.stringOf(slot);
  }

  set(key: Bytes, value: Bytes): true | undefined {
    if (!this.#open()) return undefined;
    const { db } = this.#session;
    const { keyspace } = db;
    const slot = db.peek(key);
    if (slot < 0) {
      db.putString(key, value);
    } else {
      keyspace.touch(slot);
      keyspace.setString(slot, value);
      keyspace.clearDeadline(slot);
    }
    db.changed(key, NOTIFY_STRING, 'set');
    this.#count(commands.set);
    return true;
  }

  incr(key: Bytes): number | undefined {
    if (!this.#open()) return undefined;
    const { db } = this.#session;
    const { keyspace } = db;
    const slot = db.peek(key);
    if (slot < 0 || keyspace.typeOf(slot) !== TYPE_STRING || !keyspace.isInt(slot)) return undefined;
    const value = keyspace.intOf(slot);
    if (typeof value === 'bigint' || value === Number.MAX_SAFE_INTEGER) return undefined;
    keyspace.touch(slot);
    keyspace.setInt(slot, value + 1);
    db.changed(key, NOTIFY_STRING, 'incrby');
    this.#count(commands.incr);
    return value + 1;
  }

  del(key: Bytes): 0 | 1 | undefined {
    if (!this.#open()) return undefined;
    const { db } = this.#session;
    const slot = db.peek(key);
    if (slot >= 0) {
      db.keyspace.remove(slot);
      db.changed(key, NOTIFY_GENERIC, 'del');
    }
    this.#count(commands.del);
    return slot < 0 ? 0 : 1;
  }

  exists(key: Bytes): 0 | 1 | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#session.db.lookupUntouched(key);
    this.#count(commands.exists);
    return slot < 0 ? 0 : 1;
  }

  hget(key: Bytes, field: Bytes): Bytes | null | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#lookup(key, TYPE_HASH);
    if (slot === OTHER) return undefined;
    this.#count(commands.hget);
    return slot < 0 ? null : (this.#collection(slot) as HashValue).get(field);
  }

  hset(key: Bytes, field: Bytes, value: Bytes): 0 | 1 | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#lookupWrite(key, TYPE_HASH);
    if (slot < 0) return undefined;
    const added = (this.#collection(slot) as HashValue).set(field, value);
    this.#session.db.changed(key, NOTIFY_HASH, 'hset');
    this.#count(commands.hset);
    return added ? 1 : 0;
  }

  sismember(key: Bytes, member: Bytes): 0 | 1 | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#lookup(key, TYPE_SET);
    if (slot === OTHER) return undefined;
    this.#count(commands.sismember);
    return slot >= 0 && (this.#collection(slot) as SetValue).has(member) ? 1 : 0;
  }

  zadd(key: Bytes, member: Bytes, score: number): 0 | 1 | undefined {
    if (Number.isNaN(score) || !this.#open()) return undefined;
    const slot = this.#lookupWrite(key, TYPE_ZSET);
    if (slot < 0) return undefined;
    const outcome = (this.#collection(slot) as ZSetValue).add(member, score);
    if (outcome !== SAME) this.#session.db.changed(key, NOTIFY_ZSET, 'zadd');
    this.#count(commands.zadd);
    return outcome === ADDED ? 1 : 0;
  }

  zscore(key: Bytes, member: Bytes): number | null | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#lookup(key, TYPE_ZSET);
    if (slot === OTHER) return undefined;
    this.#count(commands.zscore);
    return slot < 0 ? null : (this.#collection(slot) as ZSetValue).score(member);
  }

  #open(): boolean {
    const session = this.#session;
    if (!this.#engine.plain || session.queue !== null || !session.plain) return false;
    if (--this.#untilLongWay > 0) return true;
    this.#untilLongWay = LONG_WAY_ONE_IN;
    return false;
  }

  /** As `db.lookup`; OTHER, and nothing counted, for a value of another type. */
  #lookup(key: Bytes, type: number): number {
    const { db } = this.#session;
    const { keyspace } = db;
    const { stats } = this.#engine;
    const slot = db.peek(key);
    if (slot < 0) {
      stats.keyspaceMisses++;
      return -1;
    }
    if (keyspace.typeOf(slot) !== type) return OTHER;
    stats.keyspaceHits++;
    keyspace.touch(slot);
    return slot;
  }

  /** The slot of an existing key of this type; negative, and nothing done, for any other. */
  #lookupWrite(key: Bytes, type: number): number {
    const { db } = this.#session;
    const slot = db.peek(key);
    if (slot < 0 || db.keyspace.typeOf(slot) !== type) return OTHER;
    db.keyspace.touch(slot);
    return slot;
  }

  #collection(slot: number): Collection {
    return this.#session.db.keyspace.collection(slot);
  }

  #count(spec: Spec): void {
    const session = this.#session;
    session.lastCommand = spec;
    session.lastCommandAt = this.#engine.recently;
    this.#engine.countCall(spec.id);
  }
}
