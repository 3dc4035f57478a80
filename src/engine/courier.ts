import type { Bytes } from '../core/bytes.js';

/** What became of commands given to another server. */
export interface Delivery {
  /** Why there are no more answers; null: all have come. */
  readonly problem: 'connecting' | 'writing' | 'reading' | null;
  /** The error that AUTH or SELECT was answered with: then no command is to be taken as carried out. */
  readonly refusal: Bytes | null;
  /** By command, as far as they were answered: the text of an error reply, or null. */
  readonly errors: readonly (Bytes | null)[];
}

/** Gives commands to other servers: what MIGRATE needs of the host. Connections are kept for a while. */
export interface Courier {
  /**
   * Sends `commands` in one go and tells how they were answered, at the latest `timeoutMs` after the last sign of the
   * other side. `database` is selected first where it is not.
   */
  deliver(order: DeliveryOrder, done: (delivery: Delivery) => void): void;
  /** The same, but nothing else happens in this thread until it is over. Absent where the host cannot wait. */
  deliverNow?(order: DeliveryOrder): Delivery;
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
