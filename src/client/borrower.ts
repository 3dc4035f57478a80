import { millisNow } from '../core/clock.js';
import { ClosedError, ConnectionError } from '../core/errors.js';
import { waitBefore } from './backoff.js';
import type { Connection } from './connection.js';
import type { ConnectionPool } from './pool.js';
import { Alarm, sharedWheel } from './timer-wheel.js';

const noop = (): void => {};

/** Starts something and says how it ends; returns what gives it up. */
type Begin<T> = (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void;

/** Gets connections from a pool for one client: asks again by its policy, and waits for nothing once the client closes. */
export class Borrower {
  readonly #pool: ConnectionPool;
  readonly #policy: (attempt: number, error: ConnectionError) => number | null;
  readonly #waits = new Set<(reason: unknown) => void>();
  #closed = false;

  constructor(pool: ConnectionPool, policy: (attempt: number, error: ConnectionError) => number | null) {
    this.#pool = pool;
    this.#policy = policy;
  }

  /**
   * A connection, asked for again after failures until `deadline`. Rejects with what the pool says, with the reason of
   * `signal`, or with ClosedError.
   */
  async borrow(deadline: number, signal: AbortSignal | undefined): Promise<Connection> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#until<Connection>((resolve, reject) => {
          const wanted = this.#pool.acquire(deadline);
          wanted.then(resolve, reject);
          // One that comes too late goes back.
          return () => void wanted.then((connection) => this.#pool.release(connection), noop);
        }, signal);
      } catch (error) {
        const mayHelp = error instanceof ConnectionError && error.cause !== undefined;
        const wait = mayHelp ? waitBefore(attempt, error, this.#policy) : null;
        if (wait === null || millisNow() + wait >= deadline) throw error;
        await this.pause(wait, signal);
      }
    }
  }

  /** Resolves after so many milliseconds. Rejects with the reason of `signal`, or with ClosedError. */
  pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return this.#until((resolve) => {
      const alarm = new Alarm(() => resolve());
      sharedWheel.set(alarm, millisNow() + ms);
      return () => sharedWheel.clear(alarm);
    }, signal);
  }

  /** The client closes: what is waited for is given up. */
  close(): void {
    this.#closed = true;
    for (const giveUp of [...this.#waits]) giveUp(closed());
  }

  #until<T>(begin: Begin<T>, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closed || signal?.aborted) {
        reject(this.#closed ? closed() : signal!.reason);
        return;
      }
      const over = (): void => {
        this.#waits.delete(giveUp);
        signal?.removeEventListener('abort', abort);
      };
      const giveUp = (reason: unknown): void => {
        over();
        cancel();
        reject(reason);
      };
      const abort = (): void => giveUp(signal!.reason);
      const cancel = begin(
        (value) => {
          over();
          resolve(value);
        },
        (reason) => {
          over();
          reject(reason);
        },
      );
      this.#waits.add(giveUp);
      signal?.addEventListener('abort', abort);
    });
  }
}

function closed(): ClosedError {
  return new ClosedError('the client was closed', { command: 'a conversation' });
}
