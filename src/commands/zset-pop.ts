import {
  command,
  countedKeys,
  custom,
  double,
  flag,
  int,
  key,
  keyName,
  keys,
  last,
  lateNumber,
  list,
  nullable,
  option,
  optional,
  options,
  pairList,
  signedCount,
  tuple,
  valueReply as value,
  word,
} from './words.js';

const shared = { group: 'sorted-set', acl: ['sortedset'] } as const;

const popKeys = countedKeys('RW access delete', { error: 'ERR numkeys should be greater than 0' });
const where = word('where', ['MIN', 'MAX']);
const mpopCount = options(
  [option('COUNT', 'count', int('count', { min: 1, error: 'ERR count should be greater than 0' }))],
  {
    once: ['count'],
  },
);
const poppedMembers = nullable(tuple(keyName, pairList(value, double)));

const members = pairList(value, double);
/** No pair at all stands for null. */
const firstMember = custom(
  `[V['value'], number] | null`,
  (reply, view) => (members.decode(reply, view) as unknown[])[0] ?? null,
);

const pop = {
  ...shared,
  since: '5.0.0',
  complexity: 'O(log n) for each member returned',
  flags: ['write', 'fast'],
  args: [
    key('RW access delete'),
    last(optional(int('count', { min: 0, error: 'ERR value is out of range, must be positive' }))),
  ],
  reply: members,
} as const;

const blockingPop = {
  ...shared,
  since: '5.0.0',
  complexity: 'O(log n)',
  flags: ['write', 'blocking', 'fast'],
  before: [{ until: '7.2.0', flags: ['write', 'noscript', 'blocking', 'fast'] }],
  args: [keys('RW access delete'), lateNumber('timeout')],
  reply: nullable(tuple(keyName, value, double)),
  effects: 'own',
} as const;

/** The commands that take members from an end of a sorted set, or draw some at random. */
export const zsetPopCommands = {
  bzmpop: () =>
    command({
      ...shared,
      name: 'BZMPOP',
      since: '7.0.0',
      summary: 'As ZMPOP; waits for members if all sorted sets are empty.',
      complexity: 'O(k + m log n), k keys, m members returned',
      flags: ['write', 'blocking', 'movablekeys'],
      args: [lateNumber('timeout'), popKeys, where, mpopCount],
      reply: poppedMembers,
      effects: 'own',
    }),
  bzpopmax: () =>
    command({
      ...blockingPop,
      name: 'BZPOPMAX',
      summary:
        'Takes the member with the highest score of the first sorted set that has one, waiting for it; returns key, member, score.',
    }),
  bzpopmin: () =>
    command({
      ...blockingPop,
      name: 'BZPOPMIN',
      summary:
        'Takes the member with the lowest score of the first sorted set that has one, waiting for it; returns key, member, score.',
    }),
  zmpop: () =>
    command({
      ...shared,
      name: 'ZMPOP',
      since: '7.0.0',
      summary:
        'Takes members with the lowest or highest scores of the first sorted set that exists; returns its key and them.',
      complexity: 'O(k + m log n), k keys, m members returned',
      flags: ['write', 'movablekeys'],
      args: [popKeys, where, mpopCount],
      reply: poppedMembers,
      effects: 'own',
    }),
  zpopmax: () =>
    command({
      ...pop,
      name: 'ZPOPMAX',
      summary: 'Removes and returns the members with the highest scores.',
      forms: [
        { method: 'zpopmax', reply: firstMember, omit: ['count'] },
        { method: 'zpopmaxCount', reply: members, take: ['count'], note: 'Up to `count` members, highest first.' },
      ],
    }),
  zpopmin: () =>
    command({
      ...pop,
      name: 'ZPOPMIN',
      summary: 'Removes and returns the members with the lowest scores.',
      forms: [
        { method: 'zpopmin', reply: firstMember, omit: ['count'] },
        { method: 'zpopminCount', reply: members, take: ['count'], note: 'Up to `count` members, lowest first.' },
      ],
    }),
  zrandmember: () =>
    command({
      ...shared,
      name: 'ZRANDMEMBER',
      since: '6.2.0',
      summary: 'Draws members at random and leaves them in the sorted set.',
      complexity: 'O(m), m members returned',
      flags: ['readonly'],
      args: [
        key('RO access'),
        optional(signedCount('count')),
        options([flag('WITHSCORES', 'withScores')], { once: ['withScores'] }),
      ],
      reply: nullable(value),
      forms: [
        { method: 'zrandmember', reply: nullable(value), omit: ['count', 'withScores'] },
        {
          method: 'zrandmemberCount',
          reply: list(value),
          take: ['count'],
          omit: ['withScores'],
          note: 'Distinct members; with a negative count, exactly that many, maybe repeated.',
        },
        { method: 'zrandmemberWithScores', reply: members, take: ['count'], fix: { withScores: true } },
      ],
      tips: ['nondeterministic_output'],
    }),
};
