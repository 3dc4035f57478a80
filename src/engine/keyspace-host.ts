import type { MemoryMeter } from '../core/memory.js';

/** What a keyspace needs of the engine around it. */
export interface KeyspaceHost {
  readonly meter: MemoryMeter;
  readonly hashSeed: number;
  /** Stamp for a key that is used now: LRU clock, or LFU state. */
  touchStamp(old: number): number;
  freshStamp(): number;
}
