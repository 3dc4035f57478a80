import { expireAt } from './follow.js';
import { key, of } from './grammar.js';
import { int64Kind, type NumberRules } from './kind.js';
import { flag, options } from './options.js';
import { lateKind } from './precedence.js';
import { bool, int } from './shape.js';
import { command } from './spec.js';
import type { Term } from './term.js';

/** Clashes between them are the handler's to find: an unknown word is complained about first. */
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

/** Keys that end at a time. */
export const expiryCommands = {
  expire: command({
    ...setting,
    name: 'EXPIRE',
    since: '1.0.0',
    summary: 'Lets a key end after some seconds.',
    args: [key('RW update'), time('seconds'), conditions],
  }),
  expireat: command({
    ...setting,
    name: 'EXPIREAT',
    since: '1.2.0',
    summary: 'Lets a key end at a time, in seconds since 1970.',
    args: [key('RW update'), time('unixSeconds', 's'), conditions],
  }),
  expiretime: command({
    ...asking,
    name: 'EXPIRETIME',
    since: '7.0.0',
    summary: 'Returns when a key ends, in seconds since 1970; -1 without an end, -2 if the key is absent.',
  }),
  persist: command({
    name: 'PERSIST',
    group: 'generic',
    since: '2.2.0',
    summary: 'Takes the end of a key away.',
    complexity: 'O(1)',
    flags: ['write', 'fast'],
    acl: ['keyspace'],
    args: [key('RW update')],
    reply: bool,
  }),
  pexpire: command({
    ...setting,
    name: 'PEXPIRE',
    since: '2.6.0',
    summary: 'Lets a key end after some milliseconds.',
    args: [key('RW update'), time('milliseconds'), conditions],
  }),
  pexpireat: command({
    ...setting,
    name: 'PEXPIREAT',
    since: '2.6.0',
    summary: 'Lets a key end at a time, in milliseconds since 1970.',
    args: [key('RW update'), time('unixMillis', 'ms'), conditions],
  }),
  pexpiretime: command({
    ...asking,
    name: 'PEXPIRETIME',
    since: '7.0.0',
    summary: 'Returns when a key ends, in milliseconds since 1970; -1 without an end, -2 if the key is absent.',
  }),
  pttl: command({
    ...asking,
    name: 'PTTL',
    since: '2.6.0',
    summary: 'Returns the milliseconds that a key has left; -1 without an end, -2 if the key is absent.',
    tips: ['nondeterministic_output'],
  }),
  ttl: command({
    ...asking,
    name: 'TTL',
    since: '1.0.0',
    summary: 'Returns the seconds that a key has left; -1 without an end, -2 if the key is absent.',
    tips: ['nondeterministic_output'],
  }),
};
