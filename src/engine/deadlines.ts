import type { Clock } from '../core/clock.js';
import { systemClock } from '../core/clock.js';

/** setTimeout overflows beyond this; a later deadline is simply checked again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Anything due at some time, Unix ms. */
export interface Timed {
  deadline: number;
}

/**
 * The deadlines of blocked sessions, soonest first. On the system clock one timer waits for the soonest;
 * on any other clock `run` is called when time was moved.
 */
export class Deadlines<T extends Timed> {
  #queue: T[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #clock: () => Clock;
  readonly #due: (item: T) => void;

  constructor(clock: () => Clock, due: (item: T) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  get size(): number {
    return this.#queue.length;
  }

  add(item: T): void {
    let at = this.#queue.length;
    while (at > 0 && this.#queue[at - 1].deadline > item.deadline) at--;
    this.#queue.splice(at, 0, item);
    if (at === 0) this.#arm();
  }

  remove(item: T): void {
    const at = this.#queue.indexOf(item);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    if (at === 0) this.#arm();
  }

  /** The clock is another one, which shows `ms` more: the waits take no more time than they would have. */
  shift(ms: number): void {
    for (const item of this.#queue) item.deadline += ms;
    this.#arm();
  }

  /** Handles everything whose deadline has passed; the handler removes it. */
  run(): void {
    const now = this.#clock().now();
    while (this.#queue.length > 0 && this.#queue[0].deadline <= now) this.#due(this.#queue[0]);
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const clock = this.#clock();
    if (this.#queue.length === 0 || clock !== systemClock) return;
    const wait = Math.ceil(this.#queue[0].deadline - clock.now());
    this.#timer = setTimeout(() => this.run(), Math.min(Math.max(wait, 0), TIMER_MS_MAX));
  }
}
