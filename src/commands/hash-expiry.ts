import {
  countedFields,
  countedPairs,
  deadlineConditions,
  expirations,
  fieldOptionsAt,
  fieldsExpireAt,
  hsetexOptions,
} from './hash-field-terms.js';
import type { Term } from './term.js';
import {
  bool,
  command,
  intReply as int,
  int64Kind,
  key,
  keyAt,
  lateKind,
  list,
  type NumberRules,
  nullable,
  of,
  valueReply as value,
} from './words.js';

const badCount = 'ERR Number of fields must be a positive integer';

/** The number is parsed after the key was looked up. */
function time<N extends string>(name: N, date?: NumberRules['date']): Term<{ [K in N]: string }> {
  return of(name, lateKind(int64Kind(date ? { date } : {})));
}

const toChange = countedFields('ERR Parameter `numFields` should be greater than 0');
const fields = countedFields(badCount);

const common = { group: 'hash', complexity: 'O(n) of the fields given', acl: ['hash'] } as const;
const setting = {
  ...common,
  since: '7.4.0',
  flags: ['write', 'fast'],
  arity: -6,
  reply: list(int),
  effects: 'own',
  follow: fieldsExpireAt,
} as const;
const asking = {
  ...common,
  since: '7.4.0',
  flags: ['readonly', 'fast'],
  arity: -5,
  args: [key('RO access'), fields],
  reply: list(int),
} as const;
const answers = '1 if it was set, 0 if the condition forbade it, 2 if the field ended at once, -2 if it is absent';
const unset = '-1 without an end, -2 if the field is absent';

/** Commands on expiring fields of hashes. */
export const hashExpiryCommands = {
  hexpire: () =>
    command({
      ...setting,
      name: 'HEXPIRE',
      summary: `Lets fields of a hash end after some seconds; returns for each ${answers}.`,
      args: [key('RW update'), time('seconds'), deadlineConditions, toChange],
    }),
  hexpireat: () =>
    command({
      ...setting,
      name: 'HEXPIREAT',
      summary: `Lets fields of a hash end at a time in seconds since 1970; returns for each ${answers}.`,
      args: [key('RW update'), time('unixSeconds', 's'), deadlineConditions, toChange],
    }),
  hexpiretime: () =>
    command({
      ...asking,
      name: 'HEXPIRETIME',
      summary: `Returns when fields of a hash end, in seconds since 1970; ${unset}.`,
    }),
  hgetdel: () =>
    command({
      ...common,
      name: 'HGETDEL',
      since: '8.0.0',
      summary: 'Returns the values of fields, null where there is none, and removes the fields.',
      flags: ['write', 'fast'],
      arity: -5,
      args: [key('RW access delete'), fields],
      reply: list(nullable(value)),
      effects: 'own',
    }),
  hgetex: () =>
    command({
      ...common,
      name: 'HGETEX',
      since: '8.0.0',
      summary: 'Returns the values of fields, null where there is none, and sets or removes their expiry.',
      flags: ['write', 'fast'],
      arity: -5,
      args: [key('RW access update'), expirations, fields],
      keySpecs: [keyAt(1, ['RW', 'access', 'update'], { notes: 'RW and UPDATE because it changes the TTL' })],
      reply: list(nullable(value)),
      effects: 'own',
      follow: fieldOptionsAt,
    }),
  hpersist: () =>
    command({
      ...common,
      name: 'HPERSIST',
      since: '7.4.0',
      summary:
        'Takes the ends of fields away; returns for each 1 if there was one, -1 if not, -2 if the field is absent.',
      flags: ['write', 'fast'],
      arity: -5,
      args: [key('RW update'), fields],
      reply: list(int),
    }),
  hpexpire: () =>
    command({
      ...setting,
      name: 'HPEXPIRE',
      summary: `Lets fields of a hash end after some milliseconds; returns for each ${answers}.`,
      args: [key('RW update'), time('milliseconds'), deadlineConditions, toChange],
    }),
  hpexpireat: () =>
    command({
      ...setting,
      name: 'HPEXPIREAT',
      summary: `Lets fields of a hash end at a time in milliseconds since 1970; returns for each ${answers}.`,
      args: [key('RW update'), time('unixMillis', 'ms'), deadlineConditions, toChange],
    }),
  hpexpiretime: () =>
    command({
      ...asking,
      name: 'HPEXPIRETIME',
      summary: `Returns when fields of a hash end, in milliseconds since 1970; ${unset}.`,
    }),
  hpttl: () =>
    command({
      ...asking,
      name: 'HPTTL',
      summary: `Returns the milliseconds that fields of a hash have left; ${unset}.`,
      tips: ['nondeterministic_output'],
    }),
  hsetex: () =>
    command({
      ...common,
      name: 'HSETEX',
      since: '8.0.0',
      summary: 'Sets fields of a hash and when they expire, all or none; whether it did.',
      flags: ['write', 'denyoom', 'fast'],
      arity: -6,
      args: [key('RW update'), hsetexOptions, countedPairs],
      reply: bool,
      effects: 'own',
      follow: fieldOptionsAt,
    }),
  httl: () =>
    command({
      ...asking,
      name: 'HTTL',
      summary: `Returns the seconds that fields of a hash have left; ${unset}.`,
      tips: ['nondeterministic_output'],
    }),
};
