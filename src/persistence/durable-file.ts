import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const READ_BYTES = 1024 * 1024;
/** Small chunks are gathered up to this before they are written. */
const WRITE_BYTES = 256 * 1024;

/**
 * A file that is replaced as a whole or not at all:
 *
 *     write to a file beside it → fsync → rename → fsync of the folder
 */
function temporaryPath(path: string): string {
  return join(dirname(path), `temp-${process.pid}-${++temporaryFiles}-${basename(path)}`);
}

let temporaryFiles = 0;

/** Replaces a file by `chunks`. What fails leaves the old one as it was, and nothing beside it. */
export function replaceFile(path: string, chunks: Iterable<Uint8Array>): void {
  const temporary = temporaryPath(path);
  const file = openSync(temporary, 'w');
  try {
    try {
      for (const part of gathered(chunks)) writeAll(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** As `replaceFile`, with other work between the chunks; until the very end `signal` may call it off. */
export async function replaceFileSlowly(
  path: string,
  chunks: Iterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const temporary = temporaryPath(path);
  const file = await open(temporary, 'w');
  try {
    try {
      // Not gathered: making a chunk takes time that the commands wait.
      for (const chunk of chunks) {
        await writeAllSlowly(file, chunk);
        signal?.throwIfAborted();
      }
      await file.sync();
    } finally {
      await file.close();
    }
    signal?.throwIfAborted();
    // Not awaited: nothing can come between the question and the rename.
    renameSync(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** The bytes of a file in chunks, each good until the next one is asked for. Throws at once if it cannot be opened. */
export function readFileChunks(path: string): Iterable<Uint8Array> {
  const file = openSync(path, 'r');
  return chunksOf(file);
}

function* chunksOf(file: number): Generator<Uint8Array, void, undefined> {
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
      const length = readSync(file, buffer, 0, READ_BYTES, null);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

async function writeAllSlowly(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

/** Makes names in a folder last: a rename is lost with the power otherwise. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function* gathered(chunks: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for (const chunk of chunks) {
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
