import type { SnapshotStorage } from '../engine/storage.js';
import { isMissing, readFileChunks, replaceFile, replaceFileSlowly } from './durable-file.js';

/** Snapshots in a file, which is replaced as a whole. `path` is asked each time: it may change at run time. */
export class SnapshotFile implements SnapshotStorage {
  readonly #path: () => string;

  constructor(path: () => string) {
    this.#path = path;
  }

  get name(): string {
    return this.#path();
  }

  save(chunks: Iterable<Uint8Array>): void {
    replaceFile(this.#path(), chunks);
  }

  async saveSlowly(chunks: Iterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await replaceFileSlowly(this.#path(), chunks, signal);
  }

  read(): Iterable<Uint8Array> | null {
    try {
      return readFileChunks(this.#path());
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}
