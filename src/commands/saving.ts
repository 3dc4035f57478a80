import { command, custom, flag, ok, options, sinceValkey, text } from './words.js';

const unixDate = custom('Date', (reply) => new Date(Number(reply) * 1000));

/** Snapshots and the log of changes. */
export const savingCommands = {
  bgrewriteaof: () =>
    command({
      name: 'BGREWRITEAOF',
      group: 'server',
      since: '1.0.0',
      summary: 'Starts to write the append-only file anew, as short as can be.',
      complexity: 'O(1), and O(n) of the data beside the commands',
      flags: ['no_async_loading', 'admin', 'noscript'],
      acl: [],
      args: [],
      reply: text,
    }),
  bgsave: () =>
    command({
      name: 'BGSAVE',
      group: 'server',
      since: '1.0.0',
      summary: 'Starts to save a snapshot of the data as they are now, beside the commands.',
      complexity: 'O(1), and O(n) of the data beside the commands',
      flags: ['no_async_loading', 'admin', 'noscript'],
      acl: [],
      args: [
        options([flag('SCHEDULE', 'schedule'), sinceValkey('8.1.0', flag('CANCEL', 'cancel'))], {
          exclusive: [['schedule', 'cancel']],
        }),
      ],
      reply: text,
    }),
  lastsave: () =>
    command({
      name: 'LASTSAVE',
      group: 'server',
      since: '1.0.0',
      summary: 'Returns when the data was last saved.',
      complexity: 'O(1)',
      flags: ['loading', 'stale', 'fast'],
      acl: ['admin', 'dangerous'],
      args: [],
      reply: unixDate,
      tips: ['nondeterministic_output'],
    }),
  save: () =>
    command({
      name: 'SAVE',
      group: 'server',
      since: '1.0.0',
      summary: 'Saves a snapshot of the data; everything else waits.',
      complexity: 'O(n) of the data',
      flags: ['no_async_loading', 'admin', 'noscript', 'no_multi'],
      acl: [],
      args: [],
      reply: ok,
    }),
};
