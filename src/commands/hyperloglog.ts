import {
  anyReply,
  bool,
  bytes,
  command,
  intReply as int,
  key,
  keyAt,
  keyKind,
  keys,
  keyTerm,
  many,
  manyValues,
  ok,
} from './words.js';

/** The commands on HyperLogLogs. */
export const hyperloglogCommands = {
  pfadd: () =>
    command({
      name: 'PFADD',
      group: 'hyperloglog',
      since: '2.8.9',
      summary: 'Shows elements to a HyperLogLog, making it if it is absent; true if its estimate may have changed.',
      complexity: 'O(1) per element',
      flags: ['write', 'denyoom', 'fast'],
      acl: ['hyperloglog'],
      args: [key('RW insert'), manyValues('elements', { min: 0, optional: false })],
      reply: bool,
    }),
  pfcount: () =>
    command({
      name: 'PFCOUNT',
      group: 'hyperloglog',
      since: '2.8.9',
      summary: 'Estimates how many different elements the HyperLogLogs have seen together.',
      complexity: 'O(1), or O(n) of the keys if there are several',
      flags: ['readonly', 'may_replicate'],
      acl: ['hyperloglog'],
      args: [keys('RW access')],
      reply: int,
      keySpecs: [
        keyAt(1, ['RW', 'access'], {
          notes: 'RW because it may change the internal representation of the key, and propagate to replicas',
          lastKey: -1,
        }),
      ],
      effects: 'own',
    }),
  pfdebug: () =>
    command({
      name: 'PFDEBUG',
      group: 'hyperloglog',
      since: '2.8.9',
      summary: 'Looks inside a HyperLogLog: GETREG, DECODE, ENCODING or TODENSE.',
      complexity: 'O(registers)',
      flags: ['write', 'denyoom', 'admin'],
      acl: ['hyperloglog'],
      args: [bytes('subcommand'), key('RW access')],
      reply: anyReply,
      hidden: true,
    }),
  pfmerge: () =>
    command({
      name: 'PFMERGE',
      group: 'hyperloglog',
      since: '2.8.9',
      summary: 'Makes a HyperLogLog that has seen what it and all the sources have seen.',
      complexity: 'O(n) of the keys',
      flags: ['write', 'denyoom'],
      acl: ['hyperloglog'],
      args: [
        key('RW access insert', 'destination'),
        many('sources', keyKind, { min: 0, optional: false, keys: keyTerm('RO access', 'rest') }),
      ],
      reply: ok,
    }),
  pfselftest: () =>
    command({
      name: 'PFSELFTEST',
      group: 'hyperloglog',
      since: '2.8.9',
      summary: 'Tests the registers and estimates of HyperLogLogs; takes seconds.',
      complexity: 'O(1), but a long time',
      flags: ['admin'],
      acl: ['hyperloglog'],
      args: [],
      reply: ok,
      hidden: true,
    }),
};
