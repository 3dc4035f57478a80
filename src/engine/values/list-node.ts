import { allocBytesUnsafe } from '../../core/bytes.js';

/**
 * A run of list elements in one byte array, with room at both ends:
 *
 *     0          head                                   tail      capacity
 *     |  room     | entry | entry | … | entry            |  room   |
 *
 *     entry = [length varint][bytes][the same varint mirrored]
 *
 * The mirrored varint lets a reader walk from the tail. The bytes live outside the JavaScript heap, so a list of a
 * million elements costs the collector a few thousand objects.
 */
export class ListNode {
  bytes: Uint8Array;
  head: number;
  tail: number;
  count = 0;

  constructor(capacity: number) {
    this.bytes = takeBuffer(capacity);
    this.head = 0;
    this.tail = 0;
  }

  get used(): number {
    return this.tail - this.head;
  }

  get capacity(): number {
    return this.bytes.length;
  }

  /**
   * Room for `size` more bytes at one end, by sliding or growing; false if the node is too full for it.
   * A full-grown node slides only while at most half full, which keeps pushes O(1) amortised.
   */
  makeRoom(size: number, atHead: boolean): boolean {
    if ((atHead ? this.head : this.bytes.length - this.tail) >= size) return true;
    const capacity = this.bytes.length;
    const needed = this.used + size;
    if (this.count === 0) {
      if (size > capacity) return this.#grow(size, atHead);
      this.head = this.tail = atHead ? capacity : 0;
      return true;
    }
    if (needed * 2 <= capacity) {
      // A quarter of the room stays at the other end: pushes that alternate do not slide each time.
      const spare = Math.min(capacity - needed, (capacity - this.used) >> 2);
      this.#slide(atHead ? capacity - this.used - spare : spare);
      return true;
    }
    return this.#grow(size, atHead);
  }

  /** Opens `size` bytes before the entry at `offset`; returns where the gap begins, or −1 if the node is too full. */
  openGap(offset: number, size: number): number {
    const before = offset - this.head;
    if (this.used + size > this.bytes.length) {
      if (!this.#grow(size, false)) return -1;
    } else if (this.head < size && this.bytes.length - this.tail < size) {
      this.#slide(0);
    }
    const at = this.head + before;
    const after = this.tail - at;
    if (this.head >= size && (before <= after || this.bytes.length - this.tail < size)) {
      this.bytes.copyWithin(this.head - size, this.head, at);
      this.head -= size;
      return at - size;
    }
    this.bytes.copyWithin(at + size, at, this.tail);
    this.tail += size;
    return at;
  }

  /** Writes both lengths of an entry at `at`; returns where its bytes belong. */
  frame(at: number, length: number): number {
    this.count++;
    const { bytes } = this;
    if (length < 0x80) {
      bytes[at] = length;
      bytes[at + 1 + length] = length;
      return at + 1;
    }
    const width = varintSize(length);
    const last = at + 2 * width + length - 1;
    let rest = length;
    for (let i = 0; i < width; i++) {
      const digit = i === width - 1 ? rest : (rest & 0x7f) | 0x80;
      bytes[at + i] = digit;
      bytes[last - i] = digit;
      rest >>>= 7;
    }
    return at + width;
  }

  /** Takes the entry at `offset` out, moving the shorter side. The entry that followed is then at the returned offset. */
  remove(offset: number): number {
    const size = entrySize(lengthAt(this.bytes, offset));
    this.count--;
    if (offset - this.head < this.tail - offset - size) {
      this.bytes.copyWithin(this.head + size, this.head, offset);
      this.head += size;
      return offset + size;
    }
    this.bytes.copyWithin(offset, offset + size, this.tail);
    this.tail -= size;
    return offset;
  }

  /** Forgets `count` entries (at most all) from one end. */
  drop(count: number, fromHead: boolean): void {
    this.count -= count;
    if (fromHead) for (; count > 0; count--) this.head += entrySize(lengthAt(this.bytes, this.head));
    else for (; count > 0; count--) this.tail -= entrySize(lengthBefore(this.bytes, this.tail));
  }

  /** Where entry `index` begins, walking from the nearer end. */
  offsetOf(index: number): number {
    if (index * 2 < this.count) {
      let at = this.head;
      for (let i = 0; i < index; i++) at += entrySize(lengthAt(this.bytes, at));
      return at;
    }
    let end = this.tail;
    for (let i = this.count; i > index; i--) end -= entrySize(lengthBefore(this.bytes, end));
    return end;
  }

  /** Moves the entries from `offset` on, of which `kept` entries lie before, into a new node. */
  split(offset: number, kept: number, bytesMax: number): ListNode {
    const moved = this.tail - offset;
    const right = new ListNode(Math.max(moved, Math.min(bytesMax, moved * 2)));
    right.bytes.set(this.bytes.subarray(offset, this.tail), 0);
    right.tail = moved;
    right.count = this.count - kept;
    this.tail = offset;
    this.count = kept;
    return right;
  }

  /** Appends all entries of `other`; the caller knows that they are few. */
  absorb(other: ListNode): void {
    const size = other.used;
    if (this.bytes.length - this.tail < size) {
      if (this.used + size <= this.bytes.length) this.#slide(0);
      else this.#move(this.used + size, 0);
    }
    this.bytes.set(other.bytes.subarray(other.head, other.tail), this.tail);
    this.tail += size;
    this.count += other.count;
  }

  /** Removes up to `max` entries equal to the needle, in one pass from one end; returns how many. */
  removeMatching(needle: Uint8Array, length: number, max: number, fromHead: boolean): number {
    return fromHead ? this.#sweepForward(needle, length, max) : this.#sweepBackward(needle, length, max);
  }

  #sweepForward(needle: Uint8Array, length: number, max: number): number {
    const { bytes } = this;
    let removed = 0;
    let to = this.head;
    let at = this.head;
    while (at < this.tail && removed < max) {
      const found = lengthAt(bytes, at);
      const size = entrySize(found);
      if (found === length && sameBytes(bytes, at + varintSize(length), needle, length)) removed++;
      else {
        if (to !== at) bytes.copyWithin(to, at, at + size);
        to += size;
      }
      at += size;
    }
    if (removed > 0) {
      bytes.copyWithin(to, at, this.tail);
      this.tail -= at - to;
      this.count -= removed;
    }
    return removed;
  }

