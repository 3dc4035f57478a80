import { type Address, parseAddress } from '../address.js';
import type { ClientOptions, HostOption } from '../client-options.js';

/** Who answers reads: the primary; a replica where one is up; or the node of the shard that answers fastest. */
export type ClusterReadFrom = 'primary' | 'preferReplica' | 'replica' | 'nearest';

/** How a cluster is reached. What concerns connections is the same for all nodes: credentials, TLS, timeouts. */
export interface ClusterOptions extends Omit<ClientOptions, 'readFrom' | 'pool' | 'path' | 'db'> {
  /** Nodes to begin with, beside that of the URL; the others are found through them. */
  hosts?: readonly HostOption[];
  /** The primary unless said otherwise. What a replica says may be old. */
  readFrom?: ClusterReadFrom;
  /** Milliseconds between looks at who serves what, where nothing else gave reason to look; 0 for never. */
  refreshInterval?: number;
  /** How often a command follows a redirection. */
  redirectsMax?: number;
}

export const clusterDefaults = {
  refreshInterval: 15_000,
  redirectsMax: 16,
  port: 6379,
} as const;

/** Where to ask first, without repetitions. */
export function seedsOf(options: ClusterOptions): Address[] {
  const port = options.port ?? clusterDefaults.port;
  const own = options.host === undefined ? [] : [{ host: options.host, port }];
  const more = (options.hosts ?? []).map((host) =>
    typeof host === 'string' ? parseAddress(host, port) : { host: host.host, port: host.port ?? port },
  );
  const all = [...own, ...more];
  const seeds = all.filter(
    (seed, i) => all.findIndex((other) => other.host === seed.host && other.port === seed.port) === i,
  );
  return seeds.length > 0 ? seeds : [{ host: 'localhost', port }];
}
