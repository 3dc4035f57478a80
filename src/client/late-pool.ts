import type { BackendStats, Lease } from '../backend/backend.js';
import type { KeyspanError } from '../core/errors.js';
import { type ConnectionSettings, connectionSettings } from './client-options.js';
import type { Connection } from './connection.js';
import type { Topology } from './locator.js';
import type { ConnectionPool as Pool, PoolOptions } from './pool.js';
import { topologyOf } from './topology.js';
import { parseUrl, type UrlArguments } from './url.js';

type PoolModule = typeof import('./pool.js');
type ErrorListener = (error: KeyspanError) => void;

/** Loaded by the first connection that is asked for. */
let poolModule: PoolModule | null = null;

/**
 * Connections to lend, to one client or to several. The one that came back last is lent first, so that only as many
 * stay busy as are needed. When all are lent, asking for one more rejects with ConnectionError.
 */
export class ConnectionPool {
  readonly maxConnections: number;
  /** @internal */
  readonly settings: ConnectionSettings;
  /** @internal */
  readonly topology: Topology | null;
  readonly #options: PoolOptions;
  /** Those who listen, with what ends that once the pool is there. */
  readonly #listeners = new Map<object, { readonly listener: ErrorListener; off: () => void }>();
  #pool: Pool | null = null;
  #disconnected = false;

  /** Throws DataError for options that do not fit together. */
  constructor(options: PoolOptions = {}) {
    this.settings = connectionSettings(options);
    this.topology = topologyOf(options, this.settings);
    this.#options = options;
    this.maxConnections = options.maxConnections ?? 2 ** 31;
    if (poolModule !== null) this.#make(poolModule);
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
    return this.#pool?.lent ?? 0;
  }

  /** Connections that wait to be lent. */
  get idle(): number {
    return this.#pool?.idle ?? 0;
  }

  /** How many wait for a connection to be given back. */
  get waiting(): number {
    return this.#pool?.waiting ?? 0;
  }

  /** Counters and gauges, as plain JSON. */
  stats(): BackendStats {
    const { maxConnections } = this;
    return this.#pool?.stats() ?? { inUse: 0, opening: 0, idle: 0, waiting: 0, maxConnections };
  }

  /** Listens for errors that belong to no call: credentials that were refused. Returns what ends that. */
  on(_event: 'error', listener: ErrorListener): () => void {
    const listening = { listener, off: this.#pool?.on('error', listener) ?? (() => {}) };
    this.#listeners.set(listening, listening);
    return () => {
      listening.off();
      this.#listeners.delete(listening);
    };
  }

  /**
   * A ready connection, opened if none waits. The caller becomes its owner and gives it back with `release`.
   * Rejects with ConnectionError (none to be had, no connection), AuthError, TimeoutError at `deadline`.
   */
  async acquire(deadline = Number.POSITIVE_INFINITY): Promise<Connection> {
    return await (await this.load()).acquire(deadline);
  }

  /** Takes a connection back, to be lent again; one that has ended is forgotten. */
  release(connection: Connection): void {
    this.#pool?.release(connection);
  }

  /** A conversation of one's own, until its `release`. */
  async reserve(): Promise<Lease> {
    return await (await this.load()).reserve();
  }

  /** Ends all connections, lent ones too. */
  disconnect(): void {
    this.#disconnected = true;
    this.#pool?.disconnect();
  }

  /** @internal What this stands for. */
  async load(): Promise<Pool> {
    if (this.#pool !== null) return this.#pool;
    poolModule = await import('./pool.js');
    return this.#pool ?? this.#make(poolModule);
  }

  /** @internal */
  protected make(module: PoolModule, options: PoolOptions): Pool {
    return new module.ConnectionPool(options);
  }

  #make(module: PoolModule): Pool {
    const pool = this.make(module, this.#options);
    this.#pool = pool;
    for (const listening of this.#listeners.values()) listening.off = pool.on('error', listening.listener);
    if (this.#disconnected) pool.disconnect();
    return pool;
  }
}

/** As ConnectionPool, but when all connections are lent one waits for up to `timeout` milliseconds. */
export class BlockingConnectionPool extends ConnectionPool {
  constructor(options: PoolOptions & { timeout?: number | null } = {}) {
    super({ ...options, maxConnections: options.maxConnections ?? 50 });
  }

  protected override make(module: PoolModule, options: PoolOptions): Pool {
    return new module.BlockingConnectionPool(options);
  }
}
