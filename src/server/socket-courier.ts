import type { Socket } from 'node:net';
import type { Bytes } from '../core/bytes.js';
import { formatCommand } from '../core/command-text.js';
import { ErrorReply } from '../core/reply.js';
import type { Courier, Delivery, DeliveryOrder } from '../engine/courier.js';
import { ReplyDecoder } from '../resp/decoder.js';
import { CourierThread } from './courier-thread.js';
import { dial } from './dial.js';
import type { TlsMaterial } from './tls-settings.js';

/** How long a connection is kept after its last use, and how many are kept at most. */
const KEPT_MS = 10_000;
const KEPT_MAX = 64;
/** Size of one write; each may take as long as the order allows. */
const PIECE_BYTES = 65_536;

/** A connection to another server, and the database that is selected on it. */
interface Line {
  readonly socket: Socket;
  database: number;
  expiry: ReturnType<typeof setTimeout> | null;
}

/** The outcome of an order, and whether to try again: the connection broke before anything was answered. */
interface Outcome {
  readonly delivery: Delivery;
  readonly again: boolean;
}

const unanswered = (problem: Delivery['problem']): Delivery => ({ problem, refusal: null, errors: [] });

/** Delivers commands over TCP. */
export class SocketCourier implements Courier {
  readonly #lines = new Map<string, Line>();
  readonly #tls: () => TlsMaterial | null;
  readonly #thread = new CourierThread();

  /** `tls` returns the TLS material, null for none; if it throws there is no connection. */
  constructor(tls: () => TlsMaterial | null) {
    this.#tls = tls;
  }

  deliver(order: DeliveryOrder, done: (delivery: Delivery) => void): void {
    const last = ({ delivery }: Outcome): void => done(delivery);
    const first = (outcome: Outcome): void => {
      // A kept connection that breaks before any answer had often been closed by the other side already, so try once
      // more.
      if (outcome.again) this.#dial(order, last);
      else last(outcome);
    };
    const kept = this.#take(addressOf(order));
    if (kept === null) this.#dial(order, first);
    else this.#exchange(kept, order, first);
  }

  deliverNow(order: DeliveryOrder): Delivery {
    try {
      return this.#thread.deliver(order, this.#tls());
    } catch {
      return unanswered('connecting');
    }
  }

  close(): void {
    for (const { socket } of this.#lines.values()) socket.destroy();
    this.#lines.clear();
    this.#thread.close();
  }

  #dial(order: DeliveryOrder, done: (outcome: Outcome) => void): void {
    const noConnection: Outcome = { delivery: unanswered('connecting'), again: false };
    const port = Number(order.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      setImmediate(() => done(noConnection));
      return;
    }
    let socket: Socket;
    try {
      socket = dial({ host: order.host, port }, this.#tls(), () => {
        clearTimeout(timer);
        socket.off('error', failed);
        socket.on('error', () => {});
        this.#exchange({ socket, database: -1, expiry: null }, order, done);
      });
    } catch {
      setImmediate(() => done(noConnection));
      return;
    }
    socket.setNoDelay(true);
    const failed = (): void => {
      clearTimeout(timer);
      socket.off('error', failed).on('error', () => {});
      socket.destroy();
      done(noConnection);
    };
    const timer = setTimeout(failed, order.timeoutMs);
    socket.once('error', failed);
  }

  #exchange(line: Line, order: DeliveryOrder, done: (outcome: Outcome) => void): void {
    const { socket } = line;
    const commands = [
      ...(order.auth === null ? [] : [['AUTH', ...order.auth]]),
      ...(order.database === line.database ? [] : [['SELECT', String(order.database)]]),
      ...order.commands,
    ];
    const before = commands.length - order.commands.length;
    const answers: (Bytes | null)[] = [];
    const decoder = new ReplyDecoder((reply) => answers.push(reply instanceof ErrorReply ? reply.text : null));
    let timer: ReturnType<typeof setTimeout>;
    let written = false;
    const end = (problem: Delivery['problem'], timedOut = false): void => {
      clearTimeout(timer);
      socket.off('data', receive).off('close', broken);
      if (problem === null && answers.every((error) => error === null)) this.#keep(order, line);
      else socket.destroy();
      const refusal = answers.slice(0, before).find((error) => error !== null) ?? null;
      const again = problem !== null && !timedOut && answers.length === 0;
      done({ delivery: { problem, refusal, errors: answers.slice(before) }, again });
    };
    const broken = (): void => end(written ? 'reading' : 'writing');
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => end(written ? 'reading' : 'writing', true), order.timeoutMs);
    };
    const receive = (chunk: Uint8Array): void => {
      watch();
      try {
        decoder.feed(chunk);
      } catch {
        broken();
        return;
      }
      if (answers.length >= commands.length) end(null);
    };
    watch();
    socket.on('data', receive).on('close', broken);
    writeAll(socket, commands.map(formatCommand).join(''), {
      progress: watch,
      over: () => {
        written = true;
      },
    });
  }

  #keep(order: DeliveryOrder, line: Line): void {
    const address = addressOf(order);
    this.#take(address)?.socket.destroy();
    if (this.#lines.size >= KEPT_MAX) this.#drop(this.#lines.keys().next().value!);
    line.database = order.database;
    line.expiry = setTimeout(() => this.#drop(address), KEPT_MS);
    line.expiry.unref();
    line.socket.unref();
    line.socket.once('close', () => {
      if (this.#lines.get(address) === line) this.#lines.delete(address);
    });
    this.#lines.set(address, line);
  }

  #take(address: string): Line | null {
    const line = this.#lines.get(address);
    if (line === undefined) return null;
    this.#lines.delete(address);
    if (line.expiry !== null) clearTimeout(line.expiry);
    if (line.socket.destroyed) return null;
    line.socket.ref();
    return line;
  }

  #drop(address: string): void {
    this.#take(address)?.socket.destroy();
  }
}

function addressOf({ host, port }: DeliveryOrder): string {
  return `${host}:${port}`;
}

/** Writes in pieces: `progress` is called after each, `over` after the last, neither once the socket has failed. */
function writeAll(socket: Socket, text: Bytes, events: { progress: () => void; over: () => void }): void {
  const from = (at: number): void => {
    if (at >= text.length) {
      events.over();
      return;
    }
    socket.write(text.slice(at, at + PIECE_BYTES), 'latin1', (error) => {
      if (error) return;
      if (at > 0) events.progress();
      from(at + PIECE_BYTES);
    });
  };
  from(0);
}
