import type { CallOptions, Lease, Request } from '../../backend/backend.js';
import { crossSlotError, keysOf } from '../../backend/split.js';
import { commands } from '../../commands/table.js';
import type { Bytes } from '../../core/bytes.js';
import { keySlot } from '../../core/crc16.js';
import { ClosedError, type KeyspanError, WatchError } from '../../core/errors.js';
import { ErrorReply, OK, type PushReply, type Reply } from '../../core/reply.js';
import type { ClusterNode } from './cluster-node.js';
import { ClusterSubscriber, type SubscriberHost } from './cluster-subscriber.js';

/** What a conversation needs of the client. */
export interface LeaseHost extends SubscriberHost {
  /** A command outside of the conversation, wherever its keys are. */
  call(request: Request, options: CallOptions): Promise<Reply>;
}

/** The node a conversation is with, the slot that all its keys have, and the key that decided it. */
interface Pin {
  readonly node: ClusterNode;
  readonly lease: Lease;
  readonly slot: number;
  readonly key: Bytes;
  /** Its keys are on their way to the node: each command needs leave. */
  readonly asking: boolean;
}

const REDIRECTS_MAX = 16;
const redirects = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|READONLY) /;

/**
 * A conversation with a cluster. The first keys decide the node that it is with (WATCH's mostly); MULTI before any key
 * waits for them. All of it must then stay in one slot; reads of other keys go their own way as long as no transaction
 * is being queued. A watched slot that moves ends the attempt as a changed key would: with WatchError.
 */
export class ClusterLease implements Lease {
  onEnd: ((error: KeyspanError | null) => void) | null = null;
  readonly #host: LeaseHost;
  readonly #onPush: ((push: PushReply) => void) | undefined;
  readonly #options: CallOptions;
  readonly #released: (lease: ClusterLease) => void;
  #pin: Promise<Pin> | null = null;
  #slot = -1;
  #key: Bytes = '';
  #inMulti = false;
  /** A command of the transaction was refused: the others are not to be carried out without it. */
  #isSpoilt = false;
  #multiIsDue = false;
  #subscriber: ClusterSubscriber | null = null;
  #isOver = false;

  constructor(
    host: LeaseHost,
    onPush: ((push: PushReply) => void) | undefined,
    options: CallOptions,
    released: (lease: ClusterLease) => void,
  ) {
    this.#host = host;
    this.#onPush = onPush;
    this.#options = options;
    this.#released = released;
  }

  async call(request: Request, options: CallOptions = {}): Promise<Reply> {
    const { spec } = request;
    if (this.#isOver) throw new ClosedError('the conversation is over', { command: spec.name });
    if (spec.group === 'pubsub' && /SUBSCRIBE$/.test(spec.name)) return await this.#subscribed().call(request, options);
    if (spec.name === 'EXEC' && this.#isSpoilt) return await this.#giveUp(options);
    const key = this.#judged(request);
    if (spec.name === 'MULTI') {
      this.#inMulti = true;
      this.#isSpoilt = false;
      if (this.#pin === null) {
        this.#multiIsDue = true;
        return OK;
      }
    } else if (spec.name === 'EXEC' || spec.name === 'DISCARD') {
      this.#inMulti = false;
    } else if (key !== null && this.#isFree(spec.name, key)) {
      return await this.#host.call(request, options);
    } else if (this.#pin === null && spec.name === 'UNWATCH') {
      return OK;
    }
    return await this.#pinned(request, key, options);
  }

  release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#subscriber?.release();
    this.#pin?.then(
      ({ lease }) => lease.release(),
      () => {},
    );
    this.#released(this);
  }

  /** The client closes. */
  shut(): void {
    this.release();
    this.onEnd?.(null);
  }

  /** Whether nothing ties a command to the conversation: no transaction is being queued, nothing is watched in its slot. */
  #isFree(name: string, key: Bytes): boolean {
    if (this.#inMulti || name === 'WATCH') return false;
    return this.#pin === null || (this.#slot >= 0 && keySlot(key) !== this.#slot);
  }

