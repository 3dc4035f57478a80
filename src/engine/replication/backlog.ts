import { allocBytes } from '../../core/bytes.js';

const FIRST_BYTES = 64 * 1024;

/**
 * The end of the replication stream, kept so that a replica whose link broke can go on where it was. A ring that grows
 * up to its limit and then forgets the oldest bytes.
 *
 *     offset            end
 *        │ histlen bytes │
 */
export class Backlog {
  #ring: Uint8Array;
  #limit: number;
  /** Where in the ring the next byte goes. */
  #at = 0;
  #held = 0;
  /** The offset in the stream of the byte after the last. */
  #end: number;

  /** `end`: the offset of the first byte that will be appended. */
  constructor(limit_bytes: number, end: number) {
    this.#limit = limit_bytes;
    this.#ring = allocBytes(Math.min(FIRST_BYTES, limit_bytes));
    this.#end = end;
  }

  /** The offset of the oldest byte. */
  get offset(): number {
    return this.#end - this.#held;
  }

  get held(): number {
    return this.#held;
  }

  get memoryBytes(): number {
    return this.#ring.length;
  }

  /** CONFIG SET repl-backlog-size. What no longer fits is forgotten. */
  resize(limit_bytes: number): void {
    this.#limit = limit_bytes;
    if (this.#ring.length > limit_bytes) this.#rebuild(limit_bytes);
  }

  /** O(length), amortised. */
  append(bytes: Uint8Array): void {
    this.#end += bytes.length;
    const kept = bytes.length > this.#limit ? bytes.subarray(bytes.length - this.#limit) : bytes;
    const wanted = Math.min(this.#limit, this.#held + kept.length);
    if (wanted > this.#ring.length) this.#rebuild(Math.min(this.#limit, Math.max(wanted, this.#ring.length * 2)));
    const room = this.#ring.length - this.#at;
    this.#ring.set(kept.subarray(0, room), this.#at);
    if (kept.length > room) this.#ring.set(kept.subarray(room), 0);
    this.#at = (this.#at + kept.length) % this.#ring.length;
    this.#held = Math.min(this.#ring.length, this.#held + kept.length);
  }

  /** What follows `offset`, in a copy; null if it is not all here. O(length). */
  since(offset: number): Uint8Array | null {
    const length = this.#end - offset;
    if (length < 0 || length > this.#held) return null;
    const out = allocBytes(length);
    const start = (this.#at - length + this.#ring.length) % this.#ring.length;
    const first = Math.min(length, this.#ring.length - start);
    out.set(this.#ring.subarray(start, start + first), 0);
    out.set(this.#ring.subarray(0, length - first), first);
    return out;
  }

  #rebuild(size: number): void {
    const kept = Math.min(this.#held, size);
    const old = this.since(this.#end - kept)!;
    this.#ring = allocBytes(size);
    this.#ring.set(old, 0);
    this.#held = kept;
    this.#at = kept % size;
  }
}
