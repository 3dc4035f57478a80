import type { Bytes } from '../../core/bytes.js';
import type { LuaError } from './error.js';
import { numberText } from './number-text.js';
import { toNumber } from './runtime.js';
import { callSite, libraryError } from './stack.js';
import { LuaTable } from './table.js';
import { type LuaValue, typeOf } from './value.js';

/** The arguments of a library function, checked as Lua's own libraries do. `at` counts from 0. */

export function argumentError(at: number, name: string, message: string): LuaError {
  // Of a method the object is the first argument, but none of those that are counted.
  const number = callSite()?.first?.startsWith('method ') ? at : at + 1;
  if (number === 0) return libraryError(`calling '${name}' on bad self (${message})`);
  return libraryError(`bad argument #${number} to '${name}' (${message})`);
}

function wrongType(args: readonly LuaValue[], at: number, name: string, expected: string): LuaError {
  const got = at < args.length ? typeOf(args[at]) : 'no value';
  return argumentError(at, name, `${expected} expected, got ${got}`);
}

export function anyArgument(args: readonly LuaValue[], at: number, name: string): LuaValue {
  if (at >= args.length) throw argumentError(at, name, 'value expected');
  return args[at];
}

export function tableArgument(args: readonly LuaValue[], at: number, name: string): LuaTable {
  const value = args[at];
  if (!(value instanceof LuaTable)) throw wrongType(args, at, name, 'table');
  return value;
}

export function numberArgument(args: readonly LuaValue[], at: number, name: string): number {
  const value = args[at];
  if (typeof value === 'number') return value;
  const number = toNumber(value);
  if (number === undefined) throw wrongType(args, at, name, 'number');
  return number;
}

/** Cut towards zero, as C does. */
export function integerArgument(args: readonly LuaValue[], at: number, name: string, fallback?: number): number {
  if (fallback !== undefined && args[at] === undefined) return fallback;
  return Math.trunc(numberArgument(args, at, name)) || 0;
}

export function textArgument(args: readonly LuaValue[], at: number, name: string, fallback?: Bytes): Bytes {
  const value = args[at];
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (fallback !== undefined && value === undefined) return fallback;
  throw wrongType(args, at, name, 'string');
}

export function functionArgument(args: readonly LuaValue[], at: number, name: string): LuaValue {
  if (typeof args[at] !== 'function') throw wrongType(args, at, name, 'function');
  return args[at];
}
