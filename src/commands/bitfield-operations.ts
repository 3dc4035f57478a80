import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import { int64Kind, tokenDocs } from './kind.js';
import type { ArgCursor, Encode, Term } from './term.js';

/** `u1` … `u63`, `i1` … `i64`. */
export type BitfieldTypeName = `u${number}` | `i${number}`;
/** A bit, or `#n`: n times the width of the type. */
export type BitfieldOffset = number | bigint | `#${number}`;

/** One operation of BITFIELD; `overflow` holds for those after it. */
export type BitfieldOperation =
  | { readonly get: readonly [type: BitfieldTypeName, offset: BitfieldOffset] }
  | { readonly set: readonly [type: BitfieldTypeName, offset: BitfieldOffset, value: number | bigint] }
  | { readonly incrby: readonly [type: BitfieldTypeName, offset: BitfieldOffset, increment: number | bigint] }
  | { readonly overflow: 'wrap' | 'sat' | 'fail' };

/** What the façade takes. */
export type BitfieldArgs = readonly BitfieldOperation[];

/**
 * An operation as sent: types, offsets and numbers are still bytes, because operations are validated one at a time, and
 * offsets against a setting. `invalid` ends a list whose next words are not an operation.
 */
export type BitfieldWords =
  | { readonly get: readonly Bytes[] }
  | { readonly set: readonly Bytes[] }
  | { readonly incrby: readonly Bytes[] }
  | { readonly overflow: 'wrap' | 'sat' | 'fail' }
  | { readonly invalid: ErrorReply };

const invalidOverflow = new ErrorReply('ERR Invalid OVERFLOW type specified');
const integer = int64Kind();
const lengths: Readonly<Record<string, number>> = { get: 2, set: 3, incrby: 3, overflow: 1 };
const overflows = ['wrap', 'sat', 'fail'];

/** The operations of BITFIELD, any number of them. */
export const bitfieldOperations: Term<{ operations: BitfieldWords[] }> = {
  name: 'operations',
  type: 'BitfieldArgs',
  doc: {
    name: 'operation',
    type: 'oneof',
    optional: true,
    multiple: true,
    arguments: [
      block('GET', ['encoding', 'offset']),
      block('SET', ['encoding', 'offset', 'value']),
      block('INCRBY', ['encoding', 'offset', 'increment']),
      { name: 'overflow', type: 'oneof', token: 'OVERFLOW', arguments: tokenDocs(['WRAP', 'SAT', 'FAIL']) },
    ],
  },
  min: 0,
  max: Infinity,
  optional: false,
  parse(cursor, params) {
    const operations: BitfieldWords[] = [];
    while (cursor.at < cursor.end) {
      const operation = nextOperation(cursor);
      operations.push(operation);
      if ('invalid' in operation) cursor.at = cursor.end;
    }
    params.operations = operations;
  },
  print(params, out, encode) {
    const { operations } = params;
    if (!Array.isArray(operations)) throw new DataError("'operations' must be an array");
    for (const operation of operations) printOperation(operation, out, encode);
  },
};

function block(token: string, names: readonly string[]) {
  const types = names.map((name) => ({ name, type: name === 'encoding' ? 'string' : 'integer' }));
  return { name: token.toLowerCase(), type: 'block', token, arguments: types };
}

function nextOperation(cursor: ArgCursor): BitfieldWords {
  const word = cursor.argv[cursor.at++].toLowerCase();
  const length = Object.hasOwn(lengths, word) ? lengths[word] : Infinity;
  if (cursor.end - cursor.at < length) return { invalid: replyErrors.syntax };
  const words = cursor.argv.slice(cursor.at, cursor.at + length);
  cursor.at += length;
  if (word !== 'overflow') return { [word]: words } as unknown as BitfieldWords;
  const overflow = words[0].toLowerCase();
  return overflows.includes(overflow) ? ({ overflow } as BitfieldWords) : { invalid: invalidOverflow };
}

function printOperation(operation: unknown, out: Bytes[], encode: Encode): void {
  const [name, value] = Object.entries(operation ?? {})[0] ?? [];
  if (name === undefined || !Object.hasOwn(lengths, name)) {
    throw new DataError('a bitfield operation is { get }, { set }, { incrby } or { overflow }');
  }
  const words: unknown[] = name === 'overflow' ? [value] : Array.isArray(value) ? value : [];
  if (words.length !== lengths[name]) throw new DataError(`bitfield ${name} takes ${lengths[name]} values`);
  out.push(name.toUpperCase());
  if (name === 'overflow') out.push(String(value).toUpperCase());
  else out.push(...words.map((word, i) => printWord(word, i, encode)));
}

function printWord(word: unknown, i: number, encode: Encode): Bytes {
  if (encode.asParsed) return word as Bytes;
  return i === 0 || (typeof word === 'string' && word.startsWith('#')) ? encode(word) : integer.print(word, encode);
}
