import { type Bytes, sliceBytes } from '../core/bytes.js';

const SLOTS = 1024;
/** Longer names are not cached. */
const NAME_BYTES_MAX = 32;

/**
 * Caches field names, which replies repeat over and over. Names are found by their bytes without creating a string, and
 * are the very (internalised) strings that objects use for their fields, which saves a lookup when a field is set. One
 * name per slot; a later one replaces it.
 */
export class NameCache {
  readonly #names = new Array<Bytes>(SLOTS).fill('');
  /** Whether the name in a slot was seen again, and so is worth internalising. */
  readonly #isKnown = new Uint8Array(SLOTS);

  /** Bytes `start`…`end` of `source` as a string. O(end − start). */
  take(source: Uint8Array, start: number, end: number): Bytes {
    const length = end - start;
    if (length > NAME_BYTES_MAX) return sliceBytes(source, start, end);
    let hash = length;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + source[at]!) | 0;
    const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
    const name = this.#names[slot]!;
    if (name.length !== length || !holds(source, start, name)) return this.#put(slot, sliceBytes(source, start, end));
    return this.#isKnown[slot] === 1 ? name : this.#know(slot, name);
  }

  #put(slot: number, name: Bytes): Bytes {
    this.#names[slot] = name;
    this.#isKnown[slot] = 0;
    return name;
  }

  #know(slot: number, name: Bytes): Bytes {
    const [own] = Object.keys({ [name]: 0 });
    this.#names[slot] = own!;
    this.#isKnown[slot] = 1;
    return own!;
  }
}

function holds(source: Uint8Array, start: number, name: Bytes): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== source[start + i]) return false;
  return true;
}
