import type { Guard, Receiver, Request } from '../backend/backend.js';
import { isBoundToNode } from '../backend/split.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import { millisNow } from '../core/clock.js';
import { type Applied, type KeyspanError, replyErrorOf, TimeoutError } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import { type CommandMessage, commandChannel } from './diagnostics.js';
import type { RequestWriter } from './request-writer.js';
import type { SignalGroups } from './signal-groups.js';

type Resolve = (value: unknown) => void;
type Reject = (reason: unknown) => void;

let capturedResolve: Resolve;
let capturedReject: Reject;
/** One executor for all promises: a closure per command would cost as much as the promise itself. */
const capture = (resolve: Resolve, reject: Reject): void => {
  capturedResolve = resolve;
  capturedReject = reject;
};

/** In the place of promises that nobody waits for: there is a receiver. */
const unasked = Promise.resolve<unknown>(null);
const noop = (): void => {};

function isForSentinel({ spec }: Request): boolean {
  return spec.flags.includes('only_sentinel');
}

/** Whether the command is a read: carried out twice or not at all, it changes nothing. */
function isRead({ spec }: Request): boolean {
  return spec.isReadonly;
}

/** About how many bytes a request is. */
export function bytesIn({ argv }: Request): number {
  let bytes = 0;
  for (const arg of argv) bytes += arg.length;
  return bytes;
}

/**
 * Something that was asked for and has no answer yet. Once settled it stays in the queue of its connection as a
 * tombstone, so that its late reply is taken by it and by nobody else.
 */
export abstract class Pending {
  /** When it must be settled, by the monotonic clock. */
  deadline = Number.POSITIVE_INFINITY;
  /** When it was given, by the monotonic clock; 0 as long as nobody has said. */
  startedAt = 0;
  /** How long that was from the beginning, for the error. */
  timeout = 0;
  /** How often it was written to a connection that was then lost. */
  losses = 0;
  retry: 'never' | 'safe' | 'always' = 'safe';
  settled = false;
  /** It may have no reply for as long as it says itself: that is no slowness. */
  blocksByNature = false;
  /** The node would not carry it out, or part of it; nothing of that part was done. */
  isRefused = false;
  readonly #resolve: Resolve;
  readonly #reject: Reject;
  #unfollow: (() => void) | null = null;
  /** Told instead of the promise, if there is one. */
  readonly receiver: Receiver | null;
  readonly promise: Promise<unknown>;

  constructor(receiver: Receiver | null = null) {
    this.receiver = receiver;
    if (receiver === null) {
      this.promise = new Promise(capture);
      this.#resolve = capturedResolve;
      this.#reject = capturedReject;
    } else {
      this.promise = unasked;
      this.#resolve = noop;
      this.#reject = noop;
    }
  }

  /** Whether a replica may answer it. */
  get mayAskReplica(): boolean {
    return false;
  }

  /** Whether only a Sentinel can answer it. */
  get asksSentinel(): boolean {
    return false;
  }

  /** For errors. */
  abstract readonly commandName: string;
  /** How many commands it is. */
  get count(): number {
    return 1;
  }

  /** About how many bytes it is, for the bound of what may wait. */
  abstract readonly bytes: number;
  /** Whether all of it are reads. */
  abstract readonly isRead: boolean;
  abstract write(writer: RequestWriter): void;
  /** Takes the next reply; true if it was the last that is due. `plain` says that it is known to be ASCII. */
  abstract take(reply: Reply, plain?: boolean): boolean;
  /** Makes it as new, before it is written again. */
  abstract restart(): void;
  /** As `take`, for the refusal of a node that is not the one to ask; it is not settled by that. */
  refuse(_reply: Reply): boolean {
    this.isRefused = true;
    return true;
  }

  /** Lets an abort of `signal` settle it. */
  follow(signal: AbortSignal, groups: SignalGroups): void {
    this.#unfollow = () => groups.remove(signal, this);
    groups.add(signal, this);
  }

  resolve(value: unknown): void {
    this.#settle(null);
    if (this.receiver === null) this.#resolve(value);
    else this.receiver.replied(value as Reply);
  }

  reject(reason: unknown): void {
    if (this.settled) return;
    this.#settle(reason);
    if (this.receiver !== null) {
      this.receiver.failed(reason);
      return;
    }
    const instead = this.instead(reason);
    if (instead === null) this.#reject(reason);
    else this.#resolve(instead);
  }

  /** For whom it is carried out, if that was said. */
  get owner(): object | null {
    return this.receiver?.owner ?? null;
  }

