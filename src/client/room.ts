import { ClosedError, type KeyspanError } from '../core/errors.js';

interface RoomWaiter {
  resolve(): void;
  reject(error: KeyspanError): void;
}

/** Those who wait until commands are taken again. */
export class Room {
  readonly #waiters = new Set<RoomWaiter>();

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /** Resolves at the next `wake`; rejects with the reason of `signal`, or when the client is closed. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => waiter.reject(signal.reason);
      const settle = (settled: () => void): void => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', leave);
        settled();
      };
      const waiter: RoomWaiter = {
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', leave);
    });
  }

  wake(): void {
    for (const waiter of [...this.#waiters]) waiter.resolve();
  }

  refuse(): void {
    for (const waiter of [...this.#waiters]) waiter.reject(new ClosedError('the client was closed'));
  }
}
