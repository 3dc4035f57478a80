import { KeyspanError } from '../../src/core/errors.js';
import type { Redis } from '../../src/index.js';

/**
 * Writes under load, and a record of what became of each: every key is a counter that its writer raises one by one and
 * never asks twice. What was acknowledged must be there afterwards; what was not may be there if the error said so.
 */
export class Ledger {
  readonly #db: Redis;
  readonly #keys: readonly string[];
  readonly #acknowledged: number[];
  readonly #perhaps: number[];
  readonly #workers: Promise<void>[] = [];
  /** Errors that did not say whether the write was carried out, by name; and those that said it was not. */
  readonly errors = new Map<string, number>();
  /** The longest time that any write took, in milliseconds. */
  slowest = 0;
  /** When the last write was acknowledged, and the longest time without one, for all writers together. */
  #lastAt = performance.now();
  longestGap = 0;
  #stopping = false;

  constructor(db: Redis, keys: readonly string[]) {
    this.#db = db;
    this.#keys = keys;
    this.#acknowledged = keys.map(() => 0);
    this.#perhaps = keys.map(() => 0);
  }

  /** Starts `writers` of each key; each keeps one write in flight. */
  start(writers = 1): this {
    this.#lastAt = performance.now();
    this.#keys.forEach((_, i) => {
      for (let n = 0; n < writers; n++) this.#workers.push(this.#work(i));
    });
    return this;
  }

  get acknowledged(): number {
    return this.#acknowledged.reduce((sum, count) => sum + count, 0);
  }

  get unknown(): number {
    return this.#perhaps.reduce((sum, count) => sum + count, 0);
  }

  /** Forgets the longest gap so far. */
  mark(): void {
    this.longestGap = 0;
    this.#lastAt = performance.now();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#workers);
  }

  /** Counters that are below what was acknowledged, or above what may have been carried out. */
  async wrong(db: Redis = this.#db): Promise<string[]> {
    const found: string[] = [];
    for (const [i, key] of this.#keys.entries()) {
      const count = Number(await db.get(key));
      const [least, most] = [this.#acknowledged[i]!, this.#acknowledged[i]! + this.#perhaps[i]!];
      if (count < least || count > most) found.push(`${key}: ${count}, expected ${least} to ${most}`);
    }
    return found;
  }

  /** How many acknowledged writes are not there, and how many are there that nobody can have written. */
  async balance(): Promise<{ lost: number; invented: number }> {
    let lost = 0;
    let invented = 0;
    for (const [i, key] of this.#keys.entries()) {
      const count = Number(await this.#db.get(key));
      lost += Math.max(0, this.#acknowledged[i]! - count);
      invented += Math.max(0, count - this.#acknowledged[i]! - this.#perhaps[i]!);
    }
    return { lost, invented };
  }

  async #work(i: number): Promise<void> {
    const key = this.#keys[i]!;
    while (!this.#stopping) {
      const began = performance.now();
      try {
        await this.#db.incr(key);
        this.#acknowledged[i]!++;
        const now = performance.now();
        this.longestGap = Math.max(this.longestGap, now - this.#lastAt);
        this.#lastAt = now;
      } catch (error) {
        if (!(error instanceof KeyspanError)) throw error;
        if (error.applied === 'maybe') this.#perhaps[i]!++;
        const name = `${error.name} (${error.applied})`;
        this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
      }
      this.slowest = Math.max(this.slowest, performance.now() - began);
    }
  }
}
