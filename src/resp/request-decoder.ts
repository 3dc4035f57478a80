import { allocBytesUnsafe, type Bytes } from '../core/bytes.js';
import { COMPLETE, FAILED, PARTIAL, READ_SLACK_BYTES, RequestParser } from './request-parser.js';

/** A pending buffer larger than this is released after so many chunks that did not need it. */
const KEPT_PENDING_MAX = 32_768;
const UNUSED_CHUNKS_MAX = 8;
/** From this size on Redis reads an argument into a buffer of its own, and reports only that part of the request. */
const LARGE_ARGUMENT_BYTES = 32_768;
/** Bytes taken from a chunk at a time to complete a request whose length is not known. */
const TAKE_BYTES_MIN = 256;
/** Buffers of announced arguments grow ahead of the data by this factor at most: an announcement alone costs little. */
const AHEAD_FACTOR = 4;
const AHEAD_BYTES_MIN = 1_048_576;
/** Offsets are 32-bit integers. */
const PENDING_BYTES_MAX = 2_147_000_000;

const EMPTY_BYTES: Uint8Array = allocBytesUnsafe(READ_SLACK_BYTES);

/**
 * Splits what one client sends into requests, without copying: requests are parsed in the chunk they came in.
 * Only the tail of a chunk that ends inside a request is kept, and moved on when the next chunk comes.
 *
 *     decoder.feed(chunk, length);
 *     while (decoder.next()) handle(decoder.bytes, decoder.parser.offsets, decoder.parser.argc);
 *     decoder.keep();                        // the chunk may now be overwritten
 *
 * `next()` may be left at any time (a blocked client): `keep()` then stores whole requests too, and a later
 * `next()` goes on with them, before or after another `feed`.
 */
export class RequestDecoder {
  readonly parser = new RequestParser();
  /** The array that the current request's offsets refer to. */
  bytes: Uint8Array = EMPTY_BYTES;

  #at = 0;
  #end = 0;
  /** Whether the request at `#at` has been begun, so that the parser resumes it. */
  #resuming = false;
  #pending: Uint8Array = EMPTY_BYTES;
  /** The part of the last chunk that is not yet in the pending buffer. */
  #chunk: Uint8Array = EMPTY_BYTES;
  #chunkAt = 0;
  #chunkEnd = 0;
  /** How many of the pending bytes were copied from this chunk. */
  #copied = 0;
  #failed = false;
  /** How many chunks in a row did not need the pending buffer. */
  #unused = 0;

  /** The protocol error's text, null while there is none. After an error `next()` stays false. */
  get error(): Bytes | null {
    return this.#failed ? this.parser.error : null;
  }

  /** Bytes received and not yet consumed. */
  get pendingBytes(): number {
    return this.#end - this.#at + this.#chunkEnd - this.#chunkAt;
  }

