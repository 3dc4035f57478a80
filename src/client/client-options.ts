import type { CallOptions } from '../backend/backend.js';
import type { KeyspanError } from '../core/errors.js';
import type { ReplyLimits } from '../resp/reply-limits.js';
import type { ConnectionPool } from './pool.js';
import { Secret } from './secret.js';

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

/** How one connection is made. */
export interface ConnectionOptions {
  host?: string;
  port?: number;
  /** A unix socket, instead of host and port. */
  path?: string;
  tls?: boolean | TlsSettings;
  username?: string;
  password?: string | Secret;
  /** Asked at each connect, instead of `username` and `password`: for credentials that change. */
  credentials?: () => Credentials | Promise<Credentials>;
  db?: number;
  /** CLIENT SETNAME. */
  name?: string;
  /** 3 is tried first unless 2 is asked for; servers that do not know it are spoken to in 2. */
  protocol?: 2 | 3;
  /** For connection and handshake together. */
  connectTimeout?: number;
  /** Milliseconds of silence before the system probes the peer; 0 for never. */
  keepAlive?: number;
  /** Milliseconds of silence before a PING; 0 for never. A missed one ends the connection. */
  pingInterval?: number;
  replyLimits?: Partial<ReplyLimits>;
}

/** Milliseconds before attempt `attempt` (1, 2, …) after `error`; null gives up until the next command. */
export type ReconnectPolicy = (attempt: number, error: KeyspanError) => number | null;

export interface ClientOptions extends ConnectionOptions, Pick<CallOptions, 'timeout' | 'retry'> {
  /** How often a command that a lost connection left without reply is sent again. */
  retriesMax?: number;
  reconnect?: ReconnectPolicy | BackoffOptions;
  /** How many commands may wait for a connection or a reply. */
  queueMax?: number;
  /** How many bytes may wait to be taken by the system. */
  queueBytesMax?: number;
  /** Where connections for blocking commands, WATCH and subscriptions come from; one of the client's own unless given. */
  pool?: ConnectionPool;
  /** Of the client's own pool. */
  maxConnections?: number;
}

export interface BackoffOptions {
  /** Milliseconds before the first attempt. */
  base?: number;
  factor?: number;
  /** The longest wait. */
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
  readonly db: number;
  readonly name: string | null;
  readonly protocol: 2 | 3;
  readonly connectTimeout: number;
  readonly keepAlive: number;
  readonly pingInterval: number;
  readonly replyLimits: Partial<ReplyLimits>;
}

export const clientDefaults = {
  timeout: 5000,
  connectTimeout: 5000,
  keepAlive: 5000,
  pingInterval: 30_000,
  retriesMax: 3,
  queueMax: 100_000,
  queueBytesMax: 268_435_456,
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
  return {
    host: options.host ?? 'localhost',
    port: options.port ?? 6379,
    path: options.path ?? null,
    tls: tls === false ? null : tls === true ? {} : tls,
    credentials: options.credentials ?? (() => fixed),
    db: options.db ?? 0,
    name: options.name ?? null,
    protocol: options.protocol ?? 3,
    connectTimeout: options.connectTimeout ?? clientDefaults.connectTimeout,
    keepAlive: options.keepAlive ?? clientDefaults.keepAlive,
    pingInterval: options.pingInterval ?? clientDefaults.pingInterval,
    replyLimits: options.replyLimits ?? {},
  };
}

/** Where a connection goes, for messages: never with credentials. */
export function addressOf(settings: Pick<ConnectionSettings, 'host' | 'port' | 'path'>): string {
  if (settings.path !== null) return settings.path;
  return settings.host.includes(':') ? `[${settings.host}]:${settings.port}` : `${settings.host}:${settings.port}`;
}
