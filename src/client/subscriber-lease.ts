import type { CallOptions, Lease, Request } from '../backend/backend.js';
import type { Bytes } from '../core/bytes.js';
import { ClosedError, type KeyspanError } from '../core/errors.js';
import { ErrorReply, PushReply, type Reply } from '../core/reply.js';
import type { ClientLease } from './lease.js';
import type { Hearer, SubscriptionHub } from './subscription-hub.js';
import { changeOf, type Kind, kinds, Subscriptions } from './subscriptions.js';

const noop = (): void => {};

/**
 * A conversation that hears: its subscriptions are the hub's, by a connection that it shares with others; for anything
 * else (MONITOR, mostly) it gets a connection of its own. Its confirmations count what it has subscribed to itself.
 */
export class SubscriberLease implements Lease, Hearer {
  onEnd: ((error: KeyspanError | null) => void) | null = null;
  readonly names = new Subscriptions();
  isOver = false;
  readonly #hub: SubscriptionHub;
  readonly #onPush: (push: PushReply) => void;
  readonly #openOwn: (options: CallOptions) => Promise<ClientLease>;
  #own: Promise<ClientLease> | null = null;
  /** Changes that have no answer yet, and the last one that began to end subscriptions: order matters to that. */
  readonly #changes = new Set<Promise<unknown>>();
  #ending: Promise<unknown> | null = null;
  #last: PushReply | null = null;

  constructor(
    hub: SubscriptionHub,
    onPush: (push: PushReply) => void,
    openOwn: (options: CallOptions) => Promise<ClientLease>,
  ) {
    this.#hub = hub;
    this.#onPush = onPush;
    this.#openOwn = openOwn;
    hub.add(this);
  }

  async call(request: Request, options: CallOptions = {}): Promise<Reply> {
    const { spec, argv } = request;
    if (this.isOver) throw new ClosedError('the conversation is over', { command: spec.name });
    const change = changeOf(spec.name);
    // With too few arguments it is the server's to say so.
    if (change === null || (change.begins && argv.length === 1)) {
      const own = await this.#opened(options);
      return await own.call(request, options);
    }
    return await (change.begins
      ? this.#begin(change.kind, argv.slice(1), options)
      : this.#leave(change.kind, argv.slice(1), options));
  }

  release(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#hub.drop(this);
    this.#own?.then((own) => own.release(), noop);
  }

  end(error: KeyspanError | null): void {
    if (this.isOver) return;
    this.release();
    this.onEnd?.(error instanceof ClosedError ? null : error);
  }

  push(push: PushReply): void {
    if (this.isOver) return;
    try {
      this.#onPush(push);
    } catch (error) {
      // One listener's own error is nothing to the others.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  joined(kind: Kind, name: Bytes): void {
    this.names.of(kind).add(name);
    this.#confirm(kinds[kind].on.name, kind, name);
  }

  expelled(kind: Kind, name: Bytes): void {
    this.names.of(kind).delete(name);
    this.#confirm(kinds[kind].off.name, kind, name);
  }

  async #begin(kind: Kind, names: readonly Bytes[], options: CallOptions): Promise<Reply> {
    const before = this.#ending;
    const begin = (): Promise<Reply> => this.#hub.subscribe(kind, names, this, options);
    const reply = await this.#noted(before === null ? begin() : before.then(begin, begin));
    return reply instanceof ErrorReply ? reply : this.#last;
  }

  /** What was asked for before it is waited for: it may be what is to end. */
  async #leave(kind: Kind, names: readonly Bytes[], options: CallOptions): Promise<Reply> {
    const leaving = Promise.allSettled(this.#changes).then(() => this.#leaveNow(kind, names, options));
    this.#ending = leaving;
    try {
      return await this.#noted(leaving);
    } finally {
      if (this.#ending === leaving) this.#ending = null;
    }
  }

  async #leaveNow(kind: Kind, given: readonly Bytes[], options: CallOptions): Promise<Reply> {
    const mine = this.names.of(kind);
    const names = given.length > 0 ? given : [...mine];
    let reply: Reply;
    try {
      reply = await this.#hub.unsubscribe(kind, names, this, options);
    } catch (error) {
      for (const name of names) mine.delete(name);
      throw error;
    }
    const { name: command } = kinds[kind].off;
    if (names.length === 0) this.#confirm(command, kind, null);
    for (const name of names) {
      mine.delete(name);
      if (!(reply instanceof ErrorReply)) this.#confirm(command, kind, name);
    }
    return reply instanceof ErrorReply ? reply : this.#last;
  }

  #confirm(command: string, kind: Kind, name: Bytes | null): void {
    this.#last = new PushReply([command.toLowerCase(), name, this.names.countFor(kind)]);
    this.push(this.#last);
  }

  async #noted(change: Promise<Reply>): Promise<Reply> {
    this.#changes.add(change);
    try {
      return await change;
    } finally {
      this.#changes.delete(change);
    }
  }

  /** The connection of its own, opened once; what failed may be tried again. */
  #opened(options: CallOptions): Promise<ClientLease> {
    this.#own ??= this.#openOwn(options).then(
      (own) => {
        own.onEnd = (error) => this.end(error);
        if (this.isOver) own.release();
        return own;
      },
      (error: unknown) => {
        this.#own = null;
        throw error;
      },
    );
    return this.#own;
  }
}
