import { isAscii } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Request } from '../backend/backend.js';
import { MONITOR_LINE } from '../backend/messages.js';
import { isMonitorLine } from '../backend/monitor.js';
import { bytesOf } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import { millisNow } from '../core/clock.js';
import { ClosedError, ConnectionError, KeyspanError, ProtocolError, TimeoutError } from '../core/errors.js';
import { ErrorReply, PushReply, type Reply, Status } from '../core/reply.js';
import { ReplyDecoder } from '../resp/decoder.js';
import type { Address } from './address.js';
import { addressOf, type ConnectionSettings } from './client-options.js';
import { type ConnectionState, stepConnection } from './connection-state.js';
import { connectChannel } from './diagnostics.js';
import { type Greeting, introduction } from './handshake.js';
import type { Leftover } from './leftovers.js';
import { pingCommand } from './own-commands.js';
import { type Pending, SubscriptionCommand } from './pending.js';
import { PendingRing } from './pending-ring.js';
import { isShardKind, isSubscriptionChange, pushOfResp2 } from './pushes.js';
import { RequestWriter } from './request-writer.js';
import { isRefusal } from './role.js';
import { connectFailure, openSocket } from './socket.js';
import type { Tally } from './tally.js';
import { Alarm, DeadlineWatch, sharedWheel } from './timer-wheel.js';

/** Who a connection tells of its fate. */
export interface ConnectionOwner {
  opened(connection: Connection): void;
  /** The end, told once. `error` is null when it ended as it was asked to. Leftovers stand in the order of sending. */
  closed(connection: Connection, error: KeyspanError | null, leftovers: readonly Leftover[]): void;
  push(message: PushReply, connection: Connection): void;
  /** A deadline passed and nothing was heard for long: the peer may be gone. */
  stalled(connection: Connection): void;
  /** Gives AUTH to the connection that it has, now or when that may be; null if it takes none. */
  login?(request: Request): Promise<Reply> | null;
  /** Replies came, or the system took bytes: there may be room for more commands. Told once per read. */
  progressed?(connection: Connection): void;
  /**
   * The node is not the one that was looked for any more: it refused a command. The command stands among the leftovers,
   * as one that was not written. Owners without this method get the refusal as the command's reply.
   */
  misdirected?(connection: Connection): void;
}

