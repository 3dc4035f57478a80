import type { Engine } from './engine.js';
import { type ReplicationBuffers, replicationBuffers } from './replication/buffers.js';

/** Memory by use, as INFO and MEMORY STATS report it. Bytes. */
export interface MemoryReport {
  used: number;
  peak: number;
  startup: number;
  /** Everything that is not keys and values: tables, expiry indexes, output of clients. */
  overhead: number;
  dataset: number;
  /** Percent of what was added since the start. */
  datasetPercent: number;
  peakPercent: number;
  clients: number;
  /** For replicas: the backlog, and what they have not taken yet. */
  replication: ReplicationBuffers;
  keys: number;
  bytesPerKey: number;
  databases: { index: number; main: number; expires: number }[];
  allocated: number;
  active: number;
  resident: number;
}

/** O(databases + clients). */
export function memoryReport(engine: Engine): MemoryReport {
  const { meter, startupBytes } = engine;
  const process = engine.surroundings.memory();
  const replication = replicationBuffers(engine);
  const { backlog, waiting, queued } = replication;
  const used = Math.max(meter.used, 0) + engine.network.heldBytes + backlog + waiting - queued;
  let clients = 0;
  for (const { sink, isReplica } of engine.sessions.values()) {
    if (!isReplica) clients += sink.stats.queryBufferBytes + sink.stats.outputBufferBytes + sink.stats.outputListBytes;
  }
  const databases = [];
  let keys = 0;
  let overhead = startupBytes + clients + backlog + waiting;
  for (const { index, keyspace } of engine.databases) {
    if (keyspace.size === 0) continue;
    const sizes = { index, main: keyspace.table.bytesUsed, expires: keyspace.expiries.bytesUsed };
    databases.push(sizes);
    keys += keyspace.size;
    overhead += sizes.main + sizes.expires;
  }
  const added = Math.max(1, used - startupBytes);
  const dataset = Math.max(0, used - overhead);
  return {
    used,
    peak: meter.peak,
    startup: startupBytes,
    overhead,
    dataset,
    datasetPercent: Math.min(100, (dataset * 100) / added),
    peakPercent: (used * 100) / Math.max(1, meter.peak),
    clients,
    replication,
    keys,
    bytesPerKey: keys > 0 ? Math.floor(added / keys) : 0,
    databases,
    ...process,
  };
}

/** a / b, 0 where b is. */
export function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}
