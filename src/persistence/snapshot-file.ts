import { statSync } from 'node:fs';
import type { SnapshotStorage } from '../engine/storage.js';
import { type Disk, systemDisk } from './disk.js';
import { isMissing, replaceFile, replaceFileSlowly, streamFile } from './durable-file.js';

/** Snapshots in a file that is replaced atomically. `path` is evaluated each time, as it may change at run time. */
export class SnapshotFile implements SnapshotStorage {
  readonly #path: () => string;
  readonly #disk: Disk;

  constructor(path: () => string, disk: Disk = systemDisk) {
    this.#path = path;
    this.#disk = disk;
  }

  get name(): string {
    return this.#path();
  }

  get bytes(): number {
    return statSync(this.#path(), { throwIfNoEntry: false })?.size ?? 0;
  }

  save(chunks: Iterable<Uint8Array>): void {
    replaceFile(this.#path(), chunks, this.#disk);
  }

  async saveSlowly(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await replaceFileSlowly(this.#path(), chunks, signal, this.#disk);
  }

  read(): Iterable<Uint8Array> | null {
    try {
      return streamFile(this.#path());
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}
