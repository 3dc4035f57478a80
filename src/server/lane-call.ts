import { type Bytes, sliceBytes } from '../core/bytes.js';
import type { Database } from '../engine/database.js';
import type { RequestBytes } from '../engine/effect-queue.js';
import type { Engine } from '../engine/engine.js';
import type { Keyspace } from '../engine/keyspace.js';
import type { EngineSession } from '../engine/session.js';
import type { Collection } from '../engine/value.js';
import type { ReplyArena } from '../resp/reply-arena.js';

/** Results of `find`: the key is absent, or may have expired and must take the regular path. */
export const ABSENT = -1;
export const DUE = -2;
/** Constants of the module alone: see lanes.ts. */
const NO_KEY = ABSENT;
const MAYBE_EXPIRED = DUE;

const INTEGER_COLON = 58;
/** Integers with more digits may not be exact. */
const DIGITS_MAX = 15;

/** One request on its lane: the words in place, the database, and where the reply goes. Reused for every request. */
export class LaneCall implements RequestBytes {
  readonly engine: Engine;
  session!: EngineSession;
  db!: Database;
  keyspace!: Keyspace;
  arena!: ReplyArena;
  bytes: Uint8Array = new Uint8Array(0);
  /** Word i is `bytes[offsets[2i], offsets[2i + 1])`. */
  offsets: Int32Array = new Int32Array(0);
  words = 0;
  from = 0;
  to = 0;
  /** Writes a range of an array as a bulk string. */
  readonly replyPart = (buffer: Uint8Array, start: number, length: number): void =>
    this.arena.bulkFrom(buffer, start, start + length);

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Directs the call to `db`. SWAPDB gives a database another keyspace. */
  open(db: Database): void {
    this.db = db;
    this.keyspace = db.keyspace;
  }

  start(word: number): number {
    return this.offsets[word * 2];
  }

  length(word: number): number {
    return this.offsets[word * 2 + 1] - this.offsets[word * 2];
  }

  text(word: number): Bytes {
    return sliceBytes(this.bytes, this.offsets[word * 2], this.offsets[word * 2 + 1]);
  }

  /** The slot of the key that a word names, ABSENT or DUE. */
  find(word: number): number {
    const start = this.offsets[word * 2];
    const slot = this.keyspace.table.findBytes(this.bytes, start, this.offsets[word * 2 + 1] - start);
    if (slot < 0) return NO_KEY;
    return this.keyspace.hasDeadline(slot) && this.db.isDue(slot) ? MAYBE_EXPIRED : slot;
  }

  /** Adds the key that `find` has just found absent; the caller must set its value at once. */
  add(word: number): number {
    const start = this.offsets[word * 2];
    return this.keyspace.addMissedBytes(this.bytes, start, this.offsets[word * 2 + 1] - start);
  }

  /**
   * The collection in a slot that `find` returned, for a writing command. Null, with nothing done, if there is none, it
   * is of another type or may have expired.
   */
  collection<T extends Collection>(slot: number, type: number): T | null {
    if (slot < 0 || this.keyspace.typeOf(slot) !== type) return null;
    this.keyspace.touch(slot);
    return this.keyspace.collectionToChange(slot) as T;
  }

  /** An integer as clients write it: no plus sign, no leading zero, at most 15 digits. NaN for everything else. */
  integer(word: number): number {
    const { bytes } = this;
    let at = this.offsets[word * 2];
    const end = this.offsets[word * 2 + 1];
    const negative = bytes[at] === 45;
    if (negative) at++;
    const digits = end - at;
    if (digits < 1 || digits > DIGITS_MAX) return Number.NaN;
    if (bytes[at] === 48) return digits === 1 && !negative ? 0 : Number.NaN;
    let value = 0;
    for (; at < end; at++) {
      const digit = bytes[at] - 48;
      if (digit < 0 || digit > 9) return Number.NaN;
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }

  /** A reading command found its key. */
  hit(slot: number): void {
    this.engine.stats.keyspaceHits++;
    this.keyspace.touch(slot);
  }

  miss(): void {
    this.engine.stats.keyspaceMisses++;
  }

  replyInteger(value: number): true {
    this.arena.header(INTEGER_COLON, value);
    return true;
  }

  replyNull(): true {
    this.arena.text(this.session.protocol === 2 ? '$-1\r\n' : '_\r\n');
    return true;
  }

  replyOk(): true {
    this.arena.text('+OK\r\n');
    return true;
  }
}
