import { type Bytes, bytesFromText, sliceBytes, textFromBytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import type { Random } from '../../core/random.js';
import { scratch, stage } from './byte-hash.js';
import type { ByteTable } from './byte-table.js';
import { findMember } from './member-cache.js';
import { LargeZSet } from './zset-large.js';
import { EMPTY_SPAN, isEmptyScoreRange, type LexRange, type RankSpan, type ScoreRange } from './zset-range.js';
import { SmallZSet } from './zset-small.js';

/** What `add` did. */
export const SAME = 0;
export const ADDED = 1;
export const UPDATED = 2;
/** Constants of the module alone: see slot-store.ts. */
const SAME_SCORE = SAME;
const NEW_MEMBER = ADDED;
const NEW_SCORE = UPDATED;
export type AddOutcome = typeof SAME | typeof ADDED | typeof UPDATED;

export interface ZSetContext {
  readonly meter: MemoryMeter;
  /** Read at each write. */
  readonly limits: {
    readonly zsetMaxListpackEntries: number;
    readonly zsetMaxListpackValue: number;
    /** What the arguments announce counts: since 7.2. */
    readonly compact?: boolean;
  };
  /** Seed of the hash table; by default the process's. */
  readonly seed?: number;
}

const VALUE_OVERHEAD = 56;

/**
 * A Redis sorted set: members with scores, ordered by score and then by the member's bytes (0 and −0 are equal, NaN
 * never gets in). Ranks count from 0 upward and stay below `size`; the caller resolves negative ones.
 */
export class ZSetValue {
  readonly type = 'zset';
  readonly #context: ZSetContext;
  #form: SmallZSet | LargeZSet;

  constructor(context: ZSetContext) {
    this.#context = context;
    this.#form = new SmallZSet(context.meter);
    context.meter.add(VALUE_OVERHEAD);
  }

  get size(): number {
    return this.#form.size;
  }

  /** What OBJECT ENCODING says. */
  get encoding(): 'listpack' | 'skiplist' {
    return this.#form.encoding;
  }

  /** The hash table behind it, for statistics; null in the compact form. */
  get table(): ByteTable | null {
    return this.#form instanceof LargeZSet ? this.#form.table : null;
  }

  /** Bytes accounted for this set. */
  get memoryBytes(): number {
    return VALUE_OVERHEAD + this.#form.bytes;
  }

  /** The member's score, or null if absent (ZSCORE). O(1); O(n) as listpack. */
  score(member: Bytes): number | null {
    const form = this.#form;
    if (form instanceof SmallZSet) {
      const at = form.find(member);
      return at < 0 ? null : form.scores[at];
    }
    const slot = form.table.find(member);
    return slot < 0 ? null : form.scoreOf(slot);
  }

  /** As `score`, for the member `buffer[start … start + length)`. */
  scoreBytes(buffer: Uint8Array, start: number, length: number): number | null {
    const form = this.#form;
    if (form instanceof SmallZSet) {
      // Native comparisons of one string with each member are faster than loops over the bytes.
      const at = form.find(sliceBytes(buffer, start, start + length));
      return at < 0 ? null : form.scores[at];
    }
    const slot = form.table.findBytes(buffer, start, length);
    return slot < 0 ? null : form.scoreOf(slot);
  }

  /** As `score`, for a member given as text. */
  scoreOfText(text: string): number | null {
    const form = this.#form;
    if (form instanceof SmallZSet) return this.score(bytesFromText(text));
    const slot = findMember(form.table, text);
    return slot < 0 ? null : form.scoreOf(slot);
  }

  /** Gets ready for `count` members, as the arguments of a command announce them: it may become a skiplist. Since 7.2. O(n). */
  expect(count: number): void {
    const { compact, zsetMaxListpackEntries } = this.#context.limits;
    if (compact && count > zsetMaxListpackEntries) this.enlarge();
  }

  has(member: Bytes): boolean {
    return this.score(member) !== null;
  }

  /** Adds a member or gives it another score: ADDED, UPDATED or SAME. O(log n); O(n) as listpack. */
  add(member: Bytes, score: number): AddOutcome {
    const form = this.#form;
    if (!(form instanceof SmallZSet)) {
      const length = stage(member);
      return addToLarge(form, scratch, length, score);
    }
    const at = form.find(member);
    if (at >= 0) return updateSmall(form, at, score);
    this.#insert(form, member, score);
    return NEW_MEMBER;
  }

  /** As `add`, for a member given as text: one that is used again and again is not looked up in the table. */
  addText(text: string, score: number): AddOutcome {
    const form = this.#form;
    if (form instanceof SmallZSet) return this.add(bytesFromText(text), score);
    const slot = findMember(form.table, text);
    return slot < 0 ? this.add(bytesFromText(text), score) : updateLarge(form, slot, score);
  }

  /** As `add`, for the member `buffer[start … start + length)`; a skiplist makes no string. */
  addBytes(buffer: Uint8Array, start: number, length: number, score: number): AddOutcome {
    const form = this.#form;
    if (!(form instanceof SmallZSet)) return addToLarge(form, buffer, length, score, start);
    const member = sliceBytes(buffer, start, start + length);
    const at = form.find(member);
    if (at >= 0) return updateSmall(form, at, score);
    this.#insert(form, member, score);
    return NEW_MEMBER;
  }

  /** Removes a member; false if it was absent. O(log n); O(n) as listpack. */
  delete(member: Bytes): boolean {
    const form = this.#form;
    const found = form instanceof SmallZSet ? form.find(member) : form.table.find(member);
    return found >= 0 && removeFound(form, found);
  }

  /** As `delete`, for the member `buffer[start … start + length)`. */
  deleteBytes(buffer: Uint8Array, start: number, length: number): boolean {
    const form = this.#form;
    const found =
      form instanceof SmallZSet
        ? form.find(sliceBytes(buffer, start, start + length))
        : form.table.findBytes(buffer, start, length);
    return found >= 0 && removeFound(form, found);
  }

  /** How many members come before this one, or null if it is absent (ZRANK). O(log n); O(n) as listpack. */
  rank(member: Bytes): number | null {
    const form = this.#form;
    if (form instanceof SmallZSet) {
      const at = form.find(member);
      return at < 0 ? null : at;
    }
    const slot = form.table.find(member);
    return slot < 0 ? null : form.rankOf(slot);
  }

  /** As `rank`, for a member given as text. */
  rankOfText(text: string): number | null {
    const form = this.#form;
    if (form instanceof SmallZSet) return this.rank(bytesFromText(text));
    const slot = findMember(form.table, text);
    return slot < 0 ? null : form.rankOf(slot);
  }

  /**
   * The members of the ranks `start` … `stop` (inclusive, within the set) as text, from `stop` down if `reverse`; their
   * scores are added to `scores`, where it is given. O(log n + members).
   */
  texts(start: number, stop: number, reverse: boolean, scores: number[] | null = null): string[] {
    const form = this.#form;
    const first = reverse ? stop : start;
    if (!(form instanceof SmallZSet)) return form.texts(first, stop - start + 1, reverse, scores);
    const texts: string[] = [];
    form.walk(first, stop - start + 1, reverse, (member, score) => {
      texts.push(textFromBytes(member));
      scores?.push(score);
    });
    return texts;
  }

  /** The member at a rank, or null outside the set. O(log n). */
  memberAt(rank: number): Bytes | null {
    return rank >= 0 && rank < this.size ? this.#form.memberAt(rank) : null;
  }

  /** The score at a rank, or null outside the set. O(log n). */
  scoreAt(rank: number): number | null {
    return rank >= 0 && rank < this.size ? this.#form.scoreAt(rank) : null;
  }

  /** The member and score at a rank, or null outside the set. */
  at(rank: number): [member: Bytes, score: number] | null {
    if (rank < 0 || rank >= this.size) return null;
    return [this.#form.memberAt(rank), this.#form.scoreAt(rank)];
  }

  /**
   * Visits the ranks `start` … `stop` (inclusive, cut to the set), from `stop` down if `reverse`. O(log n + visits).
   * The visitor must not change this set.
   */
  forEachByRank(start: number, stop: number, reverse: boolean, visit: (member: Bytes, score: number) => void): void {
    const first = Math.max(0, start);
    const last = Math.min(stop, this.size - 1);
    if (first <= last) this.#form.walk(reverse ? last : first, last - first + 1, reverse, visit);
  }

  /** As `forEachByRank`, without making strings; the bytes are good until the visitor returns. */
  rangeBytes(
    start: number,
    stop: number,
    reverse: boolean,
    visit: (buffer: Uint8Array, start: number, length: number, score: number) => void,
  ): void {
    const first = Math.max(0, start);
    const last = Math.min(stop, this.size - 1);
    if (first <= last) this.#form.walkBytes(reverse ? last : first, last - first + 1, reverse, visit);
  }

  /** Visits all members in order. */
  forEach(visit: (member: Bytes, score: number) => void): void {
    this.forEachByRank(0, this.size - 1, false, visit);
  }

  toArray(): [member: Bytes, score: number][] {
    const pairs: [Bytes, number][] = [];
    this.forEachByRank(0, this.size - 1, false, (member, score) => {
      pairs.push([member, score]);
    });
    return pairs;
  }

  /** The ranks of the scores in an interval. O(log n). */
  scoreSpan(range: ScoreRange): RankSpan {
    if (isEmptyScoreRange(range)) return EMPTY_SPAN;
    const first = this.#form.countBelowScore(range.min, range.minExclusive);
    const end = this.#form.countBelowScore(range.max, !range.maxExclusive);
    return end > first ? { first, count: end - first } : EMPTY_SPAN;
  }

  countInScoreRange(range: ScoreRange): number {
    return this.scoreSpan(range).count;
  }

  /**
   * The ranks of the members in a lexicographic interval. O(log n); O(n) as listpack. `reverse` matters only if scores
   * differ, which the commands leave undefined: a listpack is then read from the end that Redis would read it from.
   */
  lexSpan(range: LexRange, reverse = false): RankSpan {
    return this.#form.lexSpan(range, reverse);
  }

  countInLexRange(range: LexRange): number {
    return this.lexSpan(range).count;
  }

  /** Removes the ranks `start` … `stop` (inclusive, cut to the set); returns how many. O(log n + removed). */
  deleteByRank(start: number, stop: number): number {
    const first = Math.max(0, start);
    const count = Math.min(stop, this.size - 1) - first + 1;
    if (count <= 0) return 0;
    this.#form.removeAt(first, count);
    return count;
  }

  /** Removes and returns the member with the lowest score; null if the set is empty. O(log n). */
  popMin(): [member: Bytes, score: number] | null {
    return this.#pop(0);
  }

  /** Removes and returns the member with the highest score; null if the set is empty. O(log n). */
  popMax(): [member: Bytes, score: number] | null {
    return this.#pop(this.size - 1);
  }

  /**
   * One step of ZSCAN: visits members and returns the next cursor, 0 at the end. A listpack is visited at once, in
   * order; else whole buckets until `count` members were seen, with SCAN's guarantee.
   */
  scan(cursor: number, count: number, visit: (member: Bytes, score: number) => void): number {
    const form = this.#form;
    if (form instanceof SmallZSet) {
      form.walk(0, form.size, false, visit);
      return 0;
    }
    let seen = 0;
    let buckets = count * 10;
    let next = cursor;
    do {
      next = form.table.scan(next, (slot) => {
        seen++;
        visit(form.table.keyOf(slot), form.scoreOf(slot));
      });
    } while (next !== 0 && seen < count && --buckets > 0);
    return next;
  }

  /** A member drawn evenly, with its score; null if the set is empty. */
  random(random: Random): [member: Bytes, score: number] | null {
    return this.size === 0 ? null : this.at(this.#form.randomRank(random));
  }

  /**
   * Back to 'listpack' if the limits allow it. Redis does this for what ZUNIONSTORE, ZINTERSTORE, ZDIFFSTORE and
   * GEOSEARCHSTORE made, never for a set that merely shrinks. O(size), at once if the set has too many members.
   */
  compact(): void {
    const form = this.#form;
    const { limits, meter } = this.#context;
    if (form instanceof SmallZSet || form.size > limits.zsetMaxListpackEntries) return;
    let longest = 0;
    form.table.forEach((slot) => {
      longest = Math.max(longest, form.table.keyLength(slot));
    });
    if (longest > limits.zsetMaxListpackValue) return;
    const small = new SmallZSet(meter);
    form.walk(0, form.size, false, (member, score) => small.insert(member, score));
    form.dispose();
    this.#form = small;
  }

  /** Makes the set a 'skiplist', whatever its size: SORT does that to what it reads. O(n log n). */
  enlarge(): void {
    if (this.#form instanceof SmallZSet) this.#enlarge(this.#form);
  }

  /** A set of its own with the same members and encoding, on the same or another context. O(n log n). */
  clone(context: ZSetContext = this.#context): ZSetValue {
    const copy = new ZSetValue(context);
    copy.#form.dispose();
    copy.#form = this.#form.clone(context.meter, context.seed);
    return copy;
  }

  /** As `clone`, in the same places. O(n) still, but a copy of 12 bytes a member: the table is shared. */
  fork(context: ZSetContext): ZSetValue {
    const form = this.#form;
    if (form instanceof SmallZSet) return this.clone(context);
    const copy = new ZSetValue(context);
    copy.#form.dispose();
    copy.#form = form.fork(context.meter);
    return copy;
  }

  /** Gives all memory back. The set is not used afterwards. */
  dispose(): void {
    this.#form.dispose();
    this.#context.meter.sub(VALUE_OVERHEAD);
  }

  /** Makes the set a 'skiplist', whatever its size: what a member above the limits does. */
  #enlarge(small: SmallZSet): LargeZSet {
    const { meter, seed } = this.#context;
    const large = new LargeZSet(meter, seed);
    small.walk(0, small.size, false, (member, score) => large.insert(member, score));
    small.dispose();
    this.#form = large;
    return large;
  }

  #insert(small: SmallZSet, member: Bytes, score: number): void {
    const { limits } = this.#context;
    const fits = small.size < limits.zsetMaxListpackEntries && member.length <= limits.zsetMaxListpackValue;
    if (fits) small.insert(member, score);
    else this.#enlarge(small).insert(member, score);
  }

  #pop(rank: number): [Bytes, number] | null {
    const popped = this.at(rank);
    if (popped !== null) this.#form.removeAt(rank);
    return popped;
  }
}

function updateSmall(form: SmallZSet, at: number, score: number): AddOutcome {
  if (form.scores[at] === score) return SAME_SCORE;
  form.setScore(at, score);
  return NEW_SCORE;
}

function addToLarge(form: LargeZSet, buffer: Uint8Array, length: number, score: number, start = 0): AddOutcome {
  const slot = form.findOrAdd(buffer, start, length, score);
  return slot < 0 ? NEW_MEMBER : updateLarge(form, slot, score);
}

function updateLarge(form: LargeZSet, slot: number, score: number): AddOutcome {
  if (form.scoreOf(slot) === score) return SAME_SCORE;
  form.setScore(slot, score);
  return NEW_SCORE;
}

function removeFound(form: SmallZSet | LargeZSet, found: number): true {
  if (form instanceof SmallZSet) form.removeAt(found);
  else form.remove(found);
  return true;
}
