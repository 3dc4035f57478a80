import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { ErrorReply, replyErrors, wrongArity } from '../core/reply.js';
import {
  bytesKind,
  docOf,
  int64Kind,
  intKind,
  keyKind,
  lateNumberKind,
  type NumberRules,
  valueKind,
  wordKind,
} from './kind.js';
import type { ArgCursor, Encode, KeyFlag, KeyTerm, Kind, ParamsOf, Term } from './term.js';

/**
 * The words in which commands state their arguments. Each makes a Term: parser (server), printer (client),
 * key positions and documentation in one. `options` (the any-order tokens) live in options.ts.
 */

type TermExtra = Partial<Omit<Term, '_params'>>;

function single<N extends string, V>(name: N, kind: Kind<V>, extra: TermExtra = {}): Term<{ [K in N]: V }> {
  return {
    name,
    type: kind.type,
    doc: docOf(name, kind),
    min: 1,
    max: 1,
    optional: false,
    ...(kind.role === undefined ? {} : { role: kind.role }),
    parse(cursor, params) {
      params[name] = kind.parse(cursor.argv[cursor.at++]);
    },
    print(params, out, encode) {
      out.push(kind.print(required(params, name), encode));
    },
    ...extra,
  };
}

/** A key. `flags` as in COMMAND INFO's key specification: `'RW insert'`. */
export function key(flags: string): Term<{ key: Bytes }>;
export function key<N extends string>(flags: string, name: N): Term<{ [K in N]: Bytes }>;
export function key(flags: string, name = 'key'): Term<Record<string, Bytes>> {
  const term = single(name, keyKind, { keys: keyTerm(flags, 'one') });
  return { ...term, doc: { name, type: 'key' } };
}

export function bytes<N extends string>(name: N): Term<{ [K in N]: Bytes }> {
  return single(name, bytesKind);
}

/** Stored data, which a view's codec encodes. */
export function value<N extends string>(name: N): Term<{ [K in N]: Bytes }> {
  return single(name, valueKind);
}

export function int<N extends string>(name: N, rules?: NumberRules): Term<{ [K in N]: number }> {
  return single(name, intKind(rules));
}

export function int64<N extends string>(name: N): Term<{ [K in N]: bigint }> {
  return single(name, int64Kind());
}

/** A number that the handler parses, because Redis checks it only after the key's type. */
export function lateNumber<N extends string>(name: N): Term<{ [K in N]: Bytes }> {
  return single(name, lateNumberKind);
}

/** One of some words: `LEFT | RIGHT`. */
export function word<N extends string, W extends string>(
  name: N,
  words: readonly W[],
  error?: string,
): Term<{ [K in N]: Lowercase<W> }> {
  return single(name, wordKind(words, error ? new ErrorReply(error) : undefined));
}

/** A value of any other kind. */
export function of<N extends string, V>(name: N, kind: Kind<V>): Term<{ [K in N]: V }> {
  return single(name, kind);
}

/** A positional argument that may be left out: `LPOP key [count]`. */
export function optional<P extends object>(term: Term<P>): Term<Partial<P>> {
  return {
    ...term,
    doc: { ...term.doc, optional: true },
    min: 0,
    optional: true,
    parse(cursor, params) {
      if (cursor.at < cursor.end) term.parse(cursor, params);
    },
    print(params, out, encode) {
      if (params[term.name] !== undefined) term.print(params, out, encode);
      else if (term.implied !== undefined && encode.narrows) term.print({ [term.name]: term.implied }, out, encode);
    },
  } as Term<Partial<P>>;
}

/** One or more keys, up to the end or the fixed terms that follow. */
export function keys(flags: string): Term<{ keys: Bytes[] }>;
export function keys<N extends string>(flags: string, name: N): Term<{ [K in N]: Bytes[] }>;
export function keys(flags: string, name = 'keys'): Term<Record<string, Bytes[]>> {
  const term = many(name, keyKind, { keys: keyTerm(flags, 'rest') });
  return { ...term, doc: { name: 'key', type: 'key', multiple: true } };
}

/** One or more values of one kind, e.g. `element [element ...]`. `min: 0` makes them optional. */
export function many<N extends string, V>(name: N, kind: Kind<V>, extra: TermExtra = {}): Term<{ [K in N]: V[] }> {
  return {
    name,
    type: kind.type,
    doc: { ...docOf(name, kind), multiple: true, ...(extra.min === 0 ? { optional: true } : {}) },
    min: 1,
    max: Infinity,
    optional: extra.min === 0,
    rest: true,
    ...(kind.role === undefined ? {} : { role: kind.role }),
    parse(cursor, params) {
      const values: V[] = [];
      while (cursor.at < cursor.end) values.push(kind.parse(cursor.argv[cursor.at++]));
      params[name] = values;
    },
    print(params, out, encode) {
      for (const value of listOf(params[name], extra.min === 0 ? 0 : 1, name)) out.push(kind.print(value, encode));
    },
    ...extra,
  };
}

export function manyBytes<N extends string>(name: N, extra?: TermExtra): Term<{ [K in N]: Bytes[] }> {
  return many(name, bytesKind, extra);
}

/** As `manyBytes`, for stored data. */
export function manyValues<N extends string>(name: N, extra?: TermExtra): Term<{ [K in N]: Bytes[] }> {
  return many(name, valueKind, extra);
}

export interface PairsRules {
  /** The error for a dangling first half; an arity error by default. */
  odd?: 'arity' | 'syntax';
  /** The façade's order is [second, first]: members before scores. */
  swap?: boolean;
  keys?: KeyTerm;
  /** The façade type, where it is not the plain record of arguments. */
  type?: string;
}

