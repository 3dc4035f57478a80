import type { ReplyView, Shape } from '../commands/shape.js';
import type { Spec } from '../commands/spec.js';
import type { Bytes } from '../core/bytes.js';
import type { KeyspanError } from '../core/errors.js';
import type { PushReply, Reply } from '../core/reply.js';
import type { BackendEvents, Listener } from './events.js';
import type { Lanes } from './lanes.js';

/** A command ready to be carried out: its declaration and its printed arguments, name included. */
export interface Request {
  readonly spec: Spec;
  readonly argv: Bytes[];
}

/** How a call may end before its reply. In-process backends answer at once and ignore these. */
export interface CallOptions {
  /** Milliseconds for connecting, queueing and the reply together; 0 for no limit. */
  readonly timeout?: number;
  /** Aborting it rejects the call with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * What may be resent after a lost connection: nothing that was written to it (`never`), reads (`safe`, the default),
   * or any command, which may then be carried out twice (`always`).
   */
  readonly retry?: 'never' | 'safe' | 'always';
}

/** An exclusive conversation: for MULTI, WATCH, blocking commands and subscriptions. */
export interface Lease {
  call(request: Request, options?: CallOptions): Promise<Reply>;
  /** Gives the conversation back; its state (WATCH, subscriptions) is dropped. */
  release(): void;
  /**
   * Set by the holder: called once if the conversation ends on its own, with the reason, or null because the backend
   * was closed.
   */
  onEnd?: ((error: KeyspanError | null) => void) | null;
}

/**
 * Receives the outcome of a request in place of a promise: exactly once, as soon as it is known. It must not throw, and
 * must defer its reaction to a failure: the backend may be in the middle of losing its connection.
 */
export interface Receiver {
  /** On whose behalf the request is carried out: see `abandon`. */
  readonly owner: object;
  replied(reply: Reply): void;
  failed(error: unknown): void;
}

/** Handles requests that fail. One guard serves all requests given for the same owner in the same way. */
export interface Guard {
  readonly owner: object;
  /**
   * The replacement for a failure; null for the failure itself. It must not throw, and must defer its work, like a
   * receiver.
   */
  instead(request: Request, shape: Shape | null, view: ReplyView | null, error: unknown): Promise<unknown> | null;
}

/**
 * Anything that can carry out commands. Replies are values, error replies included; a rejection means that no reply
 * came.
 */
export interface Backend {
  /** What this backend can do beyond single commands. */
  readonly capabilities: Capabilities;
  /** Present only if commands are carried out in the process. */
  readonly lanes?: Lanes | undefined;
  /**
   * Calls `tell` once with the backend that this one stands for, when that is loaded: calls may go to it directly from then
   * on, and there may be `lanes`. Absent where it stands for none.
   */
  onceLoaded?(tell: (backend: Backend) => void): void;
  call(request: Request, options?: CallOptions): Promise<Reply>;
  /** Like `call`, decoded on arrival (one promise per command); an error reply rejects with ReplyError. */
  ask?(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown>;
  /**
   * Like `ask`, or like `call` without a shape, except that the guard handles failures, so that whoever passes a
   * request on needs no promise of its own. Returns null, having done nothing, for a request that needs `call`. Absent
   * if it would save nothing.
   */
  entrust?(
    request: Request,
    shape: Shape | null,
    view: ReplyView | null,
    options: CallOptions,
    guard: Guard,
  ): Promise<unknown> | null;
  /**
   * Like `call`, without a promise, for callers that create their own. Returns false, having done nothing, for a
   * request that needs `call`. Absent if it would save nothing.
   */
  deliver?(request: Request, options: CallOptions, receiver: Receiver): boolean;
  /** Fails everything that was delivered or entrusted for an owner and has no reply. Present wherever those are. */
  abandon?(owner: object, errorOf: (written: boolean) => KeyspanError): void;
  /** Carries out several commands together, in order; not atomic. */
  batch(requests: readonly Request[], options?: CallOptions): Promise<Reply[]>;
  /** MULTI … EXEC; returns the reply of EXEC. */
  transaction(requests: readonly Request[], options?: CallOptions): Promise<Reply>;
  lease(onPush?: (push: PushReply) => void, options?: CallOptions): Promise<Lease>;
  /** Connects now rather than at the first command. Absent if there is nothing to connect. */
  connect?(): Promise<void>;
  /** Adds a listener; returns the function that removes it. Absent if there are no events. */
  on?<E extends keyof BackendEvents>(event: E, listener: Listener<E>): () => void;
  /** Counters and gauges, as plain JSON. */
  stats?(): BackendStats;
  /** The backends behind it, by name, if there are several. */
  readonly nodes?: ReadonlyMap<string, Backend>;
  /** Has the request carried out by each of `nodes`: its reply or its error, in their order. */
  each?(request: Request, options?: CallOptions): Promise<(Reply | KeyspanError)[]>;
  /** Resolves once a command would not be rejected with QueueFullError. Absent if none ever is. */
  room?(options?: CallOptions): Promise<void>;
  /** Closes after all pending commands have been answered. */
  close(): Promise<void>;
  /** Closes at once; pending commands reject with ClosedError. Absent if nothing can be pending. */
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
