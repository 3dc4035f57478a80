import type { CallOptions } from '../backend/backend.js';
import type { Bytes } from '../core/bytes.js';
import type { KeyspanError } from '../core/errors.js';
import type { ReplyLimits } from '../resp/reply-limits.js';
import type { AddressMap } from './address.js';
import type { CacheOptions } from './caching.js';
import type { CredentialsProvider } from './credentials.js';
import type { ConnectionPool } from './late-pool.js';
import type { Locator } from './locator.js';
import { Secret } from './secret.js';
import { type SlowCommand, Tally } from './tally.js';

/** Who a client is to its server (AUTH). */
export interface Credentials {
  /** Absent: the user `default`. */
  username?: string;
  password?: string | Secret;
}

/** TLS as `node:tls` has it; the `…File` options name PEM files, read at each connect, so that renewed ones are taken. */
export interface TlsSettings {
  ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  passphrase?: string;
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  /** The name asked for (SNI) and checked; the host unless given. */
  servername?: string;
  /** False accepts any certificate. */
  rejectUnauthorized?: boolean;
}

/** A primary whose place changes: one of several hosts, or where Sentinels say. */
export interface TopologyOptions {
  /** Nodes of which one is the primary, and which know each other: `host`, `host:port`, or objects. */
  hosts?: readonly HostOption[];
  /** Sentinels that know the primary of `service`. */
  sentinels?: readonly HostOption[];
  /** The name by which the Sentinels know the primary. */
  service?: string;
  /** For the Sentinels themselves; `username` and `password` are for the data nodes. */
  sentinelUsername?: string;
  sentinelPassword?: string | Secret;
  /** As `tls`, for the Sentinels; as for the data nodes unless given. */
  sentinelTls?: boolean | TlsSettings;
  /** Milliseconds that a host or Sentinel has for its answer when the primary is looked for, and the primary to connect. */
  discoveryTimeout?: number;
  /** Milliseconds between questions to the primary whether it still is one; 0 for never. */
  roleCheckInterval?: number;
  /** Where nodes are from here, if they call themselves otherwise. */
  addressMap?: AddressMap;
  /**
   * Who answers reads: the primary (the default); a replica as long as one is connected, else the primary; or only a
   * replica. What a replica says may be old.
   */
  readFrom?: ReadFrom;
}

/** A host to begin with: `host:port`, `host`, or an object; the port is 6379 unless given (26379 of a Sentinel). */
export type HostOption = string | { readonly host: string; readonly port?: number; readonly db?: number };
/** Who answers reads: the primary alone, a replica if one is connected, or only a replica, whose data may be older. */
export type ReadFrom = 'primary' | 'preferReplica' | 'replica';

/** How one connection is made. */
export interface ConnectionOptions extends TopologyOptions {
  /** `localhost` unless given. */
  host?: string;
  /** 6379 unless given. */
  port?: number;
  /** A unix socket, instead of host and port. */
  path?: string;
  /** Speaks TLS: true with Node's settings, or with those given. */
  tls?: boolean | TlsSettings;
  /** The user `default` unless given. */
  username?: string;
  /** Kept as a Secret, which no message or inspection shows. */
  password?: string | Secret;
  /**
   * Asked at each connect, instead of `username` and `password`: for credentials that change. An object may also tell of
   * changes: live connections then log in again.
   */
  credentials?: (() => Credentials | Promise<Credentials>) | CredentialsProvider;
  /** The database, 0 unless given. */
  db?: number;
  /** CLIENT SETNAME. */
  name?: string;
  /** 3 is tried first unless 2 is asked for; servers that do not know it are spoken to in 2. */
  protocol?: 2 | 3;
  /** Milliseconds for connection and handshake together; 5000 unless given. */
  connectTimeout?: number;
  /** Milliseconds of silence before the system probes the peer; 5000 unless given, 0 for never. */
  keepAlive?: number;
  /** Milliseconds of silence before a PING; 30,000 unless given, 0 for never. A missed one ends the connection. */
  pingInterval?: number;
  /** How long and how deep a reply may be; one beyond that ends the connection with ProtocolError. */
  replyLimits?: Partial<ReplyLimits>;
}

/** Milliseconds before attempt `attempt` (1, 2, …) after `error`; null gives up until the next command. */
export type ReconnectPolicy = (attempt: number, error: KeyspanError) => number | null;

