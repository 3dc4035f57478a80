import { nameWords, type Spec } from '../../src/commands/spec.js';
import type { Option, Term } from '../../src/commands/term.js';
import type { Random } from '../../src/core/random.js';

/** Writes argument lists from the grammar of the command table: mostly valid ones, some with a wrong word. */

const bytes = [
  'a',
  'b',
  'key1',
  'key2',
  'x\r\ny',
  'caf\xc3\xa9',
  '\x00\xff',
  'value',
  '5',
  '-1',
  '*',
  '1.5',
  'STORE',
  'get',
];
const bounds = ['-', '+', '[a', '(b', '0', '(1', '-inf', '+inf', '7'];
const integers = ['0', '1', '2', '3', '7', '10', '100'];
const strangeIntegers = ['-1', '9007199254740993', '-9223372036854775808', '9223372036854775807', 'abc', '1.5', ''];
const doubles = ['0', '1', '2.5', '-3', '1e3', '10'];
const fieldTypes = ['u8', 'i16', 'u63', 'i64', 'i1'];

/** Options of which a command needs one each to be valid. */
const needed: Readonly<Record<string, readonly (readonly string[])[]>> = {
  GEOSEARCH: [
    ['FROMMEMBER', 'FROMLONLAT'],
    ['BYRADIUS', 'BYBOX'],
  ],
  GEOSEARCHSTORE: [
    ['FROMMEMBER', 'FROMLONLAT'],
    ['BYRADIUS', 'BYBOX'],
  ],
};

const somePairs = (draw: Draw): string[] => draw.times(1, 3, () => [draw.of(bytes), draw.of(bytes)]);

/** What may stand for a term of a façade type that is not built of the common ones. */
const special: Readonly<Record<string, (draw: Draw) => string[]>> = {
  BitfieldArgs: (draw) => draw.times(1, 3, () => bitfieldOperation(draw)),
  "ScorePairs<V['input']>": (draw) => draw.times(1, 3, () => [draw.of(doubles), draw.of(bytes)]),
  Pairs: somePairs,
  'Iterable<readonly [number, number]>': (draw) => draw.times(1, 3, () => [draw.of(integers), draw.of(integers)]),
  "Pairs<V['input']>": somePairs,
  "Places<V['input']>": (draw) =>
    draw.times(1, 3, () => [draw.of(['13.5', '-120']), draw.of(['38.1', '-45']), draw.of(bytes)]),
};

const ids = ['1-1', '5', '0', '7-0', '18446744073709551615-3', 'x'];
const trims = (draw: Draw): string[] => {
  const sign = draw.of(['~', '=', '']);
  const strategy = draw.of([
    ['MAXLEN', '10'],
    ['minid', '5-1'],
  ]);
  const limit = sign === '~' && draw.chance(0.5) ? ['LIMIT', draw.of(integers)] : [];
  return [strategy[0]!, ...(sign === '' ? [] : [sign]), strategy[1]!, ...limit];
};
const some = (draw: Draw, ...options: string[][]): string[] => options.filter(() => draw.chance(0.4)).flat();
const streams = (draw: Draw, ids: string[]): string[] =>
  draw.chance(0.5) ? ['STREAMS', 'key1', draw.of(ids)] : ['streams', 'key1', 'key2', draw.of(ids), draw.of(ids)];

const deletions = (draw: Draw): string[] => {
  const some = draw.times(1, 3, () => [draw.of(ids)]);
  const block = ['IDS', draw.chance(0.05) ? draw.of(['0', '9', 'x']) : String(some.length), ...some];
  const policy = draw.chance(0.5) ? [draw.of(['KEEPREF', 'delref', 'ACKED'])] : [];
  return draw.chance(0.5) ? [...policy, ...block] : [...block, ...policy];
};

/** Commands whose arguments only make sense together. */
const byCommand: Readonly<Record<string, (draw: Draw) => string[]>> = {
  XADD: (draw) => [
    ...['key', ...some(draw, ['NOMKSTREAM']), ...(draw.chance(0.5) ? trims(draw) : [])],
    ...[draw.of([...ids, '*', '5-*', 'x-*']), ...draw.times(1, 3, () => [draw.of(bytes), draw.of(bytes)])],
  ],
  XSETID: (draw) => ['key', draw.of(ids), ...some(draw, ['ENTRIESADDED', draw.of(integers)], ['MAXDELETEDID', '0-1'])],
  XTRIM: (draw) => ['key', ...trims(draw), ...some(draw, [draw.of(['KEEPREF', 'delref', 'ACKED'])])],
  XDELEX: (draw) => ['key', ...deletions(draw)],
  XACKDEL: (draw) => ['key', 'g', ...deletions(draw)],
  MSETEX: (draw) => {
    const pairs = somePairs(draw);
    const options = some(draw, [draw.of(['NX', 'xx'])], draw.of([['EX', '5'], ['PXAT', '7'], ['KEEPTTL']]));
    return [String(pairs.length / 2), ...pairs, ...options];
  },
  XREAD: (draw) => [...some(draw, ['BLOCK', '5'], ['count', draw.of(integers)]), ...streams(draw, [...ids, '$'])],
  XREADGROUP: (draw) => [
    ...['GROUP', 'g', draw.of(bytes), ...some(draw, ['BLOCK', '5'], ['count', draw.of(integers)], ['NOACK'])],
    ...streams(draw, [...ids, '>']),
  ],
  XPENDING: (draw) => [
    ...['key', 'g', ...some(draw, ['IDLE', draw.of(integers)])],
    ...['-', draw.of(['+', '(5-1', '7']), draw.of(integers), ...some(draw, ['alice'])],
  ],
  XCLAIM: (draw) => [
    ...['key', 'g', 'alice', draw.of(integers), ...draw.times(1, 3, () => [draw.of(ids)])],
    ...some(
      draw,
      ['IDLE', '5'],
      ['TIME', '7'],
      ['RETRYCOUNT', draw.of(integers)],
      ['FORCE'],
      ['justid'],
      ['LASTID', '5'],
    ),
  ],
};

