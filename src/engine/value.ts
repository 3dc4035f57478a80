import type { MemoryMeter } from '../core/memory.js';
import type { HashValue } from './values/hash.js';
import type { ListValue } from './values/list.js';
import type { SetValue } from './values/set.js';
import type { StreamValue } from './values/stream.js';
import type { ZSetValue } from './values/zset.js';

/** A value that is an object of its own; strings live in the keyspace's slab. */
export type Collection = ListValue | SetValue | ZSetValue | HashValue | StreamValue;

/** The thresholds of the compact encodings: one mutable object per engine, read at each write. */
export interface EncodingLimits {
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
  setMaxIntsetEntries: number;
  zsetMaxListpackEntries: number;
  zsetMaxListpackValue: number;
  /** Positive: entries per node; −1…−5: 4, 8, 16, 32, 64 KiB per node. */
  listMaxListpackSize: number;
  /** Of a stream's nodes, as bytes of their listpack; 0: no limit. */
  streamNodeMaxBytes: number;
  /** Live and deleted entries of a stream's node; 0: no limit. */
  streamNodeMaxEntries: number;
}

export const defaultEncodingLimits = (): EncodingLimits => ({
  hashMaxListpackEntries: 512,
  hashMaxListpackValue: 64,
  setMaxIntsetEntries: 512,
  zsetMaxListpackEntries: 128,
  zsetMaxListpackValue: 64,
  listMaxListpackSize: -2,
  streamNodeMaxBytes: 4096,
  streamNodeMaxEntries: 100,
});

/** What every collection is made with. */
export interface ValueContext {
  readonly meter: MemoryMeter;
  /** Of the hash functions. */
  readonly seed: number;
  readonly limits: EncodingLimits;
}
