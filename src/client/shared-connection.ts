import type { Request } from '../backend/backend.js';
import type { BackendEvents, Emitter } from '../backend/events.js';
import { millisNow } from '../core/clock.js';
import { ClosedError, ConnectionError, type KeyspanError, QueueFullError } from '../core/errors.js';
import type { PushReply, Reply } from '../core/reply.js';
import { type Address, addressText, sameAddress } from './address.js';
import { waitBefore } from './backoff.js';
import type { Caching } from './caching.js';
import { ChannelCommand } from './channel-command.js';
import { addressOf, type ConnectionSettings, type ReconnectPolicy } from './client-options.js';
import { abandonIfOf, Connection, type ConnectionOwner } from './connection.js';
import { loginAgain } from './credentials.js';
import { reconnectChannel } from './diagnostics.js';
import { isHopeless, type Leftover, lossOf, refusalOf, rejectLeftovers, repeatable } from './leftovers.js';
import type { Pending } from './pending.js';
import { RoleWatch } from './role-watch.js';
import { Room } from './room.js';
import type { Lender, SharedConnectionOptions, SharedLimits } from './shared-options.js';
import type { LineListener, OwnLine } from './subscription-line.js';
import { Alarm, DeadlineWatch, sharedWheel } from './timer-wheel.js';
import { WaitingQueue } from './waiting-queue.js';

/** A connection that lived this long was a good one: the next attempts begin with the short waits again. */
const GOOD_LIFE_MS = 1000;
/** How long a node that is left has for the replies that it owes. */
const LEAVE_GRACE_MS = 200;

/** Those who wait for room are woken when so much of it is free that they do not come back at once. */
const ROOM_SHARE = 0.75;

/**
 * The one connection that all commands of a client share, made when it is first needed and made again when it is lost.
 * Commands wait in a bounded queue meanwhile. What a lost connection leaves behind is sent again if it was not written,
 * or may be by its retry rule; it goes before what waits already, in its old order.
 */
export class SharedConnection implements ConnectionOwner, OwnLine {
  /** How connections are made from now on. */
  settings: ConnectionSettings;
  /** Is told of connections and of what they push. */
  caching: Caching | null = null;
  /** Is told of connections and of what they push: subscriptions go by them. */
  listener: LineListener | null = null;
  readonly #limits: SharedLimits;
  readonly #policy: ReconnectPolicy;
  readonly #emitter: Emitter;
  readonly #rescue: ((pending: Pending) => void) | null;
  readonly #lender: Lender | null;
  /** A connection has been asked of the lender. */
  #isBorrowing = false;
  /** The current connection could not be given new credentials: the lender is not to have it back. */
  #isOutdated = false;
  #current: Connection | null = null;
  /** Replaced ones that still owe replies. */
  readonly #retired = new Set<Connection>();
  /** The current one goes to a node that is not the right one any more: why, and whether the right one is known. */
  #leaving: { error: ConnectionError; known: boolean } | null = null;
  readonly #leaveAlarm = new Alarm(() => this.#current?.destroy(this.#leaving?.error));
  readonly #roleWatch = new RoleWatch((connection) => this.misdirected(connection));
  readonly #queue = new WaitingQueue();
  readonly #watch = new DeadlineWatch((now) => this.#expire(now));
  readonly #next = new Alarm(() => this.#open());
  readonly #closeAlarm = new Alarm(() => this.destroy());
  #attempt = 0;
  #openedAt = 0;
  /** Where the last connection went that could be used. */
  #address = '';
  #lastError: KeyspanError | undefined;
  #closing = false;
  #ended = false;
  #whenEnded: (() => void)[] = [];
  readonly #room = new Room();

