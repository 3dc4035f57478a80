import { commands } from '../../commands/table.js';
import { millisNow } from '../../core/clock.js';
import { ClosedError, ConnectionError, type KeyspanError, QueueFullError } from '../../core/errors.js';
import type { PushReply } from '../../core/reply.js';
import type { Address } from '../address.js';
import { addressText } from '../address.js';
import type { Caching } from '../caching.js';
import { ChannelCommand } from '../channel-command.js';
import type { ConnectionSettings } from '../client-options.js';
import { Connection, type ConnectionOwner } from '../connection.js';
import { isHopeless, type Leftover, lossOf, refusalOf, rejectLeftovers, repeatable } from '../leftovers.js';
import { Command, type Pending } from '../pending.js';
import type { LineListener, SubscriptionLine } from '../subscription-line.js';
import { DeadlineWatch } from '../timer-wheel.js';

/** Who a link tells of its fate. */
export interface LinkOwner {
  /** The link takes commands. */
  up(): void;
  /** The connection was lost, could not be made, or does not answer. */
  down(error: KeyspanError): void;
  /** Commands that may be sent elsewhere: not carried out, or allowed to be carried out twice. In the order of sending. */
  homeless(pendings: readonly Pending[], error: KeyspanError | null): void;
}

export interface LinkLimits {
  readonly queueMax: number;
  readonly queueBytesMax: number;
  readonly retriesMax: number;
}

/**
 * The connection to one node that the commands of a cluster client share. It connects when it is given something to do.
 * What it loses it hands back: where that goes then is not for the link to say, the node may have lost its slots.
 */
export class ClusterLink implements ConnectionOwner, SubscriptionLine {
  readonly address: Address;
  readonly #settings: () => ConnectionSettings;
  /** Is told of connections and of what they push: subscriptions go by them. */
  listener: LineListener | null = null;
  readonly #caching: Caching | null;
  readonly #limits: LinkLimits;
  readonly #owner: LinkOwner;
  /** Replicas answer reads only after this. */
  readonly #readonly: boolean;
  #current: Connection | null = null;
  /** Replaced ones that still owe replies. */
  readonly #retired = new Set<Connection>();
  #queue: Pending[] = [];
  readonly #watch = new DeadlineWatch((now) => this.#expire(now));
  #lastError: KeyspanError | undefined;
  #closing = false;

  constructor(
    settings: () => ConnectionSettings,
    owner: LinkOwner,
    { limits, readonly, caching }: { limits: LinkLimits; readonly: boolean; caching: Caching | null },
  ) {
    const { host, port } = settings();
    this.address = { host, port };
    this.#settings = settings;
    this.#owner = owner;
    this.#limits = limits;
    this.#caching = caching;
    this.#readonly = readonly;
  }

  get isReady(): boolean {
    return this.#current?.ready === true;
  }

  /** The connection that takes commands now, if any. */
  get live(): Connection | null {
    return this.#current?.ready ? this.#current : null;
  }

  /** Whether its node tells of changes of the keys that are read by it now. */
  get tracks(): boolean {
    return this.live?.greeting.tracks === true;
  }

  /** The version of RESP that is tried first. */
  get protocol(): 2 | 3 {
    return this.#settings().protocol;
  }

