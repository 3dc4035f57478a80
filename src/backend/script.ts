import { type ScriptReply, scriptReplies } from '../commands/script-replies.js';
import type { Shape } from '../commands/shape.js';
import { type Bytes, bytesFromText } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { sha1Hex } from '../core/sha1.js';
import type { Request } from './backend.js';
import type { Lens } from './lens.js';
import type { Arg, ReplyValue, TextView, View } from './view.js';

/** The types of what a script may be declared to reply (see commands/script-replies.ts). */
export interface ScriptReplies<V extends View> {
  any: ReplyValue<V>;
  ok: 'OK';
  integer: V['integer'];
  integers: V['integer'][];
  boolean: boolean;
  number: number | null;
  string: V['bytes'] | null;
  strings: (V['bytes'] | null)[];
  value: V['value'] | null;
  values: (V['value'] | null)[];
  record: Record<string, V['bytes']>;
}

/** Marks that no `decode` was given: the reply is as its shape says. Nothing has this type. */
export interface AsReplied {
  readonly asReplied: never;
}

/** Facts about a script or function besides its text, declared once. */
export interface CalleeOptions<K extends number, R extends ScriptReply, T> {
  /** How many keys it takes. Default: any number. */
  readonly keys?: K;
  /** What it replies. Default `any`. */
  readonly reply?: R;
  /**
   * Declares that it only reads: a replica may carry it out, and a script that writes anyway is rejected. Needs Redis
   * 7.
   */
  readonly readonly?: boolean;
  /** Converts the reply. */
  readonly decode?: (reply: ScriptReplies<TextView>[R]) => T;
}

/** A script or function: anything called with keys and arguments. */
export interface Callee<K extends number = number, R extends ScriptReply = ScriptReply, T = unknown> {
  readonly name: string;
  readonly keys: number | null;
  readonly shape: Shape;
  /** Phantom: carries the types. */
  readonly _types?: readonly [K, R, T];
  /** The shortest call, for a backend that knows it. */
  brief(lens: Lens, keys: readonly Arg[], args: readonly Arg[]): Request;
  /** A call that works where it is not known; null if that takes another command first. */
  whole(lens: Lens, keys: readonly Arg[], args: readonly Arg[]): Request | null;
  /** The command that makes it known. */
  load(lens: Lens): Request;
  /** Whether this error means that it is not known. */
  isUnknown(error: Bytes): boolean;
}

/** A declared script, not bound to a connection: `db.run(script, keys, args)` calls it. */
export interface ScriptDefinition<K extends number = number, R extends ScriptReply = ScriptReply, T = unknown>
  extends Callee<K, R, T> {
  readonly source: string;
  /** The SHA-1 by which a server knows it. */
  readonly sha: string;
}

/** A list of so many keys; a single one needs no brackets. */
export type Keys<K extends number> = number extends K
  ? Arg | readonly Arg[]
  : K extends 0
    ? readonly []
    : K extends 1
      ? Arg | readonly [Arg]
      : K extends 2
        ? readonly [Arg, Arg]
        : K extends 3
          ? readonly [Arg, Arg, Arg]
          : readonly Arg[];

/** What a call of a callee resolves with, in a view. */
export type Answer<V extends View, R extends ScriptReply, T> = [T] extends [AsReplied] ? ScriptReplies<V>[R] : T;

/** A registered script or function: call it with keys and arguments. */
export interface Bound<V extends View, K extends number, R extends ScriptReply, T> extends Callee<K, R, T> {
  (keys: Keys<K>, args?: readonly Arg[]): Promise<Answer<V, R, T>>;
}

/** A registered script. */
export interface Script<V extends View, K extends number, R extends ScriptReply, T>
  extends Bound<V, K, R, T>,
    Pick<ScriptDefinition, 'source' | 'sha'> {}

/**
 * Declares a Lua script without sending anything. Calls send its SHA-1, and the source where the server does not know
 * it (any more). `name` is for errors. Throws DataError for invalid options.
 */
export function defineScript<const K extends number = number, const R extends ScriptReply = 'any', T = AsReplied>(
  source: string,
  options: CalleeOptions<K, R, T> & { readonly name?: string } = {},
): ScriptDefinition<K, R, T> {
  if (typeof source !== 'string' || source === '') throw new DataError('a script needs its source');
  const sha = sha1Hex(bytesFromText(source));
  const ending = options.readonly ? '_RO' : '';
  return {
    ...calleeOf(options.name ?? `script ${sha.slice(0, 8)}`, options),
    source,
    sha,
    brief: (lens, keys, args) => lens.raw(`EVALSHA${ending}`, [sha, keys.length, ...keys, ...args]),
    whole: (lens, keys, args) => lens.raw(`EVAL${ending}`, [source, keys.length, ...keys, ...args]),
    load: (lens) => lens.raw('SCRIPT LOAD', [source]),
    isUnknown: (error) => error.startsWith('NOSCRIPT'),
  };
}

/** What scripts and functions have in common. */
export function calleeOf<K extends number, R extends ScriptReply, T>(
  name: string,
  options: CalleeOptions<K, R, T>,
): Pick<Callee, 'name' | 'keys' | 'shape'> {
  const { keys = null, reply = 'any', decode } = options;
  if (keys !== null && !(Number.isInteger(keys) && keys >= 0)) throw new DataError(`${name}: keys is a number of keys`);
  const declared: Shape | undefined = Object.hasOwn(scriptReplies, reply) ? scriptReplies[reply] : undefined;
  if (declared === undefined) throw new DataError(`${name}: replies are ${Object.keys(scriptReplies).join(', ')}`);
  const shape: Shape =
    decode === undefined
      ? declared
      : { type: 'unknown', decode: (wire, view) => decode(declared.decode(wire, view) as never) };
  return { name, keys, shape };
}

/** The keys of a call as a list, checked against the declared number. Throws DataError otherwise. */
export function keysFor(callee: Callee, keys: Arg | readonly Arg[]): readonly Arg[] {
  const list = Array.isArray(keys) ? (keys as readonly Arg[]) : [keys as Arg];
  if (callee.keys !== null && list.length !== callee.keys) {
    throw new DataError(`${callee.name} takes ${callee.keys} keys, not ${list.length}`);
  }
  return list;
}
