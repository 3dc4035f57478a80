import type { Backend, BackendStats, CallOptions, Guard, Receiver, Request } from '../backend/backend.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import { millisNow } from '../core/clock.js';
import { ConnectionError, type KeyspanError, ReplyError, replyErrorOf, TimeoutError } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';

/** What one of several nodes is made of. */
export interface NodeInput {
  readonly backend: Backend;
  /** For messages, events and `nodes`, and for placing keys: its number unless given. */
  readonly name?: string;
  /** Its share of the keys, 1 unless given. */
  readonly weight?: number;
  /** Whether it is closed with the whole; true unless given. */
  readonly owned?: boolean;
}

/** How it is found out whether a node is there. Times in milliseconds. */
export interface HealthOptions {
  /** How often a node that is up is asked; 1000. 0: only when a command or its connection failed. */
  readonly interval?: number;
  /** How long it has to answer; 1000. */
  readonly timeout?: number;
  /** The first wait before a node that is down is asked again; 100. It doubles each time, up to `retryMax`. */
  readonly retry?: number;
  readonly retryMax?: number;
}

const healthDefaults = { interval: 1000, timeout: 1000, retry: 100, retryMax: 5000 } as const;

/**
 * `up` takes commands. `down` is left alone and asked now and then. `returning` answers again and is being brought up to
 * date.
 *
 *     up ──lost──▶ down ──answers──▶ returning ──ready──▶ up
 *                   ▲                    │
 *                   └────────lost────────┘
 */
export type NodeState = 'up' | 'down' | 'returning';

/** What was asked for: the decoded reply, or the reply as it came where there is no shape. */
export interface Asked {
  readonly request: Request;
  readonly shape: Shape | null;
  readonly view: ReplyView | null;
  readonly options: CallOptions;
}

/** What a node tells of its life. */
export interface NodeHost {
  /** The node failed a request that was entrusted to it: what comes instead, or the failure. */
  instead(node: Node, asked: Asked, error: unknown): Promise<unknown>;
  nodeLost(node: Node, error: KeyspanError): void;
  /** It answers again. Once this resolves it is up; it stays down if this rejects. */
  nodeAnswers(node: Node): Promise<void> | void;
  nodeReady(node: Node): void;
}

const ping: Request = { spec: commands.ping, argv: ['PING'] };

/** One of several backends, and whether it is there. */
export class Node {
  readonly index: number;
  readonly name: string;
  readonly weight: number;
  readonly backend: Backend;
  readonly owned: boolean;
  readonly #host: NodeHost;
  readonly #health: Required<HealthOptions>;
  /** What waits for a reply of it, while it is being watched. */
  readonly #waiting = new Set<(error: KeyspanError) => void>();
  #state: NodeState = 'up';
  #error: KeyspanError | null = null;
  /** The same, for what was not sent. */
  #unsent: KeyspanError | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #probe: Promise<boolean> | null = null;
  #watched = false;
  #ended = false;
  #retries = 0;
  #off: () => void = () => {};
  #substitute: Substitute | null = null;
  /** Commands given to it, and those that it left without reply. */
  calls = 0;
  failures = 0;
  losses = 0;

  constructor(input: NodeInput, index: number, host: NodeHost, health: HealthOptions = {}) {
    this.index = index;
    this.name = input.name ?? String(index);
    this.weight = input.weight ?? 1;
    this.backend = input.backend;
    this.owned = input.owned ?? true;
    this.#host = host;
    this.#health = { ...healthDefaults, ...health };
  }

