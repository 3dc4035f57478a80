import type { Engine } from '../engine.js';
import type { OutputLimit } from '../settings.js';

/** What lies about for replicas, in bytes. */
export interface ReplicationBuffers {
  /** The end of the stream, for links that break. */
  readonly backlog: number;
  /** What replicas have not taken yet: output, and the stream since their snapshots, which they share. */
  readonly waiting: number;
  /** The part of it that the connections hold. */
  readonly queued: number;
}

/** O(replicas). */
export function replicationBuffers({ replication }: Engine): ReplicationBuffers {
  let held = 0;
  let queued = 0;
  for (const { heldBytes, session } of replication.replicas) {
    held = Math.max(held, heldBytes);
    queued += session.sink.stats.outputListBytes;
  }
  return { backlog: replication.stream.backlog?.memoryBytes ?? 0, waiting: held + queued, queued };
}

/**
 * How much may wait for a replica. A limit below the backlog's size counts as that size: a replica that was allowed to
 * go on from the backlog would be closed for what it got from there.
 */
export function replicaOutputLimit({ settings, config }: Engine): OutputLimit {
  const limit = settings.outputLimits.replica;
  if (limit.hardBytes === 0) return limit;
  return { ...limit, hardBytes: Math.max(limit.hardBytes, config.number('repl-backlog-size')) };
}
