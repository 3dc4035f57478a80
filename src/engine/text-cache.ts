/** Texts have one place, given by the slot. */
const PLACES = 4096;
const TEXT_LENGTH_MAX = 64;

/**
 * Short strings that were lately read as text, by slot: making a JavaScript string costs more than all else about a
 * GET. A bit in the slot's META word (`FORM_CACHED`) says that what is kept here for this slot is its value; every
 * write to the slot clears it with the other form bits.
 */
export class TextCache {
  /** Filled at the first `keep`: most databases are never used. */
  #texts: string[] = [];
  #slots: Int32Array = new Int32Array(0);

  /** What is kept for a slot whose bit is set; null if another slot took its place since. */
  get(slot: number): string | null {
    const place = slot & (PLACES - 1);
    return this.#slots[place] === slot ? this.#texts[place] : null;
  }

  /** Whether the text was kept: then the slot's bit is to be set. */
  keep(slot: number, text: string): boolean {
    if (text.length > TEXT_LENGTH_MAX) return false;
    if (this.#slots.length === 0) {
      this.#slots = new Int32Array(PLACES);
      this.#texts = new Array<string>(PLACES).fill('');
    }
    const place = slot & (PLACES - 1);
    this.#slots[place] = slot;
    this.#texts[place] = text;
    return true;
  }
}
