import type { Bytes } from '../core/bytes.js';

/** The outcome of commands sent to another server. */
export interface Delivery {
  /** Why there are no further answers; null: all have arrived. */
  readonly problem: 'connecting' | 'writing' | 'reading' | null;
  /** The error reply to AUTH or SELECT, in which case no command counts as carried out. */
  readonly refusal: Bytes | null;
  /** By command, as far as answered: the text of an error reply, or null. */
  readonly errors: readonly (Bytes | null)[];
}

/** Sends commands to other servers, which MIGRATE needs from the host. Connections are kept for a while. */
export interface Courier {
  /**
   * Sends `commands` together and reports the answers, at the latest `timeoutMs` after the other side was last heard
   * of. `database` is selected first if needed.
   */
  deliver(order: DeliveryOrder, done: (delivery: Delivery) => void): void;
  /** The same, blocking the thread. Absent if the host cannot block. */
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
