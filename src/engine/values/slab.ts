import { allocBytesUnsafe, type Bytes, sliceBytes, writeBytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import * as ranges from './byte-ranges.js';
import type { Lineage } from './lineage.js';

/**
 * A slab keeps byte blocks outside the JavaScript heap: the collector neither walks nor moves them.
 *
 * A pointer is a signed 32-bit number. 0 is "no block" (and the block of length 0). A positive one names a granule
 * of 8 bytes, `chunk << 17 | granule`; chunks hold 1 MiB, 16 GiB in all. A negative one is the complement of an
 * index into the table of large blocks, which have a buffer each and go back to the system at once.
 *
 * Every block is a whole number of granules. Freed blocks merge with free neighbours at once, so that any mix of
 * sizes can be served from the space of any other; an all-free chunk is dropped. Nothing is stored in a used block;
 * two mark bits per granule say where free blocks start and end:
 *
 *     granule     |  a   a   a |  f    f    f   f  |  b  |      f: one free block of 4 granules, a and b in use
 *     start bit   |  0   0   0 |  1    0    0   0  |  0  |
 *     end bit     |  0   0   0 |  0    0    0   1  |  0  |
 *     words       |            | n p  4 –  – –  – 4|     |      n, p: next and previous free block of the same bin
 *
 * (a free block of one granule has both bits on it and needs no size). Bins hold one size each up to 64 granules,
 * above that eight bins per doubling.
 */

/** Blocks above this size get a buffer of their own. */
const LARGE_MIN = 64 * 1024 + 1;
export const LARGE_BLOCK_BYTES_MIN: number = LARGE_MIN;
const LOOP_MAX = ranges.LOOP_BYTES_MAX;
const CHUNK_SHIFT = 17;
const CHUNK_GRANULES = 1 << CHUNK_SHIFT;
const GRANULE_MASK = CHUNK_GRANULES - 1;
const CHUNKS_MAX = 1 << (31 - CHUNK_SHIFT);
const FIRST_CHUNK_BYTES = 1024;
const LARGE_ROUND_BYTES = 4096;
const EXACT_BINS = 64;
const BIN_COUNT = 160;
/** How many blocks of a bin with mixed sizes are tried before a bin whose blocks all fit. */
const BIN_TRIES = 8;

/** Whether a chunk's words hold their first byte lowest, so that four bytes can be compared at once. */
const LITTLE_ENDIAN = new Uint8Array(new Int32Array([1]).buffer)[0] === 1;

const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);

function binOf(granules: number): number {
  if (granules <= EXACT_BINS) return granules - 1;
  const power = 31 - Math.clz32(granules);
  return EXACT_BINS + (power - 6) * 8 + ((granules >> (power - 3)) & 7);
}

