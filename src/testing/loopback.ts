import { Duplex } from 'node:stream';

/** The runtime's own: test runners that fake timers put others in its place later, and sockets go on all the same. */
const { setImmediate } = globalThis;

/** One end of a connection within the process: what is written to it arrives at the other end, a turn later. */
export class LoopbackSocket extends Duplex {
  readonly connecting = false;
  readonly remoteAddress = 'loopback';
  readonly remotePort = 0;
  readonly localAddress = 'loopback';
  readonly localPort = 0;
  #other: LoopbackSocket | null = null;
  /** The other end took no more: called when it wants to go on. */
  #resume: (() => void) | null = null;

  /** Both ends. */
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

  // What clients ask of a TCP socket has no meaning here.

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
