import {
  sentinelAddress,
  sentinelInfoCache,
  sentinelMaster,
  sentinelMasters,
  sentinelPeers,
  sentinelReplicas,
  sentinelTimes,
  sentinelVote,
} from './sentinel-reply.js';
import {
  anyReply,
  bytes,
  bytesKind,
  command,
  int,
  intReply as integer,
  list,
  manyBytes,
  ok,
  optional,
  pairs,
  record,
  text,
  word,
} from './words.js';

const asked = {
  group: 'sentinel',
  since: '2.8.4',
  flags: ['admin', 'sentinel', 'only_sentinel'],
  acl: [],
  complexity: 'O(1)',
} as const;
const service = bytes('service');

/** SENTINEL and its subcommands, which only Sentinels answer. */
export const sentinelCommands = {
  sentinel: () =>
    command({
      ...asked,
      name: 'SENTINEL',
      summary: 'Holds the commands of a Sentinel.',
      complexity: 'Depends on the subcommand.',
      args: [],
      container: true,
      reply: anyReply,
    }),
  sentinelCkquorum: () =>
    command({
      ...asked,
      name: 'SENTINEL CKQUORUM',
      summary: 'Says whether enough Sentinels can be reached to fail a service over; an error says why not.',
      args: [service],
      reply: text,
    }),
  sentinelConfig: () =>
    command({
      ...asked,
      since: '6.2.0',
      name: 'SENTINEL CONFIG',
      summary: 'Reads or sets parameters of the Sentinel itself.',
      args: [word('operation', ['GET', 'SET']), bytes('parameter'), optional(bytes('value'))],
      arity: -3,
      reply: anyReply,
      forms: [
        { method: 'sentinelConfigGet', reply: record(text), fix: { operation: 'GET' }, omit: ['value'] },
        { method: 'sentinelConfigSet', reply: ok, fix: { operation: 'SET' }, take: ['value'] },
      ],
    }),
  sentinelDebug: () =>
    command({
      ...asked,
      since: '7.0.0',
      name: 'SENTINEL DEBUG',
      summary: 'Shows or sets the periods by which the Sentinel works.',
      complexity: 'O(n) of the parameters',
      args: [optional(pairs('parameters', ['parameter', bytesKind], ['value', bytesKind]))],
      reply: anyReply,
      forms: [
        { method: 'sentinelDebug', reply: sentinelTimes, omit: ['parameters'] },
        { method: 'sentinelDebugSet', reply: ok, take: ['parameters'] },
      ],
    }),
  sentinelFailover: () =>
    command({
      ...asked,
      name: 'SENTINEL FAILOVER',
      summary: 'Begins to make a replica the primary of a service, without asking other Sentinels.',
      args: [service],
      reply: ok,
    }),
  sentinelFlushconfig: () =>
    command({
      ...asked,
      name: 'SENTINEL FLUSHCONFIG',
      summary: 'Writes the configuration of the Sentinel to its file.',
      args: [],
      reply: ok,
    }),
  sentinelGetMasterAddrByName: () =>
    command({
      ...asked,
      name: 'SENTINEL GET-MASTER-ADDR-BY-NAME',
      summary: 'Returns the address of the primary of a service, or nothing for an unknown service.',
      args: [service],
      reply: sentinelAddress,
    }),
  sentinelHelp: () =>
    command({
      ...asked,
      since: '6.2.0',
      flags: ['loading', 'stale', 'sentinel', 'only_sentinel'],
      name: 'SENTINEL HELP',
      summary: 'Lists the subcommands of SENTINEL.',
      args: [],
      reply: list(text),
    }),
  sentinelInfoCache: () =>
    command({
      ...asked,
      since: '3.2.0',
      name: 'SENTINEL INFO-CACHE',
      summary: 'Returns what the nodes of some services last answered to INFO.',
      complexity: 'O(n) of the nodes',
      args: [manyBytes('services')],
      reply: sentinelInfoCache,
    }),
  sentinelIsMasterDownByAddr: () =>
    command({
      ...asked,
      name: 'SENTINEL IS-MASTER-DOWN-BY-ADDR',
      summary: 'Says whether the Sentinel takes the primary at an address for down; a run id asks for its vote.',
      args: [bytes('ip'), int('port'), int('currentEpoch'), bytes('runId')],
      reply: sentinelVote,
    }),
  sentinelMaster: () =>
    command({
      ...asked,
      name: 'SENTINEL MASTER',
      summary: 'Returns the state of the primary of a service.',
      args: [service],
      reply: sentinelMaster,
    }),
  sentinelMasters: () =>
    command({
      ...asked,
      name: 'SENTINEL MASTERS',
      summary: 'Returns the states of the primaries of all services.',
      complexity: 'O(n) of the services',
      args: [],
      reply: sentinelMasters,
    }),
  sentinelMonitor: () =>
    command({
      ...asked,
      name: 'SENTINEL MONITOR',
      summary: 'Begins to watch a primary as a service of this name.',
      args: [service, bytes('ip'), int('port'), int('quorum')],
      reply: ok,
    }),
  sentinelMyid: () =>
    command({
      ...asked,
      since: '6.2.0',
      name: 'SENTINEL MYID',
      summary: 'Returns the id of the Sentinel.',
      args: [],
      reply: text,
    }),
  sentinelPendingScripts: () =>
    command({
      ...asked,
      name: 'SENTINEL PENDING-SCRIPTS',
      summary: 'Returns the scripts that run or wait to run.',
      complexity: 'O(n) of the scripts',
      args: [],
      reply: list(record(anyReply)),
    }),
  sentinelRemove: () =>
    command({
      ...asked,
      name: 'SENTINEL REMOVE',
      summary: 'Ends the watch over a service.',
      args: [service],
      reply: ok,
    }),
  sentinelReplicas: () =>
    command({
      ...asked,
      since: '5.0.0',
      name: 'SENTINEL REPLICAS',
      summary: 'Returns the states of the replicas of a service.',
      complexity: 'O(n) of the replicas',
      args: [service],
      reply: sentinelReplicas,
    }),
  sentinelReset: () =>
    command({
      ...asked,
      name: 'SENTINEL RESET',
      summary: 'Forgets what is known of the services whose names match a pattern; returns how many there were.',
      complexity: 'O(n) of the services',
      args: [bytes('pattern')],
      reply: integer,
    }),
  sentinelSentinels: () =>
    command({
      ...asked,
      name: 'SENTINEL SENTINELS',
      summary: 'Returns the states of the other Sentinels of a service.',
      complexity: 'O(n) of the Sentinels',
      args: [service],
      reply: sentinelPeers,
    }),
  sentinelSet: () =>
    command({
      ...asked,
      name: 'SENTINEL SET',
      summary: 'Sets parameters of the watch over a service.',
      args: [service, pairs('options', ['option', bytesKind], ['value', bytesKind])],
      arity: -5,
      reply: ok,
      forms: [{ method: 'sentinelSet', reply: ok, single: ['option', 'value'] }],
    }),
  sentinelSimulateFailure: () =>
    command({
      ...asked,
      since: '3.2.0',
      name: 'SENTINEL SIMULATE-FAILURE',
      summary: 'Makes the Sentinel crash at a point of the next failover, or lists the points.',
      args: [manyBytes('modes')],
      reply: anyReply,
    }),
  sentinelSlaves: () =>
    command({
      ...asked,
      since: '2.8.0',
      name: 'SENTINEL SLAVES',
      summary: 'Returns the states of the replicas of a service, by the older name of the command.',
      complexity: 'O(n) of the replicas',
      args: [service],
      reply: sentinelReplicas,
      deprecated: { since: '5.0.0', replacedBy: 'SENTINEL REPLICAS' },
    }),
};
