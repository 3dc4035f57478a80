import { functionArgument, integerArgument, tableArgument, textArgument } from './arguments.js';
import { LuaError } from './error.js';
import { numberText } from './number-text.js';
import { call, first, less, truthy, turn } from './runtime.js';
import { callSite, charge, libraryError } from './stack.js';
import type { LuaTable } from './table.js';
import { type LuaResult, type LuaValue, NONE, typeOf } from './value.js';

function writable(args: readonly LuaValue[], name: string): LuaTable {
  const table = tableArgument(args, 0, name);
  if (table.readonly) throw new LuaError('Attempt to modify a readonly table', callSite());
  return table;
}

function concat(...args: LuaValue[]): LuaValue {
  const table = tableArgument(args, 0, 'concat');
  const separator = textArgument(args, 1, 'concat', '');
  const from = integerArgument(args, 2, 'concat', 1);
  const to = integerArgument(args, 3, 'concat', table.length);
  const parts: string[] = [];
  for (let i = from; i <= to; i++) {
    turn();
    const value = table.get(i);
    if (typeof value === 'string') parts.push(value);
    else if (typeof value === 'number') parts.push(numberText(value));
    else throw libraryError(`invalid value (${typeOf(value)}) at index ${i} in table for 'concat'`);
  }
  const text = parts.join(separator);
  charge(text.length);
  return text;
}

function insert(...args: LuaValue[]): LuaResult {
  const table = writable(args, 'insert');
  const end = table.length + 1;
  if (args.length === 2) {
    table.set(end, args[1]);
    return NONE;
  }
  if (args.length !== 3) throw libraryError("wrong number of arguments to 'insert'");
  const at = integerArgument(args, 1, 'insert');
  if (at >= 1 && at < end && args[2] !== undefined && table.list.length === end - 1) {
    charge(16);
    table.list.splice(at - 1, 0, args[2]);
    return NONE;
  }
  for (let i = Math.max(end, at); i > at; i--) table.set(i, table.get(i - 1));
  table.set(at, args[2]);
  return NONE;
}

function remove(...args: LuaValue[]): LuaResult {
  const table = writable(args, 'remove');
  const end = table.length;
  const at = integerArgument(args, 1, 'remove', end);
  if (at < 1 || at > end) return NONE;
  const value = table.get(at);
  if (at === end) table.set(at, undefined);
  else {
    table.list.splice(at - 1, 1);
  }
  return value;
}

/** A merge sort: stable, and safe whatever the comparison says. */
function sort(...args: LuaValue[]): LuaResult {
  const table = writable(args, 'sort');
  const compare = args[1] === undefined ? null : functionArgument(args, 1, 'sort');
  const isLess =
    compare === null
      ? (a: LuaValue, b: LuaValue) => less(a, b, null)
      : (a: LuaValue, b: LuaValue) => truthy(first(call(compare, a, b)));
  const list = table.list.slice();
  if (compare !== null && list.includes(undefined)) throw new LuaError('invalid order function for sorting');
  list.sort((a, b) => {
    turn();
    if (isLess(a, b)) return -1;
    return isLess(b, a) ? 1 : 0;
  });
  list.forEach((value, i) => {
    table.set(i + 1, value);
  });
  return NONE;
}

function maxn(...args: LuaValue[]): LuaValue {
  const table = tableArgument(args, 0, 'maxn');
  let max = 0;
  for (const [key] of table.entries()) if (typeof key === 'number' && key > max) max = key;
  return max;
}

function foreach(...args: LuaValue[]): LuaResult {
  const table = tableArgument(args, 0, 'foreach');
  const f = functionArgument(args, 1, 'foreach');
  for (const [key, value] of table.entries()) {
    const result = first(call(f, key, value));
    if (result !== undefined) return result;
  }
  return NONE;
}

function foreachi(...args: LuaValue[]): LuaResult {
  const table = tableArgument(args, 0, 'foreachi');
  const f = functionArgument(args, 1, 'foreachi');
  for (let i = 1, n = table.length; i <= n; i++) {
    const result = first(call(f, i, table.get(i)));
    if (result !== undefined) return result;
  }
  return NONE;
}

export const tableLibrary: Record<string, LuaValue> = {
  concat,
  foreach,
  foreachi,
  getn: (...args) => tableArgument(args, 0, 'getn').length,
  insert,
  maxn,
  remove,
  setn: () => {
    throw libraryError("'setn' is obsolete");
  },
  sort,
};
