import { Duplex } from 'node:stream';
import { setImmediate } from '../server/immediate.js';

/**
 * One end of a connection within the process: what is written arrives at the other end a turn of the event loop later.
 */
export class LoopbackSocket extends Duplex {
  readonly connecting = false;
  readonly remoteAddress = 'loopback';
  readonly remotePort = 0;
  readonly localAddress = 'loopback';
  readonly localPort = 0;
  #other: LoopbackSocket | null = null;
  /** Set while the other end's buffer is full; called when it wants more. */
  #resume: (() => void) | null = null;

  /** The two ends of a new connection. */
  static pair(): [LoopbackSocket, LoopbackSocket] {
    const ends: [LoopbackSocket, LoopbackSocket] = [new LoopbackSocket(), new LoopbackSocket()];
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    const other = this.#other!;
    setImmediate(() => {
      if (other.destroyed || other.push(chunk)) done();
      else this.#resume = done;
    });
  }

  override _read(): void {
    const resume = this.#other!.#resume;
    this.#other!.#resume = null;
    resume?.();
  }

  override _final(done: () => void): void {
    const other = this.#other!;
    setImmediate(() => {
      if (!other.destroyed) other.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const other = this.#other!;
    setImmediate(() => other.destroy());
    done(error);
  }

  // Options that clients set on TCP sockets mean nothing here.

  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
