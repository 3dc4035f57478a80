import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { allocBytes } from '../core/bytes.js';
import { READ_SLACK_BYTES } from '../resp/request-parser.js';
import { protectedModeDenial, tooManyClients } from './denial.js';
import type { ConnectionInfo, EnginePort } from './engine-port.js';
import { descriptorOf, handleTransport } from './handle-transport.js';
import { type Arrival, Listener, listenProblem, readByEvents } from './listener.js';
import { OutputHub } from './output-hub.js';
import { Peer, type PeerHost } from './peer.js';
import { PlainTransport } from './plain-transport.js';

const READ_BYTES = 65_536;
const POLL_BYTES = 16_384;
const TICK_MS = 1000;

/** Errors for an address that this machine does not have: a `-` before the address ignores them. */
const absentAddress = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOPROTOOPT', 'EPROTONOSUPPORT', 'ENOENT']);

/** Where and how a server listens. */
export interface ServerOptions {
  /** TCP port; 0 takes any free one, null listens on no TCP port. Default 6379. */
  port?: number | null;
  /**
   * Addresses as in `bind`: `-` before one forgives its absence, `*` stands for every IPv4 and `::*` for every IPv6
   * address. Default: the loopback interface.
   */
  bind?: readonly string[];
  /** Length of the queue of connections not yet accepted. Default 511. */
  backlog?: number;
  /** Also listens on this path, with these permissions (0: the process' default). */
  unixSocket?: string;
  unixSocketMode?: number;
  /** Also listens with TLS, on a port of its own. */
  tls?: TlsOptions & { port: number };
  /** Uses only documented parts of Node's sockets: slower, for runtimes that lack the others. Default false. */
  publicSocketsOnly?: boolean;
}

/** A server of one engine: listeners and connections. Made by `startServer`. */
export class Server implements PeerHost {
  readonly engine: EnginePort;
  readonly hub: OutputHub;
  seconds = 0;
  readonly #options: ServerOptions;
  readonly #peers = new Set<Peer>();
  readonly #readBuffer = allocBytes(READ_BYTES + READ_SLACK_BYTES);
  /** The buffer for reads while a script runs: the regular one holds the request that runs it. */
  #pollBuffer: Uint8Array | null = null;
  #doomed: Peer[] = [];
  #awake: Peer[] = [];
  #weighed = new Set<Peer>();
  #tcp: Listener[] = [];
  #others: Listener[] = [];
  #bind: readonly string[];
  #port: number | null = null;
  #tlsPort: number | null = null;
  #ticker: ReturnType<typeof setInterval> | null = null;
  #closed = false;

  constructor(engine: EnginePort, options: ServerOptions) {
    this.engine = engine;
    this.#options = options;
    this.#bind = options.bind ?? ['127.0.0.1', '-::1'];
    this.hub = new OutputHub({
      beforeFlush: () => {
        this.#proceed();
        this.#buryKilled();
      },
      commit: () => engine.commit?.() ?? true,
      afterFlush: () => this.#endTurn(),
      over(micros) {
        engine.counters.turns++;
        engine.counters.turnMicros += micros;
      },
    });
  }

