import type { CallOptions, Lease, Request } from '../backend/backend.js';
import { rawRequest } from '../backend/install.js';
import { bytesOf } from '../commands/shape.js';
import { arrayFromBytes, type Bytes } from '../core/bytes.js';
import { ClosedError, ConnectionError } from '../core/errors.js';
import { ErrorReply, NULL_ARRAY, PushReply, type Reply } from '../core/reply.js';
import type { Node } from './node.js';

/** Where channels are heard. */
export interface ChannelPlaces {
  /** The nodes at which a channel or pattern must be subscribed now; none while no node is up. */
  placesOf(command: SubscribeCommand, name: Bytes): readonly Node[];
}

export type SubscribeCommand = 'SUBSCRIBE' | 'PSUBSCRIBE' | 'SSUBSCRIBE';

const subscribing: Readonly<Record<string, SubscribeCommand>> = {
  SUBSCRIBE: 'SUBSCRIBE',
  PSUBSCRIBE: 'PSUBSCRIBE',
  SSUBSCRIBE: 'SSUBSCRIBE',
};
const unsubscribing: Readonly<Record<string, SubscribeCommand>> = {
  UNSUBSCRIBE: 'SUBSCRIBE',
  PUNSUBSCRIBE: 'PSUBSCRIBE',
  SUNSUBSCRIBE: 'SSUBSCRIBE',
};
const opposite = { SUBSCRIBE: 'UNSUBSCRIBE', PSUBSCRIBE: 'PUNSUBSCRIBE', SSUBSCRIBE: 'SUNSUBSCRIBE' } as const;

export function isSubscription({ spec }: Request): boolean {
  return spec.name in subscribing || spec.name in unsubscribing;
}

