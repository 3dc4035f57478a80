import { microsNow } from '../../core/clock.js';
import type { Keyspace } from '../keyspace.js';
import { type SlotWatch, withoutWatch, withWatch } from '../slot-watch.js';
import type { RdbWriter } from './rdb-writer.js';
import type { SavePiece } from './save-pieces.js';

/** A step ends once it has written this much, or taken this long. */
const STEP_BYTES = 64 * 1024;
const STEP_MICROS = 2000;
/** So many keys are written between two looks at the time; it is looked at after every piece of a large value. */
const LOOK_EVERY = 32;
const BITS_MIN = 1024;

/** Writes a key with its value, or begins to: what is returned writes the rest. */
export type SaveKey = (out: RdbWriter, keyspace: Keyspace, slot: number) => SavePiece | null;

/**
 * One keyspace as it was at one moment, written slot by slot. A slot that is about to change before its turn is written
 * at once, to a buffer of its own; a slot that was added since is left out. A large value takes several steps; if it is
 * about to change before the last one, all that is left of it is written at once.
 *
 *     slot   1 2 3 4 5 6 7 8 …
 *            written   │ done early, or added since: marked in #done
 *                    #at
 */
export class KeyspaceSnapshot implements SlotWatch {
  readonly index: number;
  readonly keys: number;
  readonly deadlines: number;
  readonly #keyspace: Keyspace;
  readonly #early: RdbWriter;
  readonly #save: SaveKey;
  /** The value that is being written, from its slot `#at`; null: none is begun. */
  #rest: SavePiece | null = null;
  /** What was left of it when it was about to change: comes before `#early`. */
  readonly #tail: RdbWriter;
  /** Values that were about to change and can be written all the same: what comes before each, and what writes it. */
  #later: { head: Uint8Array; rest: SavePiece }[] = [];
  #at = 0;
  #done = new Uint8Array(BITS_MIN);
  #over = false;

  /** `spare` gives empty writers. */
  constructor(index: number, keyspace: Keyspace, spare: () => RdbWriter, save: SaveKey) {
    this.index = index;
    this.keys = keyspace.size;
    this.deadlines = keyspace.expiries.size;
    this.#keyspace = keyspace;
    this.#early = spare();
    this.#tail = spare();
    this.#save = save;
  }

  /** From now on the keyspace may change. */
  watch(): void {
    this.#keyspace.watch = withWatch(this.#keyspace.watch, this);
  }

  beforeChange(slot: number): void {
    if (slot === this.#at) this.#finish(this.#tail);
    if (this.#isDone(slot)) return;
    this.#mark(slot);
    this.#saveWhole(this.#early, slot);
  }

  added(slot: number): void {
    if (!this.#isDone(slot)) this.#mark(slot);
  }

  beforeClear(): void {
    this.#finish(this.#tail);
    const begun = this.#rest;
    this.#rest = null;
    while (!this.#over) this.#walk(this.#early, Infinity);
    this.#rest = begun;
  }

  /** Writes some keys; false once all are written. */
  step(out: RdbWriter): boolean {
    if (this.#rest === null) {
      this.#give(this.#tail, out);
      this.#give(this.#early, out);
      const next = this.#later.shift();
      if (next !== undefined) {
        out.raw(next.head);
        this.#rest = next.rest;
      } else if (this.#over) return false;
    }
    this.#walk(out, STEP_BYTES);
    return true;
  }

  #give(from: RdbWriter, out: RdbWriter): void {
    out.raw(from.view);
    from.clear();
  }

  /** Lets the keyspace go. */
  close(): void {
    this.#end();
    this.#rest?.close?.();
    this.#rest = null;
    for (const { rest } of this.#later.splice(0)) rest.close?.();
  }

  #walk(out: RdbWriter, bytesMax: number): void {
    const { table } = this.#keyspace;
    const until = bytesMax === Infinity ? Infinity : microsNow() + STEP_MICROS;
    for (let i = 1; out.length < bytesMax; i++) {
      if (i % LOOK_EVERY === 0 && microsNow() > until) return;
      if (this.#rest !== null) {
        if (this.#rest(out)) this.#rest = null;
        if (microsNow() > until) return;
        continue;
      }
      if (this.#over) return;
      const slot = table.slotAfter(this.#at);
      if (slot < 0) {
        this.#end();
        return;
      }
      const done = this.#isDone(slot);
      this.#at = slot;
      if (done) continue;
      if (bytesMax === Infinity) this.#saveWhole(out, slot);
      else this.#rest = this.#save(out, this.#keyspace, slot);
    }
  }

  /** Saves a slot to `out` before it changes, or for later what may change all the same. */
  #saveWhole(out: RdbWriter, slot: number): void {
    const start = out.length;
    const rest = this.#save(out, this.#keyspace, slot);
    if (rest === null) return;
    if (rest.close === undefined) while (!rest(out));
    else this.#later.push({ head: out.cut(start), rest });
  }

  /** Writes what is left of the value that is begun, unless it may change. */
  #finish(out: RdbWriter): void {
    const rest = this.#rest;
    if (rest === null || rest.close !== undefined) return;
    this.#rest = null;
    while (!rest(out));
  }

  #end(): void {
    this.#over = true;
    this.#keyspace.watch = withoutWatch(this.#keyspace.watch, this);
  }

  #isDone(slot: number): boolean {
    return slot <= this.#at || (this.#done[slot >> 3] & (1 << (slot & 7))) !== 0;
  }

  #mark(slot: number): void {
    const at = slot >> 3;
    if (at >= this.#done.length) {
      const longer = new Uint8Array(Math.max(at + 1, this.#done.length * 2));
      longer.set(this.#done);
      this.#done = longer;
    }
    this.#done[at] |= 1 << (slot & 7);
  }
}
