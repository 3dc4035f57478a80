export type Compare<T> = (a: T, b: T) => number;

/** Shorter stretches are sorted by insertion. */
const INSERTION_MAX = 6;
/** Longer ones take the median of nine for their pivot, not of three. */
const THREE_MAX = 40;

/**
 * Sorts `items` in place so far that the places `first`…`last` hold what a full sort would put there. Expected
 * O(n + k log n). Equal items end in the order in which the real server's sort leaves them, which is not stable:
 * quicksort with three-way partition after Bentley and McIlroy ("Engineering a Sort Function", 1993), descending
 * only into parts that overlap the wanted places.
 */
export function partialSort<T>(items: T[], compare: Compare<T>, first: number, last: number): void {
  const wanted = (from: number, count: number): boolean => count > 1 && from <= last && from + count > first;
  const sortPart = (from: number, count: number): void => {
    let start = from;
    let size = count;
    while (size > INSERTION_MAX) {
      const { less, greater } = partition(items, compare, start, size);
      if (wanted(start, less)) sortPart(start, less);
      start += size - greater;
      size = greater;
      if (!wanted(start, size)) return;
    }
    insertionSort(items, compare, start, size);
  };
  sortPart(0, items.length);
}

function insertionSort<T>(items: T[], compare: Compare<T>, start: number, size: number): void {
  for (let i = start + 1; i < start + size; i++) {
    for (let j = i; j > start && compare(items[j - 1], items[j]) > 0; j--) swap(items, j - 1, j);
  }
}

/**
 * Leaves items less than the pivot in front, equal ones in the middle, greater ones behind.
 * Equal items gather at both ends first:
 *
 *     | equal | less | not seen | greater | equal |
 *     start   lo     i          j         hi
 */
function partition<T>(items: T[], compare: Compare<T>, start: number, size: number): { less: number; greater: number } {
  const end = start + size;
  swap(items, start, pivotOf(items, compare, start, size));
  const pivot = items[start];
  let lo = start + 1;
  let i = start + 1;
  let j = end - 1;
  let hi = end - 1;
  for (;;) {
    for (; i <= j; i++) {
      const order = compare(items[i], pivot);
      if (order > 0) break;
      if (order === 0) swap(items, lo++, i);
    }
    for (; i <= j; j--) {
      const order = compare(items[j], pivot);
      if (order < 0) break;
      if (order === 0) swap(items, j, hi--);
    }
    if (i > j) break;
    swap(items, i++, j--);
  }
  const less = i - lo;
  const greater = hi - j;
  swapBlocks(items, start, i, Math.min(lo - start, less));
  swapBlocks(items, i, end, Math.min(greater, end - 1 - hi));
  return { less, greater };
}

/** Exchanges the `count` items from `from` with those just before `to`. */
function swapBlocks<T>(items: T[], from: number, to: number, count: number): void {
  for (let k = 0; k < count; k++) swap(items, from + k, to - count + k);
}

function pivotOf<T>(items: T[], compare: Compare<T>, start: number, size: number): number {
  let middle = start + (size >> 1);
  if (size === INSERTION_MAX + 1) return middle;
  let left = start;
  let right = start + size - 1;
  if (size > THREE_MAX) {
    const step = size >> 3;
    left = median(items, compare, left, left + step, left + 2 * step);
    middle = median(items, compare, middle - step, middle, middle + step);
    right = median(items, compare, right - 2 * step, right - step, right);
  }
  return median(items, compare, left, middle, right);
}

/** The index of the median. Which of several equal items it picks decides the order of ties. */
function median<T>(items: T[], compare: Compare<T>, a: number, b: number, c: number): number {
  if (compare(items[a], items[b]) < 0) {
    if (compare(items[b], items[c]) < 0) return b;
    return compare(items[a], items[c]) < 0 ? c : a;
  }
  if (compare(items[b], items[c]) > 0) return b;
  return compare(items[a], items[c]) < 0 ? a : c;
}

function swap<T>(items: T[], a: number, b: number): void {
  const item = items[a];
  items[a] = items[b];
  items[b] = item;
}
