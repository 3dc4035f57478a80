import type { Bytes } from '../core/bytes.js';
import { parseDouble } from '../core/double.js';
import { DataError } from '../core/errors.js';
import { parseInt64, parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import type { Encode, Kind, Role, TermDoc } from './term.js';

export const bytesKind: Kind<Bytes> = {
  type: 'Arg',
  docType: 'string',
  parse: (bytes) => bytes,
  print: (value, encode) => encode(value),
};

function roleKind(role: Role, type = 'Arg'): Kind<Bytes> {
  return { ...bytesKind, type, role, print: (value, encode) => encode(value, role) };
}

/** The name of a key, or of a channel. */
export const keyKind = roleKind('key');
/** A glob pattern for names of keys or channels. */
export const patternKind = roleKind('pattern');
/** SORT's: the first `*` stands for the element. */
export const sortPatternKind = roleKind('sortPattern');
/** Stored data: a string, an element, a member, a field's value, a message. */
export const valueKind = roleKind('value', "V['input']");

/** A number left as bytes for the handler, where Redis checks it late; the façade takes a number. */
export const lateNumberKind: Kind<Bytes> = {
  type: 'NumberArg',
  docType: 'double',
  parse: (bytes) => bytes,
  print: printNumber,
};

export interface NumberRules {
  min?: number;
  max?: number;
  /** The full error text, unless it is "ERR value is not an integer or out of range". */
  error?: string;
  /** The error for values outside min…max, if different from `error`. */
  rangeError?: string;
  /** The façade takes a Date as well, sent in this unit. */
  date?: 's' | 'ms';
}

/** A 64-bit integer used as an index or count: beyond ±2^53 it is clamped, which no collection can tell. */
export function intKind(rules: NumberRules = {}): Kind<number> {
  const invalid = rules.error ? new ErrorReply(rules.error) : replyErrors.notInteger;
  const range = rules.rangeError ? new ErrorReply(rules.rangeError) : invalid;
  const min = rules.min ?? -Infinity;
  const max = rules.max ?? Infinity;
  return {
    type: rules.date ? 'number | bigint | Date' : 'number | bigint',
    docType: rules.date ? 'unix-time' : 'integer',
    parse(bytes) {
      const parsed = parseInteger(bytes);
      if (parsed === null) throw invalid;
      const value =
        typeof parsed === 'number' ? parsed : parsed > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
      if (value < min || value > max) throw range;
      return value;
    },
    print: rules.date ? printDate(rules.date) : printInteger,
  };
}

/** A 64-bit integer, exact. */
export function int64Kind(rules: Omit<NumberRules, 'min' | 'max'> = {}): Kind<bigint> {
  const invalid = rules.error ? new ErrorReply(rules.error) : replyErrors.notInteger;
  return {
    type: rules.date ? 'number | bigint | Date' : 'number | bigint',
    docType: rules.date ? 'unix-time' : 'integer',
    parse(bytes) {
      const value = parseInt64(bytes);
      if (value === null) throw invalid;
      return value;
    },
    print: rules.date ? printDate(rules.date) : printInteger,
  };
}

export function doubleKind(): Kind<number> {
  return {
    type: 'NumberArg',
    docType: 'double',
    parse(bytes) {
      const value = parseDouble(bytes);
      if (value === null) throw replyErrors.notFloat;
      return value;
    },
    print: printNumber,
  };
}

/** How documentation describes an argument of some kind. */
export function docOf(name: string, kind: Kind<unknown>): TermDoc {
  return { name, type: kind.docType, ...nestedDocs(kind.docArguments) };
}

/** The entry for nested arguments, if there are any. */
export function nestedDocs(nested: TermDoc[] | undefined): { arguments?: TermDoc[] } {
  return nested === undefined ? {} : { arguments: nested };
}

/** How documentation lists the words of which one is given. */
export function tokenDocs(words: readonly string[]): TermDoc[] {
  return words.map((word) => ({ name: word.toLowerCase(), type: 'pure-token', token: word }));
}

/** One of a few words, in any case; the param is the word in lower case. */
export function wordKind<W extends string>(
  words: readonly W[],
  error: ErrorReply = replyErrors.syntax,
): Kind<Lowercase<W>> {
  const byText = new Map<string, Lowercase<W>>();
  for (const word of words) byText.set(word.toLowerCase(), word.toLowerCase() as Lowercase<W>);
  return {
    type: words.map((word) => `'${word.toLowerCase()}'`).join(' | '),
    docType: 'oneof',
    docArguments: tokenDocs(words),
    parse(bytes) {
      const word = byText.get(bytes) ?? byText.get(bytes.toLowerCase());
      if (word === undefined) throw error;
      return word;
    },
    print(value) {
      const word = byText.get(String(value).toLowerCase());
      if (word === undefined) throw new DataError(`expected one of ${words.join(', ').toLowerCase()}`);
      return word.toUpperCase();
    },
  };
}

function printInteger(value: unknown, encode: Encode): Bytes {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) throw new DataError(`expected an integer, not ${value}`);
    return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return encode(value);
  throw new DataError(`expected an integer, not ${typeof value}`);
}

function printDate(unit: 's' | 'ms'): (value: unknown, encode: Encode) => Bytes {
  return (value, encode) => {
    if (!(value instanceof Date)) return printInteger(value, encode);
    const ms = value.getTime();
    if (Number.isNaN(ms)) throw new DataError('expected a valid Date');
    return String(unit === 's' ? Math.floor(ms / 1000) : ms);
  };
}

function printNumber(value: unknown, encode: Encode): Bytes {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) throw new DataError('expected a number, not NaN');
    if (value === Infinity) return 'inf';
    if (value === -Infinity) return '-inf';
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return encode(value);
  throw new DataError(`expected a number, not ${typeof value}`);
}
