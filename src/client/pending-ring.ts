import type { Pending } from './pending.js';

/** First in, first out: the commands that wait for a reply, or for a connection. All operations are O(1). */
export class PendingRing {
  #items: (Pending | undefined)[] = new Array<Pending | undefined>(16);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: Pending): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size++) & (this.#items.length - 1)] = item;
  }

  unshift(item: Pending): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#items.length - 1);
    this.#items[this.#head] = item;
    this.#size++;
  }

  /** The oldest. */
  peek(): Pending | undefined {
    return this.#items[this.#head];
  }

  shift(): Pending | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#size--;
    return item;
  }

  /** The item at `index` from the oldest. */
  at(index: number): Pending {
    return this.#items[(this.#head + index) & (this.#items.length - 1)]!;
  }

  #grow(): void {
    const items = new Array<Pending | undefined>(this.#items.length * 2);
    for (let i = 0; i < this.#size; i++) items[i] = this.at(i);
    this.#items = items;
    this.#head = 0;
  }
}