/** How long a connection that only waits for the ends of others may stay open. */
const QUIET_PING_TIMEOUT_MS = 5000;
const PING: Bytes[] = ['PING'];

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
  /** The server shows it the commands of all (MONITOR). */
  monitoring = false;
  /** The socket has more to send than it may keep; it says when that is over by `room`. */
  congested = false;

  #settings: ConnectionSettings;
  /** Where it goes, if that had to be found first. */
  #located: Address | null = null;
  /** Commands that the node refused because of what it is, to be sent elsewhere; in the order of sending. */
  readonly #refused: Pending[] = [];
  #state: ConnectionState = 'idle';
  #socket: Socket | null = null;
  readonly #decoder: ReplyDecoder;
  readonly #tally: Tally;
  #openedAt = 0;
  /** How many channels and patterns, and how many shard channels, the server counts for it. */
  #subscriptions = 0;
  #shardSubscriptions = 0;
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
    this.#tally = settings.tally;
    this.owner = owner;
    this.#decoder = new ReplyDecoder((reply) => this.#onReply(reply), settings.replyLimits, isAscii);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Where it goes, if a locator said so; null before that. */
  get located(): Address | null {
    return this.#located;
  }

  /** `host:port` or the path of the socket. */
  get address(): string {
    return addressOf(this.#settings);
  }

  /** How many subscriptions of all kinds the server counts for it. */
  get subscriptions(): number {
    return this.#subscriptions + this.#shardSubscriptions;
  }

  /** Commands without a whole reply, tombstones included. */
  get inFlight(): number {
    return this.#ring.size;
  }

  /** When something last came from the peer, by the monotonic clock. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Bytes that the system has not taken yet. */
  get bufferedBytes(): number {
    return this.congested ? this.#writer.size + (this.#socket?.writableLength ?? 0) : this.#writer.size;
  }

  /** Begins to connect; the owner hears of the outcome. */
  open(): void {
    this.#step('connecting');
    this.#openedAt = millisNow();
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
    if (pending.startedAt === 0) pending.startedAt = this.#turnTime;
    this.#tally.commands += pending.count;
    this.#ring.push(pending);
    this.#unwritten++;
    this.#watch.note(pending.deadline);
  }

  /** Sends PING for the only command in flight, which takes its reply as well; false if that is not the only one. */
  probe(): boolean {
    if (!this.ready || this.#ring.size !== 1) return false;
    if (!this.#flushIsDue) this.#dueFlush();
    this.#writer.add(PING);
    return true;
  }

  /** A command in flight has got a nearer deadline. */
  noteDeadline(deadline: number): void {
    if (this.#state !== 'closed') this.#watch.note(deadline);
  }

  /** Fails what waits here for an owner that has given its replies up. */
  abandon(owner: object, errorOf: (written: boolean) => KeyspanError): void {
    const written = this.#ring.size - this.#unwritten;
    for (const pending of this.#refused) abandonIfOf(pending, owner, errorOf(false));
    for (let i = 0; i < this.#ring.size; i++) abandonIfOf(this.#ring.at(i), owner, errorOf(i < written));
    if (this.#state === 'draining') this.#endIfDrained();
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
    const [credentials] = await Promise.all([this.#settings.credentials(), this.#locate()]);
    if (this.#state !== 'connecting') return;
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
      this.owner.progressed?.(this);
    });
    socket.once(this.#settings.tls === null ? 'connect' : 'secureConnect', () => {
      if (this.#state !== 'connecting') return;
      this.#step('handshake');
      this.#dialogue = introduction(this.#settings, credentials);
      this.#talk([]);
    });
  }

  async #locate(): Promise<void> {
    const { locator } = this.#settings;
    if (locator === null) return;
    const address = await locator.locate();
    this.#located = address;
    const { connectTimeout } = locator;
    this.#settings = { ...this.#settings, ...address, path: null, connectTimeout };
    // A node that is stopped takes connections and says nothing; the search is to go on before commands are late.
    if (this.#state === 'connecting') sharedWheel.set(this.#openAlarm, millisNow() + connectTimeout);
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
    this.#tally.connects++;
    this.#reportOpening(null);
    if (this.#settings.pingInterval > 0) sharedWheel.set(this.#pingAlarm, this.#heardAt + this.#settings.pingInterval);
    this.owner.opened(this);
  }

  #onBytes(buffer: Uint8Array, length: number): void {
    if (this.#state === 'closed') return;
    this.#heardAt = millisNow();
    this.#tally.bytesIn += length;
    try {
      this.#decoder.feed(buffer, 0, length);
    } catch (error) {
      this.#lose(
        error instanceof KeyspanError ? error : new ProtocolError('a reply could not be read', { cause: error }),
      );
      return;
    }
    if (this.#state === 'draining') this.#endIfDrained();
    this.owner.progressed?.(this);
  }

  #onReply(reply: Reply): void {
    if (typeof reply === 'object') {
      if (reply instanceof PushReply) {
        this.#onPush(reply);
        return;
      }
      if (reply instanceof ErrorReply) {
        this.#tally.error(reply.code);
      } else if (this.monitoring && reply instanceof Status && isMonitorLine(reply.text)) {
        this.#deliver(new PushReply([MONITOR_LINE, reply.text]));
        return;
      }
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
    if (this.#isRefused(reply)) {
      this.#refuse(head, reply);
      return;
    }
    if (head.take(reply, this.#decoder.plain)) this.#settleHead(head);
  }

  #isRefused(reply: Reply): boolean {
    return this.#settings.locator !== null && this.owner.misdirected !== undefined && isRefusal(reply);
  }

  /** The node did nothing of it: the command waits for another connection, which the owner sees to. */
  #refuse(head: Pending, reply: Reply): void {
    if (head.refuse(reply)) this.#settleHead(head);
    if (this.#state === 'ready') this.#settings.locator!.doubt(this.#located!);
    this.owner.misdirected!(this);
  }

  /** The command at the head of the ring has all its replies. */
  #settleHead(head: Pending): void {
    this.#ring.shift();
    if (!head.blocksByNature) this.#tally.reply(this.#heardAt - head.startedAt, head);
    if (head.isRefused && !head.settled) this.#refused.push(head);
  }

  #onPush(push: PushReply): void {
    if (this.#state === 'closed') return;
    const kind = bytesOf(push.items[0] ?? null) ?? '';
    if (isSubscriptionChange(kind)) {
      if (isShardKind(kind)) this.#shardSubscriptions = Number(push.items[2]);
      else this.#subscriptions = Number(push.items[2]);
      const head = this.#ring.peek();
      const channel = bytesOf(push.items[1] ?? null);
      if (head instanceof SubscriptionCommand && head.awaits(kind, channel) && head.take(push)) this.#settleHead(head);
    }
    this.#deliver(push);
  }

  #deliver(push: PushReply): void {
    try {
      this.owner.push(push, this);
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
    if (this.#socket === null || this.#writer.size === 0) return;
    this.#unwritten = 0;
    this.#tally.bytesOut += this.#writer.size;
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
      if (pending.settled) this.#tally.timeouts++;
      if (pending.settled) silenceToStall = Math.min(silenceToStall, pending.timeout / 2);
      else next = Math.min(next, pending.deadline);
    }
    if (this.#state === 'draining') this.#endIfDrained();
    else if (now - this.#heardAt >= silenceToStall) this.owner.stalled(this);
    return (this.#state as ConnectionState) === 'closed' ? Number.POSITIVE_INFINITY : next;
  }

  /** Draining is over when nobody waits any more: tombstones alone are not worth a connection. */
  #endIfDrained(): void {
    if (!this.#isAwaited) this.#lose(null);
  }

  get #isAwaited(): boolean {
    for (let i = 0; i < this.#ring.size; i++) if (!this.#ring.at(i).settled) return true;
    return false;
  }

  #pingIfQuiet(now: number): void {
    if (!this.ready) return;
    const { pingInterval } = this.#settings;
    // A peer from which nobody waits for a reply may owe some to those who gave up.
    if (now - this.#heardAt >= pingInterval - 5 && !this.#isAwaited) {
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
    if (this.#state !== 'ready' && this.#state !== 'draining' && error !== null) this.#reportOpening(error);
    this.#step('closed');
    sharedWheel.clear(this.#openAlarm);
    sharedWheel.clear(this.#pingAlarm);
    this.#watch.stop();
    this.#socket?.destroy();
    if (error !== null && this.#located !== null && !(error instanceof ClosedError))
      this.#settings.locator?.doubt(this.#located);
    const leftovers: Leftover[] = [];
    for (const pending of this.#refused) if (!pending.settled) leftovers.push({ pending, written: false });
    const written = this.#ring.size - this.#unwritten;
    for (let i = 0; this.#ring.size > 0; i++) {
      const pending = this.#ring.shift()!;
      if (!pending.settled) leftovers.push({ pending, written: i < written });
    }
    this.#unwritten = 0;
    this.owner.closed(this, error, leftovers);
  }

  #reportOpening(error: KeyspanError | null): void {
    if (!connectChannel.hasSubscribers) return;
    const protocol = error === null ? this.greeting.protocol : 0;
    connectChannel.publish({ address: this.address, duration: millisNow() - this.#openedAt, protocol, error });
  }

  #step(to: ConnectionState): void {
    this.#state = stepConnection(this.#state, to);
    this.ready = to === 'ready';
  }
}

/** Fails a command if it is carried out for this owner. */
export function abandonIfOf(pending: Pending, owner: object, error: KeyspanError): void {
  if (pending.owner === owner) pending.reject(error);
}
