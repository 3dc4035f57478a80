import { closeSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Disk, systemDisk } from './disk.js';

const READ_BYTES = 1024 * 1024;
/** Read size for consumers that use the bytes at once: it fits the processor's cache. */
const STREAM_BYTES = 256 * 1024;
/** Small chunks are gathered up to this before they are written. */
const WRITE_BYTES = 256 * 1024;
/** Chunks of at least this size are written as they are. */
const WRITE_BYTES_MIN = 32 * 1024;

/** The content of a file, in order. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/*
 * A file is replaced as a whole or not at all:
 *
 *     write to a temporary file beside it → fsync → rename → fsync of the folder
 */

let temporaryFiles = 0;

function temporaryPath(path: string): string {
  return join(dirname(path), `temp-${process.pid}-${++temporaryFiles}-${basename(path)}`);
}

/** Whether a file's name is that of a temporary file that was to replace another. */
export function isTemporary(name: string): boolean {
  return /^temp-\d+-\d+-/.test(name);
}

/** Replaces a file by `chunks`. A failure leaves the old file as it was, and nothing beside it. */
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

/** Like `replaceFile`, yielding between the chunks; `signal` may abort it until the very end. */
export async function replaceFileSlowly(
  path: string,
  chunks: Chunks,
  signal?: AbortSignal,
  disk: Disk = systemDisk,
): Promise<void> {
  const next = await PreparedFile.write(path, chunks, disk, signal);
  // Not awaited, so that nothing can happen between the last check and the rename.
  next.put();
  await disk.syncFolderSoon(dirname(path));
}

/** A file that is ready, on disk, to replace another. */
export class PreparedFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #disk: Disk;

  private constructor(path: string, disk: Disk) {
    this.#path = path;
    this.#temporary = temporaryPath(path);
    this.#disk = disk;
  }

  /** Writes the file in small steps. A failure or abort leaves nothing behind. */
  static async write(path: string, chunks: Chunks, disk: Disk, signal?: AbortSignal): Promise<PreparedFile> {
    const prepared = new PreparedFile(path, disk);
    const file = disk.open(prepared.#temporary, 'w');
    try {
      try {
        // Not gathered: producing a chunk takes time during which commands wait.
        for await (const chunk of chunks) {
          // An empty chunk means that work was done that produced nothing to write yet.
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

  /** Replaces the old file, atomically; if it throws, nothing was replaced. Does not sync the folder. */
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

/** The content of a file in chunks. Throws at once if it cannot be opened. */
export function readFileChunks(path: string): Iterable<Uint8Array> {
  const file = openSync(path, 'r');
  return chunksOf(file, () => Buffer.allocUnsafeSlow(READ_BYTES));
}

/** Like `readFileChunks`, but all chunks share one buffer: each is valid until the next is requested. */
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

/** Whether a system error means that the file does not exist. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
