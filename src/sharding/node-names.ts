import { DataError } from '../core/errors.js';

/** What tells a node from others, and how much of the keys is its share. */
export interface NamedNode {
  readonly name: string;
  readonly weight: number;
}

/** Throws DataError for no nodes, equal names, and weights that are none. */
export function checkNodes(nodes: readonly NamedNode[]): void {
  if (nodes.length === 0) throw new DataError('at least one node is needed');
  const names = new Set<string>();
  for (const { name, weight } of nodes) {
    if (names.has(name)) throw new DataError(`two nodes are called '${name}'`);
    names.add(name);
    if (!(weight > 0 && Number.isFinite(weight))) throw new DataError(`the weight of '${name}' must be above 0`);
  }
}

const hashNames = ['ketama', 'ketama160', 'rendezvous'] as const;

/**
 * - `ketama`: as Python's `hash_ring` package places keys, and as libketama does but for one point in four: 120 points for
 *   a node of average weight.
 * - `ketama160`: 160 points per unit of weight, whatever the other weights are, so that a change of one weight moves no
 *   more than it must.
 * - `rendezvous`: each node's score for the key is compared. Even, and small; O(nodes) for a key that was not asked for of late.
 */
export type HashName = (typeof hashNames)[number];

/** Throws DataError for a hash that there is not. */
export function checkHash(hash: HashName): void {
  if (!hashNames.includes(hash))
    throw new DataError(`there is no hash '${String(hash)}': expected ketama, ketama160 or rendezvous`);
}

/** At how many of so many nodes a write must be carried out. */
export type WritePolicy = 'all' | 'quorum' | 'any';

/** The number that a policy means. Throws DataError for one that there is not. */
export function requiredOf(policy: WritePolicy, nodes: number): number {
  if (policy === 'any') return 1;
  if (policy === 'quorum') return Math.floor(nodes / 2) + 1;
  if (policy === 'all') return nodes;
  throw new DataError(`there is no write policy '${String(policy)}': expected all, quorum or any`);
}
