import { anyReply, bytesKind, command, list, manyBytes, ok, pairs, record, text } from './words.js';

const admin = { group: 'server', flags: ['admin', 'noscript', 'loading', 'stale'], acl: [] } as const;

/** CONFIG and its subcommands. */
export const configCommands = {
  config: () =>
    command({
      name: 'CONFIG',
      group: 'server',
      since: '2.0.0',
      summary: 'Holds the commands about configuration parameters.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      acl: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  configGet: () =>
    command({
      ...admin,
      name: 'CONFIG GET',
      since: '2.0.0',
      summary: 'Returns the parameters whose names match one of the patterns, with their values.',
      complexity: 'O(n) of the parameters',
      args: [manyBytes('patterns')],
      reply: record(text),
    }),
  configHelp: () =>
    command({
      ...admin,
      flags: ['loading', 'stale'],
      name: 'CONFIG HELP',
      since: '5.0.0',
      summary: 'Lists the subcommands of CONFIG.',
      complexity: 'O(1)',
      args: [],
      reply: list(text),
    }),
  configResetstat: () =>
    command({
      ...admin,
      name: 'CONFIG RESETSTAT',
      allTips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      before: [{ until: '7.2.0', allTips: undefined }],
      since: '2.0.0',
      summary: 'Sets the counters that INFO shows back to zero.',
      complexity: 'O(1)',
      args: [],
      reply: ok,
    }),
  configRewrite: () =>
    command({
      ...admin,
      name: 'CONFIG REWRITE',
      allTips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      before: [{ until: '7.2.0', allTips: undefined }],
      since: '2.8.0',
      summary: 'Writes the parameters as they are now to the configuration file, keeping its comments and order.',
      complexity: 'O(n) of the parameters',
      args: [],
      reply: ok,
    }),
  configSet: () =>
    command({
      ...admin,
      name: 'CONFIG SET',
      since: '2.0.0',
      summary: 'Sets parameters, all of them or none.',
      complexity: 'O(n) of the parameters',
      args: [pairs('parameters', ['parameter', bytesKind], ['value', bytesKind], { odd: 'syntax' })],
      arity: -4,
      reply: ok,
      forms: [{ method: 'configSet', reply: ok, single: ['parameter', 'value'] }],
      request: 'all_nodes',
      response: 'all_succeeded',
    }),
};
