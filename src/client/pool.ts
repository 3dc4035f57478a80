import type { BackendStats, Lease, Request } from '../backend/backend.js';
import { Emitter } from '../backend/events.js';
import { millisNow } from '../core/clock.js';
import { ClosedError, ConnectionError, type KeyspanError, TimeoutError } from '../core/errors.js';
import type { Reply } from '../core/reply.js';
import { type Address, addressText, sameAddress } from './address.js';
import {
  addressOf,
  type ConnectionOptions,
  type ConnectionSettings,
  clientDefaults,
  connectionSettings,
} from './client-options.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { loginAgain, Rotation } from './credentials.js';
import { poolWaitChannel } from './diagnostics.js';
import { ClientLease } from './lease.js';
import { rejectLeftovers } from './leftovers.js';
import type { Topology } from './locator.js';
import { unblockRequest } from './own-commands.js';
import { SignalGroups } from './signal-groups.js';
import { Alarm, sharedWheel } from './timer-wheel.js';
import { topologyOf } from './topology.js';
import { parseUrl, type UrlArguments } from './url.js';

/** What the connections of a pool are made with, and how many there may be. */
export interface PoolOptions extends ConnectionOptions {
  /** How many connections there may be at once. */
  maxConnections?: number;
}

const noop = (): void => {};

/**
 * Connections to lend, to one client or to several. The one that came back last is lent first, so that only as many
 * stay busy as are needed. When all are lent, asking for one more rejects with ConnectionError.
 */
