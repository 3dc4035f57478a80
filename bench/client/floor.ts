import { connect, type Socket } from 'node:net';
import type { Contender } from './contenders.js';

type Resolve = (value: unknown) => void;

const CR = 13;
const LF = 10;
const ARRAY = 42;
const BULK = 36;
const READ_BYTES = 65_536;
/** How many of those who have their replies stand before the others at most. */
const WAITING_DONE_MAX = 4096;

interface NodeBytes {
  latin1Slice(start: number, end: number): string;
}

let captured: Resolve;
const capture = (resolve: Resolve): void => {
  captured = resolve;
};

/**
 * A socket and RESP2 by hand, for these few calls only: one write per turn, one promise per call, and nothing that a
 * client is for (deadlines, errors, reconnecting, types of replies). What it costs is what is left to no client.
 */
class RawClient {
  readonly #socket: Socket;
  readonly #waiting: Resolve[] = [];
  #head = 0;
  #out = '';
  /** The line that is being read: its type, and the number in it. */
  #type = 0;
  #number = 0;
  /** Bytes of the bulk string that are still to come, its line break included; −1 between bulk strings. */
  #missing = -1;
  #text = '';
  #items: string[] = [];
  #itemsLeft = 0;

  private constructor(port: number, connected: Resolve) {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    const callback = (length: number): boolean => {
      this.#read(buffer, length);
      return true;
    };
    this.#socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } }, () => connected(this));
    this.#socket.setNoDelay(true);
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve) => new RawClient(port, resolve as Resolve));
  }

  send(request: string): Promise<unknown> {
    if (this.#out === '') process.nextTick(this.#flush);
    this.#out += request;
    const promise = new Promise(capture);
    this.#waiting.push(captured);
    return promise;
  }

  /** Requests with one promise for all replies. */
  sendAll(requests: string, count: number): Promise<unknown> {
    const replies: unknown[] = [];
    const promise = new Promise(capture);
    const whole = captured;
    const take = (reply: unknown): void => {
      if (replies.push(reply) === count) whole(replies);
    };
    if (this.#out === '') process.nextTick(this.#flush);
    this.#out += requests;
    for (let i = 0; i < count; i++) this.#waiting.push(take);
    return promise;
  }

  /** Every further reply goes to `take`. */
  listen(take: Resolve): void {
    this.#waiting.length = 0;
    this.#head = 0;
    this.#reply = take;
  }

  close(): void {
    this.#socket.destroy();
  }

  readonly #flush = (): void => {
    this.#socket.write(this.#out, 'latin1');
    this.#out = '';
  };

  #reply: Resolve = (value) => {
    const resolve = this.#waiting[this.#head++]!;
    if (this.#head === WAITING_DONE_MAX || this.#head === this.#waiting.length) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
    resolve(value);
  };

  #read(buffer: Buffer, length: number): void {
    let at = 0;
    while (at < length) at = this.#missing < 0 ? this.#line(buffer, at, length) : this.#bulk(buffer, at, length);
  }

  #line(buffer: Buffer, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = buffer[at]!;
      if (this.#type === 0) {
        this.#type = byte;
      } else if (byte === LF) {
        this.#lineEnded();
        return at + 1;
      } else if (byte !== CR) {
        this.#number = this.#number * 10 + byte - 48;
      }
    }
    return end;
  }

  #lineEnded(): void {
    const number = this.#number;
    if (this.#type === BULK) this.#missing = number + 2;
    else if (this.#type === ARRAY) this.#itemsLeft = number;
    else this.#item(number as never);
    this.#type = 0;
    this.#number = 0;
  }

  #bulk(buffer: Buffer, start: number, end: number): number {
    const taken = Math.min(end - start, this.#missing);
    const characters = Math.min(taken, Math.max(0, this.#missing - 2));
    const text = (buffer as unknown as NodeBytes).latin1Slice(start, start + characters);
    this.#text = this.#text === '' ? text : this.#text + text;
    this.#missing -= taken;
    if (this.#missing === 0) {
      this.#missing = -1;
      const text = this.#text;
      this.#text = '';
      this.#item(text);
    }
    return start + taken;
  }

  #item(item: string): void {
    if (this.#itemsLeft === 0) {
      this.#reply(item);
      return;
    }
    this.#items.push(item);
    if (--this.#itemsLeft > 0) return;
    const items = this.#items;
    this.#items = [];
    this.#reply(items);
  }
}

function request(...argv: string[]): string {
  return `*${argv.length}\r\n${argv.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

function objectOf(flat: string[]): Record<string, string> {
  const object: Record<string, string> = {};
  for (let i = 0; i < flat.length; i += 2) object[flat[i]!] = flat[i + 1]!;
  return object;
}

export async function floor(port: number): Promise<Contender> {
  const client = await RawClient.connect(port);
  const subscribers: RawClient[] = [];
  return {
    name: 'floor',
    get: (key) => client.send(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`),
    set: (key, value) => client.send(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`),
    hgetall: async (key) => objectOf((await client.send(request('HGETALL', key))) as string[]),
    pipeline: (key, count) => client.sendAll(request('GET', key).repeat(count), count),
    publish: (channel, message) => client.send(request('PUBLISH', channel, message)),
    async subscribe(channel, heard) {
      const subscriber = await RawClient.connect(port);
      subscribers.push(subscriber);
      await subscriber.send(request('SUBSCRIBE', channel));
      subscriber.listen(heard);
    },
    async close() {
      for (const each of [client, ...subscribers]) each.close();
    },
  };
}
