import {
  command,
  countedKeys,
  int,
  key,
  keyName,
  list,
  nullable,
  option,
  options,
  tuple,
  valueReply as value,
  word,
} from './words.js';

/** `numkeys key [key ...]` of the commands that pop from the first of several keys. */
export const popKeys = countedKeys('RW access delete', { error: 'ERR numkeys should be greater than 0' });

/** `COUNT count` of the same. */
export const popCountOption = options(
  [option('COUNT', 'count', int('count', { min: 1, error: 'ERR count should be greater than 0' }))],
  {
    once: ['count'],
  },
);

export const poppedList = nullable(tuple(keyName, list(value)));

const ends = ['LEFT', 'RIGHT'] as const;

/** The ends between which elements are moved. */
export const moveEnds = [word('from', ends), word('to', ends)] as const;
export const popEnd = word('from', ends);

/** The list commands that move between keys, or pop from the first of several. */
export const listMoveCommands = {
  lmove: () =>
    command({
      name: 'LMOVE',
      group: 'list',
      since: '6.2.0',
      summary: 'Moves an element from one end of a list to one end of another or the same; returns it.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom'],
      acl: ['list'],
      args: [key('RW access delete', 'source'), key('RW insert', 'destination'), ...moveEnds],
      reply: nullable(value),
    }),
  lmpop: () =>
    command({
      name: 'LMPOP',
      group: 'list',
      since: '7.0.0',
      summary: 'Removes elements from one end of the first list that exists; returns its key and the elements.',
      complexity: 'O(k + n), k keys, n elements returned',
      flags: ['write', 'movablekeys'],
      acl: ['list'],
      args: [popKeys, popEnd, popCountOption],
      reply: poppedList,
      effects: 'own',
    }),
  rpoplpush: () =>
    command({
      name: 'RPOPLPUSH',
      group: 'list',
      since: '1.2.0',
      summary: 'Moves the last element of a list to the head of another or the same; returns it.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom'],
      acl: ['list'],
      args: [key('RW access delete', 'source'), key('RW insert', 'destination')],
      reply: nullable(value),
      deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
    }),
};
