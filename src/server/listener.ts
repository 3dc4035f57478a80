import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs';
import net, { createServer, Socket, type Server as SocketServer } from 'node:net';
import type { Readable } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { onLibuv } from './handle-transport.js';

/** Node's internal access to a listening socket. It is undocumented, so it is probed before it is used. */
interface NetInternals {
  _createServerHandle?: (
    address: string,
    port: number,
    family: 4 | 6,
  ) => number | (ListeningHandle & { listen?(backlog: number): number; close(): void });
}

/**
 * Why an address cannot be listened on: the system's (negative) error number; 0 if there is no problem, or none that
 * shows without waiting. Leaves nothing open.
 */
export function listenProblem(host: string, port: number): number {
  const create = (net as NetInternals)._createServerHandle;
  if (typeof create !== 'function') return 0;
  const handle = create(host, port, host.includes(':') ? 6 : 4);
  if (typeof handle === 'number') return handle;
  const status = handle.listen?.(1) ?? 0;
  handle.close();
  return status;
}

/** An incoming socket, and how to read from it. */
export interface Arrival {
  readonly socket: Socket;
  readonly kind: 'tcp' | 'unix' | 'tls';
  /**
   * Starts reading. With a direct arrival every read lands in the shared buffer and is reported by its length;
   * otherwise the socket allocates its own arrays.
   */
  read(receive: (bytes: Uint8Array, length: number) => void): void;
  readonly direct: boolean;
}

export interface ListenerOptions {
  readonly kind: 'tcp' | 'unix' | 'tls';
  readonly backlog: number;
  /** The buffer for reads of all sockets; longer than `readSize` by some slack. */
  readonly readBuffer: Uint8Array;
  readonly readSize: number;
  /** Whether to take sockets by their handles, which saves an array per read. */
  readonly handles: boolean;
  readonly tls?: TlsOptions;
  onArrival(arrival: Arrival): void;
  onError(error: Error): void;
}

interface ListeningHandle {
  onconnection?: (status: number, handle: unknown) => void;
}

/** One listening socket. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: SocketServer;

  constructor(options: ListenerOptions) {
    this.#options = options;
    if (options.kind === 'tls') {
      this.#server = createTlsServer(options.tls ?? {});
      this.#server.on('secureConnection', (socket: TLSSocket) => {
        if (showsWrongCertificate(socket)) socket.destroy();
        else this.#arriveByEvents(socket);
      });
      // A failed handshake is the client's problem.
      this.#server.on('tlsClientError', () => {});
    } else {
      this.#server = createServer();
      this.#server.on('connection', (socket) => this.#arriveByEvents(socket));
    }
  }

  /** Listens on an address and returns the port. Rejects with the system's error. */
  async listenTcp(host: string, port: number): Promise<number> {
    await this.#listen({ host, port, ipv6Only: host.includes(':') });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Listens on a path, replacing a stale socket file. `mode` 0 leaves the permissions alone. */
  async listenUnix(path: string, mode: number): Promise<void> {
    if (existsSync(path) && lstatSync(path).isSocket()) unlinkSync(path);
    await this.#listen({ path });
    if (mode !== 0) chmodSync(path, mode);
  }

  /** Accepts no more connections; existing ones stay. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #listen(where: { host: string; port: number; ipv6Only: boolean } | { path: string }): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...where, backlog: this.#options.backlog }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#options.onError(error));
        if (onLibuv && this.#options.handles && this.#options.kind !== 'tls') this.#takeHandles();
        resolve();
      });
    });
  }

  /**
   * Node creates a socket for every accepted handle, and such a socket allocates an array per read. A socket created by
   * hand can read into one static array (`onread`), so accepted handles are intercepted before Node sees them.
   */
  #takeHandles(): void {
    const handle = (this.#server as unknown as { _handle?: ListeningHandle | null })._handle;
    if (typeof handle?.onconnection !== 'function') return;
    handle.onconnection = (status, accepted) => {
      if (status !== 0 || accepted === undefined) {
        this.#options.onError(new Error(`accept failed with status ${status}`));
        return;
      }
      this.#arriveByHandle(accepted);
    };
  }

  #arriveByHandle(handle: unknown): void {
    const { readBuffer, readSize } = this.#options;
    let receive: (bytes: Uint8Array, length: number) => void = () => {};
    const buffer = readBuffer.subarray(0, readSize);
    const onread = {
      buffer,
      callback: (length: number) => {
        receive(readBuffer, length);
        return true;
      },
    };
    const socket = new Socket({ handle, onread, manualStart: true } as unknown as ConstructorParameters<
      typeof Socket
    >[0]);
    this.#options.onArrival({
      socket,
      kind: this.#options.kind,
      direct: true,
      read: (to) => {
        receive = to;
        socket.read(0);
      },
    });
  }

  #arriveByEvents(socket: Socket): void {
    const { readBuffer, readSize } = this.#options;
    this.#options.onArrival({
      socket,
      kind: this.#options.kind,
      direct: false,
      read: (to) => readByEvents(socket, readBuffer, readSize, to),
    });
  }
}

/** Even where certificates are optional, one that is presented must be valid. */
function showsWrongCertificate(socket: TLSSocket): boolean {
  return !socket.authorized && Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
}

/**
 * For sockets that allocate an array per read: copies each into the receiver's buffer, which has slack behind the data.
 */
export function readByEvents(
  stream: Readable,
  buffer: Uint8Array,
  size: number,
  receive: (bytes: Uint8Array, length: number) => void,
): void {
  stream.on('data', (chunk: Uint8Array) => {
    for (let at = 0; at < chunk.length; at += size) {
      const part = chunk.subarray(at, at + size);
      buffer.set(part);
      receive(buffer, part.length);
    }
  });
}
