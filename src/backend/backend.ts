import type { ReplyView, Shape } from '../commands/shape.js';
import type { Spec } from '../commands/spec.js';
import type { Bytes } from '../core/bytes.js';
import type { KeyspanError } from '../core/errors.js';
import type { PushReply, Reply } from '../core/reply.js';
import type { BackendEvents, Listener } from './events.js';
import type { Lanes } from './lanes.js';

/** A command as it is carried out: its declaration and its printed arguments, name words included. */
export interface Request {
  readonly spec: Spec;
  readonly argv: Bytes[];
}

/** How a call may end before its reply. Backends in the process answer at once and need none of it. */
export interface CallOptions {
  /** Milliseconds for connecting, queueing and the reply together; 0 for no limit. */
  readonly timeout?: number;
  /** Aborting it rejects the call with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * What may be sent again after a lost connection: nothing that was written to it (`never`), reads (`safe`, the
   * default), or any command, which may then be carried out twice (`always`).
   */
  readonly retry?: 'never' | 'safe' | 'always';
}

/** A conversation of one's own: MULTI, WATCH, blocking commands and subscriptions happen here. */
export interface Lease {
  call(request: Request, options?: CallOptions): Promise<Reply>;
  /** Gives the conversation back; what it held (WATCH, subscriptions) is dropped. */
  release(): void;
  /** Set by its user: told once if the conversation ends by itself, with why, or null because the backend was closed. */
  onEnd?: ((error: KeyspanError | null) => void) | null;
}

/**
 * Takes what becomes of a request in the place of a promise: it is told once, at the moment when it is known. It must not
 * throw, and what it does about a failure it does later: the backend may be in the middle of losing its connection.
 */
export interface Receiver {
  /** For whom the request is carried out: see `abandon`. */
  readonly owner: object;
  replied(reply: Reply): void;
  failed(error: unknown): void;
}

/** Stands in for requests that fail. One serves all requests that are given for the same owner in the same way. */
export interface Guard {
  readonly owner: object;
  /**
   * What comes in the place of a failure; null for the failure itself. It must not throw, and what it does it does later,
   * as a receiver.
   */
  instead(request: Request, shape: Shape | null, view: ReplyView | null, error: unknown): Promise<unknown> | null;
}

/** Whatever can carry out commands. Replies are values, errors among them; a rejection means that no reply came. */
export interface Backend {
  /** What this backend can do beyond single commands. */
  readonly capabilities: Capabilities;
  /** Only where commands are carried out in the process. */
  readonly lanes?: Lanes;
  call(request: Request, options?: CallOptions): Promise<Reply>;
  /** As `call`, decoded where the reply arrives (one promise per command); an error reply rejects with ReplyError. */
  ask?(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown>;
  /**
   * As `ask`, or as `call` without a shape: what fails the guard answers, so that who gives a request on needs no promise of
   * its own. Null, and nothing is done, for a request that `call` must be given. Absent where it would save nothing.
   */
  entrust?(
    request: Request,
    shape: Shape | null,
    view: ReplyView | null,
    options: CallOptions,
    guard: Guard,
  ): Promise<unknown> | null;
  /**
   * As `call`, without a promise, for those who make one of their own. False, and nothing is done, for a request that
   * `call` must be given. Absent where it would save nothing.
   */
  deliver?(request: Request, options: CallOptions, receiver: Receiver): boolean;
  /** Fails whatever was delivered or entrusted for an owner and has no reply. Present where those are. */
  abandon?(owner: object, errorOf: (written: boolean) => KeyspanError): void;
  /** Several commands in one go, in order; not atomic. */
  batch(requests: readonly Request[], options?: CallOptions): Promise<Reply[]>;
  /** MULTI … EXEC: the reply of EXEC. */
  transaction(requests: readonly Request[], options?: CallOptions): Promise<Reply>;
  lease(onPush?: (push: PushReply) => void, options?: CallOptions): Promise<Lease>;
  /** Gets ready now rather than at the first command. Absent where there is nothing to connect. */
  connect?(): Promise<void>;
  /** Listens to its life; returns what ends that. Absent where nothing can happen. */
  on?<E extends keyof BackendEvents>(event: E, listener: Listener<E>): () => void;
  /** Numbers of its own, plain JSON. */
  stats?(): BackendStats;
  /** The backends behind it, by name, where it is made of several. */
  readonly nodes?: ReadonlyMap<string, Backend>;
  /** The request carried out by each of `nodes`: its reply, or why there is none, in their order. */
  each?(request: Request, options?: CallOptions): Promise<(Reply | KeyspanError)[]>;
  /** Resolves when a command given now would not be refused with QueueFullError. Absent where none ever is. */
  room?(options?: CallOptions): Promise<void>;
  /** Lets commands that were given be answered, and ends. */
  close(): Promise<void>;
  /** Ends at once; what waits is rejected with ClosedError. Absent where nothing can wait. */
  destroy?(): void;
}

/** Counters and gauges by name; those of several nodes are nested by node. */
export interface BackendStats {
  readonly [name: string]: number | string | boolean | null | BackendStats | readonly BackendStats[];
}

/** A backend that carries out non-blocking commands at once. */
export interface SyncBackend {
  readonly lanes?: Lanes;
  callNow(request: Request): Reply;
  transactionNow(requests: readonly Request[]): Reply;
}

export interface Capabilities {
  readonly transactions: boolean;
  readonly blocking: boolean;
  readonly pubsub: boolean;
  /** The commands of one batch may go to different nodes. */
  readonly manyNodes?: boolean;
}
