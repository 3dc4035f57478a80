import type { Bytes } from '../core/bytes.js';
import { parseDouble } from '../core/double.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import type { ArgCursor, Option, Term } from './term.js';
import {
  command,
  countedKeys,
  double,
  doubleKind,
  flag,
  intReply as int,
  int as integer,
  key,
  late,
  list,
  many,
  option,
  options,
  pairList,
  valueReply as value,
  word,
} from './words.js';

const shared = { group: 'sorted-set', acl: ['sortedset'] } as const;
const read = { ...shared, since: '6.2.0', flags: ['readonly', 'movablekeys'] } as const;
const store = { ...shared, flags: ['write', 'denyoom', 'movablekeys'] } as const;

const union = 'O(n) + O(m log m), n members in all inputs, m in the result';
const intersection = 'O(n k) + O(m log m), n members of the smallest of k inputs, m in the result';
const difference = 'O(n k) + O(m log m), n members of the first of k inputs, m in the result';

const notFloat = new ErrorReply('ERR weight value is not a float');

const weights: Option<{ weights?: number[] }> = {
  ...option('WEIGHTS', 'weights', many('weights', doubleKind())),
  type: 'readonly NumberArg[]',
};
const aggregate = option('AGGREGATE', 'aggregate', word('aggregate', ['SUM', 'MIN', 'MAX']));
const withScores = flag('WITHSCORES', 'withScores');
const limit = option('LIMIT', 'limit', integer('limit', { min: 0, error: "ERR LIMIT can't be negative" }));

/** The block after the keys. Redis checks their types first, so its errors come late. */
const scoring = late(scoringBlock([weights, aggregate, withScores]));
const storeScoring = late(scoringBlock([weights, aggregate]));
const scores = late(options([withScores]));

/** WEIGHTS takes as many arguments as there are keys; with fewer left it is not recognised as an option. */
function scoringBlock<const O extends readonly Option[]>(list: O): ReturnType<typeof options<O>> {
  const block = options(list);
  const rest = options(list.filter((item) => item.token !== 'WEIGHTS'));
  return {
    ...block,
    parse(cursor: ArgCursor, params: Record<string, unknown>) {
      const { end } = cursor;
      const keys = (params.keys as Bytes[]).length;
      while (cursor.at < end) {
        if (cursor.argv[cursor.at].toUpperCase() === 'WEIGHTS') {
          if (end - cursor.at <= keys) throw replyErrors.syntax;
          params.weights = readWeights(cursor, keys);
          continue;
        }
        cursor.end = nextWeights(cursor);
        try {
          rest.parse(cursor, params);
        } finally {
          cursor.end = end;
        }
      }
    },
  };
}

function readWeights(cursor: ArgCursor, count: number): number[] {
  cursor.at++;
  const values: number[] = [];
  while (values.length < count) {
    const value = parseDouble(cursor.argv[cursor.at++]);
    if (value === null) throw notFloat;
    values.push(value);
  }
  return values;
}

/** Where the other options end: before the next WEIGHTS, if there is one. (No other option takes that word.) */
function nextWeights(cursor: ArgCursor): number {
  let at = cursor.at + 1;
  while (at < cursor.end && cursor.argv[at].toUpperCase() !== 'WEIGHTS') at++;
  return at;
}

function sources(name: string): Term<{ keys: Bytes[] }> {
  return countedKeys('RO access', { tooFew: `ERR at least 1 input key is needed for '${name}' command` });
}

const destination = key('OW update', 'destination');
const pairs = pairList(value, double);

/** The commands that combine sorted sets. Plain sets are accepted too, with scores of 1. */
export const zsetCombineCommands = {
  zdiff: () =>
    command({
      ...read,
      name: 'ZDIFF',
      summary: 'Returns the members of the first sorted set that are in no other one.',
      complexity: difference,
      args: [sources('zdiff'), scores],
      reply: list(value),
      forms: [
        { method: 'zdiff', reply: list(value), omit: ['withScores'] },
        { method: 'zdiffWithScores', reply: pairs, fix: { withScores: true } },
      ],
    }),
  zdiffstore: () =>
    command({
      ...store,
      name: 'ZDIFFSTORE',
      since: '6.2.0',
      summary: 'As ZDIFF, stored as a sorted set; returns how many members it has.',
      complexity: difference,
      args: [destination, sources('zdiffstore'), late(options([]))],
      reply: int,
    }),
  zinter: () =>
    command({
      ...read,
      name: 'ZINTER',
      summary: 'Returns the members that are in all of the sorted sets, with their scores combined.',
      complexity: intersection,
      args: [sources('zinter'), scoring],
      reply: list(value),
      forms: [
        { method: 'zinter', reply: list(value), omit: ['withScores'] },
        { method: 'zinterWithScores', reply: pairs, fix: { withScores: true } },
      ],
    }),
  zintercard: () =>
    command({
      ...read,
      name: 'ZINTERCARD',
      since: '7.0.0',
      summary: 'Counts the members that are in all of the sorted sets, up to a limit.',
      complexity: 'O(n k), n members of the smallest of k inputs',
      args: [sources('zintercard'), late(options([limit]))],
      reply: int,
    }),
  zinterstore: () =>
    command({
      ...store,
      name: 'ZINTERSTORE',
      since: '2.0.0',
      summary: 'As ZINTER, stored as a sorted set; returns how many members it has.',
      complexity: intersection,
      args: [destination, sources('zinterstore'), storeScoring],
      reply: int,
    }),
  zunion: () =>
    command({
      ...read,
      name: 'ZUNION',
      summary: 'Returns the members that are in any of the sorted sets, with their scores combined.',
      complexity: union,
      args: [sources('zunion'), scoring],
      reply: list(value),
      forms: [
        { method: 'zunion', reply: list(value), omit: ['withScores'] },
        { method: 'zunionWithScores', reply: pairs, fix: { withScores: true } },
      ],
    }),
  zunionstore: () =>
    command({
      ...store,
      name: 'ZUNIONSTORE',
      since: '2.0.0',
      summary: 'As ZUNION, stored as a sorted set; returns how many members it has.',
      complexity: union,
      args: [destination, sources('zunionstore'), storeScoring],
      reply: int,
    }),
};
