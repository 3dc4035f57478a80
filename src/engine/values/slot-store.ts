import type { Random } from '../../core/random.js';
import type { Lineage } from './lineage.js';
import { forgetMember } from './member-cache.js';

/**
 * The records of a hash table: `stride` 32-bit words each, in segments of 2^15 records, so that growing never copies
 * more than one segment. The first segment starts small and doubles, so small tables stay small. A record keeps its
 * number (slot) until it is freed; slot 0 is never used. Segments whose slots are all free give their memory back.
 *
 * A fork has the same segments at first. Whichever side writes to one copies it before.
 */
const FIRST_SEGMENT_SLOTS = 8;
/** Below this share of live slots a random draw by slot number would miss too often. */
const DENSE_LOAD_MIN = 1 / 8;
/** The key length of a slot that is not in use. */
const FREE = -1;

export const SEGMENT_SHIFT = 15;
export const SLOT_MASK = (1 << SEGMENT_SHIFT) - 1;
const SEGMENT_SLOTS = 1 << SEGMENT_SHIFT;

/** Words of every record; the owner's extra words follow. */
export const HASH = 0;
export const NEXT = 1;
export const KEY_PTR = 2;
export const KEY_LENGTH = 3;
export const SLOT_HEADER_WORDS = 4;

// The same as constants of the module alone, which V8 builds into its code: what is exported it loads and checks at every use.
const SHIFT = SEGMENT_SHIFT;
const MASK = SLOT_MASK;
const HEADER_WORDS = SLOT_HEADER_WORDS;
const LINK = NEXT;
const LENGTH = KEY_LENGTH;

const NO_WORDS = new Int32Array(0);
const NO_FLOATS = new Float64Array(0);
const NO_BYTES = new Uint8Array(0);

export class SlotStore {
  protected readonly stride: number;
  protected segments: Int32Array[] = [];
  /** Some arrays may be held by a fork: `own` before writing to them. */
  protected shared = false;
  /** With whom, once there was a fork. */
  protected lineage: Lineage | null = null;
  /** By which the member cache knows this table; 0 as long as it has kept nothing of it. */
  mark = 0;
  readonly #withFloats: boolean;
  #size = 0;
  #floats: Float64Array[] = [];
  /** Per segment: first slot of the free list (0: none), slots handed out at least once, slots in use. */
  #free: number[] = [];
  #fresh: number[] = [];
  #live: number[] = [];
  /** Segments with room, the last is filled next. */
  #open: number[] = [];
  /** A segment without live slots whose memory is kept, or −1: at most one, against thrashing at the border. */
  #idle = -1;
  /** Per segment, while `shared`: 1 if nobody else has it. */
  #owned: Uint8Array = NO_BYTES;

  constructor(extraWords: number, withFloats: boolean) {
    const stride = HEADER_WORDS + extraWords;
    this.#withFloats = withFloats;
    this.stride = withFloats ? (stride + 1) & ~1 : stride;
  }

  protected get hasFloats(): boolean {
    return this.#withFloats;
  }

  /** Slots in use. */
  get size(): number {
    return this.#size;
  }

  /** Extra word `i` of a slot. */
  word(slot: number, i: number): number {
    return this.segments[slot >> SHIFT][(slot & MASK) * this.stride + HEADER_WORDS + i];
  }

  setWord(slot: number, i: number, value: number): void {
    if (this.shared === true) this.own(slot);
    this.segments[slot >> SHIFT][(slot & MASK) * this.stride + HEADER_WORDS + i] = value;
  }

  /** The words of a slot lie in this array from `wordsStart(slot)` on, until a slot is added or removed. May be written to. */
  wordsOf(slot: number): Int32Array {
    if (this.shared === true) this.own(slot);
    return this.segments[slot >> SHIFT];
  }

  /** As `wordsOf`, to be read only. */
  wordsToRead(slot: number): Int32Array {
    return this.segments[slot >> SHIFT];
  }

  wordsStart(slot: number): number {
    return (slot & MASK) * this.stride + HEADER_WORDS;
  }

  /** The double in extra words `i` and `i + 1`; `i` is even and the store was made with floats. */
  float(slot: number, i: number): number {
    return this.#floats[slot >> SHIFT][((slot & MASK) * this.stride + HEADER_WORDS + i) >> 1];
  }

  setFloat(slot: number, i: number, value: number): void {
    if (this.shared === true) this.own(slot);
    this.#floats[slot >> SHIFT][((slot & MASK) * this.stride + HEADER_WORDS + i) >> 1] = value;
  }

  /**
   * Visits every slot in the order of slots. The visitor may remove any slot; keys it adds may or may not be visited.
   * O(slots), which is O(size) but for a table that has shrunk a lot.
   */
  forEach(visit: (slot: number) => void): void {
    for (let segment = 0; segment < this.segments.length; segment++) {
      for (let i = segment === 0 ? 1 : 0; i < this.#fresh[segment]; i++) {
        if (this.segments[segment][i * this.stride + LENGTH] !== FREE) visit((segment << SHIFT) | i);
      }
    }
  }

  /** The first slot in use after `slot` (0: from the beginning), −1 if there is none: for walks that pause. */
  slotAfter(slot: number): number {
    let i = (slot & MASK) + 1;
    for (let segment = slot >> SHIFT; segment < this.segments.length; segment++) {
      for (; i < this.#fresh[segment]; i++) {
        if (this.segments[segment][i * this.stride + LENGTH] !== FREE) return (segment << SHIFT) | i;
      }
      i = 0;
    }
    return -1;
  }

