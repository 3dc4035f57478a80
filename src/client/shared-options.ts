import type { Connection } from './connection.js';
import type { Pending } from './pending.js';

export interface SharedLimits {
  readonly queueMax: number;
  readonly queueBytesMax: number;
  readonly retriesMax: number;
}

/** Where connections are lent, and given back: a pool. */
export interface Lender {
  /** A ready connection. Rejects with a ConnectionError without cause when there is none to be had. */
  acquire(): Promise<Connection>;
  release(connection: Connection): void;
}

export interface SharedConnectionOptions {
  /** Takes what a lost connection leaves waiting; without one it waits for the next connection. */
  readonly rescue?: ((pending: Pending) => void) | null;
  /** Lends the connections, which go back to it; without one they are made here. */
  readonly lender?: Lender;
}
