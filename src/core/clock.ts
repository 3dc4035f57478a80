/** Where an engine takes its time from. `now()` is Unix time in milliseconds; fractions are allowed. */
export interface Clock {
  now(): number;
  /**
   * Only of clocks that move by jumps: has `moved` called after each, until the function that comes back is. An engine
   * does its periodic work then, and measures durations by this clock as well: nothing depends on real time any more.
   */
  onMove?(moved: () => void): () => void;
  /** Of clocks that somebody moves: another one that shows the same time, for a fork. */
  fork?(): Clock;
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
  /** Whole milliseconds and the rest apart: many small steps add up without loss. */
  #whole = 0;
  #fraction = 0;
  readonly #listeners = new Set<() => void>();

  constructor(start = 0) {
    this.#put(start);
  }

  now(): number {
    return this.#whole + this.#fraction;
  }

  /** Moves forward by `ms` milliseconds, fractions of any size included. Throws RangeError for a step back. */
  advance(ms: number): void {
    if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`a clock cannot advance by ${ms}`);
    const sum = this.#fraction + (ms % 1);
    const carry = Math.floor(sum);
    this.#whole += Math.floor(ms) + carry;
    this.#fraction = sum - carry;
    this.#tell();
  }

  /** Shows another time, earlier or later. */
  set(ms: number): void {
    if (!Number.isFinite(ms)) throw new RangeError(`a clock cannot show ${ms}`);
    this.#put(ms);
    this.#tell();
  }

  onMove(moved: () => void): () => void {
    // A function of its own: the same one given twice is told twice, and each stops by itself.
    const listener = (): void => moved();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  fork(): ManualClock {
    return this.copyTo(new ManualClock());
  }

  protected copyTo<C extends ManualClock>(clock: C): C {
    clock.#whole = this.#whole;
    clock.#fraction = this.#fraction;
    return clock;
  }

  #put(ms: number): void {
    this.#whole = Math.floor(ms);
    this.#fraction = ms - this.#whole;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * A clock that stands still with the app: each frame feeds the time that passed, `tick(delta)`, and no frame means no
 * time. It starts at the time of day, so that stamps look like stamps, and then knows only the frames.
 */
export class AppClock extends ManualClock {
  #paused = false;

  constructor(start: number = systemClock.now()) {
    super(start);
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** A frame took `ms` milliseconds, fractions included. Counts for nothing while the app is paused. */
  tick(ms: number): void {
    if (!this.#paused) this.advance(ms);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  override fork(): AppClock {
    const clock = this.copyTo(new AppClock());
    clock.#paused = this.#paused;
    return clock;
  }
}

/** The clocks that have a name, for options: `manual` and `app` start at the time of day. */
export type ClockName = 'system' | 'manual' | 'app';

/** The clock of a name; a clock is itself. */
export function clockOf(source: Clock | ClockName): Clock {
  if (typeof source !== 'string') return source;
  if (source === 'manual') return new ManualClock(systemClock.now());
  return source === 'app' ? new AppClock() : systemClock;
}
