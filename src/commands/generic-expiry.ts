import type { Term } from './term.js';
import {
  bool,
  command,
  expireAt,
  flag,
  intReply as int,
  int64Kind,
  key,
  lateKind,
  type NumberRules,
  of,
  options,
} from './words.js';

/** The handler checks for clashes, because an unknown word is reported first. */
const conditions = options([flag('NX', 'nx'), flag('XX', 'xx'), flag('GT', 'gt'), flag('LT', 'lt')], {
  unknown: (word) => `ERR Unsupported option ${word}`,
});

/** The number is read after the options. */
function time<N extends string>(name: N, date?: NumberRules['date']): Term<{ [K in N]: string }> {
  return of(name, lateKind(int64Kind(date ? { date } : {})));
}

const setting = {
  group: 'generic',
  complexity: 'O(1)',
  flags: ['write', 'fast'],
  acl: ['keyspace'],
  reply: bool,
  effects: 'own',
  follow: expireAt,
} as const;
const asking = {
  group: 'generic',
  complexity: 'O(1)',
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  args: [key('RO access')],
  reply: int,
} as const;

/** Commands on the expiry of keys. */
export const expiryCommands = {
  expire: () =>
    command({
      ...setting,
      name: 'EXPIRE',
      since: '1.0.0',
      summary: 'Sets the time to live of a key in seconds; whether it was set (not if the key is absent).',
      args: [key('RW update'), time('seconds'), conditions],
    }),
  expireat: () =>
    command({
      ...setting,
      name: 'EXPIREAT',
      since: '1.2.0',
      summary: 'Sets when a key expires, in seconds since 1970; whether it was set (not if the key is absent).',
      args: [key('RW update'), time('unixSeconds', 's'), conditions],
    }),
  expiretime: () =>
    command({
      ...asking,
      name: 'EXPIRETIME',
      since: '7.0.0',
      summary: 'Returns when a key expires, in seconds since 1970; -1 without an expiry, -2 if the key is absent.',
    }),
  persist: () =>
    command({
      name: 'PERSIST',
      group: 'generic',
      since: '2.2.0',
      summary: 'Removes the expiry of a key; whether it had one.',
      complexity: 'O(1)',
      flags: ['write', 'fast'],
      acl: ['keyspace'],
      args: [key('RW update')],
      reply: bool,
    }),
  pexpire: () =>
    command({
      ...setting,
      name: 'PEXPIRE',
      since: '2.6.0',
      summary: 'Sets the time to live of a key in milliseconds; whether it was set (not if the key is absent).',
      args: [key('RW update'), time('milliseconds'), conditions],
    }),
  pexpireat: () =>
    command({
      ...setting,
      name: 'PEXPIREAT',
      since: '2.6.0',
      summary: 'Sets when a key expires, in milliseconds since 1970; whether it was set (not if the key is absent).',
      args: [key('RW update'), time('unixMillis', 'ms'), conditions],
    }),
  pexpiretime: () =>
    command({
      ...asking,
      name: 'PEXPIRETIME',
      since: '7.0.0',
      summary: 'Returns when a key expires, in milliseconds since 1970; -1 without an expiry, -2 if the key is absent.',
    }),
  pttl: () =>
    command({
      ...asking,
      name: 'PTTL',
      since: '2.6.0',
      summary: 'Returns the milliseconds until a key expires; -1 without an expiry, -2 if the key is absent.',
      tips: ['nondeterministic_output'],
    }),
  ttl: () =>
    command({
      ...asking,
      name: 'TTL',
      since: '1.0.0',
      summary: 'Returns the seconds until a key expires; -1 without an expiry, -2 if the key is absent.',
      tips: ['nondeterministic_output'],
    }),
};
