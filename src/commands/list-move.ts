import { countedKeys, int, key, word } from './grammar.js';
import { option, options } from './options.js';
import { keyName, list, nullable, tuple, value } from './shape.js';
import { command } from './spec.js';

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

/** Which ends elements are moved between. */
export const moveEnds = [word('from', ends), word('to', ends)] as const;
export const popEnd = word('from', ends);

/** The list commands that take from one key and give to another, or take from the first of several. */
export const listMoveCommands = {
  lmove: command({
    name: 'LMOVE',
    group: 'list',
    since: '6.2.0',
    summary: 'Takes an element from one end of a list and puts it at one end of another or the same; returns it.',
    complexity: 'O(1)',
    flags: ['write', 'denyoom'],
    acl: ['list'],
    args: [key('RW access delete', 'source'), key('RW insert', 'destination'), ...moveEnds],
    reply: nullable(value),
  }),
  lmpop: command({
    name: 'LMPOP',
    group: 'list',
    since: '7.0.0',
    summary: 'Takes elements from one end of the first list that exists; returns its key and them.',
    complexity: 'O(k + n), k keys, n elements returned',
    flags: ['write', 'movablekeys'],
    acl: ['list'],
    args: [popKeys, popEnd, popCountOption],
    reply: poppedList,
    effects: 'own',
  }),
  rpoplpush: command({
    name: 'RPOPLPUSH',
    group: 'list',
    since: '1.2.0',
    summary: 'Takes the last element of a list and puts it at the head of another or the same; returns it.',
    complexity: 'O(1)',
    flags: ['write', 'denyoom'],
    acl: ['list'],
    args: [key('RW access delete', 'source'), key('RW insert', 'destination')],
    reply: nullable(value),
    deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
  }),
};
