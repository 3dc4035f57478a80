import { ErrorReply, replyErrors } from '../core/reply.js';
import type { ArgCursor, Option, Term } from './term.js';
import { doubleKind, flag, options, pairs, valueKind } from './words.js';

const nxAndXx = new ErrorReply('ERR XX and NX options at the same time are not compatible');
const gtLtNx = new ErrorReply('ERR GT, LT, and/or NX options at the same time are not compatible');
const incrOfMany = new ErrorReply('ERR INCR option supports a single increment-element pair');

const addOptionList = [
  flag('NX', 'nx'),
  flag('XX', 'xx'),
  flag('GT', 'gt'),
  flag('LT', 'lt'),
  flag('CH', 'ch'),
  flag('INCR', 'incr'),
] as const;

/** ZADD's options. `scoredMembers` checks for clashes, after the number of arguments. */
export const addOptions = greedy(
  options(addOptionList, {
    open: true,
    exclusive: [
      ['nx', 'xx'],
      ['nx', 'gt', 'lt'],
    ],
  }),
  addOptionList,
);

interface AddFlags {
  nx?: true;
  xx?: true;
  gt?: true;
  lt?: true;
  incr?: true;
}

const scorePairs = pairs('members', ['score', doubleKind()], ['member', valueKind], {
  odd: 'syntax',
  swap: true,
  type: "ScorePairs<V['input']>",
});

/** `score member [score member ...]` after `addOptions`. */
export const scoredMembers: typeof scorePairs = {
  ...scorePairs,
  parse(cursor, params) {
    const count = cursor.end - cursor.at;
    if (count % 2 !== 0) throw replyErrors.syntax;
    const { nx, xx, gt, lt, incr } = params as AddFlags;
    if (nx && xx) throw nxAndXx;
    if ((gt && nx) || (lt && nx) || (gt && lt)) throw gtLtNx;
    if (incr && count > 2) throw incrOfMany;
    scorePairs.parse(cursor, params);
  },
};

/**
 * A block of flags before other terms that takes every word which is one of them, even where too few arguments are
 * left for those terms then; and that leaves clashes to them.
 */
export function greedy<P extends object>(block: Term<P>, list: readonly Option[]): Term<P> {
  const names = new Map(list.map((item) => [item.token, item.name]));
  return {
    ...block,
    parse(cursor: ArgCursor, params: Record<string, unknown>) {
      for (; cursor.at < cursor.argv.length; cursor.at++) {
        const name = names.get(cursor.argv[cursor.at].toUpperCase());
        if (name === undefined) return;
        params[name] = true;
      }
    },
  };
}