export class ConnectionPool {
  readonly maxConnections: number;
  #settings: ConnectionSettings;
  readonly #idle: Connection[] = [];
  readonly #lent = new Set<Connection>();
  readonly #leases = new Set<ClientLease>();
  readonly #groups = new SignalGroups();
  readonly #opening = new Set<Connection>();
  readonly #emitter = new Emitter();
  readonly #rotation = new Rotation(
    (request) => this.#login(request),
    (error) => this.#emitter.emit('error', error),
  );
  readonly #topology: Topology | null;
  #closed = false;
  /** Of connections that nobody has: they leave the pool when they end. */
  readonly #keeper: ConnectionOwner = {
    opened: noop,
    closed: (connection, error, leftovers) => {
      rejectLeftovers(leftovers, error);
      const at = this.#idle.indexOf(connection);
      if (at >= 0) this.#idle.splice(at, 1);
    },
    push: noop,
    stalled: (connection) => connection.destroy(),
  };

  constructor(options: PoolOptions = {}) {
    const settings = connectionSettings(options);
    this.#topology = topologyOf(options, settings);
    this.#settings = { ...settings, locator: this.#topology?.primary ?? null };
    this.#topology?.primary.onMove((address) => this.#moved(address));
    this.maxConnections = options.maxConnections ?? 2 ** 31;
    this.#rotation.follow(this.#settings);
  }

  /** A pool for the server of a URL (see `parseUrl`); options of the URL win over `options`. */
  static fromUrl<P extends ConnectionPool>(
    this: new (
      options: PoolOptions,
    ) => P,
    url: string,
    options: UrlArguments & PoolOptions = {},
  ): P {
    return new this(parseUrl(url, options));
  }

  /** Connections lent or being opened. */
  get lent(): number {
    return this.#lent.size + this.#opening.size;
  }

  /** Listens for errors that belong to no call: credentials that were refused. Returns what ends that. */
  on(event: 'error', listener: (error: KeyspanError) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  /** How many wait for a connection to be given back. */
  get waiting(): number {
    return 0;
  }

  /** Counters and gauges, as plain JSON. */
  stats(): BackendStats {
    const { maxConnections } = this;
    return {
      inUse: this.#lent.size,
      opening: this.#opening.size,
      idle: this.idle,
      waiting: this.waiting,
      maxConnections,
    };
  }

  /** Connections that wait to be lent. */
  get idle(): number {
    return this.#idle.length;
  }

  /** @internal */
  get settings(): ConnectionSettings {
    return this.#settings;
  }

  /** @internal Primary and replicas, where their places change. */
  get topology(): Topology | null {
    return this.#topology;
  }

  /** @internal New connections are made like this; those that wait are ended. */
  reconfigure(settings: ConnectionSettings): void {
    this.#settings = settings;
    for (const connection of [...this.#idle]) connection.destroy();
  }

  /**
   * A ready connection, opened if none waits. The caller becomes its owner and gives it back with `release`.
   * Rejects with ConnectionError (none to be had, no connection), AuthError, TimeoutError at `deadline`.
   */
  async acquire(deadline = Number.POSITIVE_INFINITY): Promise<Connection> {
    const startedAt = millisNow();
    // Who waits already goes first.
    const taken = this.waiting === 0 ? this.take(deadline) : null;
    if (taken !== null) return await taken;
    const connection = await this.exhausted(startedAt, deadline);
    this.#reportWait(startedAt);
    return connection;
  }

  /** A connection that waits, or one that is opened; null if all are lent. */
  protected take(deadline: number): Connection | Promise<Connection> | null {
    if (this.#closed) return Promise.reject(new ClosedError('the pool was disconnected'));
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (!connection.ready) continue;
      this.#lent.add(connection);
      return connection;
    }
    return this.lent < this.maxConnections ? this.#open(deadline) : null;
  }

  /** Takes a connection back, to be lent again; one that has ended is forgotten. */
  release(connection: Connection): void {
    if (!this.#lent.delete(connection)) return;
    connection.owner = this.#keeper;
    if (this.#closed) connection.destroy();
    else if (connection.ready) this.#idle.push(connection);
    this.vacant();
  }

  /** A conversation of one's own, until its `release`. */
  async reserve(): Promise<Lease> {
    const timeout = this.#settings.connectTimeout;
    const lease = new ClientLease(await this.acquire(timeout > 0 ? millisNow() + timeout : Number.POSITIVE_INFINITY), {
      pool: this,
      groups: this.#groups,
      timeout: clientDefaults.timeout,
      unblock: (id) => void this.#unblock(id),
      released: (released) => void this.#leases.delete(released),
    });
    this.#leases.add(lease);
    return lease;
  }

  /** Ends all connections, lent ones too. */
  disconnect(): void {
    this.#closed = true;
    this.#rotation.stop();
    this.#topology?.close();
    for (const connection of [...this.#idle, ...this.#lent, ...this.#opening])
      connection.destroy(new ClosedError('the pool was disconnected'));
    for (const lease of [...this.#leases]) lease.release();
    this.#idle.length = 0;
    while (this.waiting > 0) this.vacant();
  }

  #reportWait(startedAt: number): void {
    if (!poolWaitChannel.hasSubscribers) return;
    const { idle } = this;
    const duration = millisNow() - startedAt;
    poolWaitChannel.publish({ address: addressOf(this.#settings), duration, inUse: this.#lent.size, idle });
  }

  /** Connections that are lent know best when they may log in. */
  #login(request: Request): Promise<Reply>[] {
    const idle = this.#idle.filter(({ ready }) => ready).map((connection) => loginAgain(connection, request));
    const lent = [...this.#lent].map(({ owner }) => owner.login?.(request) ?? null);
    return [...idle, ...lent.filter((reply) => reply !== null)];
  }

  /** All connections are lent, or others wait: rejects, or waits for one. */
  protected exhausted(_startedAt: number, _deadline: number): Promise<Connection> {
    return Promise.reject(new ConnectionError(`all ${this.maxConnections} connections of the pool are in use`));
  }

  /** A connection came back or ended. */
  protected vacant(): void {}

  /** Connections to another node than the primary end; those who had them begin anew. */
  #moved(address: Address): void {
    const cause = new Error(`the primary is at ${addressText(address)} now`);
    for (const connection of [...this.#idle, ...this.#lent, ...this.#opening]) {
      const { located } = connection;
      if (located !== null && !sameAddress(located, address))
        connection.destroy(new ConnectionError(`left ${connection.address}: ${cause.message}`, { cause }));
    }
  }

  #open(deadline: number): Promise<Connection> {
    return new Promise<Connection>((resolve, reject) => {
      const late = new Alarm(() =>
        connection.destroy(new TimeoutError(`no connection to ${addressOf(this.#settings)} in time`)),
      );
      const owner: ConnectionOwner = {
        ...this.#keeper,
        opened: () => {
          sharedWheel.clear(late);
          this.#opening.delete(connection);
          this.#lent.add(connection);
          if (this.#closed) this.release(connection);
          resolve(connection);
        },
        closed: (_connection, error) => {
          sharedWheel.clear(late);
          this.#opening.delete(connection);
          this.vacant();
          reject(error ?? new ClosedError('the pool was disconnected'));
        },
      };
      const connection = new Connection(this.#settings, owner);
      this.#opening.add(connection);
      sharedWheel.set(late, deadline);
      connection.open();
    });
  }

  async #unblock(id: number): Promise<void> {
    try {
      const lease = await this.reserve();
      await lease.call(unblockRequest(id)).finally(() => lease.release());
    } catch {
      // The blocked command ends by its own deadline then.
    }
  }
}

/** As ConnectionPool, but when all connections are lent one waits for up to `timeout` milliseconds. */
export class BlockingConnectionPool extends ConnectionPool {
  readonly #timeout: number;
  #waiting: (() => void)[] = [];

  override get waiting(): number {
    return this.#waiting.length;
  }

  constructor(options: PoolOptions & { timeout?: number | null } = {}) {
    super({ ...options, maxConnections: options.maxConnections ?? 50 });
    this.#timeout = options.timeout === null ? Number.POSITIVE_INFINITY : (options.timeout ?? 20_000);
  }

  protected override exhausted(startedAt: number, deadline: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== wake);
        sharedWheel.clear(late);
      };
      const wake = (): void => {
        const taken = this.take(deadline);
        if (taken === null) return;
        leave();
        resolve(taken);
      };
      const giveUpAt = startedAt + this.#timeout;
      const late = new Alarm(() => {
        leave();
        if (deadline < giveUpAt) reject(new TimeoutError('no connection of the pool became free in time'));
        else reject(new ConnectionError(`no connection of the pool became free within ${this.#timeout} ms`));
      });
      this.#waiting.push(wake);
      sharedWheel.set(late, Math.min(deadline, giveUpAt));
    });
  }

  protected override vacant(): void {
    this.#waiting[0]?.();
  }
}
