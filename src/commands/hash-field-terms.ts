import { asCString, type Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors, wrongArity } from '../core/reply.js';
import type { ArgCursor, Kind, Option, Term } from './term.js';
import {
  bytesKind,
  type Follow,
  flag,
  int64Kind,
  late,
  lateKind,
  lateNumber,
  option,
  options,
  pairs,
  valueKind,
} from './words.js';

/** The arguments of commands on single fields of a hash: `FIELDS numfields field [field ...]`, and what stands before. */

const misplaced = 'ERR Mandatory argument FIELDS is missing or not at the right position';
const wrongCount = new ErrorReply('ERR The `numfields` parameter must match the number of arguments');
const missingTime = new ErrorReply('ERR missing expire time');
const twoConditions = new ErrorReply('ERR Only one of FXX or FNX arguments can be specified');
const twoExpirations = new ErrorReply('ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified');
const badPairCount = new ErrorReply('ERR invalid number of fields');

/** The fields, after their count. They are only judged once the handler has looked at the key. */
export function countedFields(badCount: string): Term<{ fields: Bytes[]; late?: ErrorReply }> {
  const invalidCount = new ErrorReply(badCount);
  const parse = (cursor: ArgCursor, params: Record<string, unknown>): void => {
    if (params.late !== undefined) {
      cursor.at = cursor.end;
      return;
    }
    const { argv, at } = cursor;
    if (argv[at]?.toUpperCase() !== 'FIELDS') throw new ErrorReply(misplaced);
    const count = parseInteger(argv[at + 1] ?? '');
    if (count === null || count < 1) throw invalidCount;
    if (Number(count) !== argv.length - at - 2) throw wrongCount;
    params.fields = argv.slice(at + 2);
    cursor.at = cursor.end;
  };
  return late({
    name: 'fields',
    type: bytesKind.type,
    doc: fieldsDoc([{ name: 'field', type: 'string', multiple: true }]),
    min: 0,
    max: Infinity,
    optional: false,
    rest: true,
    parse,
    print(params, out, encode) {
      const fields = Array.isArray(params.fields) ? params.fields : [params.fields];
      if (fields.length === 0) throw new DataError("argument 'fields' needs at least 1 value");
      out.push('FIELDS', String(fields.length), ...fields.map((field) => bytesKind.print(field, encode)));
    },
  } as Term<{ fields: Bytes[] }>);
}

function fieldsDoc(content: NonNullable<Term['doc']['arguments']>): Term['doc'] {
  return {
    name: 'fields',
    type: 'block',
    token: 'FIELDS',
    arguments: [{ name: 'numfields', type: 'integer' }, ...content],
  };
}

/** At most one of the options; what comes after them is for the next term. */
function oneOf<const O extends readonly Option[]>(list: O) {
  const names = list.map(({ name }) => name);
  const block = options(list, { exclusive: [names], once: names, clash: misplaced, open: true });
  return late({
    ...block,
    parse(cursor: ArgCursor, params: Record<string, unknown>) {
      cursor.end = cursor.argv.length;
      block.parse(cursor, params);
    },
  });
}

/** When a field's end may be changed. */
export const deadlineConditions = oneOf([flag('NX', 'nx'), flag('XX', 'xx'), flag('GT', 'gt'), flag('LT', 'lt')]);

/** The expirations that HGETEX takes. */
export const expirations = oneOf([
  option('EX', 'ex', lateNumber('seconds')),
  option('PX', 'px', lateNumber('milliseconds')),
  option('EXAT', 'exat', timeAt('unixSeconds', 's')),
  option('PXAT', 'pxat', timeAt('unixMillis', 'ms')),
  flag('PERSIST', 'persist'),
]);

/** A time whose text the handler reads; the façade takes a Date as well. */
function timeAt<N extends string>(name: N, date: 's' | 'ms'): Term<{ [K in N]: Bytes }> {
  return { ...lateNumber(name), ...of(name, lateKind(int64Kind({ date }))) };
}

function of(name: string, kind: Kind<Bytes>): Pick<Term, 'type' | 'doc' | 'print'> {
  return {
    type: kind.type,
    doc: { name, type: kind.docType },
    print(params, out, encode) {
      out.push(kind.print(params[name], encode));
    },
  };
}

