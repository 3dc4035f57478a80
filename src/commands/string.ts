import type { Bytes } from '../core/bytes.js';
import { comparisonNames, comparisons, stringCompareCommands } from './string-compare.js';
import {
  bool,
  bulk,
  bytes,
  command,
  custom,
  double,
  exactInteger,
  flag,
  int,
  int64Kind,
  intReply,
  itemsOf,
  key,
  keyAt,
  keyKind,
  keys,
  keyTerm,
  late,
  lateKind,
  lateNumber,
  list,
  nullable,
  of,
  ok,
  option,
  options,
  optionsAt,
  pairs,
  setAt,
  setSum,
  since,
  valueReply as value,
  valueKind,
  value as valueTerm,
} from './words.js';

/** Times are read by the handlers, because a wrong option is reported before a wrong time. */
const expiry = [
  option('EX', 'ex', of('seconds', lateKind(int64Kind()))),
  option('PX', 'px', of('milliseconds', lateKind(int64Kind()))),
  option('EXAT', 'exat', of('unixSeconds', lateKind(int64Kind({ date: 's' })))),
  option('PXAT', 'pxat', of('unixMillis', lateKind(int64Kind({ date: 'ms' })))),
] as const;

const expiryNames = ['ex', 'px', 'exat', 'pxat'] as const;

/** Two stretches of equal bytes, from the reply's `[[start, end], [start, end], length]`. */
const lcsMatches = custom(
  '{ matches: { first: [number, number]; second: [number, number]; length: number }[]; length: number }',
  (reply) => {
    const [, matches, , length] = itemsOf(reply) ?? [];
    const stretches = (itemsOf(matches) ?? []).map((match) => {
      const [first, second, size] = itemsOf(match) ?? [];
      return { first: itemsOf(first), second: itemsOf(second), length: size };
    });
    return { matches: stretches, length };
  },
);

/** Whether a SET also replies with the old string. */
function returnsOld(argv: readonly Bytes[]): boolean {
  return argv.some((word, i) => i > 2 && word.toLowerCase() === 'get');
}

