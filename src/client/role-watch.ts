import { commands } from '../commands/table.js';
import { millisNow } from '../core/clock.js';
import type { Reply } from '../core/reply.js';
import type { Connection } from './connection.js';
import type { Locator } from './locator.js';
import { Command } from './pending.js';
import { roleOf } from './role.js';
import { Alarm, sharedWheel } from './timer-wheel.js';

/**
 * Asks a node from time to time whether it still is what was looked for: one that is only read from does not refuse
 * anything when it is made a replica.
 */
export class RoleWatch {
  readonly #onChange: (connection: Connection) => void;
  readonly #alarm = new Alarm((now) => this.#ask(now));
  #connection: Connection | null = null;
  #locator: Locator | null = null;

  constructor(onChange: (connection: Connection) => void) {
    this.#onChange = onChange;
  }

  start(connection: Connection, locator: Locator | null): void {
    this.stop();
    if (locator === null || locator.checkInterval <= 0) return;
    this.#connection = connection;
    this.#locator = locator;
    sharedWheel.set(this.#alarm, millisNow() + locator.checkInterval);
  }

  stop(): void {
    sharedWheel.clear(this.#alarm);
    this.#connection = null;
  }

  #ask(now: number): void {
    const connection = this.#connection;
    const locator = this.#locator;
    if (connection === null || locator === null || !connection.ready) return;
    const command = new Command({ spec: commands.role, argv: ['ROLE'] }, null, null);
    command.timeout = locator.checkInterval;
    command.deadline = now + locator.checkInterval;
    command.promise.then(
      (reply) => {
        const role = roleOf(reply as Reply);
        if (role === null || role.kind === locator.role || this.#connection !== connection) return;
        if (connection.located !== null) locator.doubt(connection.located);
        this.#onChange(connection);
      },
      // A missed answer shows as a connection that has stalled.
      () => {},
    );
    connection.send(command);
    sharedWheel.set(this.#alarm, now + locator.checkInterval);
  }
}
