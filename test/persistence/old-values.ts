/** Values as servers since Redis 2.8 have written them, and what they hold. */
import {
  bigEndian,
  double,
  integer,
  intset,
  listpack,
  type OldGroup,
  packed,
  size,
  stream,
  text,
  unpacked,
  ziplist,
  zipmap,
} from './old-encoders.js';

/** A value in a file: `since` is the first version that may have it, `body` what follows the key. */
export interface OldValue {
  readonly title: string;
  readonly since: number;
  readonly type: number;
  readonly body: string;
  /** A command on the key `k`, and its reply; in order if the order is told by the type. */
  readonly command: readonly string[];
  readonly reply: unknown;
}

const long = 'long text '.repeat(30);
const longer = 'x'.repeat(20_000);
const scores = ['1', '-2.5', '3.0000000000000001e+100', '17.000000000000004'];
const textScore = (digits: string): string => String.fromCharCode(digits.length) + digits;

const group: OldGroup = {
  name: 'g',
  last: [1002, 0],
  read: 2,
  pending: [
    { id: [1000, 0], at: 1_600_000_000_000, count: 3 },
    { id: [1002, 0], at: 1_600_000_000_001, count: 1 },
  ],
  consumers: [
    { name: 'alice', seen: 1_600_000_000_002, active: 1_600_000_000_001, pending: [[1000, 0]] },
    { name: 'bob', seen: 1_600_000_000_003, pending: [[1002, 0]] },
    { name: 'idle', seen: 1_600_000_000_004, pending: [] },
  ],
};
const entries: readonly (readonly [number, string | null])[] = [
  [1000, 'a'],
  [1001, null],
  [1002, 'b'],
  [1300, 'c'],
];
const streamReply = [
  ['1000-0', ['f', 'a']],
  ['1002-0', ['f', 'b']],
  ['1300-0', ['f', 'c']],
];

const strings: OldValue[] = [
  ['bytes', text('hello\0\xff'), 'hello\0\xff'],
  ['nothing', text(''), ''],
  ['an integer of 8 bits', integer(-7), '-7'],
  ['an integer of 16 bits', integer(-30_000), '-30000'],
  ['an integer of 32 bits', integer(-2_000_000_000), '-2000000000'],
  ['a packed one', packed('abcdefghij', 20), 'abcdefghij'.repeat(20)],
  ['a length of 32 bits', `${size(3, 'u32')}abc`, 'abc'],
  ['a length of 64 bits', `${size(3, 'u64')}abc`, 'abc'],
].map(([title, body, reply]) => ({
  title: `string: ${title}`,
  since: 1,
  type: 0,
  body: body!,
  command: ['GET', 'k'],
  reply,
}));

const zipEntries = ['', 'a', long, longer, 0, 12, 13, -1, 127, -129, 32_767, -32_769, 8_388_607, -8_388_609];
const wideEntries = [2_147_483_647, -2_147_483_649, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n];
const everyEntry = [...zipEntries, ...wideEntries];
const everyText = everyEntry.map(String);

function list(title: string, since: number, type: number, body: string, reply: readonly string[]): OldValue {
  return { title: `list: ${title}`, since, type, body, command: ['LRANGE', 'k', '0', '-1'], reply };
}

const node = (data: string): string => size(2) + data;

const lists: OldValue[] = [
  list('linked', 1, 1, size(4) + text('a') + integer(300) + packed('abcdefgh', 9) + text(''), [
    'a',
    '300',
    'abcdefgh'.repeat(9),
    '',
  ]),
  list('ziplist', 3, 10, text(ziplist(everyEntry)), everyText),
  list('ziplist with wide lengths', 3, 10, text(ziplist(everyEntry, { wide: true })), everyText),
  list('ziplist that does not know its count', 3, 10, text(ziplist(['a', 5], { count: 0xffff })), ['a', '5']),
  list('ziplist with digits as text', 3, 10, text(ziplist(['007', '12', '-0'])), ['007', '12', '-0']),
  list('packed ziplist', 3, 10, unpacked(ziplist([long])), [long]),
  list(
    'quicklist of ziplists, one of them empty',
    7,
    14,
    size(3) + text(ziplist(['a', 1])) + text(ziplist([])) + text(ziplist([longer])),
    ['a', '1', longer],
  ),
  list(
    'quicklist of listpacks and plain nodes',
    10,
    18,
    size(3) + node(text(listpack(everyEntry))) + size(1) + text('plain') + node(text(listpack(['b', -5000]))),
    [...everyText, 'plain', 'b', '-5000'],
  ),
];

function set(title: string, since: number, type: number, body: string, members: readonly string[]): OldValue {
  return { title: `set: ${title}`, since, type, body, command: ['SORT', 'k', 'ALPHA'], reply: [...members].sort() };
}

