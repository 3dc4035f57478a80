import { arrayFromBytes, type Bytes, bytesFromArray, isAscii } from '../../core/bytes.js';
import type { Slab } from './slab.js';

/**
 * Slots of the keys that were lately sought as strings, found by comparing strings: a native comparison costs a
 * fraction of copying the string out, hashing and probing. Programs in the same process use few keys often.
 *
 * A key is kept when it is sought for the second time in a row at its place, as a copy: a string given by the caller
 * may be a slice that keeps a whole document alive. Keys have one place, given by their last bytes.
 */
const PLACES = 4096;
const KEY_BYTES_MAX = 64;
/** Shorter strings are never slices of others in V8: they are kept as given, and then found by comparing pointers. */
const SLICE_LENGTH_MIN = 13;
/** A hit pays for four misses; without credit the cache rests, since uniform access over many keys only loses by it. */
const CREDIT_MAX = 4096;
const CREDIT_PER_HIT = 4;
const REST_LOOKUPS = 100_000;

/** What a cache has that was never used; nothing is found in it. */
const NO_KEYS: Bytes[] = new Array<Bytes>(PLACES).fill('');
const NO_SLOTS = new Int32Array(PLACES);

export class KeyCache {
  /** Where keys are looked for: what is kept, or nothing while it rests. */
  #keys: Bytes[] = NO_KEYS;
  #slots: Int32Array = NO_SLOTS;
  /** Filled at the first offer: most databases are never used. */
  #keptKeys: Bytes[] = NO_KEYS;
  #keptSlots: Int32Array = NO_SLOTS;
  #candidates: Int32Array = new Int32Array(0);
  #credit = CREDIT_MAX;
  #rest = 0;

  /** The slot of a key, given as bytes or as text, or 0 if it is not here. */
  find(key: Bytes): number {
    const place = placeOf(key);
    if (this.#keys[place] !== key) return 0;
    if (this.#credit < CREDIT_MAX) this.#credit += CREDIT_PER_HIT;
    return this.#slots[place];
  }

  /** Notes that `key` was sought and found in `slot`. */
  offer(key: Bytes, slot: number): void {
    if (this.#rest > 0) {
      if (--this.#rest === 0) this.#look(this.#keptKeys, this.#keptSlots);
      return;
    }
    if (key.length > KEY_BYTES_MAX || key.length === 0) return;
    if (--this.#credit < 0) {
      this.#rest = REST_LOOKUPS;
      this.#credit = CREDIT_MAX;
      this.#look(NO_KEYS, NO_SLOTS);
      return;
    }
    if (this.#keptKeys === NO_KEYS) {
      this.#keptKeys = new Array<Bytes>(PLACES).fill('');
      this.#keptSlots = new Int32Array(PLACES);
      this.#look(this.#keptKeys, this.#keptSlots);
      this.#candidates = new Int32Array(PLACES);
    }
    const place = placeOf(key);
    if (this.#candidates[place] === slot) {
      // A key that is not ASCII stays out: those that are in are the same as bytes and as text.
      if (!isAscii(key)) return;
      this.#keptKeys[place] = key.length < SLICE_LENGTH_MIN ? key : bytesFromArray(arrayFromBytes(key));
      this.#keptSlots[place] = slot;
    } else {
      this.#candidates[place] = slot;
    }
  }

  /** The slot's key is about to be removed. */
  forget(slot: number, slab: Slab, ptr: number, length: number): void {
    if (length > KEY_BYTES_MAX || this.#keptKeys === NO_KEYS) return;
    let place = length;
    for (let i = Math.max(0, length - 4); i < length; i++) place = place * 11 + slab.byteAt(ptr, i);
    place &= PLACES - 1;
    if (this.#candidates[place] === slot) this.#candidates[place] = 0;
    if (this.#keptSlots[place] !== slot) return;
    this.#keptKeys[place] = '';
    this.#keptSlots[place] = 0;
  }

  clear(): void {
    this.#keptKeys = NO_KEYS;
    this.#keptSlots = NO_SLOTS;
    this.#look(NO_KEYS, NO_SLOTS);
  }

  #look(keys: Bytes[], slots: Int32Array): void {
    this.#keys = keys;
    this.#slots = slots;
  }
}

function placeOf(key: Bytes): number {
  const at = key.length - 4;
  if (at < 0) return shortPlaceOf(key);
  const first = (key.length * 11 + key.charCodeAt(at)) * 11 + key.charCodeAt(at + 1);
  return ((first * 11 + key.charCodeAt(at + 2)) * 11 + key.charCodeAt(at + 3)) & (PLACES - 1);
}

function shortPlaceOf(key: Bytes): number {
  let place = key.length;
  for (let i = 0; i < key.length; i++) place = place * 11 + key.charCodeAt(i);
  return place & (PLACES - 1);
}
