import {
  bytes,
  command,
  flag,
  int,
  key,
  lateNumber,
  nullable,
  ok,
  option,
  options,
  payload,
  restoreAt,
} from './words.js';

const restore = {
  complexity: 'O(n) of the elements; O(n log n) for a sorted set',
  acl: ['keyspace', 'dangerous'],
  args: [
    key('OW update'),
    lateNumber('ttl'),
    bytes('payload'),
    options(
      [
        flag('REPLACE', 'replace'),
        flag('ABSTTL', 'absTtl'),
        option(
          'IDLETIME',
          'idleTime',
          int('seconds', { min: 0, rangeError: 'ERR Invalid IDLETIME value, must be >= 0' }),
        ),
        option(
          'FREQ',
          'frequency',
          int('frequency', { min: 0, max: 255, rangeError: 'ERR Invalid FREQ value, must be >= 0 and <= 255' }),
        ),
      ],
      { exclusive: [['idleTime', 'frequency']] },
    ),
  ],
  reply: ok,
  effects: 'own',
  follow: restoreAt,
} as const;

/** DUMP and RESTORE: values as payloads that other servers understand. */
export const dumpCommands = {
  dump: () =>
    command({
      name: 'DUMP',
      group: 'generic',
      since: '2.6.0',
      summary:
        'Returns the value of a key as a payload for RESTORE, here or on another server; null if the key is absent.',
      complexity: 'O(n) of the bytes of the value',
      flags: ['readonly'],
      acl: ['keyspace'],
      args: [key('RO access')],
      reply: nullable(payload),
      tips: ['nondeterministic_output'],
    }),
  restore: () =>
    command({
      ...restore,
      name: 'RESTORE',
      group: 'generic',
      since: '2.6.0',
      summary:
        'Makes a key from a payload of DUMP, with a TTL in milliseconds or none (0). Refused if the key exists, unless REPLACE.',
      flags: ['write', 'denyoom'],
    }),
  restoreAsking: () =>
    command({
      ...restore,
      name: 'RESTORE-ASKING',
      group: 'server',
      since: '3.0.0',
      summary: 'As RESTORE, between the servers of a cluster.',
      flags: ['write', 'denyoom', 'asking'],
      hidden: true,
    }),
};
