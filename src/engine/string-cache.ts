import type { Bytes } from '../core/bytes.js';

/** Strings have one place, given by their slot. */
const PLACES = 4096;
const STRING_BYTES_MAX = 64;

/**
 * Short strings that were lately read, by slot: making a JavaScript string costs more than all else about a GET.
 * A bit in the slot's META word (`FORM_CACHED`) says that what is kept here for this slot is its value; every write to
 * the slot clears it with the other form bits.
 */
export class StringCache {
  /** Filled at the first `keep`: most databases are never used. */
  #strings: Bytes[] = [];
  #slots: Int32Array = new Int32Array(0);

  /** What is kept for a slot whose bit is set; null if another slot took its place since. */
  get(slot: number): Bytes | null {
    const place = slot & (PLACES - 1);
    return this.#slots[place] === slot ? this.#strings[place] : null;
  }

  /** Whether the string was kept: then the slot's bit is to be set. */
  keep(slot: number, value: Bytes): boolean {
    if (value.length > STRING_BYTES_MAX) return false;
    if (this.#slots.length === 0) {
      this.#slots = new Int32Array(PLACES);
      this.#strings = new Array<Bytes>(PLACES).fill('');
    }
    const place = slot & (PLACES - 1);
    this.#slots[place] = slot;
    this.#strings[place] = value;
    return true;
  }
}
