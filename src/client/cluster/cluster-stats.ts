import type { BackendStats } from '../../backend/backend.js';
import { noCache } from '../client-stats.js';
import { Tally } from '../tally.js';
import type { ClusterOptions } from './cluster-options.js';
import type { Router } from './router.js';

interface Routing {
  /** Commands that wait for a reply, and those that wait for a node. */
  readonly inFlight: number;
  readonly held: number;
  readonly shards: number;
  /** How many slots are served. */
  readonly slots: number;
  readonly refreshes: number;
  readonly redirects: number;
  readonly waits: number;
  readonly nodes: BackendStats;
}

/** What the client of a cluster tells of itself. O(nodes). */
export function clusterStats(tally: Tally, router: Router, cache: BackendStats | null): BackendStats {
  const { map, nodes, refreshes, redirects, waits, held } = router;
  const primaries = new Set(map.shards.map(({ primary }) => primary));
  const byNode = [...nodes.all].map((node) => [
    node.name,
    {
      role: primaries.has(node) ? 'primary' : 'replica',
      isUp: !node.isDown,
      isConnected: node.link.isReady,
      inFlight: node.link.inFlight,
      latency: Number.isFinite(node.latency) ? node.latency : null,
    },
  ]);
  const inFlight = [...nodes.all].reduce((sum, { link }) => sum + link.inFlight, 0);
  const routing = { inFlight, held, shards: map.shards.length, slots: map.covered, refreshes, redirects, waits };
  return told(tally, { ...routing, nodes: Object.fromEntries(byNode) }, cache);
}

/** The same of one that was never used: all of it, in zeros. */
export function idleClusterStats({ cache }: ClusterOptions): BackendStats {
  const routing = { inFlight: 0, held: 0, shards: 0, slots: 0, refreshes: 0, redirects: 0, waits: 0, nodes: {} };
  return told(new Tally(), routing, cache ? noCache : null);
}

function told(tally: Tally, routing: Routing, cache: BackendStats | null): BackendStats {
  const { commands, bytesIn, bytesOut, connects, timeouts, slow, errors, latency } = tally;
  const counts = { commands, bytesIn, bytesOut, connects, timeouts, slow, errors, latency };
  return { backend: 'cluster', ...counts, ...(cache === null ? {} : { cache }), ...routing };
}
