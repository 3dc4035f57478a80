import { textFromBytes } from '../core/bytes.js';
import { aclCommands } from './acl.js';
import { commandCommands } from './command.js';
import { configCommands } from './config.js';
import { debugCommands } from './debug.js';
import { latencyCommands } from './latency.js';
import { memoryCommands } from './memory.js';
import { moduleCommands } from './module.js';
import { replicationCommands } from './replication.js';
import { savingCommands } from './saving.js';
import { slowlogCommands } from './slowlog.js';
import {
  bytesOf,
  command,
  custom,
  flag,
  intReply as int,
  itemsOf,
  lateNumber,
  manyBytes,
  ok,
  optional,
  options,
  type Shape,
  text,
  word,
} from './words.js';

/** `# Section`, then `field:value` lines, as section → field → value; section names in lower case. */
const sections: Shape = custom('Record<string, Record<string, string>>', (reply) => {
  const found: Record<string, Record<string, string>> = {};
  let current: Record<string, string> = {};
  for (const line of textFromBytes(bytesOf(reply) ?? '').split('\r\n')) {
    const colon = line.indexOf(':');
    if (line.startsWith('# ')) current = found[line.slice(2).toLowerCase()] = {};
    else if (colon > 0) current[line.slice(0, colon)] = line.slice(colon + 1);
  }
  return found;
});

const clockTime: Shape = custom('[seconds: number, micros: number]', (reply) => (itemsOf(reply) ?? []).map(Number));

const flush = {
  group: 'server',
  since: '1.0.0',
  flags: ['write'],
  acl: ['keyspace', 'dangerous'],
  args: [optional(word('mode', ['ASYNC', 'SYNC']))],
  arity: -1,
  reply: ok,
  request: 'all_shards',
  response: 'all_succeeded',
  effects: 'own',
} as const;

const nondeterministic = ['nondeterministic_output'] as const;

/** The commands about the whole server. */
export const serverCommands = {
  ...aclCommands,
  ...commandCommands,
  ...configCommands,
  ...debugCommands,
  ...latencyCommands,
  ...memoryCommands,
  ...moduleCommands,
  ...replicationCommands,
  ...savingCommands,
  ...slowlogCommands,
  dbsize: () =>
    command({
      name: 'DBSIZE',
      group: 'server',
      since: '1.0.0',
      summary: 'Counts the keys of the selected database.',
      complexity: 'O(1)',
      flags: ['readonly', 'fast'],
      acl: ['keyspace'],
      args: [],
      reply: int,
      request: 'all_shards',
      response: 'agg_sum',
    }),
  flushall: () =>
    command({
      ...flush,
      name: 'FLUSHALL',
      summary: 'Removes all keys of all databases.',
      complexity: 'O(n) of the keys',
    }),
  flushdb: () =>
    command({
      ...flush,
      name: 'FLUSHDB',
      summary: 'Removes all keys of the selected database.',
      complexity: 'O(n) of the keys',
    }),
  info: () =>
    command({
      name: 'INFO',
      group: 'server',
      since: '1.0.0',
      summary: 'Returns facts and figures about the server, by section.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      acl: ['dangerous'],
      args: [manyBytes('sections', { min: 0 })],
      reply: sections,
      tips: nondeterministic,
      request: 'all_shards',
      response: 'special',
    }),
  lolwut: () =>
    command({
      name: 'LOLWUT',
      group: 'server',
      since: '5.0.0',
      summary: 'Draws a picture, and tells the version.',
      complexity: 'O(n) of the characters drawn',
      flags: ['readonly', 'fast'],
      acl: [],
      args: [manyBytes('args', { min: 0 })],
      reply: text,
    }),
  monitor: () =>
    command({
      name: 'MONITOR',
      connection: 'changes',
      group: 'server',
      since: '1.0.0',
      summary: 'Shows every command that any client gives from now on.',
      complexity: 'O(1), and a line for each command',
      flags: ['admin', 'noscript', 'loading', 'stale'],
      acl: [],
      args: [],
      reply: ok,
      hidden: true,
    }),
  shutdown: () =>
    command({
      name: 'SHUTDOWN',
      group: 'server',
      since: '1.0.0',
      summary: 'Ends the server.',
      complexity: 'O(1)',
      flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
      acl: [],
      args: [
        options([
          flag('NOSAVE', 'nosave'),
          flag('SAVE', 'save'),
          flag('NOW', 'now'),
          flag('FORCE', 'force'),
          flag('ABORT', 'abort'),
        ]),
      ],
      reply: ok,
      hidden: true,
    }),
  swapdb: () =>
    command({
      name: 'SWAPDB',
      group: 'server',
      since: '4.0.0',
      summary: 'Exchanges the contents of two databases.',
      complexity: 'O(n) of the clients that watch or wait for keys of either',
      flags: ['write', 'fast'],
      acl: ['keyspace', 'dangerous'],
      args: [lateNumber('index1'), lateNumber('index2')],
      reply: ok,
    }),
  time: () =>
    command({
      name: 'TIME',
      group: 'server',
      since: '2.6.0',
      summary: "Returns the server's time: Unix seconds, and microseconds of the second.",
      complexity: 'O(1)',
      flags: ['loading', 'stale', 'fast'],
      acl: [],
      args: [],
      reply: clockTime,
      tips: nondeterministic,
    }),
};
