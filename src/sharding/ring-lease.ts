import type { CallOptions, Lease, Request } from '../backend/backend.js';
import { keysOf } from '../backend/split.js';
import type { Bytes } from '../core/bytes.js';
import { ClosedError, ConnectionError, CrossSlotError } from '../core/errors.js';
import type { PushReply, Reply } from '../core/reply.js';
import { Monitors } from './monitors.js';
import type { Node } from './node.js';
import { isSubscription, type SubscribeCommand, Subscriber } from './subscriber.js';

/** What a conversation needs of its ring. */
export interface RingHost {
  readonly members: readonly Node[];
  nodeOf(key: Bytes): Node | null;
  firstUp(): Node | null;
  checkTogether(command: string, keys: readonly Bytes[]): void;
}

/**
 * A conversation with a ring. It belongs to the node of the first key it names, and to no other; what comes before the
 * first key in the same turn (MULTI) waits for it. Subscriptions are at the nodes of their channels, patterns at all.
 */
export class RingLease implements Lease {
  readonly #ring: RingHost;
  readonly #onPush: ((push: PushReply) => void) | undefined;
  readonly #options: CallOptions;
  readonly #ended: (lease: RingLease) => void;
  readonly #subscriber: Subscriber;
  readonly #early: (() => void)[] = [];
  #node: Node | null = null;
  #lease: Promise<Lease> | null = null;
  #firstKey: Bytes | null = null;
  /** SELECT and the like, to be said again at the node of the first key. */
  readonly #settings: Request[] = [];
  readonly #monitors = new Monitors();
  /** The last command given so far has been sent. */
  #sent: Promise<void> = Promise.resolve();
  #released = false;

  constructor(
    ring: RingHost,
    onPush: ((push: PushReply) => void) | undefined,
    options: CallOptions,
    ended: (lease: RingLease) => void,
  ) {
    this.#ring = ring;
    this.#onPush = onPush;
    this.#options = options;
    this.#ended = ended;
    this.#subscriber = new Subscriber(this, onPush, options);
  }

  placesOf(command: SubscribeCommand, name: Bytes): readonly Node[] {
    if (command === 'PSUBSCRIBE') return this.#ring.members.filter((node) => node.isUp);
    const node = this.#ring.nodeOf(name);
    return node === null ? [] : [node];
  }

  async call(request: Request, options?: CallOptions): Promise<Reply> {
    const command = request.spec.name;
    if (this.#released) throw new ClosedError('the conversation is over', { command });
    if (isSubscription(request)) return await this.#subscriber.call(request);
    if (command === 'MONITOR') {
      const { members } = this.#ring;
      return await this.#monitors.open(
        members.filter((node) => node.isUp),
        request,
        this.#onPush,
        this.#options,
      );
    }
    const before = this.#sent;
    let sent = (): void => {};
    this.#sent = new Promise((resolve) => {
      sent = resolve;
    });
    try {
      const found = this.#find(request);
      if (found !== null) await found;
      const node = this.#node!;
      const lease = await this.#lease!;
      // Commands are sent in the order in which they were given.
      await before;
      const reply = lease.call(request, options);
      sent();
      return await node.answer(reply);
    } finally {
      sent();
    }
  }

  /** Finds the node of the conversation, or checks that it has the request's keys. */
  #find(request: Request): Promise<void> | null {
    const keys = keysOf(request);
    const command = request.spec.name;
    if (keys.length > 0 && this.#firstKey === null && this.#node !== null) this.#settle(keys[0]!);
    if (keys.length === 0 && request.spec.group === 'connection') this.#settings.push(request);
    if (this.#node === null) {
      if (keys.length === 0) return this.#turn();
      this.#bind(keys[0]!, command, keys);
    } else if (keys.length > 0) {
      this.#checkHome(command, keys);
    }
    return null;
  }

  rehome(): void {
    this.#subscriber.rehome();
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#subscriber.release();
    this.#monitors.release();
    this.#lease?.then((lease) => lease.release()).catch(() => {});
    for (const go of this.#early.splice(0)) go();
    this.#ended(this);
  }

  /** Waits for a key within this turn; without one the first node is as good as any. */
  #turn(): Promise<void> {
    if (this.#early.length === 0) queueMicrotask(() => this.#node === null && this.#open(this.#ring.firstUp()));
    return new Promise((resolve, reject) => {
      this.#early.push(() => (this.#node === null ? reject(this.#nowhere()) : resolve()));
    });
  }

  #bind(key: Bytes, command: string, keys: readonly Bytes[]): void {
    this.#ring.checkTogether(command, keys);
    this.#firstKey = key;
    this.#open(this.#ring.nodeOf(key));
    if (this.#node === null) throw this.#nowhere();
  }

  #open(node: Node | null): void {
    if (node !== null && !this.#released) {
      this.#node = node;
      this.#lease = node.guard(node.backend.lease(this.#onPush, this.#options));
      this.#lease.catch(() => {});
    }
    for (const go of this.#early.splice(0)) go();
  }

  /** The first key of a conversation that has only been set up so far: it goes on at the node of the key. */
  #settle(key: Bytes): void {
    const home = this.#ring.nodeOf(key);
    this.#firstKey = key;
    if (home === this.#node || home === null) return;
    this.#lease?.then((lease) => lease.release()).catch(() => {});
    const opened = home.guard(home.backend.lease(this.#onPush, this.#options));
    this.#node = home;
    this.#lease = opened.then(async (lease) => {
      for (const setting of this.#settings) await lease.call(setting, this.#options);
      return lease;
    });
    this.#lease.catch(() => {});
  }

  #checkHome(command: string, keys: readonly Bytes[]): void {
    if (this.#firstKey !== null) this.#ring.checkTogether(command, [this.#firstKey, ...keys]);
    else if (keys.some((key) => this.#ring.nodeOf(key) !== this.#node)) {
      throw new CrossSlotError(`the conversation is with node '${this.#node!.name}', which has not all keys`, {
        command,
      });
    }
  }

  #nowhere(): ConnectionError {
    return new ConnectionError('all nodes are down');
  }
}
