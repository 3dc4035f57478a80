import type { ReplyView } from '../commands/shape.js';
import type { Lanes } from './lanes.js';
import { encodeArg } from './view.js';

/** Tries a method by its lane: the decoded reply, or undefined when it must take the long way. */
export type LaneCall = (lanes: Lanes, args: readonly unknown[], view: ReplyView) => unknown;

/** The façade methods that have a lane, in their plain forms. Values that are no `Arg` throw DataError here already. */
export const laneCalls: Readonly<Record<string, LaneCall>> = {
  get(lanes, args, view) {
    const key = args[0];
    if (args.length !== 1 || typeof key !== 'string') return undefined;
    const value = lanes.get(key);
    return typeof value === 'string' ? view.bytes(value) : value;
  },

  set(lanes, args) {
    const key = args[0];
    if (args.length !== 2 || typeof key !== 'string') return undefined;
    return lanes.set(key, encodeArg(args[1]));
  },

  incr(lanes, args, view) {
    const key = args[0];
    return args.length === 1 && typeof key === 'string' ? integer(lanes.incr(key), view) : undefined;
  },

  del(lanes, args, view) {
    const key = args[0];
    return args.length === 1 && typeof key === 'string' ? integer(lanes.del(key), view) : undefined;
  },

  exists(lanes, args, view) {
    const key = args[0];
    return args.length === 1 && typeof key === 'string' ? integer(lanes.exists(key), view) : undefined;
  },

  hget(lanes, args, view) {
    const key = args[0];
    if (args.length !== 2 || typeof key !== 'string') return undefined;
    const value = lanes.hget(key, encodeArg(args[1]));
    return typeof value === 'string' ? view.bytes(value) : value;
  },

  hset(lanes, args, view) {
    const key = args[0];
    if (args.length !== 3 || typeof key !== 'string') return undefined;
    return integer(lanes.hset(key, encodeArg(args[1]), encodeArg(args[2])), view);
  },

  sismember(lanes, args) {
    const key = args[0];
    if (args.length !== 2 || typeof key !== 'string') return undefined;
    const found = lanes.sismember(key, encodeArg(args[1]));
    return found === undefined ? undefined : found === 1;
  },

  zadd(lanes, args, view) {
    const key = args[0];
    const member = args[1];
    const score = args[2];
    if (args.length !== 3 || typeof key !== 'string' || typeof member !== 'string' || typeof score !== 'number') {
      return undefined;
    }
    return integer(lanes.zadd(key, encodeArg(member), score), view);
  },

  zscore(lanes, args) {
    const key = args[0];
    return args.length === 2 && typeof key === 'string' ? lanes.zscore(key, encodeArg(args[1])) : undefined;
  },
};

function integer(value: number | undefined, view: ReplyView): unknown {
  return value === undefined ? undefined : view.integer(value);
}
