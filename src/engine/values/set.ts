import { type Bytes, bytesFromText, sliceBytes, writeBytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import type { Random } from '../../core/random.js';
import { processSeed, scratch, stage } from './byte-hash.js';
import { ByteTable } from './byte-table.js';
import { INT64_TEXT_MAX, IntSet, parseInteger } from './intset.js';
import { findMember } from './member-cache.js';
import { PackedMembers } from './packed-members.js';

/** `set-max-intset-entries`, `set-max-listpack-entries` and `set-max-listpack-value`, read whenever a member is added. */
export interface SetLimits {
  setMaxIntsetEntries: number;
  setMaxListpackEntries: number;
  setMaxListpackValue: number;
  /** There are listpacks, and what the arguments announce counts: since 7.2. */
  compact: boolean;
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
 * A set: sorted integers while all members are canonical int64 texts and few; since 7.2 a few short members in the order
 * in which they came; else a hash table over a slab of its own. A set never goes back to a smaller form.
 */
export class SetValue {
  readonly #meter: MemoryMeter;
  readonly #limits: SetLimits;
  readonly #seed: number;
  #ints: IntSet | null;
  #packed: PackedMembers | null = null;
  #table: ByteTable | null = null;

  constructor(meter: MemoryMeter, limits: SetLimits, seed: number = processSeed) {
    this.#meter = meter;
    this.#limits = limits;
    this.#seed = seed;
    this.#ints = new IntSet(meter);
    meter.add(SET_OBJECT_BYTES);
  }

  get size(): number {
    return (this.#table ?? this.#packed ?? this.#ints!).size;
  }

  get encoding(): 'intset' | 'listpack' | 'hashtable' {
    return this.#table !== null ? 'hashtable' : this.#packed !== null ? 'listpack' : 'intset';
  }

  /** The hash table behind it, for statistics; null in the compact form. */
  get table(): ByteTable | null {
    return this.#table;
  }

  /** Metered bytes. */
  get memoryBytes(): number {
    const table = this.#table;
    if (table === null) return SET_OBJECT_BYTES + (this.#packed ?? this.#ints!).bytesUsed;
    return SET_OBJECT_BYTES + TABLE_OBJECT_BYTES + table.bytesUsed + table.slabUsed;
  }

  /**
   * Gets ready for `count` members, the first of which is `first`, as the arguments of a command announce them: an empty
   * set takes the form that would hold them, another one becomes a table at once if its form would not. Since 7.2. O(n).
   */
  expect(count: number, first: Bytes): void {
    const { compact, setMaxIntsetEntries, setMaxListpackEntries } = this.#limits;
    if (!compact || this.#table !== null) return;
    if (this.size > 0) {
      if (count > (this.#packed !== null ? setMaxListpackEntries : setMaxIntsetEntries)) this.#convert();
      return;
    }
    if (count <= setMaxIntsetEntries && parseInteger(scratch, 0, stage(first))) return;
    if (count <= setMaxListpackEntries) this.#pack();
    else this.#convert();
  }

  /** An empty set becomes a table if more members come than there may be integers. Since 7.2. */
  expectAny(count: number): void {
    const { compact, setMaxIntsetEntries } = this.#limits;
    if (compact && count > setMaxIntsetEntries) this.#convert();
  }

  /** An empty set keeps its members in the order in which they come, integers as well. Since 7.2. */
  expectTexts(): void {
    if (this.#limits.compact && this.#ints !== null) this.#pack();
  }

  /**
   * An empty set takes members as a listpack, however long they are; false if they are too many for that, or repeat, or there
   * are no listpacks: then it has taken none. O(n).
   */
  adopt(members: Bytes[]): boolean {
    const { compact, setMaxListpackEntries } = this.#limits;
    if (!compact || members.length > setMaxListpackEntries || new Set(members).size < members.length) return false;
    this.#pack();
    for (const member of members) this.#packed!.push(member);
    return true;
  }

  /** A set of integers that is not one in form becomes it, if it is small enough: what SINTERSTORE leaves since 7.2. */
  compactIntegers(): void {
    if (!this.#limits.compact || this.#ints !== null) return;
    if (this.size > Math.min(this.#limits.setMaxIntsetEntries, INTSET_ENTRIES_MAX)) return;
    const members = this.members();
    if (!members.every((member) => parseInteger(scratch, 0, stage(member)))) return;
    this.#packed?.dispose();
    this.#packed = null;
    if (this.#table !== null) {
      this.#meter.sub(TABLE_OBJECT_BYTES);
      this.#table.dispose();
      this.#table = null;
    }
    this.#ints = new IntSet(this.#meter);
    for (const member of members) {
      parseInteger(scratch, 0, stage(member));
      this.#ints.addParsed();
    }
  }

  /** Adds a member; false if it was there. O(1), O(n) in the small forms. */
  add(member: Bytes): boolean {
    const length = stage(member);
    return this.addBytes(scratch, 0, length);
  }

  addBytes(buffer: Uint8Array, start: number, length: number): boolean {
    if (this.#table === null) {
      if (this.#ints !== null && parseInteger(buffer, start, length)) {
        if (!this.#ints.addParsed()) return false;
        if (this.#ints.size > Math.min(this.#limits.setMaxIntsetEntries, INTSET_ENTRIES_MAX)) this.#convert();
        return true;
      }
      const packed = this.#packed;
      if (packed?.has(sliceBytes(buffer, start, start + length))) return false;
      if (this.#staysPacked(length)) {
        (packed ?? this.#pack()).push(sliceBytes(buffer, start, start + length));
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
    if (this.#packed !== null) return this.#packed.delete(member);
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

  /** As `has`, for a member given as text: one that is asked for again and again is not looked up in the table. */
  hasText(text: string): boolean {
    return this.#table !== null ? findMember(this.#table, text) >= 0 : this.has(bytesFromText(text));
  }

  hasBytes(buffer: Uint8Array, start: number, length: number): boolean {
    if (this.#table !== null) return this.#table.findBytes(buffer, start, length) >= 0;
    if (this.#packed !== null) return this.#packed.has(sliceBytes(buffer, start, start + length));
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
    const { size } = this;
    for (let i = 0; i < size; i++) if (visit(this.#smallAt(i))) return true;
    return false;
  }

  members(): Bytes[] {
    const members: Bytes[] = [];
    this.forEach((member) => {
      members.push(member);
    });
    return members;
  }

  /** One step of SSCAN: about `count` members; a small form comes whole. Returns the next cursor, 0 at the end. */
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
    return this.#smallAt(random.below(this.size));
  }

  /** Removes and returns a member drawn evenly; the set is not empty. */
  pop(random: Random): Bytes {
    if (this.#table !== null) {
      const slot = this.#table.randomSlot(random);
      const member = this.#table.keyOf(slot);
      this.#table.remove(slot);
      return member;
    }
    const index = random.below(this.size);
    const member = this.#smallAt(index);
    (this.#packed ?? this.#ints!).removeAt(index);
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
    copy.#packed = this.#packed === null ? null : this.#packed.clone(context.meter);
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

  /** As `clone`, in the same places: the table is shared until one of the two writes. O(size / 32768); O(n) in a small form. */
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
    this.#packed?.dispose();
    this.#table?.dispose();
  }

  #newTable(size: number): ByteTable {
    const table = new ByteTable(this.#meter, { seed: this.#seed });
    table.reserve(size);
    this.#meter.add(TABLE_OBJECT_BYTES);
    this.#table = table;
    return table;
  }

  /** A member of one of the small forms. */
  #smallAt(index: number): Bytes {
    return this.#packed !== null ? this.#packed.at(index) : this.#ints!.textAt(index);
  }

  /** Whether a listpack would take one more member that is no integer, or is one already. */
  #staysPacked(length: number): boolean {
    const { compact, setMaxListpackEntries, setMaxListpackValue } = this.#limits;
    if (!compact || this.size >= setMaxListpackEntries || length > setMaxListpackValue) return false;
    const ints = this.#ints;
    if (ints === null || ints.size === 0) return true;
    return Math.max(ints.textAt(0).length, ints.textAt(ints.size - 1).length) <= setMaxListpackValue;
  }

  #pack(): PackedMembers {
    const packed = new PackedMembers(this.#meter, this.members());
    this.#ints!.dispose();
    this.#ints = null;
    this.#packed = packed;
    return packed;
  }

  #convert(): void {
    const members = this.members();
    // Not the scratch: it may hold the member that is being added.
    const room = members.reduce((most, member) => Math.max(most, member.length), INT64_TEXT_MAX);
    const text = new Uint8Array(room);
    const table = this.#newTable(members.length + 1);
    for (const member of members) table.addBytes(text, 0, writeBytes(text, member, 0));
    this.#ints?.dispose();
    this.#packed?.dispose();
    this.#ints = null;
    this.#packed = null;
  }
}
