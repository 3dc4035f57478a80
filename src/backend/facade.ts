import { bytesOf, decodeAny, itemsOf, type ReplyView } from '../commands/shape.js';
import { DataError, replyErrorOf, WatchError } from '../core/errors.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import type { Backend, BackendStats, CallOptions, Lease, Request } from './backend.js';
import { Batch, type Pipeline } from './batch.js';
import type { BackendEvents, Listener } from './events.js';
import type { Commands } from './facade.gen.js';
import type { FormCall } from './form-call.js';
import { formCallOf, installForms, rawRequest } from './install.js';
import { awaited, laneMethods } from './lane-methods.js';
import type { Lanes } from './lanes.js';
import type { AsyncMode } from './mode.js';
import { type ScanOptions, scanPages } from './scan.js';
import {
  type Arg,
  type ReplyValue,
  replyViewOf,
  type TextView,
  type View,
  type ViewOptions,
  type ViewWith,
} from './view.js';

/** A message from a subscribed channel; `pattern` is set when a pattern matched it. */
export interface Message<V extends View> {
  channel: string;
  pattern: string | null;
  payload: V['bytes'];
}

/** Subscriptions of one callback; `close` ends them. */
export interface Subscription {
  close(): void;
}

/** Watched keys: read, then queue writes with `multi()`; they are carried out only if no watched key changed. */
export interface Watched<V extends View> extends Commands<V, AsyncMode> {
  multi(): Pipeline<V, [], AsyncMode>;
}

/** How often `transaction` starts over when a watched key changed. */
const WATCH_RETRIES_MAX = 100;

/**
 * The asynchronous API over any backend. Its command methods are generated from the command table
 * (`Commands` in facade.gen.ts has their types and docs).
 */
export interface Redis<V extends View = TextView> extends Commands<V, AsyncMode> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype from the command table
export class Redis<V extends View = TextView> {
  readonly #backend: Backend;
  readonly #options: ViewOptions;
  /** @internal */
  readonly view: ReplyView;
  /** @internal */
  readonly asText: boolean;
  /** @internal */
  readonly lanes: Lanes | undefined;

  constructor(backend: Backend, options: ViewOptions = {}) {
    this.#backend = backend;
    this.#options = options;
    this.view = replyViewOf(options);
    this.lanes = backend.lanes;
    this.asText = options.as !== 'bytes';
  }

