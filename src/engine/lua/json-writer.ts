import type { Bytes } from '../../core/bytes.js';
import type { LuaError } from './error.js';
import { formatGeneral } from './number-text.js';
import { charge, libraryError } from './stack.js';
import { LuaTable } from './table.js';
import { type LuaValue, NULL_POINTER, typeOf } from './value.js';

export interface JsonWriterOptions {
  depthMax: number;
  precision: number;
  /** NaN and infinities are written; as null. */
  oddNumbers: 'refuse' | 'write' | 'null';
  sparse: { convert: boolean; ratio: number; safe: number };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const escaped = /["\\/\0-\x1f\x7f]/g;
const short: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

function quoted(text: Bytes): Bytes {
  return `"${text.replace(escaped, (c) => short[c] ?? `\\u00${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}

function cannot(what: string, why: string): LuaError {
  return libraryError(`Cannot serialise ${what}: ${why}`);
}

/** A Lua value as JSON text. O(size). */
export function writeJson(value: LuaValue, options: JsonWriterOptions): Bytes {
  const parts: Bytes[] = [];
  write(value, 0, parts, options);
  const text = parts.join('');
  charge(text.length);
  return text;
}

function numberText(value: number, { oddNumbers, precision }: JsonWriterOptions): Bytes {
  if (Number.isFinite(value)) return formatGeneral(value, precision);
  if (oddNumbers === 'refuse') throw cannot('number', 'must not be NaN or Inf');
  return oddNumbers === 'null' ? 'null' : formatGeneral(value, precision);
}

function write(value: LuaValue, depth: number, parts: Bytes[], options: JsonWriterOptions): void {
  if (typeof value === 'string') parts.push(quoted(value));
  else if (typeof value === 'number') parts.push(numberText(value, options));
  else if (typeof value === 'boolean') parts.push(String(value));
  else if (value === undefined || value === NULL_POINTER) parts.push('null');
  else if (value instanceof LuaTable) writeTable(value, depth + 1, parts, options);
  else throw cannot(typeOf(value), 'type not supported');
}

function writeTable(table: LuaTable, depth: number, parts: Bytes[], options: JsonWriterOptions): void {
  if (depth > options.depthMax) throw libraryError(`Cannot serialise, excessive nesting (${depth})`);
  const length = arrayLength(table, options);
  if (length > 0) {
    parts.push('[');
    for (let i = 1; i <= length; i++) {
      if (i > 1) parts.push(',');
      write(table.get(i), depth, parts, options);
    }
    parts.push(']');
    return;
  }
  parts.push('{');
  let comma = '';
  for (const [key, value] of table.entries()) {
    parts.push(comma);
    comma = ',';
    if (typeof key === 'number') parts.push(`"${numberText(key, options)}":`);
    else if (typeof key === 'string') parts.push(quoted(key), ':');
    else throw cannot('table', 'table key must be a number or string');
    write(value, depth, parts, options);
  }
  parts.push('}');
}

/** The length of a table that is to become an array; −1 for an object. */
function arrayLength(table: LuaTable, { sparse }: JsonWriterOptions): number {
  let max = 0;
  let items = 0;
  for (const [key] of table.entries()) {
    if (typeof key !== 'number' || !Number.isInteger(key) || key < 1) return -1;
    if (key > max) max = key;
    items++;
  }
  if (sparse.ratio > 0 && max > items * sparse.ratio && max > sparse.safe) {
    if (!sparse.convert) throw cannot('table', 'excessively sparse array');
    return -1;
  }
  return max;
}
