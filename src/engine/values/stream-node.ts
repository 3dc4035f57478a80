import { allocBytesUnsafe, type Bytes } from '../../core/bytes.js';
import { addUint64, differenceOf, type StreamId } from '../../core/stream-id.js';
import {
  ELEMENT_OVERHEAD_MAX,
  elementBefore,
  integerBytes,
  LISTPACK_HEADER_BYTES,
  ListpackReader,
  wholeListpack,
  writeInteger,
  writeText,
} from './listpack.js';

const SAME_FIELDS = 2;
const DELETED = 1;
const CAPACITY_MIN = 128;

/** What a node takes beside its bytes: the object, the array and its buffer. */
const NODE_OVERHEAD = 240;

/**
 * A run of entries as Redis packs them, off the JavaScript heap. The fields of the first entry are the master fields:
 * an entry with the same ones leaves them out. Ids are kept as differences from the first entry's.
 *
 *     | fields | field 1 | … | field n | 0 | entry | entry | …                                      elements of a listpack
 *     entry = | flags | ms − ms₀ | seq − seq₀ | [fields n] | [field 1] | value 1 | … | elements before this one |
 *
 * Redis' listpack begins with the counts of live and deleted entries; here they are properties, so that nothing moves
 * when they change.
 */
export class StreamNode {
  /** The id of the first entry that was ever in it. */
  readonly id: StreamId;
  bytes: Uint8Array;
  used: number;
  /** Live entries. */
  count = 0;
  deleted = 0;
  readonly masterCount: number;
  readonly masterAt: number;
  readonly entriesAt: number;

  private constructor(id: StreamId, bytes: Uint8Array, used: number) {
    this.id = id;
    this.bytes = bytes;
    this.used = used;
    const reader = new ListpackReader(bytes);
    this.masterCount = Number(reader.integer());
    this.masterAt = reader.at;
    reader.skip(this.masterCount + 1);
    this.entriesAt = reader.at;
  }

  /** A node for an entry whose fields and values alternate in `words` from `from` on: still without that entry. */
  static begin(id: StreamId, words: readonly Bytes[], from: number): StreamNode {
    let size = 2 * ELEMENT_OVERHEAD_MAX;
    for (let i = from; i < words.length; i += 2) size += words[i].length + ELEMENT_OVERHEAD_MAX;
    const bytes = allocBytesUnsafe(Math.max(CAPACITY_MIN, size));
    let at = writeInteger(bytes, 0, (words.length - from) / 2);
    for (let i = from; i < words.length; i += 2) at = writeText(bytes, at, words[i]);
    return new StreamNode(id, bytes, writeInteger(bytes, at, 0));
  }

  /** A node from Redis' listpack for it, which is taken as well-formed. O(bytes). */
  static fromListpack(id: StreamId, listpack: Uint8Array): StreamNode {
    const reader = new ListpackReader(listpack, LISTPACK_HEADER_BYTES);
    const count = Number(reader.integer());
    const deleted = Number(reader.integer());
    const used = listpack.length - 1 - reader.at;
    const bytes = allocBytesUnsafe(used);
    bytes.set(listpack.subarray(reader.at, reader.at + used));
    const node = new StreamNode(id, bytes, used);
    node.count = count;
    node.deleted = deleted;
    return node;
  }

  /** Redis' listpack for this node: what a dump of the stream holds. O(bytes). */
  toListpack(): Uint8Array {
    return wholeListpack([this.count, this.deleted], this.bytes, 0, this.used);
  }

  /** The length of that listpack: which decides whether an entry still fits. */
  get listpackBytes(): number {
    return LISTPACK_HEADER_BYTES + integerBytes(this.count) + integerBytes(this.deleted) + this.used + 1;
  }

  get memoryBytes(): number {
    return NODE_OVERHEAD + this.bytes.length;
  }

  masterFields(): Bytes[] {
    const reader = new ListpackReader(this.bytes, this.masterAt);
    return Array.from({ length: this.masterCount }, () => reader.text());
  }

