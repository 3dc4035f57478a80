import { millisNow } from '../core/clock.js';
import type { LockNotOwnedError } from './lock-error.js';
import { TIMER_MAX_MS } from './wake-up.js';

/** What is held while a lock is: a token, the end of the lease, and a signal that tells when it is lost. */
export class Lease {
  readonly token: string;
  /** Grows with every holder of the lock: a store that has seen a higher one may refuse a lower one. */
  readonly fence: number;
  readonly #lost = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** By the monotonic clock; Infinity for a lease without end. */
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

  /** Milliseconds that are left for certain: counted from before the lease was asked for. */
  get left(): number {
    return this.#endsAt - millisNow();
  }

  set endsAt(at: number) {
    this.#endsAt = at;
  }

  /** Calls `step` after so many milliseconds, instead of what was to be called. The timer keeps no process alive. */
  schedule(step: () => void, ms: number): void {
    clearTimeout(this.#timer);
    if (this.isLost || ms > TIMER_MAX_MS) return;
    this.#timer = setTimeout(step, Math.max(0, ms));
    (this.#timer as { unref?(): void }).unref?.();
  }

  /** The lease is another's now, or nobody's. */
  lose(error: LockNotOwnedError): void {
    this.end();
    this.#lost.abort(error);
  }

  /** Nothing is watched any more. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
