import { Redis } from './backend/facade.js';
import { openBackend } from './open.js';
import { type MirrorSource, type NodeSource, nodeInputs } from './open-nodes.js';
import { Mirror, type MirrorOptions } from './sharding/mirror.js';
import type { Difference } from './sharding/verify.js';

/** Rings and mirrors: several backends as one. Most programs only need `open({ ring })` and `open({ mirror })`. */

export type { RepairProgress } from './backend/events.js';
export type { MirrorSource, NodePlace, NodeSource, OpenNode, RingSource, UrlNode } from './open-nodes.js';
export { type HashName, type HashRing, hashRing, type RingNode } from './sharding/hash-ring.js';
export { Mirror as MirrorBackend, type MirrorOptions } from './sharding/mirror.js';
export type { HealthOptions, NodeInput, NodeState } from './sharding/node.js';
export { Ring as RingBackend, type RingOptions } from './sharding/ring.js';
export type { Difference } from './sharding/verify.js';

/** A mirror and access to its nodes. */
export interface MirrorHandle {
  readonly db: Redis;
  /** The API of each node by name, in order. Writing to one node alone makes it differ. */
  readonly nodes: ReadonlyMap<string, Redis>;
  /** Keys that differ between the nodes that are up; empty if all is well. Writes may continue. O(n) of the data. */
  verify(): Promise<Difference[]>;
  /** Makes differing keys equal to those of the first node that is up; returns their number. O(n) of the data. */
  repair(): Promise<number>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens a mirror like `open({ mirror })`, with access to its nodes. Throws DataError for invalid nodes. */
export function openMirror(
  nodes: readonly NodeSource[],
  options: MirrorOptions & Pick<MirrorSource, 'as' | 'integers'> = {},
): MirrorHandle {
  const { as, integers } = options;
  const backend = new Mirror(nodeInputs(nodes, openBackend), options);
  const db = new Redis(backend, { ...(as && { as }), ...(integers && { integers }) }) as Redis;
  const close = (): Promise<void> => db.close();
  return {
    db,
    nodes: db.nodes,
    verify: () => backend.verify(),
    repair: () => backend.repair(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
