import { type Bytes, writeBytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import type { Random } from '../../core/random.js';
import { processSeed, scratch, stage } from './byte-hash.js';
import { ByteTable } from './byte-table.js';
import { INT64_TEXT_MAX, IntSet, parseInteger } from './intset.js';

/** `set-max-intset-entries`, read whenever an integer is added. */
export interface SetLimits {
  setMaxIntsetEntries: number;
}

interface SetContext {
  meter: MemoryMeter;
  limits: SetLimits;
  seed: number;
}

/** What the objects of a set take besides its elements; an estimate of V8's. */
const SET_OBJECT_BYTES = 96;
const TABLE_OBJECT_BYTES = 640;
/** Redis never lets an intset grow beyond this, whatever the limit says. */
const INTSET_ENTRIES_MAX = 1 << 30;
/** SCAN looks at no more than this many buckets per element asked for. */
const SCAN_BUCKETS_PER_ELEMENT = 10;

/**
 * A set: sorted integers while all members are canonical int64 texts and few, else a hash table over a slab of its
 * own. A set that has become a table stays one.
 */
export class SetValue {
  readonly #meter: MemoryMeter;
  readonly #limits: SetLimits;
  readonly #seed: number;
  #ints: IntSet | null;
  #table: ByteTable | null = null;

  constructor(meter: MemoryMeter, limits: SetLimits, seed: number = processSeed) {
    this.#meter = meter;
    this.#limits = limits;
    this.#seed = seed;
    this.#ints = new IntSet(meter);
    meter.add(SET_OBJECT_BYTES);
  }

  get size(): number {
    return this.#table !== null ? this.#table.size : this.#ints!.size;
  }

  get encoding(): 'intset' | 'hashtable' {
    return this.#table !== null ? 'hashtable' : 'intset';
  }

  /** The hash table behind it, for statistics; null in the compact form. */
  get table(): ByteTable | null {
    return this.#table;
  }

  /** Metered bytes. */
  get memoryBytes(): number {
    const table = this.#table;
    if (table === null) return SET_OBJECT_BYTES + this.#ints!.bytesUsed;
    return SET_OBJECT_BYTES + TABLE_OBJECT_BYTES + table.bytesUsed + table.slabUsed;
  }

  /** Adds a member; false if it was there. O(1), O(n) for an intset. */
  add(member: Bytes): boolean {
    const length = stage(member);
    return this.addBytes(scratch, 0, length);
  }

  addBytes(buffer: Uint8Array, start: number, length: number): boolean {
    if (this.#table === null) {
      if (parseInteger(buffer, start, length)) {
        if (!this.#ints!.addParsed()) return false;
        if (this.#ints!.size > Math.min(this.#limits.setMaxIntsetEntries, INTSET_ENTRIES_MAX)) this.#convert();
        return true;
      }
      this.#convert();
    }
    const table = this.#table!;
    if (table.findBytes(buffer, start, length) >= 0) return false;
    table.addMissed(buffer, start, length);
    return true;
  }

  /** Removes a member; false if it was not there. */
  delete(member: Bytes): boolean {
    const length = stage(member);
    if (this.#table === null) return parseInteger(scratch, 0, length) && this.#ints!.deleteParsed();
    const slot = this.#table.findBytes(scratch, 0, length);
    if (slot < 0) return false;
    this.#table.remove(slot);
    return true;
  }

  has(member: Bytes): boolean {
    const length = stage(member);
    return this.hasBytes(scratch, 0, length);
  }

  hasBytes(buffer: Uint8Array, start: number, length: number): boolean {
    if (this.#table !== null) return this.#table.findBytes(buffer, start, length) >= 0;
    return parseInteger(buffer, start, length) && this.#ints!.hasParsed();
  }

  /** Visits every member, integers in numeric order. The visitor does not change the set. */
  forEach(visit: (member: Bytes) => void): void {
    this.some((member) => {
      visit(member);
      return false;
    });
  }

  /** As `forEach`, until the visitor returns true; returns whether it did. */
  some(visit: (member: Bytes) => boolean): boolean {
    const table = this.#table;
    if (table !== null) return table.some((slot) => visit(table.keyOf(slot)));
    const ints = this.#ints!;
    for (let i = 0; i < ints.size; i++) if (visit(ints.textAt(i))) return true;
    return false;
  }

  members(): Bytes[] {
    const members: Bytes[] = [];
    this.forEach((member) => {
      members.push(member);
    });
    return members;
  }

  /** One step of SSCAN: about `count` members; an intset comes whole. Returns the next cursor, 0 at the end. */
  scan(cursor: number, count: number, visit: (member: Bytes) => void): number {
    const table = this.#table;
    if (table === null) {
      this.forEach(visit);
      return 0;
    }
    let at = cursor;
    let visited = 0;
    let buckets = count * SCAN_BUCKETS_PER_ELEMENT;
    do {
      at = table.scan(at, (slot) => {
        visited++;
        visit(table.keyOf(slot));
      });
    } while (at !== 0 && buckets-- > 0 && visited < count);
    return at;
  }

  /** A member drawn evenly; the set is not empty. */
  random(random: Random): Bytes {
    if (this.#table !== null) return this.#table.keyOf(this.#table.randomSlot(random));
    return this.#ints!.textAt(random.below(this.#ints!.size));
  }

  /** Removes and returns a member drawn evenly; the set is not empty. */
  pop(random: Random): Bytes {
    if (this.#table !== null) {
      const slot = this.#table.randomSlot(random);
      const member = this.#table.keyOf(slot);
      this.#table.remove(slot);
      return member;
    }
    const index = random.below(this.#ints!.size);
    const member = this.#ints!.textAt(index);
    this.#ints!.removeAt(index);
    return member;
  }

  /** `count` distinct members in random order (all, if there are fewer). O(count), O(n) for more than a third. */
  sample(count: number, random: Random): Bytes[] {
    const size = this.size;
    const table = this.#table;
    if (table !== null && count * 3 < size) {
      const slots = new Set<number>();
      while (slots.size < count) slots.add(table.randomSlot(random));
      return Array.from(slots, (slot) => table.keyOf(slot));
    }
    const members = this.members();
    const wanted = Math.min(count, size);
    for (let i = 0; i < wanted; i++) {
      const j = i + random.below(size - i);
      const member = members[j];
      members[j] = members[i];
      members[i] = member;
    }
    members.length = wanted;
    return members;
  }

  /** A set of its own with the same members and encoding, on the same or another context. O(n). */
  clone(context: SetContext = { meter: this.#meter, limits: this.#limits, seed: this.#seed }): SetValue {
    const copy = new SetValue(context.meter, context.limits, context.seed);
    copy.#ints!.dispose();
    copy.#ints = this.#ints === null ? null : this.#ints.clone(context.meter);
    const table = this.#table;
    if (table !== null) {
      const target = copy.#newTable(table.size);
      table.forEach((slot) => {
        const ptr = table.keyPtr(slot);
        target.addBytes(table.slab.chunkOf(ptr), table.slab.offsetOf(ptr), table.keyLength(slot));
      });
    }
    return copy;
  }

  /** As `clone`, in the same places: the table is shared until one of the two writes. O(size / 32768); O(n) as intset. */
  fork(context: SetContext): SetValue {
    if (this.#table === null) return this.clone(context);
    const copy = new SetValue(context.meter, context.limits, context.seed);
    copy.#ints!.dispose();
    copy.#ints = null;
    copy.#table = this.#table.forkWhole(context.meter);
    context.meter.add(TABLE_OBJECT_BYTES);
    return copy;
  }

  /** Gives all memory back to the meter; the set is not used afterwards. O(1). */
  dispose(): void {
    this.#meter.sub(SET_OBJECT_BYTES + (this.#table !== null ? TABLE_OBJECT_BYTES : 0));
    this.#ints?.dispose();
    this.#table?.dispose();
  }

  #newTable(size: number): ByteTable {
    const table = new ByteTable(this.#meter, { seed: this.#seed });
    table.reserve(size);
    this.#meter.add(TABLE_OBJECT_BYTES);
    this.#table = table;
    return table;
  }

  #convert(): void {
    const ints = this.#ints!;
    const table = this.#newTable(ints.size + 1);
    // Not the scratch: it may hold the member that is being added.
    const text = new Uint8Array(INT64_TEXT_MAX);
    for (let i = 0; i < ints.size; i++) table.addBytes(text, 0, writeBytes(text, ints.textAt(i), 0));
    ints.dispose();
    this.#ints = null;
  }
}
