import type { Bytes } from '../core/bytes.js';
import { SLOTS } from '../core/crc16.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import type { ArgCursor, Term } from './term.js';
import { flag, int, option, options, word } from './words.js';

/** What CLUSTER SLOT-STATS tells of a slot; all but the first only with `cluster-slot-stats-enabled`. */
const METRICS = ['key-count', 'cpu-usec', 'network-bytes-in', 'network-bytes-out'] as const;
export type Metric = (typeof METRICS)[number];

const wrongWords = new ErrorReply(
  "ERR unknown subcommand or wrong number of arguments for 'SLOT-STATS'. Try CLUSTER HELP.",
);
const wrongSlot = new ErrorReply('ERR Invalid or out of range slot');
export const wrongMetric = new ErrorReply('ERR Unrecognized sort metric for ORDERBY.');
const wrongLimit = new ErrorReply('ERR Limit has to lie in between 1 and 16384 (maximum number of slots).');
const twice = new ErrorReply('ERR Multiple filters of the same type are disallowed.');

const offered = options(
  [
    option('SLOTSRANGE', 'slotsRange', int('start'), int('end')),
    option('ORDERBY', 'orderBy', word('metric', METRICS)),
    option('LIMIT', 'limit', int('limit')),
    flag('ASC', 'asc'),
    flag('DESC', 'desc'),
  ],
  {
    exclusive: [
      ['slotsRange', 'orderBy'],
      ['slotsRange', 'limit'],
      ['slotsRange', 'asc'],
      ['slotsRange', 'desc'],
      ['asc', 'desc'],
    ],
  },
);

/** `SLOTSRANGE start end` or `ORDERBY metric [LIMIT limit] [ASC | DESC]`. */
export const slotStatsTerm: typeof offered = {
  ...offered,
  min: 2,
  parse(cursor: ArgCursor, params: Record<string, unknown>) {
    const [how = '', ...rest] = cursor.argv.slice(cursor.at, cursor.end);
    cursor.at = cursor.end;
    if (how.toLowerCase() === 'slotsrange' && rest.length === 2) params.slotsRange = range(rest);
    else if (how.toLowerCase() === 'orderby' && rest.length > 0) Object.assign(params, order(rest));
    else throw wrongWords;
  },
} satisfies Term;

function range(words: readonly Bytes[]): [start: number, end: number] {
  const [start, end] = words.map((text) => numberIn(text, 0, SLOTS - 1, wrongSlot)) as [number, number];
  if (start > end) throw new ErrorReply(`ERR Start slot number ${start} is greater than end slot number ${end}`);
  return [start, end];
}

/** `metric [LIMIT limit] [ASC | DESC]`: the options in any order, each once. */
function order([name, ...words]: readonly Bytes[]): Record<string, unknown> {
  const orderBy = METRICS.find((metric) => metric === name!.toLowerCase());
  if (orderBy === undefined) throw wrongMetric;
  const given: Record<string, unknown> = {};
  for (let at = 0; at < words.length; at++) {
    const token = words[at]!.toLowerCase();
    if (token === 'limit' && at + 1 < words.length) {
      if (given.limit !== undefined) throw twice;
      given.limit = numberIn(words[++at]!, 1, SLOTS, wrongLimit);
    } else if (token === 'asc' || token === 'desc') {
      if (given.asc || given.desc) throw twice;
      given[token] = true;
    } else {
      throw replyErrors.syntax;
    }
  }
  return { orderBy, ...given };
}

function numberIn(text: Bytes, min: number, max: number, error: ErrorReply): number {
  const value = parseInteger(text);
  if (typeof value !== 'number' || value < min || value > max) throw error;
  return value;
}