  /** The same data seen with other reply types. Cheap: nothing is connected or copied. */
  with<const O extends ViewOptions>(options: O): Redis<ViewWith<V, O>> {
    return new Redis<ViewWith<V, O>>(this.#backend, { ...this.#options, ...options });
  }

  /** Gives any command by name; the reply is decoded by its wire kind. An error reply rejects with ReplyError. */
  async call(name: string, ...args: Arg[]): Promise<ReplyValue<V>> {
    return (await this.#send(rawRequest(name, args), (reply) => decodeAny(reply, this.view))) as ReplyValue<V>;
  }

  /** Queues commands and sends them together; not atomic. */
  pipeline(): Pipeline<V, [], AsyncMode> {
    return new Batch(this.view, (requests) => this.#backend.batch(requests, this.#options)) as unknown as Pipeline<
      V,
      [],
      AsyncMode
    >;
  }

  /** Queues commands and carries them out atomically (MULTI … EXEC). */
  multi(): Pipeline<V, [], AsyncMode> {
    const run = (requests: readonly Request[]): Promise<Reply> => this.#backend.transaction(requests, this.#options);
    return new Batch(this.view, run) as unknown as Pipeline<V, [], AsyncMode>;
  }

  /**
   * Optimistic locking: watches `keys`, calls `work`, and starts over when a watched key changed before its
   * `multi().…exec()`. Returns what `work` returns; throws WatchError after 100 attempts.
   */
  async transaction<T>(work: (watched: Watched<V>) => Promise<T>, ...keys: Arg[]): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const lease = await this.#backend.lease(undefined, this.#options);
      try {
        if (keys.length > 0) await leasedCall(lease, rawRequest('WATCH', keys));
        const watched = new Redis<V>(leasedBackend(lease, this.#backend), this.#options);
        return await work(watched as unknown as Watched<V>);
      } catch (error) {
        if (!(error instanceof WatchError) || attempt === WATCH_RETRIES_MAX) throw error;
      } finally {
        lease.release();
      }
    }
  }

  /** Publishes go to `listener` until the subscription is closed. Channels are exact names. */
  subscribe(channels: Arg | readonly Arg[], listener: (message: Message<V>) => void): Promise<Subscription> {
    return this.#listen('SUBSCRIBE', channels, listener);
  }

  /** As `subscribe`, for glob patterns. */
  psubscribe(patterns: Arg | readonly Arg[], listener: (message: Message<V>) => void): Promise<Subscription> {
    return this.#listen('PSUBSCRIBE', patterns, listener);
  }

  /** As `subscribe`, for shard channels. */
  ssubscribe(channels: Arg | readonly Arg[], listener: (message: Message<V>) => void): Promise<Subscription> {
    return this.#listen('SSUBSCRIBE', channels, listener);
  }

  /** All keys, page by page (SCAN). A key present throughout comes at least once; duplicates are possible. */
  scanIter(options: ScanOptions & { type?: string } = {}): AsyncIterable<V['bytes']> {
    return this.#scan(['SCAN'], options, (item) => this.view.bytes(item[0])) as AsyncIterable<V['bytes']>;
  }

  /** The fields and values of a hash, page by page (HSCAN). */
  hscanIter(key: Arg, options: ScanOptions = {}): AsyncIterable<[V['bytes'], V['bytes']]> {
    const decode = ([field, value]: string[]): unknown => [this.view.bytes(field), this.view.bytes(value)];
    return this.#scan(['HSCAN', key], options, decode, 2) as AsyncIterable<[V['bytes'], V['bytes']]>;
  }

  /** The members of a set, page by page (SSCAN). */
  sscanIter(key: Arg, options: ScanOptions = {}): AsyncIterable<V['bytes']> {
    return this.#scan(['SSCAN', key], options, (item) => this.view.bytes(item[0])) as AsyncIterable<V['bytes']>;
  }

  /** The members and scores of a sorted set, page by page (ZSCAN). */
  zscanIter(key: Arg, options: ScanOptions = {}): AsyncIterable<[V['bytes'], number]> {
    const decode = ([member, score]: string[]): unknown => [this.view.bytes(member), Number(score)];
    return this.#scan(['ZSCAN', key], options, decode, 2) as AsyncIterable<[V['bytes'], number]>;
  }

  /** Connects now rather than at the first command. Rejects when the backend cannot be used, or at the deadline. */
  async connect(): Promise<void> {
    await this.#backend.connect?.();
  }

  /** Listens to the life of the backend; returns what ends that. An `error` that nobody listens to harms nothing. */
  on<E extends keyof BackendEvents>(event: E, listener: Listener<E>): () => void {
    return this.#backend.on?.(event, listener) ?? (() => {});
  }

  /** Counters and gauges of the backend, as plain JSON. */
  stats(): BackendStats {
    return this.#backend.stats?.() ?? {};
  }

  /** Lets the commands that were given be answered, then ends the backend behind this view and all others of it. */
  close(): Promise<void> {
    return this.#backend.close();
  }

  /** Ends the backend at once; what waits is rejected with ClosedError. */
  destroy(): void {
    if (this.#backend.destroy === undefined) void this.#backend.close();
    else this.#backend.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Every command method ends here. */
  invoke(call: FormCall, args: readonly unknown[]): Promise<unknown> {
    try {
      const request = { spec: call.spec, argv: call.print(args) };
      const backend = this.#backend;
      if (backend.ask !== undefined) return backend.ask(request, call.form.reply, this.view, this.#options);
      return this.#send(request, (reply) => call.form.reply.decode(reply, this.view));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #send(request: Request, decode: (reply: Reply) => unknown): Promise<unknown> {
    const reply = await this.#backend.call(request, this.#options);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return decode(reply);
  }

  async *#scan(
    words: readonly Arg[],
    options: ScanOptions & { type?: string },
    decode: (item: string[]) => unknown,
    width = 1,
  ): AsyncIterable<unknown> {
    const [name, ...head] = words;
    const pages = scanPages(name as string, head, options, width);
    let step = pages.next();
    while (!step.done) {
      const reply = await this.#backend.call(step.value.request, this.#options);
      if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: step.value.request.spec.name });
      for (const item of step.value.items(reply)) yield decode(item);
      step = pages.next(reply);
    }
  }

  async #listen(
    command: string,
    channels: Arg | readonly Arg[],
    listener: (message: Message<V>) => void,
  ): Promise<Subscription> {
    const list = (Array.isArray(channels) ? channels : [channels]) as readonly Arg[];
    if (list.length === 0) throw new DataError('at least one channel is needed');
    const lease = await this.#backend.lease((push) => {
      const message = this.#messageOf(push);
      if (message !== null) listener(message);
    }, this.#options);
    try {
      await leasedCall(lease, rawRequest(command, list));
    } catch (error) {
      lease.release();
      throw error;
    }
    return { close: () => lease.release() };
  }

  #messageOf(push: PushReply): Message<V> | null {
    const [kind, ...parts] = itemsOf(push)!.map((item) => bytesOf(item) ?? '');
    if (kind === 'message' || kind === 'smessage') return this.#message(null, parts[0], parts[1]);
    return kind === 'pmessage' ? this.#message(parts[0], parts[1], parts[2]) : null;
  }

  #message(pattern: string | null, channel: string, payload: string): Message<V> {
    const text = replyViewOf({});
    return {
      channel: text.bytes(channel) as string,
      pattern: pattern === null ? null : (text.bytes(pattern) as string),
      payload: this.view.bytes(payload) as V['bytes'],
    };
  }
}
const own = Object.entries(laneMethods(formCallOf)).map(([name, method]) => [name, awaited(method)] as const);
installForms(Redis.prototype, () => true, Object.fromEntries(own));

async function leasedCall(lease: Lease, request: Request): Promise<Reply> {
  const reply = await lease.call(request);
  if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
  return reply;
}

/** A backend whose commands all go through one lease. */
function leasedBackend(lease: Lease, outer: Backend): Backend {
  // Given together, so that they travel together; a conversation answers in order.
  const batch = (requests: readonly Request[], options?: CallOptions): Promise<Reply[]> =>
    Promise.all(requests.map((request) => lease.call(request, options)));
  return {
    capabilities: outer.capabilities,
    call: (request, options) => lease.call(request, options),
    batch,
    async transaction(requests, options) {
      const replies = await batch([rawRequest('MULTI', []), ...requests, rawRequest('EXEC', [])], options);
      return replies[replies.length - 1]!;
    },
    lease: (onPush) => outer.lease(onPush),
    close: () => outer.close(),
  };
}
