import type { Bytes } from '../../core/bytes.js';
import { packFloat, packInteger } from './byte-packer.js';
import { LuaTable } from './table.js';
import type { LuaValue } from './value.js';

/** Tables deeper than this become nil. */
const NESTING_MAX = 16;

function integer(value: number): Bytes {
  if (value >= 0) {
    if (value <= 0x7f) return String.fromCharCode(value);
    if (value <= 0xff) return `\xcc${packInteger(BigInt(value), 1, false)}`;
    if (value <= 0xffff) return `\xcd${packInteger(BigInt(value), 2, false)}`;
    if (value <= 0xffffffff) return `\xce${packInteger(BigInt(value), 4, false)}`;
    return `\xcf${packInteger(BigInt(value), 8, false)}`;
  }
  if (value >= -32) return String.fromCharCode(256 + value);
  if (value >= -128) return `\xd0${packInteger(BigInt(value), 1, false)}`;
  if (value >= -32768) return `\xd1${packInteger(BigInt(value), 2, false)}`;
  if (value >= -2147483648) return `\xd2${packInteger(BigInt(value), 4, false)}`;
  return `\xd3${packInteger(BigInt(value), 8, false)}`;
}

function number(value: number): Bytes {
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) return integer(value + 0);
  return Math.fround(value) === value ? `\xca${packFloat(value, 4, false)}` : `\xcb${packFloat(value, 8, false)}`;
}

/** The head of something of this length: in the tag itself, or as 16 or 32 bits after it. */
function head(length: number, fix: number, fixMax: number, tag16: number): Bytes {
  if (length <= fixMax) return String.fromCharCode(fix | length);
  if (length <= 0xffff) return String.fromCharCode(tag16) + packInteger(BigInt(length), 2, false);
  return String.fromCharCode(tag16 + 1) + packInteger(BigInt(length), 4, false);
}

function text(value: Bytes): Bytes {
  if (value.length > 31 && value.length <= 0xff) return `\xd9${String.fromCharCode(value.length)}${value}`;
  return head(value.length, 0xa0, 31, 0xda) + value;
}

/** All keys are 1…n. */
function isArray(table: LuaTable): boolean {
  let count = 0;
  let max = 0;
  for (const [key] of table.entries()) {
    if (typeof key !== 'number' || !Number.isInteger(key) || key < 1) return false;
    count++;
    if (key > max) max = key;
  }
  return max === count;
}

/** Appends a value in MessagePack. O(size). */
export function writeMsgpack(value: LuaValue, parts: Bytes[], level = 0): void {
  if (typeof value === 'string') parts.push(text(value));
  else if (typeof value === 'number') parts.push(number(value));
  else if (typeof value === 'boolean') parts.push(value ? '\xc3' : '\xc2');
  else if (value instanceof LuaTable && level < NESTING_MAX) writeTable(value, parts, level + 1);
  else parts.push('\xc0');
}

function writeTable(table: LuaTable, parts: Bytes[], level: number): void {
  if (isArray(table)) {
    const { length } = table;
    parts.push(head(length, 0x90, 15, 0xdc));
    for (let i = 1; i <= length; i++) writeMsgpack(table.get(i), parts, level);
    return;
  }
  const entries = [...table.entries()];
  parts.push(head(entries.length, 0x80, 15, 0xde));
  for (const [key, value] of entries) {
    writeMsgpack(key, parts, level);
    writeMsgpack(value, parts, level);
  }
}