class Draw {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  of<T>(list: readonly T[]): T {
    return list[this.random.below(list.length)]!;
  }

  chance(share: number): boolean {
    return this.random.unit() < share;
  }

  times(min: number, max: number, make: () => string[]): string[] {
    return Array.from({ length: min + this.random.below(max - min + 1) }, make).flat();
  }
}

/** One argument list for a command, its own words included. */
export function argvFor(spec: Spec, random: Random): string[] {
  const draw = new Draw(random);
  const argv = [
    ...nameWords(spec),
    ...(byCommand[spec.name]?.(draw) ?? spec.args.flatMap((term) => argumentsFor(spec, term, draw))),
  ];
  if (draw.chance(0.05)) argv.splice(1 + random.below(argv.length), 0, draw.of(bytes));
  if (draw.chance(0.05) && argv.length > spec.words) argv.pop();
  return argv;
}

function argumentsFor(spec: Spec, term: Term, draw: Draw): string[] {
  const groups = needed[spec.name];
  if (groups && term.options) {
    const chosen = groups.map((tokens) => draw.of(tokens));
    const others = term.options.filter(({ token }) => !groups.flat().includes(token) && draw.chance(0.2));
    const must = term.options.filter(({ token }) => chosen.includes(token));
    return [...must, ...others].flatMap((option) => [
      option.token,
      ...option.args.flatMap((arg) => wordsOf(arg, draw)),
    ]);
  }
  return term.optional && draw.chance(0.4) ? [] : wordsOf(term, draw);
}

function wordsOf(term: Term, draw: Draw): string[] {
  if (term.options) return blockOf(term.options, draw);
  if (term.type === 'never') return [term.doc.token!];
  if (term.doc.token === 'FIELDS') return fieldsOf(term, draw);
  const made = special[term.type];
  if (made) return made(draw);
  if (term.keys?.how === 'counted') {
    const keys = draw.times(1, 3, () => [draw.of(bytes)]);
    return [draw.chance(0.05) ? draw.of(['0', '9', 'x']) : String(keys.length), ...keys];
  }
  if (term.type.startsWith('readonly [')) return tupleOf(term.type, draw);
  if (term.rest) return draw.times(Math.max(1, term.min), 3, () => [wordOf(term, draw)]);
  return [wordOf(term, draw)];
}

/** `FIELDS numfields …`: fields, or pairs of field and value. */
function fieldsOf(term: Term, draw: Draw): string[] {
  const inPairs = term.name === 'pairs';
  const words = inPairs ? somePairs(draw) : draw.times(1, 3, () => [draw.of(bytes)]);
  const count = inPairs ? words.length / 2 : words.length;
  return ['FIELDS', draw.chance(0.05) ? draw.of(['0', '9', 'x']) : String(count), ...words];
}

function blockOf(options: readonly Option[], draw: Draw): string[] {
  const wanted = options.filter(() => draw.chance(1.5 / options.length));
  return wanted.flatMap((option) => {
    const once = [
      draw.chance(0.2) ? option.token.toLowerCase() : option.token,
      ...option.args.flatMap((arg) => wordsOf(arg, draw)),
    ];
    return option.repeat && draw.chance(0.5) ? [...once, ...once] : once;
  });
}

/** A tuple's elements from its type text: `readonly [NumberArg, 'm' | 'km']`, optional ones from the end left out. */
function tupleOf(type: string, draw: Draw): string[] {
  const parts = type
    .slice('readonly ['.length, -1)
    .split(', ')
    .map((part) => part.replace(/^\w+\??: /, ''));
  const optional = (type.match(/\?: /g) ?? []).length;
  const kept = parts.slice(0, parts.length - draw.random.below(optional + 1));
  return kept.map((part) => ofType(part, draw));
}

function wordOf(term: Term, draw: Draw): string {
  if (term.type === 'boolean') return term.doc.token!;
  if (term.name === 'cursor') return draw.of(['0', '17', '4096']);
  if (/^(min|max|start|stop|end)$/.test(term.name) && term.type === 'Arg') return draw.of(bounds);
  return ofType(term.type, draw);
}

function ofType(type: string, draw: Draw): string {
  if (type === "V['input']") return draw.of(bytes);
  const words = [...type.matchAll(/'([^']*)'/g)].map((match) => match[1]!);
  if (words.length > 0) return draw.chance(0.2) ? draw.of(words) : draw.of(words).toUpperCase();
  const literals = type.match(/^\d+( \| \d+)*$/);
  if (literals) return draw.of(type.split(' | '));
  if (type.includes('number')) return draw.chance(0.1) ? draw.of(strangeIntegers) : draw.of(integers);
  if (type === 'NumberArg') return draw.chance(0.1) ? draw.of(['inf', '-inf', 'nan', 'x']) : draw.of(doubles);
  return draw.of(bytes);
}

function bitfieldOperation(draw: Draw): string[] {
  const offset = draw.of(['0', '5', '#1', '100']);
  switch (draw.random.below(4)) {
    case 0:
      return ['GET', draw.of(fieldTypes), offset];
    case 1:
      return ['SET', draw.of(fieldTypes), offset, draw.of(integers)];
    case 2:
      return ['INCRBY', draw.of(fieldTypes), offset, draw.of(integers)];
    default:
      return ['OVERFLOW', draw.of(['WRAP', 'SAT', 'FAIL']), 'INCRBY', draw.of(fieldTypes), offset, '1'];
  }
}
