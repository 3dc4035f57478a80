import type { Kind, Term } from './term.js';
import {
  bytesKind,
  command,
  double,
  type Form,
  flag,
  int,
  intReply,
  key,
  lateNumberKind,
  list,
  of,
  option,
  options,
  pairList,
  valueReply as value,
} from './words.js';

const read = {
  group: 'sorted-set',
  acl: ['sortedset'],
  flags: ['readonly'],
  complexity: 'O(log n + m), m members returned',
} as const;
const remove = {
  group: 'sorted-set',
  acl: ['sortedset'],
  flags: ['write'],
  complexity: 'O(log n + m), m members removed',
} as const;
const count = { group: 'sorted-set', acl: ['sortedset'], flags: ['readonly', 'fast'], complexity: 'O(log n)' } as const;

/**
 * An end of a range: a rank, `1.5`, `(1.5`, `inf`, `[b`, `(b`, `-`, `+`. What it means depends on the options, so the
 * handler parses it.
 */
const boundKind: Kind<string> = {
  ...bytesKind,
  print: (value, encode) => (typeof value === 'number' ? lateNumberKind.print(value, encode) : encode(value)),
};
const bound = <N extends string>(name: N) => of(name, boundKind);

const limit = option('LIMIT', 'limit', int('offset'), int('count'));
const withScores = flag('WITHSCORES', 'withScores');
const direction = [flag('BYSCORE', 'byScore'), flag('BYLEX', 'byLex'), flag('REV', 'rev')] as const;
const directionRules = { exclusive: [['byScore', 'byLex']], once: ['byScore', 'byLex', 'rev'] } as const;

/** Every range command parses both; what does not go with its kind of range gets an error that says so. */
const oldOptions = options([withScores, limit]);

/** Options that are only taken to be refused are not documented. */
function undocumented<P extends object>(term: Term<P>, ...names: string[]): Term<P> {
  return {
    ...term,
    doc: { ...term.doc, arguments: (term.doc.arguments ?? []).filter(({ name }) => !names.includes(name)) },
  };
}

function forms(method: string, omit: readonly string[] = []): Form[] {
  return [
    { method, reply: list(value), omit: ['withScores', ...omit] },
    { method: `${method}WithScores`, reply: pairList(value, double), fix: { withScores: true }, omit },
  ];
}

/** The commands on ranges of sorted sets: by rank, by score, by member. */
export const zsetRangeCommands = {
  zcount: () =>
    command({
      ...count,
      name: 'ZCOUNT',
      since: '2.0.0',
      summary: 'Counts the members with scores between two bounds.',
      args: [key('RO access'), bound('min'), bound('max')],
      reply: intReply,
    }),
  zlexcount: () =>
    command({
      ...count,
      name: 'ZLEXCOUNT',
      since: '2.8.9',
      summary: 'Counts the members between two members, if all have the same score.',
      args: [key('RO access'), bound('min'), bound('max')],
      reply: intReply,
    }),
  zrange: () =>
    command({
      ...read,
      name: 'ZRANGE',
      since: '1.2.0',
      summary: 'Returns the members between two ranks, scores or members, both included.',
      args: [
        key('RO access'),
        bound('start'),
        bound('stop'),
        options([...direction, limit, withScores], directionRules),
      ],
      reply: list(value),
      forms: [
        { method: 'zrange', reply: list(value), omit: ['withScores'] },
        { method: 'zrangeWithScores', reply: pairList(value, double), fix: { withScores: true }, omit: ['byLex'] },
      ],
    }),
  zrangebylex: () =>
    command({
      ...read,
      name: 'ZRANGEBYLEX',
      since: '2.8.9',
      summary: 'Returns the members between two members, if all have the same score.',
      args: [key('RO access'), bound('min'), bound('max'), undocumented(oldOptions, 'withscores')],
      reply: list(value),
      forms: [{ method: 'zrangebylex', reply: list(value), omit: ['withScores'] }],
      deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYLEX` argument' },
    }),
  zrangebyscore: () =>
    command({
      ...read,
      name: 'ZRANGEBYSCORE',
      since: '1.0.5',
      summary: 'Returns the members with scores between two bounds.',
      args: [key('RO access'), bound('min'), bound('max'), oldOptions],
      reply: list(value),
      forms: forms('zrangebyscore'),
      deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYSCORE` argument' },
    }),
  zrangestore: () =>
    command({
      ...read,
      name: 'ZRANGESTORE',
      since: '6.2.0',
      summary: 'As ZRANGE, stored as a sorted set; returns how many members it has.',
      complexity: 'O(log n + m), m members stored',
      flags: ['write', 'denyoom'],
      args: [
        key('OW update', 'destination'),
        key('RO access', 'source'),
        bound('start'),
        bound('stop'),
        options([...direction, limit], directionRules),
      ],
      reply: intReply,
    }),
  zremrangebylex: () =>
    command({
      ...remove,
      name: 'ZREMRANGEBYLEX',
      since: '2.8.9',
      summary: 'Removes the members between two members, if all have the same score; returns how many.',
      args: [key('RW delete'), bound('min'), bound('max')],
      reply: intReply,
    }),
  zremrangebyrank: () =>
    command({
      ...remove,
      name: 'ZREMRANGEBYRANK',
      since: '2.0.0',
      summary: 'Removes the members between two ranks, both included; returns how many.',
      args: [key('RW delete'), int('start'), int('stop')],
      reply: intReply,
    }),
  zremrangebyscore: () =>
    command({
      ...remove,
      name: 'ZREMRANGEBYSCORE',
      since: '1.2.0',
      summary: 'Removes the members with scores between two bounds; returns how many.',
      args: [key('RW delete'), bound('min'), bound('max')],
      reply: intReply,
    }),
  zrevrange: () =>
    command({
      ...read,
      name: 'ZREVRANGE',
      since: '1.2.0',
      summary: 'Returns the members between two ranks, counted from the highest score down.',
      args: [key('RO access'), bound('start'), bound('stop'), undocumented(oldOptions, 'limit')],
      reply: list(value),
      forms: forms('zrevrange', ['limit']),
      deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` argument' },
    }),
  zrevrangebylex: () =>
    command({
      ...read,
      name: 'ZREVRANGEBYLEX',
      since: '2.8.9',
      summary: 'Returns the members between two members from the last to the first, if all have the same score.',
      args: [key('RO access'), bound('max'), bound('min'), undocumented(oldOptions, 'withscores')],
      reply: list(value),
      forms: [{ method: 'zrevrangebylex', reply: list(value), omit: ['withScores'] }],
      deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments' },
    }),
  zrevrangebyscore: () =>
    command({
      ...read,
      name: 'ZREVRANGEBYSCORE',
      since: '2.2.0',
      summary: 'Returns the members with scores between two bounds, from the highest score down.',
      args: [key('RO access'), bound('max'), bound('min'), oldOptions],
      reply: list(value),
      forms: forms('zrevrangebyscore'),
      deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments' },
    }),
};
