import { DataError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { type Address, parseAddress } from './address.js';
import { type ConnectionSettings, clientDefaults, type HostOption, type TopologyOptions } from './client-options.js';
import { LateTopology } from './late-topology.js';
import type { Topology } from './locator.js';
import { Secret } from './secret.js';

const SENTINEL_PORT = 26_379;
const NODE_PORT = 6379;

/**
 * Who finds the primary and its replicas for these options; null where there is one server at one place.
 * `settings` is how data nodes are connected to. Throws DataError for options that do not fit together.
 */
export function topologyOf(options: TopologyOptions, settings: ConnectionSettings): Topology | null {
  const { hosts = [], sentinels = [], service, readFrom = 'primary' } = options;
  if (service !== undefined && sentinels.length === 0) throw new DataError('a service needs Sentinels to ask for it');
  if (sentinels.length === 0 && hosts.length === 0) {
    if (readFrom !== 'primary') throw new DataError(`readFrom '${readFrom}' needs several hosts, or Sentinels`);
    return null;
  }
  const rules = {
    map: options.addressMap,
    timeout: Math.min(
      options.discoveryTimeout ?? clientDefaults.discoveryTimeout,
      settings.connectTimeout || Number.POSITIVE_INFINITY,
    ),
    checkInterval: options.roleCheckInterval ?? clientDefaults.roleCheckInterval,
    random: new Random(),
  };
  if (sentinels.length === 0) {
    const addresses = addressesOf(hosts, NODE_PORT);
    return new LateTopology(rules, null, async () => {
      const { FailoverTopology } = await import('./failover.js');
      return new FailoverTopology(addresses, settings, rules);
    });
  }
  if (service === undefined || service === '')
    throw new DataError('Sentinels need the name of a service: expected redis+sentinel://host:port/service');
  if (hosts.length > 0) throw new DataError('hosts and sentinels exclude each other');
  const seeds = addressesOf(sentinels, SENTINEL_PORT);
  const asked = sentinelSettings(options, settings);
  return new LateTopology(rules, asked, async () => {
    const { SentinelTopology } = await import('./sentinel.js');
    return new SentinelTopology({ seeds, service, settings: asked, nodes: settings, rules });
  });
}

/** How Sentinels are connected to: as the data nodes, with credentials of their own, and no database. */
function sentinelSettings(options: TopologyOptions, settings: ConnectionSettings): ConnectionSettings {
  const { sentinelUsername: username, sentinelPassword: secret, sentinelTls = settings.tls ?? false } = options;
  const password = typeof secret === 'string' ? new Secret(secret) : secret;
  const credentials = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
  return {
    ...settings,
    db: 0,
    path: null,
    tls: sentinelTls === false ? null : sentinelTls === true ? {} : sentinelTls,
    credentials: () => credentials,
  };
}

function addressesOf(hosts: readonly HostOption[], port: number): Address[] {
  return hosts.map((host) =>
    typeof host === 'string' ? parseAddress(host, port) : { host: host.host, port: host.port ?? port },
  );
}