  #sweepBackward(needle: Uint8Array, length: number, max: number): number {
    const { bytes } = this;
    let removed = 0;
    let to = this.tail;
    let end = this.tail;
    while (end > this.head && removed < max) {
      const found = lengthBefore(bytes, end);
      const size = entrySize(found);
      if (found === length && sameBytes(bytes, end - size + varintSize(length), needle, length)) removed++;
      else {
        if (to !== end) bytes.copyWithin(to - size, end - size, end);
        to -= size;
      }
      end -= size;
    }
    if (removed > 0) {
      bytes.copyWithin(to - (end - this.head), this.head, end);
      this.head += to - end;
      this.count -= removed;
    }
    return removed;
  }

  #slide(head: number): void {
    this.bytes.copyWithin(head, this.head, this.tail);
    this.tail = head + this.used;
    this.head = head;
  }

  #grow(size: number, atHead: boolean): boolean {
    const needed = this.used + size;
    if (needed > NODE_MAX) return false;
    let capacity = Math.max(this.bytes.length, NODE_MIN);
    while (capacity < needed) capacity *= 2;
    if (capacity === this.bytes.length) capacity *= 2;
    capacity = Math.min(capacity, NODE_MAX);
    if (capacity <= this.bytes.length) return false;
    this.#move(capacity, atHead ? capacity - this.used : 0);
    return true;
  }

  #move(capacity: number, head: number): void {
    const bytes = takeBuffer(capacity);
    bytes.set(this.bytes.subarray(this.head, this.tail), head);
    giveBuffer(this.bytes);
    this.tail = head + this.used;
    this.head = head;
    this.bytes = bytes;
  }

  /** Gives the buffer back; the node is not used again. */
  release(): void {
    giveBuffer(this.bytes);
  }
}

/** A node holds at most this much, unless a single element needs more. */
export const NODE_BYTES_MAX = 8192;
export const NODE_BYTES_MIN = 256;
/** Constants of the module alone: see slot-store.ts. */
const NODE_MAX = NODE_BYTES_MAX;
const NODE_MIN = NODE_BYTES_MIN;

/**
 * Buffers of these two sizes are kept for reuse: a queue that breathes around a node's edge would allocate all the
 * time, and memory fresh from the system costs as much as the work on it. `dropSpareNodes` lets go of what stays unused.
 */
const LARGE_SPARES_MAX = 32_768;
const SMALL_SPARES_MAX = 64;
const largeSpares: Uint8Array[] = [];
const smallSpares: Uint8Array[] = [];
/** Per call of `dropSpareNodes` one spare in so many goes: at ten calls a second half of them in four seconds. */
const DROPPED_ONE_IN = 64;

/** Gives some of the unused buffers back to the system. To be called now and then. */
export function dropSpareNodes(): void {
  const { length } = largeSpares;
  if (length > 0) largeSpares.length = length - Math.ceil(length / DROPPED_ONE_IN);
}

function takeBuffer(capacity: number): Uint8Array {
  const spare = capacity === NODE_MAX ? largeSpares.pop() : capacity === NODE_MIN ? smallSpares.pop() : undefined;
  return spare ?? allocBytesUnsafe(capacity);
}

function giveBuffer(bytes: Uint8Array): void {
  const capacity = bytes.length;
  if (capacity === NODE_MAX) {
    if (largeSpares.length < LARGE_SPARES_MAX) largeSpares.push(bytes);
  } else if (capacity === NODE_MIN && smallSpares.length < SMALL_SPARES_MAX) {
    smallSpares.push(bytes);
  }
}

export function varintSize(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
}

/** Bytes that an element of `length` bytes takes in a node. */
export function entrySize(length: number): number {
  return length + 2 * varintSize(length);
}

/** The element length of the entry that begins at `at`. */
export function lengthAt(bytes: Uint8Array, at: number): number {
  let digit = bytes[at];
  if (digit < 0x80) return digit;
  let length = digit & 0x7f;
  let shift = 7;
  do {
    digit = bytes[++at];
    length |= (digit & 0x7f) << shift;
    shift += 7;
  } while (digit >= 0x80);
  return length;
}

/** The element length of the entry that ends before `end`. */
export function lengthBefore(bytes: Uint8Array, end: number): number {
  let digit = bytes[--end];
  if (digit < 0x80) return digit;
  let length = digit & 0x7f;
  let shift = 7;
  do {
    digit = bytes[--end];
    length |= (digit & 0x7f) << shift;
    shift += 7;
  } while (digit >= 0x80);
  return length;
}

function sameBytes(bytes: Uint8Array, at: number, needle: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== needle[i]) return false;
  return true;
}
