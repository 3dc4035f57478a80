import { allocBytesUnsafe } from '../../core/bytes.js';

/** Chunks that come little by little. */
export class ChunkQueue {
  /** All have come. */
  closed = false;
  readonly #chunks: Uint8Array[] = [];

  /** The chunk must not change afterwards. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  next(): IteratorResult<Uint8Array, undefined> {
    const value = this.#chunks.shift();
    return value === undefined ? { done: true, value } : { done: false, value };
  }
}

const NONE = new Uint8Array(0);
/** A window is made so much larger than it must be: the next chunk may leave more unread than this one. */
const SPARE_BYTES = 64 * 1024;

/**
 * A window on data that come in chunks, for readers that must see some bytes in a row. Only what is not read yet is
 * kept when the next chunk comes; a chunk is used where it lies if nothing is left over, and copied behind the rest
 * otherwise, so it need not outlast the next one.
 *
 *     │ read │ not read yet │ ── fill ──▶ │ not read yet │ next chunk │
 *     0      at             end           0              ·            end
 */
export class ChunkWindow {
  /** Until the next `fill`. */
  protected window: Uint8Array = NONE;
  protected at = 0;
  protected end = 0;
  /** Where in the data the window begins. */
  protected start = 0;
  readonly #chunks: Iterator<Uint8Array> | null;
  /** The window when it is no chunk. */
  #own: Uint8Array = NONE;

  /** `source`: all data, or their chunks, the first of which lies at `start`. */
  constructor(source: Uint8Array | Iterable<Uint8Array> | ChunkQueue, start = 0) {
    this.start = start;
    if (source instanceof Uint8Array) {
      this.#chunks = null;
      this.window = source;
      this.end = source.length;
    } else {
      this.#chunks = source instanceof ChunkQueue ? source : source[Symbol.iterator]();
    }
  }

  /** Lets the source of the chunks go: nothing more is read. */
  close(): void {
    this.#chunks?.return?.();
  }

  /** How much was read. */
  get offset(): number {
    return this.start + this.at;
  }

  /** How many bytes can be read without `fill`. */
  get available(): number {
    return this.end - this.at;
  }

  /** Whether all data are in the window: what is not there will not come. */
  get whole(): boolean {
    return this.#chunks === null;
  }

  /** Gets chunks until `size` bytes can be read; false if there are not so many. Keeps the window from `keep` on. */
  protected fill(size: number, keep: number = this.at): boolean {
    const chunks = this.#chunks;
    if (chunks === null) return false;
    while (this.end - this.at < size) {
      const from = Math.min(keep, this.at);
      // Before the next chunk is asked for, which may take the place of this one.
      this.#keepFrom(from);
      keep = 0;
      const next = chunks.next();
      if (next.done === true) return false;
      this.#append(next.value);
    }
    return true;
  }

  /** Called before the window loses the bytes before `from`. */
  protected losing(_from: number): void {}

  #keepFrom(from: number): void {
    if (from > 0) this.losing(from);
    const left = this.end - from;
    if (left > 0 && (from > 0 || this.window !== this.#own)) {
      if (this.#own.length < left) this.#own = allocBytesUnsafe(left + SPARE_BYTES);
      this.#own.set(this.window.subarray(from, this.end));
    }
    this.window = this.#own;
    this.start += from;
    this.at -= from;
    this.end = left;
  }

  #append(chunk: Uint8Array): void {
    if (this.end === 0) {
      this.window = chunk;
      this.end = chunk.length;
      return;
    }
    const need = this.end + chunk.length;
    if (need > this.#own.length) {
      const grown = allocBytesUnsafe(Math.max(need + SPARE_BYTES, need > chunk.length * 2 ? this.#own.length * 2 : 0));
      grown.set(this.#own.subarray(0, this.end));
      this.#own = grown;
    }
    this.#own.set(chunk, this.end);
    this.window = this.#own;
    this.end = need;
  }
}