/** What a client may be told beside where its server is. Durations are in milliseconds; what is left out has a default. */
export interface ClientOptions extends ConnectionOptions, Pick<CallOptions, 'timeout' | 'retry'> {
  /** How often a command that a lost connection left without reply is sent again; 3 unless given. */
  retriesMax?: number;
  /** How long to wait before connecting again; 50 ms, doubled up to 2 s, half of it left to chance, unless given. */
  reconnect?: ReconnectPolicy | BackoffOptions;
  /** How many commands may wait for a connection or a reply (100,000); one more is refused with QueueFullError. */
  queueMax?: number;
  /** How many bytes may wait to be taken by the system (256 MiB). */
  queueBytesMax?: number;
  /** Where connections for blocking commands, WATCH and subscriptions come from; one of the client's own unless given. */
  pool?: ConnectionPool;
  /** How many connections the client's own pool may have at once; 1000 unless given. */
  maxConnections?: number;
  /** Commands whose reply takes `threshold` milliseconds or more are told to `listener`, and as event `slow`. */
  slowCommand?: { readonly threshold: number; readonly listener?: (slow: SlowCommand) => void };
  /** Keeps replies of reads in the client, as long as the server tells of changes; true for all defaults. Needs RESP3. */
  cache?: boolean | CacheOptions;
  /** Called when the connection that commands share was lost. */
  onClose?: (error: KeyspanError | null) => void;
}

/** How long to wait before each attempt to connect: `base`, then `factor` times as long each time, up to `cap`. */
export interface BackoffOptions {
  /** Milliseconds before the first attempt. */
  base?: number;
  /** How much longer each wait is than the one before. */
  factor?: number;
  /** The longest wait, milliseconds. */
  cap?: number;
  /** The share of the wait that is left to chance, 0–1. */
  jitter?: number;
}

/** A connection's options with nothing left open. Secrets stay wrapped. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly path: string | null;
  readonly tls: TlsSettings | null;
  readonly credentials: () => Credentials | Promise<Credentials>;
  /** Who tells of new credentials. */
  readonly provider: CredentialsProvider | null;
  readonly db: number;
  readonly name: string | null;
  /** What newer servers are told of who speaks: CLIENT SETINFO. */
  readonly library: { readonly name: Bytes; readonly version: Bytes };
  readonly protocol: 2 | 3;
  readonly connectTimeout: number;
  readonly keepAlive: number;
  readonly pingInterval: number;
  readonly replyLimits: Partial<ReplyLimits>;
  /** Who knows host and port, where they change; null where they are as they stand here. */
  readonly locator: Locator | null;
  /** A command that has the server tell of changed keys; null for none. */
  readonly tracking: Bytes[] | null;
  /** Where its connections count what they do. */
  readonly tally: Tally;
}

/** What this library calls itself. */
const LIBRARY_NAME = 'keyspan';
const LIBRARY_VERSION = '0.1.0';

export const clientDefaults = {
  timeout: 5000,
  connectTimeout: 5000,
  keepAlive: 5000,
  pingInterval: 30_000,
  retriesMax: 3,
  queueMax: 100_000,
  queueBytesMax: 268_435_456,
  discoveryTimeout: 1000,
  roleCheckInterval: 2000,
  /** The client's own pool. */
  maxConnections: 1000,
  backoff: { base: 50, factor: 2, cap: 2000, jitter: 0.5 },
} as const;

export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  const { username, tls = false } = options;
  const password = typeof options.password === 'string' ? new Secret(options.password) : options.password;
  const fixed: Credentials = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
  const provider = typeof options.credentials === 'object' ? options.credentials : null;
  const given = typeof options.credentials === 'function' ? options.credentials : undefined;
  return {
    host: options.host ?? 'localhost',
    port: options.port ?? 6379,
    path: options.path ?? null,
    tls: tls === false ? null : tls === true ? {} : tls,
    credentials: provider === null ? (given ?? (() => fixed)) : () => provider.get(),
    provider,
    db: options.db ?? dbOf(options.hosts ?? []) ?? 0,
    name: options.name ?? null,
    library: { name: LIBRARY_NAME, version: LIBRARY_VERSION },
    protocol: options.protocol ?? 3,
    connectTimeout: options.connectTimeout ?? clientDefaults.connectTimeout,
    keepAlive: options.keepAlive ?? clientDefaults.keepAlive,
    pingInterval: options.pingInterval ?? clientDefaults.pingInterval,
    replyLimits: options.replyLimits ?? {},
    locator: null,
    tracking: null,
    tally: new Tally(),
  };
}

/** The first database that a host names: all hosts hold copies of the same data. */
function dbOf(hosts: readonly HostOption[]): number | undefined {
  for (const host of hosts) if (typeof host !== 'string' && host.db !== undefined) return host.db;
  return undefined;
}

/** Where a connection goes, for messages: never with credentials. */
export function addressOf(settings: Pick<ConnectionSettings, 'host' | 'port' | 'path'>): string {
  if (settings.path !== null) return settings.path;
  return settings.host.includes(':') ? `[${settings.host}]:${settings.port}` : `${settings.host}:${settings.port}`;
}