/** The commands on plain strings. */
export const stringCommands = {
  ...stringCompareCommands,
  append: () =>
    command({
      name: 'APPEND',
      group: 'string',
      since: '2.0.0',
      summary: 'Adds bytes to the end of a string, making it if it is absent; returns the new length.',
      complexity: 'O(1) amortised',
      flags: ['write', 'denyoom', 'fast'],
      acl: ['string'],
      args: [key('RW insert'), bytes('value')],
      reply: intReply,
    }),
  decr: () =>
    command({
      name: 'DECR',
      group: 'string',
      since: '1.0.0',
      summary: 'Subtracts one from the integer in a string and returns what is left; an absent key counts as 0.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'fast'],
      acl: ['string'],
      args: [key('RW access update')],
      reply: intReply,
    }),
  decrby: () =>
    command({
      name: 'DECRBY',
      group: 'string',
      since: '1.0.0',
      summary: 'Subtracts from the integer in a string and returns what is left; an absent key counts as 0.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'fast'],
      acl: ['string'],
      args: [key('RW access update'), exactInteger('decrement')],
      reply: intReply,
    }),
  delifeq: () =>
    command({
      name: 'DELIFEQ',
      group: 'string',
      since: '9.0.0',
      summary: 'Removes a key if it holds this string; whether it did.',
      complexity: 'O(1)',
      flags: ['write', 'fast'],
      acl: ['string'],
      args: [key('RM delete'), valueTerm('value')],
      keySpecs: [keyAt(1, ['RM', 'access', 'delete'])],
      reply: bool,
    }),
  get: () =>
    command({
      name: 'GET',
      group: 'string',
      since: '1.0.0',
      summary: 'Returns the string of a key, null if it is absent.',
      complexity: 'O(1)',
      flags: ['readonly', 'fast'],
      acl: ['string'],
      args: [key('RO access')],
      reply: nullable(value),
    }),
  getdel: () =>
    command({
      name: 'GETDEL',
      group: 'string',
      since: '6.2.0',
      summary: 'Returns the string of a key and removes the key.',
      complexity: 'O(1)',
      flags: ['write', 'fast'],
      acl: ['string'],
      args: [key('RW access delete')],
      reply: nullable(value),
      effects: 'own',
    }),
  getex: () =>
    command({
      name: 'GETEX',
      group: 'string',
      since: '6.2.0',
      summary: 'Returns the string of a key and sets or removes its expiry.',
      complexity: 'O(1)',
      flags: ['write', 'fast'],
      acl: ['string'],
      args: [
        key('RW access update'),
        options([...expiry, flag('PERSIST', 'persist')], { exclusive: [[...expiryNames, 'persist']] }),
      ],
      reply: nullable(value),
      keySpecs: [keyAt(1, ['RW', 'access', 'update'], { notes: 'RW and UPDATE because it changes the TTL' })],
      effects: 'own',
      follow: optionsAt(2),
    }),
  getrange: () =>
    command({
      name: 'GETRANGE',
      group: 'string',
      since: '2.4.0',
      summary: 'Returns the bytes from start to end, both included; negative offsets count from the end.',
      complexity: 'O(n) of the bytes returned',
      flags: ['readonly'],
      acl: ['string'],
      args: [key('RO access'), int('start'), int('end')],
      reply: bulk,
    }),
  getset: () =>
    command({
      name: 'GETSET',
      group: 'string',
      since: '1.0.0',
      summary: 'Sets the string of a key and returns the old one.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'fast'],
      acl: ['string'],
      args: [key('RW access update'), valueTerm('value')],
      reply: nullable(value),
      deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
      effects: 'own',
    }),
  incr: () =>
    command({
      name: 'INCR',
      group: 'string',
      since: '1.0.0',
      summary: 'Adds one to the integer in a string and returns the sum; an absent key counts as 0.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'fast'],
      acl: ['string'],
      args: [key('RW access update')],
      reply: intReply,
    }),
  incrby: () =>
    command({
      name: 'INCRBY',
      group: 'string',
      since: '1.0.0',
      summary: 'Adds to the integer in a string and returns the sum; an absent key counts as 0.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'fast'],
      acl: ['string'],
      args: [key('RW access update'), exactInteger('increment')],
      reply: intReply,
    }),
  incrbyfloat: () =>
    command({
      name: 'INCRBYFLOAT',
      group: 'string',
      since: '2.6.0',
      summary: 'Adds a decimal number to the number in a string; an absent key counts as 0.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'fast'],
      acl: ['string'],
      args: [key('RW access update'), lateNumber('increment')],
      reply: double,
      effects: 'own',
      follow: setSum,
    }),
  lcs: () =>
    command({
      name: 'LCS',
      group: 'string',
      since: '7.0.0',
      summary: 'Finds the longest sequence of bytes that two strings have in common, gaps allowed.',
      complexity: 'O(n × m) of the two lengths',
      flags: ['readonly'],
      acl: ['string'],
      args: [
        key('RO access', 'key1'),
        key('RO access', 'key2'),
        late(
          options([
            flag('LEN', 'len'),
            flag('IDX', 'idx'),
            option('MINMATCHLEN', 'minMatchLen', int('length')),
            flag('WITHMATCHLEN', 'withMatchLen'),
          ]),
        ),
      ],
      reply: bulk,
      forms: [
        { method: 'lcs', reply: bulk, omit: ['len', 'idx', 'minMatchLen', 'withMatchLen'] },
        {
          method: 'lcsLen',
          reply: intReply,
          fix: { len: true },
          omit: ['idx', 'minMatchLen', 'withMatchLen'],
          note: 'Returns its length only.',
        },
        {
          method: 'lcsIdx',
          reply: lcsMatches,
          fix: { idx: true, withMatchLen: true },
          omit: ['len'],
          note: 'Returns where its stretches lie in both strings, the last one first.',
        },
      ],
      keySpecs: [keyAt(1, ['RO', 'access'], { lastKey: 1 })],
    }),
  mget: () =>
    command({
      name: 'MGET',
      group: 'string',
      since: '1.0.0',
      summary: 'Returns the strings of several keys, null for keys that are absent or hold something else.',
      complexity: 'O(n) of the keys',
      flags: ['readonly', 'fast'],
      acl: ['string'],
      args: [keys('RO access')],
      reply: list(nullable(value)),
      request: 'multi_shard',
    }),
  mset: () =>
    command({
      name: 'MSET',
      group: 'string',
      since: '1.0.1',
      summary: 'Sets the strings of several keys, atomically.',
      complexity: 'O(n) of the keys',
      flags: ['write', 'denyoom'],
      acl: ['string'],
      args: [pairs('pairs', ['key', keyKind], ['value', valueKind], { keys: keyTerm('OW update', 'rest', 2) })],
      reply: ok,
      request: 'multi_shard',
      response: 'all_succeeded',
    }),
  msetnx: () =>
    command({
      name: 'MSETNX',
      allTips: [],
      before: [{ until: '7.2.0', allTips: undefined }],
      group: 'string',
      since: '1.0.1',
      summary: 'Sets the strings of several keys if none of them exists; whether it did.',
      complexity: 'O(n) of the keys',
      flags: ['write', 'denyoom'],
      acl: ['string'],
      args: [pairs('pairs', ['key', keyKind], ['value', valueKind], { keys: keyTerm('OW insert', 'rest', 2) })],
      reply: bool,
      request: 'multi_shard',
      response: 'agg_min',
    }),
  psetex: () =>
    command({
      name: 'PSETEX',
      group: 'string',
      since: '2.6.0',
      summary: 'Sets the string of a key with a time to live in milliseconds.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom'],
      acl: ['string'],
      args: [key('OW update'), of('milliseconds', lateKind(int64Kind())), valueTerm('value')],
      reply: ok,
      effects: 'own',
      follow: setAt,
    }),
  set: () =>
    command({
      name: 'SET',
      group: 'string',
      since: '1.0.0',
      summary: 'Sets the string of a key, replacing whatever it held. Its expiry is dropped unless kept or set.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom'],
      acl: ['string'],
      args: [
        key('OW update'),
        valueTerm('value'),
        options(
          [
            flag('NX', 'nx'),
            flag('XX', 'xx'),
            ...comparisons.map((comparison) => since('8.4.0', comparison)),
            flag('GET', 'get'),
            ...expiry,
            flag('KEEPTTL', 'keepTtl'),
          ],
          {
            exclusive: [
              ['nx', 'xx', ...comparisonNames],
              [...expiryNames, 'keepTtl'],
            ],
            once: comparisonNames,
          },
        ),
      ],
      reply: bool,
      forms: [
        { method: 'set', reply: bool, omit: ['get'] },
        { method: 'setGet', reply: nullable(value), fix: { get: true }, note: 'Returns the old string.' },
      ],
      keySpecs: [
        keyAt(1, ['RW', 'access', 'update', 'variable_flags'], {
          notes: 'RW and ACCESS due to the optional `GET` argument',
        }),
      ],
      findKeys: (argv) => [{ index: 1, flags: returnsOld(argv) ? ['RW', 'access', 'update'] : ['OW', 'update'] }],
      effects: 'own',
      follow: optionsAt(3),
    }),
  setex: () =>
    command({
      name: 'SETEX',
      group: 'string',
      since: '2.0.0',
      summary: 'Sets the string of a key with a time to live in seconds.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom'],
      acl: ['string'],
      args: [key('OW update'), of('seconds', lateKind(int64Kind())), valueTerm('value')],
      reply: ok,
      effects: 'own',
      follow: setAt,
    }),
  setnx: () =>
    command({
      name: 'SETNX',
      group: 'string',
      since: '1.0.0',
      summary: 'Sets the string of a key if the key does not exist; whether it did.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'fast'],
      acl: ['string'],
      args: [key('OW insert'), valueTerm('value')],
      reply: bool,
    }),
  setrange: () =>
    command({
      name: 'SETRANGE',
      group: 'string',
      since: '2.2.0',
      summary:
        'Overwrites a string from an offset on, with zeros before it where it was shorter; returns the new length.',
      complexity: 'O(n) of the bytes written',
      flags: ['write', 'denyoom'],
      acl: ['string'],
      args: [key('RW update'), int('offset', { min: 0, rangeError: 'ERR offset is out of range' }), bytes('value')],
      reply: intReply,
    }),
  strlen: () =>
    command({
      name: 'STRLEN',
      group: 'string',
      since: '2.2.0',
      summary: 'Returns the length of a string in bytes, 0 if it is absent.',
      complexity: 'O(1)',
      flags: ['readonly', 'fast'],
      acl: ['string'],
      args: [key('RO')],
      reply: intReply,
    }),
  substr: () =>
    command({
      name: 'SUBSTR',
      group: 'string',
      since: '1.0.0',
      summary: 'Returns the bytes from start to end, both included.',
      complexity: 'O(n) of the bytes returned',
      flags: ['readonly'],
      acl: ['string'],
      args: [key('RO access'), int('start'), int('end')],
      reply: bulk,
      deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
    }),
};
