import type { Bytes } from '../../core/bytes.js';
import { LuaError, type Site } from './error.js';
import { numberFromText, numberText } from './number-text.js';
import { callSite, charge, DEPTH_MAX, refuel, stack } from './stack.js';
import { LuaTable } from './table.js';
import { type LuaFunction, type LuaResult, type LuaValue, NONE, typeOf } from './value.js';

export { LuaTable } from './table.js';
export { NONE } from './value.js';

/** What compiled Lua is made of: operations with Lua's meaning, errors and metamethods. */

/** Chains of __index and __newindex. */
const CHAIN_MAX = 100;
/** Strings from here on count as memory taken. */
const CHARGED_BYTES_MIN = 1024;

/** The metatable of all strings; set by the string library. */
export const stringMeta: { table: LuaTable | null } = { table: null };

export function fail(site: Site, message: string): never {
  throw new LuaError(`${site.chunk}:${site.line}: ${message}`, site);
}

/** `local 'x' (a nil value)`. */
function described(value: LuaValue, name: string | undefined): string {
  return name === undefined ? `a ${typeOf(value)} value` : `${name} (a ${typeOf(value)} value)`;
}

export function first(result: LuaResult): LuaValue {
  return Array.isArray(result) ? result[0] : result;
}

export function many(result: LuaResult): LuaValue[] {
  return Array.isArray(result) ? result : [result];
}

export function truthy(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}

export function metatableOf(value: LuaValue): LuaTable | null {
  if (value instanceof LuaTable) return value.meta;
  return typeof value === 'string' ? stringMeta.table : null;
}

export function metamethod(value: LuaValue, event: string): LuaValue {
  return metatableOf(value)?.getText(event);
}

// Calls ------------------------------------------------------------------------------------------------------------

/** Calls a function from library code: no place of its own. */
export function call(f: LuaValue, ...args: LuaValue[]): LuaResult {
  if (typeof f === 'function') return enter(f, null, args);
  const handler = metamethod(f, '__call');
  if (typeof handler !== 'function') throw new LuaError(`attempt to call a ${typeOf(f)} value`, callSite());
  return enter(handler, null, [f, ...args]);
}

function enter(f: LuaFunction, site: Site | null, args: LuaValue[]): LuaResult {
  push(site);
  const result = f(...args);
  stack.depth--;
  return result;
}

function push(site: Site | null): void {
  if (--stack.fuel < 0) refuel(site);
  if (stack.depth >= DEPTH_MAX) overflow(site);
  stack.sites[stack.depth++] = site;
}

function overflow(site: Site | null): never {
  if (site) fail(site, 'stack overflow');
  throw new LuaError('stack overflow');
}

function callValue(f: LuaValue, site: Site, args: LuaValue[]): LuaResult {
  const handler = metamethod(f, '__call');
  if (typeof handler !== 'function') fail(site, `attempt to call ${described(f, site.first)}`);
  return enter(handler, site, [f, ...args]);
}

export function call0(f: LuaValue, site: Site): LuaResult {
  if (typeof f !== 'function') return callValue(f, site, []);
  push(site);
  const result = f();
  stack.depth--;
  return result;
}

export function call1(f: LuaValue, site: Site, a: LuaValue): LuaResult {
  if (typeof f !== 'function') return callValue(f, site, [a]);
  push(site);
  const result = f(a);
  stack.depth--;
  return result;
}

export function call2(f: LuaValue, site: Site, a: LuaValue, b: LuaValue): LuaResult {
  if (typeof f !== 'function') return callValue(f, site, [a, b]);
  push(site);
  const result = f(a, b);
  stack.depth--;
  return result;
}

export function call3(f: LuaValue, site: Site, a: LuaValue, b: LuaValue, c: LuaValue): LuaResult {
  if (typeof f !== 'function') return callValue(f, site, [a, b, c]);
  push(site);
  const result = f(a, b, c);
  stack.depth--;
  return result;
}

export function callMany(f: LuaValue, site: Site, args: LuaValue[]): LuaResult {
  return typeof f === 'function' ? enter(f, site, args) : callValue(f, site, args);
}

/** `object:name(…)`. */
export function callMethod(object: LuaValue, name: Bytes, site: Site, args: LuaValue[]): LuaResult {
  const f = index(object, name, object instanceof LuaTable ? site : { ...site, first: site.second });
  return callMany(f, site, [object, ...args]);
}

/** The same for code that may yield: `yield* callSteps(…)`. */
export function* callSteps(f: LuaValue, site: Site, args: LuaValue[]): Generator<LuaValue[], LuaResult, LuaValue[]> {
  if (typeof f !== 'function' || f.steps === undefined) return callMany(f, site, args);
  push(site);
  const result = yield* f.steps(...args);
  stack.depth--;
  return result;
}

