/**
 * Which slots have a TTL, dense: random picks for active expiry and the volatile eviction policies cost O(1),
 * and a key without TTL pays nothing but one word. A slot holds its position here plus one.
 */
export class ExpiryIndex {
  #at = new Float64Array(16);
  #slot = new Int32Array(16);
  size = 0;

  deadline(position: number): number {
    return this.#at[position];
  }

  slot(position: number): number {
    return this.#slot[position];
  }

  setDeadline(position: number, at: number): void {
    this.#at[position] = at;
  }

  /** Returns the position. */
  add(slot: number, at: number): number {
    if (this.size === this.#slot.length) this.#grow();
    this.#at[this.size] = at;
    this.#slot[this.size] = slot;
    return this.size++;
  }

  /** Removes `position`; returns the slot which took its place, or −1. */
  remove(position: number): number {
    const last = --this.size;
    if (position === last) return -1;
    this.#at[position] = this.#at[last];
    this.#slot[position] = this.#slot[last];
    return this.#slot[position];
  }

  get bytesUsed(): number {
    return this.#slot.length * 12;
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
