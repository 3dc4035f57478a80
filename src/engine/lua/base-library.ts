import type { Bytes } from '../../core/bytes.js';
import { anyArgument, argumentError, integerArgument, tableArgument, textArgument } from './arguments.js';
import { LuaError } from './error.js';
import { load } from './load.js';
import { numberText } from './number-text.js';
import { call, first, many, metamethod, metatableOf, toNumber, truthy } from './runtime.js';
import { asLuaError, callSite, libraryError, stack, where } from './stack.js';
import { LuaTable } from './table.js';
import { type LuaResult, type LuaValue, NONE, NULL_POINTER, typeOf } from './value.js';

/** Arguments and results of a call that Lua's stack holds. */
const STACK_MAX = 8000;

/** What scripts are told that their libraries take. */
const SANDBOX_BYTES = 40_000;

const identities = new WeakMap<object, number>();
let identityCount = 0;

/** Stands for the address of a table or function, as `tostring` shows it. */
function address(object: object): string {
  let id = identities.get(object);
  if (id === undefined) {
    id = ++identityCount;
    identities.set(object, id);
  }
  return `0x${(0x7f0000000000 + id * 64).toString(16)}`;
}

function toText(value: LuaValue): Bytes {
  const handler = metamethod(value, '__tostring');
  if (handler !== undefined) {
    const text = first(call(handler, value));
    if (typeof text !== 'string') throw libraryError("'tostring' must return a string to 'print'");
    return text;
  }
  if (value === undefined) return 'nil';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return `${typeOf(value)}: ${value === NULL_POINTER ? '(nil)' : address(value)}`;
}

/** Calls `work`; an error ends the calls within it and is returned. */
export function protect(work: () => LuaResult): { ok: true; result: LuaResult } | { ok: false; error: LuaError } {
  const { depth } = stack;
  try {
    return { ok: true, result: work() };
  } catch (thrown) {
    const error = asLuaError(thrown);
    stack.depth = depth;
    return { ok: false, error };
  }
}

/** What `pcall` gives of an error: of an error reply its text. */
function caughtValue({ value }: LuaError): LuaValue {
  if (!(value instanceof LuaTable)) return value;
  const text = value.getText('err');
  return typeof text === 'string' ? text : value;
}

function pcall(...args: LuaValue[]): LuaResult {
  anyArgument(args, 0, 'pcall');
  const outcome = protect(() => call(args[0], ...args.slice(1)));
  return outcome.ok ? [true, ...many(outcome.result)] : [false, caughtValue(outcome.error)];
}

function xpcall(...args: LuaValue[]): LuaResult {
  anyArgument(args, 1, 'xpcall');
  const outcome = protect(() => call(args[0]));
  if (outcome.ok) return [true, ...many(outcome.result)];
  const { error } = outcome;
  const handled = protect(() => call(args[1], error.value));
  return handled.ok ? [false, ...many(handled.result).slice(0, 1)] : [false, handled.error.value];
}

function tonumber(...args: LuaValue[]): LuaValue {
  const base = integerArgument(args, 1, 'tonumber', 10);
  if (base === 10) return toNumber(anyArgument(args, 0, 'tonumber'));
  if (base < 2 || base > 36) throw argumentError(1, 'tonumber', 'base out of range');
  const text = textArgument(args, 0, 'tonumber').trim().toLowerCase();
  const [, sign, digits] =
    /^([+-]?)(?:0x(?=[0-9a-f]))?([0-9a-z]+)$/.exec(base === 16 ? text : text.replace(/^([+-]?)0x/, '$1_')) ?? [];
  if (digits === undefined) return undefined;
  let value = 0;
  for (const c of digits) {
    const digit = parseInt(c, 36);
    if (digit >= base) return undefined;
    value = value * base + digit;
  }
  return sign === '-' ? 2 ** 64 - value : value;
}

function next(table: LuaValue, key: LuaValue): LuaResult {
  if (!(table instanceof LuaTable))
    throw argumentError(0, 'next', `table expected, got ${table === undefined ? 'no value' : typeOf(table)}`);
  return table.next(key) ?? undefined;
}

function step(table: LuaValue, i: LuaValue): LuaResult {
  const at = (i as number) + 1;
  const value = (table as LuaTable).get(at);
  return value === undefined ? undefined : [at, value];
}

function select(...args: LuaValue[]): LuaResult {
  if (args[0] === '#') return args.length - 1;
  const n = integerArgument(args, 0, 'select');
  const at = n < 0 ? args.length + n : n;
  if (n === 0 || at < 1) throw argumentError(0, 'select', 'index out of range');
  return args.slice(at);
}

