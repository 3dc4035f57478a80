import { Emitter } from '../backend/events.js';
import type { KeyspanError } from '../core/errors.js';
import type { ConnectionSettings, ReadFrom, ReconnectPolicy } from './client-options.js';
import type { Topology } from './locator.js';
import type { Pending } from './pending.js';
import { SharedConnection } from './shared-connection.js';
import type { SharedLimits } from './shared-options.js';

export interface FollowerArguments {
  readonly settings: ConnectionSettings;
  readonly policy: ReconnectPolicy;
  readonly limits: SharedLimits;
}

/**
 * The nodes beside the primary that a client speaks to: a replica for reads, a Sentinel for its own commands. Each has a
 * shared connection of its own, made when it is first needed. Reads go to one replica, the same as long as it lasts:
 * what a client has read is not undone by reading on from a replica that is further behind.
 */
export class Followers {
  readonly #primary: SharedConnection;
  readonly #mode: ReadFrom;
  readonly #replica: SharedConnection | null;
  readonly #sentinel: SharedConnection | null;

  constructor(
    topology: Topology | null,
    mode: ReadFrom,
    primary: SharedConnection,
    { settings, policy, limits }: FollowerArguments,
  ) {
    this.#primary = primary;
    this.#mode = mode;
    const apart = (where: ConnectionSettings, rescue: ((pending: Pending) => void) | null): SharedConnection =>
      new SharedConnection(where, policy, limits, new Emitter(), { rescue });
    const rescue = mode === 'replica' ? null : (pending: Pending) => primary.resume(pending);
    this.#replica =
      topology === null || mode === 'primary' ? null : apart({ ...settings, locator: topology.replica }, rescue);
    this.#sentinel = topology === null || topology.sentinels === null ? null : apart(topology.sentinels, null);
  }

  /** Where a command goes. A read that the primary may answer too does not wait for a replica to be connected. */
  connectionFor(pending: Pending): SharedConnection {
    if (this.#replica !== null && pending.mayAskReplica) {
      if (this.#mode === 'replica' || this.#replica.live !== null) return this.#replica;
      this.#replica.prepare();
    }
    return this.#sentinel !== null && pending.asksSentinel ? this.#sentinel : this.#primary;
  }

  /** Fails what was given for an owner and has no reply yet, at whichever node. */
  abandon(owner: object, errorOf: (written: boolean) => KeyspanError): void {
    for (const shared of [this.#primary, this.#replica, this.#sentinel]) shared?.abandon(owner, errorOf);
  }

  /** Begins to connect to a replica, if reads go to one. */
  prepare(): void {
    this.#replica?.prepare();
  }

  /** What was set for the primary's connections is set for a replica's too. */
  reconfigure({ db, name, credentials }: ConnectionSettings): void {
    if (this.#replica !== null) this.#replica.settings = { ...this.#replica.settings, db, name, credentials };
  }

  async close(timeout: number): Promise<void> {
    await Promise.all([this.#replica?.close(timeout), this.#sentinel?.close(timeout)]);
  }

  destroy(): void {
    this.#replica?.destroy();
    this.#sentinel?.destroy();
  }
}
