import type { Bytes } from '../core/bytes.js';

/** What became of commands given to another server: the text of each error reply, or null; or why there are no replies. */
export type Delivery =
  | { readonly errors: readonly (Bytes | null)[] }
  | { readonly problem: 'connecting' | 'writing' | 'reading' };

/** Gives commands to other servers: what MIGRATE needs of the host. Connections are kept for a while. */
export interface Courier {
  /**
   * Sends `commands` in one go and tells how they were answered, at the latest `timeoutMs` after the last sign of the
   * other side. `database` is selected first where it is not; a SELECT counts as the first command then.
   */
  deliver(order: DeliveryOrder, done: (delivery: Delivery) => void): void;
}

export interface DeliveryOrder {
  readonly host: Bytes;
  readonly port: Bytes;
  readonly timeoutMs: number;
  readonly database: number;
  /** The words of an AUTH, if any. */
  readonly auth: readonly Bytes[] | null;
  readonly commands: readonly (readonly Bytes[])[];
}
