import type { Socket } from 'node:net';
import { sliceBytes } from '../core/bytes.js';
import type { Transport } from './transport.js';

/** A transport over the public interface of any socket: for TLS, and where handles are not as expected. */
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
    // The string is a copy, so the array may be reused in any case.
    if (!this.#socket.write(sliceBytes(bytes, start, end), 'latin1')) this.busy = true;
    return true;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
