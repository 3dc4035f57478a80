import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors, wrongArity } from '../core/reply.js';
import { idText, parseUint64, type StreamId } from '../core/stream-id.js';
import { type ReferenceParams, referenceOptions, takesReference } from './stream-delete.js';
import { idKind, invalidId, printId, readId } from './stream-id-kind.js';
import type { ArgCursor, Option, Term } from './term.js';
import {
  bytes,
  bytesKind,
  flag,
  int,
  isOffered,
  NEWEST_VERSION,
  of,
  option,
  options,
  pairs,
  parsedBy,
  parsedElsewhere,
  type ServerVersion,
  since,
  valueKind,
} from './words.js';

/** The options of XADD and XTRIM, and what XADD has behind them. */

const twoStrategies = new ErrorReply('ERR syntax error, MAXLEN and MINID options at the same time are not compatible');
const negativeLength = new ErrorReply('ERR The MAXLEN argument must be >= 0.');
const negativeLimit = new ErrorReply('ERR The LIMIT argument must be >= 0.');
const limitAlone = new ErrorReply('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy');
const limitExact = new ErrorReply('ERR syntax error, LIMIT cannot be used without the special ~ option');
const noStrategy = new ErrorReply('ERR syntax error, XTRIM must be called with a trimming strategy');

/** Trimming options. */
export interface TrimParams extends ReferenceParams {
  maxLen?: number;
  minId?: StreamId;
  /** `~`: only whole nodes. */
  approximate?: true;
  /** The most entries to remove; absent: Redis' default. */
  limit?: number;
}

/** The id of a new entry: null is to be made up, `seq` null its sequence number. */
export type NewId = { readonly ms: StreamId['ms']; readonly seq: StreamId['seq'] | null } | null;

export interface AddParams extends TrimParams {
  noMkStream?: true;
  id: NewId;
  /** Fields and values in turn. */
  fields: Bytes[];
}

const trimTokens = [
  option('MAXLEN', 'maxLen', int('threshold')),
  option('MINID', 'minId', of('threshold', idKind)),
  flag('~', 'approximate'),
  option('LIMIT', 'limit', int('count')),
  ...referenceOptions.map((policy) => since('8.2.0', policy)),
] as const;

type Print = Term['print'];

/** `MAXLEN ~ 100 LIMIT 5`: the sign stands between the strategy and its threshold. */
const printTrim: Print = ({ maxLen, minId, approximate, limit, keepRef, delRef, acked }, out, encode) => {
  if (maxLen !== undefined && minId !== undefined)
    throw new DataError("options 'maxLen' and 'minId' exclude each other");
  if (maxLen === undefined && minId === undefined) {
    if (approximate !== undefined || limit !== undefined) throw new DataError("trimming needs 'maxLen' or 'minId'");
    return;
  }
  out.push(maxLen === undefined ? 'MINID' : 'MAXLEN');
  if (approximate === true) out.push('~');
  if (maxLen === undefined) out.push(printId(minId, encode));
  else trimTokens[0].args[0].print({ threshold: maxLen }, out, encode);
  if (limit !== undefined) {
    out.push('LIMIT');
    trimTokens[3].args[0].print({ count: limit }, out, encode);
  }
  if ([keepRef, delRef, acked].filter(Boolean).length > 1)
    throw new DataError("options 'keepRef', 'delRef' and 'acked' exclude each other");
  for (const [word, given] of Object.entries({ KEEPREF: keepRef, DELREF: delRef, ACKED: acked }))
    if (given) out.push(word);
};

/** Reads a trimming option at `at`; returns the index of the next argument, −1 if it is not one. */
function readTrimOption(argv: readonly Bytes[], at: number, params: TrimParams): number {
  const more = argv.length - 1 - at;
  if (more === 0) return -1;
  const word = argv[at].toUpperCase();
  if (word === 'LIMIT') {
    params.limit = readCount(argv[at + 1], negativeLimit);
    return at + 2;
  }
  if (word !== 'MAXLEN' && word !== 'MINID') return -1;
  if (params.maxLen !== undefined || params.minId !== undefined) throw twoStrategies;
  let next = at + 1;
  const sign = argv[next];
  if (more >= 2 && (sign === '~' || sign === '=')) {
    if (sign === '~') params.approximate = true;
    next++;
  }
  if (word === 'MAXLEN') params.maxLen = readCount(argv[next], negativeLength);
  else params.minId = readId(argv[next]);
  return next + 1;
}