  constructor(
    settings: ConnectionSettings,
    policy: ReconnectPolicy,
    limits: SharedLimits,
    emitter: Emitter,
    { rescue = null, lender }: SharedConnectionOptions = {},
  ) {
    this.settings = settings;
    this.#policy = policy;
    this.#limits = limits;
    this.#emitter = emitter;
    this.#rescue = rescue;
    this.#lender = lender ?? null;
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** The version of RESP that is tried first. */
  get protocol(): 2 | 3 {
    return this.settings.protocol;
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

  /** The connection that commands go by, if it takes any. */
  get live(): Connection | null {
    return this.#current?.ready ? this.#current : null;
  }

  /** What it is doing, for `stats()`. */
  get gauges(): { state: string; connections: number; inFlight: number; queued: number } {
    const open = [...this.#retired, ...(this.#current === null ? [] : [this.#current])];
    return {
      state: this.#ended ? 'closed' : (this.#current?.state ?? (this.#next.isSet ? 'waiting' : 'idle')),
      connections: open.length,
      inFlight: open.reduce((sum, { inFlight }) => sum + inFlight, 0),
      queued: this.#queue.waiting,
    };
  }

  /** Logs in anew; null where the connection takes no AUTH: it is a subscriber's that speaks RESP2. */
  login(request: Request): Promise<Reply> | null {
    const { live } = this;
    this.#isOutdated = live?.greeting.protocol === 2;
    return live === null || this.#isOutdated ? null : loginAgain(live, request);
  }

  /** Resolves when a command would be taken. Rejects with ClosedError when the client is closed. */
  room(signal: AbortSignal): Promise<void> {
    if (this.#closing) return Promise.reject(new ClosedError('the client was closed'));
    if (this.#hasRoom(1)) return Promise.resolve();
    return this.#room.wait(signal);
  }

  /** Begins to connect, if there is neither a connection nor a plan for one. */
  prepare(): void {
    if (!this.#closing && !this.#next.isSet) this.#open();
  }

  /** Takes over a command that has its deadline already. */
  resume(pending: Pending): void {
    if (this.#closing) {
      pending.reject(new ClosedError('the client was closed', { command: pending.commandName }));
    } else if (this.#current?.ready) {
      this.#current.send(pending);
    } else {
      this.#queue.push(pending);
      this.#watch.note(pending.deadline);
      this.prepare();
    }
  }

  /** Lets what was given be answered, then ends; at the latest after `timeout` milliseconds. */
  close(timeout: number): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#room.refuse();
      sharedWheel.set(this.#closeAlarm, millisNow() + timeout);
    }
    const ended = this.#ended ? Promise.resolve() : new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    this.#endIfIdle();
    return ended;
  }

  /** Fails what was given for an owner and has no reply yet. */
  abandon(owner: object, errorOf: (written: boolean) => KeyspanError): void {
    for (let i = 0; i < this.#queue.size; i++) {
      const pending = this.#queue.at(i);
      abandonIfOf(pending, owner, errorOf(pending.losses > 0));
    }
    for (const connection of [...this.#retired]) connection.abandon(owner, errorOf);
    this.#current?.abandon(owner, errorOf);
    this.#queue.sweep();
    this.#endIfIdle();
  }

  /** Ends at once; what waits is rejected with ClosedError. */
  destroy(): void {
    this.#closing = true;
    this.#room.refuse();
    const error = new ClosedError('the client was closed');
    for (let pending = this.#queue.shift(); pending !== undefined; pending = this.#queue.shift()) {
      pending.reject(lossOf(pending, false, error));
    }
    for (const connection of [...this.#retired]) connection.destroy(error);
    this.#current?.destroy(error);
    this.#endIfIdle();
  }

  opened(connection: Connection): void {
    this.caching?.opened(connection.greeting.tracks === true);
    this.#openedAt = millisNow();
    this.#lastError = undefined;
    // A pool sees to the connections that it lends.
    if (this.#lender === null) this.#roleWatch.start(connection, this.settings.locator);
    // Another node than the last time: the waits for that one say nothing of this one.
    if (connection.address !== this.#address) this.#attempt = 0;
    this.#address = connection.address;
    this.listener?.opened(connection);
    for (let pending = this.#queue.shift(); pending !== undefined; pending = this.#queue.shift()) {
      this.#give(pending, connection);
    }
    this.#watch.stop();
    this.#wakeRoom();
    this.#emitter.emit('ready');
    this.#endIfIdle();
  }

  closed(connection: Connection, error: KeyspanError | null, leftovers: readonly Leftover[]): void {
    this.#retired.delete(connection);
    this.#lender?.release(connection);
    const wasCurrent = this.#current === connection;
    const leaving = wasCurrent ? this.#leaving : null;
    if (wasCurrent) this.#forgetCurrent();
    if (error instanceof ClosedError) rejectLeftovers(leftovers, error);
    else this.#recover(leftovers, error ?? leaving?.error ?? null);
    const reason = error ?? leaving?.error ?? null;
    if (wasCurrent && reason !== null && !(reason instanceof ClosedError)) this.#lost(reason);
    // Who lent it has ended it, and lends no more.
    else if (wasCurrent && reason !== null && this.#lender !== null && !this.#closing) this.#giveUp(reason);
    if (leaving?.known && this.#next.isSet) this.#open();
    this.#wakeRoom();
    this.#endIfIdle();
  }

  progressed(): void {
    this.#wakeRoom();
    if (this.#closing && this.#lender !== null) this.#endIfIdle();
  }

  push(message: PushReply, connection: Connection): void {
    this.caching?.push(message);
    // What a connection still says that was left comes after the gap that its successor told.
    if (connection === this.#current) this.listener?.push(message);
  }

  /** The node is no longer what was looked for. What it still owes is waited for a little: it comes before the rest. */
  misdirected(connection: Connection): void {
    const { locator } = this.settings;
    if (connection !== this.#current || locator === null) return;
    this.#leave(new ConnectionError(`${connection.address} is not the ${locator.role} any more`), false);
  }

  /** The right node is at another address now. */
  moved(address: Address): void {
    if (this.#current === null) {
      if (this.#next.isSet) this.#open();
    } else if (this.#current.located !== null && !sameAddress(this.#current.located, address)) {
      this.#leave(new ConnectionError(`the primary is at ${addressText(address)} now`), true);
    }
  }

  /** The peer may be gone: a new connection takes over, the old one may still answer what it owes. */
  stalled(connection: Connection): void {
    if (connection !== this.#current || this.#leaving !== null) return;
    this.#forgetCurrent(true);
    this.#retired.add(connection);
    if (connection.located !== null) this.settings.locator?.doubt(connection.located);
    const error = new ConnectionError(`${connection.address} did not answer in time`);
    this.#emit('close', error);
    this.#emit('error', error);
    connection.drain();
    if (!this.#closing) this.#open();
  }

  #leave(error: ConnectionError, known: boolean): void {
    const connection = this.#current!;
    if (this.#leaving !== null) {
      this.#leaving.known ||= known;
      return;
    }
    this.#leaving = { error, known };
    if (connection.ready) {
      sharedWheel.set(this.#leaveAlarm, millisNow() + LEAVE_GRACE_MS);
      connection.drain();
    } else {
      connection.destroy(error);
    }
  }

  #forgetCurrent(isSilent = false): void {
    this.#current = null;
    this.caching?.left();
    this.listener?.left(isSilent);
    this.#leaving = null;
    sharedWheel.clear(this.#leaveAlarm);
    this.#roleWatch.stop();
  }

  #isFull(connection: Connection, share = 1): boolean {
    const { queueMax, queueBytesMax } = this.#limits;
    if (connection.inFlight >= Math.max(1, Math.floor(queueMax * share))) return true;
    return connection.bufferedBytes >= queueBytesMax * share;
  }

  #hasRoom(share: number): boolean {
    if (this.#current?.ready) return !this.#isFull(this.#current, share);
    const { queueMax, queueBytesMax } = this.#limits;
    return !this.#queue.isFull(Math.max(1, Math.floor(queueMax * share)), queueBytesMax * share);
  }

  #wakeRoom(): void {
    if (!this.#room.isEmpty && this.#hasRoom(ROOM_SHARE)) this.#room.wake();
  }

  #fullness(pending: Pending): QueueFullError {
    const command = pending.commandName;
    this.settings.tally.refused++;
    return new QueueFullError(`${command} was not sent: ${this.#limits.queueMax} commands wait already`, { command });
  }

  #enqueue(pending: Pending, timeout: number): void {
    if (this.#queue.isFull(this.#limits.queueMax, this.#limits.queueBytesMax)) {
      pending.reject(this.#fullness(pending));
      return;
    }
    pending.startedAt = millisNow();
    if (timeout > 0) {
      pending.timeout = timeout;
      pending.deadline = pending.startedAt + timeout;
      this.#watch.note(pending.deadline);
    }
    this.#queue.push(pending);
    if (!this.#next.isSet) this.#open();
  }

  #open(): void {
    sharedWheel.clear(this.#next);
    if (this.#current !== null || this.#isBorrowing || this.#ended) return;
    if (this.#lender === null) {
      this.#current = new Connection(this.settings, this);
      this.#current.open();
    } else {
      this.#isBorrowing = true;
      this.#borrow(this.#lender).catch((error: KeyspanError) => {
        this.#isBorrowing = false;
        // None to be had: who asks now is told now. What was subscribed to before comes back when there is one.
        if (error.cause === undefined) this.#rejectQueue(error);
        this.#lost(error);
        this.#endIfIdle();
      });
    }
  }

  async #borrow(lender: Lender): Promise<void> {
    const connection = await lender.acquire();
    this.#isBorrowing = this.#isOutdated = false;
    if (this.#ended) {
      lender.release(connection);
    } else {
      this.#current = connection;
      connection.owner = this;
      this.opened(connection);
    }
  }

  /** Gives back, to whom it belongs, a connection that owes nothing; false if it is of no use to others. */
  #handsBack(connection: Connection): boolean {
    if (this.#lender === null || !connection.ready || this.#isOutdated) return false;
    // What it still owes may be the end of its last subscription.
    if (connection.inFlight > 0) return true;
    if (connection.subscriptions > 0) return false;
    this.#forgetCurrent();
    this.#lender.release(connection);
    return true;
  }

  #lost(error: KeyspanError): void {
    if (this.#rescue !== null) {
      for (let pending = this.#queue.shift(); pending !== undefined; pending = this.#queue.shift())
        if (!pending.settled) this.#rescue(pending);
    }
    if (this.#openedAt > 0 && millisNow() - this.#openedAt >= GOOD_LIFE_MS) this.#attempt = 0;
    this.#openedAt = 0;
    this.#lastError = error;
    this.#emit('close', error);
    this.#emit('error', error);
    const delay = isHopeless(error) ? null : waitBefore(++this.#attempt, error, this.#policy);
    if (delay === null) {
      this.#giveUp(error);
    } else if (!this.#closing || this.#queue.isAwaited) {
      sharedWheel.set(this.#next, millisNow() + delay);
      this.settings.tally.reconnects++;
      if (reconnectChannel.hasSubscribers)
        reconnectChannel.publish({ address: addressOf(this.settings), attempt: this.#attempt, delay, error });
      this.#emit('reconnecting', { attempt: this.#attempt, delay });
    }
  }

  /** No further attempt is made before somebody wants something. */
  #giveUp(error: KeyspanError): void {
    this.#attempt = 0;
    this.#rejectQueue(error);
    this.listener?.gone(error);
  }

  /** Sends again what may be; the rest is told of its loss. */
  #recover(leftovers: readonly Leftover[], error: KeyspanError | null): void {
    const repeats = ({ losses }: Pending): void => {
      if (losses === 2) this.listener?.suspected?.();
      this.settings.tally.retries++;
    };
    const again = repeatable(leftovers, { retriesMax: this.#limits.retriesMax, error, repeats });
    if (this.#current?.ready) {
      for (const pending of again) this.#give(pending, this.#current);
      return;
    }
    for (const pending of again.reverse()) {
      this.#queue.unshift(pending);
      this.#watch.note(pending.deadline);
    }
  }

  /** Sends a command; in RESP2 subscriptions would take the connection away from all others. */
  #give(pending: Pending, connection: Connection): void {
    const isWrong = connection.greeting.protocol < this.protocol && this.#lender === null;
    if (isWrong && pending instanceof ChannelCommand) pending.divert();
    else if (!pending.settled) connection.send(pending);
  }

  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#queue.size; i++) {
      const pending = this.#queue.at(i);
      if (pending.settled) continue;
      if (pending.deadline <= now) {
        pending.expire(now, false, this.#lastError);
        this.settings.tally.timeouts++;
      } else next = Math.min(next, pending.deadline);
    }
    this.#queue.sweep();
    this.#wakeRoom();
    this.#endIfIdle();
    return next;
  }

  #rejectQueue(error: KeyspanError): void {
    for (let pending = this.#queue.shift(); pending !== undefined; pending = this.#queue.shift())
      pending.reject(refusalOf(pending, error));
    this.#wakeRoom();
  }

  #endIfIdle(): void {
    if (!this.#closing || this.#ended) return;
    if (this.#queue.isAwaited) {
      if (!this.#next.isSet) this.#open();
      return;
    }
    if (this.#current !== null && !this.#handsBack(this.#current)) this.#current?.drain();
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
