import type { Bytes } from '../core/bytes.js';
import { clusterInfo, clusterNodeList, clusterShards, clusterSlotsList } from './cluster-reply.js';
import { slotStatsTerm } from './slot-stats-term.js';
import type { Kind } from './term.js';
import {
  anyReply,
  bulk,
  bytes,
  command,
  intReply as int,
  intKind,
  keyKind,
  lateKind,
  list,
  many,
  of,
  ok,
  optional,
  pairs,
  record,
  strictEnd,
  text,
  tuple,
  wordKind,
} from './words.js';

/** Numbers and words left to the handler: a server without cluster support says so before it looks at them. */
const integer = lateKind(intKind());
const slot = of('slot', integer);
const nodeId = bytes('nodeId');
const ranges = pairs('ranges', ['start', integer], ['end', integer], {
  type: 'Iterable<readonly [number, number]>',
});

const shared = { group: 'cluster', since: '3.0.0', acl: [] } as const;
const asked = { ...shared, flags: ['stale'] } as const;
const administered = { ...shared, flags: ['admin', 'stale', 'no_async_loading'] } as const;
const supervised = { ...shared, flags: ['admin', 'stale'] } as const;
const changing = ['nondeterministic_output'] as const;
/** One of some words; any other is passed on as it is. */
function lateWord(...words: string[]): Kind<Bytes> {
  const kind = wordKind(words);
  const parse = (bytes: Bytes): Bytes => (words.includes(bytes.toUpperCase()) ? bytes.toLowerCase() : bytes);
  return { ...kind, parse };
}

const mode = (...words: string[]) => strictEnd(optional(of('mode', lateWord(...words))), 'subcommand');

