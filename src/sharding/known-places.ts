import type { Bytes } from '../core/bytes.js';

/** How many keys each of the two halves holds, of which length at the most: 1 MiB of keys. */
const HALF = 4096;
const KEY_BYTES_MAX = 128;
const SHELVES = 4096;

/**
 * The places of keys of late, up to 8,192. What is used again moves from the older half to the newer; a full half becomes the
 * older one. Before the halves stand shelves for one key each, found by a few of its characters: a third of a look into a
 * Map. Keys that differ elsewhere share a shelf, and most of them are then found in the Map.
 */
export class KnownPlaces {
  readonly #shelves: (Bytes | null)[] = new Array<Bytes | null>(SHELVES).fill(null);
  readonly #shelved = new Uint32Array(SHELVES);
  #newer = new Map<Bytes, number>();
  #older = new Map<Bytes, number>();

  /** The place of a key: kept, or worked out. */
  placeOf(key: Bytes, work: (key: Bytes) => number): number {
    const shelf = shelfOf(key);
    return this.#shelves[shelf] === key ? this.#shelved[shelf]! : this.#look(key, shelf, work);
  }

  #look(key: Bytes, shelf: number, work: (key: Bytes) => number): number {
    return this.#newer.get(key) ?? this.#learn(key, shelf, work);
  }

  #learn(key: Bytes, shelf: number, work: (key: Bytes) => number): number {
    const place = this.#older.get(key) ?? work(key);
    if (key.length > KEY_BYTES_MAX) return place;
    if (this.#newer.size >= HALF) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, place);
    this.#shelves[shelf] = key;
    this.#shelved[shelf] = place;
    return place;
  }
}

/** By the length and six characters: keys mostly differ at their end, or in the middle. */
function shelfOf(key: Bytes): number {
  const { length } = key;
  if (length < 4) return 0;
  const middle = length >>> 1;
  const end = key.charCodeAt(length - 1) ^ (key.charCodeAt(length - 2) << 4) ^ (key.charCodeAt(length - 3) << 8);
  const within = key.charCodeAt(middle + 1) ^ (key.charCodeAt(middle) << 4) ^ (key.charCodeAt(middle - 1) << 8);
  return (length ^ end ^ (within << 1)) & (SHELVES - 1);
}
