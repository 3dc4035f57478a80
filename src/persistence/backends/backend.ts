import type { Engine } from '../../engine/engine.js';

/** Called while data are saved or loaded, with the bytes written or read so far. */
export type Progress = (bytes: number) => void;

/**
 * A way to store all data of an engine. `Data` is what `dump` returns and `restore` takes. Restoring fills an empty
 * engine that nobody else sees, so it may throw at any point.
 */
export interface DatasetBackend<Data = unknown> {
  /** Default file extension: `dump.rdb`. */
  readonly extension: string;
  dump(engine: Engine): Data;
  restore(engine: Engine, data: Data, progress?: Progress): void;
  /** Replaces what is at `path` by all data, atomically. */
  save(path: string, engine: Engine, progress?: Progress): Promise<void>;
  /** Restores what is at `path`; false if there is nothing. */
  load(path: string, engine: Engine, progress?: Progress): Promise<boolean>;
}
