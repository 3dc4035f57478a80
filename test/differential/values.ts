/**
 * Where the arguments of fuzzed commands come from: few keys, few members, and values that collide on purpose,
 * so that random commands meet each other's data. Strings stand for bytes.
 */

import { Random } from '../../src/core/random.js';
import { administrationMakers } from './administration.js';
import { luaProgram } from './lua-program.js';

/** A key of every byte value there is. */
const everyByte = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');

/** Keys by the type they are meant for. A small share of picks crosses over, which tests WRONGTYPE. */
const keyPools = {
  str: ['str:a', 'str:b', 'str:c', 'str:{d}\x00\xff', everyByte],
  num: ['num:a', 'num:b', 'num:c'],
  flt: ['flt:a', 'flt:b'],
  lcs: ['lcs:a', 'lcs:b'],
  bit: ['bit:a', 'bit:b', 'bit:c'],
  list: ['list:a', 'list:b', 'list:c'],
  set: ['set:a', 'set:b', 'set:c', 'set:d'],
  zset: ['zset:a', 'zset:b', 'zset:c'],
  hash: ['hash:a', 'hash:b', 'hash:c'],
  hll: ['hll:a', 'hll:b', 'hll:c'],
  geo: ['geo:a', 'geo:b'],
  stream: ['stream:a', 'stream:b'],
} as const;

/**
 * Keys that only their own commands touch, because Redis leaves the outcome open otherwise: SORT BY over a set
 * or a zset follows its random order (as do ties of ALPHA, which stops at a NUL), and lexicographic ranges over unequal scores follow the skip list's random levels.
 */
const privatePools = {
  ordlist: ['ord:l'],
  ordset: ['ord:s'],
  ordzset: ['ord:z'],
  lexzset: ['lex:a', 'lex:b'],
} as const;

export type KeyKind = keyof typeof keyPools;
const kinds = Object.keys(keyPools) as KeyKind[];
const allKeys = Object.values(keyPools).flat();

const long65 = 'L'.repeat(65);
const words = [
  '',
  'a',
  'b',
  'c',
  'foo',
  'bar',
  'FOO',
  'hello world',
  '\x00\x01',
  '\xff\xfe\r\n',
  long65,
  'x'.repeat(20),
];
const numbers = ['0', '1', '-1', '2', '3', '7', '10', '42', '100', '127', '128', '-129', '32767', '65536'];
const bigNumbers = ['2147483648', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '4294967296'];
const floats = ['0.1', '0.2', '1.5', '-2.25', '3.0', '1e3', '1e-7', '123456789.123', '1e17', '0.30000000000000004'];
// No number beyond all doubles: once it has met one, Redis' SORT refuses whatever it reads (a stale errno).
const oddNumbers = ['007', '-0', '+1', ' 1', '1 ', '0x10', 'nan', 'inf', '-inf', '1.', '.5', 'abc', ''];
const geoMembers = ['Palermo', 'Catania', 'Rome', 'Oslo', 'Quito', 'Perth', 'pole', 'm1', 'm2', 'm3'];
const channels = ['news', 'news.art', 'weather', 'c\x00d'];
const globs = ['*', 'a*', '*a', '?', '[a-c]*', '[^a]*', 'str:*', '*:a', 'f\\*', 'h?llo*', 'zset:[ab]', '[', 'n*'];
const commandNames = [
  'config|get',
  'object|freq',
  'CONFIG|NOSUCH',
  'client|kill',
  'get',
  'SET',
  'mset',
  'zadd',
  'lmpop',
  'zunionstore',
  'blpop',
  'sort',
  'geosearch',
  'nosuch',
];
const sortPatterns = ['nosort', 'hash:*->a', 'num:*', 'str:*', '*', 'hash:*->', 'w*'];
const units = ['m', 'km', 'ft', 'mi', 'KM'];
/** Parameters that may change while a program runs, with values to choose from. */
export const tunables: [name: string, choices: string[]][] = [
  ['hash-max-listpack-entries', ['2', '8', '128']],
  ['hash-max-listpack-value', ['8', '64']],
  ['set-max-intset-entries', ['2', '8', '512']],
  ['zset-max-listpack-entries', ['2', '8', '128']],
  ['zset-max-listpack-value', ['8', '64']],
  ['list-max-listpack-size', ['-2', '3', '-1']],
  ['list-compress-depth', ['0', '1']],
  ['stream-node-max-entries', ['3', '10', '100']],
  ['stream-node-max-bytes', ['100', '4096', '0']],
  ['hll-sparse-max-bytes', ['100', '3000']],
];
/**
 * As above, where the first server is 8.0. Whether a list that shrinks becomes a listpack depends there on the nodes that it
 * had while the limit was another one: that limit stays.
 */
