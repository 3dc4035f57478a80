import type { Lease, Request } from '../backend/backend.js';
import { rawRequest } from '../backend/install.js';
import {
  type Arg,
  encodeArg,
  type ReplyValue,
  replyViewOf,
  type TextView,
  type View,
  type ViewOptions,
  type ViewWith,
} from '../backend/view.js';
import { decodeAny } from '../commands/shape.js';
import { clientTable } from '../commands/table.js';
import { allocBytes, arrayFromBytes, type Bytes } from '../core/bytes.js';
import { ClosedError, ConnectionError, DataError, replyErrorOf } from '../core/errors.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import { RequestDecoder } from '../resp/request-decoder.js';
import { READ_SLACK_BYTES } from '../resp/request-parser.js';
import type { ClientBackend } from './client-backend.js';
import { isSubscriptionChange } from './pushes.js';
import { parseUrl, type UrlArguments } from './url.js';

/** Where a connection goes, what it does first, and how it shows replies. */
export interface RawConnectionOptions extends UrlArguments, Pick<ViewOptions, 'as' | 'integers'> {
  /** Called after the handshake of each `connect`, before it resolves: commands may be sent and read here. */
  readonly onConnect?: (connection: RawConnection<View>) => unknown;
}

/** A command as words. */
export type Words = readonly [name: string, ...args: Arg[]];

/** What came, in its order: a reply, or what happened instead of one. */
type Arrival = { readonly reply: Reply } | { readonly error: unknown };

/**
 * One connection, whose two directions are used by themselves: what is sent is sent now, what comes is read when it is
 * wanted. Replies are read in the order of sending; what nobody asked for (messages of channels, confirmations of
 * subscriptions) is read as it comes, among them. For single commands a Redis is better: it keeps what was asked and what
 * was answered together.
 */
export class RawConnection<V extends View = TextView> {
  readonly #url: string;
  readonly #options: RawConnectionOptions;
  readonly #arrivals: Arrival[] = [];
  /** Those who wait for something to come, woken all at once. */
  #wakers: (() => void)[] = [];
  #link: { readonly backend: ClientBackend; readonly lease: Lease } | null = null;
  #connecting: Promise<void> | null = null;
  /** Replies that are to come. */
  #due = 0;
  /** Whether more may come than was asked for. */
  #hears = false;

  /** @internal Made by `openConnection`. */
  constructor(url: string, options: RawConnectionOptions) {
    this.#url = url;
    this.#options = options;
  }

  /** Whether there is a connection now. */
  get connected(): boolean {
    return this.#link !== null;
  }

