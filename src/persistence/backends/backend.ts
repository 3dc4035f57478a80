import type { Engine } from '../../engine/engine.js';

/** Called while data are saved or loaded, with the bytes written or read so far. */
export type Progress = (bytes: number) => void;

/**
 * A way to keep all data of an engine. `Data` is what `dump` gives and `restore` takes.
 * What it is given to restore to is an empty engine that nobody else sees: it may throw at any point.
 */
export interface DatasetBackend<Data = unknown> {
  /** The end of a file's name when none is given: `dump.rdb`. */
  readonly extension: string;
  dump(engine: Engine): Data;
  restore(engine: Engine, data: Data, progress?: Progress): void;
  /** Puts all data in the place of what was at `path`, at once or not at all. */
  save(path: string, engine: Engine, progress?: Progress): Promise<void>;
  /** Restores what is at `path`; false if nothing is there. */
  load(path: string, engine: Engine, progress?: Progress): Promise<boolean>;
}
