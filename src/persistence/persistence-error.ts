import { KeyspanError } from '../core/errors.js';
import { RdbError } from '../engine/rdb/rdb-error.js';

/** A file that cannot be loaded: which one, where in it, and why. */
export class PersistenceError extends KeyspanError {
  readonly path: string;
  /** Where in the file; null where that means nothing. */
  readonly offset: number | null;
  readonly reason: string;

  constructor(path: string, reason: string, offset: number | null = null, cause?: unknown) {
    super(`${path}: ${reason}${offset === null ? '' : ` at offset ${offset}`}`, cause === undefined ? {} : { cause });
    this.path = path;
    this.offset = offset;
    this.reason = reason;
  }
}

/** Runs `load`; what it finds wrong with the data of a file is said with the file's name. */
export function namingFile<T>(path: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (error instanceof RdbError) throw new PersistenceError(path, error.reason, error.offset, error);
    throw error;
  }
}
