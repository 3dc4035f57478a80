import type { KeyspanError } from '../core/errors.js';
import type { PushReply } from '../core/reply.js';
import type { Address } from './address.js';
import type { Connection } from './connection.js';
import type { Pending } from './pending.js';

/** Who is told of what becomes of a line's connections. */
export interface LineListener {
  /** A connection takes commands; told before it is given those that wait. */
  opened(connection: Connection): void;
  /** It is not the line's any more; `isSilent` if it has not ended, but owes replies for too long. */
  left(isSilent: boolean): void;
  /** A command was lost with two connections, one after the other: it may be what the server ended them for. */
  suspected?(): void;
  /** What the line's connection pushes; nothing of connections that it has left. */
  push(push: PushReply): void;
  /** There is no connection, and none will be made before there is a command for it. */
  gone(error: KeyspanError): void;
}

/** What makes connections one after the other, of which subscriptions use the one that is there. */
export interface SubscriptionLine {
  /** The version of RESP that is tried first. */
  readonly protocol: 2 | 3;
  /** The connection that takes commands now, if any. */
  readonly live: Connection | null;
  listener: LineListener | null;
  /** Sends a command, or keeps it until there is a connection. */
  submit(pending: Pending, timeout: number): void;
}

/** A line that has nothing but subscriptions. */
export interface OwnLine extends SubscriptionLine {
  readonly gauges: { readonly connections: number };
  prepare(): void;
  /** The right node is at another address now. */
  moved(address: Address): void;
  close(timeout: number): Promise<void>;
  destroy(): void;
}
