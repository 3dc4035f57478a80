import type { Request } from '../backend/backend.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import { type Applied, type KeyspanError, replyErrorOf, TimeoutError } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
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

/** Whether the command is a read: carried out twice or not at all, it changes nothing. */
function isRead({ spec }: Request): boolean {
  return spec.isReadonly;
}

/**
 * Something that was asked for and has no answer yet. Once settled it stays in the queue of its connection as a
 * tombstone, so that its late reply is taken by it and by nobody else.
 */
export abstract class Pending {
  /** When it must be settled, by the monotonic clock. */
  deadline = Number.POSITIVE_INFINITY;
  /** How long that was from the beginning, for the error. */
  timeout = 0;
  /** How often it was written to a connection that was then lost. */
  losses = 0;
  retry: 'never' | 'safe' | 'always' = 'safe';
  settled = false;
  readonly #resolve: Resolve;
  readonly #reject: Reject;
  #groups: SignalGroups | null = null;
  #signal: AbortSignal | undefined;
  readonly promise: Promise<unknown>;

  constructor() {
    this.promise = new Promise(capture);
    this.#resolve = capturedResolve;
    this.#reject = capturedReject;
  }

  /** For errors. */
  abstract readonly commandName: string;
  /** Whether all of it are reads. */
  abstract readonly isRead: boolean;
  abstract write(writer: RequestWriter): void;
  /** Takes the next reply; true if it was the last that is due. */
  abstract take(reply: Reply): boolean;
  /** Makes it as new, before it is written again. */
  abstract restart(): void;

  /** Lets an abort of `signal` settle it. */
  follow(signal: AbortSignal, groups: SignalGroups): void {
    this.#signal = signal;
    this.#groups = groups;
    groups.add(signal, this);
  }

  resolve(value: unknown): void {
    this.#settle();
    this.#resolve(value);
  }

  reject(reason: unknown): void {
    if (this.settled) return;
    this.#settle();
    this.#reject(reason);
  }

  /** The signal that it follows was aborted. */
  abort(reason: unknown): void {
    this.reject(reason);
  }

  /** What is to be said of its effect when no reply comes. */
  applied(written: boolean): Applied {
    return written && !this.isRead ? 'maybe' : 'no';
  }

  /** Its deadline has come: rejects it, unless it sets itself another. */
  expire(_now: number, written: boolean, cause?: KeyspanError): void {
    this.reject(this.lateness(written ? 'had no reply' : 'could not be sent', this.applied(written), cause));
  }

  protected lateness(what: string, applied: Applied, cause?: KeyspanError): TimeoutError {
    const message = `${this.commandName} ${what} within ${this.timeout} ms${cause ? `: ${cause.message}` : ''}`;
    return new TimeoutError(message, { command: this.commandName, applied, cause });
  }

  #settle(): void {
    this.settled = true;
    if (this.#groups !== null) this.#groups.remove(this.#signal!, this);
  }
}

/** One command. Its reply is decoded by `shape`, or handed over as it came if there is none. */
export class Command extends Pending {
  readonly request: Request;
  readonly #shape: Shape | null;
  readonly #view: ReplyView | null;

  constructor(request: Request, shape: Shape | null, view: ReplyView | null) {
    super();
    this.request = request;
    this.#shape = shape;
    this.#view = view;
  }

  override get commandName(): string {
    return this.request.spec.name;
  }

  override get isRead(): boolean {
    return isRead(this.request);
  }

  override write(writer: RequestWriter): void {
    writer.add(this.request.argv);
  }

  override take(reply: Reply): boolean {
    if (this.settled) return true;
    const shape = this.#shape;
    if (shape === null) {
      this.resolve(reply);
    } else if (reply instanceof ErrorReply) {
      this.reject(replyErrorOf(reply.text, { command: this.commandName }));
    } else {
      try {
        this.resolve(shape.decode(reply, this.#view!));
      } catch (error) {
        this.reject(error);
      }
    }
    return true;
  }

  override restart(): void {}
}

/** Several commands with one promise, for all replies. */
export class CommandBatch extends Pending {
  protected readonly requests: readonly Request[];
  protected replies: Reply[] = [];

  constructor(requests: readonly Request[]) {
    super();
    this.requests = requests;
  }

  override get commandName(): string {
    return `a pipeline of ${this.requests.length}`;
  }

  override get isRead(): boolean {
    return this.requests.every(isRead);
  }

  override write(writer: RequestWriter): void {
    for (const { argv } of this.requests) writer.add(argv);
  }

  override take(reply: Reply): boolean {
    const whole = this.replies.push(reply) === this.requests.length;
    if (whole && !this.settled) this.resolve(this.replies);
    return whole;
  }

  override restart(): void {
    this.replies = [];
  }
}

const MULTI: Bytes[] = ['MULTI'];
const EXEC: Bytes[] = ['EXEC'];

/** MULTI, commands, EXEC, written together and so never split; its promise is for EXEC's reply. */
export class CommandTransaction extends CommandBatch {
  #left = 0;

  override get commandName(): string {
    return 'EXEC';
  }

  override write(writer: RequestWriter): void {
    this.#left = this.requests.length + 2;
    writer.add(MULTI);
    super.write(writer);
    writer.add(EXEC);
  }

  override take(reply: Reply): boolean {
    if (--this.#left > 0) return false;
    if (!this.settled) this.resolve(reply);
    return true;
  }
}

/** SUBSCRIBE and its kin: answered by one confirmation for each channel, or by one error. */
export class SubscriptionCommand extends Command {
  #left: number;

  constructor(request: Request, confirmations: number) {
    super(request, null, null);
    this.#left = confirmations;
  }

  override take(reply: Reply): boolean {
    if (!(reply instanceof ErrorReply) && --this.#left > 0) return false;
    return super.take(reply);
  }
}
