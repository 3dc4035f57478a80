/** A wait that ends after a time, by a call of `wake`, or by a signal, whichever comes first. Never rejects. */
export class WakeUp {
  #wake: (() => void) | null = null;
  #woken = false;

  /** Ends the current wait, or else the next one. */
  readonly wake = (): void => {
    if (this.#wake === null) this.#woken = true;
    else this.#wake();
  };

  /** Resolves after `ms` milliseconds, or earlier. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#woken || signal?.aborted) {
      this.#woken = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.max(0, Math.min(ms, TIMER_MAX_MS)));
      signal?.addEventListener('abort', done, { once: true });
      this.#wake = done;
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
    });
    this.#wake = null;
  }
}

/** The longest delay that a timer supports. */
export const TIMER_MAX_MS = 0x7fff_ffff;
