import type { Redis } from '../../src/index.js';

/** What has been promised: for each key the values whose writes were acknowledged, or may have happened. */
export class Ledger {
  /** The last value acknowledged. */
  readonly acknowledged = new Map<string, string>();
  /** Values after it whose write failed: they may or may not be there. */
  readonly inDoubt = new Map<string, Set<string>>();
  writes = 0;
  failures = 0;
  /** The longest that a write took, failed ones included. */
  slowest_ms = 0;
  readonly errors = new Set<string>();

  /** Writes keys by turns until told to stop; one write at a time per writer, so that order is plain. */
  async run(db: Redis, writer: number, keys: number, until: () => boolean): Promise<void> {
    for (let i = 0; !until(); i++) {
      const key = `w${writer}:${i % keys}`;
      const value = `${writer}-${i}`;
      const startedAt = performance.now();
      try {
        await db.set(key, value);
        this.acknowledged.set(key, value);
        this.inDoubt.delete(key);
        this.writes++;
      } catch (error) {
        const doubtful = this.inDoubt.get(key) ?? new Set();
        this.inDoubt.set(key, doubtful.add(value));
        this.failures++;
        this.errors.add((error as Error).name);
      }
      this.slowest_ms = Math.max(this.slowest_ms, performance.now() - startedAt);
    }
  }

  /** Keys that hold neither what was promised nor what may be. */
  async broken(db: Redis): Promise<string[]> {
    const keys = new Set([...this.acknowledged.keys(), ...this.inDoubt.keys()]);
    const wrong: string[] = [];
    for (const key of keys) {
      const value = await db.get(key);
      const promised = this.acknowledged.get(key) ?? null;
      if (value === promised || (value !== null && this.inDoubt.get(key)?.has(value))) continue;
      wrong.push(`${key}: ${value} instead of ${promised}`);
    }
    return wrong;
  }
}
