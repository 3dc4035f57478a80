import type { Bytes } from '../../core/bytes.js';
import { argumentError, integerArgument, textArgument } from './arguments.js';
import { numberText } from './number-text.js';
import { Matcher } from './pattern.js';
import { call, first, getIndex, turn } from './runtime.js';
import { charge, libraryError } from './stack.js';
import { LuaTable } from './table.js';
import { formatText } from './text-format.js';
import { type LuaResult, type LuaValue, typeOf } from './value.js';

const STRING_BYTES_MAX = 512 * 1024 * 1024;
const special = /[\^$*+?.([%-]/;

function made(text: Bytes): Bytes {
  if (text.length >= 1024) charge(text.length);
  return text;
}

/** A position from the end counts back; what lies before the start becomes 0 or less. */
function position(at: number, length: number): number {
  return at >= 0 ? at : Math.max(length + at + 1, 0);
}

function sub(...args: LuaValue[]): LuaValue {
  const text = textArgument(args, 0, 'sub');
  const from = Math.max(position(integerArgument(args, 1, 'sub'), text.length), 1);
  const to = Math.min(position(integerArgument(args, 2, 'sub', -1), text.length), text.length);
  return from > to ? '' : text.slice(from - 1, to);
}

function byte(...args: LuaValue[]): LuaResult {
  const text = textArgument(args, 0, 'byte');
  const start = position(integerArgument(args, 1, 'byte', 1), text.length);
  const from = Math.max(start, 1);
  const to = Math.min(position(integerArgument(args, 2, 'byte', start), text.length), text.length);
  if (to - from >= 7997) throw libraryError('string slice too long');
  const codes: LuaValue[] = [];
  for (let i = from; i <= to; i++) codes.push(text.charCodeAt(i - 1));
  return codes;
}

function char(...args: LuaValue[]): LuaValue {
  return args
    .map((_, i) => {
      const code = integerArgument(args, i, 'char');
      if (code < 0 || code > 255) throw argumentError(i, 'char', 'invalid value');
      return String.fromCharCode(code);
    })
    .join('');
}

function rep(...args: LuaValue[]): LuaValue {
  const text = textArgument(args, 0, 'rep');
  const count = integerArgument(args, 1, 'rep');
  if (count <= 0) return '';
  if (text.length * count > STRING_BYTES_MAX) throw libraryError('resulting string too large');
  return made(text.repeat(count));
}

/** `find` and `match`. */
function search(args: LuaValue[], name: 'find' | 'match'): LuaResult {
  const text = textArgument(args, 0, name);
  const pattern = textArgument(args, 1, name);
  const start = Math.min(Math.max(position(integerArgument(args, 2, name, 1), text.length) - 1, 0), text.length);
  const plain = args[3] !== undefined && args[3] !== false;
  if (name === 'find' && (plain || !special.test(pattern))) {
    const at = text.indexOf(pattern, start);
    return at < 0 ? undefined : [at + 1, at + pattern.length];
  }
  const anchored = pattern.startsWith('^');
  const matcher = new Matcher(text, pattern);
  for (let at = start; at <= text.length; at++) {
    const end = matcher.match(at, anchored ? 1 : 0);
    if (end >= 0) {
      if (name === 'match') return matcher.values(at, end);
      return matcher.captures.length === 0 ? [at + 1, end] : [at + 1, end, ...matcher.values(at, end)];
    }
    if (anchored) break;
  }
  return undefined;
}

function gmatch(...args: LuaValue[]): LuaValue {
  const text = textArgument(args, 0, 'gmatch');
  const pattern = textArgument(args, 1, 'gmatch');
  let at = 0;
  return () => {
    const matcher = new Matcher(text, pattern);
    for (; at <= text.length; at++) {
      const end = matcher.match(at, 0);
      if (end < 0) continue;
      const start = at;
      at = end === start ? end + 1 : end;
      return matcher.values(start, end);
    }
    return undefined;
  };
}

function replacementOf(replacement: LuaValue, matcher: Matcher, start: number, end: number): Bytes {
  const whole = matcher.text.slice(start, end);
  let value: LuaValue;
  if (typeof replacement === 'string') {
    return replacement.replace(/%([\s\S]?)/g, (_all, c: string) => {
      if (!/[0-9]/.test(c)) return c;
      if (c === '0') return whole;
      return asText(matcher.value(Number(c) - 1, start, end));
    });
  }
  if (replacement instanceof LuaTable) value = getIndex(replacement, matcher.value(0, start, end));
  else value = first(call(replacement, ...matcher.values(start, end)));
  if (value === undefined || value === false) return whole;
  if (typeof value !== 'string' && typeof value !== 'number')
    throw libraryError(`invalid replacement value (a ${typeOf(value)})`);
  return asText(value);
}

function asText(value: LuaValue): Bytes {
  return typeof value === 'number' ? numberText(value) : (value as Bytes);
}

function gsub(...args: LuaValue[]): LuaResult {
  const text = textArgument(args, 0, 'gsub');
  const pattern = textArgument(args, 1, 'gsub');
  const replacement = typeof args[2] === 'number' ? numberText(args[2]) : args[2];
  if (!['string', 'function'].includes(typeof replacement) && !(replacement instanceof LuaTable)) {
    throw argumentError(2, 'gsub', 'string/function/table expected');
  }
  const most = args[3] === undefined ? Infinity : integerArgument(args, 3, 'gsub');
  const anchored = pattern.startsWith('^');
  const matcher = new Matcher(text, pattern);
  const parts: Bytes[] = [];
  let count = 0;
  let at = 0;
  while (count < most) {
    turn();
    const end = matcher.match(at, anchored ? 1 : 0);
    if (end >= 0) {
      count++;
      parts.push(replacementOf(replacement, matcher, at, end));
    }
    if (end > at) at = end;
    else if (at < text.length) parts.push(text[at++]);
    else break;
    if (anchored) break;
  }
  parts.push(text.slice(at));
  return [made(parts.join('')), count];
}

export const stringLibrary: Record<string, LuaValue> = {
  byte,
  char,
  /** Precompiled code is of no use: nothing loads it. */
  dump: () => '\x1bLuaQ',
  find: (...args) => search(args, 'find'),
  format: (...args) => made(formatText(args)),
  gfind: gmatch,
  gmatch,
  gsub,
  len: (...args) => textArgument(args, 0, 'len').length,
  lower: (...args) => textArgument(args, 0, 'lower').replace(/[A-Z]+/g, (s) => s.toLowerCase()),
  match: (...args) => search(args, 'match'),
  rep,
  reverse: (...args) => made(textArgument(args, 0, 'reverse').split('').reverse().join('')),
  sub,
  upper: (...args) => textArgument(args, 0, 'upper').replace(/[a-z]+/g, (s) => s.toUpperCase()),
};
