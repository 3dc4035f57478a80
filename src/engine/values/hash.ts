import { type Bytes, bytesFromText, isAscii, sliceBytes, textFromBytes, writeBytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import type { Random } from '../../core/random.js';
import { processSeed, scratch, stage } from './byte-hash.js';
import { ByteTable } from './byte-table.js';
import { FieldDeadlines } from './field-deadlines.js';
import { findMember } from './member-cache.js';
import * as positions from './position-guess.js';
import { hasTwice } from './repeated-field.js';

// Constants of the module itself: see slot-store.ts.
const { guesses, guessPlace } = positions;

/** `hash-max-listpack-entries` and `hash-max-listpack-value`, read at every write. */
export interface HashLimits {
  /** What the arguments announce counts: since 7.2. */
  compact: boolean;
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
}

interface HashContext {
  meter: MemoryMeter;
  limits: HashLimits;
  seed: number;
}

/** What V8 takes for the objects of a hash and for a string in an array, estimated. */
const HASH_OBJECT_BYTES = 112;
const TABLE_OBJECT_BYTES = 640;
const FLAT_STRING_BYTES = 24;
/** Longer texts are looked through by a native call. */
const IN_PLACE_LENGTH_MAX = 16;
/** SCAN looks at no more than this many buckets per field asked for (twice Redis' factor: a field counts with its value). */
const SCAN_BUCKETS_PER_FIELD = 20;

/** Extra words of the table's slots. */
const VALUE_PTR = 0;
const VALUE_LENGTH = 1;
const EXTRA_WORDS = 2;

/** Whether texts are ASCII; nobody has looked yet after `fill`. */
type Ascii = typeof ASCII | typeof NOT_ASCII | typeof UNKNOWN;
const ASCII = 0;
const NOT_ASCII = 1;
const UNKNOWN = 2;

function flatBytes(text: Bytes): number {
  return stringBytes(text.length);
}

function stringBytes(length: number): number {
  return FLAT_STRING_BYTES + ((length + 7) & ~7);
}

/**
 * A hash: a flat array [field, value, field, value …] in the order of insertion while small ("listpack"), else a hash
 * table over a slab of its own. A hash that has become a table stays one.
 *
 * `find` and its kin return an *entry*, a number that names a field until the hash changes: the pair's index in the
 * flat form, the slot in the table.
 */
export class HashValue {
  readonly #meter: MemoryMeter;
  readonly #limits: HashLimits;
  readonly #seed: number;
  #flat: Bytes[] = [];
  #flatUsed = 0;
  /** Whether all fields and values of the flat form are ASCII, the same as bytes and as text. */
  #ascii: Ascii = ASCII;
  #table: ByteTable | null = null;
  #deadlines: FieldDeadlines | null = null;

  constructor(meter: MemoryMeter, limits: HashLimits, seed: number = processSeed) {
    this.#meter = meter;
    this.#limits = limits;
    this.#seed = seed;
    meter.add(HASH_OBJECT_BYTES);
  }

  get size(): number {
    return this.#table !== null ? this.#table.size : this.#flat.length >> 1;
  }

  get encoding(): 'listpack' | 'listpackex' | 'hashtable' {
    return this.#table !== null ? 'hashtable' : this.#deadlines !== null ? 'listpackex' : 'listpack';
  }

  /** When fields end; null if none of them ever had an end. What is due is for the database to delete. */
  get deadlines(): FieldDeadlines | null {
    return this.#deadlines;
  }

  /** The hash table behind it, for statistics; null in the compact form. */
  get table(): ByteTable | null {
    return this.#table;
  }

  /** Metered bytes. */
  get memoryBytes(): number {
    const table = this.#table;
    const base = HASH_OBJECT_BYTES + (this.#deadlines?.memoryBytes ?? 0);
    if (table === null) return base + this.#flatUsed;
    return base + TABLE_OBJECT_BYTES + table.bytesUsed + table.slabUsed;
  }

  /** The field's entry, or −1. O(1); O(n) in the flat form. */
  find(field: Bytes): number {
    return this.#table !== null ? this.#table.find(field) : this.#findFlat(field);
  }

  findBytes(buffer: Uint8Array, start: number, length: number): number {
    if (this.#table !== null) return this.#table.findBytes(buffer, start, length);
    return this.#findFlat(sliceBytes(buffer, start, start + length));
  }

  fieldAt(entry: number): Bytes {
    return this.#table !== null ? this.#table.keyOf(entry) : this.#flat[entry * 2];
  }

  valueAt(entry: number): Bytes {
    const table = this.#table;
    if (table === null) return this.#flat[entry * 2 + 1];
    return table.slab.read(table.word(entry, VALUE_PTR), table.word(entry, VALUE_LENGTH));
  }

  valueLengthAt(entry: number): number {
    return this.#table !== null ? this.#table.word(entry, VALUE_LENGTH) : this.#flat[entry * 2 + 1].length;
  }

  /** Writes the value into `target`, which has room; returns the offset after it. */
  copyValue(entry: number, target: Uint8Array, at: number): number {
    const table = this.#table;
    if (table === null) return writeBytes(target, this.#flat[entry * 2 + 1], at);
    return table.slab.copyOut(table.word(entry, VALUE_PTR), table.word(entry, VALUE_LENGTH), target, at);
  }

  get(field: Bytes): Bytes | null {
    const entry = this.find(field);
    return entry < 0 ? null : this.valueAt(entry);
  }

  /** As `get`, of and as text. */
  textOf(field: string): string | null {
    const flat = this.#flat;
    const at = guesses[guessPlace(field)] * 2;
    if (this.#ascii === ASCII && at < flat.length && flat[at] === field) return flat[at + 1];
    return this.#textOf(field);
  }

  #textOf(field: string): string | null {
    if (this.#ascii === UNKNOWN) this.#ascii = this.#flat.every(isAscii) ? ASCII : NOT_ASCII;
    const value = this.getByText(field);
    return value === null ? null : textFromBytes(value);
  }

  /** As `get`, for a field given as text: one of a table that is used again and again is not looked up in it. */
  getByText(field: string): Bytes | null {
    const table = this.#table;
    const entry = table !== null ? findMember(table, field) : this.#findFlat(bytesFromText(field));
    return entry < 0 ? null : this.valueAt(entry);
  }

  has(field: Bytes): boolean {
    return this.find(field) >= 0;
  }

  /** Length of the field's value, 0 if there is none. */
  valueLength(field: Bytes): number {
    const entry = this.find(field);
    return entry < 0 ? 0 : this.valueLengthAt(entry);
  }

  /** Sets a field, in its place if it is there; true when it is new. It has no end then. */
  set(field: Bytes, value: Bytes): boolean {
    if (this.#deadlines !== null) this.#deadlines.delete(field);
    return this.setOnly(field, value);
  }

  /** As `set`, for text. */
  setText(field: string, value: string): boolean {
    const flat = this.#flat;
    const at = guesses[guessPlace(field)] * 2;
    if (at < flat.length && flat[at] === field && this.#replaced(flat, at + 1, value)) return false;
    return this.set(bytesFromText(field), bytesFromText(value));
  }

  /** Whether a text simply took the place of a value of the flat form: a short ASCII text may, if all others are ASCII. */
  #replaced(flat: Bytes[], at: number, value: string): boolean {
    const limits = this.#limits;
    const { length } = value;
    if (length > IN_PLACE_LENGTH_MAX || length > limits.hashMaxListpackValue) return false;
    // The limit may have been lowered since the fields were added.
    if (this.#ascii !== ASCII || this.#deadlines !== null || flat.length > limits.hashMaxListpackEntries * 2)
      return false;
    let bits = 0;
    for (let i = 0; i < length; i++) bits |= value.charCodeAt(i);
    if (bits > 127) return false;
    const added = stringBytes(length) - stringBytes(flat[at].length);
    flat[at] = value;
    if (added !== 0) this.#charge(added);
    return true;
  }

  /** As `set`, but a field that has an end keeps it. */
  setOnly(field: Bytes, value: Bytes): boolean {
    if (this.#table === null) {
      const longest = this.#limits.hashMaxListpackValue;
      if (field.length <= longest && value.length <= longest) return this.#setFlat(field, value);
      this.#convert();
    }
    return this.#setTable(field, value);
  }

  /** As `set`, from two ranges of one buffer. No strings are made when the hash is a table. */
  setBytes(buffer: Uint8Array, fieldAt: number, fieldLength: number, valueAt: number, valueLength: number): boolean {
    if (this.#deadlines !== null) this.#deadlines.delete(sliceBytes(buffer, fieldAt, fieldAt + fieldLength));
    if (this.#table === null) {
      const longest = this.#limits.hashMaxListpackValue;
      if (fieldLength <= longest && valueLength <= longest) {
        const field = sliceBytes(buffer, fieldAt, fieldAt + fieldLength);
        return this.#setFlat(field, sliceBytes(buffer, valueAt, valueAt + valueLength));
      }
      this.#convert();
    }
    const table = this.#table!;
    const found = table.findBytes(buffer, fieldAt, fieldLength);
    const slot = found >= 0 ? found : table.addMissed(buffer, fieldAt, fieldLength);
    table.slab.copyIn(this.#valueBlock(table, slot, valueLength), buffer, valueAt, valueAt + valueLength);
    return found < 0;
  }

  /**
   * Gives an empty hash all its fields at once, each followed by its value; the array is the hash's own from then on.
   * False if a field is there twice: the hash is to be disposed of then. O(n).
   */
  fill(pairs: Bytes[]): boolean {
    const { hashMaxListpackEntries, hashMaxListpackValue } = this.#limits;
    let bytes = 0;
    let longest = 0;
    for (const text of pairs) {
      bytes += flatBytes(text);
      if (text.length > longest) longest = text.length;
    }
    if (pairs.length > hashMaxListpackEntries * 2 || longest > hashMaxListpackValue) {
      for (let i = 0; i < pairs.length; i += 2) if (!this.set(pairs[i], pairs[i + 1])) return false;
      return true;
    }
    if (hasTwice(pairs)) return false;
    this.#flat = pairs;
    this.#ascii = UNKNOWN;
    this.#charge(bytes);
    return true;
  }

  /** Gets ready for `count` fields, as the arguments of a command announce them: it may become a table. Since 7.2. O(n). */
  expect(count: number): void {
    const { compact, hashMaxListpackEntries } = this.#limits;
    if (compact && this.#table === null && count > hashMaxListpackEntries) this.#convert();
  }

  delete(field: Bytes): boolean {
    const entry = this.find(field);
    if (entry < 0) return false;
    if (this.#deadlines !== null) this.#deadlines.delete(field);
    const table = this.#table;
    if (table !== null) {
      table.slab.free(table.word(entry, VALUE_PTR), table.word(entry, VALUE_LENGTH));
      table.remove(entry);
    } else {
      this.#charge(-flatBytes(this.#flat[entry * 2]) - flatBytes(this.#flat[entry * 2 + 1]));
      this.#flat.splice(entry * 2, 2);
    }
    return true;
  }

  /** When a field ends, Unix ms; null if it does not, or is absent. */
  deadlineOf(field: Bytes): number | null {
    return this.#deadlines?.get(field) ?? null;
  }

  /** Gets ready for fields that end: what OBJECT ENCODING tells from then on. O(1). */
  keepDeadlines(): void {
    this.#deadlines ??= new FieldDeadlines(this.#meter);
  }

  /** Gives a field that is there an end, Unix ms. O(log of the fields that have one). */
  setDeadline(field: Bytes, at: number): void {
    this.#deadlines ??= new FieldDeadlines(this.#meter);
    this.#deadlines.set(field, at);
  }

  /** Takes a field's end away; false if it had none. */
  clearDeadline(field: Bytes): boolean {
    return this.#deadlines?.delete(field) ?? false;
  }

  /** Visits every field, in the order of insertion in the flat form. The visitor does not change the hash. */
  forEach(visit: (field: Bytes, value: Bytes) => void): void {
    const table = this.#table;
    if (table !== null) {
      table.forEach((slot) => {
        visit(table.keyOf(slot), this.valueAt(slot));
      });
      return;
    }
    for (let i = 0; i < this.#flat.length; i += 2) visit(this.#flat[i], this.#flat[i + 1]);
  }

  /** One step of HSCAN: about `count` fields; the flat form comes whole. Returns the next cursor, 0 at the end. */
  scan(cursor: number, count: number, visit: (field: Bytes, value: Bytes) => void): number {
    const table = this.#table;
    if (table === null) {
      this.forEach(visit);
      return 0;
    }
    let at = cursor;
    let visited = 0;
    let buckets = count * SCAN_BUCKETS_PER_FIELD;
    do {
      at = table.scan(at, (slot) => {
        visited++;
        visit(table.keyOf(slot), this.valueAt(slot));
      });
    } while (at !== 0 && buckets-- > 0 && visited < count);
    return at;
  }

  /** An entry drawn evenly; the hash is not empty. */
  randomEntry(random: Random): number {
    return this.#table !== null ? this.#table.randomSlot(random) : random.below(this.size);
  }

  randomField(random: Random): Bytes {
    return this.fieldAt(this.randomEntry(random));
  }

  /** `count` distinct entries in random order (all, if there are fewer). O(count), O(n) for more than a third. */
  sampleEntries(count: number, random: Random): number[] {
    const size = this.size;
    if (count * 3 < size) {
      const drawn = new Set<number>();
      while (drawn.size < count) drawn.add(this.randomEntry(random));
      return [...drawn];
    }
    const entries = this.entries();
    const wanted = Math.min(count, size);
    for (let i = 0; i < wanted; i++) {
      const j = i + random.below(size - i);
      const entry = entries[j];
      entries[j] = entries[i];
      entries[i] = entry;
    }
    entries.length = wanted;
    return entries;
  }

  /** All entries, in the order of `forEach`. */
  entries(): number[] {
    if (this.#table === null) return Array.from({ length: this.size }, (_, index) => index);
    const entries: number[] = [];
    this.#table.forEach((slot) => {
      entries.push(slot);
    });
    return entries;
  }

  /** A hash of its own with the same fields and encoding, on the same or another context. O(n). */
  clone(context: HashContext = { meter: this.#meter, limits: this.#limits, seed: this.#seed }): HashValue {
    const copy = new HashValue(context.meter, context.limits, context.seed);
    copy.#deadlines = this.#deadlines?.clone(context.meter) ?? null;
    const table = this.#table;
    if (table === null) {
      copy.#flat = this.#flat.slice();
      copy.#ascii = this.#ascii;
      copy.#charge(this.#flatUsed);
      return copy;
    }
    const target = copy.#newTable(table.size);
    const slab = table.slab;
    table.forEach((slot) => {
      const keyPtr = table.keyPtr(slot);
      const added = target.addBytes(slab.chunkOf(keyPtr), slab.offsetOf(keyPtr), table.keyLength(slot));
      const ptr = table.word(slot, VALUE_PTR);
      const length = table.word(slot, VALUE_LENGTH);
      const at = slab.offsetOf(ptr);
      target.slab.copyIn(copy.#valueBlock(target, added, length), slab.chunkOf(ptr), at, at + length);
    });
    return copy;
  }

  /** As `clone`, in the same places: the table is shared until one of the two writes. O(size / 32768); O(n) as listpack. */
  fork(context: HashContext): HashValue {
    if (this.#table === null) return this.clone(context);
    const copy = new HashValue(context.meter, context.limits, context.seed);
    copy.#deadlines = this.#deadlines?.clone(context.meter) ?? null;
    copy.#table = this.#table.forkWhole(context.meter);
    context.meter.add(TABLE_OBJECT_BYTES);
    return copy;
  }

  /** Gives all memory back to the meter; the hash is not used afterwards. O(1). */
  dispose(): void {
    this.#meter.sub(HASH_OBJECT_BYTES + (this.#table !== null ? TABLE_OBJECT_BYTES : 0));
    this.#charge(-this.#flatUsed);
    this.#flat = [];
    this.#table?.dispose();
    this.#deadlines?.dispose();
  }

  #charge(bytes: number): void {
    this.#flatUsed += bytes;
    this.#meter.add(bytes);
  }

  #findFlat(field: Bytes): number {
    const flat = this.#flat;
    const place = guessPlace(field);
    const guess = guesses[place];
    if (guess * 2 < flat.length && flat[guess * 2] === field) return guess;
    return this.#searchFlat(field, place);
  }

  #searchFlat(field: Bytes, place: number): number {
    const flat = this.#flat;
    const length = field.length;
    // Fields of one hash are often of one length and differ at their ends; a whole comparison is a call.
    const last = length === 0 ? 0 : field.charCodeAt(length - 1);
    for (let i = 0; i < flat.length; i += 2) {
      const other = flat[i];
      if (other.length !== length || (length > 0 && other.charCodeAt(length - 1) !== last)) continue;
      if (other !== field) continue;
      guesses[place] = i >> 1;
      return i >> 1;
    }
    return -1;
  }

  #setFlat(field: Bytes, value: Bytes): boolean {
    const entry = this.#findFlat(field);
    if (this.#ascii === ASCII && !(isAscii(value) && (entry >= 0 || isAscii(field)))) this.#ascii = NOT_ASCII;
    if (entry >= 0) {
      this.#charge(flatBytes(value) - flatBytes(this.#flat[entry * 2 + 1]));
      this.#flat[entry * 2 + 1] = value;
    } else {
      this.#flat.push(field, value);
      this.#charge(flatBytes(field) + flatBytes(value));
    }
    // Also after an update: the limit may have been lowered since the fields were added.
    if (this.#flat.length > this.#limits.hashMaxListpackEntries * 2) this.#convert();
    return entry < 0;
  }

  #setTable(field: Bytes, value: Bytes): boolean {
    const table = this.#table!;
    const length = stage(field);
    const found = table.findBytes(scratch, 0, length);
    const slot = found >= 0 ? found : table.addMissed(scratch, 0, length);
    table.slab.write(this.#valueBlock(table, slot, value.length), value);
    return found < 0;
  }

  /** The slot's block for a value of `length` bytes: the old one if it has just the room. Content undefined. */
  #valueBlock(table: ByteTable, slot: number, length: number): number {
    const slab = table.slab;
    const oldPtr = table.word(slot, VALUE_PTR);
    const oldLength = table.word(slot, VALUE_LENGTH);
    table.setWord(slot, VALUE_LENGTH, length);
    if (slab.capacityOf(oldLength) === slab.capacityOf(length)) return oldPtr;
    slab.free(oldPtr, oldLength);
    const ptr = slab.alloc(length);
    table.setWord(slot, VALUE_PTR, ptr);
    return ptr;
  }

  #newTable(size: number): ByteTable {
    const table = new ByteTable(this.#meter, { extraWords: EXTRA_WORDS, seed: this.#seed });
    table.reserve(size);
    this.#meter.add(TABLE_OBJECT_BYTES);
    this.#table = table;
    return table;
  }

  #convert(): void {
    const flat = this.#flat;
    this.#newTable((flat.length >> 1) + 1);
    for (let i = 0; i < flat.length; i += 2) this.#setTable(flat[i], flat[i + 1]);
    this.#charge(-this.#flatUsed);
    this.#flat = [];
  }
}
