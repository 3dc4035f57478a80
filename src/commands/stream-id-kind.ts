import type { Bytes } from '../core/bytes.js';
import { ErrorReply } from '../core/reply.js';
import {
  formatId,
  idAfter,
  idBefore,
  idText,
  MAX_ID,
  MIN_ID,
  parseId,
  type StreamId,
  UINT64_MAX,
  type Uint64,
} from '../core/stream-id.js';
import { bytesKind } from './kind.js';
import type { Encode, Kind } from './term.js';

export const invalidId = new ErrorReply('ERR Invalid stream ID specified as stream command argument');
const invalidStart = new ErrorReply('ERR invalid start ID for the interval');
const invalidEnd = new ErrorReply('ERR invalid end ID for the interval');

/** An id such as `5-1` or `5`. Throws the error that Redis sends for others. */
export function readId(text: Bytes, missingSeq: Uint64 = 0): StreamId {
  const id = parseId(text, missingSeq);
  if (id === null) throw invalidId;
  return id;
}

/** As `readId`, with `-` and `+` for the lowest and the highest id. */
export function readIdOrEdge(text: Bytes, missingSeq: Uint64 = 0): StreamId {
  const known = idText(text);
  if (known === '-') return MIN_ID;
  return known === '+' ? MAX_ID : readId(text, missingSeq);
}

/** The first id of a range: `(` before it leaves it out. */
export function readRangeStart(text: Bytes): StreamId {
  if (text.length < 2 || text[0] !== '(') return readIdOrEdge(text);
  const id = idAfter(readId(text.slice(1)));
  if (id === null) throw invalidStart;
  return id;
}

/** The last id of a range. */
export function readRangeEnd(text: Bytes): StreamId {
  if (text.length < 2 || text[0] !== '(') return readIdOrEdge(text, UINT64_MAX);
  const id = idBefore(readId(text.slice(1), UINT64_MAX));
  if (id === null) throw invalidEnd;
  return id;
}

/** An id, without `-` and `+`. */
export const idKind: Kind<StreamId> = { ...bytesKind, parse: (text) => readId(text), print: printId };
export const rangeStartKind: Kind<StreamId> = { ...bytesKind, parse: readRangeStart, print: printId };
export const rangeEndKind: Kind<StreamId> = { ...bytesKind, parse: readRangeEnd, print: printId };

/** An id as it was parsed, or as text. */
export function printId(value: unknown, encode: Encode): Bytes {
  return isId(value) ? formatId(value) : encode(value);
}

function isId(value: unknown): value is StreamId {
  return value !== null && typeof value === 'object' && 'ms' in value && 'seq' in value;
}
