import type { Clock } from '../core/clock.js';
import { systemClock } from '../core/clock.js';
import type { Blocked } from './blocking.js';

/** setTimeout overflows beyond this; a later deadline is simply looked at again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * The deadlines of blocked sessions, soonest first. On the system clock one timer waits for the soonest;
 * on any other clock `run` is called when time was moved.
 */
export class Deadlines {
  #queue: Blocked[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #clock: () => Clock;
  readonly #due: (blocked: Blocked) => void;

  constructor(clock: () => Clock, due: (blocked: Blocked) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  get size(): number {
    return this.#queue.length;
  }

  add(blocked: Blocked): void {
    let at = this.#queue.length;
    while (at > 0 && this.#queue[at - 1].deadline > blocked.deadline) at--;
    this.#queue.splice(at, 0, blocked);
    if (at === 0) this.#arm();
  }

  remove(blocked: Blocked): void {
    const at = this.#queue.indexOf(blocked);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    if (at === 0) this.#arm();
  }

  /** The clock is another one, which shows `ms` more: the waits take no more time than they would have. */
  shift(ms: number): void {
    for (const blocked of this.#queue) blocked.deadline += ms;
    this.#arm();
  }

  /** Ends every wait whose deadline has passed. */
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