/** One subscriber's channels at several nodes. They move when nodes go and come; a push of kind `gap` then says so. */
export class Subscriber {
  readonly #places: ChannelPlaces;
  readonly #onPush: ((push: PushReply) => void) | undefined;
  readonly #options: CallOptions;
  /** What is subscribed, and where. */
  readonly #heard: Record<SubscribeCommand, Map<Bytes, readonly Node[]>> = {
    SUBSCRIBE: new Map(),
    PSUBSCRIBE: new Map(),
    SSUBSCRIBE: new Map(),
  };
  readonly #leases = new Map<Node, Promise<Lease>>();
  #released = false;
  #moving: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(places: ChannelPlaces, onPush: ((push: PushReply) => void) | undefined, options: CallOptions) {
    this.#places = places;
    this.#onPush = onPush;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return Object.values(this.#heard).every((names) => names.size === 0);
  }

  /** Carries out SUBSCRIBE, UNSUBSCRIBE and their kin, one after the other, and confirms them by pushes as one node would. */
  call(request: Request): Promise<Reply> {
    const reply = this.#turn.then(() => this.#call(request));
    this.#turn = reply.catch(() => {});
    return reply;
  }

  async #call({ spec, argv }: Request): Promise<Reply> {
    const names = argv.slice(1);
    const subscribe = subscribing[spec.name];
    if (subscribe !== undefined) {
      const reply = await this.#subscribe(subscribe, names);
      if (!(reply instanceof ErrorReply)) this.#confirm(subscribe, names, () => {});
      return reply;
    }
    const command = unsubscribing[spec.name]!;
    const heard = this.#heard[command];
    const gone = names.length > 0 ? names : [...heard.keys()];
    const places = new Map(gone.map((name) => [name, heard.get(name) ?? []]));
    const reply = await this.#unsubscribe(command, places);
    this.#confirm(opposite[command], gone.length > 0 ? gone : [null], (name) => name !== null && heard.delete(name));
    return reply;
  }

  /** A push for each name, with the number of channels and patterns that are left (shard channels are counted apart). */
  #confirm(command: string, names: readonly (Bytes | null)[], done: (name: Bytes | null) => void): void {
    const { SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE } = this.#heard;
    for (const [i, name] of names.entries()) {
      done(name);
      const later = /^(P|S)?SUBSCRIBE$/.test(command) ? names.length - 1 - i : 0;
      const count = /^S(SUB|UNSUB)/.test(command) ? SSUBSCRIBE.size : SUBSCRIBE.size + PSUBSCRIBE.size;
      this.#onPush?.(new PushReply([command.toLowerCase(), name, count - later]));
    }
  }

  /** Nodes went or came: channels go where they belong now. */
  rehome(): void {
    if (this.isEmpty || this.#released) return;
    // A node that cannot be told goes down for that, or comes back: either way this is called again.
    this.#moving = this.#moving.then(() => this.#move()).catch(() => {});
  }

  release(): void {
    this.#released = true;
    for (const lease of this.#leases.values()) lease.then((held) => held.release()).catch(() => {});
    this.#leases.clear();
  }

  async #subscribe(command: SubscribeCommand, names: readonly Bytes[]): Promise<Reply> {
    const byNode = new Map<Node, Bytes[]>();
    for (const name of names) {
      const nodes = this.#places.placesOf(command, name);
      if (nodes.length === 0) throw new ConnectionError('all nodes are down', { command });
      this.#heard[command].set(name, nodes);
      for (const node of nodes) byNode.set(node, [...(byNode.get(node) ?? []), name]);
    }
    try {
      const replies = await Promise.all([...byNode].map(([node, some]) => this.#give(node, command, some)));
      return replies.find((reply) => reply instanceof ErrorReply) ?? replies[0] ?? NULL_ARRAY;
    } catch (error) {
      for (const name of names) this.#heard[command].delete(name);
      throw error;
    }
  }

  async #unsubscribe(command: SubscribeCommand, places: ReadonlyMap<Bytes, readonly Node[]>): Promise<Reply> {
    const byNode = new Map<Node, Bytes[]>();
    for (const [name, nodes] of places) {
      for (const node of nodes) byNode.set(node, [...(byNode.get(node) ?? []), name]);
    }
    const all = [...byNode].map(([node, some]) => this.#give(node, opposite[command], some));
    return (await Promise.all(all))[0] ?? NULL_ARRAY;
  }

  async #move(): Promise<void> {
    let moved = false;
    for (const command of Object.keys(this.#heard) as SubscribeCommand[]) {
      for (const [name, before] of this.#heard[command]) {
        const now = this.#places.placesOf(command, name);
        const gone = before.filter((node) => !now.includes(node));
        const fresh = now.filter((node) => !before.includes(node));
        if (gone.length === 0 && fresh.length === 0) continue;
        this.#heard[command].set(name, now);
        moved = true;
        for (const node of fresh) await this.#give(node, command, [name]).catch(() => {});
        for (const node of gone) {
          if (node.isUp) await this.#give(node, opposite[command], [name]).catch(() => {});
          else this.#drop(node);
        }
      }
    }
    if (moved && !this.#released) this.#onPush?.(new PushReply(['gap']));
  }

  /** What a lost node held is lost; a conversation with it begins anew when it is back. */
  #drop(node: Node): void {
    const lease = this.#leases.get(node);
    this.#leases.delete(node);
    lease?.then((held) => held.release()).catch(() => {});
  }

  async #give(node: Node, command: string, names: readonly Bytes[]): Promise<Reply> {
    const lease = await this.#leaseOf(node);
    return await node.answer(lease.call(rawRequest(command, names.map(arrayFromBytes)), this.#options));
  }

  #leaseOf(node: Node): Promise<Lease> {
    if (this.#released) return Promise.reject(new ClosedError('the subscription was closed'));
    const known = this.#leases.get(node);
    if (known !== undefined) return known;
    const lease = node.guard(node.backend.lease((push) => this.#hear(push), this.#options));
    this.#leases.set(node, lease);
    lease.catch(() => this.#leases.get(node) === lease && this.#leases.delete(node));
    return lease;
  }

  /** What nodes confirm is confirmed once, for all of them. */
  #hear(push: PushReply): void {
    const isConfirmation = /^[ps]?(un)?subscribe$/.test(bytesOf(push.items[0] ?? null) ?? '');
    if (!this.#released && !isConfirmation) this.#onPush?.(push);
  }
}
