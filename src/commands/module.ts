import { anyReply, bytes, command, fields, list, manyBytes, ok, text } from './words.js';

const loading = {
  group: 'server',
  since: '4.0.0',
  flags: ['admin', 'noscript', 'protected', 'no_async_loading'],
  acl: [],
  reply: ok,
  hidden: true,
  complexity: 'O(1)',
} as const;

/** MODULE and its subcommands. Modules are machine code for Redis itself: none can be loaded here. */
export const moduleCommands = {
  module: () =>
    command({
      name: 'MODULE',
      group: 'server',
      since: '4.0.0',
      summary: 'Holds the commands about modules.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      acl: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  moduleHelp: () =>
    command({
      name: 'MODULE HELP',
      group: 'server',
      since: '5.0.0',
      summary: 'Lists the subcommands of MODULE.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      acl: [],
      args: [],
      reply: list(text),
    }),
  moduleList: () =>
    command({
      name: 'MODULE LIST',
      group: 'server',
      since: '4.0.0',
      summary: 'Lists the modules that are loaded.',
      complexity: 'O(n) of the modules',
      flags: ['admin', 'noscript'],
      acl: [],
      args: [],
      reply: list({ ...fields({}), type: 'ReplyValue<V>' }),
      tips: ['nondeterministic_output_order'],
    }),
  moduleLoad: () =>
    command({
      ...loading,
      name: 'MODULE LOAD',
      summary: 'Would load a module; modules of Redis cannot run here.',
      args: [bytes('path'), manyBytes('args', { min: 0 })],
    }),
  moduleLoadex: () =>
    command({
      ...loading,
      name: 'MODULE LOADEX',
      since: '7.0.0',
      summary: 'Would load a module with its configuration; modules of Redis cannot run here.',
      args: [bytes('path'), manyBytes('args', { min: 0 })],
    }),
  moduleUnload: () =>
    command({
      ...loading,
      name: 'MODULE UNLOAD',
      summary: 'Would unload a module.',
      args: [bytes('name')],
    }),
};
