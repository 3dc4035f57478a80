import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocBytesUnsafe } from '../core/bytes.js';
import { systemMessage } from '../core/system-message.js';
import type { Spool } from '../engine/replication/spool.js';

let opened = 0;

/**
 * An anonymous temporary file: unlinked as soon as it is open, so that nothing is left behind whatever happens to the
 * process. Where open files cannot be unlinked, `close` does it.
 */
export class FileSpool implements Spool {
  length = 0;
  readonly #descriptor: number;
  readonly #path: string;
  #linked = true;

  /** Creates the file in `folder`, or in the system's temporary folder. Throws an Error with the system's message. */
  constructor(folder: string) {
    this.#path = join(folder || tmpdir(), `temp-sync-${process.pid}-${opened++}.rdb`);
    this.#descriptor = explained(() => openSync(this.#path, 'wx+', 0o600));
    this.#unlink();
  }

  append(bytes: Uint8Array): void {
    explained(() => {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, this.length + done);
      }
    });
    this.length += bytes.length;
  }

  read(at: number, length: number): Uint8Array {
    const out = allocBytesUnsafe(Math.min(length, this.length - at));
    let done = 0;
    while (done < out.length) {
      const got = explained(() => readSync(this.#descriptor, out, done, out.length - done, at + done));
      if (got === 0) throw new Error('the file has become shorter');
      done += got;
    }
    return out;
  }

  close(): void {
    closeSync(this.#descriptor);
    if (this.#linked) this.#unlink();
  }

  #unlink(): void {
    try {
      unlinkSync(this.#path);
      this.#linked = false;
    } catch {
      // Some systems refuse to unlink an open file.
    }
  }
}

function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(systemMessage(error), { cause: error });
  }
}
