import type { Socket } from 'node:net';
import { bytesOf } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import { millisNow } from '../core/clock.js';
import { ClosedError, ConnectionError, KeyspanError, ProtocolError, TimeoutError } from '../core/errors.js';
import { PushReply, type Reply } from '../core/reply.js';
import { ReplyDecoder } from '../resp/decoder.js';
import { addressOf, type ConnectionSettings } from './client-options.js';
import { type ConnectionState, stepConnection } from './connection-state.js';
import { type Greeting, handshake } from './handshake.js';
import { pingCommand } from './own-commands.js';
import { type Pending, SubscriptionCommand } from './pending.js';
import { PendingRing } from './pending-ring.js';
import { isSubscriptionChange, pushOfResp2 } from './pushes.js';
import { RequestWriter } from './request-writer.js';
import { connectFailure, openSocket } from './socket.js';
import { Alarm, DeadlineWatch, sharedWheel } from './timer-wheel.js';

/** A command that a connection left without a whole reply. */
export interface Leftover {
  readonly pending: Pending;
  /** Whether its bytes were given to the system. */
  readonly written: boolean;
}

/** Who a connection tells of its fate. */
export interface ConnectionOwner {
  opened(connection: Connection): void;
  /** The end, told once. `error` is null when it ended as it was asked to. Leftovers stand in the order of sending. */
  closed(connection: Connection, error: KeyspanError | null, leftovers: readonly Leftover[]): void;
  push(message: PushReply): void;
  /** A deadline passed and nothing was heard for long: the peer may be gone. */
  stalled(connection: Connection): void;
}

/** How long a connection that only waits for the ends of others may stay open. */
const QUIET_PING_TIMEOUT_MS = 5000;

/**
 * One connection to one server, from the first byte to the last (see connection-state.ts). Commands given in one turn
 * leave in one write; replies find their commands by order alone, so a command that no longer waits for its reply keeps
 * its place until the reply has come.
 */
export class Connection {
  owner: ConnectionOwner;
  /** Whether it takes commands: state `ready`, as a field for the hot path. */
  ready = false;
  greeting: Greeting = { protocol: 2, id: 0, version: '' };
  /** How many channels and patterns the server counts for it. */
  subscriptions = 0;
  /** The socket has more to send than it may keep; it says when that is over by `room`. */
  congested = false;

  readonly #settings: ConnectionSettings;
  #state: ConnectionState = 'idle';
  #socket: Socket | null = null;
  readonly #decoder: ReplyDecoder;
  readonly #ring = new PendingRing();
  readonly #writer = new RequestWriter();
  readonly #watch = new DeadlineWatch((now) => this.#expire(now));
  readonly #openAlarm = new Alarm(() => this.#openingTookTooLong());
  readonly #pingAlarm = new Alarm((now) => this.#pingIfQuiet(now));
  readonly #flush = (): void => this.#flushNow();
  /** Commands at the end of the ring that were not flushed yet. */
  #unwritten = 0;
  #flushIsDue = false;
  #turnTime = 0;
  #heardAt = 0;
  /** The dialogue of the handshake, and the replies that its current step waits for. */
  #dialogue: Generator<Bytes[][], Greeting, Reply[]> | null = null;
  #dialogueReplies: Reply[] = [];
  #dialogueWaits = 0;

