/**
 * How many nodes Redis' radix tree has for some keys of one length, given in order. A branch is a node, so is each key's
 * end, and a run of bytes between two of them is one more. The shape follows from the keys alone, not from how they came.
 *
 *     "10a1"  "10b7"  "10b8"        [10]→(a|b)─[1]→end          runs in […], branches in (…): 7 nodes
 *                                         └→(7|8)─→end, end
 */
export function radixNodeCount(keys: readonly Uint8Array[]): number {
  if (keys.length === 0) return 1;
  const { length } = keys[0];
  let nodes = keys.length;
  /** Depths of the open branches, outermost first: the path to the last key seen. */
  const branches: number[] = [];
  const close = (depth: number, parent: number): void => {
    // The parent's branch node holds one byte of the way; the top node has no parent.
    const run = parent < 0 ? depth : depth - parent - 1;
    if (run > 0) nodes++;
  };
  for (let i = 0; i < keys.length; i++) {
    const shared = i + 1 < keys.length ? commonPrefix(keys[i], keys[i + 1]) : -1;
    let depth = length;
    while (branches.length > 0 && branches[branches.length - 1] > shared) {
      const parent = branches.pop()!;
      close(depth, parent);
      depth = parent;
    }
    close(depth, shared);
    if (shared >= 0 && branches[branches.length - 1] !== shared) {
      branches.push(shared);
      nodes++;
    }
  }
  return nodes;
}

function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  let at = 0;
  while (a[at] === b[at]) at++;
  return at;
}
