import type {
  Backend,
  BackendStats,
  CallOptions,
  Capabilities,
  Guard,
  Lease,
  Receiver,
  Request,
} from '../backend/backend.js';
import { conversational } from '../backend/conversational.js';
import { type BackendEvents, Emitter } from '../backend/events.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import { millisNow } from '../core/clock.js';
import {
  ClosedError,
  ConnectionError,
  DataError,
  type KeyspanError,
  replyErrorOf,
  TimeoutError,
} from '../core/errors.js';
import { Random } from '../core/random.js';
import { ErrorReply, type PushReply, type Reply, Status } from '../core/reply.js';
import { type Address, addressText } from './address.js';
import { backoff, waitBefore } from './backoff.js';
import { blockingFor, serverTimeout } from './blocking.js';
import { Borrower } from './borrower.js';
import { Caching } from './caching.js';
import { settingsAfter } from './changed-settings.js';
import { type ClientOptions, clientDefaults } from './client-options.js';
import { clientStats } from './client-stats.js';
import { isUsual, policyOf } from './command-policy.js';
import type { Connection } from './connection.js';
import { Rotation } from './credentials.js';
import { Followers } from './followers.js';
import { ClientLease, type LeaseHost } from './lease.js';
import { unblockRequest } from './own-commands.js';
import { Command, CommandBatch, CommandTransaction, type Pending } from './pending.js';
import { ConnectionPool } from './pool.js';
import { isDemotion } from './role.js';
import { SharedConnection } from './shared-connection.js';
import { SignalGroups } from './signal-groups.js';
import { SubscriberLease } from './subscriber-lease.js';
import { SubscriptionHub } from './subscription-hub.js';
import { Tally, watchSlow } from './tally.js';
import { Alarm, sharedWheel } from './timer-wheel.js';
import { holdsUp, marks, offsetMark } from './wait.js';