  constructor(settings: ConnectionSettings, owner: ConnectionOwner) {
    this.#settings = settings;
    this.owner = owner;
    this.#decoder = new ReplyDecoder((reply) => this.#onReply(reply), settings.replyLimits);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Commands without a whole reply, tombstones included. */
  get inFlight(): number {
    return this.#ring.size;
  }

  get bufferedBytes(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** Begins to connect; the owner hears of the outcome. */
  open(): void {
    this.#step('connecting');
    sharedWheel.set(this.#openAlarm, millisNow() + (this.#settings.connectTimeout || Number.POSITIVE_INFINITY));
    this.#connect().catch((error) => this.#lose(this.#failure(error)));
  }

  /** The time, read once per turn of the event loop: all commands of a turn count from the same moment. */
  turnTime(): number {
    if (!this.#flushIsDue) this.#dueFlush();
    return this.#turnTime;
  }

  /** Sends a command. Only in state `ready`. */
  send(pending: Pending): void {
    if (!this.ready) throw new TypeError(`a command was given to a connection that is ${this.#state}`);
    if (!this.#flushIsDue) this.#dueFlush();
    pending.write(this.#writer);
    this.#ring.push(pending);
    this.#unwritten++;
    this.#watch.note(pending.deadline);
  }

  /** A command in flight has got a nearer deadline. */
  noteDeadline(deadline: number): void {
    if (this.#state !== 'closed') this.#watch.note(deadline);
  }

  /** Takes no more commands and ends when the last has its reply. */
  drain(): void {
    if (this.#state !== 'ready') {
      if (this.#state !== 'draining') this.#lose(null);
      return;
    }
    this.#step('draining');
    this.#endIfDrained();
  }

  /** Ends at once. */
  destroy(error: KeyspanError | null = null): void {
    this.#lose(error);
  }

  async #connect(): Promise<void> {
    const credentials = await this.#settings.credentials();
    const socket = await openSocket(this.#settings, (buffer, length) => this.#onBytes(buffer, length));
    if (this.#state !== 'connecting') {
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    this.#socket = socket;
    let cause: unknown = null;
    socket.on('error', (error) => {
      cause = error;
    });
    socket.on('close', () => this.#lose(this.#failure(cause)));
    socket.on('end', () => this.#lose(this.#failure(cause)));
    socket.on('drain', () => {
      this.congested = false;
    });
    socket.once(this.#settings.tls === null ? 'connect' : 'secureConnect', () => {
      if (this.#state !== 'connecting') return;
      this.#step('handshake');
      this.#dialogue = handshake(this.#settings, credentials);
      this.#talk([]);
    });
  }

  /** One step of the handshake: gives it replies, writes what it says next. */
  #talk(replies: Reply[]): void {
    try {
      const step = this.#dialogue!.next(replies);
      if (step.done) {
        this.#begin(step.value);
        return;
      }
      this.#dialogueReplies = [];
      this.#dialogueWaits = step.value.length;
      for (const argv of step.value) this.#writer.add(argv);
      this.#writer.flush(this.#socket!);
    } catch (error) {
      this.#lose(error instanceof KeyspanError ? error : this.#failure(error));
    }
  }

  #begin(greeting: Greeting): void {
    this.#dialogue = null;
    this.greeting = greeting;
    sharedWheel.clear(this.#openAlarm);
    this.#heardAt = millisNow();
    this.#step('ready');
    if (this.#settings.pingInterval > 0) sharedWheel.set(this.#pingAlarm, this.#heardAt + this.#settings.pingInterval);
    this.owner.opened(this);
  }

  #onBytes(buffer: Uint8Array, length: number): void {
    if (this.#state === 'closed') return;
    this.#heardAt = millisNow();
    try {
      this.#decoder.feed(buffer, 0, length);
    } catch (error) {
      this.#lose(
        error instanceof KeyspanError ? error : new ProtocolError('a reply could not be read', { cause: error }),
      );
      return;
    }
    if (this.#state === 'draining') this.#endIfDrained();
  }

  #onReply(reply: Reply): void {
    if (typeof reply === 'object' && reply instanceof PushReply) {
      this.#onPush(reply);
      return;
    }
    if (this.#dialogue !== null) {
      this.#dialogueReplies.push(reply);
      if (this.#dialogueReplies.length === this.#dialogueWaits) this.#talk(this.#dialogueReplies);
      return;
    }
    const head = this.#ring.peek();
    if (this.greeting.protocol === 2 && (this.subscriptions > 0 || head instanceof SubscriptionCommand)) {
      const push = pushOfResp2(reply);
      if (push !== null) {
        this.#onPush(push);
        return;
      }
    }
    if (head === undefined) {
      if (this.#state !== 'closed') throw new ProtocolError('a reply came that nobody asked for');
      return;
    }
    if (head.take(reply)) this.#ring.shift();
  }

  #onPush(push: PushReply): void {
    const kind = bytesOf(push.items[0] ?? null) ?? '';
    if (isSubscriptionChange(kind)) {
      this.subscriptions = Number(push.items[2]);
      const head = this.#ring.peek();
      if (head instanceof SubscriptionCommand && head.take(push)) this.#ring.shift();
      return;
    }
    try {
      this.owner.push(push);
    } catch (error) {
      // A listener's own error must not be taken for one of the connection.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #dueFlush(): void {
    this.#flushIsDue = true;
    this.#turnTime = millisNow();
    process.nextTick(this.#flush);
  }

  #flushNow(): void {
    this.#flushIsDue = false;
    if (this.#socket === null || this.#unwritten === 0) return;
    this.#unwritten = 0;
    this.congested = !this.#writer.flush(this.#socket);
  }

  /** Settles what is past its deadline; returns the next one. */
  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    let silenceToStall = Number.POSITIVE_INFINITY;
    const size = this.#ring.size;
    for (let i = 0; i < size; i++) {
      const pending = this.#ring.at(i);
      if (pending.settled) continue;
      if (pending.deadline > now) {
        next = Math.min(next, pending.deadline);
        continue;
      }
      pending.expire(now, true);
      if (pending.settled) silenceToStall = Math.min(silenceToStall, pending.timeout / 2);
      else next = Math.min(next, pending.deadline);
    }
    if (this.#state === 'draining') this.#endIfDrained();
    else if (now - this.#heardAt >= silenceToStall) this.owner.stalled(this);
    return (this.#state as ConnectionState) === 'closed' ? Number.POSITIVE_INFINITY : next;
  }

  /** Draining is over when nobody waits any more: tombstones alone are not worth a connection. */
  #endIfDrained(): void {
    for (let i = 0; i < this.#ring.size; i++) if (!this.#ring.at(i).settled) return;
    this.#lose(null);
  }

  #pingIfQuiet(now: number): void {
    if (!this.ready) return;
    const { pingInterval } = this.#settings;
    if (this.#ring.size === 0 && now - this.#heardAt >= pingInterval - 5) {
      const ping = pingCommand(now, Math.min(pingInterval, QUIET_PING_TIMEOUT_MS));
      // A missed one shows as a connection that has stalled.
      ping.promise.catch(() => {});
      this.send(ping);
    }
    sharedWheel.set(this.#pingAlarm, Math.max(this.#heardAt, now) + pingInterval);
  }

  #openingTookTooLong(): void {
    const { connectTimeout } = this.#settings;
    const cause = new TimeoutError(`no connection within ${connectTimeout} ms`);
    this.#lose(connectFailure(this.#settings, cause));
  }

  #failure(cause: unknown): KeyspanError {
    if (cause instanceof KeyspanError) return cause;
    if (this.#state === 'idle' || this.#state === 'connecting')
      return connectFailure(this.#settings, cause ?? 'it was closed');
    const why = cause instanceof Error ? cause.message : 'the server closed it';
    return new ConnectionError(
      `lost the connection to ${addressOf(this.#settings)}: ${why}`,
      cause === null ? {} : { cause },
    );
  }

  #lose(error: KeyspanError | null): void {
    if (this.#state === 'closed') return;
    this.#step('closed');
    sharedWheel.clear(this.#openAlarm);
    sharedWheel.clear(this.#pingAlarm);
    this.#watch.stop();
    this.#socket?.destroy();
    const leftovers: Leftover[] = [];
    const written = this.#ring.size - this.#unwritten;
    for (let i = 0; this.#ring.size > 0; i++) {
      const pending = this.#ring.shift()!;
      if (!pending.settled) leftovers.push({ pending, written: i < written });
    }
    this.#unwritten = 0;
    this.owner.closed(this, error, leftovers);
  }

  #step(to: ConnectionState): void {
    this.#state = stepConnection(this.#state, to);
    this.ready = to === 'ready';
  }
}

/** Settles what a connection left behind, without another try. */
export function rejectLeftovers(leftovers: readonly Leftover[], error: KeyspanError | null): void {
  for (const { pending, written } of leftovers) pending.reject(lossOf(pending, written, error));
}

/** What the caller of a command is told that lost its connection. */
export function lossOf(pending: Pending, written: boolean, error: KeyspanError | null): KeyspanError {
  const details = { command: pending.commandName, applied: pending.applied(written) };
  if (error === null || error instanceof ClosedError)
    return new ClosedError(`${pending.commandName} had no reply: the client was closed`, details);
  return new ConnectionError(`${pending.commandName} had no reply: ${error.message}`, { ...details, cause: error });
}
