import type { Bytes } from '../core/bytes.js';
import type { MemoryMeter } from '../core/memory.js';
import type { ValueContext } from './value.js';

/** What a keyspace needs from its engine. */
export interface KeyspaceHost {
  readonly meter: MemoryMeter;
  readonly hashSeed: number;
  /** The context for new collections. */
  readonly valueContext: ValueContext;
  /** Stamp for a key that is used now: LRU clock, or LFU state. */
  touchStamp(old: number): number;
  freshStamp(): number;
  /** A stream is about to leave its key: those who wait for its entries must know. */
  streamLost(keyspace: object, key: Bytes): void;
}
