import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import { open as openHandle, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Everything that is done to files, an interface narrow enough for a test to take its place and stop the world between
 * any two steps. Files are numbers given by the system. Everything throws the system's error; methods ending in `Soon`
 * work off the event loop. Reading does not go through it.
 */
export interface Disk {
  /** `w` creates or truncates the file; `a` opens or creates it for appending. */
  open(path: string, mode: 'w' | 'a'): number;
  /** Writes from `at` on; returns how many bytes the system took. */
  write(file: number, bytes: Uint8Array, at: number): number;
  writeSoon(file: number, bytes: Uint8Array, at: number): Promise<number>;
  truncate(file: number, size: number): void;
  /** Makes the content and size durable. */
  sync(file: number): void;
  syncSoon(file: number): Promise<void>;
  close(file: number): void;
  rename(from: string, to: string): void;
  /** Does nothing if the file does not exist. */
  remove(path: string): void;
  removeSoon(path: string): Promise<void>;
  /** Creates one folder in an existing parent; false if it exists already. */
  makeFolder(path: string): boolean;
  /** Makes creations and removals in the folder durable. */
  syncFolder(path: string): void;
  syncFolderSoon(path: string): Promise<void>;
}

export const systemDisk: Disk = {
  open: (path, mode) => openSync(path, mode),
  write: (file, bytes, at) => writeSync(file, bytes, at),
  writeSoon: (file, bytes, at) =>
    new Promise((done, failed) => {
      write(file, bytes, at, bytes.length - at, null, (error, count) => (error === null ? done(count) : failed(error)));
    }),
  truncate: ftruncateSync,
  sync: fdatasyncSync,
  syncSoon: (file) =>
    new Promise((done, failed) => {
      fdatasync(file, (error) => (error === null ? done() : failed(error)));
    }),
  close: closeSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  removeSoon: (path) => rm(path, { force: true }),
  makeFolder: (path) => {
    try {
      mkdirSync(path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return false;
    }
  },
  syncFolder: (path) => {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
  syncFolderSoon: async (path) => {
    const folder = await openHandle(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

/** Creates a folder and its missing parents, durably. */
export function makeFolders(path: string, disk: Disk = systemDisk): void {
  const folder = resolve(path);
  const parent = dirname(folder);
  let made: boolean;
  try {
    made = disk.makeFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    makeFolders(parent, disk);
    made = disk.makeFolder(folder);
  }
  if (made) disk.syncFolder(parent);
}
