import { addOptions, scoredMembers } from './scored-members.js';
import {
  command,
  double as doubleReply,
  intReply as int,
  key,
  lateNumber,
  list,
  manyValues,
  nullable,
  pairList,
  scanCursor,
  since,
  strictEnd,
  text,
  trailingFlag,
  tuple,
  valueReply as value,
  value as valueTerm,
  zscanOptions,
} from './words.js';
import { zsetCombineCommands } from './zset-combine.js';
import { zsetPopCommands } from './zset-pop.js';
import { zsetRangeCommands } from './zset-range.js';

const read = { group: 'sorted-set', acl: ['sortedset'], flags: ['readonly', 'fast'] } as const;
const write = { group: 'sorted-set', acl: ['sortedset'], flags: ['write', 'fast'] } as const;

const withScore = since('7.2.0', strictEnd(trailingFlag('WITHSCORE', 'withScore'), 'arity'));

/** The commands on sorted sets. */
export const zsetCommands = {
  ...zsetCombineCommands,
  ...zsetPopCommands,
  ...zsetRangeCommands,
  zadd: () =>
    command({
      ...write,
      name: 'ZADD',
      since: '1.2.0',
      summary: 'Adds members with scores, or gives members other scores.',
      complexity: 'O(log n) for each member',
      flags: ['write', 'denyoom', 'fast'],
      args: [key('RW update'), addOptions, scoredMembers],
      reply: int,
      forms: [
        {
          method: 'zadd',
          reply: int,
          omit: ['incr'],
          single: ['member', 'score'],
          note: 'Returns how many members are new; with `ch`, how many are new or changed.',
        },
        {
          method: 'zaddIncr',
          reply: nullable(doubleReply),
          fix: { incr: true },
          single: ['member', 'increment'],
          omit: ['ch'],
          note: 'Adds to the score of one member and returns the sum; null if an option prevented it.',
        },
      ],
    }),
  zcard: () =>
    command({
      ...read,
      name: 'ZCARD',
      since: '1.2.0',
      summary: 'Returns the number of members, 0 if the key is absent.',
      complexity: 'O(1)',
      args: [key('RO')],
      reply: int,
    }),
  zincrby: () =>
    command({
      ...write,
      name: 'ZINCRBY',
      since: '1.2.0',
      summary: 'Adds to the score of a member (0 if it is absent) and returns the sum.',
      complexity: 'O(log n)',
      flags: ['write', 'denyoom', 'fast'],
      args: [key('RW access update'), lateNumber('increment'), valueTerm('member')],
      reply: doubleReply,
    }),
  zmscore: () =>
    command({
      ...read,
      name: 'ZMSCORE',
      since: '6.2.0',
      summary: 'Returns the scores of several members, null for those that are absent.',
      complexity: 'O(n) of the members asked for',
      args: [key('RO access'), manyValues('members')],
      reply: list(nullable(doubleReply)),
    }),
  zrank: () =>
    command({
      ...read,
      name: 'ZRANK',
      since: '2.0.0',
      summary: 'Returns the rank of a member, 0 for the lowest score; null if it is absent.',
      complexity: 'O(log n)',
      args: [key('RO access'), valueTerm('member'), withScore],
      reply: nullable(int),
      forms: [
        { method: 'zrank', reply: nullable(int), omit: ['withScore'] },
        {
          method: 'zrankWithScore',
          reply: nullable(tuple(int, doubleReply)),
          fix: { withScore: true },
          note: 'Returns `[rank, score]`. Since Redis 7.2.',
        },
      ],
    }),
  zrem: () =>
    command({
      ...write,
      name: 'ZREM',
      since: '1.2.0',
      summary: 'Removes members; returns how many there were.',
      complexity: 'O(log n) for each member',
      args: [key('RW delete'), manyValues('members')],
      reply: int,
    }),
  zrevrank: () =>
    command({
      ...read,
      name: 'ZREVRANK',
      since: '2.0.0',
      summary: 'Returns how many members come after this one, null if it is absent.',
      complexity: 'O(log n)',
      args: [key('RO access'), valueTerm('member'), withScore],
      reply: nullable(int),
      forms: [
        { method: 'zrevrank', reply: nullable(int), omit: ['withScore'] },
        {
          method: 'zrevrankWithScore',
          reply: nullable(tuple(int, doubleReply)),
          fix: { withScore: true },
          note: 'Returns `[rank, score]`. Since Redis 7.2.',
        },
      ],
    }),
  zscan: () =>
    command({
      ...read,
      name: 'ZSCAN',
      since: '2.8.0',
      summary: 'Returns a part of the members with their scores, and the cursor for the next part: 0 at the end.',
      complexity: 'O(1) for each call, O(n) for a whole iteration',
      flags: ['readonly'],
      args: [key('RO access'), scanCursor, zscanOptions],
      reply: tuple(text, pairList(value, doubleReply)),
      forms: [
        { method: 'zscan', reply: tuple(text, pairList(value, doubleReply)), omit: ['noScores'] },
        {
          method: 'zscanNoScores',
          reply: tuple(text, list(value)),
          fix: { noScores: true },
          note: 'Returns the members alone. Of Valkey.',
        },
      ],
      tips: ['nondeterministic_output'],
    }),
  zscore: () =>
    command({
      ...read,
      name: 'ZSCORE',
      since: '1.2.0',
      summary: 'Returns the score of a member, null if it is absent.',
      complexity: 'O(1)',
      args: [key('RO access'), valueTerm('member')],
      reply: nullable(doubleReply),
    }),
};
