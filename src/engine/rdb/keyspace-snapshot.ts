import type { Keyspace } from '../keyspace.js';
import { type SlotWatch, withoutWatch, withWatch } from '../slot-watch.js';
import type { RdbWriter } from './rdb-writer.js';

/** A step ends once it has written this much. */
const STEP_BYTES = 64 * 1024;
const BITS_MIN = 1024;

/**
 * One keyspace as it was at one moment, written slot by slot. A slot that is about to change before its turn is written
 * at once, to a buffer of its own; a slot that was added since is left out.
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
  readonly #save: (out: RdbWriter, keyspace: Keyspace, slot: number) => void;
  #at = 0;
  #done = new Uint8Array(BITS_MIN);
  #over = false;

  constructor(
    index: number,
    keyspace: Keyspace,
    early: RdbWriter,
    save: (out: RdbWriter, keyspace: Keyspace, slot: number) => void,
  ) {
    this.index = index;
    this.keys = keyspace.size;
    this.deadlines = keyspace.expiries.size;
    this.#keyspace = keyspace;
    this.#early = early;
    this.#save = save;
  }

  /** From now on the keyspace may change. */
  watch(): void {
    this.#keyspace.watch = withWatch(this.#keyspace.watch, this);
  }

  beforeChange(slot: number): void {
    if (this.#isDone(slot)) return;
    this.#mark(slot);
    this.#save(this.#early, this.#keyspace, slot);
  }

  added(slot: number): void {
    if (!this.#isDone(slot)) this.#mark(slot);
  }

  beforeClear(): void {
    while (!this.#over) this.#walk(this.#early, Infinity);
  }

  /** Writes some keys; false once all are written. */
  step(out: RdbWriter): boolean {
    out.raw(this.#early.view);
    this.#early.clear();
    if (this.#over) return false;
    this.#walk(out, STEP_BYTES);
    return true;
  }

  /** Lets the keyspace go. */
  close(): void {
    this.#end();
  }

  #walk(out: RdbWriter, bytesMax: number): void {
    const { table } = this.#keyspace;
    while (out.length < bytesMax) {
      const slot = table.slotAfter(this.#at);
      if (slot < 0) {
        this.#end();
        return;
      }
      const done = this.#isDone(slot);
      this.#at = slot;
      if (!done) this.#save(out, this.#keyspace, slot);
    }
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
