import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import type { Encode, Term } from './term.js';
import { type KeyPosition, type KeySpec, keyPositions, keyTerm } from './words.js';

const tooMany = new ErrorReply("ERR Number of keys can't be greater than number of args");
const negative = new ErrorReply("ERR Number of keys can't be negative");

function listOf(value: unknown, name: string): unknown[] {
  const list = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (list.some((item) => item === undefined || item === null))
    throw new DataError(`argument '${name}' has an absent item`);
  return list;
}

/** `numkeys [key …]` of a script; `notNumber` is what a count that is no number is answered with. */
export function scriptKeys(notNumber: ErrorReply = replyErrors.notInteger): Term<{ keys: Bytes[] }> {
  const name = 'keys';
  return {
    name,
    type: 'Arg',
    doc: {
      name: 'numkeys',
      type: 'integer',
      arguments: [{ name: 'key', type: 'key', optional: true, multiple: true }],
    },
    min: 1,
    max: Infinity,
    optional: false,
    keys: keyTerm('RW access update', 'counted'),
    parse(cursor, params) {
      const count = parseInteger(cursor.argv[cursor.at++]);
      if (count === null) throw notNumber;
      if (count > cursor.end - cursor.at) throw tooMany;
      if (count < 0) throw negative;
      params[name] = cursor.argv.slice(cursor.at, cursor.at + Number(count));
      cursor.at += Number(count);
    },
    print(params, out: Bytes[], encode: Encode) {
      // What other clients want here: the count of the keys.
      if (typeof params[name] === 'number') {
        throw new DataError("keys come as an array and without their number: eval(script, ['key'], 'argument')");
      }
      const list = listOf(params[name], name);
      out.push(String(list.length));
      for (const item of list) out.push(encode(item, 'key'));
    },
  };
}

/** The other arguments of a script. */
export const scriptArgs: Term<{ args: Bytes[] }> = {
  name: 'args',
  type: 'Arg',
  doc: { name: 'arg', type: 'string', optional: true, multiple: true },
  min: 0,
  max: Infinity,
  optional: false,
  rest: true,
  parse(cursor, params) {
    params.args = cursor.argv.slice(cursor.at, cursor.end);
    cursor.at = cursor.end;
  },
  print(params, out, encode) {
    for (const item of listOf(params.args, 'args')) out.push(encode(item));
  },
};

const found = {
  begin: { type: 'index', index: 2 },
  find: { type: 'keynum', keyNumIndex: 0, firstKey: 1, step: 1 },
} as const;

export const keysWritten: KeySpec = { flags: ['RW', 'access', 'update'], ...found };
export const keysRead: KeySpec = { flags: ['RO', 'access'], ...found };

/** What COMMAND INFO remarks on scripts of which nothing is known before they run. */
export const unknownUse: KeySpec[] = [
  { ...keysWritten, notes: 'We cannot tell how the keys will be used so we assume the worst, RW and UPDATE' },
];
export const unknownRead: KeySpec[] = [
  { ...keysRead, notes: 'We cannot tell how the keys will be used so we assume the worst, RO and ACCESS' },
];

/** The keys as the specifications say, those that depend on what the script does among them. */
export function keysOfScript(specs: readonly KeySpec[]): (argv: readonly Bytes[]) => KeyPosition[] {
  return (argv) => keyPositions(specs, argv) ?? [];
}
