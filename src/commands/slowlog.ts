import { textFromBytes } from '../core/bytes.js';
import {
  anyReply,
  bytesOf,
  command,
  custom,
  int,
  intReply,
  itemsOf,
  list,
  ok,
  optional,
  strictEnd,
  text,
} from './words.js';

const admin = { group: 'server', since: '2.2.12', flags: ['admin', 'loading', 'stale'], acl: [] } as const;

const entry = custom(
  "{ id: number; time: Date; micros: number; argv: V['bytes'][]; address: string; name: string }",
  (reply, view) => {
    const [id, time, micros, argv, address, name] = itemsOf(reply) ?? [];
    return {
      id: Number(id),
      time: new Date(Number(time) * 1000),
      micros: Number(micros),
      argv: (itemsOf(argv ?? null) ?? []).map((arg) => view.bytes(bytesOf(arg) ?? '')),
      address: textFromBytes(bytesOf(address ?? null) ?? ''),
      name: textFromBytes(bytesOf(name ?? null) ?? ''),
    };
  },
);

/** SLOWLOG and its subcommands. */
export const slowlogCommands = {
  slowlog: () =>
    command({
      ...admin,
      flags: [],
      name: 'SLOWLOG',
      summary: 'Holds the commands about the log of slow commands.',
      complexity: 'Depends on the subcommand.',
      args: [],
      container: true,
      reply: anyReply,
    }),
  slowlogGet: () =>
    command({
      ...admin,
      name: 'SLOWLOG GET',
      summary: 'Returns the latest slow commands, newest first: 10 unless told otherwise, all for -1.',
      complexity: 'O(n) of the entries returned',
      args: [
        strictEnd(
          optional(int('count', { min: -1, error: 'ERR count should be greater than or equal to -1' })),
          'subcommand',
        ),
      ],
      reply: list(entry),
      tips: ['nondeterministic_output'],
      request: 'all_nodes',
    }),
  slowlogHelp: () =>
    command({
      ...admin,
      flags: ['loading', 'stale'],
      name: 'SLOWLOG HELP',
      since: '6.2.0',
      summary: 'Lists the subcommands of SLOWLOG.',
      complexity: 'O(1)',
      args: [],
      reply: list(text),
    }),
  slowlogLen: () =>
    command({
      ...admin,
      name: 'SLOWLOG LEN',
      summary: 'Counts the entries of the log of slow commands.',
      complexity: 'O(1)',
      args: [],
      reply: intReply,
      tips: ['nondeterministic_output'],
      request: 'all_nodes',
      response: 'agg_sum',
    }),
  slowlogReset: () =>
    command({
      ...admin,
      name: 'SLOWLOG RESET',
      summary: 'Empties the log of slow commands.',
      complexity: 'O(n) of the entries',
      args: [],
      reply: ok,
      request: 'all_nodes',
      response: 'all_succeeded',
    }),
};