export const newerTunables: typeof tunables = [
  ...tunables.filter(([name]) => name !== 'list-max-listpack-size'),
  ['set-max-listpack-entries', ['2', '8', '128']],
  ['set-max-listpack-value', ['8', '64']],
];
const parameters = ['maxmemory', 'hash-max-listpack-entries', 'hash-max-ziplist-*', 'list-*', 'nosuch', 'zset-max-*'];

/** Arguments for the templates of `commands.ts`, drawn from one seeded source. */
export class Values {
  readonly random: Random;
  readonly tunables: typeof tunables;
  /** Fresh bytes now and then let collections grow past their small encodings. */
  #serial = 0;
  #entry = 1;

  constructor(seed: number, own: typeof tunables = tunables) {
    this.random = new Random(seed);
    this.tunables = own;
  }

  below(n: number): number {
    return this.random.below(n);
  }

  chance(share: number): boolean {
    return this.random.unit() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  key(kind: KeyKind): string {
    if (this.chance(0.03)) return this.pick(allKeys);
    return this.pick(keyPools[kind]);
  }

  keyOfAnother(): string {
    return this.pick(allKeys);
  }

  /** Two keys that mostly belong together, so that COPY and RENAME keep the pools apart. */
  pair(): string[] {
    const kind = this.pick(kinds);
    return [this.key(kind), this.pick(keyPools[kind])];
  }

  word(): string {
    const n = this.below(100);
    if (n < 40) return this.pick(words);
    if (n < 65) return this.pick(numbers);
    if (n < 70) return this.pick(floats);
    if (n < 73) return this.pick(bigNumbers);
    if (n < 75) return this.pick(oddNumbers);
    if (n < 76) return this.large();
    if (n < 80) return hexText(this.random, 1 + this.below(60));
    return `v${this.#serial++ % 300}`;
  }

  /** Some kilobytes; now and then more than fits one read, rarely more than a megabyte. */
  large(): string {
    const n = this.below(200);
    if (n < 190) return 'B'.repeat(1000 + this.below(4000));
    return hexText(this.random, 16).repeat(n < 199 ? 4097 : 65_600);
  }

  integer(): string {
    const n = this.below(100);
    if (n < 75) return this.pick(numbers);
    if (n < 93) return String(this.below(2000) - 1000);
    return this.pick(n < 97 ? bigNumbers : oddNumbers);
  }

  float(): string {
    const n = this.below(100);
    if (n < 55) return this.pick(floats);
    if (n < 80) return this.pick(numbers);
    if (n < 90) return ((this.random.unit() - 0.5) * 10 ** (this.below(40) - 20)).toString();
    return this.pick(n < 95 ? bigNumbers : oddNumbers);
  }

  score(): string {
    if (this.chance(0.5)) return String(this.below(6));
    return this.chance(0.06) ? this.pick(['inf', '-inf', '+inf']) : this.float();
  }

  index(): string {
    return this.chance(0.95) ? String(this.below(24) - 8) : this.integer();
  }

  /** A relative duration: so long that it never ends during a run, and so varied that GT and LT never meet a tie. */
  farSeconds(): string {
    if (this.chance(0.08))
      return this.pick(['0', '-1', '9223372036854775807', '-9223372036854775808', 'abc', '1.5', '']);
    return String(100_000 + this.below(1_000_000_000));
  }

  farMillis(): string {
    if (this.chance(0.08)) return this.pick(['0', '-1', '9223372036854775807', '-9223372036854775808', 'abc', '']);
    return `${this.farSecondsOnly()}${String(this.below(1000)).padStart(3, '0')}`;
  }

  private farSecondsOnly(): string {
    return String(100_000 + this.below(1_000_000_000));
  }

  /** `FIELDS numfields`, and so many words for each field; now and then the count is wrong. */
  countedFields(wordsEach: number): string[] {
    const count = 1 + this.below(3);
    const told = this.chance(0.96) ? String(count) : this.pick(['0', '9', '-1', 'x']);
    return ['FIELDS', told, ...Array.from({ length: count * wordsEach }, () => this.pick(words))];
  }

  /** An absolute moment in seconds: past, or far in the future. */
  moment(): string {
    return this.pick(['1', '1000000000', '4102444800', '4102444801', '5000000000', '-5', '9223372036854775807', 'abc']);
  }

  momentMillis(): string {
    return this.pick(['1', '1000000000000', '4102444800000', '4102444800001', '5000000000000', '-5', '9e9']);
  }

  scoreRange(): string[] {
    const end = () => {
      if (this.chance(0.2)) return this.pick(['-inf', '+inf', '(1', '(3', '(abc', 'inf']);
      return this.chance(0.3) ? `(${this.below(6)}` : String(this.below(8) - 1);
    };
    return this.chance(0.15) ? ['-inf', '+inf'] : [end(), end()];
  }

  lexRange(): string[] {
    const end = () => this.pick(['-', '+', '[', '(', '[a', '(b', '[foo', '(v1', '[v2', 'a']);
    return this.chance(0.3) ? ['-', '+'] : [end(), end()];
  }

  numberedKeys(kind: KeyKind): string[] {
    const keys = Array.from({ length: 1 + this.below(3) }, () => this.key(kind));
    const count = this.chance(0.96) ? keys.length : this.pick(['0', '-1', '4', 'x', '1']);
    return [String(count), ...keys];
  }

  /** The id of a new entry: higher than all before, nearly always. The clock's would not be the same on two servers. */
  newEntryId(): string {
    this.#entry += this.below(3);
    if (this.chance(0.03)) return this.pick(['0-0', '5', '-', '3-x', '0-*', '18446744073709551615-*']);
    return this.chance(0.3) ? `${this.#entry}-*` : `${++this.#entry}-${this.below(3)}`;
  }

  /** The id of an entry there may be. */
  entryId(): string {
    if (this.chance(0.03)) return this.pick(['-', '+', '', 'x', '5-', '18446744073709551615-18446744073709551615']);
    const ms = Math.max(0, this.#entry - this.below(40));
    return this.chance(0.4) ? String(ms) : `${ms}-${this.below(3)}`;
  }

  /** One end of a range of entries. */
  entryBound(): string {
    if (this.chance(0.3)) return this.pick(['-', '+']);
    return this.chance(0.2) ? `(${this.entryId()}` : this.entryId();
  }

  /** `STREAMS`, so many keys and as many ids. */
  streams(id: () => string): string[] {
    const keys = Array.from({ length: 1 + this.below(2) }, () => this.key('stream'));
    const ids = keys.map(id);
    if (this.chance(0.03)) ids.pop();
    return ['STREAMS', ...keys, ...ids];
  }

  /** One BITFIELD encoding and offset. */
  bitPlace(): string[] {
    const type = this.chance(0.95)
      ? `${this.pick(['u', 'i'])}${1 + this.below(64)}`
      : this.pick(['u64', 'i65', 'x8', 'u0']);
    return [type, this.chance(0.3) ? `#${this.below(12)}` : String(this.below(400))];
  }

  bitOperation(): string[] {
    const n = this.below(10);
    if (n < 4) return ['GET', ...this.bitPlace()];
    if (n < 6) return ['SET', ...this.bitPlace(), this.integer()];
    if (n < 8) return ['INCRBY', ...this.bitPlace(), this.integer()];
    return ['OVERFLOW', this.pick(['WRAP', 'SAT', 'FAIL', 'sat'])];
  }

  /** Aggregation options of the sorted set algebra, right for `count` sets. */
  weights(count: number): string[] {
    const options: string[] = [];
    if (this.chance(0.4))
      options.push('WEIGHTS', ...Array.from({ length: count }, () => this.pick(['1', '2', '-1', '0.5'])));
    if (this.chance(0.4)) options.push('AGGREGATE', this.pick(['SUM', 'MIN', 'MAX', 'min']));
    return options;
  }

  weightedKeys(): string[] {
    const keys = Array.from({ length: 1 + this.below(3) }, () => this.key(this.chance(0.85) ? 'zset' : 'set'));
    return [String(keys.length), ...keys, ...this.weights(keys.length)];
  }

  longitude(): string {
    if (this.chance(0.03)) return this.pick(['181', '-180.1', 'x']);
    return this.pick(['13.361389', '15.087269', '0', '-78.4678', '179.999', '-180', '115.8575', '12.49', '12.5', '13']);
  }

  latitude(): string {
    if (this.chance(0.03)) return this.pick(['86', '-85.06', '']);
    return this.pick(['38.115556', '37.502669', '0', '-0.1807', '85.05', '-31.9505', '41.9', '59.91', '38', '-85']);
  }
}

/** What a word of a template stands for. */
export const makers: Record<string, (values: Values) => string | string[]> = {
  ...Object.fromEntries(kinds.map((kind) => [kind, (values: Values) => values.key(kind)])),
  ...Object.fromEntries(
    Object.entries(privatePools).map(([kind, keys]) => [kind, (values: Values) => values.pick<string>(keys)]),
  ),
  any: (v) => v.keyOfAnother(),
  pair: (v) => v.pair(),
  luaprogram: (v) => luaProgram(v),
  ...administrationMakers,
  val: (v) => v.word(),
  elem: (v) => v.word(),
  member: (v) => (v.chance(0.7) ? v.pick(words) : v.word()),
  field: (v) => (v.chance(0.6) ? v.pick(words) : v.word()),
  fields: (v) => v.countedFields(1),
  fieldpairs: (v) => v.countedFields(2),
  numfield: (v) => v.pick(['n', 'm', 'a']),
  short: (v) => hexText(v.random, 1 + v.below(12)),
  hexes: (v) => hexText(v.random, 4 + v.below(12)),
  int: (v) => v.integer(),
  float: (v) => v.float(),
  score: (v) => v.score(),
  idx: (v) => v.index(),
  count: (v) => (v.chance(0.9) ? String(v.below(6)) : v.integer()),
  some: (v) => String(v.below(12) || '0'),
  few: (v) => String(v.below(5)),
  offset: (v) =>
    v.chance(0.9) ? String(v.below(80)) : v.pick(['-1', '5000', '600000000', 'x', '4611686018427387904']),
  bitoff: (v) => (v.chance(0.92) ? String(v.below(600)) : v.pick(['-1', '40000', '4294967296', 'x'])),
  farsecs: (v) => v.farSeconds(),
  farms: (v) => v.farMillis(),
  ts: (v) => v.moment(),
  tsms: (v) => v.momentMillis(),
  db: (v) => (v.chance(0.95) ? String(v.below(3)) : v.pick(['15', '16', '-1', 'x'])),
  range: (v) => v.scoreRange(),
  lex: (v) => v.lexRange(),
  lists: (v) => v.numberedKeys('list'),
  sets: (v) => v.numberedKeys('set'),
  zsets: (v) => v.numberedKeys('zset'),
  weighted: (v) => v.weightedKeys(),
  bitplace: (v) => v.bitPlace(),
  bitop: (v) => v.bitOperation(),
  newid: (v) => v.newEntryId(),
  entryid: (v) => v.entryId(),
  bound: (v) => v.entryBound(),
  group: (v) => (v.chance(0.97) ? v.pick(['g1', 'g2']) : 'nosuch'),
  consumer: (v) => v.pick(['alice', 'bob', 'carl']),
  minidle: (v) => (v.chance(0.97) ? v.pick(['0', '0', '0', '1000000000', '-1']) : v.integer()),
  after: (v) => v.streams(() => (v.chance(0.1) ? '$' : v.entryId())),
  fresh: (v) => v.streams(() => '>'),
  history: (v) => v.streams(() => v.entryId()),
  lon: (v) => v.longitude(),
  lat: (v) => v.latitude(),
  place: (v) => v.pick(geoMembers),
  radius: (v) => (v.chance(0.96) ? v.pick(['0', '1', '100', '200.5', '5000', '20000']) : v.pick(['-1', 'x', ''])),
  unit: (v) => v.pick(units),
  channel: (v) => v.pick(channels),
  glob: (v) => v.pick(globs),
  chanpat: (v) => v.pick(['news*', '*', 'w?ather', 'none']),
  name: (v) => v.pick(['alice', 'bob', '', 'has space', 'new\nline']),
  command: (v) => v.pick(commandNames),
  sortable: (v) => (v.chance(0.7) ? v.pick(numbers) : v.word().replaceAll('\x00', 'z')),
  sortby: (v) => v.pick(sortPatterns),
  param: (v) => v.pick(parameters),
  comglob: (v) => v.pick(['z*', 'h*get', 'zs*', 'nosuch']),
  evictpolicy: (v) => v.pick(['noeviction', 'noeviction', 'allkeys-lru', 'volatile-lfu']),
  comclass: (v) => v.pick(['hash', 'LIST', 'nosuch']),
  tunable: (v) => {
    const [name, choices] = v.pick(v.tunables);
    return [name, v.pick(choices)];
  },
  reg: (v) => String(v.below(100)),
};

/**
 * Hexadecimal text that is never a number too large for a double (`43e90492`): Redis 7.0 keeps the range error of such a
 * one in errno, and a later SORT of proper numbers fails by it.
 */
function hexText(random: { hex(length: number): string }, length: number): string {
  return random.hex(length).replaceAll('e', 'f');
}
