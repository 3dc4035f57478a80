import type { Bytes } from '../../core/bytes.js';
import type { Coroutine } from './coroutine-library.js';
import type { LuaTable } from './table.js';

/** Lua's values as JavaScript's: nil is undefined, a string is `Bytes`. */
export type LuaValue = undefined | boolean | number | Bytes | LuaTable | LuaFunction | Coroutine | Opaque;

/** A value that scripts can only hand around. */
class Opaque {
  readonly typeName = 'userdata';
}

/** What stands for JSON's null. */
export const NULL_POINTER = new Opaque();

/** What a function returns: a single value as it is, none or several as an array. */
export type LuaResult = LuaValue | LuaValue[];

/** A function of Lua or of its libraries. `steps`: the same as a generator, where the script uses coroutines. */
export interface LuaFunction {
  (...args: LuaValue[]): LuaResult;
  steps?: (...args: LuaValue[]) => Generator<LuaValue[], LuaResult, LuaValue[]>;
}

/** No values. */
export const NONE: LuaValue[] = [];

export function typeOf(value: LuaValue): string {
  switch (typeof value) {
    case 'undefined':
      return 'nil';
    case 'object':
      return value.typeName;
    default:
      return typeof value;
  }
}