/** One or more pairs: `field value [field value ...]`. The façade takes an object, a Map or an iterable of pairs. */
export function pairs<N extends string, A, B>(
  name: N,
  first: readonly [string, Kind<A>],
  second: readonly [string, Kind<B>],
  rules: PairsRules = {},
): Term<{ [K in N]: [A, B][] }> {
  const [firstName, firstKind] = first;
  const [secondName, secondKind] = second;
  return {
    name,
    type: rules.type ?? (secondKind.role === 'value' ? "Pairs<V['input']>" : 'Pairs'),
    doc: {
      name,
      type: 'block',
      multiple: true,
      arguments: [
        rules.keys ? { name: firstName, type: 'key' } : docOf(firstName, firstKind),
        docOf(secondName, secondKind),
      ],
    },
    min: 2,
    max: Infinity,
    optional: false,
    ...(rules.keys ? { keys: rules.keys } : {}),
    parse(cursor, params) {
      if ((cursor.end - cursor.at) % 2 !== 0)
        throw rules.odd === 'syntax' ? replyErrors.syntax : wrongArity(cursor.commandName);
      const values: [A, B][] = [];
      while (cursor.at < cursor.end) {
        const a = firstKind.parse(cursor.argv[cursor.at++]);
        values.push([a, secondKind.parse(cursor.argv[cursor.at++])]);
      }
      params[name] = values;
    },
    print(params, out, encode) {
      for (const [a, b] of pairsOf(params[name], name)) {
        const swapped = rules.swap && !encode.asParsed;
        out.push(firstKind.print(swapped ? b : a, encode), secondKind.print(swapped ? a : b, encode));
      }
    },
  };
}

/** The encoder for params that come from a parser: values are already bytes, pairs are in wire order. */
export const printedAsParsed: Encode = Object.assign((value: unknown) => value as Bytes, { asParsed: true });

/** `numkeys key [key ...]`; the param is the list of keys. */
export function countedKeys(
  flags: string,
  rules: { error?: string; tooFew?: string; excess?: string } = {},
): Term<{ keys: Bytes[] }> {
  const name = 'keys';
  const count = intKind({ ...(rules.error ? { error: rules.error } : {}) });
  const tooFew = new ErrorReply(rules.tooFew ?? rules.error ?? 'ERR numkeys should be greater than 0');
  const tooMany = rules.excess ? new ErrorReply(rules.excess) : replyErrors.syntax;
  return {
    name,
    type: 'Arg',
    doc: {
      name: 'numkeys',
      type: 'integer',
      arguments: [{ name: 'key', type: 'key', multiple: true }],
    },
    min: 2,
    max: Infinity,
    optional: false,
    keys: keyTerm(flags, 'counted'),
    parse(cursor, params) {
      const n = count.parse(cursor.argv[cursor.at++]);
      if (n <= 0) throw tooFew;
      if (n > cursor.end - cursor.at) throw tooMany;
      params[name] = cursor.argv.slice(cursor.at, cursor.at + n);
      cursor.at += n;
    },
    print(params, out, encode) {
      const list = [...listOf(params[name], 1, name)];
      out.push(String(list.length));
      for (const item of list) out.push(encode(item, 'key'));
    },
  };
}

export function keyTerm(flags: string, how: KeyTerm['how'], step = 1): KeyTerm {
  return { flags: flags.split(' ') as KeyFlag[], how, step };
}

const cursor: ArgCursor = { argv: [], at: 0, end: 0, commandName: '' };

/**
 * Parses a command's arguments. `argv` includes the command's own words, `from` is the first argument after them. The
 * caller has checked the arity. Throws the ErrorReply that Redis would send.
 */
export function parseArgs<A extends readonly Term[]>(
  terms: A,
  argv: readonly Bytes[],
  from: number,
  commandName: string,
): ParamsOf<A> {
  const params: Record<string, unknown> = {};
  let reserved = 0;
  for (const term of terms) reserved += term.min;
  cursor.argv = argv;
  cursor.at = from;
  cursor.commandName = commandName;
  for (let i = 0; i < terms.length; i++) {
    const term = terms[i];
    reserved -= term.min;
    cursor.end = argv.length - reserved;
    if (cursor.end - cursor.at < term.min) throw replyErrors.syntax;
    term.parse(cursor, params);
  }
  if (cursor.at < argv.length) throw replyErrors.syntax;
  return params as ParamsOf<A>;
}

/** Prints params as arguments, in grammar order. Throws DataError for a value of the wrong type. */
export function printArgs(
  terms: readonly Term[],
  params: Readonly<Record<string, unknown>>,
  out: Bytes[],
  encode: Encode,
): Bytes[] {
  for (const term of terms) term.print(params, out, encode);
  return out;
}

function required(params: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = params[name];
  if (value === undefined || value === null) throw new DataError(`argument '${name}' is missing`);
  return value;
}

function listOf(value: unknown, min: number, name: string): Iterable<unknown> {
  if (value === undefined && min === 0) return [];
  const list = Array.isArray(value) ? value : value instanceof Set ? [...value] : [value];
  if (list.length < min || list.some((item) => item === undefined || item === null)) {
    throw new DataError(`argument '${name}' needs at least ${min} value${min === 1 ? '' : 's'}`);
  }
  return list;
}

function pairsOf(value: unknown, name: string): Iterable<readonly [unknown, unknown]> {
  if (value === null || typeof value !== 'object')
    throw new DataError(`argument '${name}' must be an object, a Map or pairs`);
  const list: (readonly [unknown, unknown])[] =
    Symbol.iterator in value ? [...(value as Iterable<readonly [unknown, unknown]>)] : Object.entries(value);
  if (list.length === 0) throw new DataError(`argument '${name}' is empty`);
  return list;
}
