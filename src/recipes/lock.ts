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
  /** Milliseconds after which the lock is free again if it was neither released nor extended; absent: never. */
  readonly timeout?: number;
  /** Milliseconds between two questions whether the lock is free, while another has it; 100 unless given. */
  readonly sleep?: number;
  /** Milliseconds that `acquire` may wait; absent: without end, 0: not at all. */
  readonly blockingTimeout?: number;
  /** Extends the lease as long as the lock is held. Needs `timeout`. */
  readonly autoExtend?: boolean;
  /** `message`: the first who waits is told of releases by a subscription, and asks less often. */
  readonly wake?: 'sleep' | 'message';
}

/** How one `acquire` waits, where that is other than the lock says. */
export interface AcquireOptions {
  /** False does not wait. */
  readonly blocking?: boolean;
  /** Milliseconds to wait at most; the lock's own unless given. */
  readonly blockingTimeout?: number;
  /** Aborting it ends the wait: `acquire` rejects with its reason. */
  readonly signal?: AbortSignal;
}

const SLEEP_MS = 100;
/** With messages the questions are only for those that get lost. */
const PATIENCE = 10;
/** How often a lease is extended in its life. */
const EXTENSIONS = 3;
/** After an extension that had no reply, the next one follows after this part of the lease. */
const HURRY = 10;
const random = new Random();

/** What a lock takes of its Redis: texts and numbers, whatever the view. */
type Plain = Redis;

/**
 * A lock that one holder has at a time, kept under the key `name`. Made by `lock()`. Every Lock is a holder of its own:
 * a token that another one set is never released or extended by it.
 */
export class Lock {
  readonly name: string;
  readonly #db: Plain;
  /** The views of one Redis share their line. */
  readonly #owner: object;
  readonly #options: LockOptions;
  readonly #keys: readonly [string, string];
  #lease: Lease | null = null;

  /** @internal Made by `lock()`. */
  constructor(db: Redis<View>, name: string, options: LockOptions) {
    const { timeout, sleep = SLEEP_MS, blockingTimeout } = options;
    for (const [what, ms] of Object.entries({ timeout, sleep, blockingTimeout })) {
      if (ms !== undefined && !(ms >= 0 && Number.isFinite(ms)))
        throw new DataError(`${what} is a number of milliseconds`);
    }
    if (timeout === 0) throw new DataError('a timeout of 0 would leave no lock: leave it out for one without end');
    if (options.autoExtend && timeout === undefined) throw new DataError('autoExtend needs a timeout');
    this.name = name;
    this.#owner = db;
    this.#db = db.with({ as: 'text', integers: 'number', codec: null }) as unknown as Plain;
    this.#options = options;
    // In one slot of a cluster.
    this.#keys = [name, /\{[^}]+\}/.test(name) ? `${name}:fence` : `{${name}}:fence`];
  }

  /**
   * Waits until the lock is free and takes it. False if it was not free in time. Throws LockError if this Lock holds it
   * already. Those of one process who wait (on the same Redis object) get it in their order.
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

  /** As `acquire`, for `await using`: throws LockError if the lock was not free in time. */
  async enter(options: AcquireOptions = {}): Promise<this> {
    if (await this.acquire(options)) return this;
    throw new LockError(`the lock '${this.name}' was not free in time`);
  }

  /** Holds the lock while `work` runs, and releases it. `work` is given the signal and the fencing token. */
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

  /** Makes the lease longer by so many milliseconds; with `replace` it lasts that long from now on. */
  async extend(ms: number, { replace = false }: { replace?: boolean } = {}): Promise<void> {
    if (!(ms > 0 && Number.isFinite(ms))) throw new DataError('a lease is extended by a number of milliseconds');
    const lease = this.#held('extend');
    if (this.#options.timeout === undefined) throw new LockError('a lock without timeout cannot be extended');
    await this.#extend(lease, Math.ceil(ms), replace);
  }

  /** Lets the lease begin anew, with the timeout of the lock. */
  async reacquire(): Promise<void> {
    const { timeout } = this.#options;
    if (timeout === undefined) throw new LockError('a lock without timeout cannot be reacquired');
    await this.extend(timeout, { replace: true });
  }

  /** Whether this Lock holds it, as the server knows. */
  async owned(): Promise<boolean> {
    const token = this.#lease?.token;
    return token !== undefined && (await this.#db.get(this.name)) === token;
  }

  /** Whether anybody holds it. */
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
            // It may have been released before anybody listened.
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

  /** The wait was given up while the lock was being taken: it is given back. */
  async #unless(signal: AbortSignal | undefined): Promise<boolean> {
    if (!signal?.aborted) return true;
    await this[Symbol.asyncDispose]();
    throw signal.reason;
  }

  /** How long to wait for the next question: not much longer than the other's lease, and never in step with others. */
  #pause(left: number, told: boolean): number {
    const sleep = this.#options.sleep ?? SLEEP_MS;
    const usual = sleep * (told ? PATIENCE : 1) * (0.75 + random.unit() / 2);
    return left >= 0 ? Math.min(usual, left + 1) : usual;
  }

  /** Takes the lock if it is free: null. Otherwise the milliseconds of the other's lease, -1 for one without end. */
  async #try(token: string): Promise<number | null> {
    const { timeout = 0 } = this.#options;
    const asked = millisNow();
    // Asked twice with the same token it answers the same, so it may be sent again after a lost connection.
    const again = this.#db.with({ retry: 'always' });
    const [taken, value] = await again.run(acquireScript, this.#keys, [token, Math.ceil(timeout)]);
    if (taken !== 1) return value!;
    this.#lease = new Lease(token, value!, timeout === 0 ? Number.POSITIVE_INFINITY : asked + timeout);
    this.#watch(this.#lease);
    return null;
  }

  /** Waits for the end of the lease, or for the time to extend it. */
  #watch(lease: Lease): void {
    const { timeout, autoExtend } = this.#options;
    if (timeout === undefined) return;
    if (lease.left <= 0) lease.lose(this.#notOwned('keep'));
    else if (!autoExtend) lease.schedule(() => this.#watch(lease), lease.left);
    else lease.schedule(() => void this.#prolong(lease, timeout), Math.min(timeout / EXTENSIONS, lease.left));
  }

  async #prolong(lease: Lease, timeout: number): Promise<void> {
    // The end of the lease holds while the server does not answer.
    lease.schedule(() => this.#watch(lease), lease.left);
    try {
      await this.#extend(lease, timeout, true);
    } catch {
      // A lease that is lost has ended already; for one that may go on there is another try.
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
 * A lock under the key `name`, on any backend that runs scripts. Nothing is sent before `acquire`. Times are in
 * milliseconds. Throws DataError for options that make no sense.
 */
export function lock<V extends View>(db: Redis<V>, name: string, options: LockOptions = {}): Lock {
  return new Lock(db as unknown as Redis<View>, name, options);
}
