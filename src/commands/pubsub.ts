import {
  anyReply,
  command,
  intReply as int,
  key,
  keyKind,
  keyName,
  keys,
  keyTerm,
  list,
  many,
  of,
  optional,
  pairList,
  patternKind,
  strictEnd,
  text,
  value,
} from './words.js';

/** Answered by pushes alone; the façade has an API of its own for them. */
const subscription = {
  group: 'pubsub',
  flags: ['pubsub', 'noscript', 'loading', 'stale'],
  acl: [],
  hidden: true,
  reply: anyReply,
} as const;
const question = { group: 'pubsub', flags: ['pubsub', 'loading', 'stale'], acl: [] } as const;
const anyNumber = { min: 0 } as const;

/** Messages: channels, patterns and shard channels. */
export const pubsubCommands = {
  psubscribe: () =>
    command({
      ...subscription,
      name: 'PSUBSCRIBE',
      connection: 'changes',
      channels: 'patterns',
      since: '2.0.0',
      summary: 'Listens to all channels whose names match one of the patterns.',
      complexity: 'O(n) of the patterns',
      args: [many('patterns', patternKind)],
    }),
  publish: () =>
    command({
      name: 'PUBLISH',
      channels: 'publish',
      group: 'pubsub',
      since: '2.0.0',
      summary: 'Sends a message to a channel; returns how many listeners got it.',
      complexity: 'O(n + m) of the listeners and of all patterns',
      flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
      acl: [],
      args: [of('channel', keyKind), value('message')],
      reply: int,
    }),
  pubsub: () =>
    command({
      name: 'PUBSUB',
      group: 'pubsub',
      since: '2.8.0',
      summary: 'Holds the questions about channels and their listeners.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      acl: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  pubsubChannels: () =>
    command({
      ...question,
      name: 'PUBSUB CHANNELS',
      since: '2.8.0',
      summary: 'Returns the channels that have listeners, all or those that match a pattern.',
      complexity: 'O(n) of the channels',
      args: [strictEnd(optional({ ...of('pattern', patternKind), implied: '*' }), 'subcommand')],
      reply: list(keyName),
    }),
  pubsubHelp: () =>
    command({
      name: 'PUBSUB HELP',
      group: 'pubsub',
      since: '6.2.0',
      summary: 'Lists the subcommands of PUBSUB.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      acl: [],
      args: [],
      reply: list(text),
    }),
  pubsubNumpat: () =>
    command({
      ...question,
      name: 'PUBSUB NUMPAT',
      since: '2.8.0',
      summary: 'Returns how many different patterns are listened to.',
      complexity: 'O(1)',
      args: [],
      reply: int,
    }),
  pubsubNumsub: () =>
    command({
      ...question,
      name: 'PUBSUB NUMSUB',
      since: '2.8.0',
      summary: 'Returns how many listeners each of the channels has, patterns not counted.',
      complexity: 'O(n) of the channels asked for',
      args: [many('channels', keyKind, anyNumber)],
      reply: pairList(keyName, int),
    }),
  pubsubShardchannels: () =>
    command({
      ...question,
      name: 'PUBSUB SHARDCHANNELS',
      since: '7.0.0',
      summary: 'Returns the shard channels that have listeners, all or those that match a pattern.',
      complexity: 'O(n) of the shard channels',
      args: [strictEnd(optional({ ...of('pattern', patternKind), implied: '*' }), 'subcommand')],
      reply: list(keyName),
    }),
  pubsubShardnumsub: () =>
    command({
      ...question,
      name: 'PUBSUB SHARDNUMSUB',
      since: '7.0.0',
      summary: 'Returns how many listeners each of the shard channels has.',
      complexity: 'O(n) of the shard channels asked for',
      args: [many('channels', keyKind, anyNumber)],
      reply: pairList(keyName, int),
    }),
  punsubscribe: () =>
    command({
      ...subscription,
      name: 'PUNSUBSCRIBE',
      connection: 'changes',
      since: '2.0.0',
      summary: 'Stops listening to patterns, all if none is named.',
      complexity: 'O(n) of the patterns',
      args: [many('patterns', patternKind, anyNumber)],
    }),
  spublish: () =>
    command({
      name: 'SPUBLISH',
      channels: 'publish',
      group: 'pubsub',
      since: '7.0.0',
      summary: 'Sends a message to a shard channel; returns how many listeners got it.',
      complexity: 'O(n) of the listeners',
      flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
      acl: [],
      args: [key('not_key', 'channel'), value('message')],
      reply: int,
    }),
  ssubscribe: () =>
    command({
      ...subscription,
      name: 'SSUBSCRIBE',
      connection: 'changes',
      channels: 'subscribe',
      since: '7.0.0',
      summary: 'Listens to shard channels.',
      complexity: 'O(n) of the channels',
      args: [keys('not_key', 'channels')],
    }),
  subscribe: () =>
    command({
      ...subscription,
      name: 'SUBSCRIBE',
      connection: 'changes',
      channels: 'subscribe',
      since: '2.0.0',
      summary: 'Listens to channels.',
      complexity: 'O(n) of the channels',
      args: [many('channels', keyKind)],
    }),
  sunsubscribe: () =>
    command({
      ...subscription,
      name: 'SUNSUBSCRIBE',
      connection: 'changes',
      since: '7.0.0',
      summary: 'Stops listening to shard channels, all if none is named.',
      complexity: 'O(n) of the channels',
      args: [many('channels', keyKind, { ...anyNumber, keys: keyTerm('not_key', 'rest') })],
    }),
  unsubscribe: () =>
    command({
      ...subscription,
      name: 'UNSUBSCRIBE',
      connection: 'changes',
      since: '2.0.0',
      summary: 'Stops listening to channels, all if none is named.',
      complexity: 'O(n) of the channels',
      args: [many('channels', keyKind, anyNumber)],
    }),
};
