import { arrayFromBytes } from '../core/bytes.js';
import { DataError, type KeyspanError } from '../core/errors.js';
import type { PushReply } from '../core/reply.js';
import type { Backend } from './backend.js';
import type { Lens } from './lens.js';
import { listOf } from './message-stream.js';
import { isGap, type MessageListener, messageOf, type Subscription, subscriberOf } from './messages.js';
import { PushSource } from './push-source.js';
import { type Arg, encodeArg, type View } from './view.js';

export type SubscribeCommand = 'SUBSCRIBE' | 'PSUBSCRIBE' | 'SSUBSCRIBE';

interface Held {
  readonly command: SubscribeCommand;
  readonly listener: unknown;
  readonly lens: Lens;
  /** The channels that it still has, as its view names them. */
  readonly names: Set<string>;
  readonly source: PushSource;
}

const books = new WeakMap<Backend, SubscriptionBook>();

/** The subscriptions of listeners to one backend, so that they can be ended by channel and listener. */
export class SubscriptionBook {
  readonly #backend: Backend;
  readonly #held = new Set<Held>();

  private constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The one book of a backend. */
  static of(backend: Backend): SubscriptionBook {
    const book = books.get(backend) ?? new SubscriptionBook(backend);
    books.set(backend, book);
    return book;
  }

  /** Resolves when the channels are subscribed. */
  async add<V extends View>(
    lens: Lens,
    command: SubscribeCommand,
    channels: Arg | readonly Arg[],
    listener: MessageListener<V>,
  ): Promise<Subscription> {
    const list = listOf(channels);
    if (list.length === 0) throw new DataError('at least one channel is needed');
    const subscriber = subscriberOf(listener);
    const push = (message: PushReply): void => {
      if (isGap(message)) subscriber.gap?.();
      const found = messageOf<V>(message, lens);
      if (found !== null) subscriber.message(found);
    };
    const end = (error: KeyspanError | null): void => {
      this.#held.delete(held);
      subscriber.end?.(error);
    };
    const source = new PushSource(this.#backend, lens.options, { push, end });
    const held: Held = { command, listener, lens, names: new Set(list.map((name) => encodeArg(name))), source };
    await source.give([lens.raw(command, list)]);
    this.#held.add(held);
    return { close: () => this.#drop(held) };
  }

  /** Ends subscriptions made by `command`: of all channels or these, of all listeners or this one. */
  async remove(
    command: SubscribeCommand,
    channels: Arg | readonly Arg[] | undefined,
    listener: unknown,
  ): Promise<void> {
    const gone = channels === undefined ? null : listOf(channels).map((name) => encodeArg(name));
    const mine = [...this.#held].filter(
      (held) => held.command === command && (listener === undefined || held.listener === listener),
    );
    await Promise.all(mine.map((held) => this.#leave(held, gone?.filter((name) => held.names.has(name)) ?? null)));
  }

  async #leave(held: Held, names: readonly string[] | null): Promise<void> {
    for (const name of names ?? []) held.names.delete(name);
    if (names === null || held.names.size === 0) this.#drop(held);
    else if (names.length > 0) await held.source.tell(held.lens.raw(off[held.command], names.map(arrayFromBytes)));
  }

  #drop(held: Held): void {
    this.#held.delete(held);
    held.source.close();
  }
}

const off = { SUBSCRIBE: 'UNSUBSCRIBE', PSUBSCRIBE: 'PUNSUBSCRIBE', SSUBSCRIBE: 'SUNSUBSCRIBE' } as const;
