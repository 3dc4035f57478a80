import type { Lanes } from '../backend/lanes.js';
import type { Spec } from '../commands/spec.js';
import { commands } from '../commands/table.js';
import { type Bytes, bytesFromText } from '../core/bytes.js';
import type { Engine } from './engine.js';
import { EXPIRY, META, TYPE_HASH, TYPE_MASK, TYPE_SET, TYPE_STRING, TYPE_ZSET, USE_SHIFT } from './entry-meta.js';
import type { EngineSession } from './session.js';
import type { Collection } from './value.js';
import type { HashValue } from './values/hash.js';
import type { SetValue } from './values/set.js';
import { ADDED, SAME, type ZSetValue } from './values/zset.js';

const { get: GET, set: SET, incr: INCR, del: DEL, exists: EXISTS } = commands;
const { hget: HGET, hset: HSET, sismember: SISMEMBER, zadd: ZADD, zscore: ZSCORE } = commands;

/** One call in so many goes the long way, so that the statistics know how long the command takes. */
const LONG_WAY_ONE_IN = 1024;

/** The bits of META below the use stamp. */
const USE_LOW = (1 << USE_SHIFT) - 1;

/** The type in place of one that the lane does not serve: the command takes the long way. */
const OTHER = -2;

/**
 * The lanes of one session of an engine. They are open while `engine.plain` holds and the session is in no special
 * state; what they leave out is then not needed: admission, the parser, frozen time (a key with a TTL asks the clock),
 * events, effects and those who block.
 */
export class EngineLanes implements Lanes {
  readonly #engine: Engine;
  #session: EngineSession;
  #untilLongWay = LONG_WAY_ONE_IN;
  /** The session is in a state by which commands are judged. */
  #shut = false;

  constructor(engine: Engine, session: EngineSession) {
    this.#engine = engine;
    this.#session = session;
  }

  /** From now on the lanes are those of another session. */
  use(session: EngineSession): void {
    this.#session = session;
    this.judge();
  }

  /** To be called after each command of the session that went the long way: it may have changed the session's state. */
  judge(): void {
    this.#shut = !this.#session.plain;
  }

