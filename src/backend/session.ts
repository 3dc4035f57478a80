import type { Bytes } from '../core/bytes.js';
import type { PushReply, Reply } from '../core/reply.js';

/**
 * Where a session's replies go when they do not come at once: the reply of a blocked command, pushed messages,
 * and the end of the session. The server writes them to a socket, the façade resolves promises with them.
 */
export interface Sink {
  /** The reply of the command that answered PENDING. */
  reply(reply: Reply): void;
  /** A pushed message: pub/sub, invalidation, MONITOR line (a Status). Sent as it comes, before or after replies. */
  push(message: PushReply | Reply): void;
  /** As `push`, but after the reply of the command that runs now. Absent: `push` will do. */
  pushLater?(message: PushReply): void;
  /** The engine ends the session (CLIENT KILL, QUIT, SHUTDOWN): after the replies so far are out, or at once. */
  close(mode: 'after-replies' | 'now'): void;
  /** The session may read commands again: it was blocked, or all clients were paused. */
  resume(): void;
  /** Facts for CLIENT LIST and limits; 0 where a sink has no socket. */
  readonly stats: SinkStats;
  /** What a replica is fed through. Absent where there is no socket. */
  readonly raw?: RawSink;
}

/** A connection's output without the form of replies. */
export interface RawSink {
  /** Sends bytes as they are, after what was sent before. They are copied. */
  send(bytes: Uint8Array): void;
  /** Calls back once, when what was sent is out and at the earliest in a later turn; never after the session's end. */
  whenSent(callback: () => void): void;
}

export interface SinkStats {
  address: string;
  localAddress: string;
  fd: number;
  queryBufferBytes: number;
  queryBufferFreeBytes: number;
  outputBufferBytes: number;
  /** Room for replies that is counted as the client's, as large as it needed lately. Absent: what waits in it. */
  replyBufferBytes?: number;
  outputListLength: number;
  /** All that came and went over its connection; absent: it has none. */
  inputBytes?: number;
  outputBytes?: number;
  outputListBytes: number;
}

export type Protocol = 2 | 3;

/** One conversation with an engine: protocol, database, MULTI, WATCH, subscriptions. */
export interface Session {
  readonly id: number;
  readonly protocol: Protocol;
  /** Blocked in BLPOP and the like, or held back by CLIENT PAUSE: no further command may be given. */
  readonly blocked: boolean;
  /** Carries out one command. PENDING: the sink gets the reply. NO_REPLY: nothing is to be sent. */
  call(argv: Bytes[]): Reply;
  /** The client is gone: everything the session holds is released. */
  end(): void;
}