const sets: OldValue[] = [
  set('of strings', 1, 2, size(3) + text('a') + text('b') + integer(7), ['a', 'b', '7']),
  set('of integers as strings', 1, 2, size(2) + integer(-7) + integer(700), ['-7', '700']),
  set('intset of 16 bits', 3, 11, text(intset(2, [-32_768, 0, 32_767])), ['-32768', '0', '32767']),
  set('intset of 32 bits', 3, 11, text(intset(4, [-2_147_483_648, 5])), ['-2147483648', '5']),
  set('intset of 64 bits', 3, 11, text(intset(8, [-9_223_372_036_854_775_808n, 1, 9_223_372_036_854_775_807n])), [
    '-9223372036854775808',
    '1',
    '9223372036854775807',
  ]),
  set('intset wider than it needs', 3, 11, text(intset(8, [1, 2])), ['1', '2']),
  set('listpack', 11, 20, text(listpack(['a', 5, long])), ['a', '5', long]),
];

function zset(title: string, since: number, type: number, body: string, reply: readonly string[]): OldValue {
  return { title: `sorted set: ${title}`, since, type, body, command: ['ZRANGE', 'k', '0', '-1', 'WITHSCORES'], reply };
}

const zsets: OldValue[] = [
  zset(
    'scores as text',
    1,
    3,
    size(6) +
      scores.map((digits, i) => text(`m${i}`) + textScore(digits)).join('') +
      `${text('top')}\xfe${text('bottom')}\xff`,
    [
      'bottom',
      '-inf',
      'm1',
      '-2.5',
      'm0',
      '1',
      'm3',
      '17.000000000000004',
      'm2',
      '3.0000000000000002e+100',
      'top',
      'inf',
    ],
  ),
  zset(
    'scores as doubles',
    8,
    5,
    size(3) + text('a') + double(0.1) + text('b') + double(-Infinity) + text('c') + double(5e-324),
    ['b', '-inf', 'c', '4.9406564584124654e-324', 'a', '0.10000000000000001'],
  ),
  zset('ziplist', 3, 12, text(ziplist(['a', '-1.5', 'b', 3, long, '1e20', 'z', 'inf'])), [
    'a',
    '-1.5',
    'b',
    '3',
    long,
    '1e+20',
    'z',
    'inf',
  ]),
  zset('listpack', 10, 17, text(listpack(['a', '-1.5', 'b', 3])), ['a', '-1.5', 'b', '3']),
];

function hash(title: string, since: number, type: number, body: string, pairs: readonly string[]): OldValue {
  const fields = pairs.filter((_, i) => i % 2 === 0);
  const values = pairs.filter((_, i) => i % 2 === 1);
  return { title: `hash: ${title}`, since, type, body, command: ['HMGET', 'k', ...fields], reply: values };
}

const hashes: OldValue[] = [
  hash('table', 1, 4, size(2) + text('f') + text('v') + integer(5) + packed('abcdefgh', 9), [
    'f',
    'v',
    '5',
    'abcdefgh'.repeat(9),
  ]),
  hash('zipmap', 1, 9, text(zipmap(['f', 'v', 'g', ''])), ['f', 'v', 'g', '']),
  hash('zipmap with unused bytes', 1, 9, text(zipmap(['f', 'v', 'g', 'w'], { unused: 3 })), ['f', 'v', 'g', 'w']),
  hash('zipmap with long strings', 1, 9, text(zipmap([long, longer, 'f', 'v'])), [long, longer, 'f', 'v']),
  hash('zipmap that does not know its count', 1, 9, text(zipmap(['f', 'v'], { count: 254 })), ['f', 'v']),
  hash('ziplist', 4, 13, text(ziplist(['f', 'v', 7, -300, long, longer])), ['f', 'v', '7', '-300', long, longer]),
  hash('listpack', 10, 16, text(listpack(['f', 'v', 7, -300, long, longer])), ['f', 'v', '7', '-300', long, longer]),
];

const streams: OldValue[] = ([1, 2, 3] as const).map((version) => ({
  title: `stream: version ${version}, with groups`,
  since: [9, 10, 11][version - 1]!,
  type: [15, 19, 21][version - 1]!,
  body: stream(version, entries, [group, { name: 'h', last: [1300, 0], read: 4, pending: [], consumers: [] }]),
  command: ['XRANGE', 'k', '-', '+'],
  reply: streamReply,
}));

/** Every type of value that any version has, in every form that a writer chose. */
export const oldValues: readonly OldValue[] = [...strings, ...lists, ...sets, ...zsets, ...hashes, ...streams];

/** The id of a module's type, as its nine letters and the version of its encoding. */
export function moduleId(name: string, version: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  let id = 0n;
  for (const letter of name) id = (id << 6n) | BigInt(letters.indexOf(letter));
  return `\x81${bigEndian((id << 10n) | BigInt(version), 8)}`;
}
