import type { ReplyView, Shape } from '../commands/shape.js';
import { ClosedError, type KeyspanError, replyErrorOf } from '../core/errors.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import type { Backend, BackendStats, CallOptions, Capabilities, Guard, Lease, Receiver, Request } from './backend.js';
import { soleNode } from './each.js';
import type { BackendEvents, Listener } from './events.js';

interface Listening {
  readonly event: keyof BackendEvents;
  readonly listener: Listener<keyof BackendEvents>;
  off: () => void;
}

/**
 * A backend that is loaded by the first call: opening a URL is synchronous, and what it does not use is not loaded.
 * Calls keep their order, those given while it loads included.
 */
export class LazyBackend<B extends Backend = Backend> implements Backend {
  readonly capabilities: Capabilities;
  readonly #load: () => Promise<B>;
  readonly #idleStats: () => BackendStats;
  readonly #waiting = new Set<Listening>();
  readonly #tellLoaded: ((backend: B) => void)[] = [];
  #loading: Promise<B> | null = null;
  #loaded: B | null = null;

  /** `idleStats` is what it tells of itself before it is loaded. */
  constructor(capabilities: Capabilities, load: () => Promise<B>, idleStats: () => BackendStats = () => ({})) {
    this.capabilities = capabilities;
    this.#load = load;
    this.#idleStats = idleStats;
  }

  /** What was loaded; null before that. */
  protected get loaded(): B | null {
    return this.#loaded;
  }

  onceLoaded(tell: (backend: B) => void): void {
    if (this.#loaded === null) this.#tellLoaded.push(tell);
    else tell(this.#loaded);
  }

  call(request: Request, options?: CallOptions): Promise<Reply> {
    return this.#loaded?.call(request, options) ?? this.load().then((backend) => backend.call(request, options));
  }

  ask(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    if (this.#loaded !== null) return asked(this.#loaded, request, shape, view, options);
    return this.load().then((backend) => asked(backend, request, shape, view, options));
  }

  /** Null until it is loaded: `call` keeps the order of what waits for that. */
  entrust(
    request: Request,
    shape: Shape | null,
    view: ReplyView | null,
    options: CallOptions,
    guard: Guard,
  ): Promise<unknown> | null {
    return this.#loaded?.entrust?.(request, shape, view, options, guard) ?? null;
  }

  /** False until it is loaded. */
  deliver(request: Request, options: CallOptions, receiver: Receiver): boolean {
    return this.#loaded?.deliver?.(request, options, receiver) ?? false;
  }

  abandon(owner: object, errorOf: (written: boolean) => KeyspanError): void {
    this.#loaded?.abandon?.(owner, errorOf);
  }

  batch(requests: readonly Request[], options?: CallOptions): Promise<Reply[]> {
    return this.#loaded?.batch(requests, options) ?? this.load().then((backend) => backend.batch(requests, options));
  }

  transaction(requests: readonly Request[], options?: CallOptions): Promise<Reply> {
    return (
      this.#loaded?.transaction(requests, options) ??
      this.load().then((backend) => backend.transaction(requests, options))
    );
  }

  async lease(onPush?: (push: PushReply) => void, options?: CallOptions): Promise<Lease> {
    return await (await this.load()).lease(onPush, options);
  }

  async connect(): Promise<void> {
    await (await this.load()).connect?.();
  }

  on<E extends keyof BackendEvents>(event: E, listener: Listener<E>): () => void {
    const listening = { event, listener: listener as Listener<keyof BackendEvents>, off: (): void => {} };
    if (this.#loaded === null) this.#waiting.add(listening);
    else this.#listen(listening);
    return () => {
      this.#waiting.delete(listening);
      listening.off();
    };
  }

  /** Rejects with UnsupportedError where there are not several nodes. */
  async each(request: Request, options?: CallOptions): Promise<(Reply | KeyspanError)[]> {
    const backend = await this.load();
    if (backend.each === undefined) throw soleNode(request);
    return await backend.each(request, options);
  }

  /** None before it is loaded. */
  get nodes(): ReadonlyMap<string, Backend> {
    return this.#loaded?.nodes ?? new Map();
  }

  stats(): BackendStats {
    return this.#loaded?.stats?.() ?? this.#idleStats();
  }

  async room(options?: CallOptions): Promise<void> {
    await (await this.load()).room?.(options);
  }

  /** What was never used is not loaded for its end. */
  async close(): Promise<void> {
    if (this.#loading === null) this.#refuse();
    else await (await this.#loading).close();
  }

  destroy(): void {
    if (this.#loading === null) this.#refuse();
    else
      this.#loading.then(
        (backend) => (backend.destroy === undefined ? backend.close() : backend.destroy()),
        () => {},
      );
  }

  #refuse(): void {
    this.#loading = Promise.reject(new ClosedError('the backend was closed'));
    this.#loading.catch(() => {});
  }

  #listen(listening: Listening): void {
    listening.off = this.#loaded?.on?.(listening.event, listening.listener) ?? listening.off;
  }

  /** Loads it, unless that was done. */
  protected load(): Promise<B> {
    if (this.#loading === null) {
      this.#loading = this.#load();
      // First in line: no call can then pass those that wait behind it.
      this.#loading.then(
        (backend) => {
          this.#loaded = backend;
          for (const listening of this.#waiting) this.#listen(listening);
          this.#waiting.clear();
          for (const tell of this.#tellLoaded.splice(0)) tell(backend);
        },
        () => {},
      );
    }
    return this.#loading;
  }
}

function asked(
  backend: Backend,
  request: Request,
  shape: Shape,
  view: ReplyView,
  options: CallOptions,
): Promise<unknown> {
  return backend.ask?.(request, shape, view, options) ?? decoded(backend.call(request, options), request, shape, view);
}

async function decoded(replied: Promise<Reply>, request: Request, shape: Shape, view: ReplyView): Promise<unknown> {
  const reply = await replied;
  if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
  return shape.decode(reply, view);
}