  #judged(request: Request): Bytes | null {
    try {
      return this.#judge(request);
    } catch (error) {
      this.#isSpoilt ||= this.#inMulti;
      throw error;
    }
  }

  /** As a server does with a transaction of which it refused a command. */
  async #giveUp(options: CallOptions): Promise<Reply> {
    this.#isSpoilt = false;
    this.#inMulti = false;
    if (this.#pin !== null) await this.#pinned({ spec: commands.discard, argv: ['DISCARD'] }, null, options);
    this.#multiIsDue = false;
    return new ErrorReply('EXECABORT Transaction discarded because of previous errors.');
  }

  #subscribed(): ClusterSubscriber {
    this.#subscriber ??= new ClusterSubscriber(this.#host, (push) => {
      if (!this.#isOver) this.#onPush?.(push);
    });
    return this.#subscriber;
  }

  /** The first key, null if there is none. Throws CrossSlotError where keys may not be apart. */
  #judge(request: Request): Bytes | null {
    const keys = keysOf(request);
    const [first = null] = keys;
    const { name } = request.spec;
    const together = this.#inMulti || name === 'WATCH';
    for (const key of keys) {
      if (this.#slot >= 0 && together && keySlot(key) !== this.#slot) throw crossSlotError(name, this.#key, key);
      if (together && keySlot(key) !== keySlot(first!)) throw crossSlotError(name, first!, key);
    }
    return first;
  }

  async #pinned(request: Request, key: Bytes | null, options: CallOptions): Promise<Reply> {
    if (this.#pin === null) return await this.#first(request, key, options);
    const pin = await this.#pin;
    return this.#checked(pin, request, await this.#send(pin, request, options));
  }

  /** The command that decides the node. It may follow redirections: nothing hangs on the node yet. */
  async #first(request: Request, key: Bytes | null, options: CallOptions): Promise<Reply> {
    this.#key = key ?? '';
    this.#slot = key === null ? -1 : keySlot(key);
    const multi = this.#multiIsDue;
    this.#multiIsDue = false;
    let node: ClusterNode | null = null;
    let asking = false;
    for (let turn = 0; ; turn++) {
      this.#pin = this.#open(node, asking, options);
      this.#pin.catch(() => {});
      const pin = await this.#pin;
      if (multi) this.#send(pin, { spec: commands.multi, argv: ['MULTI'] }, options).catch(() => {});
      const reply = await this.#send(pin, request, options);
      const refused = reply instanceof ErrorReply && redirects.test(reply.text) ? reply : null;
      if (refused === null || multi || turn >= REDIRECTS_MAX) return this.#checked(pin, request, reply);
      pin.lease.release();
      asking = refused.code === 'ASK';
      node = asking ? this.#host.nodeOf(refused.text, pin.node) : null;
      if (refused.code === 'MOVED') this.#host.noteMoved(refused.text, pin.node);
      else if (!asking) await this.#host.refresh();
    }
  }

  async #open(node: ClusterNode | null, asking: boolean, options: CallOptions): Promise<Pin> {
    const at = node ?? (await this.#host.primaryOf(Math.max(0, this.#slot), { ...this.#options, ...options }));
    const lease = await at.lease(this.#onPush, { ...this.#options, ...options }, () => this.onEnd?.(null));
    return { node: at, lease, slot: this.#slot, key: this.#key, asking };
  }

  #send({ lease, asking }: Pin, request: Request, options: CallOptions): Promise<Reply> {
    if (asking && (!this.#inMulti || request.spec.name === 'MULTI')) {
      lease.call({ spec: commands.asking, argv: ['ASKING'] }, options).catch(() => {});
    }
    return lease.call(request, options);
  }

  /** A refusal by a node that the slot has left: what was watched there is not watched any more. */
  #checked(pin: Pin, { spec }: Request, reply: Reply): Reply {
    if (!(reply instanceof ErrorReply) || !redirects.test(reply.text)) return reply;
    if (reply.code === 'MOVED') this.#host.noteMoved(reply.text, pin.node);
    else void this.#host.refresh().catch(() => {});
    throw new WatchError(`the keys of the transaction are being moved: ${reply.text}`, { command: spec.name });
  }
}