/** Subcommands that inspect the cluster. */
const questions = {
  clusterCountFailureReports: () =>
    command({
      ...supervised,
      name: 'CLUSTER COUNT-FAILURE-REPORTS',
      summary: 'Counts the primaries that report a node as failing.',
      complexity: 'O(n) of the reports',
      args: [nodeId],
      reply: int,
      tips: changing,
    }),
  clusterCountkeysinslot: () =>
    command({
      ...asked,
      name: 'CLUSTER COUNTKEYSINSLOT',
      summary: 'Counts the keys of a slot that the node has.',
      complexity: 'O(1)',
      args: [slot],
      reply: int,
    }),
  clusterGetkeysinslot: () =>
    command({
      ...asked,
      name: 'CLUSTER GETKEYSINSLOT',
      summary: 'Returns some keys of a slot that the node has.',
      complexity: 'O(n) of the keys returned',
      args: [slot, of('count', integer)],
      reply: list(bulk),
      tips: changing,
    }),
  clusterHelp: () =>
    command({
      ...shared,
      name: 'CLUSTER HELP',
      since: '5.0.0',
      summary: 'Lists the subcommands of CLUSTER.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      args: [],
      reply: list(text),
    }),
  clusterInfo: () =>
    command({
      ...asked,
      name: 'CLUSTER INFO',
      summary: 'Returns facts and figures about the cluster, as the node sees it.',
      complexity: 'O(1)',
      args: [],
      reply: clusterInfo,
      tips: changing,
    }),
  clusterKeyslot: () =>
    command({
      ...asked,
      name: 'CLUSTER KEYSLOT',
      summary: 'Returns the slot of a key.',
      complexity: 'O(n) of the bytes of the key',
      args: [of('key', keyKind)],
      reply: int,
    }),
  clusterLinks: () =>
    command({
      ...asked,
      name: 'CLUSTER LINKS',
      since: '7.0.0',
      summary: 'Describes the connections of the node to the others.',
      complexity: 'O(n) of the nodes',
      args: [],
      reply: list(record(anyReply)),
      tips: changing,
    }),
  clusterMyid: () =>
    command({
      ...asked,
      name: 'CLUSTER MYID',
      summary: 'Returns the id of the node.',
      complexity: 'O(1)',
      args: [],
      reply: text,
    }),
  clusterMyshardid: () =>
    command({
      ...asked,
      name: 'CLUSTER MYSHARDID',
      since: '7.2.0',
      summary: 'Returns the id of the shard of the node.',
      complexity: 'O(1)',
      args: [],
      reply: text,
      tips: ['nondeterministic_output'],
    }),
  clusterNodes: () =>
    command({
      ...asked,
      name: 'CLUSTER NODES',
      summary: 'Describes the nodes of the cluster, as the node sees them.',
      complexity: 'O(n) of the nodes',
      args: [],
      reply: clusterNodeList,
      tips: changing,
    }),
  clusterReplicas: () =>
    command({
      ...supervised,
      name: 'CLUSTER REPLICAS',
      since: '5.0.0',
      summary: 'Describes the replicas of a primary.',
      complexity: 'O(n) of the replicas',
      args: [nodeId],
      reply: clusterNodeList,
      tips: changing,
    }),
  clusterShards: () =>
    command({
      ...asked,
      name: 'CLUSTER SHARDS',
      flags: ['loading', 'stale'],
      before: [{ until: '7.2.0', flags: ['stale'] }],
      since: '7.0.0',
      summary: 'Describes the shards: slots, and the nodes that serve them.',
      complexity: 'O(n) of the nodes',
      args: [],
      reply: clusterShards,
      tips: changing,
    }),
  clusterSlaves: () =>
    command({
      ...supervised,
      name: 'CLUSTER SLAVES',
      summary: 'The old name of CLUSTER REPLICAS.',
      complexity: 'O(n) of the replicas',
      args: [nodeId],
      reply: clusterNodeList,
      tips: changing,
      deprecated: { since: '5.0.0', replacedBy: '`CLUSTER REPLICAS`' },
    }),
  clusterSlotStats: () =>
    command({
      ...shared,
      name: 'CLUSTER SLOT-STATS',
      since: '8.2.0',
      summary: 'Tells of slots of this node how many keys they have, and what the commands on these cost.',
      complexity: 'O(n) of the keys and slots, O(n · log n) with ORDERBY',
      flags: ['loading', 'stale'],
      args: [slotStatsTerm],
      arity: -4,
      reply: list(tuple(int, record(int))),
      tips: changing,
      request: 'all_shards',
    }),
  clusterSlots: () =>
    command({
      ...asked,
      name: 'CLUSTER SLOTS',
      flags: ['loading', 'stale'],
      before: [{ until: '7.2.0', flags: ['stale'] }],
      summary: 'Returns which nodes serve which slots.',
      complexity: 'O(n) of the nodes',
      args: [],
      reply: clusterSlotsList,
      tips: changing,
      deprecated: { since: '7.0.0', replacedBy: '`CLUSTER SHARDS`' },
    }),
};