  get state(): NodeState {
    return this.#state;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Why it is down. */
  get error(): KeyspanError | null {
    return this.#error;
  }

  /** Looks after it from now on. Idempotent. */
  watch(): void {
    if (this.#watched || this.#ended) return;
    this.#watched = true;
    this.#off = this.backend.on?.('close', (error) => error !== null && void this.suspect()) ?? this.#off;
    this.#later(this.#health.interval);
  }

  /**
   * A reply of it, or its failure, which names it. While it is watched, whatever waits is ended as soon as it is known to
   * be down; a command may then have been carried out or not.
   */
  async answer(reply: Promise<Reply>): Promise<Reply> {
    return await this.guard(reply);
  }

  /** As `answer`, for whatever comes of a command. */
  guard<T>(reply: Promise<T>): Promise<T> {
    this.calls++;
    return new Promise<T>((resolve, reject) => this.#follow(reply, resolve, (error) => reject(this.failure(error))));
  }

  /**
   * One request, handed to the backend as it is, with its one promise; the host is asked only if it fails. Null if the
   * backend cannot: it is to be called and guarded. Views give the same options again and again.
   */
  entrust(
    request: Request,
    shape: Shape | null,
    view: ReplyView | null,
    options: CallOptions,
  ): Promise<unknown> | null {
    const { backend } = this;
    if (backend.entrust === undefined) return null;
    if (this.#substitute?.options !== options) this.#substitute = new Substitute(this, this.#host, options);
    const reply = backend.entrust(request, shape, view, options, this.#substitute);
    if (reply !== null) this.calls++;
    return reply;
  }

  /**
   * As `guard`, without a promise; the receiver names the failure (`failure`). What a backend takes for the node's own
   * account it ends itself when the node is lost, which costs nothing as long as it is not.
   */
  deliver(request: Request, options: CallOptions, receiver: Receiver & { readonly owner: Node }): void {
    const { backend } = this;
    this.calls++;
    if (backend.deliver?.(request, options, receiver) === true) return;
    this.deliverReply(backend.call(request, options), receiver);
  }

  /** As `deliver`, for a request that was given already. */
  deliverReply(reply: Promise<Reply>, receiver: Receiver): void {
    this.#follow(
      reply,
      (value) => receiver.replied(value),
      (error) => receiver.failed(error),
    );
  }

  /** Tells of a reply or of what went before it: its failure, or the loss of the node. */
  #follow<T>(reply: Promise<T>, resolve: (value: T) => void, reject: (error: unknown) => void): void {
    const lost = (error: KeyspanError): void => reject(error);
    this.#waiting.add(lost);
    reply.then(
      (value) => {
        if (this.#waiting.delete(lost)) resolve(value);
      },
      (error: unknown) => {
        if (this.#waiting.delete(lost)) reject(error);
      },
    );
  }

  /** A failure, counted, with the node's name in front. */
  failure(error: unknown): unknown {
    if (isFault(error)) this.failures++;
    return this.named(error);
  }

  /** An error of the connection with the node's name in front; any other as it is. */
  named(error: unknown): unknown {
    if (!isFault(error) || error === this.#error || error === this.#unsent) return error;
    const { command, applied, message } = error;
    const details = { ...(command === undefined ? {} : { command }), applied, cause: error };
    const text = `node '${this.name}': ${message}`;
    return error instanceof TimeoutError ? new TimeoutError(text, details) : new ConnectionError(text, details);
  }

  /** Something went wrong: asks whether it is there. True if it is. */
  suspect(): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    if (this.#state !== 'up') return Promise.resolve(false);
    this.#probe ??= this.#ask();
    return this.#probe;
  }

  /** It cannot be used any longer, whether or not it answers: it must come back first. */
  fail(cause: unknown): void {
    if (this.#ended || this.#state === 'down') return;
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#error = new ConnectionError(`node '${this.name}' is down: ${message}`, { cause, applied: 'maybe' });
    this.#state = 'down';
    this.losses++;
    this.#retries = 0;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#later(this.#health.retry);
    this.#host.nodeLost(this, this.#error);
    for (const lost of waiting) lost(this.#error);
    const unsent = new ConnectionError(this.#error.message, { cause, applied: 'no' });
    const maybe = this.#error;
    this.#unsent = unsent;
    this.backend.abandon?.(this, (written) => (written ? maybe : unsent));
  }

  stats(): BackendStats {
    const { calls, failures, losses } = this;
    const error = this.#error?.message ?? null;
    return { ...this.backend.stats?.(), state: this.#state, calls, failures, losses, error };
  }

  /** Ends the watch; the backend is closed by its owner. */
  end(): void {
    this.#ended = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#off();
  }

  #later(wait: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#ended || !this.#watched || wait === 0) return;
    this.#timer = setTimeout(() => void this.#look(), wait);
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async #look(): Promise<void> {
    if (this.#state === 'returning') return;
    if (this.#state === 'up') {
      if (await this.suspect()) this.#later(this.#health.interval);
      return;
    }
    const error = await this.#pinged();
    if (this.#ended || this.#state !== 'down') return;
    if (error === null) await this.#return();
    else this.#again(error);
  }

  #again(error: unknown): void {
    const { retry, retryMax } = this.#health;
    const message = error instanceof Error ? error.message : String(error);
    this.#error = new ConnectionError(`node '${this.name}' is down: ${message}`, { cause: error });
    this.#retries++;
    this.#later(Math.min(retryMax, retry * 2 ** this.#retries));
  }

  async #return(): Promise<void> {
    this.#state = 'returning';
    try {
      await this.#host.nodeAnswers(this);
    } catch (error) {
      // It may have been declared down meanwhile, which has set the next attempt.
      if (this.#stateNow() === 'returning') {
        this.#state = 'down';
        this.#again(error);
      }
      return;
    }
    if (this.#stateNow() !== 'returning' || this.#ended) return;
    this.#state = 'up';
    this.#error = null;
    this.#later(this.#health.interval);
    this.#host.nodeReady(this);
  }

  /** The state, which others may have changed during a wait. */
  #stateNow(): NodeState {
    return this.#state;
  }

  async #ask(): Promise<boolean> {
    const error = await this.#pinged();
    this.#probe = null;
    if (error !== null && this.#state === 'up') this.fail(error);
    return this.#stateNow() === 'up';
  }

  /** Why it does not answer; null if it does. */
  async #pinged(): Promise<unknown> {
    const options: CallOptions = { timeout: this.#health.timeout, retry: 'never' };
    try {
      const reply = await inTime(this.backend.call(ping, options), this.#health.timeout);
      return isUnreadyReply(reply) ? replyErrorOf(reply.text, { command: 'PING' }) : null;
    } catch (error) {
      return error;
    }
  }
}

/** Answers for a node where it failed. */
class Substitute implements Guard {
  readonly owner: Node;
  readonly options: CallOptions;
  readonly #host: NodeHost;

  constructor(owner: Node, host: NodeHost, options: CallOptions) {
    this.owner = owner;
    this.options = options;
    this.#host = host;
  }

  instead(request: Request, shape: Shape | null, view: ReplyView | null, error: unknown): Promise<unknown> | null {
    if (!isFault(error) && !isUnready(error)) return null;
    const failure = this.owner.failure(error);
    // The backend may be in the middle of losing its connection.
    return Promise.resolve().then(() =>
      this.#host.instead(this.owner, { request, shape, view, options: this.options }, failure),
    );
  }
}

const unready = /^(LOADING|MASTERDOWN|CLUSTERDOWN)/;

/** Whether a server says that it cannot tell now, where another one may. */
function isUnready(error: unknown): boolean {
  return error instanceof ReplyError && unready.test(error.message);
}

export function isUnreadyReply(reply: Reply): reply is ErrorReply {
  return reply instanceof ErrorReply && unready.test(reply.text);
}

/** Whether an error means that no reply came, and not that the reply was an error or the arguments were wrong. */
export function isFault(error: unknown): error is KeyspanError {
  return error instanceof ConnectionError || error instanceof TimeoutError;
}

/** Whether a request that ended so may be given again, to another node. */
export function mayRepeat(error: KeyspanError, isRead: boolean, options: CallOptions): boolean {
  if (error instanceof ReplyError || options.retry === 'never') return false;
  return isRead || error.applied === 'no' || options.retry === 'always';
}

/** A promise that is given up after `timeout` milliseconds: a backend need not know of deadlines. */
export function inTime<T>(promise: Promise<T>, timeout: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const startedAt = millisNow();
    const timer = setTimeout(() => {
      reject(new TimeoutError(`no answer within ${Math.round(millisNow() - startedAt)} ms`, { applied: 'maybe' }));
    }, timeout);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
