import type { Bytes } from '../../core/bytes.js';
import { turn } from './runtime.js';
import { libraryError } from './stack.js';
import type { LuaValue } from './value.js';

/** Captures of one pattern. */
const CAPTURES_MAX = 32;
/** Levels of recursion of one match. */
const RECURSION_MAX = 5000;

/** A capture that is open, and one that stands for a position. */
const OPEN = -1;
const POSITION = -2;

const PERCENT = 0x25;
const lower = (c: number): boolean => c >= 0x61 && c <= 0x7a;
const upper = (c: number): boolean => c >= 0x41 && c <= 0x5a;
const digit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const graphic = (c: number): boolean => c > 0x20 && c < 0x7f;

const classes: Record<string, (c: number) => boolean> = {
  a: (c) => lower(c) || upper(c),
  c: (c) => c < 0x20 || c === 0x7f,
  d: digit,
  l: lower,
  p: (c) => graphic(c) && !lower(c) && !upper(c) && !digit(c),
  s: (c) => c === 0x20 || (c >= 9 && c <= 13),
  u: upper,
  w: (c) => lower(c) || upper(c) || digit(c),
  x: (c) => digit(c) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66),
  z: (c) => c === 0,
};

function inClass(c: number, letter: string): boolean {
  const test = classes[letter.toLowerCase()];
  if (test === undefined) return letter.charCodeAt(0) === c;
  return test(c) === (letter === letter.toLowerCase());
}

/** One attempt of a Lua pattern on a text, by backtracking. */
export class Matcher {
  readonly text: Bytes;
  readonly pattern: Bytes;
  captures: { start: number; length: number }[] = [];
  #level = 0;

  constructor(text: Bytes, pattern: Bytes) {
    this.text = text;
    this.pattern = pattern;
  }

  /** The end of the match that starts at `at`, −1 if there is none. `from` is where the pattern begins. */
  match(at: number, from: number): number {
    this.captures.length = 0;
    this.#level = 0;
    return this.#match(at, from);
  }

  #match(at: number, p: number): number {
    if (++this.#level > RECURSION_MAX) throw libraryError('pattern too complex');
    turn();
    const end = this.#step(at, p);
    this.#level--;
    return end;
  }

  #step(start: number, begin: number): number {
    const { text, pattern } = this;
    let at = start;
    let p = begin;
    while (p < pattern.length) {
      const c = pattern[p];
      if (c === '(') return pattern[p + 1] === ')' ? this.#open(at, p + 2, POSITION) : this.#open(at, p + 1, OPEN);
      if (c === ')') return this.#close(at, p + 1);
      if (c === '$' && p + 1 === pattern.length) return at === text.length ? at : -1;
      if (c === '%') {
        const d = pattern[p + 1];
        if (d === 'b') {
          at = this.#balanced(at, p + 2);
          if (at < 0) return -1;
          p += 4;
          continue;
        }
        if (d === 'f') {
          p += 2;
          if (pattern[p] !== '[') throw libraryError("missing '[' after '%f' in pattern");
          const end = this.#itemEnd(p);
          const before = at === 0 ? 0 : text.charCodeAt(at - 1);
          const here = at < text.length ? text.charCodeAt(at) : 0;
          if (this.#inSet(before, p, end - 1) || !this.#inSet(here, p, end - 1)) return -1;
          p = end;
          continue;
        }
        if (d !== undefined && digit(d.charCodeAt(0))) {
          at = this.#back(at, d);
          if (at < 0) return -1;
          p += 2;
          continue;
        }
      }
      const end = this.#itemEnd(p);
      const repeat = pattern[end];
      if (repeat === '?') {
        if (this.#one(at, p, end)) {
          const result = this.#match(at + 1, end + 1);
          if (result >= 0) return result;
        }
        p = end + 1;
        continue;
      }
      if (repeat === '*') return this.#longest(at, p, end, 0);
      if (repeat === '+') return this.#longest(at, p, end, 1);
      if (repeat === '-') return this.#shortest(at, p, end);
      if (!this.#one(at, p, end)) return -1;
      at++;
      p = end;
    }
    return at;
  }

  #longest(at: number, p: number, end: number, min: number): number {
    let n = 0;
    while (this.#one(at + n, p, end)) n++;
    for (; n >= min; n--) {
      const result = this.#match(at + n, end + 1);
      if (result >= 0) return result;
    }
    return -1;
  }

  #shortest(start: number, p: number, end: number): number {
    for (let at = start; ; at++) {
      const result = this.#match(at, end + 1);
      if (result >= 0) return result;
      if (!this.#one(at, p, end)) return -1;
    }
  }

  #open(at: number, p: number, length: number): number {
    if (this.captures.length >= CAPTURES_MAX) throw libraryError('too many captures');
    const count = this.captures.length;
    this.captures.push({ start: at, length });
    const result = this.#match(at, p);
    if (result < 0) this.captures.length = count;
    return result;
  }

