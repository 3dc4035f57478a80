import {
  anyReply,
  command,
  double,
  fields,
  intReply as int,
  int64,
  key,
  list,
  nullable,
  ok,
  option,
  options,
  text,
} from './words.js';

const plain = { group: 'server', since: '4.0.0', flags: [], acl: [] } as const;
const ofAll = { tips: ['nondeterministic_output'], request: 'all_shards', response: 'special' } as const;

const database = fields({});
const memoryStats = fields((field) => {
  if (field.startsWith('db.')) return database;
  return /(percentage|ratio|^fragmentation)$/.test(field) ? double : undefined;
});

/** MEMORY and its subcommands. */
export const memoryCommands = {
  memory: () =>
    command({
      ...plain,
      name: 'MEMORY',
      summary: 'Holds the commands about memory.',
      complexity: 'Depends on the subcommand.',
      args: [],
      container: true,
      reply: anyReply,
    }),
  memoryDoctor: () =>
    command({
      ...plain,
      ...ofAll,
      name: 'MEMORY DOCTOR',
      summary: 'Says in words what is odd about the use of memory.',
      complexity: 'O(1)',
      args: [],
      reply: text,
    }),
  memoryHelp: () =>
    command({
      ...plain,
      name: 'MEMORY HELP',
      summary: 'Lists the subcommands of MEMORY.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      args: [],
      reply: list(text),
    }),
  memoryMallocStats: () =>
    command({
      ...plain,
      ...ofAll,
      name: 'MEMORY MALLOC-STATS',
      summary: 'Shows how the memory of the process is used.',
      complexity: 'O(1)',
      args: [],
      reply: text,
    }),
  memoryPurge: () =>
    command({
      ...plain,
      name: 'MEMORY PURGE',
      summary: 'Asks for unused memory to be given back to the system.',
      complexity: 'O(1)',
      args: [],
      reply: ok,
      request: 'all_shards',
      response: 'all_succeeded',
    }),
  memoryStats: () =>
    command({
      ...plain,
      ...ofAll,
      name: 'MEMORY STATS',
      summary: 'Returns what memory is used for.',
      complexity: 'O(1)',
      args: [],
      reply: memoryStats,
    }),
  memoryUsage: () =>
    command({
      ...plain,
      name: 'MEMORY USAGE',
      summary: 'Returns the bytes that a key and its value take, null if it is absent.',
      complexity: 'O(1)',
      flags: ['readonly'],
      args: [key('RO'), options([option('SAMPLES', 'samples', int64('count'))])],
      reply: nullable(int),
    }),
};
