import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from './disk.js';
import { isMissing } from './durable-file.js';
import { PersistenceError } from './persistence-error.js';

const NAME = 'keyspan.lock';
/** Folders that this process has open: its own pid in a lock says nothing. */
const held = new Set<string>();

/** Holds a folder for one process, by a file with its pid. A lock whose process has ended is taken over. */
export class FolderLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder if need be. Throws PersistenceError while somebody else has it. */
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

/** The pid in a lock; null if there is none in it. */
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
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