  /** The TCP port, null if the server does not listen on one. */
  get port(): number | null {
    return this.#port;
  }
  get tlsPort(): number | null {
    return this.#tlsPort;
  }
  /** The first address listened on, `-` and `*` resolved. */
  get address(): string {
    return bindAddress(this.#bind[0] ?? '127.0.0.1').host;
  }
  get connections(): number {
    return this.#peers.size;
  }

  /** Opens all listeners, or none if one fails. */
  async open(): Promise<void> {
    const { port = 6379, tls, unixSocket, unixSocketMode = 0 } = this.#options;
    try {
      await this.rebind(port, this.#bind);
      if (tls !== undefined) this.#tlsPort = await this.#openAddresses('tls', tls.port, this.#bind, this.#others);
      if (unixSocket !== undefined) {
        const listener = this.#listener('unix');
        await listener.listenUnix(unixSocket, unixSocketMode);
        this.#others.push(listener);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#tellListeners();
    this.engine.whileBusy?.(() => this.#attend());
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#ticker.unref();
  }

  /** Switches to another port or other addresses (CONFIG SET port, bind). If that fails, everything stays as it was. */
  async rebind(port: number | null, bind: readonly string[] = this.#bind): Promise<void> {
    const old = this.#tcp;
    const opened: Listener[] = [];
    // A port cannot be bound twice: if it stays the same, the old listeners must be closed first.
    const same = port !== null && port !== 0 && port === this.#port;
    if (same) await Promise.all(old.map((listener) => listener.close()));
    try {
      this.#port = port === null ? null : await this.#openAddresses('tcp', port, bind, opened);
    } catch (error) {
      this.#tcp = same ? [] : old;
      if (same) await this.#openAddresses('tcp', port, this.#bind, this.#tcp);
      throw error;
    }
    this.#tcp = opened;
    this.#bind = bind;
    if (this.#port !== null) this.engine.listening?.(this.#port);
    this.#tellListeners();
    if (!same) await Promise.all(old.map((listener) => listener.close()));
  }

  #tellListeners(): void {
    const { unixSocket } = this.#options;
    const line = (name: string, bound: readonly string[], port: number | null) =>
      [`name=${name}`, ...bound.map((address) => `bind=${address}`), `port=${port}`].join(',');
    const lines: string[] = [];
    if (this.#port !== null) lines.push(line('tcp', this.#bind, this.#port));
    if (unixSocket !== undefined) lines.push(`name=unix,bind=${unixSocket}`);
    if (this.#tlsPort !== null) lines.push(line('tls', this.#bind, this.#tlsPort));
    this.engine.counters.listeners = lines;
  }

  /**
   * Whether `rebind` would succeed, as far as that shows at once. Addresses on the current port are only checked for
   * existence, as this server itself may hold them.
   */
  canBind(port: number | null, bind: readonly string[] = this.#bind): boolean {
    if (port === null) return true;
    return bind.every((entry) => {
      const { host, optional } = bindAddress(entry);
      return optional || listenProblem(host, port === this.#port ? 0 : port) === 0;
    });
  }

  /** Stops listening, sends pending replies, closes every connection. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.engine.whileBusy?.(null);
    // A client that sees its connection closed must not get a new one.
    const closed = Promise.all([...this.#tcp, ...this.#others].map((listener) => listener.close()));
    this.hub.flush();
    for (const peer of [...this.#peers]) peer.end();
    this.engine.closed?.();
    await closed;
  }

  /** Serves a connection that did not come through a listener, such as a stream within the process. */
  attach(stream: Duplex, name: string): void {
    const socket = stream as Socket;
    const read: Arrival['read'] = (receive) => readByEvents(stream, this.#readBuffer, READ_BYTES, receive);
    const info = { address: `${name}:0`, localAddress: `${name}:0`, fd: -1, kind: 'unix' } as const;
    this.#letIn({ socket, kind: 'unix', direct: false, read }, info);
  }

  doom(peer: Peer): void {
    this.#doomed.push(peer);
    this.hub.schedule();
  }

  wake(peer: Peer): void {
    this.#awake.push(peer);
    this.hub.schedule();
  }

  weigh(peer: Peer): void {
    this.#weighed.add(peer);
    this.hub.schedule();
  }

  forget(peer: Peer): void {
    this.#peers.delete(peer);
  }

  /**
   * Called while a script occupies the thread, and with it the event loop: reads what clients have sent from their
   * sockets and answers it right away. New connections have to wait, and so do TLS clients, whose bytes Node.js would
   * have to decrypt.
   */
  #attend(): void {
    this.#pollBuffer ??= allocBytes(POLL_BYTES + READ_SLACK_BYTES);
    const buffer = this.#pollBuffer;
    for (const peer of [...this.#peers]) {
      const length = peer.pollable ? readNow(peer.stats.fd, buffer) : 0;
      if (length > 0) peer.receive(buffer, length);
    }
    this.hub.flush();
    this.#bury();
  }

  #listener(kind: 'tcp' | 'unix' | 'tls'): Listener {
    return new Listener({
      kind,
      backlog: this.#options.backlog ?? 511,
      readBuffer: this.#readBuffer,
      readSize: READ_BYTES,
      handles: this.#options.publicSocketsOnly !== true,
      tls: this.#options.tls,
      onArrival: (arrival) => this.#admit(arrival),
      onError: (error) => this.engine.log('warning', `Accepting client connection: ${error.message}`),
    });
  }

  async #openAddresses(kind: 'tcp' | 'tls', port: number, bind: readonly string[], into: Listener[]): Promise<number> {
    let bound = port;
    try {
      for (const entry of bind) {
        const { host, optional } = bindAddress(entry);
        const listener = this.#listener(kind);
        try {
          bound = await listener.listenTcp(host, bound);
          into.push(listener);
        } catch (error) {
          if (!optional || !absentAddress.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
        }
      }
    } catch (error) {
      await Promise.all(into.splice(0).map((listener) => listener.close()));
      throw error;
    }
    return bound;
  }

  /** Admits a connection, or tells it why not. */
  #admit(arrival: Arrival): void {
    this.#letIn(arrival, this.#inspect(arrival));
  }

  #letIn(arrival: Arrival, info: ConnectionInfo): void {
    const { socket } = arrival;
    const { engine } = this;
    socket.on('error', () => {});
    if (this.#closed) {
      socket.destroy();
      return;
    }
    engine.log('verbose', info.kind === 'unix' ? `Accepted connection to ${info.address}` : `Accepted ${info.address}`);
    if (this.#peers.size >= engine.network.maxclients) {
      this.#turnAway(arrival, tooManyClients);
      return;
    }
    if (engine.network.protectedMode && engine.openToAll && !isLocal(info)) {
      this.#turnAway(arrival, protectedModeDenial);
      return;
    }
    engine.counters.connectionsReceived++;
    this.#welcome(arrival, info);
  }

  #welcome(arrival: Arrival, info: ConnectionInfo): void {
    const { socket } = arrival;
    const keepalive_s = this.engine.network.tcpKeepalive_s;
    if (info.kind !== 'unix') {
      socket.setNoDelay(true);
      if (keepalive_s > 0) socket.setKeepAlive(true, keepalive_s * 1000);
    }
    const transport = (arrival.direct ? handleTransport(socket) : null) ?? new PlainTransport(socket);
    const peer = new Peer(this, transport, info);
    this.#peers.add(peer);
    // A client that ends its side is done; what was computed in this turn is still sent.
    socket.on('end', () => {
      this.hub.flush();
      peer.end();
    });
    socket.on('close', () => peer.end());
    arrival.read((bytes, length) => peer.receive(bytes, length));
  }

  #turnAway(arrival: Arrival, message: string): void {
    this.engine.counters.connectionsRejected++;
    arrival.socket.end(message, 'latin1', () => arrival.socket.destroy());
  }

  #inspect({ socket, kind }: Arrival): ConnectionInfo {
    const fd = descriptorOf(socket);
    if (kind === 'unix') {
      const path = `${this.#options.unixSocket}:0`;
      return { address: path, localAddress: path, fd, kind };
    }
    return {
      address: hostAndPort(socket.remoteAddress, socket.remotePort),
      localAddress: hostAndPort(socket.localAddress, socket.localPort),
      fd,
      kind,
    };
  }

  #tick(): void {
    this.seconds++;
    for (const peer of this.#peers) peer.tick();
  }

  #proceed(): void {
    const awake = this.#awake;
    if (awake.length === 0) return;
    this.#awake = [];
    for (const peer of awake) peer.proceed();
  }

  /** Output limits come first: closing a client makes room for the others. */
  #endTurn(): void {
    this.#bury();
    const { clientMemory } = this.engine;
    if (clientMemory?.on !== true) return;
    for (const peer of this.#weighed) clientMemory.note(peer.session);
    this.#weighed.clear();
    clientMemory.makeRoom();
    this.#bury();
  }

  /** A killed client is gone by the time the killer reads the reply. */
  #buryKilled(): void {
    const doomed = this.#doomed;
    if (doomed.length === 0) return;
    this.#doomed = doomed.filter((peer) => !peer.killed || peer.working);
    for (const peer of doomed) if (peer.killed && !peer.working) peer.end();
  }

  /** Closes doomed peers. A draining peer with unsent output stays until its outlet reports that it was sent. */
  #bury(): void {
    const doomed = this.#doomed;
    if (doomed.length === 0) return;
    this.#doomed = [];
    for (const peer of doomed) {
      // A peer whose script occupies the thread is closed after it.
      if (peer.working) this.#doomed.push(peer);
      else if (peer.finished) peer.end();
    }
  }
}

/** Starts a server for an engine. Rejects with the system's error (`EADDRINUSE` …) if a listener cannot be opened. */
export async function startServer(engine: EnginePort, options: ServerOptions = {}): Promise<Server> {
  const server = new Server(engine, options);
  await server.open();
  return server;
}

/** Reads what a socket has without waiting; 0 if nothing, or if it is closed, which the event loop will report. */
function readNow(fd: number, buffer: Uint8Array): number {
  try {
    return readSync(fd, buffer, 0, POLL_BYTES, null);
  } catch {
    return 0;
  }
}

function bindAddress(entry: string): { host: string; optional: boolean } {
  const optional = entry.startsWith('-');
  const name = optional ? entry.slice(1) : entry;
  const host = name === '*' ? '0.0.0.0' : name === '::*' ? '::' : name;
  return { host, optional };
}

function hostAndPort(host: string | undefined, port: number | undefined): string {
  if (host === undefined) return '?:0';
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isLocal(info: ConnectionInfo): boolean {
  return info.kind === 'unix' || info.address.startsWith('127.0.0.1:') || info.address.startsWith('[::1]:');
}
