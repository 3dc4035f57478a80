/** A TCP proxy that does to connections what networks do: cut replies into pieces, stall, drop, reset. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class FaultyLink {
  /** Bytes of replies go on in pieces of this size, each by itself; 0 leaves them as they come. */
  pieceBytes = 0;
  /** Replies are held back, as behind a dead link. Requests still arrive. */
  stalled = false;
  /** Requests are held back too. */
  deaf = false;
  /** Replies come so much later, as over a long way. */
  delay_ms = 0;
  /** Ends a connection after so many bytes of replies; −1 never. */
  cutAfterBytes = -1;
  /** After so many bytes of replies the rest waits, on every connection, for `release`; −1 never. */
  holdAfterBytes = -1;
  #frozen = false;
  /** Connections taken so far. */
  accepted = 0;
  readonly #server: Server;
  readonly #held = new Set<Socket>();
  readonly #pairs = new Set<{ client: Socket; upstream: Socket }>();
  readonly #target: number;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(target: number): Promise<FaultyLink> {
    const proxy = new FaultyLink(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Ends all connections: with RST, or with FIN. */
  drop(how: 'reset' | 'end' = 'reset'): void {
    for (const { client, upstream } of this.#pairs) {
      // A socket that is being shut down cannot be reset: Node would wait for its end at the end of the process, for ever.
      if (how === 'end') client.end();
      else if (client.writableEnded) client.destroy();
      else client.resetAndDestroy();
      upstream.destroy();
    }
  }

  /** Whether replies wait for `release`. */
  get holding(): boolean {
    return this.#held.size > 0;
  }

  /** Lets go what `holdAfterBytes` held. */
  release(): void {
    this.holdAfterBytes = -1;
    for (const upstream of this.#held) upstream.resume();
    this.#held.clear();
  }

  /** Nothing goes on in either direction until `thaw`, and nothing is lost: as behind a link that hangs. */
  freeze(): void {
    this.#frozen = true;
    for (const { client, upstream } of this.#pairs) for (const socket of [client, upstream]) socket.pause();
  }

  thaw(): void {
    this.#frozen = false;
    for (const { client, upstream } of this.#pairs) for (const socket of [client, upstream]) socket.resume();
  }

  /** Takes no new connections. */
  refuse(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.drop();
    });
  }

  /** Takes connections again, on the same port. */
  accept(port: number): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.refuse();
  }

  #accept(client: Socket): void {
    this.accepted++;
    const upstream = connect(this.#target, '127.0.0.1');
    const pair = { client, upstream };
    this.#pairs.add(pair);
    let passed = 0;
    client.setNoDelay(true);
    client.on('data', (bytes) => {
      if (!this.deaf) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (this.stalled) return;
      const room = this.cutAfterBytes < 0 ? bytes.length : Math.max(0, this.cutAfterBytes - passed);
      passed += bytes.length;
      this.#send(client, bytes.subarray(0, room));
      if (this.cutAfterBytes >= 0 && passed >= this.cutAfterBytes) client.end();
      if (this.holdAfterBytes < 0 || passed < this.holdAfterBytes) return;
      upstream.pause();
      this.#held.add(upstream);
    });
    const over = (): void => {
      this.#pairs.delete(pair);
      this.#held.delete(upstream);
      upstream.destroy();
      client.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', () => {}).on('close', over);
    if (this.#frozen) for (const socket of [client, upstream]) socket.pause();
  }

  #send(client: Socket, bytes: Buffer): void {
    if (this.delay_ms === 0) this.#pass(client, bytes);
    else setTimeout(() => this.#pass(client, bytes), this.delay_ms);
  }

  #pass(client: Socket, bytes: Buffer): void {
    if (this.pieceBytes === 0) {
      client.write(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += this.pieceBytes) client.write(bytes.subarray(at, at + this.pieceBytes));
  }
}
