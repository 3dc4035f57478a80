import {
  anyReply,
  bytes,
  command,
  description,
  documentation,
  intReply as int,
  list,
  manyBytes,
  nullable,
  option,
  options,
  text,
  tuple,
  word,
} from './words.js';

const shared = { group: 'server', flags: ['loading', 'stale'], acl: ['connection'] } as const;

/** COMMAND and its subcommands: the table about itself. */
export const commandCommands = {
  command: () =>
    command({
      ...shared,
      name: 'COMMAND',
      since: '2.8.13',
      summary: 'Describes every command: arity, flags, keys, categories.',
      complexity: 'O(n) of the commands',
      args: [],
      arity: -1,
      container: true,
      reply: anyReply,
      tips: ['nondeterministic_output_order'],
    }),
  commandCount: () =>
    command({
      ...shared,
      name: 'COMMAND COUNT',
      since: '2.8.13',
      summary: 'Returns how many commands there are.',
      complexity: 'O(1)',
      args: [],
      reply: int,
    }),
  commandDocs: () =>
    command({
      ...shared,
      name: 'COMMAND DOCS',
      since: '7.0.0',
      summary: 'Returns the documentation of some commands, or of all.',
      complexity: 'O(n) of the commands asked for',
      args: [manyBytes('names', { min: 0 })],
      reply: documentation,
      tips: ['nondeterministic_output_order'],
    }),
  commandGetkeys: () =>
    command({
      ...shared,
      name: 'COMMAND GETKEYS',
      since: '2.8.13',
      summary: 'Returns the keys of a whole command.',
      complexity: 'O(n) of the arguments',
      args: [bytes('command'), manyBytes('args', { min: 0 })],
      arity: -3,
      before: [{ until: '7.2.0', arity: -4 }],
      reply: list(text),
    }),
  commandGetkeysandflags: () =>
    command({
      ...shared,
      name: 'COMMAND GETKEYSANDFLAGS',
      since: '7.0.0',
      summary: 'Returns the keys of a whole command, and what it does with each.',
      complexity: 'O(n) of the arguments',
      args: [bytes('command'), manyBytes('args', { min: 0 })],
      arity: -3,
      before: [{ until: '7.2.0', arity: -4 }],
      reply: list(tuple(text, list(text))),
    }),
  commandHelp: () =>
    command({
      ...shared,
      name: 'COMMAND HELP',
      since: '5.0.0',
      summary: 'Lists the subcommands of COMMAND.',
      complexity: 'O(1)',
      args: [],
      reply: list(text),
    }),
  commandInfo: () =>
    command({
      ...shared,
      name: 'COMMAND INFO',
      since: '2.8.13',
      summary: 'Describes some commands, or all; null for an unknown one.',
      complexity: 'O(n) of the commands asked for',
      args: [manyBytes('names', { min: 0 })],
      reply: list(nullable(description)),
      tips: ['nondeterministic_output_order'],
    }),
  commandList: () =>
    command({
      ...shared,
      name: 'COMMAND LIST',
      since: '7.0.0',
      summary: 'Returns the names of the commands, all or by module, ACL category or pattern.',
      complexity: 'O(n) of the commands',
      args: [options([option('FILTERBY', 'filterBy', word('by', ['MODULE', 'ACLCAT', 'PATTERN']), bytes('value'))])],
      reply: list(text),
      tips: ['nondeterministic_output_order'],
    }),
};
