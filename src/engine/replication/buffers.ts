import type { Engine } from '../engine.js';
import type { OutputLimit } from '../settings.js';

/** What lies about for replicas, in bytes. */
export interface ReplicationBuffers {
  /** The end of the stream, for links that break. */
  readonly backlog: number;
  /** What replicas have not taken yet: output, and what is in the backlog beyond its limit for their sake. */
  readonly waiting: number;
  /** The part of it that the connections hold. */
  readonly queued: number;
}

/** O(replicas). */
export function replicationBuffers({ replication, config }: Engine): ReplicationBuffers {
  let queued = 0;
  for (const { session } of replication.replicas) queued += session.sink.stats.outputListBytes;
  const { held = 0, memoryBytes = 0 } = replication.stream.backlog ?? {};
  const beyond = Math.max(0, held - config.number('repl-backlog-size'));
  return { backlog: memoryBytes - beyond, waiting: beyond + queued, queued };
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