  /** What comes in the place of its failure, if anything does. */
  protected instead(_reason: unknown): Promise<unknown> | null {
    return null;
  }

  /** The signal that it follows was aborted. */
  abort(reason: unknown): void {
    this.reject(reason);
  }

  /** What is to be said of its effect when no reply comes; `written` to the connection that it was given to last. */
  applied(written: boolean): Applied {
    return (written || this.losses > 0) && !this.isRead ? 'maybe' : 'no';
  }

  /** Its deadline has come: rejects it, unless it sets itself another. */
  expire(_now: number, written: boolean, cause?: KeyspanError): void {
    const what = written || this.losses > 0 ? 'had no reply' : 'could not be sent';
    this.reject(this.lateness(what, this.applied(written), cause));
  }

  protected lateness(what: string, applied: Applied, cause?: KeyspanError): TimeoutError {
    const message = `${this.commandName} ${what} within ${this.timeout} ms${cause ? `: ${cause.message}` : ''}`;
    return new TimeoutError(message, { command: this.commandName, applied, cause });
  }

  #settle(error: unknown): void {
    this.settled = true;
    if (commandChannel.hasSubscribers) this.#report(error);
    if (this.#unfollow !== null) this.#unfollow();
  }

  #report(error: unknown): void {
    const duration = this.startedAt === 0 ? 0 : millisNow() - this.startedAt;
    commandChannel.publish({ command: this.commandName, duration, error } satisfies CommandMessage);
  }
}

/**
 * One command. Its reply is decoded by `shape`, or handed over as it came if there is none. A guard answers its failure: a
 * class of its own for that would make each step of every command ask which of the two it has.
 */
export class Command extends Pending {
  readonly request: Request;
  protected readonly shape: Shape | null;
  protected readonly view: ReplyView | null;
  readonly #guard: Guard | null;

  constructor(
    request: Request,
    shape: Shape | null,
    view: ReplyView | null,
    receiver: Receiver | null = null,
    guard: Guard | null = null,
  ) {
    super(receiver);
    this.request = request;
    this.shape = shape;
    this.view = view;
    this.#guard = guard;
  }

  override get owner(): object | null {
    return this.#guard === null ? super.owner : this.#guard.owner;
  }

  override get commandName(): string {
    return this.request.spec.name;
  }

  override get bytes(): number {
    return bytesIn(this.request);
  }

  override get isRead(): boolean {
    return isRead(this.request);
  }

  override get mayAskReplica(): boolean {
    return isRead(this.request) && !isBoundToNode(this.request.spec);
  }

  override get asksSentinel(): boolean {
    return isForSentinel(this.request);
  }

  override write(writer: RequestWriter): void {
    writer.add(this.request.argv);
  }

  override take(reply: Reply, plain = false): boolean {
    if (this.settled) return true;
    const { shape } = this;
    if (shape === null) {
      this.resolve(reply);
    } else if (reply instanceof ErrorReply) {
      this.reject(replyErrorOf(reply.text, { command: this.commandName }));
    } else {
      try {
        const view = this.view!;
        this.resolve(shape.decode(reply, plain ? (view.plain ?? view) : view));
      } catch (error) {
        this.reject(error);
      }
    }
    return true;
  }

  override restart(): void {
    this.isRefused = false;
  }

  protected override instead(reason: unknown): Promise<unknown> | null {
    return this.#guard === null ? null : this.#guard.instead(this.request, this.shape, this.view, reason);
  }
}

/** Several commands with one promise, for all replies. */
export class CommandBatch extends Pending {
  protected readonly requests: readonly Request[];
  readonly #replies: Reply[] = [];
  /** Which of them are to be sent; null for all. The others have their replies. */
  #due: readonly number[] | null = null;
  /** How many replies came since they were sent. */
  #count = 0;
  #refused = new Set<number>();

  constructor(requests: readonly Request[]) {
    super();
    this.requests = requests;
  }

  override get commandName(): string {
    return `a pipeline of ${this.requests.length}`;
  }

  override get count(): number {
    return this.requests.length;
  }

  override get bytes(): number {
    return this.requests.reduce((sum, request) => sum + bytesIn(request), 0);
  }

  override get isRead(): boolean {
    return this.#sent.every(isRead);
  }

  override get mayAskReplica(): boolean {
    return this.requests.every((request) => isRead(request) && !isBoundToNode(request.spec));
  }

  override get asksSentinel(): boolean {
    return this.requests.every(isForSentinel);
  }

