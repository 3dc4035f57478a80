import type { MemoryMeter } from '../../core/memory.js';

export const LEAF_ENTRIES = 128;
const LEAF_SHIFT = 7;
const PAGE_SHIFT = 6;
const PAGE_LEAVES = 1 << PAGE_SHIFT;
const PAGE_MASK = PAGE_LEAVES - 1;
const FIRST_PAGE_LEAVES = 2;
const ENTRY_BYTES = 12;

/** The arrays of up to 64 leaves: slots and scores of leaf i begin at `i << 7`. */
interface LeafPage {
  slots: Int32Array;
  scores: Float64Array;
  /** Leaves given back, and how many were ever handed out. */
  free: number[];
  fresh: number;
}

/**
 * Room for the leaves of a counted tree, in pages, so that growing copies little and a shrunk tree gives memory back.
 * A leaf is a number: `page << 6 | leaf in the page`.
 */
export class LeafPages {
  readonly #meter: MemoryMeter;
  #pages: LeafPage[] = [];
  /** Pages with a leaf to give, the last one first. */
  #open: number[] = [];
  #bytes = 0;

  constructor(meter: MemoryMeter) {
    this.#meter = meter;
  }

  get bytes(): number {
    return this.#bytes;
  }

  slots(leaf: number): Int32Array {
    return this.#pages[leaf >> PAGE_SHIFT].slots;
  }

  scores(leaf: number): Float64Array {
    return this.#pages[leaf >> PAGE_SHIFT].scores;
  }

  /** Where the leaf's entries begin in both arrays of its page. */
  base(leaf: number): number {
    return (leaf & PAGE_MASK) << LEAF_SHIFT;
  }

  /** A leaf, content undefined. Arrays taken before are stale if the first page grew. */
  alloc(): number {
    const open = this.#open;
    if (open.length === 0) open.push(this.#pages.push(emptyPage()) - 1);
    const index = open[open.length - 1];
    const page = this.#pages[index];
    let leaf = page.free.pop();
    if (leaf === undefined) {
      leaf = page.fresh++;
      const capacity = page.slots.length >> LEAF_SHIFT;
      if (leaf === capacity) {
        this.#resize(page, index > 0 ? PAGE_LEAVES : Math.min(PAGE_LEAVES, Math.max(FIRST_PAGE_LEAVES, capacity * 2)));
      }
    }
    if (page.free.length === 0 && page.fresh === PAGE_LEAVES) open.pop();
    return (index << PAGE_SHIFT) | leaf;
  }

  free(leaf: number): void {
    const index = leaf >> PAGE_SHIFT;
    const page = this.#pages[index];
    if (page.free.length === 0 && page.fresh === PAGE_LEAVES) this.#open.push(index);
    page.free.push(leaf & PAGE_MASK);
    if (page.free.length < page.fresh) return;
    page.free.length = 0;
    page.fresh = 0;
    this.#resize(page, 0);
  }

  /** Takes over copies of all leaves; they keep their numbers. Only for one that is empty. */
  copyFrom(other: LeafPages): void {
    this.#pages = other.#pages.map(({ slots, scores, free, fresh }) => ({
      slots: slots.slice(),
      scores: scores.slice(),
      free: free.slice(),
      fresh,
    }));
    this.#open = other.#open.slice();
    this.#bytes = other.#bytes;
    this.#meter.add(this.#bytes);
  }

  clear(): void {
    this.#pages = [];
    this.#open = [];
    this.#meter.sub(this.#bytes);
    this.#bytes = 0;
  }

  #resize(page: LeafPage, leaves: number): void {
    const { slots, scores } = page;
    const entries = leaves << LEAF_SHIFT;
    page.slots = new Int32Array(entries);
    page.scores = new Float64Array(entries);
    if (leaves > 0) {
      page.slots.set(slots);
      page.scores.set(scores);
    }
    const added = (entries - slots.length) * ENTRY_BYTES;
    this.#bytes += added;
    if (added > 0) this.#meter.add(added);
    else this.#meter.sub(-added);
  }
}

function emptyPage(): LeafPage {
  return { slots: new Int32Array(0), scores: new Float64Array(0), free: [], fresh: 0 };
}
