import type { Bytes } from '../../core/bytes.js';
import { LuaError } from './error.js';
import { numberFromText } from './number-text.js';

export type TokenKind = 'name' | 'string' | 'number' | 'keyword' | 'symbol' | 'eof';

export interface Token {
  kind: TokenKind;
  /** The word, symbol or string content; a number's spelling. */
  text: Bytes;
  value: number;
  line: number;
}

const keywords = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
);
const escapes: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const threeOrTwo = ['...', '..', '==', '~=', '<=', '>='];
const ones = '+-*/%^#<>=(){}[];:,.';

const wordAt = /[A-Za-z_][A-Za-z0-9_]*/y;
const numberAt = /\.?[0-9](?:[eE][+-]|[A-Za-z0-9_.])*/y;
const spaceAt = /[ \t\v\f\r\n]+/y;
const lineAt = /[^\r\n]*/y;

/** Cuts Lua 5.1 source into tokens, one ahead of the parser. Throws a LuaError with the place and the word. */
export class Lexer {
  readonly source: Bytes;
  readonly chunk: string;
  #at = 0;
  #line = 1;
  #ahead: Token | null = null;
  token: Token = { kind: 'eof', text: '<eof>', value: 0, line: 1 };
  /** The line of the token before. */
  lastLine = 1;

  constructor(source: Bytes, chunk: string) {
    this.source = source;
    this.chunk = chunk;
    if (source.startsWith('#')) this.#at = this.#match(lineAt, 0).length;
    this.next();
  }

  next(): void {
    this.lastLine = this.token.line;
    this.token = this.#ahead ?? this.#read();
    this.#ahead = null;
  }

  peek(): Token {
    this.#ahead ??= this.#read();
    return this.#ahead;
  }

  /** An error at the present token. */
  fail(message: string): never {
    const { kind, text, line } = this.token;
    throw this.#error(message, kind === 'eof' ? '<eof>' : text, line);
  }

  #error(message: string, near: string | null, line: number): LuaError {
    const place = `${this.chunk}:${line}: ${message}`;
    return new LuaError(near === null ? place : `${place} near '${near.slice(0, 80)}'`);
  }

  #match(pattern: RegExp, at: number): string {
    pattern.lastIndex = at;
    return pattern.exec(this.source)?.[0] ?? '';
  }

  #countLines(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (c !== '\n' && c !== '\r') continue;
      const d = text[i + 1];
      if ((d === '\n' || d === '\r') && d !== c) i++;
      this.#line++;
    }
  }

  #skipBlanks(): void {
    const { source } = this;
    for (;;) {
      const blank = this.#match(spaceAt, this.#at);
      this.#countLines(blank);
      this.#at += blank.length;
      if (!source.startsWith('--', this.#at)) return;
      this.#at += 2;
      const level = this.#longBracket();
      if (level >= 0) this.#readLong(level, 'comment');
      else this.#at += this.#match(lineAt, this.#at).length;
    }
  }

  /** The number of `=` of a long bracket that opens here, −1 if none does. */
  #longBracket(): number {
    if (this.source[this.#at] !== '[') return -1;
    let at = this.#at + 1;
    while (this.source[at] === '=') at++;
    return this.source[at] === '[' ? at - this.#at - 1 : -1;
  }

  #readLong(level: number, what: string): string {
    const start = this.#at + level + 2;
    const end = this.source.indexOf(`]${'='.repeat(level)}]`, start);
    if (end < 0) {
      this.#countLines(this.source.slice(start));
      throw this.#error(`unfinished long ${what}`, '<eof>', this.#line);
    }
    const raw = this.source.slice(start, end);
    this.#countLines(raw);
    this.#at = end + level + 2;
    return raw.replace(/^(\r\n|\n\r|\n|\r)/, '').replace(/\r\n|\n\r|\r/g, '\n');
  }

  #read(): Token {
    this.#skipBlanks();
    const { source } = this;
    const line = this.#line;
    const c = source[this.#at];
    if (c === undefined) return { kind: 'eof', text: '<eof>', value: 0, line };
    const word = this.#match(wordAt, this.#at);
    if (word !== '') {
      this.#at += word.length;
      return { kind: keywords.has(word) ? 'keyword' : 'name', text: word, value: 0, line };
    }
    const digits = this.#match(numberAt, this.#at);
    if (digits !== '') {
      this.#at += digits.length;
      const value = numberFromText(digits);
      if (value === undefined) throw this.#error('malformed number', digits, line);
      return { kind: 'number', text: digits, value, line };
    }
    if (c === '"' || c === "'") return { kind: 'string', text: this.#readString(c), value: 0, line };
    const level = this.#longBracket();
    if (level >= 0) {
      const text = this.#readLong(level, 'string');
      return { kind: 'string', text, value: 0, line: this.#line };
    }
    const symbol = threeOrTwo.find((long) => source.startsWith(long, this.#at)) ?? c;
    if (symbol.length === 1 && !ones.includes(symbol))
      throw this.#error('unexpected symbol', shownSymbol(symbol), line);
    this.#at += symbol.length;
    return { kind: 'symbol', text: symbol, value: 0, line };
  }

  #readString(quote: string): string {
    const { source } = this;
    const start = this.#at++;
    let text = '';
    for (;;) {
      const c = source[this.#at];
      if (c === undefined) throw this.#error('unfinished string', '<eof>', this.#line);
      if (c === '\n' || c === '\r') throw this.#error('unfinished string', source.slice(start, this.#at), this.#line);
      this.#at++;
      if (c === quote) return text;
      text += c === '\\' ? this.#readEscape(start) : c;
    }
  }

  #readEscape(start: number): string {
    const c = this.source[this.#at];
    if (c === undefined) return '';
    if (/[0-9]/.test(c)) {
      const digits = /^[0-9]{1,3}/.exec(this.source.slice(this.#at, this.#at + 3))![0];
      this.#at += digits.length;
      if (Number(digits) > 255)
        throw this.#error(
          'escape sequence too large',
          this.source.slice(start, this.#at - digits.length - 1),
          this.#line,
        );
      return String.fromCharCode(Number(digits));
    }
    this.#at++;
    if (c !== '\n' && c !== '\r') return escapes[c] ?? c;
    const d = this.source[this.#at];
    if ((d === '\n' || d === '\r') && d !== c) this.#at++;
    this.#line++;
    return '\n';
  }
}

/** As messages show a character that begins no token; the zero byte is not shown at all. */
function shownSymbol(symbol: string): string | null {
  const code = symbol.charCodeAt(0);
  if (code === 0) return null;
  return code < 32 || code === 127 ? `char(${code})` : symbol;
}
