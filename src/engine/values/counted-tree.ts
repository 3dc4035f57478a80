import type { MemoryMeter } from '../../core/memory.js';
import * as pages from './leaf-pages.js';
import { BRANCH_LEAVES_MAX, TreeBranch } from './tree-branch.js';

/** A constant of the module itself: see slot-store.ts. */
const { LEAF_ENTRIES } = pages;

/** The keys behind the slots: what decides between equal scores. A ByteTable is one. */
export interface SlotKeys {
  compareKeys(slotA: number, slotB: number): number;
  compareKeyTo(slot: number, buffer: Uint8Array, start: number, length: number): number;
}

const NO_SLOTS = new Int32Array(0);
const NO_SCORES = new Float64Array(0);
/** A leaf below this count joins a neighbour if both together stay below the second figure. */
const MERGE_BELOW = LEAF_ENTRIES / 4;
const MERGED_MAX = (LEAF_ENTRIES * 3) / 4;

/** Which entries come before the place that is sought, among those with the sought score. */
const SEEK_SLOT = 0; // those whose key is not above the slot's key: the slot itself is the last of them
const SEEK_BELOW = 1; // none
const SEEK_THROUGH = 2; // all
const SEEK_KEY = 3; // (scores ignored) those whose key is below the bytes
const SEEK_THROUGH_KEY = 4; // (scores ignored) those whose key is not above the bytes

/**
 * The order of a large sorted set: (score, slot) pairs by score, then by the slot's key. Three levels, each a sorted
 * array: branches of up to 128 leaves, leaves of up to 128 entries. Every level knows the number of entries below it,
 * so ranks cost no more than searches: two binary searches and two short sums.
 *
 *     branches  [ total │ counts, first scores, leaves ]  [ … ]  …
 *     leaves              [ slots │ scores ]  [ … ]  …           13–24 bytes per member
 */
export class CountedTree {
  readonly #keys: SlotKeys;
  readonly #meter: MemoryMeter;
  readonly #pages: pages.LeafPages;
  #branches: TreeBranch[] = [];
  #size = 0;
  #branchBytes = 0;
  /** What is sought. */
  #kind = SEEK_BELOW;
  #score = 0;
  #slot = 0;
  #buffer: Uint8Array = NONE;
  #length = 0;
  /** The place found: branch, leaf in it, entry in that. */
  #branchAt = 0;
  #leafAt = 0;
  #at = 0;
  /** What `enterLeaf` found. */
  leafSlots: Int32Array = NO_SLOTS;
  leafScores: Float64Array = NO_SCORES;
  leafFrom = 0;

  constructor(keys: SlotKeys, meter: MemoryMeter) {
    this.#keys = keys;
    this.#meter = meter;
    this.#pages = new pages.LeafPages(meter);
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#pages.bytes + this.#branchBytes;
  }

