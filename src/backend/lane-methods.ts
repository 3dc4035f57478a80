import { collectionLaneMethods } from './collection-lane-methods.js';
import type { FormCall } from './form-call.js';
import type { LaneFace, LaneMethod } from './lane-face.js';
import { encodeArg } from './view.js';

/** Within a loop over the names of an object, V8 knows the answer of this one; `Object.hasOwn` it calls each time. */
const { hasOwnProperty: hasOwn } = Object.prototype;

/** Far from where times in milliseconds leave 64 bits. */
const DURATION_MAX = 2 ** 40;

/**
 * The façade methods that have a lane: in their plain forms they try it and give the reply at once, otherwise they go
 * the way of all methods. Each is written out, since the compiler optimises every function by itself: a shared one
 * that is given the lane would cost half as much again. Values that are no `Arg` throw DataError.
 */
export function laneMethods(callOf: (method: string) => FormCall): Record<string, LaneMethod> {
  return { ...stringLaneMethods(callOf), ...keyLaneMethods(callOf), ...collectionLaneMethods(callOf) };
}

function stringLaneMethods(callOf: (method: string) => FormCall): Record<string, LaneMethod> {
  const GET = callOf('get');
  const SET = callOf('set');
  const INCR = callOf('incr');
  return {
    get(this: LaneFace, key: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined && this.asText === true) {
        const value = this.lanes.getText(key);
        if (value !== undefined) return value;
      }
      return this.invoke(GET, [key, ...more]);
    },

    set(this: LaneFace, key: unknown, value: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && typeof value === 'string' && this.lanes !== undefined) {
        if (more.length === 0) {
          if (this.lanes.set(key, value) !== undefined) return true;
        } else if (more.length === 1) {
          const ms = durationOf(more[0]);
          if (ms !== 0 && this.lanes.setFor(key, value, ms) !== undefined) return true;
        }
        return this.invoke(SET, [key, value, ...more]);
      }
      return setNumber(this, SET, [key, value, ...more]);
    },

    incr(this: LaneFace, key: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const value = this.lanes.incr(key);
        if (value !== undefined) return this.asNumbers === true ? value : this.view.integer(value);
      }
      return this.invoke(INCR, [key, ...more]);
    },
  };
}

function keyLaneMethods(callOf: (method: string) => FormCall): Record<string, LaneMethod> {
  const DEL = callOf('del');
  const EXISTS = callOf('exists');
  const EXPIRE = callOf('expire');
  const TTL = callOf('ttl');
  return {
    del(this: LaneFace, key: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const count = this.lanes.del(key);
        if (count !== undefined) return this.asNumbers === true ? count : this.view.integer(count);
      }
      return this.invoke(DEL, [key, ...more]);
    },

    exists(this: LaneFace, key: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const count = this.lanes.exists(key);
        if (count !== undefined) return this.asNumbers === true ? count : this.view.integer(count);
      }
      return this.invoke(EXISTS, [key, ...more]);
    },

    expire(this: LaneFace, key: unknown, seconds: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined && isDuration(seconds)) {
        const done = this.lanes.expire(key, seconds);
        if (done !== undefined) return done === 1;
      }
      return this.invoke(EXPIRE, [key, seconds, ...more]);
    },

    ttl(this: LaneFace, key: unknown, ...more: unknown[]) {
      if (typeof key === 'string' && more.length === 0 && this.lanes !== undefined) {
        const seconds = this.lanes.ttl(key);
        if (seconds !== undefined) return this.asNumbers === true ? seconds : this.view.integer(seconds);
      }
      return this.invoke(TTL, [key, ...more]);
    },
  };
}

/** SET of a number, alone or with EX or PX, which has lanes too; or whatever else it is. */
function setNumber(face: LaneFace, call: FormCall, args: readonly unknown[]): unknown {
  const [key, value, options] = args;
  const { lanes } = face;
  if (lanes !== undefined && typeof key === 'string' && typeof value === 'number') {
    const text = encodeArg(value);
    if (args.length === 2 && lanes.set(key, text) !== undefined) return true;
    const ms = args.length === 3 ? durationOf(options) : 0;
    if (ms !== 0 && lanes.setFor(key, text, ms) !== undefined) return true;
  }
  return face.invoke(call, args);
}

/** The milliseconds that `{ ex }` or `{ px }` means; 0 for all else. */
function durationOf(options: unknown): number {
  if (typeof options !== 'object' || options === null) return 0;
  let ms = 0;
  for (const name in options) {
    const time = (options as Record<string, unknown>)[name];
    if (ms !== 0 || !isDuration(time) || !hasOwn.call(options, name)) return 0;
    if (name === 'ex') ms = time * 1000;
    else if (name === 'px') ms = time;
    else return 0;
  }
  return ms;
}

/** Whether it is a time for which no command has an error. */
function isDuration(time: unknown): time is number {
  return typeof time === 'number' && Number.isInteger(time) && time > 0 && time < DURATION_MAX;
}

/** As a method of the asynchronous face: the reply as a promise, a wrong argument as a rejected one. */
export function awaited(method: LaneMethod, call: FormCall): LaneMethod {
  return function (this: LaneFace, ...args: unknown[]) {
    // Where there are no lanes at all, there is nothing to try.
    if (this.lanes === undefined) return this.invoke(call, args);
    try {
      return Promise.resolve(method.apply(this, args));
    } catch (error) {
      return Promise.reject(error);
    }
  };
}
