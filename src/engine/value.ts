import type { CommandTable } from '../commands/table.js';
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
  /**
   * Small lists and sets are listpacks, and collections are made for as many elements as a command announces: since 7.2.
   * The engine sets it when it is made.
   */
  compact: boolean;
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
  setMaxIntsetEntries: number;
  setMaxListpackEntries: number;
  setMaxListpackValue: number;
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
  compact: false,
  hashMaxListpackEntries: 512,
  hashMaxListpackValue: 64,
  setMaxIntsetEntries: 512,
  setMaxListpackEntries: 128,
  setMaxListpackValue: 64,
  zsetMaxListpackEntries: 128,
  zsetMaxListpackValue: 64,
  listMaxListpackSize: -2,
  streamNodeMaxBytes: 4096,
  streamNodeMaxEntries: 100,
});

/** The context that collections are created with. */
export interface ValueContext {
  readonly meter: MemoryMeter;
  /** Of the hash functions. */
  readonly seed: number;
  readonly limits: EncodingLimits;
}

/** The context of an engine's collections, with what its version means for them. */
export function valueContextOf(engine: {
  readonly meter: MemoryMeter;
  readonly hashSeed: number;
  readonly commands: CommandTable;
  readonly settings: { readonly limits: EncodingLimits };
}): ValueContext {
  const { limits } = engine.settings;
  limits.compact = engine.commands.since.v72;
  return { meter: engine.meter, seed: engine.hashSeed, limits };
}
