import { WakeUp } from './wake-up.js';

/** One who waits for a lock in this process. */
export interface Waiter {
  readonly wakeUp: WakeUp;
}

/**
 * Those of this process who wait for the same lock, first come, first served: only the first of them asks the server, so
 * many waiters cost no more than one.
 */
export class WaitLine {
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

  /** Leaves the line; the next one is woken if it became the first. */
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

/** The line for a lock of one Redis; forgotten with it. */
export function lineOf(db: object, name: string): WaitLine {
  const byName = lines.get(db) ?? new Map<string, WaitLine>();
  lines.set(db, byName);
  const line = byName.get(name) ?? new WaitLine();
  byName.set(name, line);
  return line;
}

/** Nobody waits any more: the line need not be kept. */
export function dropIfEmpty(db: object, name: string): void {
  const byName = lines.get(db);
  if (byName?.get(name)?.length === 0) byName.delete(name);
}
