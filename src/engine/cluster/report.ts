import { MapReply, type Reply } from '../../core/reply.js';
import type { EngineSession } from '../session.js';
import type { Cluster, ClusterNode } from './cluster.js';

/** The bus of a node listens on its port and so much. */
const BUS_PORT_DISTANCE = 10_000;

/** Where clients reach this node: as it was told, else by the address that the asking one has used. */
function ownAddress(session: EngineSession): { host: string; port: number } {
  const { config, surroundings, replication } = session.engine;
  const { localAddress } = session.sink.stats;
  const used = /^\[?(.*?)\]?:(\d+)$/.exec(localAddress);
  const isNetwork = used !== null && !localAddress.startsWith('/');
  const port = config.number('cluster-announce-port') || surroundings.tcpPort || replication.listeningPort;
  return {
    host: config.get('cluster-announce-ip') || (isNetwork ? used[1] : '127.0.0.1'),
    port: port || (isNetwork ? Number(used[2]) : 0),
  };
}

/** This node and the others, those without slots included. */
function allNodes(cluster: Cluster, session: EngineSession): ClusterNode[] {
  return [{ id: cluster.id, ...ownAddress(session) }, ...cluster.nodes.values()];
}

/** Where a client is to connect, by `cluster-preferred-endpoint-type`. */
function endpointOf(
  session: EngineSession,
  { id, host }: ClusterNode,
  own: string,
): { endpoint: Reply; facts: string[] } {
  const { config } = session.engine;
  const hostname = id === own ? config.get('cluster-announce-hostname') : '';
  switch (config.get('cluster-preferred-endpoint-type')) {
    case 'hostname':
      return { endpoint: hostname || '?', facts: ['ip', host] };
    case 'unknown-endpoint':
      return { endpoint: null, facts: ['ip', host, ...(hostname ? ['hostname', hostname] : [])] };
    default:
      return { endpoint: host, facts: hostname ? ['hostname', hostname] : [] };
  }
}

/** CLUSTER SLOTS. */
export function slotsReply(cluster: Cluster, session: EngineSession): Reply {
  const entries = allNodes(cluster, session).flatMap((node) => {
    const { endpoint, facts } = endpointOf(session, node, cluster.id);
    return cluster
      .rangesOf(node.id)
      .map(([start, end]) => [start, end, [endpoint, node.port, node.id, new MapReply(facts)]]);
  });
  return entries.sort((a, b) => Number(a[0]) - Number(b[0]));
}

/** CLUSTER SHARDS. */
export function shardsReply(cluster: Cluster, session: EngineSession): Reply {
  return allNodes(cluster, session).map((node) => {
    const { endpoint } = endpointOf(session, node, cluster.id);
    const hostname = session.engine.config.get('cluster-announce-hostname');
    const facts: Reply[] = ['id', node.id, 'port', node.port, 'ip', node.host, 'endpoint', endpoint];
    if (hostname !== '' && node.id === cluster.id) facts.push('hostname', hostname);
    const offset = node.id === cluster.id ? session.engine.replication.stream.offset : 0;
    facts.push('role', 'master', 'replication-offset', offset, 'health', 'online');
    return new MapReply(['slots', cluster.rangesOf(node.id).flat(), 'nodes', [new MapReply(facts)]]);
  });
}

/** CLUSTER NODES: a line for each. */
export function nodesText(cluster: Cluster, session: EngineSession): string {
  return allNodes(cluster, session)
    .map((node) => `${nodeLine(cluster, session, node)}\n`)
    .join('');
}

function nodeLine(cluster: Cluster, session: EngineSession, { id, host, port }: ClusterNode): string {
  const { config } = session.engine;
  const own = id === cluster.id;
  const bus = own ? config.number('cluster-announce-bus-port') || config.number('cluster-port') : 0;
  const hostname = own ? config.get('cluster-announce-hostname') : '';
  const address = `${host}:${port}@${bus || port + BUS_PORT_DISTANCE}${hostname ? `,${hostname}` : ''}`;
  const ranges = cluster.rangesOf(id).map(([start, end]) => (start === end ? `${start}` : `${start}-${end}`));
  const moving = own ? [...open(cluster.migrating, '->-'), ...open(cluster.importing, '-<-')] : [];
  const facts = [id, address, own ? 'myself,master' : 'master', '-', 0, 0, own ? cluster.epoch : 0, 'connected'];
  return [...facts, ...ranges, ...moving].join(' ');
}

const open = (slots: ReadonlyMap<number, string>, arrow: string): string[] =>
  [...slots].map(([slot, id]) => `[${slot}${arrow}${id}]`);

/** CLUSTER INFO. */
export function infoText(cluster: Cluster): string {
  const facts: [string, string | number][] = [
    ['cluster_state', cluster.ok ? 'ok' : 'fail'],
    ['cluster_slots_assigned', cluster.assigned],
    ['cluster_slots_ok', cluster.assigned],
    ['cluster_slots_pfail', 0],
    ['cluster_slots_fail', 0],
    ['cluster_known_nodes', cluster.nodes.size + 1],
    ['cluster_size', cluster.size],
    ['cluster_current_epoch', cluster.currentEpoch],
    ['cluster_my_epoch', cluster.epoch],
    ['cluster_stats_messages_sent', 0],
    ['cluster_stats_messages_received', 0],
    ['total_cluster_links_buffer_limit_exceeded', 0],
  ];
  return facts.map(([name, value]) => `${name}:${value}\r\n`).join('');
}
