import type { Socket } from 'node:net';
import { sliceBytes } from '../core/bytes.js';
import type { Transport } from './transport.js';

/** A transport over the public face of any socket: TLS, and where a handle's own face is not what is expected. */
export class PlainTransport implements Transport {
  busy = false;
  onDrained: () => void = () => {};
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => {
      this.busy = false;
      this.onDrained();
    });
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    // A string is a copy, so the array may be used again whatever happens.
    if (!this.#socket.write(sliceBytes(bytes, start, end), 'latin1')) this.busy = true;
    return true;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
