import type { CallOptions, Lease, Request } from '../../backend/backend.js';
import { GAP } from '../../backend/messages.js';
import { bytesOf } from '../../commands/shape.js';
import { commands } from '../../commands/table.js';
import type { Bytes } from '../../core/bytes.js';
import { millisNow } from '../../core/clock.js';
import { keySlot } from '../../core/crc16.js';
import { ClosedError, ConnectionError, replyErrorOf } from '../../core/errors.js';
import { ErrorReply, PushReply, type Reply } from '../../core/reply.js';
import { Alarm, sharedWheel } from '../timer-wheel.js';
import type { ClusterNode } from './cluster-node.js';
import { pause } from './pause.js';

/** What a subscriber needs of the client. */
export interface SubscriberHost {
  /** For calls that name none. */
  readonly timeout: number;
  /** A primary that is up if there is one: that of the slot, if possible. */
  anyNode(slot: number, options: CallOptions): Promise<ClusterNode>;
  /** The node that serves a slot, as soon as one is known. */
  primaryOf(slot: number, options: CallOptions): Promise<ClusterNode>;
  /** A node said that another one serves the slot. */
  noteMoved(text: string, from: ClusterNode): void;
  /** The node that a redirection names. */
  nodeOf(text: string, from: ClusterNode): ClusterNode | null;
  /** What is known of who serves what may be old. */
  refresh(): Promise<void>;
}

/** A conversation with one node and what is subscribed in it. */
interface Station {
  readonly lease: Lease;
  readonly node: ClusterNode;
}

const RETRY_FIRST_MS = 20;
const RETRY_CAP_MS = 1000;
const MOVES_MAX = 16;
/** A node that does not answer is not waited for when channels are subscribed again. */
const again: CallOptions = { timeout: 1000 };

/**
 * The subscriptions of one listener. Channels and patterns are heard at one node, any will do; shard channels at the
 * node that serves their slot. When a node is lost, or gives a slot away, they are subscribed anew where they belong
 * by then, and a push of kind `gap` says that messages may be missing.
 */
export class ClusterSubscriber {
  readonly #host: SubscriberHost;
  readonly #onPush: (push: PushReply) => void;
  readonly #channels = new Set<Bytes>();
  readonly #patterns = new Set<Bytes>();
  readonly #shardChannels = new Set<Bytes>();
  /** Where channels and patterns are heard. */
  #home: Promise<Station> | null = null;
  /** Where shard channels are heard, by node. */
  readonly #shards = new Map<ClusterNode, Promise<Station>>();
  /** Which station a slot's channels are subscribed at. */
  readonly #slots = new Map<number, Station>();
  readonly #retry = new Alarm(() => void this.#restore());
  #attempt = 0;
  #restoring = false;
  #released = false;

  constructor(host: SubscriberHost, onPush: (push: PushReply) => void) {
    this.#host = host;
    this.#onPush = onPush;
  }

  /** SUBSCRIBE and its kin. */
  async call(request: Request, options: CallOptions): Promise<Reply> {
    const { spec, argv } = request;
    const names = argv.slice(1);
    switch (spec.name) {
      case 'SUBSCRIBE':
      case 'PSUBSCRIBE': {
        const reply = await this.#atHome(request, options);
        const wanted = spec.name === 'SUBSCRIBE' ? this.#channels : this.#patterns;
        if (!(reply instanceof ErrorReply)) for (const name of names) wanted.add(name);
        return reply;
      }
      case 'SSUBSCRIBE':
        return await this.#subscribeShards(names, options);
      case 'SUNSUBSCRIBE':
        return await this.#unsubscribeShards(request, names, options);
      default: {
        const wanted = spec.name === 'UNSUBSCRIBE' ? this.#channels : this.#patterns;
        for (const name of names.length > 0 ? names : [...wanted]) wanted.delete(name);
        return await this.#atHome(request, options);
      }
    }
  }

