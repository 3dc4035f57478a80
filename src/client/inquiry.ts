import { rawRequest } from '../backend/install.js';
import type { Bytes } from '../core/bytes.js';
import { millisNow } from '../core/clock.js';
import { ClosedError, ConnectionError } from '../core/errors.js';
import type { Reply } from '../core/reply.js';
import type { ConnectionSettings } from './client-options.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { rejectLeftovers } from './leftovers.js';
import { CommandBatch } from './pending.js';

/** Short conversations of a client's own: connect, ask, hang up. */
export class Inquirer {
  readonly #open = new Set<Connection>();
  #closed = false;

  /** The replies to some commands, from a connection made for them, within `timeout` milliseconds altogether. */
  ask(settings: ConnectionSettings, commands: readonly Bytes[][], timeout: number): Promise<Reply[]> {
    if (this.#closed) return Promise.reject(new ClosedError('the client was closed'));
    const batch = new CommandBatch(commands.map(([name, ...args]) => rawRequest(name!, args)));
    batch.timeout = timeout;
    batch.deadline = millisNow() + timeout;
    const owner: ConnectionOwner = {
      opened: (connection) => connection.send(batch),
      closed: (connection, error, leftovers) => {
        this.#open.delete(connection);
        rejectLeftovers(leftovers, error);
        batch.reject(error ?? new ClosedError('the client was closed'));
      },
      push: () => {},
      stalled: (connection) => connection.destroy(new ConnectionError('no answer in time')),
    };
    const connection = new Connection({ ...settings, locator: null, connectTimeout: timeout, pingInterval: 0 }, owner);
    this.#open.add(connection);
    connection.open();
    return (batch.promise as Promise<Reply[]>).finally(() => connection.destroy());
  }

  /** Ends what is going on; nothing more is asked. */
  close(): void {
    this.#closed = true;
    for (const connection of [...this.#open]) connection.destroy();
  }
}
