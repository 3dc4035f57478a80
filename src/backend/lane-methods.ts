import type { ReplyView } from '../commands/shape.js';
import type { FormCall } from './form-call.js';
import type { Lanes } from './lanes.js';
import { encodeArg } from './view.js';

/** A face whose methods may take lanes. */
export interface LaneFace {
  readonly lanes: Lanes | undefined;
  readonly view: ReplyView;
  /** The view's bulk strings are text. */
  readonly asText: boolean;
  invoke(call: FormCall, args: readonly unknown[]): unknown;
}

type Method = (this: LaneFace, ...args: unknown[]) => unknown;

/**
 * The façade methods that have a lane: in their plain forms they try it and give the reply at once, otherwise they go
 * the way of all methods. Each is written out, since the compiler optimises every function by itself: a shared one
 * that is given the lane would cost half as much again. Values that are no `Arg` throw DataError.
 */
export function laneMethods(callOf: (method: string) => FormCall): Record<string, Method> {
  const GET = callOf('get');
  const SET = callOf('set');
  const INCR = callOf('incr');
  const DEL = callOf('del');
  const EXISTS = callOf('exists');
  return {
    get(this: LaneFace, key: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined && this.asText) {
        const value = this.lanes.getText(key);
        if (value !== undefined) return value;
      }
      return this.invoke(GET, [key, ...more]);
    },

    set(this: LaneFace, key: unknown, value: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        if (typeof value === 'string') {
          if (this.lanes.set(key, value) !== undefined) return true;
        } else if (typeof value === 'number') {
          if (this.lanes.set(key, encodeArg(value)) !== undefined) return true;
        }
      }
      return this.invoke(SET, [key, value, ...more]);
    },

    incr(this: LaneFace, key: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const value = this.lanes.incr(key);
        if (value !== undefined) return this.view.integer(value);
      }
      return this.invoke(INCR, [key, ...more]);
    },

    del(this: LaneFace, key: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const count = this.lanes.del(key);
        if (count !== undefined) return this.view.integer(count);
      }
      return this.invoke(DEL, [key, ...more]);
    },

    exists(this: LaneFace, key: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const count = this.lanes.exists(key);
        if (count !== undefined) return this.view.integer(count);
      }
      return this.invoke(EXISTS, [key, ...more]);
    },

    ...collectionMethods(callOf),
  };
}

function collectionMethods(callOf: (method: string) => FormCall): Record<string, Method> {
  const HGET = callOf('hget');
  const HSET = callOf('hset');
  const SISMEMBER = callOf('sismember');
  const ZADD = callOf('zadd');
  const ZSCORE = callOf('zscore');
  return {
    hget(this: LaneFace, key: unknown, field: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const value = this.lanes.hget(key, encodeArg(field));
        if (value !== undefined) return value === null ? null : this.view.bytes(value);
      }
      return this.invoke(HGET, [key, field, ...more]);
    },

    hset(this: LaneFace, ...args: unknown[]) {
      const key = args[0];
      if (args.length === 3 && typeof key === 'string' && this.lanes !== undefined) {
        const added = this.lanes.hset(key, encodeArg(args[1]), encodeArg(args[2]));
        if (added !== undefined) return this.view.integer(added);
      }
      return this.invoke(HSET, args);
    },

    sismember(this: LaneFace, key: unknown, member: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const found = this.lanes.sismember(key, encodeArg(member));
        if (found !== undefined) return found === 1;
      }
      return this.invoke(SISMEMBER, [key, member, ...more]);
    },

    zadd(this: LaneFace, ...args: unknown[]) {
      const key = args[0];
      const score = args[2];
      const plain = args.length === 3 && typeof key === 'string' && typeof score === 'number';
      if (plain && typeof args[1] === 'string' && this.lanes !== undefined) {
        const added = this.lanes.zadd(key, encodeArg(args[1]), score);
        if (added !== undefined) return this.view.integer(added);
      }
      return this.invoke(ZADD, args);
    },

    zscore(this: LaneFace, key: unknown, member: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const score = this.lanes.zscore(key, encodeArg(member));
        if (score !== undefined) return score;
      }
      return this.invoke(ZSCORE, [key, member, ...more]);
    },
  };
}

/** As a method of the asynchronous face: the reply as a promise, a wrong argument as a rejected one. */
export function awaited(method: Method): Method {
  return function (this: LaneFace, ...args: unknown[]) {
    try {
      return Promise.resolve(method.apply(this, args));
    } catch (error) {
      return Promise.reject(error);
    }
  };
}