  getText(key: string): string | null | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#lookup(key, TYPE_STRING);
    if (slot === OTHER) return undefined;
    this.#count(GET);
    return slot < 0 ? null : this.#session.db.keyspace.textOf(slot);
  }

  set(key: string, value: string): true | undefined {
    if (!this.#openForWrite()) return undefined;
    const { db } = this.#session;
    const { keyspace } = db;
    const slot = keyspace.table.findText(key);
    if (slot < 0) {
      db.putString(bytesFromText(key), bytesFromText(value));
    } else if (!keyspace.overwriteText(slot, value)) {
      if (keyspace.table.word(slot, EXPIRY) !== 0 && !this.#clearDeadline(slot)) return undefined;
      keyspace.useForText(slot, value);
    }
    this.#countWrite(SET);
    return true;
  }

  incr(key: string): number | undefined {
    if (!this.#openForWrite()) return undefined;
    const { keyspace } = this.#session.db;
    const slot = this.#lookupWrite(key, TYPE_STRING);
    if (slot < 0 || !keyspace.isInt(slot)) return undefined;
    const value = keyspace.intOf(slot);
    if (typeof value === 'bigint' || value === Number.MAX_SAFE_INTEGER) return undefined;
    keyspace.setInt(slot, value + 1);
    this.#countWrite(INCR);
    return value + 1;
  }

  del(key: string): 0 | 1 | undefined {
    if (!this.#openForWrite()) return undefined;
    const { db } = this.#session;
    const slot = db.keyspace.table.findText(key);
    if (slot < 0) {
      this.#count(DEL);
      return 0;
    }
    if (db.isDue(slot)) return undefined;
    db.keyspace.remove(slot);
    this.#countWrite(DEL);
    return 1;
  }

  exists(key: string): 0 | 1 | undefined {
    if (!this.#open()) return undefined;
    const { db } = this.#session;
    const slot = db.keyspace.table.findText(key);
    if (slot >= 0 && db.isDue(slot)) return undefined;
    const { stats } = this.#engine;
    if (slot < 0) stats.keyspaceMisses++;
    else stats.keyspaceHits++;
    this.#count(EXISTS);
    return slot < 0 ? 0 : 1;
  }

  hget(key: string, field: Bytes): Bytes | null | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#lookup(key, TYPE_HASH);
    if (slot === OTHER) return undefined;
    const hash = slot < 0 ? null : (this.#collection(slot) as HashValue);
    if (hash !== null && hash.deadlines !== null) {
      this.#engine.stats.keyspaceHits--;
      return undefined;
    }
    this.#count(HGET);
    return hash === null ? null : hash.get(field);
  }

  hset(key: string, field: Bytes, value: Bytes): 0 | 1 | undefined {
    if (!this.#openForWrite()) return undefined;
    const slot = this.#lookupWrite(key, TYPE_HASH);
    if (slot < 0) return undefined;
    const hash = this.#session.db.keyspace.collectionToChange(slot) as HashValue;
    if (hash.deadlines !== null) return undefined;
    const added = hash.set(field, value);
    this.#countWrite(HSET);
    return added ? 1 : 0;
  }

  sismember(key: string, member: Bytes): 0 | 1 | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#lookup(key, TYPE_SET);
    if (slot === OTHER) return undefined;
    this.#count(SISMEMBER);
    return slot >= 0 && (this.#collection(slot) as SetValue).has(member) ? 1 : 0;
  }

  zadd(key: string, member: Bytes, score: number): 0 | 1 | undefined {
    if (Number.isNaN(score) || !this.#openForWrite()) return undefined;
    const slot = this.#lookupWrite(key, TYPE_ZSET);
    if (slot < 0) return undefined;
    const outcome = (this.#session.db.keyspace.collectionToChange(slot) as ZSetValue).add(member, score);
    if (outcome === SAME) this.#count(ZADD);
    else this.#countWrite(ZADD);
    return outcome === ADDED ? 1 : 0;
  }

  zscore(key: string, member: Bytes): number | null | undefined {
    if (!this.#open()) return undefined;
    const slot = this.#lookup(key, TYPE_ZSET);
    if (slot === OTHER) return undefined;
    this.#count(ZSCORE);
    return slot < 0 ? null : (this.#collection(slot) as ZSetValue).score(member);
  }

  #open(): boolean {
    if (this.#shut || !this.#engine.plain) return false;
    if (--this.#untilLongWay > 0) return true;
    this.#untilLongWay = LONG_WAY_ONE_IN;
    return false;
  }

  /** Watchers and those who track keys would have to be told. */
  #openForWrite(): boolean {
    return this.#session.db.watchers.size === 0 && !this.#engine.tracking.on && this.#open();
  }

  /** As `db.lookup`; OTHER, and nothing counted, for a value of another type or one that has expired. */
  #lookup(key: string, type: number): number {
    const { db } = this.#session;
    const { stats } = this.#engine;
    const slot = db.keyspace.table.findText(key);
    if (slot < 0) {
      stats.keyspaceMisses++;
      return -1;
    }
    if (!this.#use(slot, type)) return OTHER;
    stats.keyspaceHits++;
    return slot;
  }

  /** The slot of an existing key of this type; negative, and nothing done, for any other. */
  #lookupWrite(key: string, type: number): number {
    const { db } = this.#session;
    const slot = db.keyspace.table.findText(key);
    return slot >= 0 && this.#use(slot, type) ? slot : OTHER;
  }

  /** Stamps the use of a slot; false, and nothing done, if it holds another type or has expired. */
  #use(slot: number, type: number): boolean {
    const { db } = this.#session;
    const { table } = db.keyspace;
    const word = table.word(slot, META);
    if ((word & TYPE_MASK) !== type || (table.word(slot, EXPIRY) !== 0 && db.isDue(slot))) return false;
    const old = word >>> USE_SHIFT;
    const stamp = this.#engine.useClock.touch(old);
    if (stamp !== old) table.setWord(slot, META, (stamp << USE_SHIFT) | (word & USE_LOW));
    return true;
  }

  /** False, and nothing done, if the key has expired. */
  #clearDeadline(slot: number): boolean {
    const { db } = this.#session;
    if (db.isDue(slot)) return false;
    db.keyspace.clearDeadline(slot);
    return true;
  }

  #collection(slot: number): Collection {
    return this.#session.db.keyspace.collection(slot);
  }

  #count(spec: Spec): void {
    const session = this.#session;
    session.lastCommand = spec;
    this.#engine.stats.note(spec.id, session);
  }

  /** What is left of `db.changed` where nobody watches or listens. */
  #countWrite(spec: Spec): void {
    this.#engine.dirty++;
    this.#count(spec);
  }
}
