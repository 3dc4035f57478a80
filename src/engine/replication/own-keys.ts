import { keysOf, type Spec } from '../../commands/spec.js';
import type { Bytes } from '../../core/bytes.js';
import type { Engine } from '../engine.js';

/**
 * Keys that clients of a writable replica have written. The primary does not know of them, so nobody but the replica
 * itself can delete them when their time is over.
 */
export class OwnKeys {
  readonly #engine: Engine;
  readonly #byDatabase = new Map<number, Set<Bytes>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get size(): number {
    let size = 0;
    for (const keys of this.#byDatabase.values()) size += keys.size;
    return size;
  }

  /** A command is about to write. Whether it leaves a TTL is looked at later. O(keys). */
  note(database: number, spec: Spec, argv: readonly Bytes[]): void {
    const keys = this.#byDatabase.get(database) ?? new Set();
    this.#byDatabase.set(database, keys);
    for (const { index } of keysOf(spec, argv) ?? []) keys.add(argv[index]);
  }

  /** Deletes those that are due; forgets those without a TTL. O(keys). */
  expire(): void {
    for (const [index, keys] of this.#byDatabase) {
      const db = this.#engine.databases[index];
      for (const key of keys) {
        const slot = db.keyspace.find(key);
        if (slot >= 0 && db.isDue(slot)) db.expire(slot, key);
        else if (slot >= 0 && db.keyspace.hasDeadline(slot)) continue;
        keys.delete(key);
      }
    }
  }

  clear(): void {
    this.#byDatabase.clear();
  }
}
