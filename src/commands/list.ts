import { INT64_MIN, parseInt64 } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import { listBlockingCommands } from './list-blocking.js';
import { listMoveCommands } from './list-move.js';
import type { Kind } from './term.js';
import {
  command,
  int,
  intKind,
  intReply,
  key,
  lateNumber,
  list,
  manyValues,
  nullable,
  of,
  ok,
  option,
  optional,
  options,
  strictEnd,
  valueReply as value,
  value as valueTerm,
  word,
} from './words.js';

const read = { group: 'list', acl: ['list'], flags: ['readonly'] } as const;
const push = {
  group: 'list',
  acl: ['list'],
  flags: ['write', 'denyoom', 'fast'],
  complexity: 'O(1) for each element',
} as const;
const pop = {
  group: 'list',
  acl: ['list'],
  flags: ['write', 'fast'],
  since: '1.0.0',
  complexity: 'O(n) of the elements returned',
} as const;
const change = { group: 'list', acl: ['list'], flags: ['write'], since: '1.0.0' } as const;

const positive = 'ERR value is out of range, must be positive';
const popCount = strictEnd(optional(int('count', { min: 0, error: positive })), 'arity');

const rankZero = new ErrorReply(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);

/**
 * The rank of the wanted match; negative ranks count from the tail. The magnitude of -2^63 does not fit: Redis then
 * begins with the first match.
 */
const rankKind: Kind<number> = {
  ...intKind(),
  parse(bytes) {
    const value = parseInt64(bytes);
    if (value === null) throw replyErrors.notInteger;
    if (value === 0n) throw rankZero;
    if (value === INT64_MIN) return -1;
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
  },
};

const lposOptions = options([
  option('RANK', 'rank', of('rank', rankKind)),
  option('COUNT', 'count', int('count', { min: 0, error: "ERR COUNT can't be negative" })),
  option('MAXLEN', 'maxLen', int('maxLen', { min: 0, error: "ERR MAXLEN can't be negative" })),
]);

/** The commands on lists. */
export const listCommands = {
  ...listBlockingCommands,
  ...listMoveCommands,
  lindex: () =>
    command({
      ...read,
      name: 'LINDEX',
      since: '1.0.0',
      summary: 'Returns the element at an index, null outside the list; negative indices count from the tail.',
      complexity: 'O(n) of the distance to the nearer end',
      args: [key('RO access'), lateNumber('index')],
      reply: nullable(value),
    }),
  linsert: () =>
    command({
      ...push,
      name: 'LINSERT',
      since: '2.2.0',
      summary:
        'Puts an element before or after the first one equal to a pivot; returns the new length, -1 without pivot, 0 without list.',
      complexity: 'O(n) of the distance from the head to the pivot',
      flags: ['write', 'denyoom'],
      args: [key('RW insert'), word('where', ['BEFORE', 'AFTER']), valueTerm('pivot'), valueTerm('element')],
      reply: intReply,
    }),
  llen: () =>
    command({
      ...read,
      name: 'LLEN',
      since: '1.0.0',
      summary: 'Returns the length of a list, 0 if it is absent.',
      complexity: 'O(1)',
      flags: ['readonly', 'fast'],
      args: [key('RO')],
      reply: intReply,
    }),
  lpop: () =>
    command({
      ...pop,
      name: 'LPOP',
      summary: 'Removes and returns elements from the head of a list.',
      args: [key('RW access delete'), popCount],
      reply: nullable(value),
      forms: [
        { method: 'lpop', reply: nullable(value), omit: ['count'] },
        {
          method: 'lpopCount',
          reply: nullable(list(value)),
          take: ['count'],
          note: 'Up to `count` elements; null if there is no list.',
        },
      ],
    }),
  lpos: () =>
    command({
      ...read,
      name: 'LPOS',
      since: '6.0.6',
      summary: 'Finds the index of an element.',
      complexity: 'O(n) of the elements looked at',
      args: [key('RO access'), valueTerm('element'), lposOptions],
      reply: nullable(intReply),
      forms: [
        { method: 'lpos', reply: nullable(intReply), omit: ['count'] },
        { method: 'lposCount', reply: list(intReply), take: ['count'], note: 'Up to `count` indices, all if it is 0.' },
      ],
    }),
  lpush: () =>
    command({
      ...push,
      name: 'LPUSH',
      since: '1.0.0',
      summary:
        'Puts elements at the head of a list one after the other, making it if it is absent; returns the new length.',
      args: [key('RW insert'), manyValues('elements')],
      reply: intReply,
    }),
  lpushx: () =>
    command({
      ...push,
      name: 'LPUSHX',
      since: '2.2.0',
      summary: 'Puts elements at the head of a list that exists; returns its length, 0 if it is absent.',
      args: [key('RW insert'), manyValues('elements')],
      reply: intReply,
    }),
  lrange: () =>
    command({
      ...read,
      name: 'LRANGE',
      since: '1.0.0',
      summary: 'Returns the elements between two indices, both included; negative ones count from the tail.',
      complexity: 'O(s + n), s the distance of start from the nearer end, n the elements returned',
      args: [key('RO access'), int('start'), int('stop')],
      reply: list(value),
    }),
  lrem: () =>
    command({
      ...change,
      name: 'LREM',
      summary:
        'Removes elements equal to a value: `count` from the head, -`count` from the tail if negative, all if 0.',
      complexity: 'O(n)',
      args: [key('RW delete'), int('count'), valueTerm('element')],
      reply: intReply,
    }),
  lset: () =>
    command({
      ...change,
      name: 'LSET',
      summary: 'Replaces the element at an index.',
      complexity: 'O(n) of the distance to the nearer end',
      flags: ['write', 'denyoom'],
      args: [key('RW update'), lateNumber('index'), valueTerm('element')],
      reply: ok,
    }),
  ltrim: () =>
    command({
      ...change,
      name: 'LTRIM',
      summary: 'Keeps only the elements between two indices, both included.',
      complexity: 'O(n) of the elements removed',
      args: [key('RW delete'), int('start'), int('stop')],
      reply: ok,
    }),
  rpop: () =>
    command({
      ...pop,
      name: 'RPOP',
      summary: 'Removes and returns elements from the tail of a list.',
      args: [key('RW access delete'), popCount],
      reply: nullable(value),
      forms: [
        { method: 'rpop', reply: nullable(value), omit: ['count'] },
        {
          method: 'rpopCount',
          reply: nullable(list(value)),
          take: ['count'],
          note: 'Up to `count` elements; null if there is no list.',
        },
      ],
    }),
  rpush: () =>
    command({
      ...push,
      name: 'RPUSH',
      since: '1.0.0',
      summary: 'Puts elements at the tail of a list, making it if it is absent; returns the new length.',
      args: [key('RW insert'), manyValues('elements')],
      reply: intReply,
    }),
  rpushx: () =>
    command({
      ...push,
      name: 'RPUSHX',
      since: '2.2.0',
      summary: 'Puts elements at the tail of a list that exists; returns its length, 0 if it is absent.',
      args: [key('RW insert'), manyValues('elements')],
      reply: intReply,
    }),
};
