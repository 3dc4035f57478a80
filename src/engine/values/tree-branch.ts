export const BRANCH_LEAVES_MAX = 128;
const FIRST_CAPACITY = 4;

/** The middle level of a counted tree: leaves in order, how many entries each has, and its first score. */
export class TreeBranch {
  leaves = new Int32Array(FIRST_CAPACITY);
  counts = new Int32Array(FIRST_CAPACITY);
  firsts = new Float64Array(FIRST_CAPACITY);
  /** Leaves in use. */
  size = 0;
  /** Entries of all leaves. */
  total = 0;

  get bytes(): number {
    return 16 * this.leaves.length;
  }

  clone(): TreeBranch {
    const copy = new TreeBranch();
    copy.leaves = this.leaves.slice();
    copy.counts = this.counts.slice();
    copy.firsts = this.firsts.slice();
    copy.size = this.size;
    copy.total = this.total;
    return copy;
  }

  insertLeaf(at: number, leaf: number, count: number, first: number): void {
    if (this.size === this.leaves.length) this.#grow();
    this.leaves.copyWithin(at + 1, at, this.size);
    this.counts.copyWithin(at + 1, at, this.size);
    this.firsts.copyWithin(at + 1, at, this.size);
    this.leaves[at] = leaf;
    this.counts[at] = count;
    this.firsts[at] = first;
    this.size++;
    this.total += count;
  }

  removeLeaf(at: number): void {
    this.total -= this.counts[at];
    this.leaves.copyWithin(at, at + 1, this.size);
    this.counts.copyWithin(at, at + 1, this.size);
    this.firsts.copyWithin(at, at + 1, this.size);
    this.size--;
  }

  /** Moves the leaves from `at` on into a new branch. */
  split(at: number): TreeBranch {
    const right = new TreeBranch();
    for (let i = at; i < this.size; i++) right.insertLeaf(i - at, this.leaves[i], this.counts[i], this.firsts[i]);
    this.size = at;
    this.total -= right.total;
    return right;
  }

  /** Entries in the leaves before `at`. */
  countBefore(at: number): number {
    const { counts } = this;
    let sum = 0;
    if (at * 2 <= this.size) {
      for (let i = 0; i < at; i++) sum += counts[i];
      return sum;
    }
    for (let i = at; i < this.size; i++) sum += counts[i];
    return this.total - sum;
  }

  #grow(): void {
    const capacity = this.leaves.length * 2;
    const { leaves, counts, firsts } = this;
    this.leaves = new Int32Array(capacity);
    this.counts = new Int32Array(capacity);
    this.firsts = new Float64Array(capacity);
    this.leaves.set(leaves);
    this.counts.set(counts);
    this.firsts.set(firsts);
  }
}
