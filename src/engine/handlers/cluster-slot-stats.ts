import { type Metric, wrongMetric } from '../../commands/slot-stats-term.js';
import { SLOTS } from '../../core/crc16.js';
import type { Reply } from '../../core/reply.js';
import type { Cluster } from '../cluster/cluster.js';
import { slotReplies, slotsBy } from '../cluster/slot-stats.js';
import type { Engine } from '../engine.js';

export interface SlotStatsQuery {
  slotsRange?: readonly [start: number, end: number];
  orderBy?: Metric;
  limit?: number;
  asc?: true;
}

/** CLUSTER SLOT-STATS; only slots of this node are told. */
export function slotStats(cluster: Cluster, engine: Engine, query: SlotStatsQuery): Reply {
  const { slotsRange, orderBy = 'key-count', limit = SLOTS, asc = false } = query;
  const stats = cluster.slotStats;
  if (slotsRange !== undefined) return slotReplies(engine, stats, ownSlots(cluster, ...slotsRange));
  if (stats === null && orderBy !== 'key-count') throw wrongMetric;
  const slots = slotsBy(engine, stats, ownSlots(cluster, 0, SLOTS - 1), { metric: orderBy, ascending: asc });
  return slotReplies(engine, stats, slots.slice(0, limit));
}

function ownSlots(cluster: Cluster, start: number, end: number): number[] {
  return Array.from({ length: end - start + 1 }, (_, i) => start + i).filter((slot) => cluster.owns(slot));
}
