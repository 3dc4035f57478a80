import { allocBytesUnsafe } from '../../core/bytes.js';

const BLOCK_BYTES_MIN = 4 * 1024;
const BLOCK_BYTES_MAX = 1024 * 1024;
/** A backlog at its limit has about so many blocks: what it forgets at a time is a small part of it. */
const BLOCKS = 16;

interface Block {
  /** The offset in the stream of its first byte. */
  readonly start: number;
  readonly bytes: Uint8Array;
  used: number;
}

/** A replica's place in the stream: what follows is kept for it, until it lets go. */
export interface Hold {
  readonly offset: number;
  /** How much there is from there on. */
  readonly bytes: number;
  /** All of it, in order, to be looked at before more is appended. */
  parts(): Uint8Array[];
  /** Idempotent. */
  release(): void;
}

/**
 * The end of the replication stream. A replica whose link broke goes on from here, and one whose data are still on their
 * way finds here what came after them: all share the same bytes. The oldest are forgotten beyond the limit, except those
 * that a replica holds.
 *
 *     offset          hold                       end
 *        │ block │ block │ block │ block │ blo…   │
 */
export class Backlog {
  #blocks: Block[] = [];
  #limit: number;
  /** The offset in the stream of the byte after the last. */
  #end: number;
  readonly #holds = new Set<Hold>();
  #memoryBytes = 0;
  /** A forgotten block, to be written again. */
  #spare: Uint8Array | null = null;

  /** `end`: the offset of the first byte that will be appended. */
  constructor(limit_bytes: number, end: number) {
    this.#limit = limit_bytes;
    this.#end = end;
  }

  /** The offset of the oldest byte. */
  get offset(): number {
    return this.#end - this.held;
  }

  /** How many bytes can be had. O(holds). */
  get held(): number {
    const there = this.#end - (this.#blocks[0]?.start ?? this.#end);
    return Math.min(there, this.#wanted());
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** CONFIG SET repl-backlog-size. What no longer fits is forgotten. */
  resize(limit_bytes: number): void {
    this.#limit = limit_bytes;
    this.#spare = null;
    this.#trim();
  }

  /** O(length). */
  append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const block = this.#room();
      const length = Math.min(bytes.length - done, block.bytes.length - block.used);
      block.bytes.set(done === 0 && length === bytes.length ? bytes : bytes.subarray(done, done + length), block.used);
      block.used += length;
      this.#end += length;
      done += length;
      if (this.#end - this.#blocks[0]!.start > this.#limit) this.#trim();
    }
  }

  /** What follows `offset`, in order; null if it is not all here. To be looked at before more is appended. O(blocks). */
  since(offset: number): Uint8Array[] | null {
    const length = this.#end - offset;
    if (length < 0 || length > this.held) return null;
    const parts: Uint8Array[] = [];
    for (let i = this.#blocks.length - 1; i >= 0; i--) {
      const block = this.#blocks[i]!;
      if (block.start + block.used <= offset) break;
      parts.push(block.bytes.subarray(Math.max(0, offset - block.start), block.used));
    }
    return parts.reverse();
  }

  /** Keeps what comes from now on. */
  hold(): Hold {
    const offset = this.#end;
    const end = (): number => this.#end;
    const hold: Hold = {
      offset,
      get bytes() {
        return end() - offset;
      },
      parts: () => this.since(offset)!,
      release: () => {
        if (this.#holds.delete(hold)) this.#trim();
      },
    };
    this.#holds.add(hold);
    return hold;
  }

  /** How much has to be there: the limit, or what a replica holds. */
  #wanted(): number {
    let wanted = this.#limit;
    for (const { bytes } of this.#holds) if (bytes > wanted) wanted = bytes;
    return wanted;
  }

  /** The last block, if there is room in it, or another one. */
  #room(): Block {
    const last = this.#blocks[this.#blocks.length - 1];
    if (last !== undefined && last.used < last.bytes.length) return last;
    const size = Math.min(Math.max(Math.ceil(this.#limit / BLOCKS), BLOCK_BYTES_MIN), BLOCK_BYTES_MAX);
    const bytes = this.#spare?.length === size ? this.#spare : allocBytesUnsafe(size);
    if (bytes === this.#spare) this.#spare = null;
    const block = { start: this.#end, bytes, used: 0 };
    this.#blocks.push(block);
    this.#memoryBytes += size;
    return block;
  }

  /** Forgets the blocks of which nothing is wanted. */
  #trim(): void {
    const oldest = this.#end - this.#wanted();
    let gone = 0;
    for (; gone < this.#blocks.length; gone++) {
      const { start, used, bytes } = this.#blocks[gone]!;
      if (start + used > oldest || used < bytes.length) break;
      this.#memoryBytes -= bytes.length;
      this.#spare = bytes;
    }
    if (gone > 0) this.#blocks.splice(0, gone);
  }
}
