import { Redis } from '../backend/facade.js';
import type { TextView, View, ViewOptions, ViewWith } from '../backend/view.js';
import type { ClientOptions } from './client-options.js';
import { ClientBackend } from './late-client.js';
import type { Secret } from './secret.js';
import { parseUrl, type UrlArguments } from './url.js';

/** The network client by itself, for programs that embed no engine. */

export { type AnyCodec, type BytesCodec, type Codec, jsonCodec, type TextCodec } from '../backend/codec.js';
export type { BackendEvents } from '../backend/events.js';
export { Redis } from '../backend/facade.js';
export { defineScript } from '../backend/script.js';
export {
  AuthError,
  BusyLoadingError,
  ClosedError,
  ConnectionError,
  CrossSlotError,
  DataError,
  InvalidClusterCommandError,
  KeyspanError,
  PipelineError,
  ProtocolError,
  QueueFullError,
  ReadOnlyError,
  ReplyError,
  TimeoutError,
  UnsupportedError,
  WatchError,
} from '../core/errors.js';
export type { Address, AddressMap } from './address.js';
export type { CacheOptions } from './caching.js';
export type {
  BackoffOptions,
  ClientOptions,
  ConnectionOptions,
  Credentials,
  HostOption,
  ReadFrom,
  ReconnectPolicy,
  TlsSettings,
  TopologyOptions,
} from './client-options.js';
export type { ClusterOptions, ClusterReadFrom } from './cluster/cluster-options.js';
export { type ClusterArguments, parseClusterUrl } from './cluster/cluster-url.js';
export { ClusterBackend } from './cluster/late-cluster.js';
export type { CredentialsProvider } from './credentials.js';
export type { CommandMessage, ConnectMessage, PoolWaitMessage, ReconnectMessage } from './diagnostics.js';
export { ClientBackend } from './late-client.js';
export { BlockingConnectionPool, ConnectionPool } from './late-pool.js';
export type { PoolOptions } from './pool.js';
export { openConnection, RawConnection, type RawConnectionOptions, type Words } from './raw-connection.js';
export { Secret } from './secret.js';
export type { SlowCommand } from './tally.js';
export { parseUrl, type UrlArguments } from './url.js';

/** Another server than the one that a client has. */
export interface Place {
  readonly host?: string;
  readonly port?: number;
  readonly password?: string | Secret;
  /** Milliseconds, as the option of the client. */
  readonly timeout?: number;
}

/** What the URL does not say, and how replies are read. */
export type CreateOptions = UrlArguments & Pick<ViewOptions, 'as' | 'integers'>;

/** A client with its backend, which has `connect`, `destroy` and `on`. */
export interface Client<V extends View = TextView> {
  readonly redis: Redis<V>;
  readonly backend: ClientBackend;
  /**
   * A client with the same options for another database, at the same server or another one. Both go on, each with
   * connections of its own.
   */
  select(db: number, place?: Place): Client<V>;
}

/** A client for the server of a URL. Nothing is connected before the first command. Throws DataError for a wrong URL. */
export function createClient(url: string, options?: CreateOptions & { as?: 'text'; integers?: 'number' }): Client;
export function createClient<const O extends CreateOptions>(url: string, options: O): Client<ViewWith<TextView, O>>;
export function createClient(url: string, options: CreateOptions = {}): unknown {
  const { as, integers, ...rest } = options;
  return clientOf(parseUrl(url, rest), { ...(as ? { as } : {}), ...(integers ? { integers } : {}) });
}

function clientOf<V extends View>(options: ClientOptions, view: ViewOptions): Client<V> {
  const backend = new ClientBackend(options);
  const select = (db: number, place: Place = {}): Client<V> => {
    // Connections of a pool that was given are to the server of that pool.
    const { pool: _, ...same } = options;
    if (place.host === undefined && place.port === undefined) return clientOf({ ...same, ...place, db }, view);
    const { path: __, hosts: ___, sentinels: ____, service: _____, ...elsewhere } = same;
    return clientOf({ ...elsewhere, ...place, db }, view);
  };
  return { backend, redis: new Redis<V>(backend, view), select };
}
