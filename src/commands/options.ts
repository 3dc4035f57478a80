import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import { nestedDocs } from './kind.js';
import type { ArgCursor, Encode, KeyTerm, Option, Simplify, Term, UnionToIntersection } from './term.js';
import { isOffered } from './version.js';

/** A token alone: `NX`. The param is `true` or absent. The façade name may differ: `flag('WITHSCORES', 'withScores')`. */
export function flag<N extends string>(token: string, name: N): Option<{ [K in N]?: true }> {
  return {
    token,
    name,
    type: 'boolean',
    doc: { name: token.toLowerCase(), type: 'pure-token', token, optional: true },
    repeat: false,
    args: [],
  };
}

/** A token with one argument (`EX seconds`: the value) or several (`LIMIT offset count`: a tuple). */
export function option<N extends string, A extends readonly Term[]>(
  token: string,
  name: N,
  ...args: A
): Option<{ [K in N]?: ValueOf<A> }> {
  return makeOption(token, name, args, false);
}

/** As `option`, allowed several times: the param is a list (`GET pattern [GET pattern ...]`). */
export function repeated<N extends string, A extends readonly Term[]>(
  token: string,
  name: N,
  ...args: A
): Option<{ [K in N]?: ValueOf<A>[] }> {
  return makeOption(token, name, args, true);
}

/** An option whose argument is a key: `STORE destination`. */
export function keyOption<P extends object>(base: Option<P>, keys: KeyTerm): Option<P> {
  return { ...base, keys };
}

/** An option that a view which narrows patterns sends even where it is left out: `MATCH *`. */
export function impliedOption<P extends object>(base: Option<P>, implied: string): Option<P> {
  return { ...base, implied };
}

/** The value of the params of `A`: the single one, or the tuple in order. */
type ValueOf<A extends readonly Term[]> = A extends readonly [Term<infer P>]
  ? P[keyof P]
  : { [I in keyof A]: A[I] extends Term<infer P> ? P[keyof P] : never };

function makeOption<N extends string>(token: string, name: N, args: readonly Term[], repeat: boolean): Option<never> {
  const types = args.map((arg) => arg.type);
  const type = types.length === 1 ? types[0] : `readonly [${types.join(', ')}]`;
  return {
    token,
    name,
    type: repeat ? `readonly (${type})[]` : type,
    doc: {
      name: token.toLowerCase(),
      token,
      optional: true,
      ...(args.length === 1
        ? { type: args[0].doc.type, ...nestedDocs(args[0].doc.arguments) }
        : { type: 'block', arguments: args.map((arg) => arg.doc) }),
      ...(repeat ? { multiple: true, multipleToken: true } : {}),
    },
    repeat,
    args,
  };
}

export interface BlockRules {
  /** Groups of mutually exclusive options, by their façade names. */
  exclusive?: readonly (readonly string[])[];
  /** The error for a clash; a syntax error by default. */
  clash?: string;
  /** The error for an unknown word; a syntax error by default. Only where the block ends the command. */
  unknown?: string | ((word: Bytes) => string);
  /** Whether terms follow: the first word that is not an option then ends the block. */
  open?: boolean;
  /** Options that clash with themselves; others may be repeated and the last one counts. */
  once?: readonly string[];
  /** Groups in which several options may be given and the last one counts. The façade takes one of each. */
  lastOf?: readonly (readonly string[])[];
}

type BlockParams<O extends readonly Option[]> = Simplify<
  UnionToIntersection<{ [I in keyof O]: O[I] extends Option<infer P> ? P : never }[number]>
>;