  /** Adds an entry: fields and values alternate in `words` from `from` on. `same`: its fields are the master fields. */
  append(id: StreamId, words: readonly Bytes[], from: number, same: boolean): void {
    const pairs = (words.length - from) / 2;
    let size = 5 * ELEMENT_OVERHEAD_MAX;
    for (let i = same ? from + 1 : from; i < words.length; i += same ? 2 : 1)
      size += words[i].length + ELEMENT_OVERHEAD_MAX;
    this.#reserve(size);
    const { bytes } = this;
    let at = writeInteger(bytes, this.used, same ? SAME_FIELDS : 0);
    at = writeInteger(bytes, at, differenceOf(id.ms, this.id.ms));
    at = writeInteger(bytes, at, differenceOf(id.seq, this.id.seq));
    if (same) {
      for (let i = from + 1; i < words.length; i += 2) at = writeText(bytes, at, words[i]);
    } else {
      at = writeInteger(bytes, at, pairs);
      for (let i = from; i < words.length; i++) at = writeText(bytes, at, words[i]);
    }
    this.used = writeInteger(bytes, at, same ? pairs + 3 : 2 * pairs + 4);
    this.count++;
  }

  /** Marks the entry at `at` as deleted. */
  markDeleted(at: number): void {
    this.bytes[at] |= DELETED;
    this.count--;
    this.deleted++;
  }

  /** Gives back the room for more entries. */
  seal(): void {
    if (this.bytes.length > this.used) this.#move(this.used);
  }

  clone(): StreamNode {
    const bytes = allocBytesUnsafe(this.used);
    bytes.set(this.bytes.subarray(0, this.used));
    const copy = new StreamNode(this.id, bytes, this.used);
    copy.count = this.count;
    copy.deleted = this.deleted;
    return copy;
  }

  #reserve(size: number): void {
    const needed = this.used + size;
    if (needed > this.bytes.length) this.#move(Math.max(needed, this.bytes.length * 2));
  }

  #move(capacity: number): void {
    const bytes = allocBytesUnsafe(capacity);
    bytes.set(this.bytes.subarray(0, this.used));
    this.bytes = bytes;
  }
}

/** Reads a node's entries, in either direction. What it says of an entry holds until it is moved. */
export class NodeReader {
  node: StreamNode;
  id: StreamId;
  deleted = false;
  /** Where the entry begins. */
  at = 0;
  /** How many fields the entry has. */
  fieldCount = 0;
  readonly #reader: ListpackReader;
  #same = false;
  #dataAt = 0;
  /** Where the next entry begins, or −1: not known yet. */
  #end: number;

  /** Before the first entry, or after the last. */
  constructor(node: StreamNode, reverse: boolean) {
    this.node = node;
    this.id = node.id;
    this.#reader = new ListpackReader(node.bytes);
    this.#end = node.entriesAt;
    if (reverse) this.at = node.used;
  }

  /** Goes to the next entry; false if there is none. */
  next(): boolean {
    const at = this.#endOfEntry();
    if (at >= this.node.used) return false;
    this.#read(at);
    return true;
  }

  /** Goes to the entry before; false if there is none. */
  previous(): boolean {
    if (this.at <= this.node.entriesAt) return false;
    const reader = this.#reader;
    let at = elementBefore(this.node.bytes, this.at);
    reader.at = at;
    for (let elements = Number(reader.integer()); elements > 0; elements--) at = elementBefore(this.node.bytes, at);
    this.#read(at);
    return true;
  }

  /** The entry's fields and values, in turn. O(fields). */
  fields(): Bytes[] {
    const { fieldCount, node } = this;
    const reader = this.#reader;
    const words: Bytes[] = new Array(fieldCount * 2);
    if (this.#same) {
      reader.at = node.masterAt;
      for (let i = 0; i < fieldCount; i++) words[i * 2] = reader.text();
      reader.at = this.#dataAt;
      for (let i = 0; i < fieldCount; i++) words[i * 2 + 1] = reader.text();
    } else {
      reader.at = this.#dataAt;
      for (let i = 0; i < words.length; i++) words[i] = reader.text();
    }
    reader.skip();
    this.#end = reader.at;
    return words;
  }

  #read(at: number): void {
    const reader = this.#reader;
    const { node } = this;
    this.at = at;
    reader.at = at;
    const flags = Number(reader.integer());
    this.deleted = (flags & DELETED) !== 0;
    this.#same = (flags & SAME_FIELDS) !== 0;
    const ms = addUint64(node.id.ms, reader.integer());
    this.id = { ms, seq: addUint64(node.id.seq, reader.integer()) };
    this.fieldCount = this.#same ? node.masterCount : Number(reader.integer());
    this.#dataAt = reader.at;
    this.#end = -1;
  }

  #endOfEntry(): number {
    if (this.#end >= 0) return this.#end;
    const reader = this.#reader;
    reader.at = this.#dataAt;
    reader.skip((this.#same ? this.fieldCount : this.fieldCount * 2) + 1);
    return reader.at;
  }
}
