import type { Bytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import type { Random } from '../../core/random.js';
import { hashBytes, processSeed, scratch, stage } from './byte-hash.js';
import { KeyCache } from './key-cache.js';
import { Lineage } from './lineage.js';
import { lookAhead } from './look-ahead.js';
import { nextCursor } from './scan-cursor.js';
import { Slab } from './slab.js';
import * as slots from './slot-store.js';

const { HASH, KEY_LENGTH, KEY_PTR, NEXT, SEGMENT_SHIFT, SLOT_HEADER_WORDS, SLOT_MASK } = slots;

/**
 * A chained hash table with byte keys: the keyspace, large hashes, large sets and the dictionaries of sorted sets.
 *
 *     buckets: Int32Array            slots: records of `stride` words in segments of 2^15 records
 *     ┌───┐                          ┌──────┬──────┬────────┬───────────┬─────────┐
 *     │ 7 │ ───────────────────────▶ │ hash │ next │ keyPtr │ keyLength │ extra … │  7
 *     │ 0 │  empty                   └──────┴──┼───┴────────┴───────────┴─────────┘
 *     └───┘                                    └──▶ next slot of the chain, 0 at its end
 *
 * A key keeps its slot number for as long as it is in the table; slot 0 is never used. Keys are blocks of a slab.
 * The bucket array doubles at load 1 and shrinks below 10 %, one bucket per operation: no operation stops for the
 * whole table. SCAN needs buckets of a power-of-two array with chains, which is why this is no open-addressed table.
 */

const BUCKETS_MIN = 4;
const SHRINK_BELOW = 0.1;
/** One rehash step gives up after this many empty buckets. */
const EMPTY_VISITS_MAX = 10;
const CHAIN_DRAW_MAX = 8;

const NO_WORDS = new Int32Array(0);

export interface ByteTableOptions {
  /** 32-bit words per slot that are the owner's. Default 0. */
  extraWords?: number;
  /** Whether `float` and `setFloat` are used. */
  floats?: boolean;
  /** Where keys are stored; the owner disposes it. By default the table makes and disposes one of its own. */
  slab?: Slab;
  /** Whether keys are mostly sought as strings, by `find`: those sought again and again then skip the hash. */
  keyCache?: boolean;
  /** Seed of the hash; by default the process's. The order of iteration by `scan` depends on it. */
  seed?: number;
}

export class ByteTable extends slots.SlotStore {
  readonly slab: Slab;
  #ownsSlab: boolean;
  readonly #meter: MemoryMeter;
  readonly #seed: number;
  #buckets: Int32Array = NO_WORDS;
  #mask = 0;
  /** While rehashing: the array that buckets move to, and the first bucket that has not moved yet; else −1. */
  #target: Int32Array = NO_WORDS;
  #targetMask = 0;
  #rehashAt = -1;
  #paused = 0;
  /** While `shared`: nobody else has the arrays of buckets. */
  #bucketsOwned = true;
  readonly #cache: KeyCache | null;
  /** Hash of the last key sought, for `addMissed`. */
  #soughtHash = 0;

  constructor(meter: MemoryMeter, options: ByteTableOptions = {}) {
    super(options.extraWords ?? 0, options.floats === true);
    this.#meter = meter;
    this.#ownsSlab = options.slab === undefined;
    this.slab = options.slab ?? new Slab(meter);
    this.#seed = options.seed ?? processSeed;
    this.#cache = options.keyCache === true ? new KeyCache() : null;
    this.#reset();
  }

  /** Buckets of both arrays. */
  get bucketCount(): number {
    return this.#buckets.length + this.#target.length;
  }
  get rehashing(): boolean {
    return this.#rehashAt >= 0;
  }
  /** Metered bytes of buckets and used slots, without the slab's. */
  get bytesUsed(): number {
    return (this.bucketCount + this.size * this.stride) * 4;
  }
  get slabUsed(): number {
    return this.slab.usedBytes;
  }

  /** The key's slot, or −1. O(1). */
  find(key: Bytes): number {
    const cached = this.cached(key);
    return cached > 0 ? cached : this.findMissed(key);
  }

  /** The slot of a key that was sought recently, given as bytes or as text; else 0. */
  cached(key: string): number {
    return this.#cache === null ? 0 : this.#cache.find(key);
  }

  /** Like `find`, for a key that `cached` does not have. */
  findMissed(key: Bytes): number {
    const length = stage(key);
    const slot = this.findBytes(scratch, 0, length);
    if (slot > 0 && this.#cache !== null) this.#cache.offer(key, slot);
    return slot;
  }

  /** The slot of the key `buffer[start…start + length)`, or −1. O(1). */
  findBytes(buffer: Uint8Array, start: number, length: number): number {
    const hash = hashBytes(buffer, start, start + length, this.#seed);
    this.#soughtHash = hash;
    if (this.#rehashAt >= 0) {
      if (this.#paused === 0) this.rehashFor(1);
      if (this.#rehashAt >= 0) {
        const slot = this.#search(this.#target[hash & this.#targetMask], hash, buffer, start, length);
        if (slot >= 0) return slot;
      }
    }
    return this.#search(this.#buckets[hash & this.#mask], hash, buffer, start, length);
  }

  /** Has what `findBytes` needs for so many keys at hand: see look-ahead.ts. */
  lookAhead(buffer: Uint8Array, ranges: Int32Array, count: number): void {
    const { segments, stride } = this;
    lookAhead({ seed: this.#seed, buckets: this.#buckets, segments, stride }, buffer, ranges, count);
  }

  /** Adds a key that is absent; returns its slot, extra words 0. */
  add(key: Bytes): number {
    const length = stage(key);
    return this.addBytes(scratch, 0, length);
  }

  addBytes(buffer: Uint8Array, start: number, length: number): number {
    this.#soughtHash = hashBytes(buffer, start, start + length, this.#seed);
    return this.addMissed(buffer, start, length);
  }

  /** As `addBytes`, for the bytes that `find` or `findBytes` has just not found: saves hashing them again. */
  addMissed(buffer: Uint8Array, start: number, length: number): number {
    if (this.#rehashAt >= 0) {
      if (this.#paused === 0) this.rehashFor(1);
    } else if (this.size >= this.#buckets.length && this.#paused === 0) {
      this.#resize(this.#buckets.length * 2);
    }
    const hash = this.#soughtHash;
    const ptr = this.slab.alloc(length);
    this.slab.copyIn(ptr, buffer, start, start + length);
    const slot = this.takeSlot();
    if (this.shared === true) this.#ownBuckets(slot);
    const words = this.segments[slot >> SEGMENT_SHIFT];
    const at = (slot & SLOT_MASK) * this.stride;
    const buckets = this.#rehashAt >= 0 ? this.#target : this.#buckets;
    const bucket = hash & (buckets.length - 1);
    words[at + HASH] = hash;
    words[at + NEXT] = buckets[bucket];
    words[at + KEY_PTR] = ptr;
    words[at + KEY_LENGTH] = length;
    for (let i = SLOT_HEADER_WORDS; i < this.stride; i++) words[at + i] = 0;
    buckets[bucket] = slot;
    this.#meter.add(this.stride * 4);
    return slot;
  }

  /** The key's slot; if the key was absent it is added and the complement (`~slot`, negative) comes back. */
  findOrAddBytes(buffer: Uint8Array, start: number, length: number): number {
    const slot = this.findBytes(buffer, start, length);
    return slot >= 0 ? slot : ~this.addMissed(buffer, start, length);
  }

  /** Removes a slot in use and frees its key. Blocks named by extra words are the owner's to free before. O(1). */
  remove(slot: number): void {
    if (this.shared === true) this.#ownBuckets(slot);
    const words = this.segments[slot >> SEGMENT_SHIFT];
    const at = (slot & SLOT_MASK) * this.stride;
    const hash = words[at + HASH];
    if (this.#rehashAt < 0 || !this.#unlink(this.#target, hash & this.#targetMask, slot, words[at + NEXT])) {
      this.#unlink(this.#buckets, hash & this.#mask, slot, words[at + NEXT]);
    }
    if (this.#cache !== null) this.#cache.forget(slot, this.slab, words[at + KEY_PTR], words[at + KEY_LENGTH]);
    this.slab.free(words[at + KEY_PTR], words[at + KEY_LENGTH]);
    this.freeSlot(slot);
    this.#meter.sub(this.stride * 4);
    if (this.#paused > 0) return;
    if (this.#rehashAt >= 0) this.rehashFor(1);
    else this.#shrink();
  }

  removeKey(key: Bytes): boolean {
    const slot = this.find(key);
    if (slot >= 0) this.remove(slot);
    return slot >= 0;
  }

  keyOf(slot: number): Bytes {
    return this.slab.read(this.header(slot, KEY_PTR), this.header(slot, KEY_LENGTH));
  }
  keyLength(slot: number): number {
    return this.header(slot, KEY_LENGTH);
  }
  /** The key's block in the slab. */
  keyPtr(slot: number): number {
    return this.header(slot, KEY_PTR);
  }
  /** memcmp order of two slots' keys: −1, 0 or 1. */
  compareKeys(slotA: number, slotB: number): number {
    return this.slab.compareBlocks(
      this.keyPtr(slotA),
      this.keyLength(slotA),
      this.keyPtr(slotB),
      this.keyLength(slotB),
    );
  }
  compareKeyTo(slot: number, buffer: Uint8Array, start: number, length: number): number {
    return this.slab.compare(this.keyPtr(slot), this.keyLength(slot), buffer, start, length);
  }

  /**
   * Visits the slots of one bucket and returns the next cursor; start with 0, over when 0 comes back. A key that is in
   * the table during the whole iteration is visited at least once, however the table grows, shrinks or rehashes
   * between the calls. The visitor may remove the slot it is given.
   */
  scan(cursor: number, visit: (slot: number) => void): number {
    if (this.size === 0) return 0;
    this.#paused++;
    try {
      if (this.#rehashAt < 0) {
        this.#visitChain(this.#buckets[cursor & this.#mask], visit);
        return nextCursor(cursor, this.#mask);
      }
      // The larger array's buckets that the smaller one's bucket splits into differ in the bits which only the larger
      // mask has; the cursor counts through those before it leaves the smaller bucket.
      const grows = this.#mask < this.#targetMask;
      const small = grows ? this.#buckets : this.#target;
      const large = grows ? this.#target : this.#buckets;
      const smallMask = small.length - 1;
      const largeMask = large.length - 1;
      this.#visitChain(small[cursor & smallMask], visit);
      let at = cursor;
      do {
        this.#visitChain(large[at & largeMask], visit);
        at = nextCursor(at, largeMask);
      } while ((at & (smallMask ^ largeMask)) !== 0);
      return at;
    } finally {
      this.#paused--;
    }
  }

  /** A slot drawn at random, every key as likely as any other; −1 if the table is empty. O(1) expected. */
  randomSlot(random: Random): number {
    if (this.size === 0) return -1;
    return this.dense ? this.drawSlot(random) : this.#drawByBucket(random);
  }

  /** Fills `out` with up to `n` distinct slots from buckets that follow a random one; returns how many. O(n). */
  sampleSlots(n: number, random: Random, out: number[]): number {
    out.length = 0;
    const wanted = Math.min(n, this.size);
    if (wanted === 0) return 0;
    if (this.#rehashAt >= 0 && this.#paused === 0) this.rehashFor(wanted);
    const buckets = this.bucketCount;
    let bucket = random.below(buckets);
    const visitsMax = Math.min(buckets, wanted * EMPTY_VISITS_MAX + EMPTY_VISITS_MAX);
    for (let visits = 0; out.length < wanted && (visits < visitsMax || out.length === 0); visits++) {
      let slot = this.#bucketHead(bucket);
      for (; slot !== 0 && out.length < wanted; slot = this.header(slot, NEXT)) out.push(slot);
      bucket = bucket + 1 === buckets ? 0 : bucket + 1;
    }
    return out.length;
  }

  /** How many chains have which length, per array of buckets: the second array only while rehashing. O(buckets + n). */
  chainCounts(): number[][] {
    const arrays = this.#rehashAt < 0 ? [this.#buckets] : [this.#buckets, this.#target];
    return arrays.map((buckets) => {
      const counts: number[] = [];
      for (const head of buckets) {
        let length = 0;
        for (let slot = head; slot !== 0; slot = this.header(slot, NEXT)) length++;
        counts[length] = (counts[length] ?? 0) + 1;
      }
      return Array.from(counts, (count) => count ?? 0);
    });
  }

  /** Makes room for `count` keys at once, so that filling the table does not rehash. Only for an empty table. */
  reserve(count: number): void {
    if (this.size > 0 || this.#rehashAt >= 0) return;
    let buckets = this.#buckets.length;
    while (buckets < count) buckets *= 2;
    if (buckets === this.#buckets.length) return;
    this.#meter.add((buckets - this.#buckets.length) * 4);
    this.#buckets = new Int32Array(buckets);
    this.#mask = buckets - 1;
  }

  /**
   * A table with the same keys in the same slots, on a fork of the slab; what either does to it the other does not see.
   * O(size / 32768): segments are copied by whoever first writes to them, and so are the buckets, as a whole.
   */
  fork(meter: MemoryMeter, slab: Slab, lineage: Lineage, parents: Lineage): ByteTable {
    const twin = new ByteTable(meter, {
      extraWords: this.stride - SLOT_HEADER_WORDS,
      floats: this.hasFloats,
      slab,
      seed: this.#seed,
      keyCache: this.#cache !== null,
    });
    twin.#buckets = this.#buckets;
    twin.#mask = this.#mask;
    twin.#target = this.#target;
    twin.#targetMask = this.#targetMask;
    twin.#rehashAt = this.#rehashAt;
    twin.shareSlots(this, lineage, parents);
    twin.#bucketsOwned = false;
    this.#bucketsOwned = false;
    meter.add(twin.bytesUsed - BUCKETS_MIN * 4);
    return twin;
  }

  /** As `fork`, for a table with a slab of its own: the twin has one, too. */
  forkWhole(meter: MemoryMeter): ByteTable {
    this.lineage ??= new Lineage();
    const lineage = this.lineage.fork();
    const twin = this.fork(meter, this.slab.fork(meter, lineage, this.lineage), lineage, this.lineage);
    twin.#ownsSlab = this.#ownsSlab;
    return twin;
  }

  /** Moves up to `steps` buckets; returns whether there are more to move. A no-op when no rehash is under way. */
  rehashFor(steps: number): boolean {
    if (this.#rehashAt < 0) return false;
    if (this.#paused > 0) return true;
    const buckets = this.#buckets;
    let emptyVisits = steps * EMPTY_VISITS_MAX;
    for (let step = 0; step < steps && this.#rehashAt < buckets.length; step++) {
      while (buckets[this.#rehashAt] === 0) {
        if (++this.#rehashAt === buckets.length) break;
        if (--emptyVisits === 0) return true;
      }
      if (this.#rehashAt < buckets.length) this.#moveBucket(this.#rehashAt++);
    }
    if (this.#rehashAt < buckets.length) return true;
    this.#meter.sub(buckets.length * 4);
    this.#buckets = this.#target;
    this.#mask = this.#targetMask;
    this.#target = NO_WORDS;
    this.#targetMask = 0;
    this.#rehashAt = -1;
    return false;
  }

  /** Removes every key. O(1) with a slab of its own (which is emptied too), else O(size). */
  clear(): void {
    this.dispose();
    this.#reset();
  }

  /** Gives all memory back to the meter; the table is not used afterwards. Cost as for `clear`. */
  dispose(): void {
    if (this.#ownsSlab) this.slab.dispose();
    else {
      this.forEach((slot) => {
        this.slab.free(this.keyPtr(slot), this.keyLength(slot));
      });
    }
    this.#meter.sub(this.bytesUsed);
    this.#buckets = NO_WORDS;
    this.#target = NO_WORDS;
    this.dropSlots();
    this.#cache?.clear();
  }

  /** Makes sure that nobody else has the segment of a slot nor the buckets. */
  #ownBuckets(slot: number): void {
    this.own(slot);
    if (this.#bucketsOwned) return;
    if (this.lineage!.alone) {
      this.keepAll();
      return;
    }
    this.#buckets = this.#buckets.slice();
    this.#target = this.#target.slice();
    this.#bucketsOwned = true;
    this.lineage!.parted();
  }

  protected override keepAll(): void {
    super.keepAll();
    this.#bucketsOwned = true;
  }

  #reset(): void {
    this.#buckets = new Int32Array(BUCKETS_MIN);
    this.#mask = BUCKETS_MIN - 1;
    this.#targetMask = 0;
    this.#rehashAt = -1;
    this.#meter.add(BUCKETS_MIN * 4);
  }

  #search(first: number, hash: number, buffer: Uint8Array, start: number, length: number): number {
    const segments = this.segments;
    const stride = this.stride;
    let slot = first;
    while (slot !== 0) {
      const words = segments[slot >> SEGMENT_SHIFT];
      const at = (slot & SLOT_MASK) * stride;
      if (words[at + HASH] === hash && words[at + KEY_LENGTH] === length) {
        if (this.slab.equals(words[at + KEY_PTR], length, buffer, start)) return slot;
      }
      slot = words[at + NEXT];
    }
    return -1;
  }

  #visitChain(first: number, visit: (slot: number) => void): void {
    let slot = first;
    while (slot !== 0) {
      const next = this.header(slot, NEXT);
      visit(slot);
      slot = next;
    }
  }

  #unlink(buckets: Int32Array, bucket: number, slot: number, next: number): boolean {
    let at = buckets[bucket];
    if (at === slot) {
      buckets[bucket] = next;
      return true;
    }
    while (at !== 0) {
      const following = this.header(at, NEXT);
      if (following === slot) {
        if (this.shared === true) this.own(at);
        this.segments[at >> SEGMENT_SHIFT][(at & SLOT_MASK) * this.stride + NEXT] = next;
        return true;
      }
      at = following;
    }
    return false;
  }

  #shrink(): void {
    if (this.#buckets.length <= BUCKETS_MIN || this.size >= this.#buckets.length * SHRINK_BELOW) return;
    let buckets = BUCKETS_MIN;
    while (buckets < this.size) buckets *= 2;
    this.#resize(buckets);
  }

  #resize(buckets: number): void {
    this.#target = new Int32Array(buckets);
    this.#targetMask = buckets - 1;
    this.#rehashAt = 0;
    this.#meter.add(buckets * 4);
  }

  #moveBucket(bucket: number): void {
    let slot = this.#buckets[bucket];
    while (slot !== 0) {
      if (this.shared === true) this.#ownBuckets(slot);
      const words = this.segments[slot >> SEGMENT_SHIFT];
      const at = (slot & SLOT_MASK) * this.stride;
      const next = words[at + NEXT];
      const to = words[at + HASH] & this.#targetMask;
      words[at + NEXT] = this.#target[to];
      this.#target[to] = slot;
      slot = next;
    }
    this.#buckets[bucket] = 0;
  }

  #bucketHead(bucket: number): number {
    return bucket < this.#buckets.length ? this.#buckets[bucket] : this.#target[bucket - this.#buckets.length];
  }

  /** A random bucket and a random place in it until a key is there: chains longer than the places count by chance. */
  #drawByBucket(random: Random): number {
    const from = Math.max(this.#rehashAt, 0);
    const buckets = this.bucketCount - from;
    for (let tries = 0; ; tries++) {
      let slot = this.#bucketHead(from + random.below(buckets));
      // A table that waits for its rehash can be very sparse: after many misses the first key found will do.
      for (let place = tries < 1000 ? random.below(CHAIN_DRAW_MAX) : 0; slot !== 0; place--) {
        if (place === 0) return slot;
        slot = this.header(slot, NEXT);
      }
    }
  }
}
