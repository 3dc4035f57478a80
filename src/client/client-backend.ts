import type { Backend, CallOptions, Capabilities, Lease, Request } from '../backend/backend.js';
import { type BackendEvents, Emitter } from '../backend/events.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import { textFromBytes } from '../core/bytes.js';
import { millisNow } from '../core/clock.js';
import { ClosedError, ConnectionError, replyErrorOf, TimeoutError, UnsupportedError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { ErrorReply, type PushReply, type Reply, Status } from '../core/reply.js';
import { backoff } from './backoff.js';
import { type ClientOptions, type ConnectionSettings, clientDefaults, connectionSettings } from './client-options.js';
import { policyOf } from './command-policy.js';
import type { Connection } from './connection.js';
import { ClientLease, type LeaseHost } from './lease.js';
import { unblockRequest } from './own-commands.js';
import { Command, CommandBatch, CommandTransaction, type Pending } from './pending.js';
import { ConnectionPool } from './pool.js';
import { Secret } from './secret.js';
import { SharedConnection } from './shared-connection.js';
import { SignalGroups } from './signal-groups.js';
import { Alarm, sharedWheel } from './timer-wheel.js';

const noOptions: CallOptions = {};
const noop = (): void => {};
/** How long `close()` waits for replies where commands have no deadline. */
const CLOSE_TIMEOUT_MS = 5000;

/**
 * A server as a backend. Commands share one connection; those that block, and conversations (WATCH, subscriptions),
 * get connections of their own from a pool. Nothing is connected before the first command.
 */
export class ClientBackend implements Backend {
  readonly capabilities: Capabilities = { transactions: true, blocking: true, pubsub: true };
  readonly #shared: SharedConnection;
  readonly #pool: ConnectionPool;
  readonly #ownsPool: boolean;
  readonly #emitter = new Emitter();
  readonly #groups = new SignalGroups();
  readonly #leases = new Set<ClientLease>();
  readonly #timeout: number;
  readonly #retry: 'never' | 'safe' | 'always';
  readonly #policy: (attempt: number, error: ConnectionError) => number | null;
  readonly #host: LeaseHost;
  #closing: Promise<void> | null = null;
  #whenLeasesEnd: (() => void) | null = null;

  constructor(options: ClientOptions = {}) {
    const { reconnect = {} } = options;
    this.#timeout = options.timeout ?? clientDefaults.timeout;
    this.#retry = options.retry ?? 'safe';
    this.#policy = typeof reconnect === 'function' ? reconnect : backoff(reconnect, new Random());
    this.#ownsPool = options.pool === undefined;
    this.#pool =
      options.pool ??
      new ConnectionPool({ ...options, maxConnections: options.maxConnections ?? clientDefaults.maxConnections });
    const settings = options.pool === undefined ? connectionSettings(options) : options.pool.settings;
    const { queueMax, queueBytesMax, retriesMax } = { ...clientDefaults, ...given(options) };
    this.#shared = new SharedConnection(settings, this.#policy, { queueMax, queueBytesMax, retriesMax }, this.#emitter);
    this.#host = {
      pool: this.#pool,
      groups: this.#groups,
      timeout: this.#timeout,
      unblock: (id) => this.#unblock(id),
      released: (lease) => this.#forget(lease),
    };
  }

  /** Connects now rather than at the first command. Rejects when the server cannot be used, or at the deadline. */
  async connect(): Promise<void> {
    const reply = await this.call({ spec: commands.ping, argv: ['PING'] });
    if (reply instanceof ErrorReply && reply.code === 'NOAUTH') throw replyErrorOf(reply.text, { command: 'PING' });
  }

  /** Listens to the life of the client; returns what ends that. */
  on<E extends keyof BackendEvents>(event: E, listener: (...args: BackendEvents[E]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  call(request: Request, options: CallOptions = noOptions): Promise<Reply> {
    const policy = policyOf(request);
    if (policy === 'blocking') return this.#block(request, options);
    if (policy === 'refused') return Promise.reject(refusal(request));
    const command = new Command(request, null, null);
    this.#submit(command, options);
    return (policy === 'session' ? this.#remembered(request, command.promise) : command.promise) as Promise<Reply>;
  }

  ask(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    if (policyOf(request) !== 'shared') return this.#askApart(request, shape, view, options);
    const command = new Command(request, shape, view);
    this.#submit(command, options);
    return command.promise;
  }

  batch(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply[]> {
    if (requests.length === 0) return Promise.resolve([]);
    return this.#together(new CommandBatch(requests), requests, options) as Promise<Reply[]>;
  }

  transaction(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply> {
    return this.#together(new CommandTransaction(requests), requests, options) as Promise<Reply>;
  }

  /** A connection of one's own. Connecting is tried again until the deadline of the call. */
  async lease(onPush?: (push: PushReply) => void, options: CallOptions = noOptions): Promise<Lease> {
    const { timeout = this.#timeout } = options;
    const deadline = timeout > 0 ? millisNow() + timeout : Number.POSITIVE_INFINITY;
    return await this.#lease(deadline, options.signal, onPush);
  }

  /**
   * Takes no more commands, lets those given be answered, and ends. Blocked commands and subscriptions are ended at once.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends everything at once; what waits is rejected with ClosedError. */
  destroy(): void {
    this.#closing ??= Promise.resolve();
    this.#shared.destroy();
    for (const lease of [...this.#leases]) lease.release();
    if (this.#ownsPool) this.#pool.disconnect();
  }

  async #close(): Promise<void> {
    const timeout = this.#timeout || CLOSE_TIMEOUT_MS;
    for (const lease of [...this.#leases]) lease.shut();
    await this.#leasesEnd(timeout);
    await this.#shared.close(timeout);
    if (this.#ownsPool) this.#pool.disconnect();
  }

  /** Waits for conversations to end; those that are idle, or not over in time, are ended. */
  async #leasesEnd(timeout: number): Promise<void> {
    for (const lease of [...this.#leases]) if (!lease.busy && !lease.blocks) lease.release();
    if (this.#leases.size === 0) return;
    await new Promise<void>((resolve) => {
      const late = new Alarm(() => resolve());
      sharedWheel.set(late, millisNow() + timeout);
      this.#whenLeasesEnd = () => {
        sharedWheel.clear(late);
        resolve();
      };
    });
    for (const lease of [...this.#leases]) lease.release();
  }

  #forget(lease: ClientLease): void {
    this.#leases.delete(lease);
    if (this.#leases.size === 0) this.#whenLeasesEnd?.();
  }

  #submit(pending: Pending, options: CallOptions): void {
    const { signal } = options;
    if (signal !== undefined) {
      if (signal.aborted) {
        pending.reject(signal.reason);
        return;
      }
      pending.follow(signal, this.#groups);
    }
    pending.retry = options.retry ?? this.#retry;
    if (this.#closing !== null && !this.#shared.closing) pending.reject(closedFor(pending.commandName));
    else this.#shared.submit(pending, options.timeout ?? this.#timeout);
  }

  #together(pending: Pending, requests: readonly Request[], options: CallOptions): Promise<unknown> {
    const wrong = requests.find((request) => policyOf(request) === 'refused');
    if (wrong !== undefined) return Promise.reject(refusal(wrong));
    this.#submit(pending, options);
    return pending.promise;
  }

  async #askApart(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    const reply = await this.call(request, options);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return shape.decode(reply, view);
  }

  async #block(request: Request, options: CallOptions): Promise<Reply> {
    const lease = await this.#leaseFor(request, options);
    try {
      return await lease.call(request, options);
    } finally {
      lease.release();
    }
  }

  async #leaseFor(request: Request, options: CallOptions): Promise<ClientLease> {
    const { timeout = this.#timeout } = options;
    try {
      return await this.#lease(timeout > 0 ? millisNow() + timeout : Number.POSITIVE_INFINITY, options.signal);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      throw new TimeoutError(`${request.spec.name} could not be sent within ${timeout} ms: ${error.message}`, {
        command: request.spec.name,
        cause: error,
      });
    }
  }

  async #lease(
    deadline: number,
    signal: AbortSignal | undefined,
    onPush?: (push: PushReply) => void,
  ): Promise<ClientLease> {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      if (this.#closing !== null) throw closedFor('a conversation');
      try {
        return this.#lent(await untilAborted(this.#pool, deadline, signal), onPush);
      } catch (error) {
        const wait =
          error instanceof ConnectionError && error.cause !== undefined ? this.#policy(attempt, error) : null;
        if (wait === null || millisNow() + wait >= deadline) throw error;
        await pause(wait);
      }
    }
  }

  #lent(connection: Connection, onPush?: (push: PushReply) => void): ClientLease {
    if (this.#closing !== null) {
      this.#pool.release(connection);
      throw closedFor('a conversation');
    }
    const lease = new ClientLease(connection, this.#host, onPush);
    this.#leases.add(lease);
    return lease;
  }

  #unblock(id: number): void {
    const command = new Command(unblockRequest(id), null, null);
    command.promise.catch(noop);
    this.#shared.submit(command, this.#timeout);
  }

  /** A command that sets something of its connection: new connections are to have it too. */
  async #remembered(request: Request, reply: Promise<unknown>): Promise<Reply> {
    const value = (await reply) as Reply;
    if (value instanceof Status && value.text === 'OK') {
      const settings = settingsAfter(this.#shared.settings, request);
      this.#shared.settings = settings;
      if (this.#ownsPool) this.#pool.reconfigure(settings);
    }
    return value;
  }
}

function settingsAfter(settings: ConnectionSettings, { spec, argv }: Request): ConnectionSettings {
  const last = argv[argv.length - 1]!;
  if (spec.name === 'SELECT') return { ...settings, db: Number(last) };
  if (spec.name === 'CLIENT SETNAME') return { ...settings, name: last === '' ? null : textFromBytes(last) };
  const password = new Secret(textFromBytes(last));
  const credentials = argv.length > 2 ? { username: textFromBytes(argv[1]!), password } : { password };
  return { ...settings, credentials: () => credentials };
}

/** Options that are set, so that undefined ones do not hide a default. */
function given(options: ClientOptions): ClientOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function refusal({ spec }: Request): UnsupportedError {
  const { name } = spec;
  return new UnsupportedError(
    `${name} would change the connection that all commands share: use transaction(), multi() or subscribe()`,
    { command: name },
  );
}

function closedFor(command: string): ClosedError {
  return new ClosedError('the client was closed', { command });
}

/** A connection of the pool, unless the signal is aborted first; the connection then goes back when it comes. */
function untilAborted(pool: ConnectionPool, deadline: number, signal: AbortSignal | undefined): Promise<Connection> {
  const wanted = pool.acquire(deadline);
  if (signal === undefined) return wanted;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
      wanted.then((connection) => pool.release(connection), noop);
    };
    signal.addEventListener('abort', abort, { once: true });
    wanted.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => sharedWheel.set(new Alarm(() => resolve()), millisNow() + ms));
}
