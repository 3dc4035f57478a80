import type { Bytes } from '../core/bytes.js';
import type { ServerVersion } from './version.js';

/**
 * What a view must know of an argument: a key or channel (which gets a prefix), a glob pattern for such names, a
 * pattern of SORT, or a value (which a codec encodes).
 */
export type Role = 'key' | 'pattern' | 'sortPattern' | 'value';

/** How façade values become bytes: UTF-8 for text from users, identity for values that are bytes already. */
export interface Encode {
  (value: unknown, role?: Role): Bytes;
  /** Whether params come from a parser: values are already bytes, pairs are in wire order. */
  readonly asParsed?: boolean;
  /** Whether patterns are narrowed, so that an omitted one must be sent nevertheless. */
  readonly narrows?: boolean;
}

/** The position of a parse. One cursor is reused for all: parsing a command allocates only its params. */
export interface ArgCursor {
  argv: readonly Bytes[];
  /** The next argument to read. */
  at: number;
  /** One past the last argument that this term may take: later fixed terms have theirs reserved. */
  end: number;
  /** For arity errors raised inside a term. */
  commandName: string;
}

/**
 * One position, option or block of a command's grammar.
 * `P` is the object type which the term adds to the command's params: `{ key: Bytes }`.
 */
export interface Term<P extends object = object> {
  /** The name of the param, as in the façade's signature and COMMAND DOCS. */
  readonly name: string;
  /** The façade type of the argument, as TypeScript text. */
  readonly type: string;
  readonly doc: TermDoc;
  /** The least number of arguments. */
  readonly min: number;
  /** The greatest number of arguments; Infinity for a rest. */
  readonly max: number;
  /** Absent arguments leave the param undefined. */
  readonly optional: boolean;
  /** Which of the arguments are keys. */
  readonly keys?: KeyTerm;
  /** What each of its arguments stands for. */
  readonly role?: Role;
  /** What a view that narrows patterns sends if the argument is omitted. */
  readonly implied?: string;
  /** Façade: spread over the remaining parameters when it stands last. */
  readonly rest?: boolean;
  /** The options of a block, each with its own param. */
  readonly options?: readonly Option[];
  /** The release that brought it, where that is later than the command's. */
  readonly since?: string;
  /** The term in an older version; the term itself if unchanged. */
  at?(version: ServerVersion): Term;
  parse(cursor: ArgCursor, params: Record<string, unknown>): void;
  print(params: Readonly<Record<string, unknown>>, out: Bytes[], encode: Encode): void;
  /** Phantom: carries `P`. */
  readonly _params?: P;
}

/** An argument as COMMAND DOCS shows it. */
export interface TermDoc {
  name: string;
  type: string;
  token?: string;
  since?: string;
  optional?: boolean;
  multiple?: boolean;
  multipleToken?: boolean;
  arguments?: TermDoc[];
}

/** What a command does with a key, in the words of COMMAND INFO's key specifications. */
export type KeyFlag =
  | 'RO'
  | 'RW'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags';

export interface KeyTerm {
  readonly flags: readonly KeyFlag[];
  /** one: the argument itself; rest: every `step`th argument; counted: a number, then that many keys. */
  readonly how: 'one' | 'rest' | 'counted';
  readonly step: number;
}

/** An option of a block: a token alone (`NX`) or a token with arguments (`EX seconds`). */
export interface Option<P extends object = object> {
  readonly token: string;
  readonly name: string;
  readonly type: string;
  readonly doc: TermDoc;
  readonly repeat: boolean;
  /** The release that brought it, where that is later than the command's. */
  readonly since?: string;
  readonly keys?: KeyTerm;
  /** As a term's: `*` for a pattern that is left out. */
  readonly implied?: string;
  readonly args: readonly Term[];
  /** More than one argument: the param is the tuple of the args' values. */
  readonly _params?: P;
}

/** How the text of one argument becomes a value, and back. */
export interface Kind<V> {
  readonly type: string;
  readonly docType: string;
  readonly role?: Role;
  /** The alternatives of a 'oneof'. */
  readonly docArguments?: TermDoc[];
  parse(bytes: Bytes): V;
  print(value: unknown, encode: Encode): Bytes;
}

export type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void
  ? I
  : never;

/** The params that a list of terms parses into. */
export type ParamsOf<A extends readonly Term[]> = A extends readonly []
  ? Record<never, never>
  : Simplify<UnionToIntersection<{ [I in keyof A]: A[I] extends Term<infer P> ? P : never }[number]>>;

export type Simplify<T> = { [K in keyof T]: T[K] };
