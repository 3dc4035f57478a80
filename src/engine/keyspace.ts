import { arrayFromBytes, type Bytes, bytesFromText, sliceBytes, textFromBytes } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import type { Random } from '../core/random.js';
import { CollectionStore, copyOf } from './collection-store.js';
import * as meta from './entry-meta.js';
import { ExpiryIndex } from './expiry-index.js';
import type { KeyspaceHost } from './keyspace-host.js';
import type { SlotWatch } from './slot-watch.js';
import {
  DIGIT_NINE,
  highWord,
  INT_DIGITS_MAX,
  integerIn,
  integerOfWords,
  lowWord,
  readU32,
  writeU32,
} from './string-bytes.js';
import { TextCache } from './text-cache.js';
import type { Collection } from './value.js';
import { ByteTable } from './values/byte-table.js';
import { HashValue } from './values/hash.js';
import { Lineage } from './values/lineage.js';
import { Slab } from './values/slab.js';

const { A, B, EXPIRY, META, TYPE_MASK, TYPE_STRING, USE_SHIFT, FORM_INT, FORM_RAW, FORM_SLACK, FORM_CACHED } = meta;

/** OBJECT ENCODING: strings up to this length are embstr. */
const EMBSTR_BYTES_MAX = 44;
/** A string that was changed in place begins with its capacity. */
const SLACK_HEADER_BYTES = 4;
/** Such a string grows to twice its length, or by this much. */
const SLACK_BYTES_MAX = 1024 * 1024;

/**
 * One logical database: keys, values and TTLs, without any rule about time, events or clients (database.ts has those).
 * Keys and strings live off the JavaScript heap, in the table's slab; collections are objects in a store by number.
 */
export class Keyspace {
  table: ByteTable;
  expiries = new ExpiryIndex();
  readonly #host: KeyspaceHost;
  #slab: Slab;
  #collections: CollectionStore;
  readonly #texts = new TextCache();
  /** With whom the arrays are shared. To `leave` when the data are not used any more. */
  readonly lineage: Lineage;
  /** The average TTL in ms that INFO keyspace reports. */
  averageTtl = 0;
  watch: SlotWatch | null = null;
  /** Keys of hashes with fields that end at a time, and maybe of others: who looks finds out. */
  readonly timedHashes: Set<Bytes>;

