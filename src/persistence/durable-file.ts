import { closeSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Disk, systemDisk } from './disk.js';

const READ_BYTES = 1024 * 1024;
/** What is read at a time by those who make use of it at once: it stays in the processor's cache. */
const STREAM_BYTES = 256 * 1024;
/** Small chunks are gathered up to this before they are written. */
const WRITE_BYTES = 256 * 1024;
/** A chunk of so many bytes is written as it is. */
const WRITE_BYTES_MIN = 32 * 1024;

/**
 * A file that is replaced as a whole or not at all:
 *
 *     write to a file beside it → fsync → rename → fsync of the folder
 */
function temporaryPath(path: string): string {
  return join(dirname(path), `temp-${process.pid}-${++temporaryFiles}-${basename(path)}`);
}

let temporaryFiles = 0;

/** Whether a file has the name of one that was to take the place of another. */
export function isTemporary(name: string): boolean {
  return /^temp-\d+-\d+-/.test(name);
}

/** Replaces a file by `chunks`. What fails leaves the old one as it was, and nothing beside it. */
export function replaceFile(path: string, chunks: Iterable<Uint8Array>, disk: Disk = systemDisk): void {
  const temporary = temporaryPath(path);
  const file = disk.open(temporary, 'w');
  try {
    try {
      for (const part of gathered(chunks)) writeAll(file, part, disk);
      disk.sync(file);
    } finally {
      disk.close(file);
    }
    disk.rename(temporary, path);
  } catch (error) {
    disk.remove(temporary);
    throw error;
  }
  disk.syncFolder(dirname(path));
}

/** As `replaceFile`, with other work between the chunks; until the very end `signal` may call it off. */
export async function replaceFileSlowly(
  path: string,
  chunks: Iterable<Uint8Array>,
  signal?: AbortSignal,
  disk: Disk = systemDisk,
): Promise<void> {
  const next = await PreparedFile.write(path, chunks, disk, signal);
  // Not awaited: nothing can come between the last question and the rename.
  next.put();
  await disk.syncFolderSoon(dirname(path));
}

/** A file that lies ready, on the disk, to take the place of another. */
export class PreparedFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #disk: Disk;

  private constructor(path: string, disk: Disk) {
    this.#path = path;
    this.#temporary = temporaryPath(path);
    this.#disk = disk;
  }

  /** Writes it little by little. What fails, or is called off, leaves nothing. */
  static async write(
    path: string,
    chunks: Iterable<Uint8Array>,
    disk: Disk,
    signal?: AbortSignal,
  ): Promise<PreparedFile> {
    const prepared = new PreparedFile(path, disk);
    const file = disk.open(prepared.#temporary, 'w');
    try {
      try {
        // Not gathered: making a chunk takes time that the commands wait.
        for (const chunk of chunks) {
          // An empty one says that there was work to do without anything to write yet.
          if (chunk.length === 0) await new Promise((resolve) => setImmediate(resolve));
          else await writeAllSoon(file, chunk, disk);
          signal?.throwIfAborted();
        }
        await disk.syncSoon(file);
      } finally {
        disk.close(file);
      }
      signal?.throwIfAborted();
    } catch (error) {
      prepared.discard();
      throw error;
    }
    return prepared;
  }

  /** Takes the place of the old file, at once or, if that throws, not at all. The folder is not synced. */
  put(): void {
    try {
      this.#disk.rename(this.#temporary, this.#path);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  discard(): void {
    this.#disk.remove(this.#temporary);
  }
}

/** The bytes of a file in chunks. Throws at once if it cannot be opened. */
export function readFileChunks(path: string): Iterable<Uint8Array> {
  const file = openSync(path, 'r');
  return chunksOf(file, () => Buffer.allocUnsafeSlow(READ_BYTES));
}

/** As `readFileChunks`, each chunk good until the next one is asked for: they take the same memory. */
export function streamFile(path: string): Iterable<Uint8Array> {
  const file = openSync(path, 'r');
  const buffer = Buffer.allocUnsafeSlow(STREAM_BYTES);
  return chunksOf(file, () => buffer);
}

function* chunksOf(file: number, room: () => Uint8Array): Generator<Uint8Array, void, undefined> {
  try {
    for (;;) {
      const buffer = room();
      const length = readSync(file, buffer, 0, buffer.length, null);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

export function writeAll(file: number, bytes: Uint8Array, disk: Disk = systemDisk): void {
  for (let at = 0; at < bytes.length; ) at += disk.write(file, bytes, at);
}

async function writeAllSoon(file: number, bytes: Uint8Array, disk: Disk): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += await disk.writeSoon(file, bytes, at);
}

function* gathered(chunks: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for (const chunk of chunks) {
    if (size === 0 && chunk.length >= WRITE_BYTES_MIN) {
      yield chunk;
      continue;
    }
    parts.push(chunk);
    size += chunk.length;
    if (size < WRITE_BYTES) continue;
    yield Buffer.concat(parts, size);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts, size);
}

/** Whether a system error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