  #close(at: number, p: number): number {
    const capture = this.captures.findLast(({ length }) => length === OPEN);
    if (capture === undefined) throw libraryError('invalid pattern capture');
    capture.length = at - capture.start;
    const result = this.#match(at, p);
    if (result < 0) capture.length = OPEN;
    return result;
  }

  #balanced(at: number, p: number): number {
    const { text, pattern } = this;
    if (p + 1 >= pattern.length) throw libraryError('unbalanced pattern');
    if (text[at] !== pattern[p]) return -1;
    let open = 1;
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === pattern[p + 1]) {
        if (--open === 0) return i + 1;
      } else if (text[i] === pattern[p]) open++;
    }
    return -1;
  }

  #back(at: number, d: string): number {
    const capture = this.captures[Number(d) - 1];
    if (capture === undefined || capture.length === OPEN) throw libraryError('invalid capture index');
    const part = this.text.substr(capture.start, Math.max(capture.length, 0));
    return this.text.startsWith(part, at) ? at + part.length : -1;
  }

  /** Where the single item that begins at `p` ends. */
  #itemEnd(p: number): number {
    const { pattern } = this;
    if (pattern.charCodeAt(p) === PERCENT) {
      if (p + 1 >= pattern.length) throw libraryError("malformed pattern (ends with '%')");
      return p + 2;
    }
    if (pattern[p] !== '[') return p + 1;
    let at = p + 1;
    if (pattern[at] === '^') at++;
    do {
      if (at >= pattern.length) throw libraryError("malformed pattern (missing ']')");
      if (pattern[at++] === '%') at++;
    } while (pattern[at] !== ']');
    return at + 1;
  }

  #one(at: number, p: number, end: number): boolean {
    if (at >= this.text.length) return false;
    const c = this.text.charCodeAt(at);
    switch (this.pattern[p]) {
      case '.':
        return true;
      case '%':
        return inClass(c, this.pattern[p + 1]);
      case '[':
        return this.#inSet(c, p, end - 1);
      default:
        return this.pattern.charCodeAt(p) === c;
    }
  }

  /** `p` is at the `[`, `close` at the `]`. */
  #inSet(c: number, p: number, close: number): boolean {
    const { pattern } = this;
    let at = p + 1;
    const negated = pattern[at] === '^';
    if (negated) at++;
    for (; at < close; at++) {
      if (pattern[at] === '%') {
        at++;
        if (inClass(c, pattern[at])) return !negated;
      } else if (pattern[at + 1] === '-' && at + 2 < close) {
        if (c >= pattern.charCodeAt(at) && c <= pattern.charCodeAt(at + 2)) return !negated;
        at += 2;
      } else if (pattern.charCodeAt(at) === c) return !negated;
    }
    return negated;
  }

  /** The captures; the whole match if there are none. */
  values(start: number, end: number): LuaValue[] {
    if (this.captures.length === 0) return [this.text.slice(start, end)];
    return this.captures.map((_, i) => this.value(i, start, end));
  }

  value(i: number, start: number, end: number): LuaValue {
    const capture = this.captures[i];
    if (capture === undefined) {
      if (i === 0) return this.text.slice(start, end);
      throw libraryError('invalid capture index');
    }
    if (capture.length === POSITION) return capture.start + 1;
    if (capture.length === OPEN) throw libraryError('unfinished capture');
    return this.text.substr(capture.start, capture.length);
  }
}
