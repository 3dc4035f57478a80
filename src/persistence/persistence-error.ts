import { KeyspanError } from '../core/errors.js';
import { RdbError } from '../engine/rdb/rdb-error.js';

/** A file cannot be loaded: which one, where in it, and why. */
export class PersistenceError extends KeyspanError {
  readonly path: string;
  /** The offset in the file; null where that has no meaning. */
  readonly offset: number | null;
  readonly reason: string;

  constructor(path: string, reason: string, offset: number | null = null, cause?: unknown) {
    super(`${path}: ${reason}${offset === null ? '' : ` at offset ${offset}`}`, cause === undefined ? {} : { cause });
    this.path = path;
    this.offset = offset;
    this.reason = reason;
  }
}

/** Runs `load`, adding the file's name to errors about its content. */
export function namingFile<T>(path: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (error instanceof RdbError) throw new PersistenceError(path, error.reason, error.offset, error);
    throw error;
  }
}

/** As `namingFile`, for a load that takes its time. */
export async function namingFileSoon<T>(path: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    return namingFile(path, () => {
      throw error;
    });
  }
}
