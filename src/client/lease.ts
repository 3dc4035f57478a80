import type { CallOptions, Lease, Request } from '../backend/backend.js';
import type { Spec } from '../commands/spec.js';
import { commands } from '../commands/table.js';
import { ClosedError, ConnectionError, type KeyspanError } from '../core/errors.js';
import { ErrorReply, NullArray, type PushReply, type Reply } from '../core/reply.js';
import { BlockingCommand, serverTimeout } from './blocking.js';
import { policyOf } from './command-policy.js';
import type { Connection, ConnectionOwner } from './connection.js';
import { loginAgain } from './credentials.js';
import { type Leftover, rejectLeftovers } from './leftovers.js';
import { Command, MonitorCommand, type Pending, SubscriptionCommand } from './pending.js';
import type { ConnectionPool } from './pool.js';
import { isDemotion } from './role.js';
import type { SignalGroups } from './signal-groups.js';
import { Subscriptions } from './subscriptions.js';

/** What a lease needs of who made it. */
export interface LeaseHost {
  readonly pool: ConnectionPool;
  readonly groups: SignalGroups;
  /** For calls that name none. */
  readonly timeout: number;
  /** Asks the server, on another connection, to unblock the connection with this id. */
  unblock(id: number): void;
  released(lease: ClientLease): void;
}

const noop = (): void => {};

/** What these turn on lasts as long as the connection; a client's shared one may have it all the same. */
const ofOne = new Set<Spec>([commands.clientTracking, commands.clientCaching, commands.clientNoEvict]);

/** A connection lent from a pool. It is not replaced when it is lost: what it held is lost with it. */
export class ClientLease implements Lease, ConnectionOwner {
  #connection: Connection | null;
  readonly #host: LeaseHost;
  readonly #onPush: ((push: PushReply) => void) | undefined;
  readonly #subscriptions = new Subscriptions();
  readonly #blocked = new Set<BlockingCommand>();
  onEnd: ((error: KeyspanError | null) => void) | null = null;
  /** AUTH that waits until the connection may be given it. */
  #dueLogin: (() => void) | null = null;
  #released = false;
  #watching = false;
  #inMulti = false;
  /** The connection is in a state that the next user must not find. */
  #spoilt = false;
  /** Its node refused a command because it is no primary any more. */
  isDemoted = false;
  #lost: KeyspanError | null = null;

  constructor(connection: Connection, host: LeaseHost, onPush?: (push: PushReply) => void) {
    this.#connection = connection;
    this.#host = host;
    this.#onPush = onPush;
    connection.owner = this;
  }

  /** Whether a call waits for its reply and does not merely block. */
  get busy(): boolean {
    return this.#connection !== null && this.#connection.inFlight > this.#blocked.size;
  }

  /** As the server tells it in the handshake; empty if it does not. */
  get serverVersion(): string {
    return this.#connection?.greeting.version ?? '';
  }

  /** Whether a command blocks. */
  get blocks(): boolean {
    return this.#blocked.size > 0;
  }

