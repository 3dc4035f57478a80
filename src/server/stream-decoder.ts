import { allocBytesUnsafe, type Bytes, joinArrays } from '../core/bytes.js';
import { RequestDecoder } from '../resp/request-decoder.js';
import { READ_SLACK_BYTES } from '../resp/request-parser.js';

/** The commands of a replication stream, each with the bytes that it came in: those go on to this server's own replicas. */
export class StreamDecoder {
  readonly #decoder = new RequestDecoder();
  /** Bytes that were fed and belong to no command that was taken. */
  #chunks: Uint8Array[] = [];
  #held = 0;

  /** Why the bytes are no commands, or null. */
  get error(): Bytes | null {
    return this.#decoder.error;
  }

  /** Gives the next bytes, which are copied. */
  feed(chunk: Uint8Array): void {
    const copy = allocBytesUnsafe(chunk.length + READ_SLACK_BYTES);
    copy.set(chunk, 0);
    this.#chunks.push(copy.subarray(0, chunk.length));
    this.#held += chunk.length;
    this.#decoder.feed(copy, chunk.length);
  }

  /** Whether there is another whole command. */
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

  /** What is left of the chunk is kept until the next comes. */
  keep(): void {
    this.#decoder.keep();
  }
}