  /** What is sent next, or was sent last. */
  get #sent(): readonly Request[] {
    return this.#due === null ? this.requests : this.#due.map((at) => this.requests[at]!);
  }

  override write(writer: RequestWriter): void {
    for (const { argv } of this.#sent) writer.add(argv);
  }

  override take(reply: Reply): boolean {
    const whole = this.#keep(reply);
    if (whole && !this.settled && !this.isRefused) this.resolve(this.#replies);
    return whole;
  }

  override refuse(reply: Reply): boolean {
    this.isRefused = true;
    this.#refused.add(this.#due?.[this.#count] ?? this.#count);
    return this.#keep(reply);
  }

  /** What was carried out elsewhere is not sent again. */
  override applied(written: boolean): Applied {
    const done = this.#due === null ? [] : this.requests.filter((_, at) => !this.#due!.includes(at));
    return done.every(isRead) ? super.applied(written) : 'maybe';
  }

  override restart(): void {
    if (this.isRefused && this.#count === this.#sent.length) this.#due = this.#again();
    this.#count = 0;
    this.isRefused = false;
    this.#refused.clear();
  }

  /** From the first refused one on: those that were refused, and reads, which saw data without what was refused. */
  #again(): number[] {
    const first = Math.min(...this.#refused);
    const due = this.#due ?? this.requests.map((_, at) => at);
    return due.filter((at) => this.#refused.has(at) || (at > first && isRead(this.requests[at]!)));
  }

  /** Puts a reply in its place; returns whether it was the last. */
  #keep(reply: Reply): boolean {
    this.#replies[this.#due?.[this.#count] ?? this.#count] = reply;
    return ++this.#count === (this.#due ?? this.requests).length;
  }
}

const MULTI: Bytes[] = ['MULTI'];
const EXEC: Bytes[] = ['EXEC'];

/** MULTI, commands, EXEC, written together and so never split; its promise is for EXEC's reply. */
export class CommandTransaction extends CommandBatch {
  #left = 0;
  /** The answer to the first command that could not be queued. */
  #unqueued: ErrorReply | null = null;

  override get commandName(): string {
    return 'EXEC';
  }

  override get mayAskReplica(): boolean {
    return false;
  }

  override write(writer: RequestWriter): void {
    this.#left = this.requests.length + 2;
    this.#unqueued = null;
    writer.add(MULTI);
    super.write(writer);
    writer.add(EXEC);
  }

  override take(reply: Reply): boolean {
    if (--this.#left > 0) {
      if (reply instanceof ErrorReply) this.#unqueued ??= reply;
      return false;
    }
    if (!this.settled && !this.isRefused) this.resolve(this.#explained(reply));
    return true;
  }

  /** EXEC says only that a command could not be queued; why is what that command was answered. */
  #explained(reply: Reply): Reply {
    const isAborted = reply instanceof ErrorReply && reply.code === 'EXECABORT' && this.#unqueued !== null;
    return isAborted ? new ErrorReply(reply.text, this.#unqueued) : reply;
  }

  /** A command that is refused while it is queued makes EXEC fail as a whole. */
  override refuse(): boolean {
    this.isRefused = true;
    return --this.#left === 0;
  }

  override restart(): void {
    this.isRefused = false;
  }
}

/** MONITOR: what comes after its reply are lines. */
export class MonitorCommand extends Command {
  readonly #began: () => void;

  constructor(request: Request, began: () => void) {
    super(request, null, null);
    this.#began = began;
  }

  override take(reply: Reply): boolean {
    if (!(reply instanceof ErrorReply)) this.#began();
    return super.take(reply);
  }
}

/** SUBSCRIBE and its kin: answered by one confirmation for each channel, or by one error. */
export class SubscriptionCommand extends Command {
  readonly #confirmations: number;
  #taken = 0;

  constructor(request: Request, confirmations: number) {
    super(request, null, null);
    this.#confirmations = confirmations;
  }

  /** A connection that is lost takes its subscriptions with it: asked for again on another, nothing is done twice. */
  override get isRead(): boolean {
    return true;
  }

  override get mayAskReplica(): boolean {
    return false;
  }

  /** Whether a confirmation is for it: a node that gives a slot away ends subscriptions unasked. */
  awaits(kind: string, channel: Bytes | null): boolean {
    const { argv, spec } = this.request;
    if (spec.name.toLowerCase() !== kind) return false;
    return argv.length === 1 || argv[this.#taken + 1] === channel || (channel !== null && argv.includes(channel, 1));
  }

  override take(reply: Reply): boolean {
    if (!(reply instanceof ErrorReply) && ++this.#taken < this.#confirmations) return false;
    return super.take(reply);
  }

  override restart(): void {
    super.restart();
    this.#taken = 0;
  }
}
