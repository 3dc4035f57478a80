import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocBytesUnsafe } from '../core/bytes.js';
import { systemMessage } from '../core/system-message.js';
import type { Spool } from '../engine/replication/spool.js';

let opened = 0;

/**
 * A file without a name: it is unlinked as soon as it is open, so that nothing is left behind whatever becomes of the
 * process. Where a file that is open cannot be unlinked, `close` does it.
 */
export class FileSpool implements Spool {
  length = 0;
  readonly #descriptor: number;
  readonly #path: string;
  #linked = true;

  /** In `folder`, or where the system keeps such files. Throws an Error in the system's words. */
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
      // It is still open, which some systems do not like.
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
