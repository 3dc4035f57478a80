/**
 * Which slots have a TTL, dense: random picks for active expiry and the volatile eviction policies cost O(1),
 * and a key without TTL pays nothing but one word. A slot holds its position here plus one.
 */
export class ExpiryIndex {
  #at = new Float64Array(16);
  #slot = new Int32Array(16);
  /** A fork has the same arrays: they are copied before they are written to. */
  #shared = false;
  size = 0;

  deadline(position: number): number {
    return this.#at[position];
  }

  slot(position: number): number {
    return this.#slot[position];
  }

  setDeadline(position: number, at: number): void {
    if (this.#shared) this.#part();
    this.#at[position] = at;
  }

  /** Returns the position. */
  add(slot: number, at: number): number {
    if (this.#shared) this.#part();
    if (this.size === this.#slot.length) this.#grow();
    this.#at[this.size] = at;
    this.#slot[this.size] = slot;
    return this.size++;
  }

  /** Removes `position`; returns the slot which took its place, or −1. */
  remove(position: number): number {
    if (this.#shared) this.#part();
    const last = --this.size;
    if (position === last) return -1;
    this.#at[position] = this.#at[last];
    this.#slot[position] = this.#slot[last];
    return this.#slot[position];
  }

  /** Moves every deadline by `ms`. O(size). */
  shift(ms: number): void {
    if (this.#shared) this.#part();
    for (let position = 0; position < this.size; position++) this.#at[position] = this.#at[position] + ms;
  }

  /** An index with the same entries. O(1); the first write of either side copies 12 bytes an entry. */
  fork(): ExpiryIndex {
    const twin = new ExpiryIndex();
    twin.#at = this.#at;
    twin.#slot = this.#slot;
    twin.size = this.size;
    twin.#shared = true;
    this.#shared = true;
    return twin;
  }

  get bytesUsed(): number {
    return this.#slot.length * 12;
  }

  #part(): void {
    this.#at = this.#at.slice();
    this.#slot = this.#slot.slice();
    this.#shared = false;
  }

  #grow(): void {
    const at = new Float64Array(this.#at.length * 2);
    at.set(this.#at);
    this.#at = at;
    const slot = new Int32Array(this.#slot.length * 2);
    slot.set(this.#slot);
    this.#slot = slot;
  }
}
