import type { Bytes } from '../../core/bytes.js';

/** A stretch that both strings share: first and last index in each, both included. */
export interface LcsMatch {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly length: number;
}

/** What the table for strings of these lengths takes: Redis refuses a table beyond proto-max-bulk-len. */
export function lcsTableBytes(aLength: number, bLength: number): number {
  return (aLength + 1) * (bLength + 1) * Uint32Array.BYTES_PER_ELEMENT;
}

/** The length of the longest common subsequence. O(a × b) time, O(b) memory. */
export function lcsLength(a: Bytes, b: Bytes): number {
  const row = new Uint32Array(b.length + 1);
  for (let i = 0; i < a.length; i++) {
    const byte = a.charCodeAt(i);
    let left = 0;
    let diagonal = 0;
    for (let j = 1; j < row.length; j++) {
      const above = row[j];
      if (b.charCodeAt(j - 1) === byte) left = diagonal + 1;
      else if (above > left) left = above;
      row[j] = left;
      diagonal = above;
    }
  }
  return row[b.length];
}

/** The longest common subsequence itself; where several are equally long, the one Redis finds. O(a × b) time and memory. */
export function lcsText(a: Bytes, b: Bytes): Bytes {
  const matches = lcsMatches(a, b, 0).matches;
  let text = '';
  for (let i = matches.length - 1; i >= 0; i--) text += a.slice(matches[i].a[0], matches[i].a[1] + 1);
  return text;
}

/**
 * The stretches of the longest common subsequence that have at least `lengthMin` bytes, from the last to the first, and the
 * length of all of it. O(a × b) time and memory; a RangeError if the runtime cannot allocate the table.
 */
export function lcsMatches(a: Bytes, b: Bytes, lengthMin: number | bigint): { matches: LcsMatch[]; length: number } {
  const width = b.length + 1;
  const table = fillTable(a, b);
  const matches: LcsMatch[] = [];
  let i = a.length;
  let j = b.length;
  let run = 0;
  // A run ends before (i, j): it holds a[i … i + run − 1] and b[j … j + run − 1].
  const flush = (): void => {
    if (run > 0 && run >= lengthMin) matches.push({ a: [i, i + run - 1], b: [j, j + run - 1], length: run });
    run = 0;
  };
  while (i > 0 && j > 0) {
    if (a.charCodeAt(i - 1) === b.charCodeAt(j - 1)) {
      i--;
      j--;
      run++;
      continue;
    }
    flush();
    if (table[(i - 1) * width + j] > table[i * width + j - 1]) i--;
    else j--;
  }
  flush();
  return { matches, length: table[table.length - 1] };
}

/** table[i × (|b| + 1) + j]: the length for the first i bytes of a and the first j of b. */
function fillTable(a: Bytes, b: Bytes): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    const byte = a.charCodeAt(i - 1);
    const row = i * width;
    for (let j = 1; j < width; j++) {
      const above = table[row - width + j];
      const left = table[row + j - 1];
      if (b.charCodeAt(j - 1) === byte) table[row + j] = table[row - width + j - 1] + 1;
      else table[row + j] = Math.max(above, left);
    }
  }
  return table;
}
