import type { ReplyView, Shape } from '../commands/shape.js';
import { ClosedError, type KeyspanError } from '../core/errors.js';
import type { PushReply, Reply } from '../core/reply.js';
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
export class LazyBackend implements Backend {
  readonly capabilities: Capabilities;
  readonly #load: () => Promise<Backend>;
  readonly #idleStats: () => BackendStats;
  readonly #waiting = new Set<Listening>();
  #loading: Promise<Backend> | null = null;
  #loaded: Backend | null = null;

  /** `idleStats` is what it tells of itself before it is loaded. */
  constructor(capabilities: Capabilities, load: () => Promise<Backend>, idleStats: () => BackendStats = () => ({})) {
    this.capabilities = capabilities;
    this.#load = load;
    this.#idleStats = idleStats;
  }

  call(request: Request, options?: CallOptions): Promise<Reply> {
    return this.#loaded?.call(request, options) ?? this.#backend().then((backend) => backend.call(request, options));
  }

  /** Only for backends that have `ask`. */
  ask(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    if (this.#loaded !== null) return this.#loaded.ask!(request, shape, view, options);
    return this.#backend().then((backend) => backend.ask!(request, shape, view, options));
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
    return (
      this.#loaded?.batch(requests, options) ?? this.#backend().then((backend) => backend.batch(requests, options))
    );
  }

  transaction(requests: readonly Request[], options?: CallOptions): Promise<Reply> {
    return (
      this.#loaded?.transaction(requests, options) ??
      this.#backend().then((backend) => backend.transaction(requests, options))
    );
  }

  async lease(onPush?: (push: PushReply) => void, options?: CallOptions): Promise<Lease> {
    return await (await this.#backend()).lease(onPush, options);
  }

  async connect(): Promise<void> {
    await (await this.#backend()).connect?.();
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
    const backend = await this.#backend();
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
    await (await this.#backend()).room?.(options);
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

  #backend(): Promise<Backend> {
    if (this.#loading === null) {
      this.#loading = this.#load();
      // First in line: no call can then pass those that wait behind it.
      this.#loading.then(
        (backend) => {
          this.#loaded = backend;
          for (const listening of this.#waiting) this.#listen(listening);
          this.#waiting.clear();
        },
        () => {},
      );
    }
    return this.#loading;
  }
}