function readCount(text: Bytes, negative: ErrorReply): number {
  const value = parseInteger(text);
  if (value === null) throw replyErrors.notInteger;
  if (value < 0) throw negative;
  return Number(value);
}

function checkTrim({ maxLen, minId, limit, approximate }: TrimParams, required: boolean): void {
  const none = maxLen === undefined && minId === undefined;
  if (none && limit !== undefined && limit > 0) throw limitAlone;
  if (none && required) throw noStrategy;
  if (limit !== undefined && approximate !== true) throw limitExact;
}

/** XTRIM's. */
function trimTerm(version: ServerVersion): Term<TrimParams> {
  const refers = isOffered('8.2.0', version);
  const term = parsedBy<TrimParams>(
    { ...options(offered(trimTokens, version)), print: printTrim },
    (cursor, params) => {
      const { argv } = cursor;
      for (let at = cursor.at; at < argv.length; ) {
        if (refers && takesReference(argv[at], params)) {
          at++;
          continue;
        }
        at = readTrimOption(argv, at, params);
        if (at < 0) throw replyErrors.syntax;
      }
      checkTrim(params, true);
      cursor.at = argv.length;
    },
  );
  return { ...term, at: trimTerm };
}

function offered(tokens: readonly Option[], version: ServerVersion): readonly Option[] {
  return tokens.filter((token) => token.since === undefined || isOffered(token.since, version));
}

export const trimOptions = trimTerm(NEWEST_VERSION);

const noMkStream: Option<{ noMkStream?: true }> = flag('NOMKSTREAM', 'noMkStream');

/** XADD's, up to and with the id: only there it shows whether the number of arguments is right. */
function addTerm(version: ServerVersion): Term<AddParams> {
  const refers = isOffered('8.2.0', version);
  const term = parsedBy<AddParams>(
    {
      ...options(offered([noMkStream, ...trimTokens], version)),
      print(params, out, encode) {
        if (params.noMkStream === true) out.push('NOMKSTREAM');
        printTrim(params, out, encode);
      },
    },
    (cursor, params) => readAddition(cursor, params as unknown as AddParams, refers),
  );
  return { ...term, at: addTerm };
}

function readAddition(cursor: ArgCursor, params: AddParams, refers: boolean): void {
  const { argv } = cursor;
  let at = cursor.at;
  params.id = null;
  for (; at < argv.length && argv[at] !== '*'; ) {
    const next = readTrimOption(argv, at, params);
    if (next >= 0) {
      at = next;
    } else if (argv[at].toUpperCase() === 'NOMKSTREAM') {
      params.noMkStream = true;
      at++;
    } else if (refers && takesReference(argv[at], params)) {
      at++;
    } else {
      params.id = readNewId(argv[at]);
      break;
    }
  }
  checkTrim(params, false);
  const fields = argv.length - at - 1;
  if (fields < 2 || fields % 2 === 1) throw wrongArity(cursor.commandName);
  params.fields = argv.slice(at + 1);
  cursor.at = argv.length;
}

export const addOptions = addTerm(NEWEST_VERSION);

/** `5-1`, `5`, or `5-*`. */
function readNewId(text: Bytes): NewId {
  const known = idText(text);
  if (known === null || !known.endsWith('-*')) return readId(text);
  const ms = parseUint64(known.slice(0, -2));
  if (ms === null) throw invalidId;
  return { ms, seq: null };
}

function isHalfId(id: unknown): id is { ms: StreamId['ms'] } {
  return typeof id === 'object' && id !== null && 'seq' in id && id.seq === null;
}

export const addedId = parsedElsewhere({
  ...bytes('id'),
  print({ id }, out, encode) {
    if (id === undefined) throw new DataError("argument 'id' is missing");
    if (id === null) out.push('*');
    else if (isHalfId(id)) out.push(`${id.ms}-*`);
    else out.push(printId(id, encode));
  },
});

const fieldPairs = pairs('fields', ['field', bytesKind], ['value', valueKind]);

export const addedFields = parsedElsewhere({
  ...fieldPairs,
  print(params, out, encode) {
    const { fields } = params;
    if (Array.isArray(fields) && typeof fields[0] === 'string') for (const word of fields) out.push(encode(word));
    else fieldPairs.print(params, out, encode);
  },
});
