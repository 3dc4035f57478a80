import type { Socket } from 'node:net';
import { type Bytes, sliceBytes } from '../core/bytes.js';
import { ReplyArena } from '../resp/reply-arena.js';

const ARRAY = 42; // *
const ARENA_BYTES = 16_384;
/** Strings from this length are handed over by themselves: putting them with the others would copy them once more. */
const APART_BYTES_MIN = 16_384;
/** So much is copied rather than given away with its arena. */
const COPIED_BYTES_MAX = 2048;

/** Collects requests as bytes; `flush` hands them to the socket in one write. */
export class RequestWriter {
  readonly #arena = new ReplyArena(ARENA_BYTES);
  /** What comes before the arena's content: arenas that are full, and long strings. */
  #before: (Uint8Array | Bytes)[] = [];
  #bytesBefore = 0;
  /** The last write was not over when it returned: the socket is congested, or one of TLS. */
  #lingers = false;

  constructor() {
    this.#arena.spill = () => this.#spill();
  }

  /** Bytes that the next flush hands over. */
  get size(): number {
    return this.#bytesBefore + this.#arena.at;
  }

  /** Appends a request. O(its bytes), but for long strings, which are copied when they are flushed. */
  add(argv: readonly Bytes[]): void {
    const arena = this.#arena;
    arena.header(ARRAY, argv.length);
    for (let i = 0; i < argv.length; i++) {
      const arg = argv[i]!;
      if (arg.length < APART_BYTES_MIN) arena.bulk(arg);
      else this.#addApart(arg);
    }
  }

  /** Writes all that was added to the socket; returns false when the socket asks to wait. */
  flush(socket: Socket): boolean {
    if (this.#before.length > 0) return this.#flushAll(socket);
    return this.#arena.at === 0 || this.#flushArena(socket);
  }

  #flushArena(socket: Socket): boolean {
    const arena = this.#arena;
    const { bytes, at } = arena;
    if (this.#lingers && at <= COPIED_BYTES_MAX) {
      arena.at = 0;
      return this.#written(socket, socket.write(sliceBytes(bytes, 0, at), 'latin1'));
    }
    const room = this.#written(socket, socket.write(bytes.subarray(0, at)));
    // What the socket has not written yet it still reads from here.
    if (this.#lingers) arena.replace();
    else arena.at = 0;
    return room;
  }

  #flushAll(socket: Socket): boolean {
    this.#spill();
    const pieces = this.#before;
    this.#before = [];
    this.#bytesBefore = 0;
    socket.cork();
    let room = true;
    for (const piece of pieces) room = typeof piece === 'string' ? socket.write(piece, 'latin1') : socket.write(piece);
    socket.uncork();
    return this.#written(socket, room);
  }

  #written(socket: Socket, room: boolean): boolean {
    this.#lingers = socket.writableLength > 0;
    return room;
  }

  #addApart(arg: Bytes): void {
    this.#arena.text(`$${arg.length}\r\n`);
    this.#spill();
    this.#before.push(arg);
    this.#bytesBefore += arg.length;
    this.#arena.text('\r\n');
  }

  #spill(): void {
    const { bytes, at } = this.#arena;
    if (at === 0) return;
    this.#before.push(bytes.subarray(0, at));
    this.#bytesBefore += at;
    this.#arena.replace();
  }
}
