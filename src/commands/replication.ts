import { anyReply, bytes, command, lateNumber, manyBytes, ok } from './words.js';

const follow = {
  group: 'server',
  complexity: 'O(1)',
  flags: ['admin', 'noscript', 'stale', 'no_async_loading'],
  acl: [],
  args: [bytes('host'), bytes('port')],
  reply: ok,
} as const;

const asking = {
  group: 'server',
  complexity: 'O(n) of the data, or of what was missed',
  flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'],
  acl: [],
  reply: anyReply,
  hidden: true,
} as const;

/** The commands between primaries and replicas. */
export const replicationCommands = {
  failover: () =>
    command({
      name: 'FAILOVER',
      group: 'server',
      since: '6.2.0',
      summary: 'Hands the role of the primary to a replica once that has all writes; writes wait meanwhile.',
      complexity: 'O(1)',
      flags: ['admin', 'noscript', 'stale'],
      acl: [],
      args: [manyBytes('args', { min: 0 })],
      reply: ok,
      hidden: true,
    }),
  psync: () =>
    command({
      ...asking,
      name: 'PSYNC',
      connection: 'changes',
      since: '2.8.0',
      summary: 'Makes the connection that of a replica, which asks for what follows a place in a history of changes.',
      args: [bytes('replicationId'), lateNumber('offset'), manyBytes('rest', { min: 0 })],
      arity: -3,
    }),
  replconf: () =>
    command({
      name: 'REPLCONF',
      group: 'server',
      since: '3.0.0',
      summary: 'Informs a primary about a replica, and how far it is.',
      complexity: 'O(1)',
      flags: ['admin', 'noscript', 'loading', 'stale', 'allow_busy'],
      acl: [],
      args: [manyBytes('args', { min: 0 })],
      arity: -1,
      reply: ok,
      hidden: true,
    }),
  replicaof: () =>
    command({
      ...follow,
      name: 'REPLICAOF',
      since: '5.0.0',
      summary: 'Makes the server a replica of another one, or, with NO ONE, a primary again.',
    }),
  role: () =>
    command({
      name: 'ROLE',
      group: 'server',
      since: '2.8.12',
      summary: 'Returns whether the server is a primary or a replica, and of whom.',
      complexity: 'O(1)',
      flags: ['noscript', 'loading', 'stale', 'fast'],
      acl: ['admin', 'dangerous'],
      args: [],
      reply: anyReply,
    }),
  slaveof: () =>
    command({
      ...follow,
      name: 'SLAVEOF',
      since: '1.0.0',
      summary: 'The old name of REPLICAOF.',
      deprecated: { since: '5.0.0', replacedBy: 'REPLICAOF' },
    }),
  sync: () =>
    command({
      ...asking,
      name: 'SYNC',
      connection: 'changes',
      since: '1.0.0',
      summary: 'Makes the connection that of a replica, which asks for all data and all changes from then on.',
      args: [],
    }),
};
