import { killFilters, killFilters70, killFilters74, listFilters, oldListFilters } from './client-filter.js';
import { clientInfo, clientInfos, trackingInfo } from './client-info.js';
import {
  anyReply,
  bulk,
  bytes,
  command,
  flag,
  int64Kind,
  intReply,
  lateKind,
  list,
  manyBytes,
  nullable,
  of,
  ok,
  optional,
  options,
  repeated,
  strictEnd,
  text,
  VALKEY_ONLY,
  word,
} from './words.js';

const anyone = { group: 'connection', flags: ['noscript', 'loading', 'stale'], acl: ['connection'] } as const;
const admin = { group: 'connection', flags: ['admin', 'noscript', 'loading', 'stale'], acl: ['connection'] } as const;

/** An integer that the handler reads after its other arguments. */
const lateInteger = lateKind(int64Kind());

/** `CLIENT KILL address`: only where nothing else is given. */
const address = optional(bytes('address'));
const onlyAddress: typeof address = {
  ...address,
  parse(cursor, params) {
    if (cursor.end - cursor.at === 1) address.parse(cursor, params);
  },
};

/** CLIENT and its subcommands. */
export const clientCommands = {
  client: () =>
    command({
      name: 'CLIENT',
      group: 'connection',
      since: '2.4.0',
      summary: 'Holds the commands about connections.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      acl: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  clientCaching: () =>
    command({
      ...anyone,
      name: 'CLIENT CACHING',
      since: '6.0.0',
      summary: 'Says whether the keys of the next command are tracked, in the modes OPTIN and OPTOUT.',
      complexity: 'O(1)',
      args: [bytes('mode')],
      reply: ok,
    }),
  clientCapa: () =>
    command({
      ...anyone,
      name: 'CLIENT CAPA',
      connection: 'changes',
      since: VALKEY_ONLY,
      summary:
        'Says what this connection can do: with `redirect`, replicas without a cluster send it to their primary.',
      complexity: 'O(n) of the capabilities',
      args: [manyBytes('capabilities')],
      reply: ok,
    }),
  clientGetname: () =>
    command({
      ...anyone,
      name: 'CLIENT GETNAME',
      since: '2.6.9',
      summary: 'Returns the name of this connection, null without one.',
      complexity: 'O(1)',
      args: [],
      reply: nullable(bulk),
    }),
  clientGetredir: () =>
    command({
      ...anyone,
      name: 'CLIENT GETREDIR',
      since: '6.0.0',
      summary: 'Returns the id of the connection that gets the invalidation messages; -1 without tracking.',
      complexity: 'O(1)',
      args: [],
      reply: intReply,
    }),
  clientHelp: () =>
    command({
      name: 'CLIENT HELP',
      group: 'connection',
      since: '5.0.0',
      summary: 'Lists the subcommands of CLIENT.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      acl: ['connection'],
      args: [],
      reply: list(text),
    }),
  clientId: () =>
    command({
      ...anyone,
      name: 'CLIENT ID',
      since: '5.0.0',
      summary: 'Returns the id of this connection.',
      complexity: 'O(1)',
      args: [],
      reply: intReply,
    }),
  clientInfo: () =>
    command({
      ...anyone,
      name: 'CLIENT INFO',
      since: '6.2.0',
      summary: 'Describes this connection.',
      complexity: 'O(1)',
      args: [],
      reply: clientInfo,
      tips: ['nondeterministic_output'],
    }),
  clientKill: () =>
    command({
      ...admin,
      name: 'CLIENT KILL',
      since: '2.4.0',
      summary: 'Closes the connection from an address, or all that fit the filters; returns how many.',
      complexity: 'O(n) of the connections',
      args: [onlyAddress, killFilters()],
      before: [
        { until: '7.4.0', args: [onlyAddress, killFilters70()] },
        { until: '9.0.0', args: [onlyAddress, killFilters74()] },
      ],
      arity: -3,
      reply: intReply,
      forms: [
        { method: 'clientKill', reply: intReply, omit: ['address'] },
        {
          method: 'clientKillAddress',
          reply: ok,
          take: ['address'],
          omit: killFilters().options!.map(({ name }) => name),
          note: 'An error if no connection has this address.',
        },
      ],
    }),
  clientList: () =>
    command({
      ...admin,
      name: 'CLIENT LIST',
      since: '2.4.0',
      summary: 'Describes the connections, one line each.',
      complexity: 'O(n) of the connections',
      args: [listFilters()],
      before: [{ until: '9.0.0', args: [oldListFilters()] }],
      reply: clientInfos,
      tips: ['nondeterministic_output'],
    }),
  clientNoEvict: () =>
    command({
      ...admin,
      name: 'CLIENT NO-EVICT',
      since: '7.0.0',
      summary: 'Exempts this connection from being closed when connections take too much memory.',
      complexity: 'O(1)',
      args: [word('mode', ['ON', 'OFF'])],
      reply: ok,
    }),
  clientNoTouch: () =>
    command({
      ...anyone,
      name: 'CLIENT NO-TOUCH',
      connection: 'changes',
      since: '7.2.0',
      summary: 'Lets the commands of this connection leave no trace of when keys were used.',
      complexity: 'O(1)',
      args: [word('mode', ['ON', 'OFF'])],
      reply: ok,
    }),
  clientPause: () =>
    command({
      ...admin,
      name: 'CLIENT PAUSE',
      since: '2.9.50',
      summary: 'Holds back all commands, or those that write, for some milliseconds.',
      complexity: 'O(1)',
      args: [of('timeout', lateInteger), strictEnd(optional(bytes('mode')), 'subcommand')],
      reply: ok,
    }),
  clientReply: () =>
    command({
      ...anyone,
      name: 'CLIENT REPLY',
      connection: 'changes',
      since: '3.2.0',
      summary: 'Turns the replies to this connection on or off, or skips the next one.',
      complexity: 'O(1)',
      args: [word('mode', ['ON', 'OFF', 'SKIP'])],
      reply: ok,
      hidden: true,
    }),
  clientSetinfo: () =>
    command({
      ...anyone,
      name: 'CLIENT SETINFO',
      connection: 'sets',
      since: '7.2.0',
      summary: 'Says which library, `lib-name`, and which version of it, `lib-ver`, this connection is used by.',
      complexity: 'O(1)',
      args: [bytes('attribute'), bytes('value')],
      reply: ok,
      request: 'all_nodes',
      response: 'all_succeeded',
    }),
  clientSetname: () =>
    command({
      ...anyone,
      name: 'CLIENT SETNAME',
      allTips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      before: [{ until: '7.2.0', allTips: undefined }],
      connection: 'sets',
      since: '2.6.9',
      summary: 'Names this connection; an empty name takes the name away.',
      complexity: 'O(1)',
      args: [bytes('name')],
      reply: ok,
    }),
  clientTracking: () =>
    command({
      ...anyone,
      name: 'CLIENT TRACKING',
      since: '6.0.0',
      summary: 'Turns messages about keys that this connection read and others changed on or off.',
      complexity: 'O(1); more with some options',
      args: [
        bytes('mode'),
        options([
          repeated('REDIRECT', 'redirect', of('clientId', int64Kind())),
          repeated('PREFIX', 'prefix', bytes('prefix')),
          flag('BCAST', 'bcast'),
          flag('OPTIN', 'optIn'),
          flag('OPTOUT', 'optOut'),
          flag('NOLOOP', 'noLoop'),
        ]),
      ],
      arity: -3,
      reply: ok,
    }),
  clientTrackinginfo: () =>
    command({
      ...anyone,
      name: 'CLIENT TRACKINGINFO',
      since: '6.2.0',
      summary: 'Describes how keys are tracked for this connection.',
      complexity: 'O(1)',
      args: [],
      reply: trackingInfo,
    }),
  clientUnblock: () =>
    command({
      ...admin,
      name: 'CLIENT UNBLOCK',
      since: '5.0.0',
      summary: 'Ends the wait of another connection in a blocking command, by time-out or with an error.',
      complexity: 'O(log n) of the connections',
      args: [of('id', lateKind(int64Kind())), strictEnd(optional(bytes('reason')), 'subcommand')],
      reply: intReply,
    }),
  clientUnpause: () =>
    command({
      ...admin,
      name: 'CLIENT UNPAUSE',
      since: '6.2.0',
      summary: 'Ends a CLIENT PAUSE.',
      complexity: 'O(n) of the connections held back',
      args: [],
      reply: ok,
    }),
};
