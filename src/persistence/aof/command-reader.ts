import { type Bytes, sliceBytes } from '../../core/bytes.js';
import { ChunkWindow } from '../../engine/rdb/chunk-window.js';

/** The bytes are not commands; `truncated` if they are the start of one. */
export class LogFormatError extends Error {
  readonly truncated: boolean;
  constructor(message: string, truncated: boolean) {
    super(message);
    this.truncated = truncated;
  }
}

const LINE_BYTES_MAX = 64 * 1024;
const ARGUMENTS_MAX = 2 ** 20;
const ARGUMENT_BYTES_MAX = 2 ** 29 - 24;
const LF = 10;

/** Reads the commands of a log, arrays of bulk strings, from the chunks of a file; skips lines that begin with #. */
export class CommandReader extends ChunkWindow {
  /** The offset after the last complete command. */
  validUpTo: number;

  /** `start` is the chunks' offset in the file. */
  constructor(chunks: Iterable<Uint8Array>, start = 0) {
    super(chunks, start);
    this.validUpTo = start;
  }

  /** The next command, null at the end. Throws LogFormatError. */
  next(): Bytes[] | null {
    for (;;) {
      if (this.at === this.end && !this.fill(1)) return null;
      const line = this.#line('*#');
      if (line.startsWith('#')) {
        this.validUpTo = this.offset;
        continue;
      }
      const argv = this.#command(line);
      this.validUpTo = this.offset;
      return argv;
    }
  }

  #command(line: Bytes): Bytes[] {
    const count = this.#number(line, '*', ARGUMENTS_MAX);
    if (count < 1) throw new LogFormatError('a command without words', false);
    const argv: Bytes[] = [];
    for (let i = 0; i < count; i++) {
      const length = this.#number(this.#line('$'), '$', ARGUMENT_BYTES_MAX);
      this.#need(length + 2);
      argv.push(sliceBytes(this.window, this.at, this.at + length));
      this.at += length + 2;
      if (this.window[this.at - 2] !== 13 || this.window[this.at - 1] !== LF)
        throw new LogFormatError('a word without an end', false);
    }
    return argv;
  }

  #number(line: Bytes, sign: string, max: number): number {
    const value = line[0] === sign && /^\d{1,10}$/.test(line.slice(1)) ? Number(line.slice(1)) : -1;
    if (value < 0 || value > max) throw new LogFormatError(`${sign} and a number expected`, false);
    return value;
  }

  /**
   * The bytes up to the next CRLF, without it. An incomplete line that does not begin with one of `signs` is invalid,
   * not truncated.
   */
  #line(signs: string): Bytes {
    for (let searched = this.at; ; ) {
      const end = this.#lineEnd(searched);
      if (end >= 0) {
        const line = sliceBytes(this.window, this.at, end);
        this.at = end + 1;
        return line.endsWith('\r') ? line.slice(0, -1) : line;
      }
      const length = this.available;
      if (length > LINE_BYTES_MAX) throw new LogFormatError('a line without an end', false);
      if (!this.fill(length + 1)) {
        const foreign = length > 0 && !signs.includes(String.fromCharCode(this.window[this.at]!));
        throw foreign
          ? new LogFormatError(`${signs[0]} and a number expected`, false)
          : new LogFormatError('unexpected end', true);
      }
      searched = this.at + length;
    }
  }

  #lineEnd(from: number): number {
    const { window, end } = this;
    for (let at = from; at < end; at++) if (window[at] === LF) return at;
    return -1;
  }

  #need(size: number): void {
    if (this.available < size && !this.fill(size)) throw new LogFormatError('unexpected end', true);
  }
}