/** The options of a client whose pool, if it has one from elsewhere, is loaded. */
export interface LoadedOptions extends Omit<ClientOptions, 'pool'> {
  pool?: ConnectionPool;
}

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
  readonly #retriesMax: number;
  readonly #policy: (attempt: number, error: ConnectionError) => number | null;
  readonly #host: LeaseHost;
  readonly #borrower: Borrower;
  readonly #rotation = new Rotation(
    (request) => (this.#shared.live === null ? [] : [this.#login(this.#shared.live, request)]),
    (error) => this.#emitter.emit('error', error),
  );
  readonly #offPool: () => void;
  readonly #caching: Caching | null;
  readonly #hub: SubscriptionHub;
  readonly #followers: Followers;
  readonly #unfollow: () => void;
  #closing: Promise<void> | null = null;
  #whenLeasesEnd: (() => void) | null = null;

  constructor(options: LoadedOptions = {}) {
    const { reconnect = {} } = options;
    this.#timeout = options.timeout ?? clientDefaults.timeout;
    this.#retry = options.retry ?? 'safe';
    this.#policy = typeof reconnect === 'function' ? reconnect : backoff(reconnect, new Random());
    this.#ownsPool = options.pool === undefined;
    this.#pool =
      options.pool ??
      new ConnectionPool({ ...options, maxConnections: options.maxConnections ?? clientDefaults.maxConnections });
    this.#borrower = new Borrower(this.#pool, this.#policy);
    const { topology } = this.#pool;
    // A pool of others counts for itself.
    const settings = this.#ownsPool ? this.#pool.settings : { ...this.#pool.settings, tally: new Tally() };
    const { queueMax, queueBytesMax, retriesMax } = { ...clientDefaults, ...given(options) };
    this.#retriesMax = retriesMax;
    this.#shared = new SharedConnection(settings, this.#policy, { queueMax, queueBytesMax, retriesMax }, this.#emitter);
    const mode = options.readFrom ?? 'primary';
    const { cache = false } = options;
    this.#caching = cache === false ? null : new Caching(cache === true ? {} : cache);
    if (this.#caching !== null) {
      if (settings.protocol !== 3 || mode !== 'primary')
        throw new DataError('a cache needs RESP3, and reads from the primary');
      this.#shared.settings = { ...settings, tracking: this.#caching.request };
      this.#shared.caching = this.#caching;
    }
    if (topology === null && mode !== 'primary') throw new DataError('readFrom needs several hosts, or Sentinels');
    const limits = { queueMax, queueBytesMax, retriesMax };
    this.#followers = new Followers(topology, mode, this.#shared, { settings, policy: this.#policy, limits });
    this.#hub = new SubscriptionHub({
      main: this.#shared,
      openOwn: (lender) => new SharedConnection(this.#shared.settings, this.#policy, limits, new Emitter(), { lender }),
      pool: this.#pool,
      groups: this.#groups,
      timeout: this.#timeout,
      retry: this.#retry,
    });
    this.#unfollow = topology?.primary.onMove((address) => this.#moved(address)) ?? noop;
    if (options.onClose !== undefined) this.#emitter.on('close', options.onClose);
    watchSlow(settings.tally, this.#emitter, options.slowCommand);
    this.#rotation.follow(settings);
    this.#offPool = this.#pool.on('error', (error) => this.#emitter.emit('error', error));
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
    this.#followers.prepare();
    const reply = await this.call({ spec: commands.ping, argv: ['PING'] });
    if (reply instanceof ErrorReply && reply.code === 'NOAUTH') throw replyErrorOf(reply.text, { command: 'PING' });
  }

  /** @internal Lends connections for all that needs one of its own. */
  get pool(): ConnectionPool {
    return this.#pool;
  }

  /** Listens to the life of the client; returns what ends that. */
  on<E extends keyof BackendEvents>(event: E, listener: (...args: BackendEvents[E]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  call(request: Request, options: CallOptions = noOptions): Promise<Reply> {
    const caching = this.#caching;
    if (caching === null) return this.#call(request, options);
    caching.wrote(request);
    return caching.read(request, options, () => this.#call(request, options)) ?? this.#call(request, options);
  }

  #call(request: Request, options: CallOptions): Promise<Reply> {
    const policy = policyOf(request);
    if (policy === 'blocking') return this.#block(request, options);
    if (policy === 'wait') return this.#apart([request], options).then(([reply]) => reply!);
    if (policy === 'refused' || this.#breaksCache(request)) return Promise.reject(conversational(request.spec.name));
    const command = new Command(request, null, null);
    this.#submit(command, options);
    return (policy === 'session' ? this.#remembered(request, command.promise) : command.promise) as Promise<Reply>;
  }

  /** What the server tells of is what the cache relies on. */
  #breaksCache({ spec }: Request): boolean {
    return this.#caching !== null && spec === commands.clientTracking;
  }

  ask(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    if (this.#caching !== null || policyOf(request) !== 'shared') return this.#askApart(request, shape, view, options);
    const command = new Command(request, shape, view);
    this.#submit(command, options);
    return command.promise;
  }

  entrust(
    request: Request,
    shape: Shape | null,
    view: ReplyView | null,
    options: CallOptions,
    guard: Guard,
  ): Promise<unknown> | null {
    if (this.#caching !== null || policyOf(request) !== 'shared') return null;
    const command = new Command(request, shape, view, null, guard);
    this.#submit(command, options);
    return command.promise;
  }

  deliver(request: Request, options: CallOptions, receiver: Receiver): boolean {
    if (this.#caching !== null || policyOf(request) !== 'shared') return false;
    this.#submit(new Command(request, null, null, receiver), options);
    return true;
  }

  abandon(owner: object, errorOf: (written: boolean) => KeyspanError): void {
    this.#followers.abandon(owner, errorOf);
  }

  batch(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply[]> {
    if (requests.length === 0) return Promise.resolve([]);
    const pending = new CommandBatch(requests);
    if (this.#caching === null && requests.every(isUsual))
      return this.#give(pending, requests, options) as Promise<Reply[]>;
    if (requests.some(holdsUp) && !requests.some((request) => policyOf(request) === 'refused'))
      return this.#apart(requests, options);
    return this.#together(pending, requests, options) as Promise<Reply[]>;
  }

  transaction(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply> {
    return this.#together(new CommandTransaction(requests), requests, options) as Promise<Reply>;
  }

  /**
   * A connection of one's own; for who wants to hear pushes only when it is needed: subscriptions go by a connection that
   * is there.
   */
  async lease(onPush?: (push: PushReply) => void, options: CallOptions = noOptions): Promise<Lease> {
    if (onPush === undefined) return await this.reserve(undefined, options);
    options.signal?.throwIfAborted();
    if (this.#closing !== null) throw closedFor('a conversation');
    return new SubscriberLease(this.#hub, onPush, (more) => this.reserve(onPush, { ...options, ...more }));
  }

  /** A connection of one's own. Connecting is tried again until the deadline of the call. */
  async reserve(onPush?: (push: PushReply) => void, options: CallOptions = noOptions): Promise<ClientLease> {
    const { timeout = this.#timeout } = options;
    const deadline = timeout > 0 ? millisNow() + timeout : Number.POSITIVE_INFINITY;
    return await this.#lease(deadline, options.signal, onPush);
  }

  /** Resolves when a command given now would not be refused with QueueFullError; at once as long as there is room. */
  async room({ timeout = this.#timeout, signal }: CallOptions = noOptions): Promise<void> {
    signal?.throwIfAborted();
    const gaveUp = new AbortController();
    const abort = (): void => gaveUp.abort(signal!.reason);
    const late = new Alarm(() => gaveUp.abort(new TimeoutError(`no room for commands within ${timeout} ms`)));
    if (timeout > 0) sharedWheel.set(late, millisNow() + timeout);
    signal?.addEventListener('abort', abort);
    try {
      await this.#shared.room(gaveUp.signal);
    } finally {
      sharedWheel.clear(late);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** What the client is doing and has done. A pool that it shares with others counts its connections for itself. */
  stats(): BackendStats {
    const { gauges, settings } = this.#shared;
    const pool = this.#pool.stats() as { inUse: number; opening: number; idle: number };
    const lent = this.#ownsPool ? pool.inUse + pool.opening + pool.idle : this.#leases.size + this.#hub.connections;
    const connections = gauges.connections + lent;
    return clientStats(settings.tally, { ...gauges, connections }, { pool, cache: this.#caching?.stats ?? null });
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
    this.#stopListening();
    this.#shared.destroy();
    this.#followers.destroy();
    this.#unfollow();
    this.#hub.destroy();
    for (const lease of [...this.#leases]) lease.release();
    if (this.#ownsPool) this.#pool.disconnect();
  }

  async #close(): Promise<void> {
    const timeout = this.#timeout || CLOSE_TIMEOUT_MS;
    this.#stopListening();
    const heard = this.#hub.close(timeout);
    for (const lease of [...this.#leases]) lease.shut();
    await this.#leasesEnd(timeout);
    await heard;
    await Promise.all([this.#shared.close(timeout), this.#followers.close(timeout)]);
    this.#unfollow();
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
    else this.#followers.connectionFor(pending).submit(pending, options.timeout ?? this.#timeout);
  }

  #together(pending: Pending, requests: readonly Request[], options: CallOptions): Promise<unknown> {
    const wrong = requests.find((request) => policyOf(request) === 'refused' || this.#breaksCache(request));
    if (wrong !== undefined) return Promise.reject(conversational(wrong.spec.name));
    return this.#give(pending, requests, options);
  }

  #give(pending: Pending, requests: readonly Request[], options: CallOptions): Promise<unknown> {
    if (this.#caching !== null) for (const request of requests) this.#caching.wrote(request);
    this.#submit(pending, options);
    return pending.promise;
  }

  async #askApart(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    const reply = await this.call(request, options);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return shape.decode(reply, view);
  }

  async #block(request: Request, options: CallOptions): Promise<Reply> {
    const { timeout = this.#timeout } = options;
    const blocks = serverTimeout(request);
    const startedAt = millisNow();
    let giveUpAt = Number.POSITIVE_INFINITY;
    for (let attempt = 1; ; attempt++) {
      const left = blocks === 0 ? 0 : Math.max(1, blocks - (millisNow() - startedAt));
      const lease = await this.#leaseFor(request, options);
      let reply: Reply;
      try {
        reply = await lease.call(attempt === 1 || blocks === 0 ? request : blockingFor(request, left), options);
      } catch (error) {
        if (!this.#mayBlockAgain(error, attempt, options)) throw error;
        continue;
      } finally {
        lease.release();
      }
      if (!lease.isDemoted || !isDemotion(reply)) return reply;
      // Nothing was taken: it may be asked of the new primary.
      if (giveUpAt === Number.POSITIVE_INFINITY && timeout > 0) giveUpAt = millisNow() + timeout;
      const wait = waitBefore(attempt, new ConnectionError(reply.text), this.#policy);
      if (wait === null || millisNow() + wait >= giveUpAt) return reply;
      await this.#borrower.pause(wait, options.signal);
    }
  }

  /** Whether a command that blocked may be given again, now that its connection is lost. */
  #mayBlockAgain(error: unknown, attempt: number, { retry = this.#retry }: CallOptions): boolean {
    if (!(error instanceof ConnectionError) || retry === 'never' || attempt > this.#retriesMax) return false;
    return retry === 'always' || error.applied === 'no';
  }

  #moved(address: Address): void {
    this.#shared.moved(address);
    this.#hub.moved(address);
    this.#emitter.emit('moved', addressText(address));
  }

  /**
   * Commands that would hold up the others, in order on a connection of their own, after all that was given before. What
   * WAIT waits for are the writes of its own connection: where the batch has none, something that moves the offset of the
   * connection up to now stands in for them.
   */
  async #apart(requests: readonly Request[], options: CallOptions): Promise<Reply[]> {
    const earlier = new Command({ spec: commands.ping, argv: ['PING'] }, null, null);
    this.#submit(earlier, options);
    earlier.promise.catch(noop);
    const lease = await this.#leaseFor(requests[0]!, options);
    try {
      await earlier.promise;
      const mark = marks(requests) ? [offsetMark(lease.serverVersion)] : [];
      const replies = await Promise.all([...mark, ...requests].map((request) => lease.call(request, options)));
      const [marked] = replies;
      if (mark.length > 0 && marked instanceof ErrorReply) throw replyErrorOf(marked.text, { command: 'WAIT' });
      return replies.slice(mark.length);
    } finally {
      lease.release();
    }
  }

  #login(connection: Connection, request: Request): Promise<Reply> {
    const command = new Command(request, null, null);
    command.timeout = this.#timeout;
    if (this.#timeout > 0) command.deadline = connection.turnTime() + this.#timeout;
    connection.send(command);
    return command.promise as Promise<Reply>;
  }

  /** Those who outlive the client are not to keep it; what it wants of them is not waited for any more. */
  #stopListening(): void {
    this.#rotation.stop();
    this.#offPool();
    this.#borrower.close();
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
    return this.#lent(await this.#borrower.borrow(deadline, signal), onPush);
  }

  #lent(connection: Connection, onPush?: (push: PushReply) => void): ClientLease {
    if (this.#closing !== null) {
      this.#pool.release(connection);
      throw closedFor('a conversation');
    }
    const lease = new ClientLease(connection, this.#host, onPush);
    this.#leases.add(lease);
    return this.#caching?.watch(lease) ?? lease;
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
      this.#followers.reconfigure(settings);
      if (this.#ownsPool) this.#pool.reconfigure({ ...settings, tracking: null });
    }
    return value;
  }
}

/** Options that are set, so that undefined ones do not hide a default. */
function given(options: LoadedOptions): LoadedOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function closedFor(command: string): ClosedError {
  return new ClosedError('the client was closed', { command });
}
