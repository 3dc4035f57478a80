import { moveEnds, popCountOption, popEnd, popKeys, poppedList } from './list-move.js';
import { command, key, keyName, keys, lateNumber, nullable, tuple, valueReply as value } from './words.js';

const shared = { group: 'list', acl: ['list'], effects: 'own' } as const;
const pop = {
  ...shared,
  since: '2.0.0',
  complexity: 'O(k) of the keys',
  flags: ['write', 'blocking'],
  before: [{ until: '7.2.0', flags: ['write', 'noscript', 'blocking'] }],
  args: [keys('RW access delete'), lateNumber('timeout')],
  reply: nullable(tuple(keyName, value)),
} as const;

/** Blocking list commands. Timeouts are in seconds; 0 waits indefinitely. */
export const listBlockingCommands = {
  blmove: () =>
    command({
      ...shared,
      name: 'BLMOVE',
      since: '6.2.0',
      summary: 'As LMOVE; waits for an element if the source is empty.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'blocking'],
      before: [{ until: '7.2.0', flags: ['write', 'denyoom', 'noscript', 'blocking'] }],
      args: [key('RW access delete', 'source'), key('RW insert', 'destination'), ...moveEnds, lateNumber('timeout')],
      reply: nullable(value),
    }),
  blmpop: () =>
    command({
      ...shared,
      name: 'BLMPOP',
      since: '7.0.0',
      summary: 'As LMPOP; waits for elements if all lists are empty.',
      complexity: 'O(k + n), k keys, n elements returned',
      flags: ['write', 'blocking', 'movablekeys'],
      args: [lateNumber('timeout'), popKeys, popEnd, popCountOption],
      reply: poppedList,
    }),
  blpop: () =>
    command({
      ...pop,
      name: 'BLPOP',
      summary: 'Removes the first element of the first list that has one, waiting for one; returns key and element.',
    }),
  brpop: () =>
    command({
      ...pop,
      name: 'BRPOP',
      summary: 'Removes the last element of the first list that has one, waiting for one; returns key and element.',
    }),
  brpoplpush: () =>
    command({
      ...shared,
      name: 'BRPOPLPUSH',
      since: '2.2.0',
      summary: 'As RPOPLPUSH; waits for an element if the source is empty.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'blocking'],
      before: [{ until: '7.2.0', flags: ['write', 'denyoom', 'noscript', 'blocking'] }],
      args: [key('RW access delete', 'source'), key('RW insert', 'destination'), lateNumber('timeout')],
      reply: nullable(value),
      deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments' },
    }),
};
