import type { BackendEvents, Emitter } from '../backend/events.js';
import { millisNow } from '../core/clock.js';
import { ClosedError, ConnectionError, type KeyspanError, QueueFullError, ReplyError } from '../core/errors.js';
import type { PushReply } from '../core/reply.js';
import { addressOf, type ConnectionSettings, type ReconnectPolicy } from './client-options.js';
import { Connection, type ConnectionOwner, type Leftover, lossOf, rejectLeftovers } from './connection.js';
import type { Pending } from './pending.js';
import { PendingRing } from './pending-ring.js';
import { isLasting } from './socket.js';
import { Alarm, DeadlineWatch, sharedWheel } from './timer-wheel.js';

/** A connection that lived this long was a good one: the next attempts begin with the short waits again. */
const GOOD_LIFE_MS = 1000;

export interface SharedLimits {
  readonly queueMax: number;
  readonly queueBytesMax: number;
  readonly retriesMax: number;
}

/**
 * The one connection that all commands of a client share, made when it is first needed and made again when it is lost.
 * Commands wait in a bounded queue meanwhile. What a lost connection leaves behind is sent again if it was not written,
 * or may be by its retry rule; it goes before what waits already, in its old order.
 */
export class SharedConnection implements ConnectionOwner {
  /** How connections are made from now on. */
  settings: ConnectionSettings;
  readonly #limits: SharedLimits;
  readonly #policy: ReconnectPolicy;
  readonly #emitter: Emitter;
  #current: Connection | null = null;
  /** Replaced ones that still owe replies. */
  readonly #retired = new Set<Connection>();
  readonly #queue = new PendingRing();
  readonly #watch = new DeadlineWatch((now) => this.#expire(now));
  readonly #next = new Alarm(() => this.#open());
  readonly #closeAlarm = new Alarm(() => this.destroy());
  #attempt = 0;
  #openedAt = 0;
  #lastError: KeyspanError | undefined;
  #closing = false;
  #ended = false;
  #whenEnded: (() => void)[] = [];