/** Not `slice`, which is no copy where the bytes are a Buffer of Node. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = allocBytesUnsafe(bytes.length);
  copy.set(bytes);
  return copy;
}

export class Slab {
  readonly #meter: MemoryMeter;
  readonly #firstChunkBytes: number;
  #used = 0;
  #chunks: Uint8Array[] = [];
  #words: Int32Array[] = [];
  #marks: Int32Array[] = [];
  /** Indices of chunks that were dropped. */
  #vacant: number[] = [];
  /** The chunk whose untouched end serves new blocks, from granule `#top` up to `#limit`. */
  #current = -1;
  #top = 0;
  #limit = 0;
  #heads = new Int32Array(0);
  /** One bit per bin that is not empty. */
  #binBits = new Int32Array(BIN_COUNT / 32);
  #freeGranules = 0;
  #large: Uint8Array[] = [];
  #largeVacant: number[] = [];
  /** Large blocks that somebody reads little by little, and how many do: they are copied before they are written to. */
  readonly #lent = new Map<number, number>();
  /** Some buffers may be held by a fork: they are copied before they are written to. */
  #shared = false;
  #lineage: Lineage | null = null;
  /** Per chunk and per large block, while `#shared`: 1 if nobody else has it. Those that came later are beyond the end. */
  #ownedChunks: Uint8Array = NO_BYTES;
  #ownedLarge: Uint8Array = NO_BYTES;

  /** `firstChunkBytes`: a power of two, 1 KiB … 1 MiB; the first chunk doubles from there, so small slabs stay small. */
  constructor(meter: MemoryMeter, firstChunkBytes = FIRST_CHUNK_BYTES) {
    this.#meter = meter;
    this.#firstChunkBytes = firstChunkBytes;
  }

  /** Bytes of all blocks in use, as metered. */
  get usedBytes(): number {
    return this.#used;
  }

  /** Bytes of the buffers held, in use or not. O(chunks + large blocks). */
  get heldBytes(): number {
    let held = 0;
    for (const chunk of this.#chunks) held += chunk.length;
    for (const block of this.#large) held += block.length;
    return held;
  }

  /** The bytes which a block for `size` bytes really has. A block is freed with any size of the same capacity. */
  capacityOf(size: number): number {
    if (size < LARGE_MIN) return (size + 7) & ~7;
    return Math.ceil(size / LARGE_ROUND_BYTES) * LARGE_ROUND_BYTES;
  }

  /**
   * A block of at least `size` bytes, content undefined. O(1). Invalidates what `chunkOf` returned before (the first
   * chunk moves when it grows). Throws RangeError past 16 GiB of blocks.
   */
  alloc(size: number): number {
    if (size === 0) return 0;
    if (size >= LARGE_MIN) return this.#allocLarge(size);
    const granules = (size + 7) >>> 3;
    let ptr = this.#freeGranules >= granules ? this.#takeFree(granules) : 0;
    if (ptr === 0) {
      if (this.#top + granules > this.#limit) this.#extend(granules);
      ptr = (this.#current << CHUNK_SHIFT) | this.#top;
      this.#top += granules;
    }
    const bytes = granules << 3;
    this.#used += bytes;
    this.#meter.add(bytes);
    return ptr;
  }

  /** Gives a block back; `size` is the one it was allocated with (or one of the same capacity). O(1). */
  free(ptr: number, size: number): void {
    if (ptr === 0) return;
    const bytes = this.capacityOf(size);
    this.#used -= bytes;
    this.#meter.sub(bytes);
    if (ptr < 0) {
      this.#large[~ptr] = NO_BYTES;
      this.#lent.delete(~ptr);
      this.#largeVacant.push(~ptr);
    } else {
      this.#release(ptr >>> CHUNK_SHIFT, ptr & GRANULE_MASK, bytes >>> 3);
    }
  }

  /** The buffer that holds the block, good until the next `alloc`; to be read only. */
  chunkOf(ptr: number): Uint8Array {
    return ptr > 0 ? this.#chunks[ptr >>> CHUNK_SHIFT] : ptr < 0 ? this.#large[~ptr] : NO_BYTES;
  }

  /** As `chunkOf`, to be written to. */
  chunkToWrite(ptr: number): Uint8Array {
    if (this.#shared === true) this.#own(ptr);
    if (ptr < 0 && this.#lent.delete(~ptr)) this.#large[~ptr] = copyOf(this.#large[~ptr]);
    return this.chunkOf(ptr);
  }

  /** The buffer of a large block, which stays as it is until `giveBack`, whatever becomes of the block. */
  lend(ptr: number): Uint8Array {
    this.#lent.set(~ptr, (this.#lent.get(~ptr) ?? 0) + 1);
    return this.#large[~ptr];
  }

  giveBack(ptr: number, buffer: Uint8Array): void {
    if (this.#large[~ptr] !== buffer) return;
    const others = (this.#lent.get(~ptr) ?? 1) - 1;
    if (others > 0) this.#lent.set(~ptr, others);
    else this.#lent.delete(~ptr);
  }

  /** Where in `chunkOf(ptr)` the block begins. */
  offsetOf(ptr: number): number {
    return ptr > 0 ? (ptr & GRANULE_MASK) << 3 : 0;
  }

  write(ptr: number, bytes: Bytes): void {
    writeBytes(this.chunkToWrite(ptr), bytes, this.offsetOf(ptr));
  }

  /** Writes text that should be ASCII. False if it is not: then what the block holds is undefined. */
  writeAscii(ptr: number, text: string): boolean {
    const chunk = this.chunkToWrite(ptr);
    const at = this.offsetOf(ptr);
    let bits = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      bits |= code;
      chunk[at + i] = code;
    }
    return bits < 128;
  }

  /** Copies `source[start…end)` to the start of the block. */
  copyIn(ptr: number, source: Uint8Array, start: number, end: number): void {
    ranges.copyBytes(source, start, end - start, this.chunkToWrite(ptr), this.offsetOf(ptr));
  }

  /** Copies the block's first `length` bytes into `target`; returns the offset after them. */
  copyOut(ptr: number, length: number, target: Uint8Array, at: number): number {
    ranges.copyBytes(this.chunkOf(ptr), this.offsetOf(ptr), length, target, at);
    return at + length;
  }

  read(ptr: number, length: number): Bytes {
    const at = this.offsetOf(ptr);
    return sliceBytes(this.chunkOf(ptr), at, at + length);
  }

  byteAt(ptr: number, index: number): number {
    return this.chunkOf(ptr)[this.offsetOf(ptr) + index];
  }

  /** Whether the block's first `length` bytes are those of `source` from `start`. */
  equals(ptr: number, length: number, source: Uint8Array, start: number): boolean {
    if (ptr <= 0 || length > LOOP_MAX || !LITTLE_ENDIAN) {
      return ranges.compareRanges(this.chunkOf(ptr), this.offsetOf(ptr), length, source, start, length) === 0;
    }
    const end = start + length;
    const words = this.#words[ptr >>> CHUNK_SHIFT];
    let word = (ptr & GRANULE_MASK) << 1;
    let i = start;
    for (const last = end - 4; i <= last; i += 4) {
      const next = source[i] | (source[i + 1] << 8) | (source[i + 2] << 16) | (source[i + 3] << 24);
      if (next !== words[word++]) return false;
    }
    const chunk = this.#chunks[ptr >>> CHUNK_SHIFT];
    for (let at = word << 2; i < end; i++) if (chunk[at++] !== source[i]) return false;
    return true;
  }

  /** memcmp order of the block against `source[start…start + sourceLength)`, then length: −1, 0 or 1. */
  compare(ptr: number, length: number, source: Uint8Array, start: number, sourceLength: number): number {
    return ranges.compareRanges(this.chunkOf(ptr), this.offsetOf(ptr), length, source, start, sourceLength);
  }

  /** memcmp order of two blocks, then length. */
  compareBlocks(ptrA: number, lengthA: number, ptrB: number, lengthB: number): number {
    return this.compare(ptrA, lengthA, this.chunkOf(ptrB), this.offsetOf(ptrB), lengthB);
  }

  /**
   * A slab with the same blocks behind the same pointers; what either does to them the other does not see. O(chunks +
   * large blocks): buffers are copied by whoever first writes to them.
   */
  fork(meter: MemoryMeter, lineage: Lineage, parents: Lineage): Slab {
    const twin = new Slab(meter, this.#firstChunkBytes);
    twin.#used = this.#used;
    twin.#chunks = this.#chunks.slice();
    twin.#words = this.#words.slice();
    twin.#marks = this.#marks.slice();
    twin.#vacant = this.#vacant.slice();
    twin.#current = this.#current;
    twin.#top = this.#top;
    twin.#limit = this.#limit;
    twin.#heads = this.#heads.slice();
    twin.#binBits = this.#binBits.slice();
    twin.#freeGranules = this.#freeGranules;
    twin.#large = this.#large.slice();
    twin.#largeVacant = this.#largeVacant.slice();
    twin.#lineage = lineage;
    this.#lineage = parents;
    for (const [index, count] of this.#lent) twin.#lent.set(index, count);
    for (const slab of [this, twin]) {
      slab.#shared = true;
      slab.#ownedChunks = new Uint8Array(this.#chunks.length);
      slab.#ownedLarge = new Uint8Array(this.#large.length);
    }
    meter.add(this.#used);
    return twin;
  }

  /** Makes sure that nobody else has the buffer of a block. */
  #own(ptr: number): void {
    if (ptr > 0) this.#ownChunk(ptr >>> CHUNK_SHIFT);
    else if (ptr < 0 && ~ptr < this.#ownedLarge.length && this.#ownedLarge[~ptr] === 0 && !this.#keepAll()) {
      this.#large[~ptr] = copyOf(this.#large[~ptr]);
      this.#ownedLarge[~ptr] = 1;
    }
  }

  #ownChunk(index: number): void {
    if (index >= this.#ownedChunks.length || this.#ownedChunks[index] !== 0 || this.#keepAll()) return;
    const bytes = this.#chunks[index];
    const marks = this.#marks[index];
    this.#setChunk(index, bytes.length >>> 3);
    this.#chunks[index].set(bytes);
    this.#marks[index].set(marks);
  }

  /** Takes all that was shared, if nobody else has it any more; else false. */
  #keepAll(): boolean {
    if (!this.#lineage!.alone) {
      this.#lineage!.parted();
      return false;
    }
    this.#shared = false;
    this.#ownedChunks = NO_BYTES;
    this.#ownedLarge = NO_BYTES;
    return true;
  }

  /** Drops every block at once and gives the meter's bytes back. The slab is empty and usable afterwards. */
  dispose(): void {
    this.#meter.sub(this.#used);
    this.#used = 0;
    this.#chunks = [];
    this.#words = [];
    this.#marks = [];
    this.#vacant = [];
    this.#current = -1;
    this.#top = 0;
    this.#limit = 0;
    this.#heads = NO_WORDS;
    this.#binBits.fill(0);
    this.#freeGranules = 0;
    this.#large = [];
    this.#largeVacant = [];
    this.#lent.clear();
    this.#shared = false;
    this.#ownedChunks = NO_BYTES;
    this.#ownedLarge = NO_BYTES;
  }

  #allocLarge(size: number): number {
    const bytes = this.capacityOf(size);
    const buffer = allocBytesUnsafe(bytes);
    this.#used += bytes;
    this.#meter.add(bytes);
    const index = this.#largeVacant.pop() ?? this.#large.length;
    this.#large[index] = buffer;
    if (this.#shared === true) this.#ownedLarge[index] = 1;
    return ~index;
  }

  /** Makes room for a block at the top: the first chunk grows, then new chunks follow. */
  #extend(granules: number): void {
    if (this.#current === 0 && this.#top + granules <= CHUNK_GRANULES) {
      let limit = this.#limit * 2;
      while (limit < this.#top + granules) limit *= 2;
      this.#growFirst(limit);
      return;
    }
    const rest = this.#limit - this.#top;
    if (rest > 0) this.#putFree(this.#current, this.#top, rest);
    const index = this.#vacant.pop() ?? this.#chunks.length;
    if (index === CHUNKS_MAX) throw new RangeError('slab is full: 16 GiB of blocks');
    // Granule 0 of the first chunk is never a block: pointer 0 means none.
    const first = index === 0;
    let limit = first ? this.#firstChunkBytes >>> 3 : CHUNK_GRANULES;
    while (first && limit < granules + 1) limit *= 2;
    this.#setChunk(index, limit);
    this.#current = index;
    this.#limit = limit;
    this.#top = first ? 1 : 0;
  }

  #growFirst(limit: number): void {
    const bytes = this.#chunks[0];
    const marks = this.#marks[0];
    this.#setChunk(0, limit);
    this.#chunks[0].set(bytes);
    this.#marks[0].set(marks);
    this.#limit = limit;
  }

  #setChunk(index: number, granules: number): void {
    const chunk = allocBytesUnsafe(granules << 3);
    this.#chunks[index] = chunk;
    this.#words[index] = new Int32Array(chunk.buffer, chunk.byteOffset, granules << 1);
    this.#marks[index] = new Int32Array(Math.max(1, granules >>> 4));
    if (this.#shared === true) this.#ownedChunks[index] = 1;
  }

  /** A freed range joins its free neighbours, then the top, a bin, or nothing if it is a whole chunk. */
  #release(chunk: number, start: number, granules: number): void {
    if (this.#shared === true) this.#ownChunk(chunk);
    const words = this.#words[chunk];
    const marks = this.#marks[chunk];
    let end = start + granules;
    if (start > 0) {
      const before = start - 1;
      const mark = (marks[before >>> 4] >>> ((before & 15) << 1)) & 3;
      if (mark >= 2) {
        const size = mark === 3 ? 1 : words[start * 2 - 1];
        start -= size;
        this.#dropFree(chunk, start, size);
      }
    }
    if (chunk === this.#current && end === this.#top) {
      this.#top = start;
      return;
    }
    if (end < words.length >>> 1) {
      const mark = (marks[end >>> 4] >>> ((end & 15) << 1)) & 3;
      if ((mark & 1) !== 0) {
        const size = mark === 3 ? 1 : words[end * 2 + 2];
        this.#dropFree(chunk, end, size);
        end += size;
      }
    }
    if (end - start === CHUNK_GRANULES) this.#dropChunk(chunk);
    else this.#putFree(chunk, start, end - start);
  }

  #dropChunk(chunk: number): void {
    this.#chunks[chunk] = NO_BYTES;
    this.#words[chunk] = NO_WORDS;
    this.#marks[chunk] = NO_WORDS;
    this.#vacant.push(chunk);
  }

  #putFree(chunk: number, start: number, granules: number): void {
    if (this.#heads.length === 0) this.#heads = new Int32Array(BIN_COUNT);
    if (this.#shared === true) this.#ownChunk(chunk);
    const words = this.#words[chunk];
    const marks = this.#marks[chunk];
    const bin = binOf(granules);
    const head = this.#heads[bin];
    const ptr = (chunk << CHUNK_SHIFT) | start;
    words[start * 2] = head;
    words[start * 2 + 1] = 0;
    const last = start + granules - 1;
    if (granules > 1) {
      words[start * 2 + 2] = granules;
      words[last * 2 + 1] = granules;
    }
    marks[start >>> 4] |= 1 << ((start & 15) << 1);
    marks[last >>> 4] |= 2 << ((last & 15) << 1);
    if (head !== 0) this.#link(head, 1, ptr);
    else this.#binBits[bin >>> 5] |= 1 << (bin & 31);
    this.#heads[bin] = ptr;
    this.#freeGranules += granules;
  }

  #dropFree(chunk: number, start: number, granules: number): void {
    if (this.#shared === true) this.#ownChunk(chunk);
    const words = this.#words[chunk];
    const marks = this.#marks[chunk];
    const last = start + granules - 1;
    marks[start >>> 4] &= ~(1 << ((start & 15) << 1));
    marks[last >>> 4] &= ~(2 << ((last & 15) << 1));
    const next = words[start * 2];
    const previous = words[start * 2 + 1];
    if (next !== 0) this.#link(next, 1, previous);
    if (previous !== 0) {
      this.#link(previous, 0, next);
    } else {
      const bin = binOf(granules);
      this.#heads[bin] = next;
      if (next === 0) this.#binBits[bin >>> 5] &= ~(1 << (bin & 31));
    }
    this.#freeGranules -= granules;
  }

  /** Writes one of the two links of a free block: 0 to the next one, 1 to the one before. */
  #link(block: number, which: 0 | 1, to: number): void {
    const chunk = block >>> CHUNK_SHIFT;
    if (this.#shared === true) this.#ownChunk(chunk);
    this.#words[chunk][(block & GRANULE_MASK) * 2 + which] = to;
  }

  /** A free block that fits, its rest given back to a bin; 0 if there is none. */
  #takeFree(granules: number): number {
    let bin = binOf(granules);
    if (granules > EXACT_BINS) {
      let ptr = this.#heads[bin];
      for (let tries = BIN_TRIES; ptr !== 0 && tries > 0; tries--) {
        if (this.#freeSizeOf(ptr, bin) >= granules) return this.#carve(ptr, bin, granules);
        ptr = this.#words[ptr >>> CHUNK_SHIFT][(ptr & GRANULE_MASK) * 2];
      }
      bin++;
    }
    const bits = this.#binBits;
    let word = bin >>> 5;
    if (word >= bits.length) return 0;
    let candidates = bits[word] & (-1 << (bin & 31));
    while (candidates === 0) {
      word++;
      if (word === bits.length) return 0;
      candidates = bits[word];
    }
    bin = (word << 5) | (31 - Math.clz32(candidates & -candidates));
    return this.#carve(this.#heads[bin], bin, granules);
  }

  #freeSizeOf(ptr: number, bin: number): number {
    return bin < EXACT_BINS ? bin + 1 : this.#words[ptr >>> CHUNK_SHIFT][(ptr & GRANULE_MASK) * 2 + 2];
  }

  #carve(ptr: number, bin: number, granules: number): number {
    const size = this.#freeSizeOf(ptr, bin);
    const chunk = ptr >>> CHUNK_SHIFT;
    const start = ptr & GRANULE_MASK;
    this.#dropFree(chunk, start, size);
    if (size > granules) this.#putFree(chunk, start + granules, size - granules);
    return ptr;
  }
}