  release(): void {
    this.#released = true;
    sharedWheel.clear(this.#retry);
    for (const station of [this.#home, ...this.#shards.values()]) {
      station?.then(
        ({ lease }) => lease.release(),
        () => {},
      );
    }
    this.#home = null;
    this.#shards.clear();
    this.#slots.clear();
  }

  async #atHome(request: Request, options: CallOptions): Promise<Reply> {
    return await this.#persist(options, async () => {
      const { lease } = await this.#homeFor(keySlot(request.argv[1] ?? ''), options);
      return await lease.call(request, options);
    });
  }

  /** Tries again as long as there is time where a node was lost: the next look may show another. */
  async #persist(options: CallOptions, attempt: () => Promise<Reply>): Promise<Reply> {
    const { timeout = this.#host.timeout } = options;
    const until = timeout > 0 ? millisNow() + timeout : Number.POSITIVE_INFINITY;
    for (let wait = RETRY_FIRST_MS; ; wait = Math.min(RETRY_CAP_MS, wait * 2)) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof ConnectionError) || this.#released || millisNow() + wait >= until) throw error;
      }
      await pause(wait);
      await this.#host.refresh().catch(() => {});
    }
  }

  /** The one station for channels and patterns, opened once. */
  #homeFor(slot: number, options: CallOptions): Promise<Station> {
    if (this.#home === null) {
      const opening = this.#host
        .anyNode(slot, options)
        .then((node) => this.#open(node, () => this.#leaveHome(opening)));
      opening.catch(() => this.#leaveHome(opening, true));
      this.#home = opening;
    }
    return this.#home;
  }

  #leaveHome(home: Promise<Station>, failed = false): void {
    if (this.#home !== home) return;
    this.#home = null;
    if (!failed) this.#lost();
  }

  async #open(node: ClusterNode, onEnd: () => void): Promise<Station> {
    if (this.#released) throw new ClosedError('the conversation is over');
    return { lease: node.listen((push) => this.#push(push), onEnd), node };
  }

  /** One command for each slot: the channels of a command must have the same. */
  async #subscribeShards(names: readonly Bytes[], options: CallOptions): Promise<Reply> {
    let last: Reply = null;
    for (const [slot, channels] of bySlot(names)) {
      last = await this.#persist(options, () => this.#subscribeSlot(slot, channels, options));
      if (last instanceof ErrorReply) return last;
      for (const channel of channels) this.#shardChannels.add(channel);
    }
    return last;
  }

  async #subscribeSlot(slot: number, channels: readonly Bytes[], options: CallOptions): Promise<Reply> {
    const request = { spec: commands.ssubscribe, argv: ['SSUBSCRIBE', ...channels] };
    for (let moves = 0; ; moves++) {
      const station = await this.#stationOf(slot, options);
      const reply = await station.lease.call(request, options);
      if (!(reply instanceof ErrorReply)) {
        this.#slots.set(slot, station);
        return reply;
      }
      if (reply.code !== 'MOVED' || moves >= MOVES_MAX) return reply;
      this.#host.noteMoved(reply.text, station.node);
    }
  }

  async #stationOf(slot: number, options: CallOptions): Promise<Station> {
    const node = await this.#host.primaryOf(slot, options);
    const known = this.#shards.get(node);
    if (known !== undefined) return await known;
    const opening = this.#open(node, () => this.#forget(node));
    this.#shards.set(node, opening);
    opening.catch(() => this.#shards.delete(node));
    return await opening;
  }

  async #unsubscribeShards(request: Request, names: readonly Bytes[], options: CallOptions): Promise<Reply> {
    const left = names.length > 0 ? names : [...this.#shardChannels];
    let last: Reply = null;
    for (const channel of left) {
      this.#shardChannels.delete(channel);
      const station = this.#slots.get(keySlot(channel));
      if (station !== undefined)
        last = await station.lease.call({ spec: request.spec, argv: ['SUNSUBSCRIBE', channel] }, options);
    }
    // With nothing to leave there is still somebody who waits to be told so.
    if (left.length === 0) return await this.#atHome(request, options);
    return last;
  }

  #push(push: PushReply): void {
    if (this.#released) return;
    if (this.#restoring && isConfirmation(push)) return;
    const [kind, channel] = push.items.map((item) => bytesOf(item) ?? '');
    // Unasked: the node has given the channel's slot away.
    if (kind === 'sunsubscribe' && this.#shardChannels.has(channel!)) {
      this.#slots.delete(keySlot(channel!));
      this.#lost();
      return;
    }
    this.#onPush(push);
  }

  #forget(node: ClusterNode): void {
    this.#shards.delete(node);
    for (const [slot, where] of this.#slots) if (where.node === node) this.#slots.delete(slot);
    this.#lost();
  }

  #lost(): void {
    const { size } = this.#channels;
    if (size + this.#patterns.size + this.#shardChannels.size === 0) return;
    if (this.#released || this.#retry.isSet || this.#restoring) return;
    const wait = this.#attempt === 0 ? 0 : Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** this.#attempt);
    this.#attempt++;
    sharedWheel.set(this.#retry, millisNow() + wait);
  }

  /** Subscribes again what is not subscribed. */
  async #restore(): Promise<void> {
    this.#restoring = true;
    try {
      await this.#host.refresh().catch(() => {});
      await this.#restoreHome();
      await this.#restoreShards();
      this.#attempt = 0;
      this.#restoring = false;
      if (!this.#released) this.#onPush(new PushReply([GAP]));
      if (this.#isIncomplete()) this.#lost();
    } catch {
      this.#restoring = false;
      this.#lost();
    }
  }

  #isIncomplete(): boolean {
    const homeless = this.#home === null && this.#channels.size + this.#patterns.size > 0;
    return homeless || [...this.#shardChannels].some((channel) => !this.#slots.has(keySlot(channel)));
  }

  async #restoreHome(): Promise<void> {
    if (this.#home !== null) return;
    for (const [spec, names] of [
      [commands.subscribe, this.#channels],
      [commands.psubscribe, this.#patterns],
    ] as const) {
      if (names.size > 0) check(await this.#atHome({ spec, argv: [spec.name, ...names] }, again));
    }
  }

  async #restoreShards(): Promise<void> {
    const missing = [...this.#shardChannels].filter((channel) => !this.#slots.has(keySlot(channel)));
    for (const [slot, channels] of bySlot(missing)) check(await this.#subscribeSlot(slot, channels, again));
  }
}

function bySlot(channels: readonly Bytes[]): Map<number, Bytes[]> {
  const groups = new Map<number, Bytes[]>();
  for (const channel of channels) {
    const group = groups.get(keySlot(channel));
    if (group === undefined) groups.set(keySlot(channel), [channel]);
    else group.push(channel);
  }
  return groups;
}

function check(reply: Reply): void {
  if (reply instanceof ErrorReply)
    throw new ConnectionError('the channels could not be subscribed again', { cause: replyErrorOf(reply.text) });
}

function isConfirmation(push: PushReply): boolean {
  const kind = bytesOf(push.items[0] ?? null) ?? '';
  return kind === 'subscribe' || kind === 'psubscribe' || kind === 'ssubscribe';
}
