import { type Bytes, textFromBytes } from '../core/bytes.js';
import type { Reply } from '../core/reply.js';
import { bytesOf, custom, isAbsent, itemsOf, type Shape } from './shape.js';

/** What a node tells of its cluster, as objects with names and numbers. */

/** First and last slot of a range, both included. */
export type SlotRange = [start: number, end: number];

/** One line of CLUSTER NODES. */
export interface ClusterNode {
  id: string;
  ip: string;
  port: number;
  /** `myself`, `master`, `slave`, `fail?`, `fail`, `handshake`, `noaddr`, `nofailover`. */
  flags: string[];
  /** The id of the primary of a replica; null for a primary. */
  master: string | null;
  /** When the pending ping was sent, in Unix milliseconds; 0 if there is none. */
  pingSent: number;
  /** When the last pong arrived, in Unix milliseconds. */
  pongRecv: number;
  configEpoch: number;
  linkState: 'connected' | 'disconnected';
  slots: SlotRange[];
}

/** A primary with its replicas, as CLUSTER SHARDS has them. */
export interface ClusterShard {
  slots: SlotRange[];
  nodes: ClusterShardNode[];
}

/** A node as CLUSTER SHARDS describes it. */
export interface ClusterShardNode {
  id: string;
  /** The address the node wants to be reached at; null: the address that answered. */
  endpoint: string | null;
  ip: string;
  /** Absent ports are null. */
  port: number | null;
  tlsPort: number | null;
  hostname: string | null;
  role: 'master' | 'replica';
  replicationOffset: number;
  health: 'online' | 'failed' | 'loading' | 'fail';
}

/** One range of CLUSTER SLOTS. */
export interface ClusterSlots {
  start: number;
  end: number;
  primary: ClusterSlotsNode;
  replicas: ClusterSlotsNode[];
}

/** A node as CLUSTER SLOTS describes it. */
export interface ClusterSlotsNode {
  /** Null: the address that answered. */
  host: string | null;
  port: number;
  /** Absent before Redis 4. */
  id: string | null;
  hostname: string | null;
}

const textOf = (reply: Reply | undefined): string => textFromBytes(bytesOf(reply ?? null) ?? '');
const nameOf = (reply: Reply | undefined): string | null => textOf(reply) || null;

/** The value of each field of a map, or of a flat list in RESP2. */
function fieldsOf(reply: Reply): Map<string, Reply> {
  const flat = itemsOf(reply) ?? [];
  const fields = new Map<string, Reply>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(textOf(flat[i]), flat[i + 1]!);
  return fields;
}

/** A line of CLUSTER NODES: `id ip:port@busPort[,hostname] flags master ping pong epoch link [slot range …]`. */
export function parseNodeLine(line: string): ClusterNode {
  const [id = '', address = '', flags = '', master = '-', ping, pong, epoch, link, ...slots] = line.split(' ');
  const place = address.split(/[@,]/, 1)[0]!;
  const colon = place.lastIndexOf(':');
  return {
    id,
    ip: place.slice(0, colon),
    port: Number(place.slice(colon + 1)),
    flags: flags.split(',').filter((flag) => flag !== 'noflags'),
    master: master === '-' ? null : master,
    pingSent: Number(ping),
    pongRecv: Number(pong),
    configEpoch: Number(epoch),
    linkState: link === 'connected' ? 'connected' : 'disconnected',
    // Slots being moved are in brackets after the ranges.
    slots: slots.filter((range) => !range.startsWith('[')).map(rangeOf),
  };
}

function rangeOf(text: string): SlotRange {
  const [start, end = start] = text.split('-').map(Number);
  return [start!, end!];
}

function parseNodes(reply: Reply): ClusterNode[] {
  const lines = itemsOf(reply)?.map(textOf) ?? textOf(reply).split('\n');
  return lines.filter((line) => line.trim() !== '').map(parseNodeLine);
}

/** The lines of CLUSTER NODES, or the list of CLUSTER REPLICAS. */
export const clusterNodeList: Shape = custom('ClusterNode[]', parseNodes);

/** `field:value` lines; numeric values become numbers. */
export const clusterInfo: Shape = custom('Record<string, string | number>', (reply) => {
  const found: Record<string, string | number> = {};
  for (const line of textOf(reply).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const value = line.slice(colon + 1);
    found[line.slice(0, colon)] = /^\d+$/.test(value) ? Number(value) : value;
  }
  return found;
});

function parseShards(reply: Reply): ClusterShard[] {
  return (itemsOf(reply) ?? []).map((shard) => {
    const fields = fieldsOf(shard);
    const numbers = (itemsOf(fields.get('slots') ?? []) ?? []).map(Number);
    const slots: SlotRange[] = [];
    for (let i = 0; i + 1 < numbers.length; i += 2) slots.push([numbers[i]!, numbers[i + 1]!]);
    return { slots, nodes: (itemsOf(fields.get('nodes') ?? []) ?? []).map(shardNodeOf) };
  });
}

function shardNodeOf(reply: Reply): ClusterShardNode {
  const fields = fieldsOf(reply);
  const port = (name: string): number | null => (fields.has(name) ? Number(fields.get(name)) : null);
  return {
    id: textOf(fields.get('id')),
    endpoint: nameOf(fields.get('endpoint')),
    ip: textOf(fields.get('ip')),
    port: port('port'),
    tlsPort: port('tls-port'),
    hostname: nameOf(fields.get('hostname')),
    role: textOf(fields.get('role')) === 'master' ? 'master' : 'replica',
    replicationOffset: Number(fields.get('replication-offset') ?? 0),
    health: textOf(fields.get('health')) as ClusterShardNode['health'],
  };
}

export const clusterShards: Shape = custom('ClusterShard[]', parseShards);

export function parseSlots(reply: Reply): ClusterSlots[] {
  return (itemsOf(reply) ?? []).map((range) => {
    const [start, end, primary, ...replicas] = itemsOf(range) ?? [];
    return {
      start: Number(start),
      end: Number(end),
      primary: slotsNodeOf(primary ?? []),
      replicas: replicas.map(slotsNodeOf),
    };
  });
}

function slotsNodeOf(reply: Reply): ClusterSlotsNode {
  const [host, port, id, metadata] = itemsOf(reply) ?? [];
  const more = fieldsOf(metadata ?? []);
  return {
    host: host === undefined || isAbsent(host) ? null : nameOf(host),
    port: Number(port),
    id: nameOf(id),
    hostname: nameOf(more.get('hostname')),
  };
}

export const clusterSlotsList: Shape = custom('ClusterSlots[]', parseSlots);

/** `host:port` of a redirection; without a host, the node that was asked. */
export function parseAddress(text: Bytes): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: textFromBytes(text.slice(0, colon)), port: Number(text.slice(colon + 1)) };
}