  /** Adds a slot that is absent, its key already readable. O(log n). */
  insert(score: number, slot: number): void {
    if (this.#branches.length === 0) {
      const branch = new TreeBranch();
      this.#branches.push(branch);
      branch.insertLeaf(0, this.#pages.alloc(), 0, score);
      this.#accountBranch(branch.bytes);
    }
    this.#findSlot(score, slot);
    this.#insertHere(score, slot);
  }

  /** Takes out a slot that is present with this score. O(log n). */
  remove(score: number, slot: number): void {
    this.#findSlot(score, slot);
    this.#at--;
    this.#removeHere(1);
  }

  /** Gives a present slot another score; one that stays in its leaf only moves there. O(log n). */
  move(score: number, slot: number, newScore: number): void {
    this.#findSlot(score, slot);
    this.#at--;
    if (this.#moveInLeaf(score, slot, newScore)) return;
    this.#removeHere(1);
    this.insert(newScore, slot);
  }

  /** How many entries come before a present slot. O(log n). */
  rankOf(score: number, slot: number): number {
    this.#findSlot(score, slot);
    return this.#rankHere() - 1;
  }

  /** How many entries have a lower score, or with `through` one not above. O(log n). */
  countBelowScore(score: number, through: boolean): number {
    this.#kind = through ? SEEK_THROUGH : SEEK_BELOW;
    this.#score = score;
    return this.#seekRank();
  }

  /** As `countBelowScore` by key alone, for trees whose scores are all equal. The key starts the buffer. */
  countBelowKey(buffer: Uint8Array, length: number, through: boolean): number {
    this.#kind = through ? SEEK_THROUGH_KEY : SEEK_KEY;
    this.#buffer = buffer;
    this.#length = length;
    return this.#seekRank();
  }

  /** The slot at a rank, 0 … size − 1. O(log n). */
  slotAt(rank: number): number {
    this.#findRank(rank);
    const leaf = this.#branches[this.#branchAt].leaves[this.#leafAt];
    return this.#pages.slots(leaf)[this.#pages.base(leaf) + this.#at];
  }

  scoreAt(rank: number): number {
    this.#findRank(rank);
    const leaf = this.#branches[this.#branchAt].leaves[this.#leafAt];
    return this.#pages.scores(leaf)[this.#pages.base(leaf) + this.#at];
  }

  /** Visits `count` entries from rank `start` on, upward or downward; all lie in the tree, which must not change. */
  walk(start: number, count: number, reverse: boolean, visit: (slot: number, score: number) => void): void {
    if (count <= 0) return;
    this.#findRank(start);
    let branchAt = this.#branchAt;
    let leafAt = this.#leafAt;
    let at = this.#at;
    for (;;) {
      const branch = this.#branches[branchAt];
      const leaf = branch.leaves[leafAt];
      const slots = this.#pages.slots(leaf);
      const scores = this.#pages.scores(leaf);
      const base = this.#pages.base(leaf);
      const here = Math.min(count, reverse ? at + 1 : branch.counts[leafAt] - at);
      if (reverse) for (let i = at; i > at - here; i--) visit(slots[base + i], scores[base + i]);
      else for (let i = at; i < at + here; i++) visit(slots[base + i], scores[base + i]);
      count -= here;
      if (count === 0) return;
      if (reverse) {
        if (--leafAt < 0) leafAt = this.#branches[--branchAt].size - 1;
        at = this.#branches[branchAt].counts[leafAt] - 1;
      } else {
        if (++leafAt === branch.size) {
          branchAt++;
          leafAt = 0;
        }
        at = 0;
      }
    }
  }

  /** As `walk`, of as many entries as `slots` has room for: writes them there, returns how many. */
  read(start: number, count: number, reverse: boolean, slots: Int32Array, scores: Float64Array): number {
    const wanted = Math.min(count, slots.length);
    const step = reverse ? -1 : 1;
    for (let done = 0; done < wanted; ) {
      const end = done + this.enterLeaf(start + done * step, wanted - done, reverse);
      const { leafSlots, leafScores } = this;
      for (let i = this.leafFrom; done < end; i += step) {
        slots[done] = leafSlots[i];
        scores[done++] = leafScores[i];
      }
    }
    return wanted;
  }

  /** How many of `count` entries from rank `start` on lie in one leaf: the first at `leafFrom` of both arrays. O(log n). */
  enterLeaf(start: number, count: number, reverse: boolean): number {
    this.#findRank(start);
    const branch = this.#branches[this.#branchAt];
    const leaf = branch.leaves[this.#leafAt];
    this.leafSlots = this.#pages.slots(leaf);
    this.leafScores = this.#pages.scores(leaf);
    this.leafFrom = this.#pages.base(leaf) + this.#at;
    return Math.min(count, reverse ? this.#at + 1 : branch.counts[this.#leafAt] - this.#at);
  }

  /** Takes `count` entries from rank `start` on out; the visitor may forget each slot's key. O(log n + count). */
  removeRange(start: number, count: number, visit: (slot: number) => void): void {
    while (count > 0) {
      this.#findRank(start);
      const branch = this.#branches[this.#branchAt];
      const leaf = branch.leaves[this.#leafAt];
      const here = Math.min(count, branch.counts[this.#leafAt] - this.#at);
      const slots = this.#pages.slots(leaf);
      const from = this.#pages.base(leaf) + this.#at;
      for (let i = from; i < from + here; i++) visit(slots[i]);
      this.#removeHere(here);
      count -= here;
    }
  }

  /** A tree with the same entries over a copy of the keys in the same slots. O(size), 12 bytes an entry. */
  clone(keys: SlotKeys, meter: MemoryMeter): CountedTree {
    const copy = new CountedTree(keys, meter);
    copy.#pages.copyFrom(this.#pages);
    copy.#branches = this.#branches.map((branch) => branch.clone());
    copy.#size = this.#size;
    copy.#accountBranch(this.#branchBytes);
    return copy;
  }

  clear(): void {
    this.#pages.clear();
    this.#accountBranch(-this.#branchBytes);
    this.#branches = [];
    this.#size = 0;
  }

  #findSlot(score: number, slot: number): void {
    this.#kind = SEEK_SLOT;
    this.#score = score;
    this.#slot = slot;
    this.#seek();
  }

  #seekRank(): number {
    if (this.#size === 0) return 0;
    this.#seek();
    return this.#rankHere();
  }

  /** Finds the place after the last entry that comes before what is sought, in the leaf of that entry. */
  #seek(): void {
    const branches = this.#branches;
    let low = 0;
    let high = branches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#headPrecedes(branches[middle], 0)) low = middle;
      else high = middle - 1;
    }
    this.#branchAt = low;
    const branch = branches[low];
    low = 0;
    high = branch.size - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#headPrecedes(branch, middle)) low = middle;
      else high = middle - 1;
    }
    this.#leafAt = low;
    const leaf = branch.leaves[low];
    this.#at = this.#placeIn(
      this.#pages.slots(leaf),
      this.#pages.scores(leaf),
      this.#pages.base(leaf),
      branch.counts[low],
    );
  }

  /** How many entries of a leaf come before what is sought. */
  #placeIn(slots: Int32Array, scores: Float64Array, base: number, count: number): number {
    const byScore = this.#kind < SEEK_KEY;
    const sought = this.#score;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      const score = scores[base + middle];
      const precedes = byScore && score !== sought ? score < sought : this.#precedes(score, slots, base + middle);
      if (precedes) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #headPrecedes(branch: TreeBranch, leafAt: number): boolean {
    const first = branch.firsts[leafAt];
    if (this.#kind < SEEK_KEY && first !== this.#score) return first < this.#score;
    const leaf = branch.leaves[leafAt];
    return this.#precedes(first, this.#pages.slots(leaf), this.#pages.base(leaf));
  }

  #precedes(score: number, slots: Int32Array, index: number): boolean {
    const kind = this.#kind;
    if (kind < SEEK_KEY) {
      if (score < this.#score) return true;
      if (score > this.#score) return false;
      if (kind !== SEEK_SLOT) return kind === SEEK_THROUGH;
      const slot = slots[index];
      return slot === this.#slot || this.#keys.compareKeys(slot, this.#slot) < 0;
    }
    const order = this.#keys.compareKeyTo(slots[index], this.#buffer, 0, this.#length);
    return order < 0 || (order === 0 && kind === SEEK_THROUGH_KEY);
  }

  #rankHere(): number {
    const branches = this.#branches;
    const at = this.#branchAt;
    let rank = branches[at].countBefore(this.#leafAt) + this.#at;
    if (at * 2 <= branches.length) {
      for (let i = 0; i < at; i++) rank += branches[i].total;
      return rank;
    }
    let after = 0;
    for (let i = at; i < branches.length; i++) after += branches[i].total;
    return rank + this.#size - after;
  }

  #findRank(rank: number): void {
    const branches = this.#branches;
    let branchAt = 0;
    if (rank * 2 < this.#size) {
      while (rank >= branches[branchAt].total) rank -= branches[branchAt++].total;
    } else {
      branchAt = branches.length - 1;
      let rest = this.#size - rank;
      while (rest > branches[branchAt].total) rest -= branches[branchAt--].total;
      rank = branches[branchAt].total - rest;
    }
    const { counts } = branches[branchAt];
    let leafAt = 0;
    while (rank >= counts[leafAt]) rank -= counts[leafAt++];
    this.#branchAt = branchAt;
    this.#leafAt = leafAt;
    this.#at = rank;
  }

  /** Moves the entry found to where its new score belongs, if that is certainly in the same leaf. */
  #moveInLeaf(score: number, slot: number, newScore: number): boolean {
    const branch = this.#branches[this.#branchAt];
    const leafAt = this.#leafAt;
    const leaf = branch.leaves[leafAt];
    const slots = this.#pages.slots(leaf);
    const scores = this.#pages.scores(leaf);
    const base = this.#pages.base(leaf);
    const count = branch.counts[leafAt];
    const from = base + this.#at;
    const isLast = leafAt + 1 === branch.size && this.#branchAt + 1 === this.#branches.length;
    if (newScore > scores[base + count - 1] && !isLast) return false;
    if (newScore < scores[base] && (leafAt > 0 || this.#branchAt > 0)) return false;
    this.#score = newScore;
    let to = base + this.#placeIn(slots, scores, base, count);
    if (newScore < score) {
      // Before the first entry of a leaf may be the end of the one before.
      if (to === base && (leafAt > 0 || this.#branchAt > 0)) return false;
      for (let i = from; i > to; i--) {
        slots[i] = slots[i - 1];
        scores[i] = scores[i - 1];
      }
    } else {
      if (to === base + count && !isLast) return false;
      // The entry itself was counted.
      to--;
      for (let i = from; i < to; i++) {
        slots[i] = slots[i + 1];
        scores[i] = scores[i + 1];
      }
    }
    slots[to] = slot;
    scores[to] = newScore;
    branch.firsts[leafAt] = scores[base];
    return true;
  }

  #insertHere(score: number, slot: number): void {
    if (this.#branches[this.#branchAt].counts[this.#leafAt] === LEAF_ENTRIES) this.#splitLeaf(score);
    const branch = this.#branches[this.#branchAt];
    const leafAt = this.#leafAt;
    const leaf = branch.leaves[leafAt];
    const slots = this.#pages.slots(leaf);
    const scores = this.#pages.scores(leaf);
    const base = this.#pages.base(leaf);
    const end = base + branch.counts[leafAt];
    const to = base + this.#at;
    // A loop over so few is faster than the call of `copyWithin`.
    for (let i = end; i > to; i--) {
      slots[i] = slots[i - 1];
      scores[i] = scores[i - 1];
    }
    slots[to] = slot;
    scores[to] = score;
    if (this.#at === 0) branch.firsts[leafAt] = score;
    branch.counts[leafAt]++;
    branch.total++;
    this.#size++;
  }

  /** Makes two leaves of the full one found; the place found moves along. */
  #splitLeaf(score: number): void {
    const branch = this.#branches[this.#branchAt];
    const leafAt = this.#leafAt;
    const isLast = leafAt + 1 === branch.size && this.#branchAt + 1 === this.#branches.length;
    // Ascending insertion leaves full leaves behind.
    const kept = isLast && this.#at === LEAF_ENTRIES ? LEAF_ENTRIES : LEAF_ENTRIES >> 1;
    const right = this.#pages.alloc();
    const moved = LEAF_ENTRIES - kept;
    const left = branch.leaves[leafAt];
    this.#copyEntries(left, kept, right, 0, moved);
    branch.counts[leafAt] = kept;
    branch.total -= moved;
    const first = moved > 0 ? this.#pages.scores(right)[this.#pages.base(right)] : score;
    const bytes = branch.bytes;
    branch.insertLeaf(leafAt + 1, right, moved, first);
    this.#accountBranch(branch.bytes - bytes);
    if (this.#at > kept || moved === 0) {
      this.#leafAt++;
      this.#at -= kept;
    }
    if (branch.size === BRANCH_LEAVES_MAX) this.#splitBranch(isLast && moved === 0);
  }

  #splitBranch(atEnd: boolean): void {
    const branch = this.#branches[this.#branchAt];
    const kept = atEnd ? branch.size - 1 : branch.size >> 1;
    const right = branch.split(kept);
    this.#branches.splice(this.#branchAt + 1, 0, right);
    this.#accountBranch(right.bytes);
    if (this.#leafAt >= kept) {
      this.#branchAt++;
      this.#leafAt -= kept;
    }
  }

  /** Takes `count` entries from the place found out of their leaf. */
  #removeHere(count: number): void {
    const branch = this.#branches[this.#branchAt];
    const leafAt = this.#leafAt;
    const leaf = branch.leaves[leafAt];
    const left = branch.counts[leafAt] - count;
    this.#size -= count;
    if (left === 0) {
      this.#dropLeaf(branch, leafAt);
      return;
    }
    const slots = this.#pages.slots(leaf);
    const scores = this.#pages.scores(leaf);
    const base = this.#pages.base(leaf);
    for (let i = base + this.#at; i < base + left; i++) {
      slots[i] = slots[i + count];
      scores[i] = scores[i + count];
    }
    branch.counts[leafAt] = left;
    branch.total -= count;
    if (this.#at === 0) branch.firsts[leafAt] = scores[base];
    if (left < MERGE_BELOW) this.#mergeLeaf(branch, leafAt);
  }

  #mergeLeaf(branch: TreeBranch, leafAt: number): void {
    const { counts, leaves } = branch;
    let left = leafAt;
    if (left > 0 && counts[left - 1] + counts[left] <= MERGED_MAX) left--;
    else if (left + 1 >= branch.size || counts[left] + counts[left + 1] > MERGED_MAX) return;
    const moved = counts[left + 1];
    this.#copyEntries(leaves[left + 1], 0, leaves[left], counts[left], moved);
    counts[left] += moved;
    branch.total += moved;
    this.#dropLeaf(branch, left + 1);
  }

  #dropLeaf(branch: TreeBranch, leafAt: number): void {
    this.#pages.free(branch.leaves[leafAt]);
    this.leafSlots = NO_SLOTS;
    this.leafScores = NO_SCORES;
    branch.removeLeaf(leafAt);
    if (branch.size > 0) return;
    this.#branches.splice(this.#branchAt, 1);
    this.#accountBranch(-branch.bytes);
  }

  #copyEntries(from: number, start: number, to: number, at: number, count: number): void {
    const pages = this.#pages;
    const source = pages.base(from) + start;
    const target = pages.base(to) + at;
    const fromSlots = pages.slots(from);
    const fromScores = pages.scores(from);
    const toSlots = pages.slots(to);
    const toScores = pages.scores(to);
    for (let i = 0; i < count; i++) {
      toSlots[target + i] = fromSlots[source + i];
      toScores[target + i] = fromScores[source + i];
    }
  }

  #accountBranch(bytes: number): void {
    this.#branchBytes += bytes;
    if (bytes >= 0) this.#meter.add(bytes);
    else this.#meter.sub(-bytes);
  }
}

const NONE = new Uint8Array(0);
