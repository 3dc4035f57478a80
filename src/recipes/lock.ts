import type { Redis } from '../backend/facade.js';
import type { View } from '../backend/view.js';
import { millisNow } from '../core/clock.js';
import { DataError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { secureHex } from '../core/secure-random.js';
import { Lease } from './lease.js';
import { LockError, LockNotOwnedError } from './lock-error.js';
import { acquireScript, extendScript, releaseScript } from './lock-scripts.js';
import { dropIfEmpty, lineOf, type Waiter } from './wait-line.js';

/** How long a lock is held and waited for. */
export interface LockOptions {
  /** Milliseconds after which the lock is free again unless released or extended. Default: never. */
  readonly timeout?: number;
  /** Milliseconds between attempts while someone else holds the lock. Default 100. */
  readonly sleep?: number;
  /** Milliseconds that `acquire` may wait; 0 does not wait. Default: without limit. */
  readonly blockingTimeout?: number;
  /** Keeps extending the lease while the lock is held. Needs `timeout`. */
  readonly autoExtend?: boolean;
  /** `message`: the first waiter learns of releases through a subscription and polls less often. Default `sleep`. */
  readonly wake?: 'sleep' | 'message';
}

/** How one `acquire` waits, where it differs from the lock's own options. */
export interface AcquireOptions {
  /** `false` tries once and does not wait. Default true. */
  readonly blocking?: boolean;
  /** Milliseconds to wait at most. Default: the lock's own `blockingTimeout`. */
  readonly blockingTimeout?: number;
  /** Ends the wait when aborted: `acquire` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const SLEEP_MS = 100;
/** With messages, polling only covers those that get lost, so it may be this many times slower. */
const PATIENCE = 10;
/** How many times a lease is extended within its duration. */
const EXTENSIONS = 3;
/** An extension that got no reply is retried after this fraction of the lease. */
const HURRY = 10;
const random = new Random();

/** What a lock uses of its Redis: texts and numbers, whatever the view. */
type Plain = Redis;

/**
 * A lock held by one holder at a time, kept under the key `name`. Made by `lock()`. Every Lock is a holder of its own:
 * it never releases or extends a token that another Lock has set.
 */
export class Lock {
  readonly name: string;
  readonly #db: Plain;
  /** Shared by all views of one Redis, so that they queue together. */
  readonly #owner: object;
  readonly #options: LockOptions;
  readonly #keys: readonly [string, string];
  #lease: Lease | null = null;

  /** @internal Made by `lock()`. */
  constructor(db: Redis<View>, name: string, options: LockOptions) {
    const { timeout, sleep = SLEEP_MS, blockingTimeout } = options;
    for (const [what, ms] of Object.entries({ timeout, sleep, blockingTimeout })) {
      if (ms !== undefined && !(ms >= 0 && Number.isFinite(ms)))
        throw new DataError(`option '${what}' must be a number of milliseconds, not ${ms}`);
    }
    if (timeout === 0) throw new DataError("option 'timeout' must be above 0; omit it for a lock that does not expire");
    if (options.autoExtend && timeout === undefined) throw new DataError("option 'autoExtend' requires 'timeout'");
    this.name = name;
    this.#owner = db;
    this.#db = db.with({ as: 'text', integers: 'number', codec: null }) as unknown as Plain;
    this.#options = options;
    // A hash tag keeps both keys in one slot of a cluster.
    this.#keys = [name, /\{[^}]+\}/.test(name) ? `${name}:fence` : `{${name}}:fence`];
  }

  /**
   * Waits until the lock is free and takes it. False if it was not free in time. Throws LockError if this Lock already
   * holds it. Waiters on the same Redis object within a process get it in order.
   */
  async acquire(options: AcquireOptions = {}): Promise<boolean> {
    const { blocking = true, signal, blockingTimeout = this.#options.blockingTimeout } = options;
    signal?.throwIfAborted();
    if (this.#lease !== null && !this.#lease.isLost) throw new LockError(`the lock '${this.name}' is held already`);
    const patience = blocking ? (blockingTimeout ?? Number.POSITIVE_INFINITY) : 0;
    const end = millisNow() + patience;
    const token = secureHex(32, random);
    const line = lineOf(this.#owner, this.name);
    if (patience === 0) return (await this.#try(token)) === null;
    const waiter = line.join();
    try {
      return await this.#waitFor(token, waiter, end, signal);
    } finally {
      line.leave(waiter);
      dropIfEmpty(this.#owner, this.name);
    }
  }

  /** Like `acquire`, for `await using`: throws LockError if the lock was not free in time. */
  async enter(options: AcquireOptions = {}): Promise<this> {
    if (await this.acquire(options)) return this;
    throw new LockError(`the lock '${this.name}' was not free in time`);
  }

  /** Holds the lock while `work` runs, then releases it. `work` receives the signal and the fencing token. */
  async hold<T>(
    work: (lease: { signal: AbortSignal; fence: number }) => Promise<T> | T,
    options: AcquireOptions = {},
  ): Promise<T> {
    await this.enter(options);
    try {
      return await work({ signal: this.signal, fence: this.fence });
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  /** Frees the lock. Throws LockError if this Lock does not hold it, LockNotOwnedError if its lease had ended. */
  async release(): Promise<void> {
    const lease = this.#held('release');
    this.#lease = null;
    lease.end();
    const released = await this.#db.run(releaseScript, this.#keys, [lease.token]);
    lineOf(this.#owner, this.name).wakeFirst();
    dropIfEmpty(this.#owner, this.name);
    if (!released) throw this.#notOwned('release');
  }

  /** Extends the lease by `ms` milliseconds; with `replace`, lets it last `ms` milliseconds from now. */
  async extend(ms: number, { replace = false }: { replace?: boolean } = {}): Promise<void> {
    if (!(ms > 0 && Number.isFinite(ms))) throw new DataError(`argument 'ms' must be above 0 and finite, not ${ms}`);
    const lease = this.#held('extend');
    if (this.#options.timeout === undefined) throw new LockError('a lock without timeout cannot be extended');
    await this.#extend(lease, Math.ceil(ms), replace);
  }

  /** Restarts the lease with the lock's own timeout. */
  async reacquire(): Promise<void> {
    const { timeout } = this.#options;
    if (timeout === undefined) throw new LockError('a lock without timeout cannot be reacquired');
    await this.extend(timeout, { replace: true });
  }

  /** Whether this Lock holds the lock, according to the server. */
  async owned(): Promise<boolean> {
    const token = this.#lease?.token;
    return token !== undefined && (await this.#db.get(this.name)) === token;
  }

  /** Whether anyone holds the lock. */
  async locked(): Promise<boolean> {
    return (await this.#db.exists(this.name)) === 1;
  }

  /** Aborted when the lease ends or is lost, with LockNotOwnedError. Throws LockError while this Lock does not hold it. */
  get signal(): AbortSignal {
    return this.#held('watch').signal;
  }

  /** The fencing token: higher than those of all holders before. Throws LockError while this Lock does not hold it. */
  get fence(): number {
    return this.#held('number').fence;
  }

  /** Releases the lock if it is (still) held. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#lease === null) return;
    await this.release().catch((error: unknown) => {
      if (!(error instanceof LockNotOwnedError)) throw error;
    });
  }

  async #waitFor(token: string, waiter: Waiter, end: number, signal: AbortSignal | undefined): Promise<boolean> {
    const line = lineOf(this.#owner, this.name);
    let ears: { close(): void } | null = null;
    try {
      for (;;) {
        let pause = Number.POSITIVE_INFINITY;
        if (line.isFirst(waiter)) {
          const left = await this.#try(token);
          if (left === null) return await this.#unless(signal);
          if (ears === null && this.#options.wake === 'message') {
            ears = await this.#db.subscribe(this.#keys[1], waiter.wakeUp.wake);
            // It may have been released before the subscription was in place.
            continue;
          }
          pause = this.#pause(left, ears !== null);
        }
        const rest = end - millisNow();
        if (rest <= 0) return false;
        await waiter.wakeUp.wait(Math.min(pause, rest), signal);
        signal?.throwIfAborted();
      }
    } finally {
      ears?.close();
    }
  }

  /** The wait was abandoned while the lock was being taken, so give it back. */
  async #unless(signal: AbortSignal | undefined): Promise<boolean> {
    if (!signal?.aborted) return true;
    await this[Symbol.asyncDispose]();
    throw signal.reason;
  }

  /** How long to wait before the next attempt: not much longer than the other's lease, with jitter. */
  #pause(left: number, told: boolean): number {
    const sleep = this.#options.sleep ?? SLEEP_MS;
    const usual = sleep * (told ? PATIENCE : 1) * (0.75 + random.unit() / 2);
    return left >= 0 ? Math.min(usual, left + 1) : usual;
  }

  /**
   * Takes the lock if it is free and returns null; otherwise the milliseconds of the other's lease, -1 for one without
   * end.
   */
  async #try(token: string): Promise<number | null> {
    const { timeout = 0 } = this.#options;
    const asked = millisNow();
    // The script is idempotent for a given token, so it may be resent after a lost connection.
    const again = this.#db.with({ retry: 'always' });
    const [taken, value] = await again.run(acquireScript, this.#keys, [token, Math.ceil(timeout)]);
    if (taken !== 1) return value!;
    this.#lease = new Lease(token, value!, timeout === 0 ? Number.POSITIVE_INFINITY : asked + timeout);
    this.#watch(this.#lease);
    return null;
  }

  /** Schedules the end of the lease, or its next extension. */
  #watch(lease: Lease): void {
    const { timeout, autoExtend } = this.#options;
    if (timeout === undefined) return;
    if (lease.left <= 0) lease.lose(this.#notOwned('keep'));
    else if (!autoExtend) lease.schedule(() => this.#watch(lease), lease.left);
    else lease.schedule(() => void this.#prolong(lease, timeout), Math.min(timeout / EXTENSIONS, lease.left));
  }

  async #prolong(lease: Lease, timeout: number): Promise<void> {
    // The lease still ends on time if the server does not answer.
    lease.schedule(() => this.#watch(lease), lease.left);
    try {
      await this.#extend(lease, timeout, true);
    } catch {
      // A lost lease has already ended; one that may still be held gets another try.
      if (!lease.isLost && this.#lease === lease)
        lease.schedule(
          () => void (lease.left <= 0 ? this.#watch(lease) : this.#prolong(lease, timeout)),
          Math.min(timeout / HURRY, lease.left),
        );
    }
  }

  async #extend(lease: Lease, ms: number, replace: boolean): Promise<void> {
    const asked = millisNow();
    const left = await this.#db.run(extendScript, this.#keys, [lease.token, Math.ceil(ms), replace ? 1 : 0]);
    if (left === -2) {
      const error = this.#notOwned('extend');
      lease.lose(error);
      throw error;
    }
    if (left >= 0) lease.endsAt = asked + left;
    if (this.#lease === lease) this.#watch(lease);
  }

  #held(what: string): Lease {
    if (this.#lease === null) throw new LockError(`cannot ${what} the lock '${this.name}': it is not held here`);
    return this.#lease;
  }

  #notOwned(what: string): LockNotOwnedError {
    return new LockNotOwnedError(`cannot ${what} the lock '${this.name}': its lease has ended or it is another's`);
  }
}

/**
 * Creates a lock under the key `name`, on any backend that runs scripts. Sends nothing before `acquire`. Times are in
 * milliseconds. Throws DataError for invalid options.
 */
export function lock<V extends View>(db: Redis<V>, name: string, options: LockOptions = {}): Lock {
  return new Lock(db as unknown as Redis<View>, name, options);
}
