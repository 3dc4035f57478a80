import { Redis } from '../backend/facade.js';
import type { ViewOptions } from '../backend/view.js';
import { ClientBackend } from './client-backend.js';
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
export { ClientBackend } from './client-backend.js';
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
export { ClusterBackend } from './cluster/cluster-backend.js';
export type { ClusterOptions, ClusterReadFrom } from './cluster/cluster-options.js';
export { type ClusterArguments, parseClusterUrl } from './cluster/cluster-url.js';
export type { CredentialsProvider } from './credentials.js';
export type { CommandMessage, ConnectMessage, PoolWaitMessage, ReconnectMessage } from './diagnostics.js';
export { BlockingConnectionPool, ConnectionPool, type PoolOptions } from './pool.js';
export { Secret } from './secret.js';
export type { SlowCommand } from './tally.js';
export { parseUrl, type UrlArguments } from './url.js';

/** A client with its backend, which has `connect`, `destroy` and `on`. */
export interface Client {
  readonly redis: Redis;
  readonly backend: ClientBackend;
}

/** A client for the server of a URL. Nothing is connected before the first command. Throws DataError for a wrong URL. */
export function createClient(url: string, options: UrlArguments & Pick<ViewOptions, 'as' | 'integers'> = {}): Client {
  const { as, integers, ...rest } = options;
  const backend = new ClientBackend(parseUrl(url, rest));
  return { backend, redis: new Redis(backend, { ...(as ? { as } : {}), ...(integers ? { integers } : {}) }) };
}