  /**
   * Empty, or with the data of `origin`, whose host has the same hash seed: both share all arrays until one of them
   * writes, and copies the piece of about 1 MiB or the collection. O(bytes / 1 MiB); the caller carries the meter over.
   */
  constructor(host: KeyspaceHost, origin: Keyspace | null = null) {
    this.#host = host;
    this.timedHashes = new Set(origin?.timedHashes);
    if (origin === null) {
      this.lineage = new Lineage();
      this.#slab = new Slab(host.meter);
      this.table = this.#newTable();
      this.#collections = new CollectionStore(host);
      return;
    }
    const parents = origin.lineage;
    this.lineage = parents.fork();
    this.#slab = origin.#slab.fork(host.meter, this.lineage, parents);
    this.table = origin.table.fork(host.meter, this.#slab, this.lineage, parents);
    this.#collections = origin.#collections.fork(host, this.lineage, parents);
    this.expiries = origin.expiries.fork();
    this.averageTtl = origin.averageTtl;
  }

  #newTable(): ByteTable {
    const { meter, hashSeed } = this.#host;
    return new ByteTable(meter, { seed: hashSeed, extraWords: meta.WORDS, slab: this.#slab, keyCache: true });
  }

  get size(): number {
    return this.table.size;
  }
  /** The slot of a key, expired or not; −1 if there is none. */
  find(key: Bytes): number {
    return this.table.find(key);
  }

  keyOf(slot: number): Bytes {
    return this.table.keyOf(slot);
  }

  typeOf(slot: number): number {
    return this.table.word(slot, META) & TYPE_MASK;
  }

  /** The collection of a slot whose type is not string, to be read. */
  collection(slot: number): Collection {
    return this.#collections.get(this.table.word(slot, A));
  }

  /** As `collection`, to be changed: after a fork the first change copies it, O(its size). */
  collectionToChange(slot: number): Collection {
    this.watch?.beforeChange(slot);
    return this.#collections.getToChange(this.table.word(slot, A));
  }

  // Use stamps (LRU or LFU), 24 bits.

  stamp(slot: number): number {
    return this.table.word(slot, META) >>> USE_SHIFT;
  }

  setStamp(slot: number, stamp: number): void {
    const low = this.table.word(slot, META) & 0xff;
    this.table.setWord(slot, META, (stamp << USE_SHIFT) | low);
  }

  touch(slot: number): void {
    this.setStamp(slot, this.#host.touchStamp(this.stamp(slot)));
  }

  // Strings.

  isInt(slot: number): boolean {
    return (this.table.word(slot, META) & FORM_INT) !== 0;
  }

  /** The integer of an int-encoded slot; a bigint only outside ±2^53. */
  intOf(slot: number): number | bigint {
    return integerOfWords(this.table.word(slot, A), this.table.word(slot, B));
  }

  stringOf(slot: number): Bytes {
    const form = this.table.word(slot, META) & (FORM_INT | FORM_SLACK);
    if (form === 0) return this.#slab.read(this.table.word(slot, A), this.table.word(slot, B));
    if (form & FORM_INT) return String(this.intOf(slot));
    const at = this.stringStart(slot);
    return sliceBytes(this.stringChunk(slot), at, at + this.table.word(slot, B));
  }

  /** As `stringOf`, as text. A string that is read again and again is kept ready until it is written. */
  textOf(slot: number): string {
    const word = this.table.word(slot, META);
    if (word & FORM_CACHED) {
      const cached = this.#texts.get(slot);
      if (cached !== null) return cached;
    }
    return this.#keptText(slot, word);
  }

  #keptText(slot: number, word: number): string {
    const text = textFromBytes(this.stringOf(slot));
    const keep = (word & (FORM_INT | FORM_SLACK)) === 0 && this.#texts.keep(slot, text);
    if (keep) this.table.setWord(slot, META, word | FORM_CACHED);
    return text;
  }

  /** Where the bytes of a string that is no integer lie, until the next write: chunk, start, and `stringLength`. */
  stringChunk(slot: number): Uint8Array {
    return this.#slab.chunkOf(this.table.word(slot, A));
  }

  stringStart(slot: number): number {
    const at = this.#slab.offsetOf(this.table.word(slot, A));
    return this.#hasSlack(slot) ? at + SLACK_HEADER_BYTES : at;
  }

  stringLength(slot: number): number {
    return this.isInt(slot) ? String(this.intOf(slot)).length : this.table.word(slot, B);
  }

  /** The bytes of a string where they lie, or a copy when it is an integer. Valid until the next write. */
  viewString(slot: number): Uint8Array {
    if (this.isInt(slot)) return arrayFromBytes(String(this.intOf(slot)));
    const at = this.stringStart(slot);
    return this.stringChunk(slot).subarray(at, at + this.table.word(slot, B));
  }

  stringEncoding(slot: number): 'int' | 'embstr' | 'raw' {
    const word = this.table.word(slot, META);
    if (word & FORM_INT) return 'int';
    return word & FORM_RAW || this.table.word(slot, B) > EMBSTR_BYTES_MAX ? 'raw' : 'embstr';
  }

  /** Overwrites or makes `key` as a string; a TTL stays. Integers are recognised. Returns the slot. */
  putString(key: Bytes, value: Bytes): number {
    const found = this.table.find(key);
    const slot = found < 0 ? this.#add(key) : found;
    this.setString(slot, value);
    return slot;
  }

  /** Gives a slot another string, in the old one's block where it just fits; a TTL stays. Integers are recognised. */
  setString(slot: number, value: Bytes): void {
    this.watch?.beforeChange(slot);
    const integer = value.length <= INT_DIGITS_MAX ? parseInteger(value) : null;
    const { table } = this;
    const word = table.word(slot, META);
    if (integer !== null) {
      this.setInt(slot, integer);
    } else if ((word & (TYPE_MASK | FORM_INT | FORM_SLACK)) === 0 && this.#fitsBlock(slot, value.length)) {
      this.#slab.write(table.word(slot, A), value);
      table.setWord(slot, B, value.length);
      table.setWord(slot, META, word & ~0xff);
    } else {
      this.#releaseValue(slot);
      this.#writeText(slot, value);
    }
  }

  /** `touch` and `setString` in one, for text. */
  useForText(slot: number, text: string): void {
    this.touch(slot);
    this.setString(slot, bytesFromText(text));
  }

  /**
   * As `useForText`, for short ASCII that is no number, in the old string's place: it is checked as it is stored. False,
   * and the string undefined if the text is not ASCII, where that cannot be, and for a key with a TTL unless `mortal`.
   */
  overwriteText(slot: number, text: string, mortal = false): boolean {
    const { length } = text;
    if (text.charCodeAt(0) > DIGIT_NINE && length <= INT_DIGITS_MAX) {
      const words = this.table.wordsOf(slot);
      const at = this.table.wordsStart(slot);
      const word = words[at + META]!;
      const isString = (word & (TYPE_MASK | FORM_INT | FORM_SLACK)) === 0;
      const plain = isString && (mortal || words[at + EXPIRY] === 0);
      // Blocks of such lengths are of as many granules of 8 bytes as they need.
      const fits = (words[at + B]! + 7) >> 3 === (length + 7) >> 3;
      if (plain && fits && this.#slab.writeAscii(words[at + A]!, text)) {
        words[at + B] = length;
        words[at + META] = this.#host.touchStamp(word >>> USE_SHIFT) << USE_SHIFT;
        return true;
      }
    }
    return false;
  }

  /** As `putString`, but never as an integer: text keeps its encoding whatever its digits. */
  putText(key: Bytes, value: Bytes): number {
    let slot = this.table.find(key);
    if (slot < 0) slot = this.#add(key);
    else this.#releaseValue(slot);
    this.#writeText(slot, value);
    return slot;
  }

  /** As `setString`, the value straight from a buffer. */
  putStringBytes(slot: number, source: Uint8Array, start: number, length: number): void {
    const digits = length <= INT_DIGITS_MAX ? integerIn(source, start, length) : null;
    const old = this.table.word(slot, META);
    if (digits !== null) {
      this.#releaseValue(slot);
      this.#setInt(slot, digits);
      return;
    }
    if ((old & (TYPE_MASK | FORM_INT | FORM_SLACK)) === 0 && this.#fitsBlock(slot, length)) {
      this.#slab.copyIn(this.table.word(slot, A), source, start, start + length);
    } else {
      this.#releaseValue(slot);
      const pointer = this.#slab.alloc(length);
      this.#slab.copyIn(pointer, source, start, start + length);
      this.table.setWord(slot, A, pointer);
    }
    this.table.setWord(slot, B, length);
    this.table.setWord(slot, META, old & ~0xff);
  }

  /** A new key from a buffer, still without a value: the caller puts one at once. */
  addBytes(source: Uint8Array, start: number, length: number): number {
    const slot = this.table.addBytes(source, start, length);
    this.#init(slot);
    return slot;
  }

  /** As `addBytes`, for the bytes that `table.findBytes` has just not found. */
  addMissedBytes(source: Uint8Array, start: number, length: number): number {
    const slot = this.table.addMissed(source, start, length);
    this.#init(slot);
    return slot;
  }

  setInt(slot: number, value: number | bigint): void {
    if (!this.isInt(slot)) this.#releaseValue(slot);
    this.#setInt(slot, value);
  }

  /**
   * Makes the string `length` bytes long (zeros beyond the old end), raw-encoded; its bytes may be written in place.
   * Growth is greedy, so that a run of appends costs O(1) each; amortised.
   */
  resizeString(slot: number, length: number): Uint8Array {
    const old = this.viewString(slot);
    if (this.#hasSlack(slot) && this.#slackCapacity(slot) >= length) {
      if (length > old.length) {
        const at = this.stringStart(slot);
        this.#slab.chunkToWrite(this.table.word(slot, A)).fill(0, at + old.length, at + length);
      }
    } else {
      this.#moveToSlack(slot, old, length);
    }
    this.table.setWord(slot, B, length);
    this.#slab.chunkToWrite(this.table.word(slot, A));
    return this.viewString(slot);
  }

  /** Copies a string to a block which records its capacity and has room to grow. */
  #moveToSlack(slot: number, old: Uint8Array, length: number): void {
    const capacity = old.length === 0 ? length : length + Math.min(length, SLACK_BYTES_MAX);
    const pointer = this.#slab.alloc(capacity + SLACK_HEADER_BYTES);
    const at = this.#slab.offsetOf(pointer);
    const chunk = this.#slab.chunkToWrite(pointer);
    // The old view may be of a chunk that grew just now: read it again.
    const source = this.viewString(slot);
    const kept = Math.min(source.length, length);
    chunk.set(kept === source.length ? source : source.subarray(0, kept), at + SLACK_HEADER_BYTES);
    chunk.fill(0, at + SLACK_HEADER_BYTES + kept, at + SLACK_HEADER_BYTES + length);
    this.#releaseValue(slot);
    writeU32(this.#slab.chunkToWrite(pointer), at, capacity);
    this.table.setWord(slot, A, pointer);
    const word = this.table.word(slot, META) & ~0xff;
    this.table.setWord(slot, META, word | FORM_RAW | FORM_SLACK);
  }

  #hasSlack(slot: number): boolean {
    return (this.table.word(slot, META) & FORM_SLACK) !== 0;
  }

  #slackCapacity(slot: number): number {
    const pointer = this.table.word(slot, A);
    return readU32(this.#slab.chunkOf(pointer), this.#slab.offsetOf(pointer));
  }

  // Collections.

  /** Overwrites or makes `key` as a collection; a TTL stays. Returns the slot. */
  putCollection(key: Bytes, type: number, value: Collection): number {
    let slot = this.table.find(key);
    if (slot < 0) slot = this.#add(key);
    else this.#releaseValue(slot);
    this.fillCollection(slot, type, value);
    return slot;
  }

  /** Moves the value and TTL of `slot` to `key` in `target` (this keyspace or another), replacing what is there. */
  moveTo(slot: number, target: Keyspace, key: Bytes): void {
    this.watch?.beforeChange(slot);
    const deadline = this.deadline(slot);
    const word = this.table.word(slot, META);
    const a = this.table.word(slot, A);
    const b = this.table.word(slot, B);
    const isString = (word & TYPE_MASK) === TYPE_STRING;
    const copied = isString && target !== this && !this.isInt(slot) ? this.stringOf(slot) : null;
    const value = isString ? null : this.#collections.take(a);
    if ((word & TYPE_MASK) === meta.TYPE_STREAM) this.#host.streamLost(this, this.keyOf(slot));
    // A value that moves as it is must not be released with its old key: the slot now holds an integer.
    if (copied === null) this.table.setWord(slot, META, (word & ~0xff) | FORM_INT);
    this.remove(slot);
    const old = target.find(key);
    if (old >= 0) target.remove(old);
    const moved = target.#add(key);
    if (value !== null) target.fillCollection(moved, word & TYPE_MASK, value);
    else if (copied !== null) target.#writeText(moved, copied, (word & FORM_RAW) !== 0);
    else target.setWords(moved, a, b, word & 0xff & ~FORM_CACHED);
    target.setStamp(moved, word >>> USE_SHIFT);
    if (deadline !== null) target.setDeadline(moved, deadline);
  }

  /** Copies the value and TTL of `slot` to `key`, which `target` (this keyspace or another) does not have. */
  copyTo(slot: number, target: Keyspace, key: Bytes): void {
    const deadline = this.deadline(slot);
    const word = this.table.word(slot, META);
    const type = word & TYPE_MASK;
    const copy = target.#add(key);
    if (type !== TYPE_STRING) target.fillCollection(copy, type, copyOf(this.collection(slot), target.#host));
    else if (word & FORM_INT) {
      target.setWords(copy, this.table.word(slot, A), this.table.word(slot, B), FORM_INT | meta.FORM_OWN);
    } else target.#writeText(copy, this.stringOf(slot), (word & FORM_RAW) !== 0);
    if (deadline !== null) target.setDeadline(copy, deadline);
  }

  // TTLs: absolute Unix milliseconds.

  deadline(slot: number): number | null {
    const position = this.table.word(slot, EXPIRY);
    return position === 0 ? null : this.expiries.deadline(position - 1);
  }

  hasDeadline(slot: number): boolean {
    return this.table.word(slot, EXPIRY) !== 0;
  }

  setDeadline(slot: number, at: number): void {
    this.watch?.beforeChange(slot);
    const position = this.table.word(slot, EXPIRY);
    if (position === 0) this.table.setWord(slot, EXPIRY, this.expiries.add(slot, at) + 1);
    else this.expiries.setDeadline(position - 1, at);
  }

  /** Whether there was a TTL. */
  clearDeadline(slot: number): boolean {
    const position = this.table.word(slot, EXPIRY);
    if (position === 0) return false;
    this.watch?.beforeChange(slot);
    const moved = this.expiries.remove(position - 1);
    if (moved >= 0) this.table.setWord(moved, EXPIRY, position);
    this.table.setWord(slot, EXPIRY, 0);
    return true;
  }

  remove(slot: number): void {
    this.watch?.beforeChange(slot);
    this.clearDeadline(slot);
    this.#releaseValue(slot);
    this.table.remove(slot);
  }

  /** Drops everything, O(1) in the number of strings. */
  clear(): void {
    this.watch?.beforeClear();
    this.#collections.dispose();
    // The table is dropped as it is: giving its keys back one by one would cost O(n).
    this.#host.meter.sub(this.table.bytesUsed);
    this.#slab.dispose();
    this.#slab = new Slab(this.#host.meter);
    this.table = this.#newTable();
    this.expiries = new ExpiryIndex();
    this.#collections = new CollectionStore(this.#host);
    this.averageTtl = 0;
    this.timedHashes.clear();
  }

  randomSlot(random: Random): number {
    return this.table.randomSlot(random);
  }

  #add(key: Bytes): number {
    const slot = this.table.add(key);
    this.#init(slot);
    return slot;
  }

  #init(slot: number): void {
    this.watch?.added(slot);
    this.table.setWord(slot, EXPIRY, 0);
    this.table.setWord(slot, META, (this.#host.freshStamp() << USE_SHIFT) | FORM_INT);
  }

  #writeText(slot: number, value: Bytes, raw = false): void {
    const pointer = this.#slab.alloc(value.length);
    this.#slab.write(pointer, value);
    this.setWords(slot, pointer, value.length, raw ? FORM_RAW : 0);
  }

  /** Gives a new key a string: two words and the form by which entry-meta.ts tells what they mean. */
  setWords(slot: number, a: number, b: number, form: number): void {
    this.table.setWord(slot, A, a);
    this.table.setWord(slot, B, b);
    this.table.setWord(slot, META, (this.table.word(slot, META) & ~0xff) | form);
  }

  #setInt(slot: number, value: number | bigint): void {
    this.table.setWord(slot, A, lowWord(value));
    this.table.setWord(slot, B, highWord(value));
    this.table.setWord(slot, META, (this.table.word(slot, META) & ~0xff) | FORM_INT);
  }

  /** Gives a new key a collection. */
  fillCollection(slot: number, type: number, value: Collection): void {
    this.table.setWord(slot, A, this.#collections.add(value));
    if (value instanceof HashValue && value.deadlines !== null) this.timedHashes.add(this.keyOf(slot));
    this.table.setWord(slot, META, (this.table.word(slot, META) & ~0xff) | type);
  }

  #fitsBlock(slot: number, length: number): boolean {
    return this.#slab.capacityOf(this.table.word(slot, B)) === this.#slab.capacityOf(length);
  }

  #releaseValue(slot: number): void {
    this.watch?.beforeChange(slot);
    const word = this.table.word(slot, META);
    if (word & FORM_INT) return;
    const a = this.table.word(slot, A);
    if ((word & TYPE_MASK) === TYPE_STRING) {
      const slack = word & FORM_SLACK;
      this.#slab.free(a, slack ? this.#slackCapacity(slot) + SLACK_HEADER_BYTES : this.table.word(slot, B));
    } else {
      if ((word & TYPE_MASK) === meta.TYPE_STREAM) this.#host.streamLost(this, this.keyOf(slot));
      this.#collections.drop(a);
    }
    this.table.setWord(slot, META, (word & ~0xff) | FORM_INT);
  }
}
