import { connect, type Socket } from 'node:net';
import type { Bytes } from '../core/bytes.js';
import { formatCommand } from '../core/command-text.js';
import { ErrorReply } from '../core/reply.js';
import type { Courier, Delivery, DeliveryOrder } from '../engine/courier.js';
import { ReplyDecoder } from '../resp/decoder.js';

/** How long a connection is kept after its last use, and how many there may be. */
const KEPT_MS = 10_000;
const KEPT_MAX = 64;

/** A connection to another server, and the database that is selected on it. */
interface Line {
  readonly socket: Socket;
  database: number;
  expiry: ReturnType<typeof setTimeout> | null;
}

/** Delivers commands over TCP. */
export class SocketCourier implements Courier {
  readonly #lines = new Map<string, Line>();

  deliver(order: DeliveryOrder, done: (delivery: Delivery) => void): void {
    const kept = this.#take(addressOf(order));
    if (kept === null) {
      this.#dial(order, done);
      return;
    }
    // A connection that was kept may have ended unnoticed: then nothing was carried out.
    this.#exchange(kept, order, (delivery, answered) => {
      if ('problem' in delivery && !answered && kept.socket.destroyed) this.#dial(order, done);
      else done(delivery);
    });
  }

  /** Connections that are kept. */
  get kept(): number {
    return this.#lines.size;
  }

  close(): void {
    for (const { socket } of this.#lines.values()) socket.destroy();
    this.#lines.clear();
  }

  #dial(order: DeliveryOrder, done: (delivery: Delivery) => void): void {
    const port = Number(order.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      setImmediate(() => done({ problem: 'connecting' }));
      return;
    }
    const socket = connect({ host: order.host, port });
    socket.setNoDelay(true);
    const failed = (): void => {
      clearTimeout(timer);
      socket.destroy();
      done({ problem: 'connecting' });
    };
    const timer = setTimeout(failed, order.timeoutMs);
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      socket.on('error', () => {});
      this.#exchange({ socket, database: -1, expiry: null }, order, done);
    });
  }

  #exchange(line: Line, order: DeliveryOrder, done: (delivery: Delivery, answered: boolean) => void): void {
    const { socket } = line;
    const commands = [
      ...(order.auth === null ? [] : [['AUTH', ...order.auth]]),
      ...(order.database === line.database ? [] : [['SELECT', String(order.database)]]),
      ...order.commands,
    ];
    const errors: (Bytes | null)[] = [];
    const decoder = new ReplyDecoder((reply) => errors.push(reply instanceof ErrorReply ? reply.text : null));
    let timer: ReturnType<typeof setTimeout>;
    const end = (delivery: Delivery): void => {
      clearTimeout(timer);
      socket.off('data', receive).off('close', broken);
      const failed = 'problem' in delivery;
      if (failed || delivery.errors.some((error) => error !== null)) socket.destroy();
      else this.#keep(order, line);
      done(delivery, errors.length > 0);
    };
    const broken = (): void => end({ problem: 'reading' });
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(broken, order.timeoutMs);
    };
    const receive = (chunk: Uint8Array): void => {
      watch();
      try {
        decoder.feed(chunk);
      } catch {
        broken();
        return;
      }
      if (errors.length >= commands.length) end({ errors });
    };
    watch();
    socket.on('data', receive).on('close', broken);
    socket.write(commands.map(formatCommand).join(''), 'latin1');
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
