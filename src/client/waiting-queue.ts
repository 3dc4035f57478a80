import { millisNow } from '../core/clock.js';
import type { Pending } from './pending.js';
import { PendingRing } from './pending-ring.js';

/** How often a full queue is looked through for commands that were settled where they stand. */
const SWEEP_INTERVAL_MS = 10;

/** Commands that wait for a connection, in their order, bounded in number and bytes by who fills it. */
export class WaitingQueue {
  readonly #ring = new PendingRing();
  #bytes = 0;
  #sweptAt = Number.NEGATIVE_INFINITY;

  /** How many stand in it, those included that were settled since. */
  get size(): number {
    return this.#ring.size;
  }

  /** How many of them wait still. O(n). */
  get waiting(): number {
    let count = 0;
    for (let i = 0; i < this.#ring.size; i++) if (!this.#ring.at(i).settled) count++;
    return count;
  }

  /** Whether any of them waits still. */
  get isAwaited(): boolean {
    for (let i = 0; i < this.#ring.size; i++) if (!this.#ring.at(i).settled) return true;
    return false;
  }

  push(pending: Pending): void {
    this.#bytes += pending.bytes;
    this.#ring.push(pending);
  }

  /** Puts it before all others. */
  unshift(pending: Pending): void {
    this.#bytes += pending.bytes;
    this.#ring.unshift(pending);
  }

  shift(): Pending | undefined {
    const pending = this.#ring.shift();
    if (pending !== undefined) this.#bytes -= pending.bytes;
    return pending;
  }

  at(index: number): Pending {
    return this.#ring.at(index);
  }

  /** Whether so many commands, or so many bytes of them, wait already. */
  isFull(commandsMax: number, bytesMax: number): boolean {
    if (this.#ring.size < commandsMax && this.#bytes < bytesMax) return false;
    const now = millisNow();
    if (now - this.#sweptAt < SWEEP_INTERVAL_MS) return true;
    this.#sweptAt = now;
    this.sweep();
    return this.#ring.size >= commandsMax || this.#bytes >= bytesMax;
  }

  /** Forgets those that were settled. O(n). */
  sweep(): void {
    for (let left = this.#ring.size; left > 0; left--) {
      const pending = this.shift()!;
      if (!pending.settled) this.push(pending);
    }
  }
}
