import { textFromBytes } from '../core/bytes.js';
import type { PushReply } from '../core/reply.js';
import type { Backend } from './backend.js';
import type { Lens } from './lens.js';
import { GAP, messageOf, pushParts } from './messages.js';
import { type BufferOptions, type GapReason, PushBuffer } from './push-buffer.js';
import { PushSource } from './push-source.js';
import type { Arg, View } from './view.js';

/** What a PubSub receives, in the form known from redis-py: confirmations, messages, and gaps. */
export type PubSubEvent<V extends View> =
  | { type: 'message' | 'smessage'; pattern: null; channel: string; data: V['value'] }
  | { type: 'pmessage'; pattern: string; channel: string; data: V['value'] }
  /** `channel` is the channel or pattern, `data` the number of subscriptions of this kind now. */
  | { type: SubscriptionChange; pattern: null; channel: string | null; data: number }
  /** Messages may be missing here. */
  | { type: 'gap'; pattern: null; channel: null; data: GapReason };

/** A confirmed change of a subscription, named after its command. */
export type SubscriptionChange =
  | 'subscribe'
  | 'psubscribe'
  | 'ssubscribe'
  | 'unsubscribe'
  | 'punsubscribe'
  | 'sunsubscribe';

/** Options of `getMessage`. */
export interface GetMessageOptions {
  /** Milliseconds to wait for an event. Default 0. */
  readonly timeout?: number;
  /** Whether to skip confirmations. */
  readonly ignoreSubscribeMessages?: boolean;
}

/**
 * A connection for subscriptions that can change as it goes on. Everything it receives is read with `listen()` or
 * `getMessage()`, in order, from a bounded buffer. It opens with the first subscription and ends with `close()`.
 */
export class PubSub<V extends View> {
  readonly #buffer: PushBuffer<PubSubEvent<V>>;
  readonly #source: PushSource;
  readonly #lens: Lens;
  readonly #names = new Map<string, Set<string>>();

  /** @internal Made by `pubsub()`. */
  constructor(backend: Backend, lens: Lens, options: BufferOptions) {
    this.#buffer = new PushBuffer<PubSubEvent<V>>(options, {
      item: (data) => ({ type: 'gap', pattern: null, channel: null, data }),
    });
    this.#lens = lens;
    this.#source = new PushSource(backend, lens.options, {
      push: (push) => this.#push(push),
      end: (error) => this.#buffer.end(error),
    });
  }

  /** Whether anything is subscribed. */
  get subscribed(): boolean {
    return [...this.#names.values()].some((names) => names.size > 0);
  }

  /** Subscribes to channels, by their exact names. Resolves once they are subscribed. */
  subscribe(...channels: Arg[]): Promise<void> {
    return this.#change('SUBSCRIBE', channels);
  }

  /** Subscribes to glob patterns. Resolves once they are subscribed. */
  psubscribe(...patterns: Arg[]): Promise<void> {
    return this.#change('PSUBSCRIBE', patterns);
  }

  /** Subscribes to shard channels. Resolves once they are subscribed. */
  ssubscribe(...channels: Arg[]): Promise<void> {
    return this.#change('SSUBSCRIBE', channels);
  }

  /** Unsubscribes from these channels, or from all without arguments. */
  unsubscribe(...channels: Arg[]): Promise<void> {
    return this.#leave('UNSUBSCRIBE', channels);
  }

  /** Unsubscribes from these patterns, or from all without arguments. */
  punsubscribe(...patterns: Arg[]): Promise<void> {
    return this.#leave('PUNSUBSCRIBE', patterns);
  }

  /** Unsubscribes from these shard channels, or from all without arguments. */
  sunsubscribe(...channels: Arg[]): Promise<void> {
    return this.#leave('SUNSUBSCRIBE', channels);
  }

  /** Yields all events as long as anything is subscribed. */
  async *listen(): AsyncGenerator<PubSubEvent<V>, void, undefined> {
    while (this.subscribed || this.#buffer.size > 0) {
      const step = await this.#buffer.take();
      if (step.done) return;
      yield step.value;
    }
  }

  /** The next event; null if none came within the timeout. */
  async getMessage(options: GetMessageOptions = {}): Promise<PubSubEvent<V> | null> {
    const { timeout = 0, ignoreSubscribeMessages = false } = options;
    const late = new AbortController();
    const timer = timeout > 0 ? setTimeout(() => late.abort(), timeout) : null;
    try {
      for (;;) {
        const event = await this.#buffer.takeUnless(timer === null ? AbortSignal.abort() : late.signal);
        if (event === null || !ignoreSubscribeMessages || typeof event.data !== 'number' || !isChange(event.type))
          return event;
      }
    } finally {
      if (timer !== null) clearTimeout(timer);
    }
  }

  /** Ends all subscriptions, and `listen()` with them. */
  async close(): Promise<void> {
    this.#names.clear();
    this.#source.close();
    this.#buffer.abandon();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #change(command: string, names: readonly Arg[]): Promise<void> {
    await this.#source.tell(this.#lens.raw(command, names));
  }

  /** Nothing was ever subscribed, so there is nothing to leave and no reason to connect. */
  async #leave(command: string, names: readonly Arg[]): Promise<void> {
    if (this.#source.isOpen) await this.#change(command, names);
  }

  #push(push: PushReply): void {
    const [kind, name, ...rest] = pushParts(push);
    if (kind === GAP) {
      this.#buffer.gap('reconnect');
      return;
    }
    if (isChange(kind!)) {
      const known = kind!.startsWith('p') ? this.#lens.patternOf(name!) : this.#lens.nameOf(name!);
      const channel = push.items[1] === null ? null : textFromBytes(known);
      this.#note(kind, name!, channel !== null);
      this.#buffer.push({ type: kind, pattern: null, channel, data: Number(rest[0]) });
      return;
    }
    const message = messageOf<V>(push, this.#lens);
    if (message === null) return;
    const { channel, pattern, payload: data } = message;
    if (pattern !== null) this.#buffer.push({ type: 'pmessage', pattern, channel, data });
    else this.#buffer.push({ type: kind as 'message' | 'smessage', pattern, channel, data });
  }

  #note(kind: SubscriptionChange, name: string, named: boolean): void {
    const leaves = kind.includes('unsubscribe');
    const group = leaves ? kind.replace('un', '') : kind;
    const names = this.#names.get(group) ?? new Set();
    this.#names.set(group, names);
    if (!leaves) names.add(name);
    else if (named) names.delete(name);
  }
}

const changes: readonly string[] = [
  'subscribe',
  'psubscribe',
  'ssubscribe',
  'unsubscribe',
  'punsubscribe',
  'sunsubscribe',
] satisfies SubscriptionChange[];

function isChange(kind: string): kind is SubscriptionChange {
  return changes.includes(kind);
}
