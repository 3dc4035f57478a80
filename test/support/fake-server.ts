/** A server that answers by a script: for replies and silences that a real one cannot be made to give. */
import { createServer, type Server, type Socket } from 'node:net';

/** What is sent for a command: raw RESP, or null for silence. `close` ends the connection. */
export type Answer = (argv: string[], connection: FakeConnection) => string | null;

export interface FakeConnection {
  readonly index: number;
  write(raw: string): void;
  end(): void;
}

const HELLO3 =
  '%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:7\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n';

export class FakeServer {
  /** Every command that came, with the connection that it came by. */
  readonly log: { index: number; argv: string[] }[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #count = 0;

  private constructor(answer: Answer) {
    this.#server = createServer((socket) => this.#accept(socket, answer));
  }

  /** HELLO 3 is answered as Redis 7.0 does, unless `answer` says otherwise (a string, also for HELLO). */
  static async start(answer: Answer): Promise<FakeServer> {
    const fake = new FakeServer(answer);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  get connections(): number {
    return this.#count;
  }

  /** Words of all commands so far, handshakes left out. */
  get commands(): string[] {
    return this.log.filter(({ argv }) => argv[0] !== 'HELLO').map(({ argv }) => argv.join(' '));
  }

  /** Ends all connections. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket, answer: Answer): void {
    const connection: FakeConnection = {
      index: this.#count++,
      write: (raw) => void socket.write(raw, 'latin1'),
      end: () => void socket.destroy(),
    };
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let read = readRequest(text); read !== null; read = readRequest(text)) {
        text = text.slice(read.length);
        this.log.push({ index: connection.index, argv: read.argv });
        const reply = answer(read.argv, connection) ?? (read.argv[0] === 'HELLO' ? HELLO3 : null);
        if (reply !== null && !socket.destroyed) socket.write(reply, 'latin1');
      }
    });
  }
}

function readRequest(text: string): { argv: string[]; length: number } | null {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return null;
  let at = head[0].length;
  const argv: string[] = [];
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at, at + 16));
    if (size === null) return null;
    at += size[0].length;
    const end = at + Number(size[1]);
    if (text.length < end + 2) return null;
    argv.push(text.slice(at, end));
    at = end + 2;
  }
  return { argv, length: at };
}
