import type { ScriptReply } from '../commands/script-replies.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import { replyErrorOf, WatchError } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import type { Backend, BackendStats, Request } from './backend.js';
import { Batch, type Pipeline } from './batch.js';
import { Each } from './each.js';
import type { BackendEvents, Listener } from './events.js';
import type { Commands } from './facade.gen.js';
import type { FormCall } from './form-call.js';
import { installForms, rawRequest } from './install.js';
import type { Lanes } from './lanes.js';
import { leasedBackend } from './leased-backend.js';
import { Lens, type ReplyCallback } from './lens.js';
import { defineLibrary, type Library, type LibraryFunctions } from './library.js';
import { type MessageOptions, MessageStream } from './message-stream.js';
import type { Gap, Message, MessageListener, Subscription } from './messages.js';
import type { AsyncMode } from './mode.js';
import { MonitorStream } from './monitor.js';
import { PubSub } from './pubsub.js';
import type { BufferOptions } from './push-buffer.js';
import { leasedCall } from './push-source.js';
import type { StreamOptions } from './push-stream.js';
import { drawKey } from './random-key.js';
import { type Scan, type ScanOptions, scanPages } from './scan.js';
import {
  type Answer,
  type AsReplied,
  type Callee,
  type CalleeOptions,
  defineScript,
  type Keys,
  keysFor,
  type Script,
} from './script.js';
import { grouped, type SortGroupsOptions } from './sort-groups.js';
import { SubscriptionBook } from './subscription-book.js';
import type { Arg, ReplyValue, TextView, View, ViewOptions, ViewWith } from './view.js';

/** Watched keys: read, then queue writes with `multi()`, which are carried out only if no watched key has changed. */
export interface Watched<V extends View> extends Commands<V, AsyncMode> {
  multi(): Pipeline<V, [], AsyncMode>;
}

/** An exclusive conversation (see `reserve`). `close` gives it back, as `release` does. */
export interface Reserved<V extends View> extends Redis<V> {
  /** Makes the next `multi().…exec()` throw WatchError if one of the keys has changed meanwhile (WATCH). */
  watch(...keys: Arg[]): Promise<void>;
  /** Forgets the watched keys (UNWATCH). */
  unwatch(): Promise<void>;
  /** Gives the conversation back. */
  release(): void;
}

/** How often `transaction` retries when a watched key has changed. */
const WATCH_RETRIES_MAX = 100;

/**
 * The asynchronous API over any backend. Its command methods are generated from the command table
 * (`Commands` in facade.gen.ts has their types and docs).
 */
export interface Redis<V extends View = TextView> extends Commands<V, AsyncMode> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype from the command table
export class Redis<V extends View = TextView> {
  readonly #backend: Backend;
  /** Where commands go: what the backend stands for, once that is there. */
  #direct: Backend;
  readonly #options: ViewOptions;
  readonly #lens: Lens;
  /** @internal */
  readonly view: ReplyView;
  /** @internal */
  readonly asText: boolean;
  /** @internal */
  readonly asNumbers: boolean;
  /** @internal */
  lanes: Lanes | undefined;

  constructor(backend: Backend, options: ViewOptions | Lens = {}) {
    this.#backend = backend;
    this.#lens = options instanceof Lens ? options : new Lens(options);
    this.#options = this.#lens.options;
    this.view = this.#lens.view;
    this.lanes = this.#lens.isPlain ? backend.lanes : undefined;
    this.#direct = backend;
    backend.onceLoaded?.((loaded) => {
      this.#direct = loaded;
      this.lanes = this.#lens.isPlain ? backend.lanes : undefined;
    });
    this.asText = this.#options.as !== 'bytes';
    this.asNumbers = this.#options.integers !== 'bigint';
  }

