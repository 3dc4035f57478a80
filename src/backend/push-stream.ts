import type { PushReply } from '../core/reply.js';
import type { Backend, CallOptions, Request } from './backend.js';
import { type BufferOptions, type GapTelling, PushBuffer } from './push-buffer.js';
import { PushSource } from './push-source.js';

/** How an iteration over messages ends, and how messages are buffered. */
export interface StreamOptions extends BufferOptions {
  /** Ends the iteration when aborted, as `break` would. */
  readonly signal?: AbortSignal;
}

/**
 * An iterator over pushes, on a connection of its own. It opens with the first `next()` or with `ready()`, and ends
 * (without an error) by `break`, `return()`, the signal, or when the backend closes.
 */
export abstract class PushStream<T> implements AsyncIterableIterator<T> {
  protected readonly buffer: PushBuffer<T>;
  readonly #source: PushSource;
  readonly #requests: readonly Request[];
  #ready: Promise<void> | null = null;

  constructor(
    backend: Backend,
    requests: readonly Request[],
    [callOptions, options]: readonly [CallOptions, StreamOptions],
    telling: GapTelling<T> = {},
  ) {
    this.#requests = requests;
    this.buffer = new PushBuffer<T>(options, telling);
    const isAborted = (): boolean => options.signal?.aborted === true || callOptions.signal?.aborted === true;
    const listener = {
      push: (push: PushReply) => this.take(push),
      end: (error: unknown) => (isAborted() ? this.buffer.abandon() : this.buffer.end(error)),
    };
    this.#source = new PushSource(backend, callOptions, listener, options.signal);
  }

  /** Puts what a push carries into the buffer. */
  protected abstract take(push: PushReply): void;

  /** How many items were dropped because they were not read in time. */
  get dropped(): number {
    return this.buffer.dropped;
  }

  /** Resolves once it is listening: everything from then on is seen. */
  ready(): Promise<void> {
    this.#ready ??= this.#source.give(this.#requests).then(() => {});
    return this.#ready;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    try {
      if (!this.buffer.ended) await this.ready();
    } catch (error) {
      // What ended it meanwhile has been told already, or is told by the buffer.
      if (!this.buffer.ended) {
        this.buffer.abandon();
        throw error;
      }
    }
    return await this.buffer.take();
  }

  /** Ends the iteration; unread items are dropped. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.buffer.abandon();
    this.#source.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
