import type { Bytes } from '../core/bytes.js';
import { bitRangeWords } from './bit-range.js';
import { bitfieldOperations } from './bitfield-operations.js';
import {
  command,
  custom,
  int,
  intKind,
  intReply,
  key,
  keyAt,
  keys,
  lateKind,
  list,
  nullable,
  of,
  VALKEY_ONLY,
  word,
} from './words.js';

const bit = custom('0 | 1', (reply) => Number(reply));

/** Whether a BITFIELD only has reading operations; if in doubt it counts as writing. */
function onlyReads(argv: readonly Bytes[]): boolean {
  for (let at = 2; at < argv.length; ) {
    const word = argv[at].toLowerCase();
    if (word !== 'get' && word !== 'overflow') return false;
    at += word === 'get' ? 3 : 2;
    if (at > argv.length) return false;
  }
  return true;
}

/** The commands on the bits of a string. */
export const bitmapCommands = {
  bitcount: () =>
    command({
      name: 'BITCOUNT',
      group: 'bitmap',
      since: '2.6.0',
      summary: 'Counts the bits that are 1 in a string or a range of it.',
      complexity: 'O(n) of the bytes',
      flags: ['readonly'],
      acl: ['bitmap'],
      args: [key('RO access'), bitRangeWords(true)],
      before: [{ until: VALKEY_ONLY, args: [key('RO access'), bitRangeWords(false)] }],
      reply: intReply,
    }),
  bitfield: () =>
    command({
      name: 'BITFIELD',
      group: 'bitmap',
      since: '3.2.0',
      summary: 'Reads, writes and increments integers of any width inside a string.',
      complexity: 'O(1) per operation',
      flags: ['write', 'denyoom'],
      acl: ['bitmap'],
      args: [key('RW access update'), bitfieldOperations],
      reply: list(nullable(intReply)),
      keySpecs: [
        keyAt(1, ['RW', 'access', 'update', 'variable_flags'], {
          notes: 'This command allows both access and modification of the key',
        }),
      ],
      findKeys: (argv) => [{ index: 1, flags: onlyReads(argv) ? ['RO', 'access'] : ['RW', 'access', 'update'] }],
    }),
  bitfieldRo: () =>
    command({
      name: 'BITFIELD_RO',
      group: 'bitmap',
      since: '6.0.0',
      summary: 'Reads integers of any width inside a string.',
      complexity: 'O(1) per operation',
      flags: ['readonly', 'fast'],
      acl: ['bitmap'],
      args: [key('RO access'), bitfieldOperations],
      reply: list(intReply),
      forms: [{ method: 'bitfieldRo', reply: list(intReply), note: 'Only `get` operations are allowed.' }],
    }),
  bitop: () =>
    command({
      name: 'BITOP',
      group: 'bitmap',
      since: '2.6.0',
      summary: 'Combines strings bit by bit and stores the result; returns its length in bytes.',
      complexity: 'O(n) of the bytes',
      flags: ['write', 'denyoom'],
      acl: ['bitmap'],
      args: [
        word('operation', ['AND', 'OR', 'XOR', 'NOT', 'DIFF', 'DIFF1', 'ANDOR', 'ONE']),
        key('OW update', 'destination'),
        keys('RO access', 'sources'),
      ],
      before: [
        {
          until: '8.2.0',
          args: [
            word('operation', ['AND', 'OR', 'XOR', 'NOT']),
            key('OW update', 'destination'),
            keys('RO access', 'sources'),
          ],
        },
      ],
      reply: intReply,
    }),
  bitpos: () =>
    command({
      name: 'BITPOS',
      group: 'bitmap',
      since: '2.8.7',
      summary: 'Finds the first bit that is 1, or 0, in a string or a range of it; −1 if there is none.',
      complexity: 'O(n) of the bytes',
      flags: ['readonly'],
      acl: ['bitmap'],
      args: [
        key('RO access'),
        int('bit', { min: 0, max: 1, rangeError: 'ERR The bit argument must be 1 or 0.' }),
        bitRangeWords(true),
      ],
      reply: intReply,
    }),
  getbit: () =>
    command({
      name: 'GETBIT',
      group: 'bitmap',
      since: '2.2.0',
      summary: 'Returns the bit at an offset; beyond the end every bit is 0.',
      complexity: 'O(1)',
      flags: ['readonly', 'fast'],
      acl: ['bitmap'],
      args: [key('RO access'), of('offset', lateKind(intKind()))],
      reply: bit,
    }),
  setbit: () =>
    command({
      name: 'SETBIT',
      group: 'bitmap',
      since: '2.2.0',
      summary: 'Sets the bit at an offset, in a string that grows as needed; returns the bit that was there.',
      complexity: 'O(1), and O(n) of the bytes added',
      flags: ['write', 'denyoom'],
      acl: ['bitmap'],
      args: [key('RW access update'), of('offset', lateKind(intKind())), of('value', lateKind(intKind()))],
      reply: bit,
    }),
};
