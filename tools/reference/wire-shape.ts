import type { RespNode } from '../../test/support/resp-client.js';

const scalars: Readonly<Record<string, string>> = {
  '+': 'simple string',
  $: 'bulk string',
  ':': 'integer',
  ',': 'double',
  '#': 'boolean',
  '(': 'big number',
  '=': 'verbatim string',
  '-': 'error',
  '!': 'error',
};
const aggregates: Readonly<Record<string, string>> = { '*': 'array', '~': 'set', '>': 'push' };
/** A longer sequence of different kinds is not spelled out. */
const TUPLE_MAX = 4;
const KINDS_MAX = 3;

/** The types of a reply as the wire has them: `array of [bulk string, double]`. */
export function shapeOf({ type, text, items }: RespNode): string {
  if (items !== null) return type === '%' ? mapOf(items) : sequenceOf(aggregates[type]!, items);
  if (text === null) return type === '*' ? 'null array' : 'null';
  return type === '+' && text === 'OK' ? '`OK`' : scalars[type]!;
}

function sequenceOf(word: string, items: readonly RespNode[]): string {
  if (word === 'push') return `push [${items.map(shapeOf).join(', ')}]`;
  const kinds = kindsOf(items);
  if (kinds.length === 0) return `empty ${word}`;
  if (kinds.length === 1) return `${word} of ${kinds[0]}`;
  // Nothing in the place of something is no kind of its own.
  const present = kinds.filter((kind) => !kind.startsWith('null'));
  if (present.length === 1) return `${word} of ${present[0]} or null`;
  if (items.length <= TUPLE_MAX) return `[${items.map(shapeOf).join(', ')}]`;
  return kinds.length <= KINDS_MAX ? `${word} of ${kinds.join(' or ')}` : word;
}

function mapOf(items: readonly RespNode[]): string {
  if (items.length === 0) return 'empty map';
  const values = kindsOf(items.filter((_, i) => i % 2 === 1));
  return values.length <= KINDS_MAX ? `map to ${values.join(' or ')}` : 'map';
}

function kindsOf(items: readonly RespNode[]): string[] {
  return [...new Set(items.map(shapeOf))].sort();
}

/** Without shapes that another one of the list includes: an empty array where there is an array of something. */
export function withoutSpecialCases(shapes: readonly string[]): string[] {
  const known = shapes.filter((shape) => !/^array of null/.test(shape));
  const elements = known.find((shape) => /^array of [^[]/.test(shape));
  // Nothing in all places is the special case of nothing in some.
  const some = known.length < shapes.length && elements !== undefined && !elements.endsWith(' or null');
  const all = elements === undefined ? shapes : some ? [...known, `${elements} or null`] : known;
  const kept = all.filter((shape) => !all.some((other) => other !== shape && includes(other, shape)));
  return kept.map((shape) => shape.replaceAll(/empty (?=array|set|map)/g, '')).sort();
}

function includes(general: string, special: string): boolean {
  if (general.replaceAll(' or null', '') === special) return true;
  if (!special.includes('empty ')) return false;
  const pattern = special.replaceAll(/[[\]`().]/g, '\\$&').replaceAll(/empty (array|set|map)/g, '$1(?: (?:of|to) .+)?');
  return new RegExp(`^${pattern}$`).test(general);
}
