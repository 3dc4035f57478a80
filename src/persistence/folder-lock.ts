import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from './disk.js';
import { isMissing } from './durable-file.js';
import { PersistenceError } from './persistence-error.js';

const NAME = 'keyspan.lock';
/** Folders that this process has locked, as its own pid in a lock file proves nothing. */
const held = new Set<string>();

/** Locks a folder for one process by means of a file with its pid. A lock whose process has ended is taken over. */
export class FolderLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Locks the folder, creating it if needed. Throws PersistenceError while someone else holds it. */
  static take(folder: string): FolderLock {
    makeFolders(folder);
    const path = join(folder, NAME);
    if (held.has(path)) throw new PersistenceError(path, 'the folder is open in this process already');
    for (;;) {
      try {
        const file = openSync(path, 'wx');
        writeSync(file, `${process.pid}\n`);
        closeSync(file);
        held.add(path);
        return new FolderLock(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = ownerOf(path);
      if (owner !== null && owner !== process.pid && isAlive(owner)) {
        throw new PersistenceError(path, `the folder is open in process ${owner}`);
      }
      rmSync(path, { force: true });
    }
  }

  release(): void {
    if (held.delete(this.#path)) rmSync(this.#path, { force: true });
  }
}

/** The pid in a lock file; null if it holds none. */
function ownerOf(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'latin1'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists, but may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