  /** Connects, logs in and selects the database, unless that has been done. Rejects as commands of a client do. */
  connect(): Promise<void> {
    if (this.#link !== null) return Promise.resolve();
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  /** Ends the connection and forgets what was not read. The next `connect` makes another. */
  disconnect(): void {
    const link = this.#link;
    this.#link = null;
    this.#due = 0;
    this.#hears = false;
    this.#arrivals.length = 0;
    if (link !== null) {
      link.lease.release();
      link.backend.destroy();
    }
    this.#wake();
  }

  /** A value as the bytes that are sent for it: text as UTF-8, numbers in decimal. */
  encode(value: Arg): Uint8Array {
    return arrayFromBytes(encodeArg(value));
  }

  /** A command as it goes over the wire. O(n) in its bytes. */
  packCommand(...words: Words): Uint8Array {
    return this.packCommands([words]);
  }

  /** Several commands as they go over the wire, one after the other. */
  packCommands(commands: Iterable<Words>): Uint8Array {
    let packed = '';
    for (const [name, ...args] of commands) packed += packedRequest(rawRequest(name, args));
    return arrayFromBytes(packed);
  }

  /** Sends a command; connects first if need be. Its reply is to be read. */
  async sendCommand(...[name, ...args]: Words): Promise<void> {
    await this.connect();
    this.#send(rawRequest(name, args));
  }

  /** Sends what `packCommand` and `packCommands` made, or other whole requests. Throws DataError if they are none. */
  async sendPacked(packed: Uint8Array): Promise<void> {
    const requests = requestsIn(packed);
    await this.connect();
    for (const request of requests) this.#send(request);
  }

  /** Whether something is there to be read, or comes within so many milliseconds. */
  async canRead(timeout = 0): Promise<boolean> {
    if (this.#arrivals.length > 0 || timeout <= 0) return this.#arrivals.length > 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeout);
    });
    await Promise.race([this.#arrival(), late]);
    clearTimeout(timer);
    return this.#arrivals.length > 0;
  }

  /**
   * The next reply, in the order of sending; waits for it. An error reply is thrown as ReplyError. Throws DataError if
   * nothing can come because nothing was sent, ConnectionError if the connection was lost first.
   */
  async readReply(): Promise<ReplyValue<V>> {
    while (this.#arrivals.length === 0) {
      if (this.#link === null) throw new ConnectionError('there is no connection to read from');
      if (this.#due === 0 && !this.#hears) throw new DataError('no reply is due: nothing was sent');
      await this.#arrival();
    }
    const arrival = this.#arrivals.shift()!;
    if ('error' in arrival) throw arrival.error;
    if (arrival.reply instanceof ErrorReply) throw replyErrorOf(arrival.reply.text, {});
    return decodeAny(arrival.reply, replyViewOf(this.#options)) as ReplyValue<V>;
  }

  [Symbol.dispose](): void {
    this.disconnect();
  }

  async #connect(): Promise<void> {
    const { onConnect, as, integers, ...options } = this.#options;
    const { pool: _, ...own } = parseUrl(this.#url, options);
    const { ClientBackend } = await import('./client-backend.js');
    const backend = new ClientBackend(own);
    try {
      const lease = await backend.reserve((push: PushReply) => this.#arrive({ reply: push.items }));
      lease.onEnd = (error) => this.#lost(lease, error ?? new ClosedError('the connection was closed'));
      this.#link = { backend, lease };
      await onConnect?.(this as RawConnection<View>);
    } catch (error) {
      this.disconnect();
      backend.destroy();
      throw error;
    }
  }

  #send(request: Request): void {
    const { lease } = this.#link!;
    // Confirmations come as what a subscriber hears.
    const confirmed = isSubscriptionChange(request.spec.name.toLowerCase());
    if (confirmed || request.spec.name === 'MONITOR') this.#hears = true;
    if (!confirmed) this.#due++;
    const settle = (arrival: Arrival): void => {
      if (this.#link?.lease !== lease) return;
      if (!confirmed) this.#due--;
      if (!confirmed || 'error' in arrival) this.#arrive(arrival);
    };
    lease.call(request).then(
      (reply) => settle({ reply }),
      (error: unknown) => settle({ error }),
    );
  }

  /** What is due fails by itself; this is for those who listen. */
  #lost(lease: Lease, error: unknown): void {
    if (this.#link?.lease !== lease) return;
    this.#link.backend.destroy();
    this.#link = null;
    this.#arrive({ error });
  }

  #arrive(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.#wake();
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }
}

/**
 * A connection to the server of a URL, to send and read by hand. Nothing is connected before `connect` or the first
 * command. Throws DataError for a wrong URL.
 */
export function openConnection<const O extends RawConnectionOptions>(
  url: string,
  options?: O,
): RawConnection<ViewWith<TextView, O>> {
  const { onConnect: _, as: __, integers: ___, ...rest } = options ?? {};
  parseUrl(url, rest);
  return new RawConnection(url, options ?? {});
}

function packedRequest({ argv }: Request): Bytes {
  return `*${argv.length}\r\n${argv.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

function requestsIn(packed: Uint8Array): Request[] {
  const bytes = allocBytes(packed.length + READ_SLACK_BYTES);
  bytes.set(packed);
  const decoder = new RequestDecoder();
  decoder.feed(bytes, packed.length);
  const requests: Request[] = [];
  while (decoder.next()) {
    const argv = decoder.parser.argv(decoder.bytes);
    const [name, ...args] = argv;
    if (name === undefined) continue;
    const request = rawRequest(
      name,
      args.map((arg) => arrayFromBytes(arg)),
    );
    requests.push({ spec: clientTable.lookup(argv) ?? request.spec, argv });
  }
  if (decoder.error !== null || decoder.pendingBytes > 0) {
    throw new DataError(`these bytes are no whole requests: ${decoder.error ?? 'the last one is not complete'}`);
  }
  return requests;
}
