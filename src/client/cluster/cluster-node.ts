import type { CallOptions, Lease, Request } from '../../backend/backend.js';
import { Emitter } from '../../backend/events.js';
import type { ConnectionError, KeyspanError } from '../../core/errors.js';
import type { PushReply } from '../../core/reply.js';
import { type Address, addressText } from '../address.js';
import type { Caching } from '../caching.js';
import { ClientBackend } from '../client-backend.js';
import { type ClientOptions, type ConnectionSettings, clientDefaults } from '../client-options.js';
import type { Pending } from '../pending.js';
import { SharedConnection } from '../shared-connection.js';
import type { Lender } from '../shared-options.js';
import { SignalGroups } from '../signal-groups.js';
import { SubscriberLease } from '../subscriber-lease.js';
import { SubscriptionHub } from '../subscription-hub.js';
import type { OwnLine } from '../subscription-line.js';
import { ClusterLink, type LinkLimits } from './cluster-link.js';

/** What a node of a cluster needs of the client. */
export interface NodeHost {
  readonly limits: LinkLimits;
  /** Whether its connection is to answer reads while it is a replica. */
  readonly readonly: boolean;
  /** Is told what the node's own connection tells of changes, if replies of reads are kept. */
  readonly caching: Caching | null;
  options(address: Address): Omit<ClientOptions, 'pool'>;
  settings(address: Address): ConnectionSettings;
  /** It is back. */
  up(node: ClusterNode): void;
  /** A connection takes commands. */
  connected(): void;
  down(node: ClusterNode, error: KeyspanError): void;
  homeless(pendings: readonly Pending[], error: KeyspanError | null): void;
}

/** How long `close()` waits for the last replies to subscribers. */
const CLOSE_TIMEOUT_MS = 1000;

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
  #hub: SubscriptionHub | null = null;
  /** The same of subscribers by the link, which go elsewhere when it is lost. */
  readonly #hearing = new Set<() => void>();
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
          for (const ended of [...this.#hearing]) ended();
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
    return this.#followed(await this.backend.reserve(onPush, options), onEnd);
  }

  /** As `lease`, for subscriptions: in RESP3 they go by the link. */
  listen(onPush: (push: PushReply) => void, onEnd: () => void): Lease {
    this.#hub ??= this.#makeHub();
    const lease = new SubscriberLease(this.#hub, onPush, (options) => this.backend.reserve(onPush, options));
    return this.#followed(lease, onEnd, this.#hearing);
  }

  #makeHub(): SubscriptionHub {
    const { limits, options, settings } = this.#host;
    const { timeout = clientDefaults.timeout, retry = 'safe' } = options(this.address);
    // One that is lost is not made again: where its channels belong then is for others to say.
    const openOwn = (lender: Lender): OwnLine =>
      new SharedConnection(settings(this.address), () => null, limits, new Emitter(), { lender });
    const pool: Lender = {
      acquire: () => this.backend.pool.acquire(),
      release: (connection) => this.backend.pool.release(connection),
    };
    return new SubscriptionHub({ main: this.link, openOwn, pool, groups: new SignalGroups(), timeout, retry });
  }

  #followed(lease: Lease, onEnd: () => void, endings = this.#endings): Lease {
    const ended = (): void => {
      if (!endings.delete(ended)) return;
      lease.release();
      onEnd();
    };
    endings.add(ended);
    lease.onEnd = ended;
    return {
      call: (request, more) => lease.call(request, more),
      release: () => {
        endings.delete(ended);
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
    for (const ended of [...this.#endings, ...this.#hearing]) ended();
    const hub = this.#closeHub();
    this.link.close();
    await Promise.all([hub, this.#backend?.close()]);
  }

  /** The client closes: conversations end, the link goes on until all is answered. */
  async closeConversations(): Promise<void> {
    this.#endings.clear();
    this.#hearing.clear();
    await Promise.all([this.#closeHub(), this.#backend?.close()]);
  }

  async #closeHub(): Promise<void> {
    const hub = this.#hub;
    this.#hub = null;
    this.link.listener = null;
    await hub?.close(CLOSE_TIMEOUT_MS);
  }

  /** Conversations to come, and their client, are to have what this command sets. */
  async set(request: Request, options: CallOptions): Promise<void> {
    await this.#backend?.call(request, options);
  }

  /** The node has failed: what waits for it goes elsewhere as far as it may, conversations end. */
  drop(error: ConnectionError): void {
    this.isGone = true;
    this.#hub?.destroy();
    this.#hub = null;
    this.link.drop(error);
    this.#backend?.destroy();
    this.#backend = null;
    for (const ended of [...this.#endings, ...this.#hearing]) ended();
  }

  destroy(): void {
    this.#hub?.destroy();
    this.link.destroy();
    this.#backend?.destroy();
  }
}
