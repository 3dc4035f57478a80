import type { BackendStats } from '../backend/backend.js';
import { type ClientOptions, clientDefaults } from './client-options.js';
import { Tally } from './tally.js';

interface Gauges {
  readonly state: string;
  readonly connections: number;
  readonly inFlight: number;
  readonly queued: number;
}

/** What a cache tells that was never used. */
export const noCache: BackendStats = {
  active: false,
  entries: 0,
  bytes: 0,
  hits: 0,
  misses: 0,
  coalesced: 0,
  invalidations: 0,
  discarded: 0,
  evictions: 0,
};

/** What a client tells of itself. */
export function clientStats(
  tally: Tally,
  gauges: Gauges,
  { pool, cache }: { pool: BackendStats; cache: BackendStats | null },
): BackendStats {
  const { commands, bytesIn, bytesOut, connects, reconnects, timeouts, retries, refused, slow, errors, latency } =
    tally;
  const counts = { commands, bytesIn, bytesOut, connects, reconnects, timeouts, retries, refused, slow };
  return { backend: 'client', ...gauges, ...counts, errors, latency, pool, ...(cache === null ? {} : { cache }) };
}

/** The same of a client that was never used: all of it, in zeros. */
export function idleStats({ pool, maxConnections, cache }: ClientOptions): BackendStats {
  const own = {
    inUse: 0,
    opening: 0,
    idle: 0,
    waiting: 0,
    maxConnections: maxConnections ?? clientDefaults.maxConnections,
  };
  const gauges = { state: 'idle', connections: 0, inFlight: 0, queued: 0 };
  return clientStats(new Tally(), gauges, { pool: pool?.stats() ?? own, cache: cache ? noCache : null });
}
