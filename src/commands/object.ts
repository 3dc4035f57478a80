import { anyReply, command, intReply as int, key, list, nullable, text } from './words.js';

const question = {
  group: 'generic',
  complexity: 'O(1)',
  flags: ['readonly'],
  acl: ['keyspace'],
  args: [key('RO')],
  tips: ['nondeterministic_output'],
} as const;

/** OBJECT: how a value is stored. */
export const objectCommands = {
  object: () =>
    command({
      name: 'OBJECT',
      group: 'generic',
      since: '2.2.3',
      summary: 'Holds the questions about how values are kept.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      acl: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  objectEncoding: () =>
    command({
      ...question,
      name: 'OBJECT ENCODING',
      since: '2.2.3',
      summary: 'Returns the name of the form in which the value of a key is kept, null if the key is absent.',
      reply: nullable(text),
    }),
  objectFreq: () =>
    command({
      ...question,
      name: 'OBJECT FREQ',
      since: '4.0.0',
      summary: 'Returns how often a key is used, on a logarithmic scale. Only with an LFU eviction policy.',
      reply: nullable(int),
    }),
  objectHelp: () =>
    command({
      name: 'OBJECT HELP',
      group: 'generic',
      since: '6.2.0',
      summary: 'Lists the subcommands of OBJECT.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      acl: ['keyspace'],
      args: [],
      reply: list(text),
    }),
  objectIdletime: () =>
    command({
      ...question,
      name: 'OBJECT IDLETIME',
      since: '2.2.3',
      summary: 'Returns the seconds since a key was last used. Not with an LFU eviction policy.',
      reply: nullable(int),
    }),
  objectRefcount: () =>
    command({
      ...question,
      name: 'OBJECT REFCOUNT',
      since: '2.2.3',
      summary: 'Returns how many references the value of a key has, as a Redis server would count them.',
      reply: nullable(int),
    }),
};
