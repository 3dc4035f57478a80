import type { Keyspace } from './keyspace.js';
import { ListValue } from './values/list.js';
import { StreamValue } from './values/stream.js';

/** A value of more parts than this is one that UNLINK leaves behind for later: here to the garbage collector. */
export const LAZY_FREE_PARTS = 64;

/** How many parts of its own memory a value has, as Redis counts them. O(1), of a stream O(groups). */
export function partsOf(keyspace: Keyspace, slot: number): number {
  if (keyspace.typeOf(slot) === 0) return 1;
  const value = keyspace.collection(slot);
  if (value instanceof ListValue) return value.nodeCount;
  if (value instanceof StreamValue) {
    return value.nodes.length + value.groups().reduce((sum, { pending }) => sum + 1 + pending.size, 0);
  }
  return value.encoding === 'hashtable' || value.encoding === 'skiplist' ? value.size : 1;
}