/** The options of a command, in any order and any case. */
export function options<const O extends readonly Option[]>(list: O, rules: BlockRules = {}): Term<BlockParams<O>> {
  const byToken = new Map(list.map((item) => [item.token, item]));
  const clash = rules.clash ? new ErrorReply(rules.clash) : replyErrors.syntax;
  const unknown = unknownWord(rules.unknown);
  const rivals = rivalsOf(rules.exclusive ?? []);
  for (const name of rules.once ?? []) rivals.set(name, [...(rivals.get(name) ?? []), name]);
  const replaced = rivalsOf(rules.lastOf ?? []);
  return {
    name: 'options',
    type: 'object',
    doc: { name: 'options', type: 'block', optional: true, arguments: list.map((item) => item.doc) },
    min: 0,
    max: Infinity,
    optional: true,
    options: list,
    at(version) {
      const old = list.filter((item) => item.since === undefined || isOffered(item.since, version));
      return old.length === list.length ? this : options(old, rules);
    },
    parse(cursor, params) {
      while (cursor.at < cursor.end) {
        const item = byToken.get(cursor.argv[cursor.at].toUpperCase());
        if (item === undefined) {
          if (rules.open) return;
          throw unknown(cursor.argv[cursor.at]);
        }
        if (clashes(rivals, item.name, params)) throw clash;
        if (cursor.end - cursor.at - 1 < countArgs(item)) throw replyErrors.syntax;
        cursor.at++;
        parseOption(item, cursor, params);
        for (const other of replaced.get(item.name) ?? []) delete params[other];
      }
    },
    print(params, out, encode) {
      for (const item of list) printOption(item, params[item.name], out, encode);
      checkClashes(rivals, params);
      checkClashes(replaced, params);
    },
  };
}

function countArgs(item: Option): number {
  let count = 0;
  for (const arg of item.args) count += arg.min;
  return count;
}

function unknownWord(rule: BlockRules['unknown']): (word: Bytes) => ErrorReply {
  if (typeof rule === 'function') return (word) => new ErrorReply(rule(word));
  const error = rule ? new ErrorReply(rule) : replyErrors.syntax;
  return () => error;
}

function parseOption(item: Option, cursor: ArgCursor, params: Record<string, unknown>): void {
  if (item.args.length === 0) {
    params[item.name] = true;
    return;
  }
  const values: unknown[] = [];
  for (const arg of item.args) {
    const one: Record<string, unknown> = {};
    arg.parse(cursor, one);
    values.push(one[arg.name]);
  }
  const value = values.length === 1 ? values[0] : values;
  if (!item.repeat) params[item.name] = value;
  else if (params[item.name] === undefined) params[item.name] = [value];
  else (params[item.name] as unknown[]).push(value);
}

function printOption(item: Option, value: unknown, out: Bytes[], encode: Encode): void {
  if (value === undefined || value === null || value === false) {
    if (item.implied !== undefined && encode.narrows) printOption(item, item.implied, out, encode);
    return;
  }
  if (item.args.length === 0) {
    if (value !== true) throw new DataError(`option '${item.name}' must be true or false`);
    out.push(item.token);
    return;
  }
  const rounds = item.repeat ? (Array.isArray(value) ? value : [value]) : [value];
  for (const round of rounds) {
    out.push(item.token);
    const parts = item.args.length === 1 ? [round] : round;
    if (!Array.isArray(parts) || parts.length !== item.args.length) {
      throw new DataError(`option '${item.name}' takes ${item.args.length} values`);
    }
    item.args.forEach((arg, i) => {
      arg.print({ [arg.name]: parts[i] }, out, encode);
    });
  }
}

function rivalsOf(groups: readonly (readonly string[])[]): Map<string, string[]> {
  const rivals = new Map<string, string[]>();
  for (const group of groups) {
    for (const name of group) {
      const others = group.filter((other) => other !== name);
      rivals.set(name, [...(rivals.get(name) ?? []), ...others]);
    }
  }
  return rivals;
}

function clashes(rivals: Map<string, string[]>, name: string, params: Record<string, unknown>): boolean {
  const others = rivals.get(name);
  return others?.some((other) => params[other] !== undefined) ?? false;
}

function checkClashes(rivals: Map<string, string[]>, params: Readonly<Record<string, unknown>>): void {
  for (const [name, others] of rivals) {
    if (!params[name]) continue;
    const rival = others.find((other) => other !== name && params[other]);
    if (rival) throw new DataError(`options '${name}' and '${rival}' exclude each other`);
  }
}
