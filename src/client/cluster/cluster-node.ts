import type { CallOptions, Lease, Request } from '../../backend/backend.js';
import type { ConnectionError, KeyspanError } from '../../core/errors.js';
import type { PushReply } from '../../core/reply.js';
import { type Address, addressText } from '../address.js';
import { ClientBackend } from '../client-backend.js';
import type { ClientOptions, ConnectionSettings } from '../client-options.js';
import { ClientLease } from '../lease.js';
import type { Pending } from '../pending.js';
import { ClusterLink, type LinkLimits } from './cluster-link.js';

/** What a node of a cluster needs of the client. */
export interface NodeHost {
  readonly limits: LinkLimits;
  /** Whether its connection is to answer reads while it is a replica. */
  readonly readonly: boolean;
  options(address: Address): ClientOptions;
  settings(address: Address): ConnectionSettings;
  /** It is back. */
  up(node: ClusterNode): void;
  /** A connection takes commands. */
  connected(): void;
  down(node: ClusterNode, error: KeyspanError): void;
  homeless(pendings: readonly Pending[], error: KeyspanError | null): void;
}

/** One node: the link that all commands share, and a client of its own for what needs more of it. */
export class ClusterNode {
  readonly address: Address;
  /** `host:port`. */
  readonly name: string;
  readonly link: ClusterLink;
  /** Its last connection was lost or could not be made. */
  isDown = false;
  /** It left the cluster, or was found to have failed. */
  isGone = false;
  /** Milliseconds that a PING took, averaged; Infinity until one was measured. */
  latency = Number.POSITIVE_INFINITY;
  readonly #host: NodeHost;
  #backend: ClientBackend | null = null;
  /** What conversations at this node are to be told when they end. */
  readonly #endings = new Set<() => void>();

  constructor(address: Address, host: NodeHost) {
    this.address = address;
    this.name = addressText(address);
    this.#host = host;
    this.link = new ClusterLink(
      () => host.settings(address),
      {
        up: () => {
          const wasDown = this.isDown;
          this.isDown = false;
          host.connected();
          if (wasDown) host.up(this);
        },
        down: (error) => {
          const wasUp = !this.isDown;
          this.isDown = true;
          if (wasUp) host.down(this, error);
        },
        homeless: (pendings, error) => host.homeless(pendings, error),
      },
      host,
    );
  }

  /** The node as a server by itself: conversations, and commands that are meant for this node. */
  get backend(): ClientBackend {
    this.#backend ??= new ClientBackend(this.#host.options(this.address));
    return this.#backend;
  }

  /** A conversation with the node. `onEnd` is told once if it ends by itself, whatever it was about. */
  async lease(
    onPush: ((push: PushReply) => void) | undefined,
    options: CallOptions,
    onEnd: () => void,
  ): Promise<Lease> {
    const lease = await this.backend.lease(onPush, options);
    if (lease instanceof ClientLease) lease.resubscribes = false;
    const ended = (): void => {
      if (this.#endings.delete(ended)) onEnd();
    };
    this.#endings.add(ended);
    lease.onEnd = ended;
    return {
      call: (request, more) => lease.call(request, more),
      release: () => {
        this.#endings.delete(ended);
        lease.release();
      },
    };
  }

  /** Whether anything waits for the node. */
  get isIdle(): boolean {
    return this.link.inFlight === 0;
  }

  noteLatency(ms: number): void {
    this.latency = this.latency === Number.POSITIVE_INFINITY ? ms : this.latency * 0.7 + ms * 0.3;
  }

  /** Takes leave: what was given is answered, conversations move on. */
  async close(): Promise<void> {
    this.isGone = true;
    this.link.close();
    for (const ended of [...this.#endings]) ended();
    await this.#backend?.close();
  }

  /** The client closes: conversations end, the link goes on until all is answered. */
  async closeConversations(): Promise<void> {
    this.#endings.clear();
    await this.#backend?.close();
  }

  /** Conversations to come, and their client, are to have what this command sets. */
  async set(request: Request, options: CallOptions): Promise<void> {
    await this.#backend?.call(request, options);
  }

  /** The node has failed: what waits for it goes elsewhere as far as it may, conversations end. */
  drop(error: ConnectionError): void {
    this.isGone = true;
    this.link.drop(error);
    this.#backend?.destroy();
    this.#backend = null;
    for (const ended of [...this.#endings]) ended();
  }

  destroy(): void {
    this.link.destroy();
    this.#backend?.destroy();
  }
}