function unpack(...args: LuaValue[]): LuaResult {
  const table = tableArgument(args, 0, 'unpack');
  const from = integerArgument(args, 1, 'unpack', 1);
  const to = integerArgument(args, 2, 'unpack', table.length);
  if (from > to) return NONE;
  if (to - from + 1 + args.length > STACK_MAX) throw libraryError('too many results to unpack');
  const values: LuaValue[] = [];
  for (let i = from; i <= to; i++) values.push(table.get(i));
  return values;
}

function setmetatable(...args: LuaValue[]): LuaValue {
  const table = tableArgument(args, 0, 'setmetatable');
  const meta = args[1];
  if (meta !== undefined && !(meta instanceof LuaTable))
    throw argumentError(1, 'setmetatable', 'nil or table expected');
  if (table.meta?.getText('__metatable') !== undefined) throw libraryError('cannot change a protected metatable');
  if (table.readonly) throw new LuaError('Attempt to modify a readonly table', callSite());
  table.meta = meta ?? null;
  return table;
}

function rawset(...args: LuaValue[]): LuaValue {
  const table = tableArgument(args, 0, 'rawset');
  if (table.readonly) throw new LuaError('Attempt to modify a readonly table', callSite());
  if (args[1] === undefined) throw new LuaError('table index is nil', callSite());
  if (Number.isNaN(args[1])) throw new LuaError('table index is NaN', callSite());
  table.set(args[1], args[2]);
  return table;
}

function error(value: LuaValue, ...rest: LuaValue[]): never {
  const level = integerArgument([value, ...rest], 1, 'error', 1);
  const text = typeof value === 'number' ? numberText(value) : value;
  throw new LuaError(typeof text === 'string' && level > 0 ? where(level) + text : value, callSite());
}

/** `[string "…"]`: the first line of a source that has no name. */
function chunkName(name: Bytes): string {
  if (name.startsWith('@') || name.startsWith('=')) return name.slice(1);
  const [line] = name.split('\n', 1);
  const cut = line.length < name.length || line.length > 45 ? `${line.slice(0, 42)}...` : line;
  return `[string "${cut}"]`;
}

function loadOrNil(source: Bytes, name: Bytes, globals: LuaTable): LuaResult {
  const outcome = protect(() => load(source, chunkName(name), globals));
  return outcome.ok ? outcome.result : [undefined, outcome.error.value];
}

function assertValue(...args: LuaValue[]): LuaResult {
  if (truthy(anyArgument(args, 0, 'assert'))) return args;
  throw libraryError(textArgument(args, 1, 'assert', 'assertion failed!'));
}

/** The functions without a table of their own. */
export function baseLibrary(globals: LuaTable): Record<string, LuaValue> {
  return {
    _G: globals,
    _VERSION: 'Lua 5.1',
    assert: assertValue,
    collectgarbage(option, argument) {
      const what = textArgument([option], 0, 'collectgarbage', 'collect');
      if (!/^(stop|restart|collect|count|step|setpause|setstepmul)$/.test(what)) {
        throw argumentError(0, 'collectgarbage', `invalid option '${what}'`);
      }
      integerArgument([option, argument], 1, 'collectgarbage', 0);
      return what === 'count' ? (SANDBOX_BYTES + stack.charged) / 1024 : what === 'step' ? true : 0;
    },
    error,
    gcinfo: () => Math.floor((SANDBOX_BYTES + stack.charged) / 1024),
    getmetatable(...args) {
      const meta = metatableOf(anyArgument(args, 0, 'getmetatable'));
      return meta?.getText('__metatable') ?? meta ?? undefined;
    },
    ipairs: (...args) => [step, tableArgument(args, 0, 'ipairs'), 0],
    load(reader, name) {
      if (typeof reader !== 'function') throw argumentError(0, 'load', `function expected, got ${typeOf(reader)}`);
      let source = '';
      for (let piece = first(reader()); piece !== undefined && piece !== ''; piece = first(reader())) {
        if (typeof piece !== 'string') return [undefined, 'reader function must return a string'];
        source += piece;
      }
      return loadOrNil(source, textArgument([reader, name], 1, 'load', '=(load)'), globals);
    },
    loadstring(...args) {
      const source = textArgument(args, 0, 'loadstring');
      return loadOrNil(source, textArgument(args, 1, 'loadstring', source), globals);
    },
    next,
    pairs: (...args) => [next, tableArgument(args, 0, 'pairs'), undefined],
    pcall,
    rawequal: (...args) => anyArgument(args, 0, 'rawequal') === anyArgument(args, 1, 'rawequal'),
    rawget: (...args) => tableArgument(args, 0, 'rawget').get(args[1]),
    rawset,
    select,
    setmetatable,
    tonumber,
    tostring: (...args) => toText(anyArgument(args, 0, 'tostring')),
    type: (...args) => typeOf(anyArgument(args, 0, 'type')),
    unpack,
    xpcall,
  };
}