export function* methodSteps(
  object: LuaValue,
  name: Bytes,
  site: Site,
  args: LuaValue[],
): Generator<LuaValue[], LuaResult, LuaValue[]> {
  return yield* callSteps(index(object, name, { ...site, first: site.second }), site, [object, ...args]);
}

/** Makes a function of a generator: called by library code it must run through without yielding. */
export function stepping(steps: NonNullable<LuaFunction['steps']>): LuaFunction {
  const f: LuaFunction = (...args) => {
    const step = steps(...args).next();
    if (!step.done) throw new LuaError('attempt to yield across metamethod/C-call boundary', callSite());
    return step.value;
  };
  f.steps = steps;
  return f;
}

// Tables -----------------------------------------------------------------------------------------------------------

export function index(object: LuaValue, key: LuaValue, site: Site): LuaValue {
  if (object instanceof LuaTable) {
    const value = object.get(key);
    if (value !== undefined || object.meta === null) return value;
  }
  return indexMeta(object, key, site);
}

export function indexText(object: LuaValue, key: Bytes, site: Site): LuaValue {
  if (object instanceof LuaTable) {
    const value = object.getText(key);
    if (value !== undefined || object.meta === null) return value;
  }
  return indexMeta(object, key, site);
}

function indexMeta(start: LuaValue, key: LuaValue, site: Site | null): LuaValue {
  let object = start;
  for (let i = 0; i < CHAIN_MAX; i++) {
    let handler: LuaValue;
    if (object instanceof LuaTable) {
      const value = object.get(key);
      if (value !== undefined) return value;
      handler = object.meta?.getText('__index');
      if (handler === undefined) return undefined;
    } else {
      handler = metamethod(object, '__index');
      if (handler === undefined) indexFailure(site, described(object, i === 0 ? site?.first : undefined));
    }
    if (typeof handler === 'function') return first(callAt(handler, site, [object, key]));
    object = handler;
  }
  throw new LuaError('loop in gettable', callSite());
}

function indexFailure(site: Site | null, what: string): never {
  if (site) fail(site, `attempt to index ${what}`);
  throw new LuaError(`attempt to index ${what}`, callSite());
}

function callAt(f: LuaFunction, site: Site | null, args: LuaValue[]): LuaResult {
  return enter(f, site, args);
}

/** `t[k]` for library code. */
export function getIndex(object: LuaValue, key: LuaValue): LuaValue {
  return indexMeta(object, key, null);
}

export function setIndex(start: LuaValue, key: LuaValue, value: LuaValue, site: Site): void {
  let object = start;
  for (let i = 0; i < CHAIN_MAX; i++) {
    let handler: LuaValue;
    if (object instanceof LuaTable) {
      handler = object.meta === null || object.get(key) !== undefined ? undefined : object.meta.getText('__newindex');
      if (handler === undefined) {
        assign(object, key, value, site);
        return;
      }
    } else {
      handler = metamethod(object, '__newindex');
      if (handler === undefined) fail(site, `attempt to index ${described(object, i === 0 ? site.first : undefined)}`);
    }
    if (typeof handler === 'function') {
      callAt(handler, site, [object, key, value]);
      return;
    }
    object = handler;
  }
  fail(site, 'loop in settable');
}

function assign(table: LuaTable, key: LuaValue, value: LuaValue, site: Site): void {
  if (table.readonly) fail(site, 'Attempt to modify a readonly table');
  if (key === undefined) fail(site, 'table index is nil');
  if (Number.isNaN(key)) fail(site, 'table index is NaN');
  table.set(key, value);
}

// Operators --------------------------------------------------------------------------------------------------------

export function toNumber(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? numberFromText(value) : undefined;
}

const arithmetic: Record<string, (a: number, b: number) => number> = {
  __add: (a, b) => a + b,
  __sub: (a, b) => a - b,
  __mul: (a, b) => a * b,
  __div: (a, b) => a / b,
  __mod: (a, b) => a - Math.floor(a / b) * b,
  __pow: (a, b) => a ** b,
  __unm: (a) => -a,
};

function arithmeticSlowly(event: string, a: LuaValue, b: LuaValue, site: Site): LuaValue {
  const x = toNumber(a);
  const y = toNumber(b);
  if (x !== undefined && y !== undefined) return arithmetic[event](x, y);
  const handler = metamethod(a, event) ?? metamethod(b, event);
  if (handler !== undefined) return first(callMany(handler, site, [a, b]));
  const second = x !== undefined;
  fail(site, `attempt to perform arithmetic on ${described(second ? b : a, second ? site.second : site.first)}`);
}

