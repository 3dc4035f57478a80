import { allocBytes } from '../../core/bytes.js';

/** Keeps data whose length has to be known before they are sent. Each call may throw what the host's storage throws. */
export interface Spool {
  readonly length: number;
  append(bytes: Uint8Array): void;
  /** The bytes from `at` on, at most `length`, in an array of their own. */
  read(at: number, length: number): Uint8Array;
  /** Gives the room back. */
  close(): void;
}

/** A spool for hosts without a disk. */
export class MemorySpool implements Spool {
  #chunks: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  length = 0;
  /** Reading goes from the front to the back: where the last one ended. */
  #next = 0;

  append(bytes: Uint8Array): void {
    this.#chunks.push({ at: this.length, bytes });
    this.length += bytes.length;
  }

  read(at: number, length: number): Uint8Array {
    const out = allocBytes(Math.min(length, this.length - at));
    if ((this.#chunks[this.#next]?.at ?? 0) > at) this.#next = 0;
    let done = 0;
    while (done < out.length) {
      const chunk = this.#chunks[this.#next];
      const from = at + done - chunk.at;
      const part = chunk.bytes.subarray(from, from + out.length - done);
      out.set(part, done);
      done += part.length;
      if (from + part.length >= chunk.bytes.length) this.#next++;
    }
    return out;
  }

  close(): void {
    this.#chunks = [];
  }
}
