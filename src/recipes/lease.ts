import { millisNow } from '../core/clock.js';
import type { LockNotOwnedError } from './lock-error.js';
import { TIMER_MAX_MS } from './wake-up.js';

/** Held while a lock is held: the token, the end of the lease, and a signal that aborts when the lease is lost. */
export class Lease {
  readonly token: string;
  /** Grows with every holder of the lock: a store that has seen a higher fence can reject a lower one. */
  readonly fence: number;
  readonly #lost = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** On the monotonic clock; Infinity for a lease without end. */
  #endsAt: number;

  constructor(token: string, fence: number, endsAt: number) {
    this.token = token;
    this.fence = fence;
    this.#endsAt = endsAt;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted;
  }

  /** Milliseconds that are certainly left: counted from before the lease was requested. */
  get left(): number {
    return this.#endsAt - millisNow();
  }

  set endsAt(at: number) {
    this.#endsAt = at;
  }

  /**
   * Calls `step` after `ms` milliseconds, replacing what was scheduled before. The timer does not keep the process
   * alive.
   */
  schedule(step: () => void, ms: number): void {
    clearTimeout(this.#timer);
    if (this.isLost || ms > TIMER_MAX_MS) return;
    this.#timer = setTimeout(step, Math.max(0, ms));
    (this.#timer as { unref?(): void }).unref?.();
  }

  /** The lease now belongs to someone else, or to nobody. */
  lose(error: LockNotOwnedError): void {
    this.end();
    this.#lost.abort(error);
  }

  /** Stops the timer. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
