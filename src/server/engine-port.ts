import type { Session, Sink } from '../backend/session.js';
import type { ReplyArena } from '../resp/reply-arena.js';
import type { RequestParser } from '../resp/request-parser.js';

/** Which of the three output limits applies to a session. */
export type OutputClass = 'normal' | 'replica' | 'pubsub';

/** A session as the server sees it. The extra facts may change with every command. */
export interface ServerSession extends Session {
  /** A password is set and the client has not given it: only short requests and little output are allowed. */
  readonly authRequired: boolean;
  readonly outputClass: OutputClass;
  /**
   * `timeout` does not apply, as to replicas and monitors. (The server itself knows blocked and subscribed clients.)
   */
  readonly idleExempt: boolean;
}

/** Told of every reply, in bytes, while `on`. */
export interface ReplySizes {
  readonly on: boolean;
  note(session: ServerSession, bytes: number): void;
}

/** Who is connecting, with addresses as in CLIENT LIST: `127.0.0.1:50000`, `[::1]:50000`, `/path/of/socket:0`. */
export interface ConnectionInfo {
  readonly address: string;
  readonly localAddress: string;
  readonly fd: number;
  readonly kind: 'tcp' | 'unix' | 'tls';
}

/** One class of `client-output-buffer-limit`; 0 stands for no limit. */
export interface OutputLimit {
  readonly hard_bytes: number;
  readonly soft_bytes: number;
  readonly soft_seconds: number;
}

/** Parameters that the server reads on every use, so that CONFIG SET takes effect at once. */
export interface NetworkConfig {
  readonly maxclients: number;
  /** Seconds after which idle clients are closed; 0: never. */
  readonly timeout_s: number;
  /** Seconds of silence before TCP probes whether the other side is alive; 0: never. Applies to new connections. */
  readonly tcpKeepalive_s: number;
  readonly protoMaxBulk_bytes: number;
  readonly clientQueryBuffer_bytes: number;
  readonly protectedMode: boolean;
  readonly outputLimits: Readonly<Record<OutputClass, OutputLimit>>;
}

/** Counters that the server updates and INFO shows. The engine owns the object and may reset it. */
export interface NetworkCounters {
  connectionsReceived: number;
  connectionsRejected: number;
  inputBytes: number;
  outputBytes: number;
  readsProcessed: number;
  writesProcessed: number;
  /** Clients closed because their output or query buffer passed its limit. */
  outputLimitClosed: number;
  queryLimitClosed: number;
  /** Bytes that connections hold now: unread output and buffers with incomplete requests. Never reset. */
  heldBytes: number;
  /** Turns of the event loop in which connections were served, and their microseconds. */
  turns: number;
  turnMicros: number;
  /** What is listened on, as INFO tells it. Never reset. */
  listeners: readonly string[];
}

/** The importance of a log line: redis.conf's `loglevel`. */
export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

/** Fast paths for plain requests, working on the bytes as they came in. */
export interface RequestLanes {
  /** Carries out the request and writes its reply; false: nothing was done, take the regular path. */
  take(session: ServerSession, bytes: Uint8Array, parser: RequestParser, arena: ReplyArena): boolean;
}

/** A limit on the memory of all clients together. */
export interface ClientMemory {
  /** Whether there is a limit; without one nothing needs to be noted. */
  readonly on: boolean;
  /** The memory of a session may have changed. */
  note(session: ServerSession): void;
  /** Closes clients until the rest is within the limit. */
  makeRoom(): void;
}

/** Everything the server needs from an engine. */
export interface EnginePort {
  /** Absent or null: every request takes the regular path. */
  readonly lanes?: RequestLanes | null;
  readonly network: NetworkConfig;
  readonly counters: NetworkCounters;
  readonly clientMemory?: ClientMemory;
  /** Who wants to know how large replies are. */
  readonly replySizes?: ReplySizes;
  /** The default user has no password, so protected mode rejects remote clients. */
  readonly openToAll: boolean;
  /** Registers a function to be called from time to time while a script occupies the thread; null removes it. */
  whileBusy?(attend: (() => void) | null): void;
  /**
   * Called before replies go out, to make durable what they promise. False: it failed, and the replies of this turn
   * must not go out.
   */
  commit?(): boolean;
  /** Called with the TCP port once the server listens on it. */
  listening?(port: number): void;
  /** Called when the server has closed: connections opened for the engine must be closed too. */
  closed?(): void;
  /** Opens a session. Its `end()` is called exactly once, when the connection is gone. */
  connect(sink: Sink, info: ConnectionInfo): ServerSession;
  /** The session's line in CLIENT LIST, for the log. */
  describe(session: ServerSession): string;
  log(level: LogLevel, message: string): void;
}