  /**
   * Another view of the same data, with other reply types (`as`, `integers`), typed values (`codec`), a key prefix
   * (`prefix`) or deadlines. Views of views compose. Cheap: nothing is connected or copied.
   */
  with<const O extends ViewOptions>(options: O): Redis<ViewWith<V, O>> {
    return new Redis<ViewWith<V, O>>(this.#backend, this.#lens.with(options));
  }

  /** Carries out any command by name; the reply is decoded by its wire type. An error reply rejects with ReplyError. */
  async call(name: string, ...args: Arg[]): Promise<ReplyValue<V>> {
    const request = this.#lens.raw(name, args);
    return (await this.#send(request, this.#lens.rawShapeOf(request.spec))) as ReplyValue<V>;
  }

  /**
   * Passes the replies of a command through `callback` from now on, also in batches and in views derived from this one.
   * The callback receives the reply as `call` would return it. Null removes it.
   */
  setReplyCallback(command: string, callback: ((reply: ReplyValue<V>) => unknown) | null): void {
    this.#lens.setCallback(command, callback as ReplyCallback | null);
    this.lanes = this.#lens.isPlain ? this.#backend.lanes : undefined;
  }

  /**
   * A script as a function: `script(keys, args)`. Nothing is sent before the first call; calls send its SHA-1, and the
   * source where the server does not know it. In batches: `batch.run(script, keys, args)`.
   */
  registerScript<const K extends number = number, const R extends ScriptReply = 'any', T = AsReplied>(
    source: string,
    options: CalleeOptions<K, R, T> & { readonly name?: string } = {},
  ): Script<V, K, R, T> {
    return this.#bound(defineScript(source, options)) as unknown as Script<V, K, R, T>;
  }

  /**
   * The functions of a library (`#!lua name=…`) as an object of functions. The library is loaded, replacing one of the
   * same name, when one of its functions is called and the server does not know it; batches need `load()` first.
   */
  registerLibrary<const F extends LibraryFunctions>(source: string, functions: F): Library<V, F> {
    const callees = Object.entries(defineLibrary(source, functions));
    const bound = callees.map(([name, callee]) => [name, this.#bound(callee)] as const);
    const load = (): Promise<unknown> => this.functionLoad(source, { replace: true });
    return Object.fromEntries([...bound, ['load', load] as const]) as unknown as Library<V, F>;
  }

  /** Calls a script or function, declared by `defineScript` or registered on another view. */
  async run<K extends number, R extends ScriptReply, T>(
    callee: Callee<K, R, T>,
    keys: Keys<K>,
    args: readonly Arg[] = [],
  ): Promise<Answer<V, R, T>> {
    const list = keysFor(callee, keys);
    const brief = callee.brief(this.#lens, list, args);
    let reply = await this.#backend.call(brief, this.#options);
    if (reply instanceof ErrorReply && callee.isUnknown(reply.text)) {
      const whole = callee.whole(this.#lens, list, args);
      if (whole === null) await this.#replyOf(callee.load(this.#lens));
      reply = await this.#backend.call(whole ?? brief, this.#options);
    }
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: brief.spec.name });
    return callee.shape.decode(reply, this.view) as Answer<V, R, T>;
  }

  /** Queues commands and sends them together; not atomic. */
  pipeline(): Pipeline<V, [], AsyncMode> {
    const run = (requests: readonly Request[]): Promise<Reply> => this.#backend.batch(requests, this.#options);
    const { manyNodes } = this.#backend.capabilities;
    return new Batch(this.#lens, run, manyNodes) as unknown as Pipeline<V, [], AsyncMode>;
  }

  /** Queues commands and carries them out atomically (MULTI … EXEC). */
  multi(): Pipeline<V, [], AsyncMode> {
    const run = (requests: readonly Request[]): Promise<Reply> => this.#backend.transaction(requests, this.#options);
    return new Batch(this.#lens, run) as unknown as Pipeline<V, [], AsyncMode>;
  }

  /**
   * Optimistic locking: watches `keys`, calls `work`, and starts over when a watched key changed before its
   * `multi().…exec()`. Returns what `work` returns; throws WatchError after 100 attempts.
   */
  async transaction<T>(work: (watched: Watched<V>) => Promise<T>, ...keys: Arg[]): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const lease = await this.#backend.lease(undefined, this.#options);
      try {
        if (keys.length > 0) await leasedCall(lease, this.#lens.raw('WATCH', keys));
        const watched = new Redis<V>(leasedBackend(lease, this.#backend), this.#lens);
        return await work(watched as unknown as Watched<V>);
      } catch (error) {
        if (!(error instanceof WatchError) || attempt === WATCH_RETRIES_MAX) throw error;
      } finally {
        lease.release();
      }
    }
  }

  /**
   * Passes messages of channels to `listener`, a function or a Subscriber object, until the subscription is closed
   * (SUBSCRIBE). Channels are exact names. Resolves once they are subscribed.
   */
  subscribe(channels: Arg | readonly Arg[], listener: MessageListener<V>): Promise<Subscription> {
    return SubscriptionBook.of(this.#backend).add(this.#lens, 'SUBSCRIBE', channels, listener);
  }

  /** Like `subscribe`, for glob patterns (PSUBSCRIBE). */
  psubscribe(patterns: Arg | readonly Arg[], listener: MessageListener<V>): Promise<Subscription> {
    return SubscriptionBook.of(this.#backend).add(this.#lens, 'PSUBSCRIBE', patterns, listener);
  }

  /** Like `subscribe`, for shard channels (SSUBSCRIBE). */
  ssubscribe(channels: Arg | readonly Arg[], listener: MessageListener<V>): Promise<Subscription> {
    return SubscriptionBook.of(this.#backend).add(this.#lens, 'SSUBSCRIBE', channels, listener);
  }

  /** Ends subscriptions made by `subscribe`: for these channels or all, for this listener or all. */
  unsubscribe(channels?: Arg | readonly Arg[], listener?: MessageListener<V>): Promise<void> {
    return SubscriptionBook.of(this.#backend).remove('SUBSCRIBE', channels, listener);
  }

  /** Ends subscriptions made by `psubscribe`. */
  punsubscribe(patterns?: Arg | readonly Arg[], listener?: MessageListener<V>): Promise<void> {
    return SubscriptionBook.of(this.#backend).remove('PSUBSCRIBE', patterns, listener);
  }

  /** Ends subscriptions made by `ssubscribe`. */
  sunsubscribe(channels?: Arg | readonly Arg[], listener?: MessageListener<V>): Promise<void> {
    return SubscriptionBook.of(this.#backend).remove('SSUBSCRIBE', channels, listener);
  }

  /**
   * An iterator over messages. A name that contains `*`, `?` or `[` is a pattern, any other a channel; the options `{
   * channels, patterns, shardChannels }` state it explicitly. At most `buffer` messages (1000) wait to be read; beyond
   * that the oldest is dropped, unless `overflow` says otherwise. Ends with `break`, the signal, or when the backend
   * closes.
   */
  messages(
    ...args: [...names: Arg[], options: MessageOptions & { readonly gaps: true }]
  ): MessageStream<V, Message<V> | Gap>;
  messages(...args: Arg[] | [...names: Arg[], options: MessageOptions]): MessageStream<V>;
  messages(...args: (Arg | MessageOptions)[]): AsyncIterableIterator<unknown> {
    return new MessageStream<V>(this.#backend, this.#lens, args);
  }

  /** A subscription whose channels can change as it goes on, read with `listen()` or `getMessage()`. */
  pubsub(options: BufferOptions = {}): PubSub<V> {
    return new PubSub<V>(this.#backend, this.#lens, options);
  }

  /**
   * An iterator over the commands of all clients as the server carries them out (MONITOR). Up to 10,000 wait to be
   * read.
   */
  monitor(options: StreamOptions = {}): MonitorStream<V> {
    return new MonitorStream<V>(this.#backend, this.#lens, options);
  }

  /**
   * Reserves an exclusive conversation with all commands: WATCH, SELECT and the like affect nobody else. Give it back
   * with `release()` or `await using`.
   */
  async reserve(): Promise<Reserved<V>> {
    const lease = await this.#backend.lease(undefined, this.#options);
    const release = (): void => lease.release();
    const backend = leasedBackend(lease, this.#backend, async () => release());
    const own = {
      watch: async (...keys: Arg[]) => void (await leasedCall(lease, this.#lens.raw('WATCH', keys), this.#options)),
      unwatch: async () => void (await leasedCall(lease, rawRequest('UNWATCH', []), this.#options)),
      release,
    };
    return Object.assign(new Redis<V>(backend, this.#lens), own);
  }

  /**
   * SORT with several GET patterns: for each element, the list of what they returned. One round trip. Throws DataError
   * without a pattern.
   */
  async sortGroups(key: Arg, options: SortGroupsOptions): Promise<(V['value'] | null)[][]> {
    return grouped(await this.sort(key, options), options);
  }

  /**
   * Iterates over all keys, page by page (SCAN). A key present throughout is returned at least once; duplicates are
   * possible.
   */
  scanIter(options: ScanOptions & { type?: string } = {}): AsyncIterable<V['bytes']> {
    return this.#scan({ method: 'scan' }, options, ([key]) =>
      this.view.bytes(this.#lens.nameOf(key!)),
    ) as AsyncIterable<V['bytes']>;
  }

  /** Iterates over the fields and values of a hash, page by page (HSCAN). */
  hscanIter(key: Arg, options: ScanOptions = {}): AsyncIterable<[V['bytes'], V['value']]> {
    const decode = ([field, value]: string[]): unknown => [this.view.bytes(field!), this.view.value(value!)];
    return this.#scan({ method: 'hscan', head: [key], width: 2 }, options, decode) as AsyncIterable<
      [V['bytes'], V['value']]
    >;
  }

  /** Iterates over the members of a set, page by page (SSCAN). */
  sscanIter(key: Arg, options: ScanOptions = {}): AsyncIterable<V['value']> {
    const scan = { method: 'sscan', head: [key] } as const;
    return this.#scan(scan, options, ([member]) => this.view.value(member!)) as AsyncIterable<V['value']>;
  }

  /** Iterates over the members and scores of a sorted set, page by page (ZSCAN). */
  zscanIter(key: Arg, options: ScanOptions = {}): AsyncIterable<[V['value'], number]> {
    const decode = ([member, score]: string[]): unknown => [this.view.value(member!), Number(score)];
    return this.#scan({ method: 'zscan', head: [key], width: 2 }, options, decode) as AsyncIterable<
      [V['value'], number]
    >;
  }

  /** The nodes behind this API by name, each with the same view; empty if there are not several. */
  get nodes(): ReadonlyMap<string, Redis<V>> {
    const nodes = [...(this.#backend.nodes ?? [])];
    return new Map(nodes.map(([name, backend]) => [name, new Redis<V>(backend, this.#lens)]));
  }

  /**
   * Carries out each command on every node (of a ring, mirror or cluster): a list with one reply, or error, per node,
   * in the order of `nodes`. Rejects with UnsupportedError if there are not several nodes.
   */
  get each(): Each<V> {
    return new Each<V>(this.#backend, this.#lens);
  }

  /** @internal The backend of this API, for backends composed of others. */
  get backend(): Backend {
    return this.#backend;
  }

  /** Connects now rather than at the first command. Rejects if the backend cannot be used, or at the deadline. */
  async connect(): Promise<void> {
    await this.#backend.connect?.();
  }

  /** Listens to lifecycle events; returns the function that stops that. An `error` without listeners is harmless. */
  on<E extends keyof BackendEvents>(event: E, listener: Listener<E>): () => void {
    return this.#backend.on?.(event, listener) ?? (() => {});
  }

  /** Counters and gauges of the backend, as plain JSON. */
  stats(): BackendStats {
    return this.#backend.stats?.() ?? {};
  }

  /**
   * Resolves once a command would not be rejected with QueueFullError: at once, unless too many are waiting. The
   * timeout and signal of the view apply.
   */
  async room(): Promise<void> {
    await this.#backend.room?.(this.#options);
  }

  /** Closes the backend, shared by all views of it, after pending commands have been answered. */
  close(): Promise<void> {
    return this.#backend.close();
  }

  /** Closes the backend at once; pending commands reject with ClosedError. */
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
      const lens = this.#lens;
      if (lens.hasPrefix && call.spec === commands.randomkey) return this.#drawKey(call);
      const request = { spec: call.spec, argv: call.print(args, lens.encode) };
      const shape = lens.altersReplies ? lens.shapeOf(call) : call.form.reply;
      const backend = this.#direct;
      if (backend.ask !== undefined) return backend.ask(request, shape, this.view, this.#options);
      return this.#send(request, shape);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #bound(callee: Callee): Callee {
    const call = (keys: Arg | readonly Arg[], args?: readonly Arg[]): Promise<unknown> =>
      this.run(callee, keys as Keys<number>, args);
    return Object.assign(Object.defineProperty(call, 'name', { writable: true }), callee);
  }

  async #send(request: Request, shape: Shape): Promise<unknown> {
    // Not through #replyOf: every in-process call passes here, and each await costs.
    const reply = await this.#direct.call(request, this.#options);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return shape.decode(reply, this.view);
  }

  async #replyOf(request: Request): Promise<Reply> {
    const reply = await this.#backend.call(request, this.#options);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return reply;
  }

  async #drawKey(call: FormCall): Promise<unknown> {
    const draw = drawKey(this.#lens);
    let step = draw.next();
    while (!step.done) step = draw.next(await this.#replyOf(step.value));
    return this.#lens.shapeOf(call).decode(step.value, this.view);
  }

  async *#scan(
    scan: Scan,
    options: ScanOptions & { type?: string },
    decode: (item: string[]) => unknown,
  ): AsyncIterable<unknown> {
    const pages = scanPages(this.#lens, scan, options);
    let step = pages.next();
    while (!step.done) {
      const reply = await this.#replyOf(step.value.request);
      for (const item of step.value.items(reply)) yield decode(item);
      step = pages.next(reply);
    }
  }
}
installForms(Redis.prototype);
