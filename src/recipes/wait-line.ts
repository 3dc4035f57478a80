import { WakeUp } from './wake-up.js';

/** A waiter for a lock in this process. */
export interface Waiter {
  readonly wakeUp: WakeUp;
}

/**
 * The waiters of this process for one lock, first come, first served: only the first of them asks the server, so many
 * waiters cost no more than one.
 */
class WaitLine {
  readonly #waiters: Waiter[] = [];

  get length(): number {
    return this.#waiters.length;
  }

  join(): Waiter {
    const waiter = { wakeUp: new WakeUp() };
    this.#waiters.push(waiter);
    return waiter;
  }

  isFirst(waiter: Waiter): boolean {
    return this.#waiters[0] === waiter;
  }

  /** Leaves the line and wakes the waiter that thereby becomes the first. */
  leave(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter);
    if (at < 0) return;
    this.#waiters.splice(at, 1);
    if (at === 0) this.wakeFirst();
  }

  wakeFirst(): void {
    this.#waiters[0]?.wakeUp.wake();
  }
}

const lines = new WeakMap<object, Map<string, WaitLine>>();

/** The line for a lock on one Redis; forgotten together with it. */
export function lineOf(db: object, name: string): WaitLine {
  const byName = lines.get(db) ?? new Map<string, WaitLine>();
  lines.set(db, byName);
  const line = byName.get(name) ?? new WaitLine();
  byName.set(name, line);
  return line;
}

/** Drops the line once nobody waits in it. */
export function dropIfEmpty(db: object, name: string): void {
  const byName = lines.get(db);
  if (byName?.get(name)?.length === 0) byName.delete(name);
}