  /** Like `pendingBytes`, plus the requests of the current chunk that have already been carried out. */
  get bufferedBytes(): number {
    if (this.bytes !== this.#pending) return this.#end + this.#chunkEnd - this.#chunkAt;
    const argument = this.#resuming ? this.parser.argumentBytes(this.#end) : -1;
    return argument < LARGE_ARGUMENT_BYTES ? this.pendingBytes : argument;
  }

  /** Unused room in the pending buffer. */
  get freeBytes(): number {
    const used = this.bytes === this.#pending && this.#at < this.#end ? this.#end : 0;
    return this.#pending.length - READ_SLACK_BYTES - used;
  }

  /** Gives the next bytes: `chunk[0, length)`, with `READ_SLACK_BYTES` bytes behind them. The last chunk was kept. */
  feed(chunk: Uint8Array, length: number): void {
    if (this.#at === this.#end) {
      this.#useChunk(chunk, 0, length);
      return;
    }
    this.#chunk = chunk;
    this.#chunkAt = 0;
    this.#chunkEnd = length;
    this.#copied = 0;
  }

  /** Finds the next request; false when the bytes end before it does, or when they are no request. */
  next(): boolean {
    if (this.#failed) return false;
    for (;;) {
      if (this.#chunkAt < this.#chunkEnd) this.#returnToChunk();
      if (this.#at === this.#end && !this.#take()) return false;
      const parser = this.parser;
      const state = this.#resuming
        ? parser.resume(this.bytes, this.#end)
        : parser.parse(this.bytes, this.#at, this.#end);
      if (state === PARTIAL) {
        this.#resuming = true;
        if (!this.#take()) return false;
        continue;
      }
      this.#resuming = false;
      if (state === FAILED) {
        this.#failed = true;
        return false;
      }
      this.#at = parser.next;
      if (state === COMPLETE) return true;
    }
  }

  /** The current request's arguments as strings. */
  argv(): Bytes[] {
    return this.parser.argv(this.bytes);
  }

  /** Copies the rest of the chunk, which may be overwritten afterwards. Throws RangeError beyond 2 GiB. */
  keep(): void {
    if (this.bytes !== this.#pending) {
      const { bytes } = this;
      const from = this.#at;
      const to = this.#end;
      this.bytes = this.#pending;
      this.#at = 0;
      this.#end = 0;
      if (from < to) {
        this.#unused = 0;
        if (this.#resuming) this.parser.rebase(from);
        this.#append(bytes, from, to);
      } else if (++this.#unused >= UNUSED_CHUNKS_MAX) {
        this.release();
      }
    } else if (this.#chunkAt < this.#chunkEnd) {
      this.#append(this.#chunk, this.#chunkAt, this.#chunkEnd);
    }
    this.#chunk = EMPTY_BYTES;
    this.#chunkAt = 0;
    this.#chunkEnd = 0;
  }

  /** The size of the pending buffer. */
  get capacity(): number {
    return this.#pending.length - READ_SLACK_BYTES;
  }

  /** Releases a large pending buffer if it is empty. */
  release(): void {
    if (this.pendingBytes > 0 || this.bytes !== this.#pending || this.#pending.length <= KEPT_PENDING_MAX) return;
    this.#at = 0;
    this.#end = 0;
    this.#pending = EMPTY_BYTES;
    this.bytes = EMPTY_BYTES;
  }

  /** Once all copied requests are consumed, parsing continues in the chunk, from which the rest was copied. */
  #returnToChunk(): void {
    const left = this.#end - this.#at;
    if (this.#resuming || left > this.#copied) return;
    this.#useChunk(this.#chunk, this.#chunkAt - left, this.#chunkEnd);
  }

  #useChunk(chunk: Uint8Array, from: number, to: number): void {
    this.bytes = chunk;
    this.#at = from;
    this.#end = to;
    this.#chunkAt = 0;
    this.#chunkEnd = 0;
    this.#copied = 0;
  }

  /** Moves as much of the chunk as the current request needs behind the pending bytes. False if there is no more. */
  #take(): boolean {
    const available = this.#chunkEnd - this.#chunkAt;
    if (available === 0 || this.bytes !== this.#pending) return false;
    const wanted = Math.max(TAKE_BYTES_MIN, this.parser.missingBytes(this.#end));
    const length = Math.min(available, wanted);
    this.#append(this.#chunk, this.#chunkAt, this.#chunkAt + length);
    this.#chunkAt += length;
    this.#copied += length;
    return true;
  }

  #append(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    this.#pending.set(source.subarray(from, to), this.#end);
    this.#end += to - from;
  }

  #reserve(length: number): void {
    const capacity = this.#pending.length - READ_SLACK_BYTES;
    if (this.#end + length <= capacity) return;
    const base = this.#at;
    const held = this.#end - base;
    if (held + length > PENDING_BYTES_MAX) throw new RangeError('a request of more than 2 GiB');
    const target = held + length <= capacity && base > 0 ? this.#pending : this.#grown(held + length);
    if (base > 0 || target !== this.#pending) target.set(this.#pending.subarray(base, this.#end));
    if (this.#resuming && base > 0) this.parser.rebase(base);
    this.#at -= base;
    this.#end = held;
    this.#pending = target;
    this.bytes = target;
  }

  #grown(need: number): Uint8Array {
    const announced = this.#resuming ? this.parser.missingBytes(this.#end) + this.#end - this.#at : 0;
    const ahead = Math.min(announced, Math.max(AHEAD_BYTES_MIN, need * AHEAD_FACTOR));
    const doubled = Math.min(need * 2, need + 67_108_864, PENDING_BYTES_MAX);
    const size = announced > need ? Math.max(need, ahead) : doubled;
    return allocBytesUnsafe(Math.max(size, 1024) + READ_SLACK_BYTES);
  }
}