  constructor(settings: ConnectionSettings, policy: ReconnectPolicy, limits: SharedLimits, emitter: Emitter) {
    this.settings = settings;
    this.#policy = policy;
    this.#limits = limits;
    this.#emitter = emitter;
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** Nothing will happen any more. */
  get isOver(): boolean {
    return this.#ended;
  }

  /** Sends a command, or queues it; settles it by its deadline in any case. `timeout` 0 is none. */
  submit(pending: Pending, timeout: number): void {
    const current = this.#current;
    if (this.#closing) {
      pending.reject(new ClosedError('the client was closed', { command: pending.commandName }));
    } else if (current?.ready) {
      if (this.#isFull(current)) {
        pending.reject(this.#fullness(pending));
        return;
      }
      if (timeout > 0) {
        pending.timeout = timeout;
        pending.deadline = current.turnTime() + timeout;
      }
      current.send(pending);
    } else {
      this.#enqueue(pending, timeout);
    }
  }

  /** Lets what was given be answered, then ends; at the latest after `timeout` milliseconds. */
  close(timeout: number): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      sharedWheel.set(this.#closeAlarm, millisNow() + timeout);
    }
    const ended = this.#ended ? Promise.resolve() : new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    this.#endIfIdle();
    return ended;
  }

  /** Ends at once; what waits is rejected with ClosedError. */
  destroy(): void {
    this.#closing = true;
    const error = new ClosedError('the client was closed');
    for (let pending = this.#queue.shift(); pending !== undefined; pending = this.#queue.shift()) {
      pending.reject(lossOf(pending, false, error));
    }
    for (const connection of [...this.#retired]) connection.destroy(error);
    this.#current?.destroy(error);
    this.#endIfIdle();
  }

  opened(connection: Connection): void {
    this.#openedAt = millisNow();
    this.#lastError = undefined;
    for (let pending = this.#queue.shift(); pending !== undefined; pending = this.#queue.shift()) {
      if (!pending.settled) connection.send(pending);
    }
    this.#watch.stop();
    this.#emitter.emit('ready');
    if (this.#closing) connection.drain();
  }

  closed(connection: Connection, error: KeyspanError | null, leftovers: readonly Leftover[]): void {
    this.#retired.delete(connection);
    const wasCurrent = this.#current === connection;
    if (wasCurrent) this.#current = null;
    if (error instanceof ClosedError) rejectLeftovers(leftovers, error);
    else this.#recover(leftovers, error);
    if (wasCurrent && error !== null && !(error instanceof ClosedError)) this.#lost(error);
    this.#endIfIdle();
  }

  push(_message: PushReply): void {}

  /** The peer may be gone: a new connection takes over, the old one may still answer what it owes. */
  stalled(connection: Connection): void {
    if (connection !== this.#current) return;
    this.#current = null;
    this.#retired.add(connection);
    const error = new ConnectionError(`${addressOf(this.settings)} did not answer in time`);
    this.#emit('close', error);
    this.#emit('error', error);
    connection.drain();
    if (!this.#closing) this.#open();
  }

  #isFull(connection: Connection): boolean {
    if (connection.inFlight >= this.#limits.queueMax) return true;
    return connection.congested && connection.bufferedBytes >= this.#limits.queueBytesMax;
  }

  #fullness(pending: Pending): QueueFullError {
    const command = pending.commandName;
    return new QueueFullError(`${command} was not sent: ${this.#limits.queueMax} commands wait already`, { command });
  }

  #enqueue(pending: Pending, timeout: number): void {
    if (this.#queue.size >= this.#limits.queueMax) this.#dropSettled();
    if (this.#queue.size >= this.#limits.queueMax) {
      pending.reject(this.#fullness(pending));
      return;
    }
    if (timeout > 0) {
      pending.timeout = timeout;
      pending.deadline = millisNow() + timeout;
      this.#watch.note(pending.deadline);
    }
    this.#queue.push(pending);
    if (this.#current === null && !this.#next.isSet) this.#open();
  }

  #open(): void {
    sharedWheel.clear(this.#next);
    if (this.#current !== null || this.#ended) return;
    this.#current = new Connection(this.settings, this);
    this.#current.open();
  }

  #lost(error: KeyspanError): void {
    if (this.#openedAt > 0 && millisNow() - this.#openedAt >= GOOD_LIFE_MS) this.#attempt = 0;
    this.#openedAt = 0;
    this.#lastError = error;
    this.#emit('close', error);
    this.#emit('error', error);
    const delay = isHopeless(error) ? null : this.#policy(++this.#attempt, error);
    if (delay === null) {
      this.#attempt = 0;
      this.#rejectQueue(error);
    } else if (!this.#closing || this.#waiting() > 0) {
      sharedWheel.set(this.#next, millisNow() + delay);
      this.#emit('reconnecting', { attempt: this.#attempt, delay });
    }
  }

  /** Sends again what may be; the rest is told of its loss. */
  #recover(leftovers: readonly Leftover[], error: KeyspanError | null): void {
    const again: Pending[] = [];
    for (const { pending, written } of leftovers) {
      if (written && !this.#mayRepeat(pending)) {
        pending.reject(lossOf(pending, written, error));
        continue;
      }
      if (written) pending.losses++;
      pending.restart();
      again.push(pending);
    }
    if (this.#current?.ready) {
      for (const pending of again) this.#current.send(pending);
      return;
    }
    for (const pending of again.reverse()) {
      this.#queue.unshift(pending);
      this.#watch.note(pending.deadline);
    }
  }

  #mayRepeat(pending: Pending): boolean {
    if (pending.retry === 'never' || pending.losses >= this.#limits.retriesMax) return false;
    return pending.retry === 'always' || pending.isRead;
  }

  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#queue.size; i++) {
      const pending = this.#queue.at(i);
      if (pending.settled) continue;
      if (pending.deadline <= now) pending.expire(now, false, this.#lastError);
      else next = Math.min(next, pending.deadline);
    }
    this.#dropSettled();
    this.#endIfIdle();
    return next;
  }

  #dropSettled(): void {
    for (let left = this.#queue.size; left > 0; left--) {
      const pending = this.#queue.shift()!;
      if (!pending.settled) this.#queue.push(pending);
    }
  }

  #rejectQueue(error: KeyspanError): void {
    for (let pending = this.#queue.shift(); pending !== undefined; pending = this.#queue.shift()) pending.reject(error);
  }

  #waiting(): number {
    let count = 0;
    for (let i = 0; i < this.#queue.size; i++) if (!this.#queue.at(i).settled) count++;
    return count;
  }

  #endIfIdle(): void {
    if (!this.#closing || this.#ended) return;
    if (this.#waiting() > 0) {
      if (this.#current === null && !this.#next.isSet) this.#open();
      return;
    }
    this.#current?.drain();
    if (this.#current !== null || this.#retired.size > 0 || this.isOver) return;
    this.#ended = true;
    this.#watch.stop();
    sharedWheel.clear(this.#next);
    sharedWheel.clear(this.#closeAlarm);
    this.#emit('end');
    for (const resolve of this.#whenEnded.splice(0)) resolve();
  }

  #emit<E extends keyof BackendEvents>(event: E, ...args: BackendEvents[E]): void {
    this.#emitter.emit(event, ...args);
  }
}

/** Errors that another attempt would only repeat: wrong credentials, a database that there is not, a wrong certificate. */
function isHopeless(error: KeyspanError): boolean {
  return error instanceof ReplyError || isLasting(error.cause);
}
