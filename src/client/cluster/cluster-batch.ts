import type { CallOptions, Request } from '../../backend/backend.js';
import { conversational } from '../../backend/conversational.js';
import { isMergeable, noOneReply } from '../../backend/merge.js';
import { crossSlotError, keysOf, splitByPlace } from '../../backend/split.js';
import type { Bytes } from '../../core/bytes.js';
import { keySlot } from '../../core/crc16.js';
import { UnsupportedError } from '../../core/errors.js';
import type { Reply } from '../../core/reply.js';
import { policyOf } from '../command-policy.js';
import type { ClusterNode } from './cluster-node.js';
import { Gather, type PartHost, PipelinePart } from './gather.js';
import { invalidInCluster, planOf, slotOf } from './plan.js';
import type { Shard, SlotMap } from './slot-map.js';

/** What a pipeline needs of the client. */
export interface BatchHost extends PartHost {
  readonly map: SlotMap;
  /** Who answers reads in a shard; null where that is always its primary. */
  readonly readerOf: ((shard: Shard) => ClusterNode) | null;
  call(request: Request, options: CallOptions): Promise<Reply>;
  /** Sends a part to its node, with what the options say. */
  sendPart(part: PipelinePart, node: ClusterNode, options: CallOptions): void;
}

/**
 * The commands of a pipeline, written to all nodes at once; the replies in order. What is for one slot goes in the
 * node's part; other commands go by themselves, after what was given before them. Replicas get only pipelines that are
 * nothing but reads: those behind a write are to see it.
 */
export function sendBatch(host: BatchHost, requests: readonly Request[], options: CallOptions): Promise<Reply[]> {
  const gather = new Gather(requests.length);
  let parts = new Map<ClusterNode, PipelinePart>();
  const flush = (): void => {
    for (const [node, part] of parts) host.sendPart(part, node, options);
    parts = new Map();
  };
  const nodeOf = nodesFor(host, requests);
  requests.forEach((request, i) => {
    const slot = slotOf(request);
    const node = slot < 0 ? null : nodeOf(slot);
    if (node === null || node.isDown) {
      flush();
      gather.await(i, host.call(request, options));
      return;
    }
    let part = parts.get(node);
    if (part === undefined) {
      part = new PipelinePart(requests, gather, host, node);
      parts.set(node, part);
    }
    part.add(i);
  });
  flush();
  return gather.promise;
}

/** Who serves a slot, for all of a pipeline the same. */
function nodesFor({ map, readerOf }: BatchHost, requests: readonly Request[]): (slot: number) => ClusterNode | null {
  if (readerOf === null || !requests.every((request) => planOf(request).isRead))
    return (slot) => map.shardOf(slot)?.primary ?? null;
  const chosen = new Map<Shard, ClusterNode>();
  return (slot) => {
    const shard = map.shardOf(slot);
    if (shard === null) return null;
    const node = chosen.get(shard) ?? readerOf(shard);
    chosen.set(shard, node);
    return node;
  };
}

/**
 * Throws what is wrong with a command of a pipeline or transaction, before any of them is sent: UnsupportedError for what
 * would change connections that all commands share, or has no one reply, CrossSlotError for keys that live apart.
 */
export function refuseUnfit(request: Request): void {
  const { kind } = planOf(request);
  if (kind === 'invalid') throw invalidInCluster(request);
  if (policyOf(request) === 'refused') throw conversational(request.spec.name);
  if (kind === 'keys') splitByPlace(request, keySlot);
  if ((kind === 'shards' || kind === 'nodes') && !isMergeable(request))
    throw new UnsupportedError(noOneReply(request), { command: request.spec.name });
}

/**
 * The slot of a transaction; −1 if it names no key. Throws CrossSlotError if its keys have several, UnsupportedError for
 * a command that concerns all nodes.
 */
export function slotOfTransaction(requests: readonly Request[]): number {
  let first: Bytes | null = null;
  for (const request of requests) {
    const { kind } = planOf(request);
    if (
      (kind === 'shards' || kind === 'nodes' || kind === 'scan') &&
      !request.spec.aclCategories.includes('connection')
    )
      throw new UnsupportedError(`${request.spec.name} concerns all nodes: a transaction is carried out by one`, {
        command: request.spec.name,
      });
    for (const key of keysOf(request)) {
      first ??= key;
      if (keySlot(key) !== keySlot(first)) throw crossSlotError('EXEC', first, key);
    }
  }
  return first === null ? -1 : keySlot(first);
}
