import { anyReply, command, keys, list, ok } from './words.js';

const quick = {
  group: 'transactions',
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  acl: ['transaction'],
  hidden: true,
} as const;

/** MULTI and related commands. The façade has an API of its own for them. */
export const transactionCommands = {
  discard: () =>
    command({
      ...quick,
      name: 'DISCARD',
      connection: 'changes',
      since: '2.0.0',
      summary: 'Drops the commands queued since MULTI, and all watches.',
      complexity: 'O(n) of the queued commands',
      args: [],
      reply: ok,
    }),
  exec: () =>
    command({
      ...quick,
      name: 'EXEC',
      connection: 'changes',
      since: '1.2.0',
      summary: 'Carries out the commands queued since MULTI; null if a watched key was changed.',
      complexity: 'Depends on the commands',
      flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
      args: [],
      reply: list(anyReply),
    }),
  multi: () =>
    command({
      ...quick,
      name: 'MULTI',
      connection: 'changes',
      since: '1.2.0',
      summary: 'Starts a transaction: commands are queued until EXEC.',
      complexity: 'O(1)',
      args: [],
      reply: ok,
    }),
  unwatch: () =>
    command({
      ...quick,
      name: 'UNWATCH',
      connection: 'changes',
      since: '2.2.0',
      summary: 'Forgets all watched keys.',
      complexity: 'O(1)',
      args: [],
      reply: ok,
    }),
  watch: () =>
    command({
      ...quick,
      name: 'WATCH',
      connection: 'changes',
      since: '2.2.0',
      summary: 'Makes the next EXEC fail if one of the keys is changed until then.',
      complexity: 'O(n) of the keys',
      args: [keys('RO')],
      reply: ok,
    }),
};
