import type { Bytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import type { Random } from '../../core/random.js';
import { scratch, stage } from './byte-hash.js';
import { ByteTable } from './byte-table.js';
import { CountedTree } from './counted-tree.js';
import { memberTexts } from './member-cache.js';
import { EMPTY_SPAN, isEmptyLexRange, LEX_HIGHEST, LEX_LOWEST, type LexRange, type RankSpan } from './zset-range.js';

const FORM_OVERHEAD = 1200;
/** So many members are fetched at a time. */
const FETCH_MAX = 32;
/** Sets up to this size are in the processor's caches when they are used often. */
const AT_HAND_MAX = 10_000;

const slotsRead = new Int32Array(FETCH_MAX);
const scoresRead = new Float64Array(FETCH_MAX);
/** The arrays of the walk that is not under way. */
let spareSlots: Int32Array | null = null;
let spareScores: Float64Array | null = null;

/** The 'skiplist' form of a sorted set: a hash table from member to score, and a counted tree that holds the order. */
export class LargeZSet {
  readonly encoding = 'skiplist';
  readonly table: ByteTable;
  readonly #tree: CountedTree;
  readonly #meter: MemoryMeter;
  /** Keeps the looks of `#fetch` from being optimised away. */
  #seen = 0;

  /** Empty, or with the members of `origin`: see `fork`. */
  constructor(meter: MemoryMeter, seed?: number, origin: LargeZSet | null = null) {
    this.#meter = meter;
    const fresh = origin === null;
    this.table = fresh ? new ByteTable(meter, { extraWords: 2, floats: true, seed }) : origin.table.forkWhole(meter);
    this.#tree = fresh ? new CountedTree(this.table, meter) : origin.#tree.clone(this.table, meter);
    meter.add(FORM_OVERHEAD);
  }

  get size(): number {
    return this.#tree.size;
  }

  get bytes(): number {
    return FORM_OVERHEAD + this.table.bytesUsed + this.table.slabUsed + this.#tree.bytes;
  }

  scoreOf(slot: number): number {
    return this.table.float(slot, 0);
  }

  /** The slot of a member; absent ones are added and the complement (`~slot`) comes back. O(log n). */
  findOrAdd(buffer: Uint8Array, start: number, length: number, score: number): number {
    const slot = this.table.findOrAddBytes(buffer, start, length);
    if (slot < 0) {
      this.table.setFloat(~slot, 0, score);
      this.#tree.insert(score, ~slot);
    }
    return slot;
  }

  /** Adds a member that is absent. O(log n). */
  insert(member: Bytes, score: number): void {
    const length = stage(member);
    this.findOrAdd(scratch, 0, length, score);
  }

  setScore(slot: number, score: number): void {
    this.#tree.move(this.table.float(slot, 0), slot, score);
    this.table.setFloat(slot, 0, score);
  }

  remove(slot: number): void {
    this.#tree.remove(this.table.float(slot, 0), slot);
    this.table.remove(slot);
  }

  /** Takes `count` members from rank `start` on out. O(log n + count). */
  removeAt(start: number, count = 1): void {
    this.#tree.removeRange(start, count, (slot) => this.table.remove(slot));
  }

  rankOf(slot: number): number {
    return this.#tree.rankOf(this.table.float(slot, 0), slot);
  }

  memberAt(rank: number): Bytes {
    return this.table.keyOf(this.#tree.slotAt(rank));
  }

  scoreAt(rank: number): number {
    return this.#tree.scoreAt(rank);
  }

  walk(start: number, count: number, reverse: boolean, visit: (member: Bytes, score: number) => void): void {
    // The visitor may walk another set: that one takes new arrays.
    const slots = spareSlots ?? new Int32Array(FETCH_MAX);
    const scores = spareScores ?? new Float64Array(FETCH_MAX);
    spareSlots = null;
    spareScores = null;
    for (let done = 0; done < count; ) {
      const here = this.#tree.read(reverse ? start - done : start + done, count - done, reverse, slots, scores);
      this.#fetch(slots, here);
      for (let i = 0; i < here; i++) visit(this.table.keyOf(slots[i]), scores[i]);
      done += here;
    }
    spareSlots = slots;
    spareScores = scores;
  }

  /** The members of `count` ranks from `start` on as text; into `scores`, where it is given, their scores. */
  texts(start: number, count: number, reverse: boolean, scores: number[] | null): string[] {
    const texts = new Array<string>(count);
    if (scores !== null || this.table.size > AT_HAND_MAX) {
      this.#textsAndScores(start, texts, reverse, scores);
      return texts;
    }
    const tree = this.#tree;
    const step = reverse ? -1 : 1;
    for (let done = 0; done < count; ) {
      const here = tree.enterLeaf(start + done * step, count - done, reverse);
      memberTexts(this.table, tree.leafSlots, tree.leafFrom, step, texts, done, done + here);
      done += here;
    }
    return texts;
  }

  /** As many as `texts` has room for; those of a large set are not at hand, see `#fetch`. */
  #textsAndScores(start: number, texts: string[], reverse: boolean, scores: number[] | null): void {
    const { table } = this;
    const count = texts.length;
    for (let done = 0; done < count; ) {
      const here = this.#tree.read(reverse ? start - done : start + done, count - done, reverse, slotsRead, scoresRead);
      if (table.size > AT_HAND_MAX) this.#fetch(slotsRead, here);
      memberTexts(table, slotsRead, 0, 1, texts, done, done + here);
      if (scores !== null) for (let i = 0; i < here; i++) scores.push(scoresRead[i]);
      done += here;
    }
  }

  /**
   * Looks at the records of slots, then at their members. In a large set neighbours lie anywhere, and each look waits
   * for memory; looks that do not depend on each other wait together, where a member at a time would wait in turn.
   */
  #fetch(slots: Int32Array, count: number): void {
    const { table } = this;
    let seen = 0;
    for (let i = 0; i < count; i++) seen += table.keyPtr(slots[i]);
    for (let i = 0; i < count; i++) seen += table.slab.byteAt(table.keyPtr(slots[i]), 0);
    if (seen === this.#seen) this.#seen++;
  }

  walkBytes(
    start: number,
    count: number,
    reverse: boolean,
    visit: (buffer: Uint8Array, start: number, length: number, score: number) => void,
  ): void {
    const { table } = this;
    const { slab } = table;
    this.#tree.walk(start, count, reverse, (slot, score) => {
      const ptr = table.keyPtr(slot);
      visit(slab.chunkOf(ptr), slab.offsetOf(ptr), table.keyLength(slot), score);
    });
  }

  countBelowScore(score: number, through: boolean): number {
    return this.#tree.countBelowScore(score, through);
  }

  /** The members in a lexicographic interval. O(log n). */
  lexSpan(range: LexRange): RankSpan {
    if (isEmptyLexRange(range)) return EMPTY_SPAN;
    const { min, max } = range;
    const first =
      min === LEX_LOWEST ? 0 : min === LEX_HIGHEST ? this.size : this.#countBelow(min.member, min.exclusive);
    const end = max === LEX_HIGHEST ? this.size : max === LEX_LOWEST ? 0 : this.#countBelow(max.member, !max.exclusive);
    return end > first ? { first, count: end - first } : EMPTY_SPAN;
  }

  /** The rank of a member drawn evenly. */
  randomRank(random: Random): number {
    return random.below(this.size);
  }

  clone(meter: MemoryMeter, seed?: number): LargeZSet {
    const copy = new LargeZSet(meter, seed);
    copy.table.reserve(this.size);
    this.walkBytes(0, this.size, false, (buffer, start, length, score) => {
      copy.findOrAdd(buffer, start, length, score);
    });
    return copy;
  }

  /** A set with the same members in the same slots; the table is shared until one of the two writes. */
  fork(meter: MemoryMeter): LargeZSet {
    return new LargeZSet(meter, undefined, this);
  }

  dispose(): void {
    this.#tree.clear();
    this.table.dispose();
    this.#meter.sub(FORM_OVERHEAD);
  }

  #countBelow(member: Bytes, through: boolean): number {
    const length = stage(member);
    return this.#tree.countBelowKey(scratch, length, through);
  }
}
