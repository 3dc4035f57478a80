import type { Bytes } from './bytes.js';

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
const hexPair = /^[0-9a-fA-F]{2}$/;

/** What C's isspace considers a blank. */
function isBlank(char: string): boolean {
  return char === ' ' || (char >= '\t' && char <= '\r');
}

/**
 * Splits a line into arguments by Redis' quoting rules: blanks separate; `"…"` knows \n \r \t \b \a \xHH and escapes
 * anything else to itself; `'…'` knows only \'. A quote may open inside a word, but a closing one must end it.
 * Null when quotes do not balance. O(length).
 */
export function splitArguments(line: Bytes): Bytes[] | null {
  const words: Bytes[] = [];
  const splitter = new LineSplitter(line);
  for (;;) {
    const word = splitter.word();
    if (word === undefined) return words;
    if (word === null) return null;
    words.push(word);
  }
}

class LineSplitter {
  readonly #line: Bytes;
  #at = 0;

  constructor(line: Bytes) {
    this.#line = line;
  }

  /** The next word; undefined at the end of the line, null if its quotes are unbalanced. */
  word(): Bytes | null | undefined {
    const line = this.#line;
    while (this.#at < line.length && isBlank(line[this.#at]!)) this.#at++;
    if (this.#at === line.length) return undefined;
    let word = '';
    while (this.#at < line.length) {
      const char = line[this.#at++]!;
      // As in Redis, vertical tab and form feed are skipped before a word but do not end one.
      if (char === ' ' || char === '\n' || char === '\r' || char === '\t' || char === '\0') return word;
      if (char === '"' || char === "'") {
        const quoted = char === '"' ? this.#doubleQuoted() : this.#singleQuoted();
        return quoted === null || !this.#atWordEnd() ? null : word + quoted;
      }
      word += char;
    }
    return word;
  }

  #atWordEnd(): boolean {
    return this.#at === this.#line.length || isBlank(this.#line[this.#at]!);
  }

  #doubleQuoted(): Bytes | null {
    const line = this.#line;
    let text = '';
    while (this.#at < line.length) {
      const char = line[this.#at++]!;
      if (char === '"') return text;
      if (char !== '\\' || this.#at === line.length) {
        text += char;
        continue;
      }
      const escaped = line[this.#at++]!;
      const hex = line.slice(this.#at, this.#at + 2);
      if (escaped === 'x' && hexPair.test(hex)) {
        text += String.fromCharCode(Number.parseInt(hex, 16));
        this.#at += 2;
      } else {
        text += escapes[escaped] ?? escaped;
      }
    }
    return null;
  }

  #singleQuoted(): Bytes | null {
    const line = this.#line;
    let text = '';
    while (this.#at < line.length) {
      const char = line[this.#at++]!;
      if (char === "'") return text;
      if (char === '\\' && line[this.#at] === "'") {
        text += "'";
        this.#at++;
      } else {
        text += char;
      }
    }
    return null;
  }
}
