/** Where an engine takes its time from. `now()` is Unix time in milliseconds; fractions are allowed. */
export interface Clock {
  now(): number;
}

/** The machine's wall clock. */
export const systemClock: Clock = { now: () => Date.now() };

const { performance } = globalThis;

/** Monotonic microseconds for durations: slow log, command statistics. Never for expiry. */
export function microsNow(): number {
  return performance.now() * 1000;
}

/** Monotonic milliseconds, with fractions, for deadlines. Unrelated to the time of day. */
export function millisNow(): number {
  return performance.now();
}

/** A clock that only moves when told to. */
export class ManualClock implements Clock {
  #now: number;

  constructor(start = 0) {
    this.#now = start;
  }
  now(): number {
    return this.#now;
  }
  /** Moves forward by `ms` milliseconds. */
  advance(ms: number): void {
    this.#now += ms;
  }
  set(ms: number): void {
    this.#now = ms;
  }
}
