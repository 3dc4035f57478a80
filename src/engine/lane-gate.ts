import type { Spec } from '../commands/spec.js';
import type { Database } from './database.js';
import type { Engine } from './engine.js';
import { EXPIRY, META, TYPE_MASK, USE_SHIFT } from './entry-meta.js';
import type { EngineSession } from './session.js';
import type { Collection } from './value.js';

/** One call in so many goes the long way, so that the statistics know how long the command takes. */
const LONG_WAY_ONE_IN = 1024;

/** The bits of META below the use stamp. */
const USE_LOW = (1 << USE_SHIFT) - 1;

/** In place of a slot: no such key. */
export const ABSENT = -1;
/** In place of a slot that the lane does not serve (another type, or expired): the command takes the long way. */
export const OTHER = -2;

/** What all lanes of a session share: whether they may be taken, keys, and the counting. */
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
    if (this.#shut || !this.engine.plain) return false;
    if (--this.#untilLongWay > 0) return true;
    this.#untilLongWay = LONG_WAY_ONE_IN;
    return false;
  }

  /** Watchers, those who track keys and a log would have to be told. */
  protected openForWrite(): boolean {
    const { tracking, effectQueue } = this.engine;
    return this.session.db.watchers.size === 0 && !tracking.on && effectQueue.journal === null && this.open();
  }

  protected get db(): Database {
    return this.session.db;
  }

  /** As `db.lookup`; OTHER, and nothing counted, for a value of another type or one that has expired. */
  protected lookup(key: string, type: number): number {
    const slot = this.session.db.keyspace.table.findText(key);
    if (slot < 0) {
      this.engine.stats.keyspaceMisses++;
      return ABSENT;
    }
    if (!this.stampUse(slot, type)) return OTHER;
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
    const slot = this.session.db.keyspace.table.findText(key);
    if (slot < 0) return ABSENT;
    return this.stampUse(slot, type) ? slot : OTHER;
  }

  /** Stamps the use of a slot; false, and nothing done, if it holds another type or has expired. */
  protected stampUse(slot: number, type: number): boolean {
    const { table } = this.session.db.keyspace;
    const words = table.wordsToRead(slot);
    const at = table.wordsStart(slot);
    const word = words[at + META]!;
    // What is most often so is looked at first, in as little code as can be: V8 then inlines it everywhere.
    const plain = (word & TYPE_MASK) === type && words[at + EXPIRY] === 0;
    return (plain && word >>> USE_SHIFT === this.engine.useClock.current) || this.#judgeUse(slot, word, type);
  }

  #judgeUse(slot: number, word: number, type: number): boolean {
    const { db } = this.session;
    if ((word & TYPE_MASK) !== type || db.isDue(slot)) return false;
    const stamp = this.engine.useClock.touch(word >>> USE_SHIFT);
    db.keyspace.table.setWord(slot, META, (stamp << USE_SHIFT) | (word & USE_LOW));
    return true;
  }

  protected collection(slot: number): Collection {
    return this.session.db.keyspace.collection(slot);
  }

  protected collectionToChange(slot: number): Collection {
    return this.session.db.keyspace.collectionToChange(slot);
  }

  protected count(spec: Spec): void {
    const { session } = this;
    // Comparing is cheaper than storing a pointer.
    if (session.lastCommand !== spec) session.lastCommand = spec;
    this.engine.stats.note(spec.id, session);
  }

  protected counted<T>(spec: Spec, reply: T): T {
    this.count(spec);
    return reply;
  }

  /** What is left of `db.changed` where nobody watches or listens. */
  protected countWrite(spec: Spec, changes = 1): void {
    this.engine.dirty += changes;
    this.count(spec);
  }
}
