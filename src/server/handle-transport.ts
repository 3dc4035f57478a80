import type { Socket } from 'node:net';
import type { Transport } from './transport.js';

/** The part of a libuv stream handle used here. It is undocumented, so it is probed before it is relied on. */
interface StreamHandle {
  readonly fd: number;
  readonly writeQueueSize: number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writeLatin1String(request: WriteRequest, text: string): number;
}
interface WriteRequest {
  getAsyncId(): number;
  oncomplete: ((status: number) => void) | null;
  buffer: Uint8Array | null;
}
type WriteRequestConstructor = new () => WriteRequest;

/** What `getAsyncId` returns for a request that no write holds. */
const FREE_REQUEST = -1;

/** Whether sockets are backed by libuv handles: those of Bun and Deno only look like it. */
export const onLibuv = process.versions.bun === undefined && process.versions.deno === undefined;

let requestConstructor: WriteRequestConstructor | null | undefined = onLibuv ? undefined : null;

/** A transport that writes straight to the socket's handle, or null if the handle is not as expected. */
export function handleTransport(socket: Socket): Transport | null {
  const handle = handleOf(socket);
  if (handle === null) return null;
  if (requestConstructor === undefined) requestConstructor = probe(socket, handle);
  return requestConstructor === null ? null : new HandleTransport(socket, handle, requestConstructor);
}

/** The file descriptor of a socket, −1 if unknown. */
export function descriptorOf(socket: Socket): number {
  const fd = (socket as unknown as { _handle?: { fd?: unknown } | null })._handle?.fd;
  return typeof fd === 'number' ? fd : -1;
}

function handleOf(socket: Socket): StreamHandle | null {
  const handle = (socket as unknown as { _handle?: Partial<StreamHandle> | null })._handle;
  const usable =
    typeof handle?.writeBuffer === 'function' &&
    typeof handle.writeLatin1String === 'function' &&
    typeof handle.writeQueueSize === 'number';
  return usable ? (handle as StreamHandle) : null;
}

/** Learns the class of write requests from the one that the socket creates for an empty write. */
function probe(socket: Socket, handle: StreamHandle): WriteRequestConstructor | null {
  let found: WriteRequestConstructor | null = null;
  const write = handle.writeLatin1String;
  // Node 26 first tries to write without a request.
  handle.writeLatin1String = (request: WriteRequest | null, text) => {
    if (request !== null) found = request.constructor as WriteRequestConstructor;
    return write.call(handle, request as WriteRequest, text);
  };
  socket.write('', 'latin1');
  Reflect.deleteProperty(handle, 'writeLatin1String');
  return isTrusted(found) ? found : null;
}

function isTrusted(Request: WriteRequestConstructor | null): boolean {
  if (Request === null) return false;
  const request = new Request();
  return typeof request.getAsyncId === 'function' && request.getAsyncId() === FREE_REQUEST;
}

/** Most writes complete before `writeBuffer` returns, so their request object is reused. */
class HandleTransport implements Transport {
  busy = false;
  onDrained: () => void = () => {};
  readonly #socket: Socket;
  readonly #handle: StreamHandle;
  readonly #Request: WriteRequestConstructor;
  #request: WriteRequest;

  constructor(socket: Socket, handle: StreamHandle, Request: WriteRequestConstructor) {
    this.#socket = socket;
    this.#handle = handle;
    this.#Request = Request;
    this.#request = new Request();
  }

  get pendingBytes(): number {
    return this.busy ? this.#handle.writeQueueSize : 0;
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    const part = bytes.subarray(start, end);
    const request = this.#request;
    if (this.#handle.writeBuffer(request, part) !== 0) {
      this.#socket.destroy();
      return true;
    }
    // The queue length is not conclusive: libuv retries when the kernel took only a part, and a request whose bytes are
    // gone by then is still held until it is reported.
    if (request.getAsyncId() === FREE_REQUEST) return true;
    this.#wait(part);
    return false;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The kernel did not take everything: libuv keeps the request and the bytes until it has. */
  #wait(part: Uint8Array): void {
    const request = this.#request;
    this.busy = true;
    request.buffer = part;
    request.oncomplete = (status) => {
      request.buffer = null;
      this.busy = false;
      if (status < 0) this.#socket.destroy();
      else this.onDrained();
    };
    this.#request = new this.#Request();
  }
}
