/**
 * A raw RESP client for tests. It keeps the exact bytes of every reply, so that two servers can be compared
 * byte for byte, and decodes them into a tree that still tells the wire types apart. It shares no code with
 * the library's own decoder: what it checks must not check itself.
 */
import { connect, type Socket } from 'node:net';

/** A decoded reply. `type` is the byte on the wire; `text` is set for scalars, `items` for aggregates. */
export interface RespNode {
  type: string;
  text: string | null;
  items: RespNode[] | null;
}

export interface RespReply {
  /** The exact bytes, one character per byte. */
  raw: string;
  node: RespNode;
}

export type Argument = string | Buffer | number;

const pushed = new Set(['message', 'pmessage', 'smessage', 'invalidate']);

/** Encodes a command as an array of bulk strings; strings stand for bytes (one character each). */
export function encodeCommand(argv: readonly Argument[]): string {
  let text = `*${argv.length}\r\n`;
  for (const argument of argv) {
    const bytes = typeof argument === 'object' ? argument.toString('latin1') : String(argument);
    text += `$${bytes.length}\r\n${bytes}\r\n`;
  }
  return text;
}

/** The plain JavaScript value of a reply: numbers, strings, null, arrays; maps are flat arrays, errors are Errors. */
export function plain(node: RespNode): unknown {
  if (node.items !== null) return node.items.map(plain);
  if (node.text === null) return null;
  if (node.type === '-' || node.type === '!') return new Error(node.text);
  if (node.type === ':') return Number.isSafeInteger(Number(node.text)) ? Number(node.text) : BigInt(node.text);
  if (node.type === ',') return Number(node.text);
  return node.type === '#' ? node.text === 't' : node.text;
}

/** A cursor over received bytes; `node()` is null when the bytes end inside a reply. */
class Scanner {
  readonly text: string;
  at: number;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  node(): RespNode | null {
    const end = this.text.indexOf('\r\n', this.at);
    if (end < 0) return null;
    const type = this.text[this.at]!;
    const head = this.text.slice(this.at + 1, end);
    this.at = end + 2;
    if (type === '$' || type === '=' || type === '!') return this.#bulk(type, Number(head));
    if (type === '*' || type === '~' || type === '>') return this.#aggregate(type, Number(head));
    if (type === '%') return this.#aggregate(type, Number(head) * 2);
    if (!'+-:,#_('.includes(type))
      throw new Error(`not a reply: ${JSON.stringify(this.text.slice(end - 20, end + 80))}`);
    return { type, text: type === '_' ? null : head, items: null };
  }

  #bulk(type: string, length: number): RespNode | null {
    if (length < 0) return { type, text: null, items: null };
    const start = this.at;
    if (this.text.length < start + length + 2) return null;
    this.at = start + length + 2;
    return { type, text: this.text.slice(start, start + length), items: null };
  }

  #aggregate(type: string, length: number): RespNode | null {
    if (length < 0) return { type, text: null, items: null };
    const items: RespNode[] = [];
    for (let i = 0; i < length; i++) {
      const item = this.node();
      if (item === null) return null;
      items.push(item);
    }
    return { type, text: null, items };
  }
}

/** Reads one whole reply from its bytes. */
export function parseReply(raw: string): RespReply {
  const node = new Scanner(raw, 0).node();
  if (node === null) throw new Error(`half a reply: ${JSON.stringify(raw)}`);
  return { raw, node };
}

/** One connection. Replies come in order; messages of subscriptions are kept apart in `pushes`. */
export class RespClient {
  /** Messages received and not yet taken. */
  readonly pushes: RespReply[] = [];
  /** Replies received and not yet read. */
  readonly replies: RespReply[] = [];
  closed = false;
  #socket: Socket;
  #pending = '';
  #chunks: string[] = [];
  #held = 0;
  #need = 0;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#wake?.();
    });
  }

  static connect(port: number, host = '127.0.0.1'): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host);
      socket.once('error', reject);
      socket.once('connect', () => resolve(new RespClient(socket)));
    });
  }

  /** Sends one command and returns its reply; throws if none comes. */
  async send(...argv: Argument[]): Promise<RespReply> {
    this.write([argv]);
    const [reply] = await this.read(1);
    if (reply === undefined) throw new Error(`${this.closed ? 'connection closed, ' : ''}no reply to ${argv[0]}`);
    return reply;
  }

  /** Sends one command and returns the plain value; an error reply is returned as an Error. */
  async value(...argv: Argument[]): Promise<unknown> {
    return plain((await this.send(...argv)).node);
  }

  /** Sends commands in one write and reads one reply for each. */
  async pipeline(commands: readonly (readonly Argument[])[]): Promise<RespReply[]> {
    this.write(commands);
    return await this.read(commands.length);
  }

  /** Sends commands in one write without waiting. */
  write(commands: readonly (readonly Argument[])[]): void {
    this.writeRaw(commands.map(encodeCommand).join(''));
  }

  /** Sends bytes as they are (one character per byte). */
  writeRaw(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** The next `count` replies; fewer if the time is over or the connection ended. */
  async read(count: number, timeout_ms = 20_000): Promise<RespReply[]> {
    const deadline = Date.now() + timeout_ms;
    while (this.replies.length < count && !this.closed) {
      const left = deadline - Date.now();
      if (left <= 0) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          if (this.replies.length < count && !this.closed) return;
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    return this.replies.splice(0, count);
  }

  takePushes(): RespReply[] {
    return this.pushes.splice(0);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    this.#chunks.push(text);
    this.#held += text.length;
    // An unfinished reply is scanned again only when the buffer has doubled or the data paused: no quadratic cost.
    if (this.#held < this.#need && text.length >= 65_536) return;
    const all = this.#pending + this.#chunks.join('');
    this.#chunks = [];
    const scanner = new Scanner(all, 0);
    let start = 0;
    while (start < all.length) {
      const node = scanner.node();
      if (node === null) break;
      this.#deliver({ raw: all.slice(start, scanner.at), node });
      start = scanner.at;
    }
    this.#pending = all.slice(start);
    this.#held = this.#pending.length;
    this.#need = this.#held * 2;
    this.#wake?.();
  }

  #deliver(reply: RespReply): void {
    const { type, items } = reply.node;
    const message = (type === '>' || type === '*') && items !== null && items.length >= 2 && isMessage(type, items);
    (message ? this.pushes : this.replies).push(reply);
  }
}

/** In RESP2 a message is an array that looks like a reply: a kind, then a channel, then a payload. */
function isMessage(type: string, items: RespNode[]): boolean {
  const kind = items[0]!.text;
  if (kind === null || !pushed.has(kind)) return false;
  return type === '>' || items.length === (kind === 'pmessage' ? 4 : 3);
}
