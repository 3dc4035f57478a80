import type { Session, Sink } from '../backend/session.js';
import type { ReplyArena } from '../resp/reply-arena.js';
import type { RequestParser } from '../resp/request-parser.js';

/** Which of the three output limits holds for a session. */
export type OutputClass = 'normal' | 'replica' | 'pubsub';

/** A session as the server sees it. The three extra facts may change with every command. */
export interface ServerSession extends Session {
  /** A password is set and the client has not given it: only short requests and little output are allowed. */
  readonly authRequired: boolean;
  readonly outputClass: OutputClass;
  /** `timeout` does not apply: a replica, a monitor. (Blocked and subscribed clients are known to the server.) */
  readonly idleExempt: boolean;
}

/** Who connects. Addresses as CLIENT LIST shows them: `127.0.0.1:50000`, `[::1]:50000`, `/path/of/socket:0`. */
export interface ConnectionInfo {
  readonly address: string;
  readonly localAddress: string;
  readonly fd: number;
  readonly kind: 'tcp' | 'unix' | 'tls';
}

/** One line of `client-output-buffer-limit`; 0 stands for no limit. */
export interface OutputLimit {
  readonly hard_bytes: number;
  readonly soft_bytes: number;
  readonly soft_seconds: number;
}

/** Parameters that the server reads each time it needs them, so that CONFIG SET takes effect at once. */
export interface NetworkConfig {
  readonly maxclients: number;
  /** Idle clients are closed after so many seconds; 0: never. */
  readonly timeout_s: number;
  /** Seconds of silence before TCP asks whether the other side is alive; 0: never. For new connections. */
  readonly tcpKeepalive_s: number;
  readonly protoMaxBulk_bytes: number;
  readonly clientQueryBuffer_bytes: number;
  readonly protectedMode: boolean;
  readonly outputLimits: Readonly<Record<OutputClass, OutputLimit>>;
}

/** Figures that the server counts and INFO shows. The engine owns the object and may set it back to zero. */
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
  /** What connections hold now: output that waits to be read, and buffers with begun requests. Never set back. */
  heldBytes: number;
}

/** How important a line of the log is: redis.conf's `loglevel`. */
export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

/** Short ways for plain requests, on the bytes as they came in. */
export interface RequestLanes {
  /** Carries the request out and writes its reply; false: nothing was done, the request has to take the long way. */
  take(session: ServerSession, bytes: Uint8Array, parser: RequestParser, arena: ReplyArena): boolean;
}

/** A limit on what all clients take together. */
export interface ClientMemory {
  /** Whether there is one; if not, nothing needs to be noted. */
  readonly on: boolean;
  /** What a session takes may have changed. */
  note(session: ServerSession): void;
  /** Closes clients until the others fit. */
  makeRoom(): void;
}

/** All that the server asks of an engine. */
export interface EnginePort {
  /** None, or null: every request takes the long way. */
  readonly lanes?: RequestLanes | null;
  readonly network: NetworkConfig;
  readonly counters: NetworkCounters;
  readonly clientMemory?: ClientMemory;
  /** The default user needs no password: then protected mode refuses strangers. */
  readonly openToAll: boolean;
  /** From now on `attend` is called now and then while a script keeps the thread; null: no more. */
  whileBusy?(attend: (() => void) | null): void;
  /**
   * Called before replies go out: what they promise is to be done by then. False: it cannot be; the replies of this turn
   * must not go out.
   */
  commit?(): boolean;
  /** Told the TCP port once it is listened on. */
  listening?(port: number): void;
  /** Told that the server has closed: connections that were opened for the engine are to go too. */
  closed?(): void;
  /** Opens a session. Its `end()` is called exactly once, when the connection is gone. */
  connect(sink: Sink, info: ConnectionInfo): ServerSession;
  /** The session's line in CLIENT LIST, for the log. */
  describe(session: ServerSession): string;
  log(level: LogLevel, message: string): void;
}