const settingOptions = options(
  [
    flag('FNX', 'fnx'),
    flag('FXX', 'fxx'),
    option('EX', 'ex', lateNumber('seconds')),
    option('PX', 'px', lateNumber('milliseconds')),
    option('EXAT', 'exat', timeAt('unixSeconds', 's')),
    option('PXAT', 'pxat', timeAt('unixMillis', 'ms')),
    flag('KEEPTTL', 'keepTtl'),
  ],
  {
    exclusive: [
      ['fnx', 'fxx'],
      ['ex', 'px', 'exat', 'pxat', 'keepTtl'],
    ],
  },
);
const tokens = new Map(settingOptions.options!.map((item) => [item.token, item]));
const negativeTime = new ErrorReply('ERR invalid expire time, must be >= 0');

/** HSETEX's options: each clash and each wrong word has an error of its own. */
export const hsetexOptions: typeof settingOptions = {
  ...settingOptions,
  parse(cursor, params) {
    const { argv } = cursor;
    let condition = false;
    let expiration = false;
    for (; cursor.at < argv.length; cursor.at++) {
      const word = argv[cursor.at]!;
      const token = word.toUpperCase();
      if (token === 'FIELDS') return;
      const item = tokens.get(token);
      if (item === undefined) throw new ErrorReply(`ERR unknown argument: ${asCString(word)}`);
      const isCondition = token === 'FNX' || token === 'FXX';
      if (isCondition ? condition : expiration) throw isCondition ? twoConditions : twoExpirations;
      if (isCondition) condition = true;
      else expiration = true;
      if (item.args.length === 0) {
        params[item.name] = true;
        continue;
      }
      if (++cursor.at >= argv.length) throw missingTime;
      params[item.name] = checkedTime(argv[cursor.at]!, token.startsWith('E') ? 1000 : 1, cursor.commandName);
    }
    throw replyErrors.syntax;
  },
};

/** The latest end that a field can have, Unix ms. */
export const FIELD_END_MAX = 2 ** 46 - 1;

function checkedTime(text: Bytes, unitMs: number, commandName: string): Bytes {
  const value = parseInteger(text);
  if (value === null) throw replyErrors.notInteger;
  if (value < 0) throw negativeTime;
  if (Number(value) * unitMs > FIELD_END_MAX) throw invalidFieldEnd(commandName);
  return text;
}

export function invalidFieldEnd(commandName: string): ErrorReply {
  return new ErrorReply(`ERR invalid expire time in '${commandName}' command`);
}

const fieldPairs = pairs('pairs', ['field', bytesKind], ['value', valueKind]);

/** HSETEX's `FIELDS numfields field value [field value ...]`. */
export const countedPairs: Term<{ pairs: [Bytes, Bytes][] }> = {
  ...fieldPairs,
  doc: fieldsDoc([{ ...fieldPairs.doc, name: 'data' }]),
  min: 0,
  parse(cursor, params) {
    const { argv, at } = cursor;
    if (at >= argv.length - 3) throw wrongArity(cursor.commandName);
    const count = parseInteger(argv[at + 1]!);
    if (count === null || count < 1 || count > 2 ** 31 - 1) throw badPairCount;
    const left = argv.length - at - 2;
    if (left !== Number(count) * 2) throw wrongArity(cursor.commandName);
    cursor.at += 2;
    fieldPairs.parse(cursor, params);
  },
  print(params, out, encode) {
    const printed: Bytes[] = [];
    fieldPairs.print(params, printed, encode);
    out.push('FIELDS', String(printed.length / 2), ...printed);
  },
};

const relative: Readonly<Record<string, number>> = { HEXPIRE: 1000, HPEXPIRE: 1, EX: 1000, PX: 1 };

function timeOf(word: Bytes, text: Bytes | undefined, now: number): Bytes | null {
  const unit = relative[word.toUpperCase()];
  const value = unit === undefined || text === undefined ? null : parseInteger(text);
  return typeof value === 'number' && value >= 0 ? String(value * unit! + Math.floor(now)) : null;
}

/** HEXPIRE, HPEXPIRE: HPEXPIREAT. */
export const fieldsExpireAt: Follow = {
  rewrite(argv, now) {
    const at = timeOf(argv[0]!, argv[2], now);
    return at === null ? argv : ['HPEXPIREAT', argv[1]!, at, ...argv.slice(3)];
  },
};

/** EX and PX before the fields of HGETEX and HSETEX: PXAT. */
export const fieldOptionsAt: Follow = {
  rewrite(argv, now) {
    for (let i = 2; i + 1 < argv.length && argv[i]!.toUpperCase() !== 'FIELDS'; i++) {
      const at = timeOf(argv[i]!, argv[i + 1], now);
      if (at !== null) return [...argv.slice(0, i), 'PXAT', at, ...argv.slice(i + 2)];
    }
    return argv;
  },
};
