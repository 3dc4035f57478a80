import type { Bytes } from '../../core/bytes.js';
import { bytesFromText } from '../../core/bytes.js';
import { libraryError } from './stack.js';
import { LuaTable } from './table.js';
import { type LuaValue, NULL_POINTER } from './value.js';

const space = /[ \t\n\r]*/y;
const number =
  /[+-]?(?:0[xX][0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])/y;
const plain = /[^"\\\0]*/y;
const letters: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

type Token =
  | { kind: '{' | '}' | '[' | ']' | ',' | ':' | 'end' | 'bad'; at: number; why?: string }
  | { kind: 'text' | 'number' | 'word'; at: number; value: LuaValue };

const tokenNames: Record<string, string> = {
  '{': 'T_OBJ_BEGIN',
  '}': 'T_OBJ_END',
  '[': 'T_ARR_BEGIN',
  ']': 'T_ARR_END',
  ',': 'T_COMMA',
  ':': 'T_COLON',
  end: 'T_END',
  text: 'T_STRING',
  number: 'T_NUMBER',
};

export interface JsonReaderOptions {
  depthMax: number;
  /** NaN, infinities and hexadecimal numbers are taken. */
  oddNumbers: boolean;
}

/** JSON text as Lua values, with the error texts that scripts know. */
export class JsonReader {
  readonly #text: Bytes;
  readonly #options: JsonReaderOptions;
  #at = 0;
  #depth = 0;

  constructor(text: Bytes, options: JsonReaderOptions) {
    this.#text = text;
    this.#options = options;
  }

  /** The whole text as one value. */
  read(): LuaValue {
    if (this.#text.length >= 2 && (this.#text[0] === '\0' || this.#text[1] === '\0')) {
      throw libraryError('JSON parser does not support UTF-16 or UTF-32');
    }
    const value = this.#value(this.#token());
    const end = this.#token();
    if (end.kind !== 'end') this.#unexpected('the end', end);
    return value;
  }

  #unexpected(wanted: string, token: Token): never {
    const name =
      token.kind === 'bad'
        ? (token.why ?? 'invalid token')
        : token.kind === 'word'
          ? wordName(token.value)
          : tokenNames[token.kind];
    throw libraryError(`Expected ${wanted} but found ${name} at character ${token.at + 1}`);
  }

  #descend(): void {
    if (++this.#depth > this.#options.depthMax) {
      throw libraryError(`Found too many nested data structures (${this.#depth}) at character ${this.#at}`);
    }
  }

  #value(token: Token): LuaValue {
    switch (token.kind) {
      case 'text':
      case 'number':
      case 'word':
        return token.value;
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      default:
        return this.#unexpected('value', token);
    }
  }

  #object(): LuaTable {
    this.#descend();
    const table = new LuaTable();
    let token = this.#token();
    if (token.kind !== '}') {
      for (;;) {
        if (token.kind !== 'text') this.#unexpected('object key string', token);
        const key = (token as { value: LuaValue }).value;
        const colon = this.#token();
        if (colon.kind !== ':') this.#unexpected('colon', colon);
        table.set(key, this.#value(this.#token()));
        token = this.#token();
        if (token.kind === '}') break;
        if (token.kind !== ',') this.#unexpected('comma or object end', token);
        token = this.#token();
      }
    }
    this.#depth--;
    return table;
  }

  #array(): LuaTable {
    this.#descend();
    const table = new LuaTable();
    let token = this.#token();
    if (token.kind !== ']') {
      for (let i = 1; ; i++) {
        table.set(i, this.#value(token));
        token = this.#token();
        if (token.kind === ']') break;
        if (token.kind !== ',') this.#unexpected('comma or array end', token);
        token = this.#token();
      }
    }
    this.#depth--;
    return table;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] ?? '';
  }

  #token(): Token {
    this.#at += this.#match(space).length;
    const at = this.#at;
    const c = this.#text[at];
    if (c === undefined) return { kind: 'end', at };
    if ('{}[],:'.includes(c)) {
      this.#at++;
      return { kind: c as '{', at };
    }
    if (c === '"') return this.#string(at);
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', NULL_POINTER],
    ] as const) {
      if (this.#text.startsWith(word, at)) {
        this.#at += word.length;
        return { kind: 'word', at, value };
      }
    }
    const digits = this.#match(number);
    if (digits === '') return { kind: 'bad', at };
    const odd = /^[+-]?(?:0[xX0-9]|[iInN])|^\+|^[+-]?\./.test(digits) && !/^-?0$/.test(digits);
    if (odd && !this.#options.oddNumbers) return { kind: 'bad', at, why: 'invalid number' };
    this.#at += digits.length;
    return { kind: 'number', at, value: numberOf(digits) };
  }

  #string(at: number): Token {
    this.#at++;
    let value = '';
    for (;;) {
      const run = this.#match(plain);
      value += run;
      this.#at += run.length;
      const c = this.#text[this.#at];
      if (c === '"') {
        this.#at++;
        return { kind: 'text', at, value };
      }
      if (c !== '\\') return { kind: 'bad', at: this.#at, why: 'unexpected end of string' };
      const letter = this.#text[this.#at + 1];
      if (letter === 'u') {
        const decoded = this.#unicode();
        if (decoded === null) return { kind: 'bad', at: this.#at, why: 'invalid unicode escape code' };
        value += decoded;
      } else {
        const plainLetter = letters[letter];
        if (plainLetter === undefined) return { kind: 'bad', at: this.#at, why: 'invalid escape code' };
        value += plainLetter;
        this.#at += 2;
      }
    }
  }

  /** `\uXXXX`, with a second one after a high surrogate; as UTF-8. */
  #unicode(): Bytes | null {
    const unit = this.#unit(this.#at);
    if (unit < 0 || (unit & 0xfc00) === 0xdc00) return null;
    if ((unit & 0xfc00) !== 0xd800) {
      this.#at += 6;
      return bytesFromText(String.fromCharCode(unit));
    }
    const low = this.#text[this.#at + 6] === '\\' && this.#text[this.#at + 7] === 'u' ? this.#unit(this.#at + 6) : -1;
    if ((low & 0xfc00) !== 0xdc00) return null;
    this.#at += 12;
    return bytesFromText(String.fromCharCode(unit, low));
  }

  #unit(at: number): number {
    const hex = this.#text.slice(at + 2, at + 6);
    return /^[0-9a-fA-F]{4}$/.test(hex) ? parseInt(hex, 16) : -1;
  }
}

function wordName(value: LuaValue): string {
  return value === NULL_POINTER ? 'T_NULL' : 'T_BOOLEAN';
}

function numberOf(digits: string): number {
  const [, sign, rest] = /^([+-]?)(.*)$/.exec(digits)!;
  const size = /^i/i.test(rest) ? Infinity : /^n/i.test(rest) ? NaN : Number(rest);
  return sign === '-' ? -size : size;
}
