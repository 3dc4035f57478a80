import { textFromBytes } from '../core/bytes.js';
import type { Reply } from '../core/reply.js';
import { bytesOf, custom, defineField, isAbsent, itemsOf, list, type Shape } from './shape.js';

/** A Sentinel's view of itself, its services and their nodes, as objects with names and numbers. */

/** An instance as a Sentinel sees it. */
export interface SentinelInstance {
  name: string;
  ip: string;
  port: number;
  runId: string;
  /** Its kind (`master`, `slave`, `sentinel`) and its problems: `s_down`, `o_down`, `disconnected` … */
  flags: string[];
  /** Milliseconds since its last valid reply to PING. */
  lastOkPingReply: number;
  downAfterMilliseconds: number;
  /** Everything the Sentinel reported, under its own names. */
  fields: Record<string, string>;
}

/** The primary of a service. */
export interface SentinelMaster extends SentinelInstance {
  configEpoch: number;
  quorum: number;
  numSlaves: number;
  numOtherSentinels: number;
  failoverTimeout: number;
  parallelSyncs: number;
}

/** A replica of a service's primary. */
export interface SentinelReplica extends SentinelInstance {
  masterHost: string;
  masterPort: number;
  /** `ok` or `err`. */
  masterLinkStatus: string;
  slavePriority: number;
  slaveReplOffset: number;
  /** Whether clients may be told of it. */
  replicaAnnounced: boolean;
}

/** Another Sentinel of a service. */
export interface SentinelPeer extends SentinelInstance {
  /** Milliseconds since its last message. */
  lastHelloMessage: number;
  votedLeader: string | null;
  votedLeaderEpoch: number;
}

const textOf = (reply: Reply | undefined): string => textFromBytes(bytesOf(reply ?? null) ?? '');

/** Field → value of a reply that is a map, or a flat list in RESP2. */
function fieldsOf(reply: Reply): Record<string, string> {
  const flat = itemsOf(reply) ?? [];
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) defineField(fields, textOf(flat[i]), textOf(flat[i + 1]));
  return fields;
}

function instanceOf(fields: Record<string, string>): SentinelInstance {
  return {
    name: fields.name ?? '',
    ip: fields.ip ?? '',
    port: Number(fields.port),
    runId: fields.runid ?? '',
    flags: (fields.flags ?? '').split(',').filter((flag) => flag !== ''),
    lastOkPingReply: Number(fields['last-ok-ping-reply'] ?? 0),
    downAfterMilliseconds: Number(fields['down-after-milliseconds'] ?? 0),
    fields,
  };
}

export function masterOf(reply: Reply): SentinelMaster {
  const fields = fieldsOf(reply);
  return {
    ...instanceOf(fields),
    configEpoch: Number(fields['config-epoch'] ?? 0),
    quorum: Number(fields.quorum ?? 0),
    numSlaves: Number(fields['num-slaves'] ?? 0),
    numOtherSentinels: Number(fields['num-other-sentinels'] ?? 0),
    failoverTimeout: Number(fields['failover-timeout'] ?? 0),
    parallelSyncs: Number(fields['parallel-syncs'] ?? 0),
  };
}

export function replicaOf(reply: Reply): SentinelReplica {
  const fields = fieldsOf(reply);
  return {
    ...instanceOf(fields),
    masterHost: fields['master-host'] ?? '',
    masterPort: Number(fields['master-port'] ?? 0),
    masterLinkStatus: fields['master-link-status'] ?? '',
    slavePriority: Number(fields['slave-priority'] ?? 0),
    slaveReplOffset: Number(fields['slave-repl-offset'] ?? 0),
    replicaAnnounced: fields['replica-announced'] !== '0',
  };
}

export function peerOf(reply: Reply): SentinelPeer {
  const fields = fieldsOf(reply);
  const leader = fields['voted-leader'] ?? '?';
  return {
    ...instanceOf(fields),
    lastHelloMessage: Number(fields['last-hello-message'] ?? 0),
    votedLeader: leader === '?' ? null : leader,
    votedLeaderEpoch: Number(fields['voted-leader-epoch'] ?? 0),
  };
}

export const sentinelMaster: Shape = custom('SentinelMaster', masterOf);
export const sentinelMasters: Shape = list(sentinelMaster);
export const sentinelReplicas: Shape = list(custom('SentinelReplica', replicaOf));
export const sentinelPeers: Shape = list(custom('SentinelPeer', peerOf));

/** The address of a service's primary; null for a service that the Sentinel does not know. */
export const sentinelAddress: Shape = custom('{ host: string; port: number } | null', (reply) => {
  if (isAbsent(reply)) return null;
  const [host, port] = itemsOf(reply) ?? [];
  return { host: textOf(host), port: Number(port) };
});

/** Whether the Sentinel considers an instance down, and its vote if it was asked for one. */
export const sentinelVote: Shape = custom(
  '{ isDown: boolean; leader: string | null; leaderEpoch: number }',
  (reply) => {
    const [down, leader, epoch] = itemsOf(reply) ?? [];
    const name = textOf(leader);
    return { isDown: Number(down) === 1, leader: name === '*' ? null : name, leaderEpoch: Number(epoch) };
  },
);

/** Service → the last seen INFO of each of its nodes. */
export const sentinelInfoCache: Shape = custom('Record<string, { age: number; info: string | null }[]>', (reply) => {
  const flat = itemsOf(reply) ?? [];
  const services: Record<string, unknown> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const nodes = (itemsOf(flat[i + 1]!) ?? []).map((node) => {
      const [age, info] = itemsOf(node) ?? [];
      return { age: Number(age), info: info === undefined || isAbsent(info) ? null : textOf(info) };
    });
    defineField(services, textOf(flat[i]), nodes);
  }
  return services;
});

/** Parameter → value, mostly in milliseconds. */
export const sentinelTimes: Shape = custom('Record<string, number>', (reply) => {
  const fields: Record<string, number> = {};
  for (const [name, value] of Object.entries(fieldsOf(reply))) defineField(fields, name, Number(value));
  return fields;
});
