import { type Bytes, sliceBytes, textFromBytes, writeBytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import { scratch, stage } from './byte-hash.js';
import { copyBytes } from './byte-ranges.js';
import { type ListBench, takeBench } from './list-bench.js';
import { ListChain } from './list-chain.js';
import { ListCursor } from './list-cursor.js';
import { ListForm, type ListLimits } from './list-form.js';
import { lengthAt, lengthBefore, varintSize } from './list-node.js';

/** A list whose entries take no more than this is one flat string: a typed array alone would cost three times that. */
const PACKED_BYTES_MAX = 128;
/** The object and its fields; a string's header. */
const LIST_OVERHEAD = 96;
const STRING_OVERHEAD = 16;

export interface ListContext {
  readonly meter: MemoryMeter;
  readonly limits: ListLimits;
}

/** Lists of more nodes than this are no listpacks, and not about to become one. */
const SMALL_NODES_MAX = 32;

/**
 * A Redis list: byte strings in order, cheap at both ends. Short ones are a packed string, or on a bench while they are
 * in use; others a chain of byte nodes off the JavaScript heap, which is what a bench's chain becomes when it outgrows the
 * packed form. Indices are those of Redis: negative ones count from the tail.
 */
export class ListValue {
  readonly type = 'list';
  readonly #context: ListContext;
  readonly #meter: MemoryMeter;
  /** The short form, and whether the chain has changed since. */
  #packed: Bytes = '';
  #packedCount = 0;
  #stale = false;
  /** Bytes of the short form; 0 of a list that has another. */
  #packedBytes = 0;
  #chain: ListChain | null = null;
  /** Whose chain it is, if not this list's own. */
  #bench: ListBench | null = null;
  #form: ListForm;

  constructor(context: ListContext) {
    const { meter, limits } = context;
    this.#context = context;
    this.#meter = meter;
    this.#form = new ListForm(limits);
    meter.add(LIST_OVERHEAD + STRING_OVERHEAD);
  }

  get size(): number {
    return this.#chain === null ? this.#packedCount : this.#chain.size;
  }

  /** What OBJECT ENCODING says: until 7.2 a list is always a quicklist. */
  get encoding(): 'listpack' | 'quicklist' {
    return this.#form.name;
  }

  /** What the elements take, framed; null if they are many. O(1). */
  get roughBytes(): number | null {
    const chain = this.#chain;
    if (chain === null || this.#bench !== null) return this.#packedBytes;
    return chain.nodeCount > SMALL_NODES_MAX ? null : chain.usedBytes;
  }

  /** To be said before `count` elements of `bytes` bytes in all are added: it may change the encoding. */
  growing(count: number, bytes: number): void {
    this.#form.growing(this, count, bytes);
  }

  /** To be said after elements were removed or replaced: it may change the encoding. */
  shrunk(): void {
    this.#form.shrunk(this);
  }

  /** Call this on a list that was filled at once, for its encoding. */
  settle(): void {
    this.#form.settle(this);
  }

  /** How many nodes hold the elements (DEBUG OBJECT's `ql_nodes`). */
  get nodeCount(): number {
    return this.#isShort ? Math.min(1, this.size) : this.#chain!.nodeCount;
  }

  /** Bytes accounted for this list. */
  get memoryBytes(): number {
    return LIST_OVERHEAD + (this.#isShort ? stringBytes(this.#packedBytes) : this.#chain!.bytes);
  }

  /** Adds an element at one end. O(1) amortised. */
  push(value: Bytes, atHead: boolean): void {
    this.#form.added(value);
    const chain = this.#open();
    const at = chain.reserveEnd(value.length, atHead);
    writeBytes(chain.target.bytes, value, at);
    this.#settle(chain);
  }

  /** As `push`, copying `length` bytes of `buffer` from `start`; no string is made. */
  pushBytes(buffer: Uint8Array, start: number, length: number, atHead: boolean): void {
    if (this.#form.isMeasured) this.#form.added(sliceBytes(buffer, start, start + length));
    const chain = this.#open();
    const at = chain.reserveEnd(length, atHead);
    copyBytes(buffer, start, length, chain.target.bytes, at);
    this.#settle(chain);
  }

  /** Removes and returns the element at one end; null if the list is empty. O(1). */
  pop(fromHead: boolean): Bytes | null {
    if (!this.peekBytes(fromHead)) return null;
    const value = sliceBytes(peekBuffer, peekStart, peekStart + peekLength);
    this.drop(fromHead);
    return value;
  }

  /**
   * Sets `peekBuffer`, `peekStart` and `peekLength` to the element at one end; false if the list is empty.
   * They are good until the next call on any list.
   */
  peekBytes(fromHead: boolean): boolean {
    if (this.size === 0) return false;
    const node = this.#open().endNode(fromHead);
    const { bytes } = node;
    peekBuffer = bytes;
    if (fromHead) {
      peekLength = lengthAt(bytes, node.head);
      peekStart = node.head + varintSize(peekLength);
    } else {
      peekLength = lengthBefore(bytes, node.tail);
      peekStart = node.tail - varintSize(peekLength) - peekLength;
    }
    return true;
  }

  get peekBuffer(): Uint8Array {
    return peekBuffer;
  }

  get peekStart(): number {
    return peekStart;
  }

  get peekLength(): number {
    return peekLength;
  }

  /** Forgets `count` elements (all, if there are fewer) from one end. O(1) for one, O(nodes) for many. */
  drop(fromHead: boolean, count = 1): void {
    const taken = Math.min(count, this.size);
    if (taken <= 0) return;
    if (this.#form.isMeasured) this.#forget(fromHead, taken);
    const chain = this.#open();
    chain.drop(taken, fromHead);
    this.#settle(chain);
  }

  /** The element at an index, or null outside the list (LINDEX). */
  at(index: number): Bytes | null {
    const found = this.#indexOf(index);
    if (found < 0) return null;
    const chain = this.#open();
    const { bytes } = chain.locate(found);
    const length = lengthAt(bytes, chain.offset);
    const start = chain.offset + varintSize(length);
    return sliceBytes(bytes, start, start + length);
  }

  /** Replaces the element at an index (LSET); false outside the list. */
  set(index: number, value: Bytes): boolean {
    const found = this.#indexOf(index);
    if (found < 0) return false;
    this.#form.changed();
    const chain = this.#open();
    const at = chain.reserveReplace(found, value.length);
    writeBytes(chain.target.bytes, value, at);
    this.#settle(chain);
    return true;
  }

  /** Adds an element before the one at `index` (0 … size; size appends). False outside. */
  insertBefore(index: number, value: Bytes): boolean {
    if (index === this.size) {
      this.push(value, false);
      return true;
    }
    const found = this.#indexOf(index);
    if (found < 0) return false;
    this.#form.added(value);
    const chain = this.#open();
    const at = chain.reserveAt(found, value.length);
    writeBytes(chain.target.bytes, value, at);
    this.#settle(chain);
    return true;
  }

  /** Adds `value` beside the first element equal to `pivot` (LINSERT); false if there is none. O(n). */
  insertAtPivot(pivot: Bytes, value: Bytes, before: boolean): boolean {
    const index = this.indexOf(pivot);
    return index >= 0 && this.insertBefore(before ? index : index + 1, value);
  }

  /** The index of the first element equal to `value`, or −1. O(n). */
  indexOf(value: Bytes): number {
    const length = stage(value);
    const needle = scratch;
    const cursor = new ListCursor(this.#open(), 0, this.size, true);
    for (let index = 0; cursor.next(); index++) {
      if (cursor.length !== length) continue;
      let i = 0;
      while (i < length && cursor.buffer[cursor.start + i] === needle[i]) i++;
      if (i === length) return index;
    }
    return -1;
  }

  /** Takes the element at an index out; false outside the list. */
  removeAt(index: number): boolean {
    const found = this.#indexOf(index);
    if (found < 0) return false;
    this.#form.changed();
    const chain = this.#open();
    chain.remove(found);
    this.#settle(chain);
    return true;
  }

  /** LREM: removes |count| elements equal to `value`, from the head if count > 0, from the tail if < 0, all if 0. O(n). */
  removeMatching(value: Bytes, count: number): number {
    if (this.size === 0) return 0;
    this.#form.changed();
    const chain = this.#open();
    const length = stage(value);
    const max = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count);
    const removed = chain.removeMatching(scratch, length, max, count >= 0);
    if (removed > 0) this.#settle(chain);
    return removed;
  }

  /** LTRIM: keeps `start` … `stop` (inclusive, negative from the tail). O(nodes dropped). */
  trim(start: number, stop: number): void {
    const { size } = this;
    const first = Math.max(0, start < 0 ? start + size : start);
    const last = Math.min(size - 1, stop < 0 ? stop + size : stop);
    if (first > last) {
      this.drop(true, size);
      return;
    }
    this.drop(false, size - 1 - last);
    this.drop(true, first);
  }

  /** Visits `start` … `stop` (as LRANGE takes them) as Bytes. Returns how many. */
  forEachInRange(start: number, stop: number, visit: (value: Bytes) => void): number {
    return this.rangeBytes(start, stop, (buffer, from, length) => visit(sliceBytes(buffer, from, from + length)));
  }

  /** `start` … `stop` (as LRANGE takes them) as text. */
  texts(start: number, stop: number): string[] {
    const count = this.countInRange(start, stop);
    const texts = new Array<string>(count);
    if (count === 0) return texts;
    const cursor = new ListCursor(this.#open(), this.#firstOf(start), count, true);
    for (let i = 0; cursor.next(); i++) texts[i] = textFromBytes(cursor.value());
    return texts;
  }

  /** How many elements `start` … `stop` spans, for a reply's header. */
  countInRange(start: number, stop: number): number {
    const { size } = this;
    const first = Math.max(0, start < 0 ? start + size : start);
    const last = Math.min(size - 1, stop < 0 ? stop + size : stop);
    return Math.max(0, last - first + 1);
  }

  /** As `forEachInRange`, without making strings. The visitor must not change this list. */
  rangeBytes(start: number, stop: number, visit: (buffer: Uint8Array, start: number, length: number) => void): number {
    const count = this.countInRange(start, stop);
    if (count === 0) return 0;
    const cursor = new ListCursor(this.#open(), this.#firstOf(start), count, true);
    const bench = this.#bench;
    if (bench !== null) bench.walks++;
    try {
      while (cursor.next()) visit(cursor.buffer, cursor.start, cursor.length);
    } finally {
      if (bench !== null) bench.walks--;
    }
    return count;
  }

  /** A walk over all elements from one end, good until the list changes (LPOS, SORT, dumps). */
  cursor(fromHead = true): ListCursor {
    const { size } = this;
    let chain = this.#chain;
    if (chain === null || this.#bench !== null) {
      // Nobody says when the walk is over: it has a chain of its own.
      chain = new ListChain(null);
      chain.load(this.#pack(), size);
    }
    return new ListCursor(chain, fromHead ? 0 : size - 1, size, fromHead);
  }

  /** All elements in order. */
  toArray(): Bytes[] {
    const values: Bytes[] = [];
    this.forEachInRange(0, -1, (value) => values.push(value));
    return values;
  }

  /** A list of its own with the same elements, on the same or another meter. O(bytes). */
  clone(context: ListContext = this.#context): ListValue {
    const { meter } = context;
    const copy = new ListValue(context);
    copy.#form = this.#form.copy(context.limits);
    if (this.#isShort) {
      copy.#packed = this.#pack();
      copy.#packedCount = this.size;
      copy.#packedBytes = this.#packedBytes;
      meter.add(stringBytes(this.#packedBytes) - STRING_OVERHEAD);
    } else {
      meter.sub(STRING_OVERHEAD);
      copy.#chain = this.#chain!.clone(meter);
    }
    return copy;
  }

  /** Gives all memory back. The list is not used afterwards. */
  dispose(): void {
    if (this.#isShort) this.#meter.sub(stringBytes(this.#packedBytes));
    else this.#chain!.clear();
    this.#meter.sub(LIST_OVERHEAD);
    if (this.#bench !== null) this.#bench.guest = null;
    this.#bench = null;
    this.#chain = null;
    this.#packed = '';
    this.#packedCount = 0;
    this.#packedBytes = 0;
  }

  /** Another list needs the bench. */
  leaveBench(): void {
    this.#packed = this.#pack();
    this.#packedCount = this.size;
    this.#chain = null;
    this.#bench = null;
  }

  get #isShort(): boolean {
    return this.#chain === null || this.#bench !== null;
  }

  /** The short form of a short list, as it is now. */
  #pack(): Bytes {
    const chain = this.#chain;
    if (this.#stale && chain !== null) {
      const node = chain.size === 0 ? null : chain.endNode(true);
      this.#packed = node === null ? '' : sliceBytes(node.bytes, node.head, node.tail);
      this.#stale = false;
    }
    return this.#packed;
  }

  /** The form learns of elements that are about to leave one end. */
  #forget(fromHead: boolean, count: number): void {
    if (count > 1 || !this.peekBytes(fromHead)) this.#form.changed();
    else this.#form.removed(sliceBytes(peekBuffer, peekStart, peekStart + peekLength));
  }

  /** Where a range that begins at `start` begins. */
  #firstOf(start: number): number {
    return Math.max(0, start < 0 ? start + this.size : start);
  }

  /** `index` as 0 … size − 1, or −1. */
  #indexOf(index: number): number {
    const { size } = this;
    const found = index < 0 ? index + size : index;
    return found < size ? found : -1;
  }

  /** The chain with this list's elements: its own, or that of a bench. */
  #open(): ListChain {
    return this.#chain ?? this.#unpack();
  }

  #unpack(): ListChain {
    const bench = takeBench(this);
    bench.chain.load(this.#packed, this.#packedCount);
    this.#bench = bench;
    this.#chain = bench.chain;
    this.#stale = false;
    return bench.chain;
  }

  /** After a change: a bench's chain that is not short any more becomes this list's own. */
  #settle(chain: ListChain): void {
    if (this.#bench === null) return;
    const used = chain.size === 0 ? 0 : chain.endNode(true).used;
    if (chain.nodeCount > 1 || used > PACKED_BYTES_MAX) {
      this.#keepChain(chain, this.#bench);
      return;
    }
    this.#stale = true;
    const added = stringBytes(used) - stringBytes(this.#packedBytes);
    this.#packedBytes = used;
    if (added > 0) this.#meter.add(added);
    else if (added < 0) this.#meter.sub(-added);
  }

  #keepChain(chain: ListChain, bench: ListBench): void {
    this.#meter.sub(stringBytes(this.#packedBytes));
    this.#packed = '';
    this.#packedCount = 0;
    this.#packedBytes = 0;
    this.#bench = null;
    chain.adopt(this.#meter);
    bench.chain = new ListChain(null);
    bench.guest = null;
  }
}

let peekBuffer: Uint8Array = new Uint8Array(0);
let peekStart = 0;
let peekLength = 0;

function stringBytes(length: number): number {
  return STRING_OVERHEAD + ((length + 7) & ~7);
}
