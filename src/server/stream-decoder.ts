import { allocBytesUnsafe, type Bytes, joinArrays } from '../core/bytes.js';
import { RequestDecoder } from '../resp/request-decoder.js';
import { READ_SLACK_BYTES } from '../resp/request-parser.js';

/**
 * Splits a replication stream into commands, each with its original bytes, which go on to this server's own replicas.
 */
export class StreamDecoder {
  readonly #decoder = new RequestDecoder();
  /** Bytes that were fed and not yet consumed by a command. */
  #chunks: Uint8Array[] = [];
  #held = 0;

  /** Why the bytes are not commands, or null. */
  get error(): Bytes | null {
    return this.#decoder.error;
  }

  /** Feeds the next bytes, which are copied. */
  feed(chunk: Uint8Array): void {
    const copy = allocBytesUnsafe(chunk.length + READ_SLACK_BYTES);
    copy.set(chunk, 0);
    this.#chunks.push(copy.subarray(0, chunk.length));
    this.#held += chunk.length;
    this.#decoder.feed(copy, chunk.length);
  }

  /** Moves on to the next complete command; false if there is none. */
  next(): boolean {
    return this.#decoder.next();
  }

  argv(): Bytes[] {
    return this.#decoder.argv();
  }

  /** The bytes of the command that `next` found. */
  taken(): Uint8Array {
    const length = this.#held - this.#decoder.pendingBytes;
    this.#held -= length;
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0; ) {
      const [first] = this.#chunks;
      const part = first!.subarray(0, left);
      parts.push(part);
      left -= part.length;
      if (part.length === first!.length) this.#chunks.shift();
      else this.#chunks[0] = first!.subarray(part.length);
    }
    return parts.length === 1 ? parts[0]! : joinArrays(parts, length);
  }

  /** Keeps the rest of the chunk until the next one comes. */
  keep(): void {
    this.#decoder.keep();
  }
}