/** Subcommands that change the cluster. */
const changes = {
  clusterAddslots: () =>
    command({
      ...administered,
      name: 'CLUSTER ADDSLOTS',
      summary: 'Lets the node serve slots that no node serves.',
      complexity: 'O(n) of the slots',
      args: [many('slots', integer)],
      reply: ok,
    }),
  clusterAddslotsrange: () =>
    command({
      ...administered,
      name: 'CLUSTER ADDSLOTSRANGE',
      since: '7.0.0',
      summary: 'As CLUSTER ADDSLOTS, for ranges.',
      complexity: 'O(n) of the slots',
      args: [ranges],
      reply: ok,
    }),
  clusterBumpepoch: () =>
    command({
      ...administered,
      name: 'CLUSTER BUMPEPOCH',
      summary: "Raises the node's epoch above all others.",
      complexity: 'O(1)',
      args: [],
      reply: text,
      tips: changing,
    }),
  clusterDelslots: () =>
    command({
      ...administered,
      name: 'CLUSTER DELSLOTS',
      summary: 'Makes the node forget who serves some slots.',
      complexity: 'O(n) of the slots',
      args: [many('slots', integer)],
      reply: ok,
    }),
  clusterDelslotsrange: () =>
    command({
      ...administered,
      name: 'CLUSTER DELSLOTSRANGE',
      since: '7.0.0',
      summary: 'As CLUSTER DELSLOTS, for ranges.',
      complexity: 'O(n) of the slots',
      args: [ranges],
      reply: ok,
    }),
  clusterFailover: () =>
    command({
      ...administered,
      name: 'CLUSTER FAILOVER',
      summary: 'Makes a replica take the place of its primary.',
      complexity: 'O(1)',
      args: [mode('FORCE', 'TAKEOVER')],
      reply: ok,
    }),
  clusterFlushslots: () =>
    command({
      ...administered,
      name: 'CLUSTER FLUSHSLOTS',
      summary: 'Makes the node forget who serves which slots.',
      complexity: 'O(1)',
      args: [],
      reply: ok,
    }),
  clusterForget: () =>
    command({
      ...administered,
      name: 'CLUSTER FORGET',
      summary: 'Takes a node out of what this node knows.',
      complexity: 'O(1)',
      args: [nodeId],
      reply: ok,
    }),
  clusterMeet: () =>
    command({
      ...administered,
      name: 'CLUSTER MEET',
      summary: 'Makes the node get to know another one, and with it its cluster.',
      complexity: 'O(1)',
      args: [bytes('ip'), of('port', integer), strictEnd(optional(of('busPort', integer)), 'subcommand')],
      reply: ok,
    }),
  clusterReplicate: () =>
    command({
      ...administered,
      name: 'CLUSTER REPLICATE',
      summary: 'Makes the node a replica of a primary.',
      complexity: 'O(1)',
      args: [nodeId],
      reply: ok,
    }),
  clusterReset: () =>
    command({
      ...shared,
      name: 'CLUSTER RESET',
      summary: 'Takes the node out of its cluster; HARD gives it a new id too.',
      complexity: 'O(n) of the nodes, and of the keys of a replica',
      flags: ['admin', 'noscript', 'stale'],
      args: [mode('HARD', 'SOFT')],
      reply: ok,
    }),
  clusterSaveconfig: () =>
    command({
      ...administered,
      name: 'CLUSTER SAVECONFIG',
      summary: 'Writes what the node knows of the cluster to its disk.',
      complexity: 'O(1)',
      args: [],
      reply: ok,
    }),
  clusterSetConfigEpoch: () =>
    command({
      ...administered,
      name: 'CLUSTER SET-CONFIG-EPOCH',
      summary: 'Gives a new node its first epoch.',
      complexity: 'O(1)',
      args: [of('epoch', integer)],
      reply: ok,
    }),
  clusterSetslot: () =>
    command({
      ...administered,
      name: 'CLUSTER SETSLOT',
      summary: 'Says of a slot that it is being moved, from or to the node, or who serves it.',
      complexity: 'O(1)',
      args: [
        slot,
        of('state', lateWord('IMPORTING', 'MIGRATING', 'NODE', 'STABLE')),
        strictEnd(optional(nodeId), 'subcommand'),
      ],
      reply: ok,
    }),
};

const ofConnection = { ...shared, acl: ['connection'], complexity: 'O(1)', args: [], reply: ok } as const;

/** CLUSTER and its subcommands, and other commands for cluster nodes. */
export const clusterCommands = {
  cluster: () =>
    command({
      ...shared,
      name: 'CLUSTER',
      summary: 'Holds the commands about a cluster.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  ...questions,
  ...changes,
  asking: () =>
    command({
      ...ofConnection,
      name: 'ASKING',
      connection: 'changes',
      summary: 'Lets the next command use a slot that is on its way to the node.',
      flags: ['fast'],
    }),
  readonly: () =>
    command({
      ...ofConnection,
      name: 'READONLY',
      connection: 'changes',
      summary: 'Lets the connection read from a replica.',
      flags: ['loading', 'stale', 'fast'],
    }),
  readwrite: () =>
    command({
      ...ofConnection,
      name: 'READWRITE',
      connection: 'changes',
      summary: 'Ends what READONLY began.',
      flags: ['loading', 'stale', 'fast'],
    }),
};