export function add(a: LuaValue, b: LuaValue, site: Site): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? a + b : arithmeticSlowly('__add', a, b, site);
}
export function sub(a: LuaValue, b: LuaValue, site: Site): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? a - b : arithmeticSlowly('__sub', a, b, site);
}
export function mul(a: LuaValue, b: LuaValue, site: Site): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? a * b : arithmeticSlowly('__mul', a, b, site);
}
export function div(a: LuaValue, b: LuaValue, site: Site): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? a / b : arithmeticSlowly('__div', a, b, site);
}
export function mod(a: LuaValue, b: LuaValue, site: Site): LuaValue {
  if (typeof a === 'number' && typeof b === 'number') return a - Math.floor(a / b) * b;
  return arithmeticSlowly('__mod', a, b, site);
}
export function pow(a: LuaValue, b: LuaValue, site: Site): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? a ** b : arithmeticSlowly('__pow', a, b, site);
}
export function negate(a: LuaValue, site: Site): LuaValue {
  return typeof a === 'number' ? -a : arithmeticSlowly('__unm', a, a, site);
}

export function concat(a: LuaValue, b: LuaValue, site: Site): LuaValue {
  const left = typeof a === 'number' ? numberText(a) : a;
  const right = typeof b === 'number' ? numberText(b) : b;
  if (typeof left === 'string' && typeof right === 'string') {
    const joined = left + right;
    if (joined.length >= CHARGED_BYTES_MIN) charge(joined.length);
    return joined;
  }
  const handler = metamethod(a, '__concat') ?? metamethod(b, '__concat');
  if (handler !== undefined) return first(callMany(handler, site, [a, b]));
  const second = typeof left === 'string';
  fail(site, `attempt to concatenate ${described(second ? b : a, second ? site.second : site.first)}`);
}

export function length(value: LuaValue, site: Site): LuaValue {
  if (value instanceof LuaTable) return value.length;
  if (typeof value === 'string') return value.length;
  const handler = metamethod(value, '__len');
  if (handler !== undefined) return first(callMany(handler, site, [value]));
  fail(site, `attempt to get length of ${described(value, site.first)}`);
}

export function equals(a: LuaValue, b: LuaValue): boolean {
  if (a === b) return true;
  if (!(a instanceof LuaTable && b instanceof LuaTable)) return false;
  const handler = a.meta?.getText('__eq');
  if (handler === undefined || handler !== b.meta?.getText('__eq')) return false;
  return truthy(first(call(handler, a, b)));
}

export function less(a: LuaValue, b: LuaValue, site: Site | null): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  const handler = comparer(a, b, '__lt');
  return handler === undefined ? incomparable(a, b, site) : truthy(first(callAtOrFail(handler, site, a, b)));
}

export function lessOrEqual(a: LuaValue, b: LuaValue, site: Site): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a <= b;
  if (typeof a === 'string' && typeof b === 'string') return a <= b;
  const handler = comparer(a, b, '__le');
  if (handler !== undefined) return truthy(first(callAtOrFail(handler, site, a, b)));
  const inverse = comparer(a, b, '__lt');
  return inverse === undefined ? incomparable(a, b, site) : !truthy(first(callAtOrFail(inverse, site, b, a)));
}

function callAtOrFail(f: LuaValue, site: Site | null, a: LuaValue, b: LuaValue): LuaResult {
  return site ? callMany(f, site, [a, b]) : call(f, a, b);
}

/** Both must have the same handler. */
function comparer(a: LuaValue, b: LuaValue, event: string): LuaValue {
  if (typeOf(a) !== typeOf(b)) return undefined;
  const handler = metamethod(a, event);
  return handler !== undefined && handler === metamethod(b, event) ? handler : undefined;
}

function incomparable(a: LuaValue, b: LuaValue, site: Site | null): never {
  const [x, y] = [typeOf(a), typeOf(b)];
  const message = x === y ? `attempt to compare two ${x} values` : `attempt to compare ${x} with ${y}`;
  if (site) fail(site, message);
  throw new LuaError(message, callSite());
}

/** A bound of a numeric `for`. */
export function bound(value: LuaValue, what: string, site: Site): number {
  return toNumber(value) ?? fail(site, `'for' ${what} must be a number`);
}

export function newList(list: LuaValue[]): LuaTable {
  charge(64 + 8 * list.length);
  return LuaTable.ofList(list === NONE ? [] : list.slice());
}

/** `{ items…, [key] = value… }`. */
export function newTable(items: LuaValue[], fields: [LuaValue, LuaValue, Site][]): LuaTable {
  const table = newList(items);
  for (const [key, value, site] of fields) {
    // The items come last, whatever their keys had been given.
    if (!(typeof key === 'number' && items[key - 1] !== undefined)) assign(table, key, value, site);
  }
  return table;
}

/** A turn of a loop; without a place it is one of a library function. */
export function turn(site: Site | null = null): void {
  if (--stack.fuel < 0) refuel(site);
}
