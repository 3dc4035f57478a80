import type { Spec } from '../commands/spec.js';
import { bytesFromText } from '../core/bytes.js';
import type { Database } from './database.js';
import type { Engine } from './engine.js';
import * as meta from './entry-meta.js';
import type { EngineSession } from './session.js';
import type { Collection } from './value.js';
import type { ByteTable } from './values/byte-table.js';

// Constants of the module itself, which V8 builds into its code: an imported one it loads and checks at every use.
const { EXPIRY, META, TYPE_MASK, USE_SHIFT } = meta;

/** One call in so many goes the long way, so that the statistics know how long the command takes. */
const LONG_WAY_ONE_IN = 1024;

/** The bits of META below the use stamp, and all but the form of a string. */
const USE_LOW = (1 << USE_SHIFT) - 1;
const USE_AND_TYPE = (-1 << USE_SHIFT) | TYPE_MASK;

/** In place of a slot: no such key. */
export const ABSENT = -1;
/** In place of a slot that the lane does not serve (another type, or expired): the command takes the long way. */
export const OTHER = -2;

const NO_KEY = ABSENT;
const NOT_SERVED = OTHER;

/** A command as the lanes count it. Specs have many shapes; where there is one, V8 knows what is read. */
export class LaneCommand {
  readonly spec: Spec;
  readonly id: number;

  constructor(spec: Spec) {
    this.spec = spec;
    this.id = spec.id;
  }
}

/**
 * What all lanes of a session share: whether they may be taken, keys, and the counting.
 * Yes and no are compared with `true`: V8 does not know that a field holds nothing else, and would ask for all that can be false.
 */
export class LaneGate {
  protected readonly engine: Engine;
  protected session: EngineSession;
  #untilLongWay = LONG_WAY_ONE_IN;
  /** The session is in a state by which commands are judged. */
  #shut = false;

  constructor(engine: Engine, session: EngineSession) {
    this.engine = engine;
    this.session = session;
  }

  /** From now on the lanes are those of another session. */
  use(session: EngineSession): void {
    this.session = session;
    this.judge();
  }

  /** To be called after each command of the session that went the long way: it may have changed the session's state. */
  judge(): void {
    this.#shut = !this.session.plain;
  }

  protected open(): boolean {
    if (this.#shut === true || this.engine.plain !== true) return false;
    if (--this.#untilLongWay > 0) return true;
    this.#untilLongWay = LONG_WAY_ONE_IN;
    return false;
  }

  /** Watchers, those who track keys and a log would have to be told. */
  protected openForWrite(): boolean {
    const { tracking, effectQueue } = this.engine;
    return this.session.db.watchers.size === 0 && tracking.on !== true && effectQueue.journal === null && this.open();
  }

  protected get db(): Database {
    return this.session.db;
  }

  /** The slot of a key, or −1: of one that is used again and again with no call but of the comparison. */
  protected slotOf(key: string): number {
    const { table } = this.session.db.keyspace;
    const cached = table.cached(key);
    return cached > 0 ? cached : table.findMissed(bytesFromText(key));
  }

  /** As `db.lookup`; OTHER, and nothing counted, for a value of another type or one that has expired. */
  protected lookup(key: string, type: number): number {
    const { table } = this.session.db.keyspace;
    const cached = table.cached(key);
    const slot = cached > 0 ? cached : table.findMissed(bytesFromText(key));
    if (slot < 0) {
      this.engine.stats.keyspaceMisses++;
      return NO_KEY;
    }
    if (!this.#stampUse(table, slot, type)) return NOT_SERVED;
    this.engine.stats.keyspaceHits++;
    return slot;
  }

  /** Takes back the hit that `lookup` counted, since the command takes the long way. */
  protected declined(): undefined {
    this.engine.stats.keyspaceHits--;
    return undefined;
  }

  /** The slot of a key of this type for a writing command; ABSENT or OTHER. */
  protected lookupWrite(key: string, type: number): number {
    const { table } = this.session.db.keyspace;
    const cached = table.cached(key);
    const slot = cached > 0 ? cached : table.findMissed(bytesFromText(key));
    if (slot < 0) return NO_KEY;
    return this.#stampUse(table, slot, type) ? slot : NOT_SERVED;
  }

  /** Stamps the use of a slot; false, and nothing done, if it holds another type or has expired. */
  #stampUse(table: ByteTable, slot: number, type: number): boolean {
    const words = table.wordsToRead(slot);
    const at = table.wordsStart(slot);
    // What is most often so is looked at first, in as little code as can be: V8 then inlines it everywhere.
    const change = words[at + META]! ^ (this.engine.useClock.stampBits | type);
    return ((change & USE_AND_TYPE) === 0 && words[at + EXPIRY] === 0) || this.#judgeUse(table, slot, type);
  }

  #judgeUse(table: ByteTable, slot: number, type: number): boolean {
    const { db } = this.session;
    const word = table.word(slot, META);
    if ((word & TYPE_MASK) !== type || db.isDue(slot)) return false;
    const stamp = this.engine.useClock.touch(word >>> USE_SHIFT);
    table.setWord(slot, META, (stamp << USE_SHIFT) | (word & USE_LOW));
    return true;
  }

  protected collection(slot: number): Collection {
    return this.session.db.keyspace.collection(slot);
  }

  protected collectionToChange(slot: number): Collection {
    return this.session.db.keyspace.collectionToChange(slot);
  }

  protected count({ spec, id }: LaneCommand): void {
    const { session } = this;
    // Comparing is cheaper than storing a pointer.
    if (session.lastCommand !== spec) session.lastCommand = spec;
    this.engine.stats.note(id, session);
  }

  protected counted<T>(command: LaneCommand, reply: T): T {
    this.count(command);
    return reply;
  }

  /** What is left of `db.changed` where nobody watches or listens. */
  protected countWrite(command: LaneCommand): void {
    this.engine.dirty++;
    this.count(command);
  }
}
