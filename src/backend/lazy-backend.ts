import type { ReplyView, Shape } from '../commands/shape.js';
import type { PushReply, Reply } from '../core/reply.js';
import type { Backend, CallOptions, Capabilities, Lease, Request } from './backend.js';

/**
 * A backend that is loaded by the first call: opening a URL is synchronous, and what it does not use is not loaded.
 * Calls keep their order, those given while it loads included.
 */
export class LazyBackend implements Backend {
  readonly capabilities: Capabilities;
  readonly #load: () => Promise<Backend>;
  #loading: Promise<Backend> | null = null;
  #loaded: Backend | null = null;

  constructor(capabilities: Capabilities, load: () => Promise<Backend>) {
    this.capabilities = capabilities;
    this.#load = load;
  }

  call(request: Request, options?: CallOptions): Promise<Reply> {
    return this.#loaded?.call(request, options) ?? this.#backend().then((backend) => backend.call(request, options));
  }

  /** Only for backends that have `ask`. */
  ask(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    if (this.#loaded !== null) return this.#loaded.ask!(request, shape, view, options);
    return this.#backend().then((backend) => backend.ask!(request, shape, view, options));
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

  async close(): Promise<void> {
    await (await this.#backend()).close();
  }

  #backend(): Promise<Backend> {
    if (this.#loading === null) {
      this.#loading = this.#load();
      // First in line: no call can then pass those that wait behind it.
      this.#loading.then(
        (backend) => {
          this.#loaded = backend;
        },
        () => {},
      );
    }
    return this.#loading;
  }
}
