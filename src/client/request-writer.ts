import type { Socket } from 'node:net';
import type { Bytes } from '../core/bytes.js';

/** `\r\n$12\r\n` for the lengths that arguments mostly have. */
const argHeads = Array.from({ length: 1024 }, (_, length) => `\r\n$${length}\r\n`);
/** Strings from this length are handed over by themselves: joining them to the others would copy them once more. */
const APART_BYTES_MIN = 16_384;

/** Collects requests as one string; `flush` hands it to the socket in one write. */
export class RequestWriter {
  #text = '';
  #apart: string[] | null = null;
  #apartBytes = 0;

  /** Bytes that the next flush hands over. */
  get size(): number {
    return this.#text.length + this.#apartBytes;
  }

  /** Appends a request. O(arguments); the bytes are copied when they are flushed. */
  add(argv: readonly Bytes[]): void {
    const count = argv.length;
    let text = `*${count}`;
    for (let i = 0; i < count; i++) {
      const arg = argv[i]!;
      const { length } = arg;
      if (length < 1024) {
        text += argHeads[length]! + arg;
      } else if (length < APART_BYTES_MIN) {
        text += `\r\n$${length}\r\n${arg}`;
      } else {
        this.#apart ??= [];
        const before = `${this.#text}${text}\r\n$${length}\r\n`;
        this.#apart.push(before, arg);
        this.#apartBytes += before.length + length;
        this.#text = '';
        text = '';
      }
    }
    this.#text += `${text}\r\n`;
  }

  /** Writes all that was added to the socket; returns false when the socket asks to wait. */
  flush(socket: Socket): boolean {
    const text = this.#text;
    const apart = this.#apart;
    this.#text = '';
    if (apart === null) return text === '' || socket.write(text, 'latin1');
    this.#apart = null;
    this.#apartBytes = 0;
    socket.cork();
    for (const piece of apart) socket.write(piece, 'latin1');
    const room = socket.write(text, 'latin1');
    socket.uncork();
    return room;
  }
}
