/** Where an engine takes its time from. `now()` is Unix time in milliseconds; fractions are allowed. */
export interface Clock {
  now(): number;
  /**
   * Only on clocks that jump: calls `moved` after each jump until the returned function is called. An engine then does
   * its periodic work on each jump and measures durations by this clock too, so nothing depends on real time.
   */
  onMove?(moved: () => void): () => void;
  /** Only on clocks that are moved by hand: an independent clock showing the same time, for a fork. */
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
  /** Whole milliseconds and the fraction are kept apart, so that many small steps add up without loss. */
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
    if (!(ms >= 0 && ms < Infinity))
      throw new RangeError(`a clock must advance by a finite number ≥ 0 of milliseconds, not ${ms}`);
    const sum = this.#fraction + (ms % 1);
    const carry = Math.floor(sum);
    this.#whole += Math.floor(ms) + carry;
    this.#fraction = sum - carry;
    this.#tell();
  }

  /** Sets the time, earlier or later. Throws RangeError unless `ms` is finite. */
  set(ms: number): void {
    if (!Number.isFinite(ms)) throw new RangeError(`a clock must be set to a finite number of milliseconds, not ${ms}`);
    this.#put(ms);
    this.#tell();
  }

  onMove(moved: () => void): () => void {
    // Wrapped, so that the same function registered twice is called twice and each registration ends on its own.
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
 * A clock that stops with the app: each frame reports the time that passed with `tick(delta)`; no frames, no time. It
 * starts at the time of day, so that timestamps look plausible, and from then on only knows the frames.
 */
export class AppClock extends ManualClock {
  #paused = false;

  constructor(start: number = systemClock.now()) {
    super(start);
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Reports that a frame took `ms` milliseconds, fractions included. Ignored while the app is paused. */
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

/** Clocks that options can name; `manual` and `app` start at the time of day. */
export type ClockName = 'system' | 'manual' | 'app';

/** The clock that `source` names; a clock is returned as it is. */
export function clockOf(source: Clock | ClockName): Clock {
  if (typeof source !== 'string') return source;
  if (source === 'manual') return new ManualClock(systemClock.now());
  return source === 'app' ? new AppClock() : systemClock;
}