  async call(request: Request, options: CallOptions = {}): Promise<Reply> {
    const command = request.spec.name;
    if (this.#released) throw new ClosedError('the conversation is over', { command });
    const connection = this.#connection;
    if (connection === null || !connection.ready) {
      throw new ConnectionError('the conversation was lost with its connection', {
        command,
        cause: this.#lost ?? undefined,
      });
    }
    options.signal?.throwIfAborted();
    const pending = this.#pendingOf(request, connection);
    const timeout = this.#timeoutOf(request, pending, options);
    if (timeout > 0) {
      pending.timeout = timeout;
      pending.deadline = connection.turnTime() + timeout;
    }
    if (options.signal !== undefined) pending.follow(options.signal, this.#host.groups);
    connection.send(pending);
    if (!this.#inMulti && this.#dueLogin !== null) {
      this.#dueLogin();
      this.#dueLogin = null;
    }
    try {
      return this.#judged(command, (await pending.promise) as Reply, connection);
    } finally {
      if (pending instanceof BlockingCommand) this.#blocked.delete(pending);
    }
  }

  /**
   * The reply, with what it says of the node noted. A transaction that fails because its node is a replica now ends as
   * if a watched key had changed: nothing of it was carried out, and it may begin anew elsewhere.
   */
  #judged(command: string, reply: Reply, connection: Connection): Reply {
    const { locator } = this.#host.pool.settings;
    if (locator === null || !(reply instanceof ErrorReply)) return reply;
    if (isDemotion(reply)) {
      this.isDemoted = this.#spoilt = true;
      if (connection.located !== null) locator.doubt(connection.located);
    }
    return command === 'EXEC' && this.isDemoted ? new NullArray() : reply;
  }

  /** Gives the connection back: what it watched is forgotten; one that is busy, subscribed or within MULTI is ended. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) this.#giveBack(connection);
    this.#host.released(this);
  }

  /** The client closes: nothing more is waited for that has no end of its own. */
  shut(): void {
    if (!this.#subscriptions.isEmpty) {
      this.release();
      this.onEnd?.(null);
    }
    for (const blocked of [...this.#blocked])
      blocked.abort(new ClosedError('the client was closed', { command: blocked.commandName }));
  }

  opened(): void {}

  closed(connection: Connection, error: KeyspanError | null, leftovers: readonly Leftover[]): void {
    this.#lost = error;
    rejectLeftovers(leftovers, error);
    this.#host.pool.release(connection);
    if (this.#connection !== connection) return;
    this.#connection = null;
    if (!this.#released) this.onEnd?.(error instanceof ClosedError ? null : error);
  }

  push(message: PushReply): void {
    if (!this.#released) this.#onPush?.(message);
  }

  /**
   * Logs in anew, now or when a transaction that is being queued is over. Null where the connection takes no AUTH: it
   * monitors, or is a subscriber's that speaks RESP2. What follows it logs in by itself.
   */
  login(request: Request): Promise<Reply> | null {
    const connection = this.#connection;
    if (connection === null || !connection.ready || connection.monitoring) return null;
    if (connection.greeting.protocol === 2 && !this.#subscriptions.isEmpty) return null;
    if (!this.#inMulti) return loginAgain(connection, request);
    return new Promise((resolve, reject) => {
      const earlier = this.#dueLogin;
      this.#dueLogin = () => {
        earlier?.();
        if (connection.ready) loginAgain(connection, request).then(resolve, reject);
      };
    });
  }

  stalled(connection: Connection): void {
    connection.destroy(new ConnectionError('the server did not answer in time'));
  }

  #pendingOf(request: Request, connection: Connection): Pending {
    const { spec, argv } = request;
    const confirmations = this.#subscriptions.note(spec.name, argv);
    if (confirmations > 0) return new SubscriptionCommand(request, confirmations);
    if (spec.name === 'MONITOR') {
      this.#spoilt = true;
      return new MonitorCommand(request, () => {
        connection.monitoring = true;
      });
    }
    if (this.#waits(request) && !this.#inMulti) {
      const blocking = new BlockingCommand(request, {
        unblock: () => this.#host.unblock(connection.greeting.id),
        probe: () => connection.probe(),
        abandon: () => connection.destroy(new ConnectionError('a blocking command was ended before others')),
      });
      blocking.onDeadline = () => connection.noteDeadline(blocking.deadline);
      this.#blocked.add(blocking);
      return blocking;
    }
    this.#follow(spec);
    return new Command(request, null, null);
  }

  /** Whether the command may have no reply for as long as it says itself. */
  #waits(request: Request): boolean {
    const policy = policyOf(request);
    return policy === 'blocking' || policy === 'wait';
  }

  /** What the command does to the state of the connection. */
  #follow(spec: Spec): void {
    const { name } = spec;
    if (name === 'WATCH') this.#watching = true;
    else if (name === 'UNWATCH') this.#watching = false;
    else if (name === 'MULTI') this.#inMulti = true;
    else if (name === 'EXEC' || name === 'DISCARD') this.#watching = this.#inMulti = false;
    else if (spec.connection === 'changes' || spec.connection === 'sets' || ofOne.has(spec)) this.#spoilt = true;
  }

  #timeoutOf(request: Request, pending: Pending, { timeout }: CallOptions): number {
    if (timeout !== undefined) return timeout;
    if (!(pending instanceof BlockingCommand)) return this.#host.timeout;
    const blocks = serverTimeout(request);
    return blocks === 0 || this.#host.timeout === 0 ? 0 : blocks + this.#host.timeout;
  }

  #giveBack(connection: Connection): void {
    const { pool } = this.#host;
    const clean =
      connection.ready && connection.inFlight === 0 && this.#subscriptions.isEmpty && !this.#inMulti && !this.#spoilt;
    if (!clean) {
      connection.destroy(new ClosedError('the conversation was released'));
    } else if (this.#watching) {
      this.#sendQuietly(connection, { spec: commands.unwatch, argv: ['UNWATCH'] });
    }
    pool.release(connection);
  }

  #sendQuietly(connection: Connection, request: Request): Promise<unknown> {
    const command = new Command(request, null, null);
    command.timeout = this.#host.timeout;
    if (command.timeout > 0) command.deadline = connection.turnTime() + command.timeout;
    command.promise.catch(noop);
    connection.send(command);
    return command.promise;
  }
}