  /** Commands that wait for a connection or a reply. */
  get inFlight(): number {
    let count = this.#queue.length + (this.#current?.inFlight ?? 0);
    for (const connection of this.#retired) count += connection.inFlight;
    return count;
  }

  /** For how many milliseconds commands have waited without a sign of life from the node; 0 if none waits. */
  silence(now: number): number {
    const current = this.#current;
    return current === null || current.inFlight === 0 || !current.ready ? 0 : now - current.heardAt;
  }

  /** Sends a command, or queues it until there is a connection. `timeout` 0 leaves its deadline as it is. */
  submit(pending: Pending, timeout: number): void {
    const current = this.#current;
    if (current?.ready) {
      if (current.inFlight >= this.#limits.queueMax || this.#isCongested(current)) {
        pending.reject(this.#fullness(pending));
        return;
      }
      if (timeout > 0) {
        pending.timeout = timeout;
        pending.deadline = current.turnTime() + timeout;
      }
      current.send(pending);
      return;
    }
    if (this.#queue.length >= this.#limits.queueMax) {
      pending.reject(this.#fullness(pending));
      return;
    }
    if (timeout > 0) {
      pending.timeout = timeout;
      pending.deadline = millisNow() + timeout;
    }
    this.#queue.push(pending);
    this.#watch.note(pending.deadline);
    this.#open();
  }

  /** Gives the connection up: what can be saved is handed back. */
  drop(error: ConnectionError): void {
    for (const connection of [...this.#retired]) connection.destroy(error);
    if (this.#current !== null) this.#current.destroy(error);
  }

  /** Takes leave once all replies are there. */
  close(): void {
    this.#closing = true;
    this.#current?.drain();
  }

  /** Ends at once; what waits is rejected with ClosedError. */
  destroy(): void {
    this.#closing = true;
    const error = new ClosedError('the client was closed');
    for (const pending of this.#queue.splice(0)) pending.reject(lossOf(pending, false, error));
    for (const connection of [...this.#retired]) connection.destroy(error);
    this.#current?.destroy(error);
    this.#watch.stop();
  }

  opened(connection: Connection): void {
    this.#lastError = undefined;
    if (connection.greeting.tracks) this.#caching?.joined();
    if (this.#readonly) {
      const command = new Command({ spec: commands.readonly, argv: ['READONLY'] }, null, null);
      command.promise.catch(() => {});
      connection.send(command);
    }
    const waiting = this.#queue;
    this.#queue = [];
    this.listener?.opened(connection);
    for (const pending of waiting) if (!pending.settled) this.#give(pending, connection);
    this.#watch.stop();
    this.#owner.up();
    if (this.#closing) connection.drain();
  }

  closed(connection: Connection, error: KeyspanError | null, leftovers: readonly Leftover[]): void {
    this.#retired.delete(connection);
    const wasCurrent = this.#current === connection;
    if (wasCurrent) this.#leave(error);
    if (error instanceof ClosedError) {
      rejectLeftovers(leftovers, error);
      return;
    }
    const homeless = repeatable(leftovers, { retriesMax: this.#limits.retriesMax, error });
    if (wasCurrent) {
      this.#lastError = error ?? undefined;
      const waiting = this.#queue.splice(0).filter(({ settled }) => !settled);
      // Wrong credentials, a wrong certificate: the next attempt would end like this one.
      if (error !== null && isHopeless(error)) for (const pending of waiting) pending.reject(refusalOf(pending, error));
      else homeless.push(...waiting);
      if (error !== null) this.#owner.down(error);
    }
    if (homeless.length > 0) this.#owner.homeless(homeless, error);
  }

  push(message: PushReply, connection: Connection): void {
    if (connection !== this.#current) return;
    this.#caching?.push(message);
    this.listener?.push(message);
  }

  /** The peer may be gone: what comes next gets a new connection, the old one may still answer what it owes. */
  stalled(connection: Connection): void {
    if (connection !== this.#current) return;
    const error = new ConnectionError(`${addressText(this.address)} did not answer in time`);
    this.#leave(error, true);
    this.#retired.add(connection);
    connection.drain();
    this.#owner.down(error);
  }

  /** The connection is not the link's any more. Subscriptions are not kept for the next: their place may be elsewhere. */
  #leave(error: KeyspanError | null, isSilent = false): void {
    this.#current = null;
    this.#caching?.clear();
    this.listener?.left(isSilent);
    this.listener?.gone(error ?? new ClosedError('the connection was closed'));
  }

  /** Sends a command; in RESP2 subscriptions would take the connection away from all others. */
  #give(pending: Pending, connection: Connection): void {
    if (connection.greeting.protocol < this.protocol && pending instanceof ChannelCommand) pending.divert();
    else connection.send(pending);
  }

  #open(): void {
    if (this.#current !== null) return;
    this.#current = new Connection(this.#settings(), this);
    this.#current.open();
  }

  #isCongested(connection: Connection): boolean {
    return connection.bufferedBytes >= this.#limits.queueBytesMax;
  }

  #fullness(pending: Pending): QueueFullError {
    const command = pending.commandName;
    const where = addressText(this.address);
    return new QueueFullError(`${command} was not sent: too many commands wait for ${where} already`, { command });
  }

  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const pending of this.#queue) {
      if (pending.settled) continue;
      if (pending.deadline <= now) pending.expire(now, false, this.#lastError);
      else next = Math.min(next, pending.deadline);
    }
    this.#queue = this.#queue.filter(({ settled }) => !settled);
    return next;
  }
}