  /** As `forEach`, until the visitor returns true; returns whether it did. */
  some(visit: (slot: number) => boolean): boolean {
    for (let segment = 0; segment < this.segments.length; segment++) {
      for (let i = segment === 0 ? 1 : 0; i < this.#fresh[segment]; i++) {
        const inUse = this.segments[segment][i * this.stride + LENGTH] !== FREE;
        if (inUse && visit((segment << SHIFT) | i)) return true;
      }
    }
    return false;
  }

  protected header(slot: number, word: number): number {
    return this.segments[slot >> SHIFT][(slot & MASK) * this.stride + word];
  }

  /** Whether enough slots are in use for `drawSlot` to find one soon. */
  protected get dense(): boolean {
    return this.#size >= this.#slotsHandedOut() * DENSE_LOAD_MIN;
  }

  /** A slot in use, drawn evenly: numbers are drawn until one is in use. */
  protected drawSlot(random: Random): number {
    const slots = this.#slotsHandedOut();
    for (;;) {
      const slot = random.below(slots);
      const segment = slot >> SHIFT;
      const i = slot & MASK;
      if (slot === 0 || i >= this.#fresh[segment]) continue;
      if (this.segments[segment][i * this.stride + LENGTH] !== FREE) return slot;
    }
  }

  /** A slot for a new record; the caller fills all its words. */
  protected takeSlot(): number {
    const open = this.#open;
    if (open.length === 0) this.#addSegment();
    const segment = open[open.length - 1];
    if (this.segments[segment].length === 0) this.#setSegment(segment, SEGMENT_SLOTS);
    let slot = this.#free[segment];
    if (slot !== 0) {
      this.#free[segment] = this.header(slot, LINK);
    } else {
      const fresh = this.#fresh[segment]++;
      if (segment === 0 && fresh * this.stride === this.segments[0].length) this.#setSegment(0, fresh * 2);
      slot = (segment << SHIFT) | fresh;
    }
    this.#live[segment]++;
    this.#size++;
    if (this.#idle === segment) this.#idle = -1;
    if (this.#free[segment] === 0 && this.#fresh[segment] === SEGMENT_SLOTS) open.pop();
    return slot;
  }

  protected freeSlot(slot: number): void {
    if (this.mark !== 0) forgetMember(this.mark, slot);
    if (this.shared === true) this.own(slot);
    const segment = slot >> SHIFT;
    const words = this.segments[segment];
    const at = (slot & MASK) * this.stride;
    if (this.#free[segment] === 0 && this.#fresh[segment] === SEGMENT_SLOTS) this.#open.push(segment);
    words[at + LENGTH] = FREE;
    words[at + LINK] = this.#free[segment];
    this.#free[segment] = slot;
    this.#size--;
    if (--this.#live[segment] > 0 || segment === 0) return;
    if (this.#idle < 0) {
      this.#idle = segment;
      return;
    }
    // It stays in the list of open segments and gets memory again when its turn comes.
    this.segments[segment] = NO_WORDS;
    this.#floats[segment] = NO_FLOATS;
    this.#free[segment] = 0;
    this.#fresh[segment] = 0;
  }

  /** Makes sure that nobody else has the segment of a slot. O(1), but a copy of up to 32768 records the first time. */
  protected own(slot: number): void {
    const segment = slot >> SHIFT;
    // Segments added since the fork are beyond those that are noted.
    if (segment >= this.#owned.length || this.#owned[segment] !== 0) return;
    if (this.lineage!.alone) {
      this.keepAll();
      return;
    }
    this.#setSegment(segment, this.segments[segment].length / this.stride);
    this.lineage!.parted();
  }

  /** Nobody else has any of the arrays. */
  protected keepAll(): void {
    this.shared = false;
    this.#owned = NO_BYTES;
  }

  /** Becomes a copy of `other` that shares its segments. O(segments). */
  protected shareSlots(other: SlotStore, lineage: Lineage, parents: Lineage): void {
    this.segments = other.segments.slice();
    this.#floats = other.#floats.slice();
    this.#free = other.#free.slice();
    this.#fresh = other.#fresh.slice();
    this.#live = other.#live.slice();
    this.#open = other.#open.slice();
    this.#idle = other.#idle;
    this.#size = other.#size;
    this.lineage = lineage;
    other.lineage = parents;
    for (const store of [this, other]) {
      store.shared = true;
      store.#owned = new Uint8Array(this.segments.length);
    }
  }

  protected dropSlots(): void {
    this.keepAll();
    this.mark = 0;
    this.#size = 0;
    this.segments = [];
    this.#floats = [];
    this.#free = [];
    this.#fresh = [];
    this.#live = [];
    this.#open = [];
    this.#idle = -1;
  }

  #slotsHandedOut(): number {
    const segments = this.segments.length;
    return segments === 1 ? this.#fresh[0] : segments << SHIFT;
  }

  #addSegment(): void {
    const segment = this.segments.length;
    this.segments.push(NO_WORDS);
    this.#floats.push(NO_FLOATS);
    this.#free.push(0);
    this.#fresh.push(segment === 0 ? 1 : 0);
    this.#live.push(0);
    this.#open.push(segment);
    if (segment === 0) this.#setSegment(0, FIRST_SEGMENT_SLOTS);
  }

  #setSegment(segment: number, slots: number): void {
    const words = new Int32Array(slots * this.stride);
    words.set(this.segments[segment]);
    this.segments[segment] = words;
    if (this.shared === true) this.#owned[segment] = 1;
    this.#floats[segment] = this.#withFloats ? new Float64Array(words.buffer) : NO_FLOATS;
  }
}
