import type { CallOptions, Lease, Request } from '../backend/backend.js';
import type { Bytes } from '../core/bytes.js';
import { ClosedError } from '../core/errors.js';
import type { PushReply, Reply } from '../core/reply.js';
import { Monitors } from './monitors.js';
import type { Node } from './node.js';
import { isSubscription, type SubscribeCommand, Subscriber } from './subscriber.js';

/**
 * A conversation with one of several nodes, which its first key decides, and what both kinds of it have in common:
 * subscriptions and monitors, which are at several nodes, and the end.
 */
export abstract class NodeLease implements Lease {
  protected readonly onPush: ((push: PushReply) => void) | undefined;
  protected readonly options: CallOptions;
  protected readonly monitors = new Monitors();
  /** Where it is, once that is decided, and the conversation there. */
  protected node: Node | null = null;
  protected lease: Promise<Lease> | null = null;
  protected isReleased = false;
  readonly #subscriber: Subscriber;
  readonly #ended: (lease: NodeLease) => void;

  constructor(
    onPush: ((push: PushReply) => void) | undefined,
    options: CallOptions,
    ended: (lease: NodeLease) => void,
  ) {
    this.onPush = onPush;
    this.options = options;
    this.#ended = ended;
    this.#subscriber = new Subscriber(this, onPush, options);
  }

  abstract placesOf(command: SubscribeCommand, name: Bytes): readonly Node[];
  /** Any command but a subscription or MONITOR. */
  protected abstract give(request: Request, options: CallOptions | undefined): Promise<Reply>;
  protected abstract monitor(request: Request): Promise<Reply>;

  async call(request: Request, options?: CallOptions): Promise<Reply> {
    const { name } = request.spec;
    if (this.isReleased) throw new ClosedError('the conversation is over', { command: name });
    if (isSubscription(request)) return await this.#subscriber.call(request);
    return await (name === 'MONITOR' ? this.monitor(request) : this.give(request, options));
  }

  rehome(): void {
    this.#subscriber.rehome();
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.#subscriber.release();
    this.monitors.release();
    this.letGo();
    this.#ended(this);
  }

  /** Opens the conversation at a node. */
  protected openAt(node: Node): void {
    this.node = node;
    this.lease = node.guard(node.backend.lease(this.onPush, this.options));
    this.lease.catch(() => {});
  }

  /** Gives the conversation at its node back. */
  protected letGo(): void {
    this.lease?.then((lease) => lease.release()).catch(() => {});
  }
}
