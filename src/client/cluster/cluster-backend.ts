import type { Backend, BackendStats, CallOptions, Capabilities, Lease, Request } from '../../backend/backend.js';
import { refuseConversational } from '../../backend/conversational.js';
import { type BackendEvents, Emitter, type Listener } from '../../backend/events.js';
import { isMergeable, mergeNodes, mergeParts, noOneReply } from '../../backend/merge.js';
import { splitByPlace } from '../../backend/split.js';
import type { ReplyView, Shape } from '../../commands/shape.js';
import { commands } from '../../commands/table.js';
import { millisNow } from '../../core/clock.js';
import { keySlot } from '../../core/crc16.js';
import {
  ClosedError,
  DataError,
  type KeyspanError,
  replyErrorOf,
  TimeoutError,
  UnsupportedError,
} from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { ErrorReply, type PushReply, type Reply, Status } from '../../core/reply.js';
import { Caching } from '../caching.js';
import { clientDefaults } from '../client-options.js';
import { Rotation } from '../credentials.js';
import { Command, type Pending } from '../pending.js';
import { SignalGroups } from '../signal-groups.js';
import { watchSlow } from '../tally.js';
import { type BatchHost, refuseUnfit, sendBatch, slotOfTransaction } from './cluster-batch.js';
import { blockInCluster } from './cluster-blocking.js';
import { ClusterLease, type LeaseHost } from './cluster-lease.js';
import { ClusterNode, type NodeHost } from './cluster-node.js';
import { type ClusterOptions, clusterDefaults, seedsOf } from './cluster-options.js';
import { scanCluster } from './cluster-scan.js';
import { ClusterSettings } from './cluster-settings.js';
import { clusterStats } from './cluster-stats.js';
import { PipelinePart } from './gather.js';
import { pause } from './pause.js';
import { invalidInCluster, planOf } from './plan.js';
import { RoutedCommand, RoutedTransaction } from './routed.js';
import { Router } from './router.js';
import { anyPrimary, primaryOf } from './where.js';

const noOptions: CallOptions = {};
/** How long `close()` waits for replies where commands have no deadline. */
const CLOSE_TIMEOUT_MS = 5000;
const CLOSE_LOOK_MS = 5;

/**
 * A cluster as a backend: each command goes to the node that serves its keys, wherever that is at the time. Nothing is
 * connected before the first command; then one node tells of the others. See router.ts for what faults and moves lead to.
 */
export class ClusterBackend implements Backend {
  readonly capabilities: Capabilities = { transactions: true, blocking: true, pubsub: true, manyNodes: true };
  readonly #router: Router;
  readonly #settings: ClusterSettings;
  readonly #timeout: number;
  readonly #retry: 'never' | 'safe' | 'always';
  readonly #readsReplicas: boolean;
  readonly #caching: Caching | null;
  readonly #random = new Random();
  readonly #emitter = new Emitter();
  readonly #groups = new SignalGroups();
  readonly #leases = new Set<ClusterLease>();
  readonly #batchHost: BatchHost;
  readonly #leaseHost: LeaseHost;
  readonly #rotation: Rotation;
  #wasReady = false;
  #closing: Promise<void> | null = null;

  constructor(options: ClusterOptions = {}) {
    this.#settings = new ClusterSettings(options);
    this.#timeout = options.timeout ?? clientDefaults.timeout;
    this.#retry = options.retry ?? 'safe';
    const { readFrom = 'primary' } = options;
    this.#readsReplicas = readFrom !== 'primary';
    this.#caching = this.#makeCaching(options.cache);
    const host = this.#nodeHost();
    this.#router = new Router(
      {
        seeds: seedsOf(options),
        addressMap: options.addressMap,
        readFrom,
        redirectsMax: options.redirectsMax ?? clusterDefaults.redirectsMax,
        refreshInterval: options.refreshInterval ?? clusterDefaults.refreshInterval,
        queueMax: this.#settings.limits.queueMax,
        random: this.#random,
      },
      (address) => new ClusterNode(address, host),
    );
    // Who serves a slot now never heard what was read at the node before.
    this.#router.onChange = () => this.#caching?.clear();
    if (options.onClose !== undefined) this.#emitter.on('close', options.onClose);
    watchSlow(this.#settings.tally, this.#emitter, options.slowCommand);
    this.#batchHost = this.#makeBatchHost();
    this.#leaseHost = this.#makeLeaseHost();
    this.#rotation = new Rotation(
      (request) => this.#connected().map((node) => this.#toNode(request, node, noOptions)),
      (error) => this.#emitter.emit('error', error),
    );
    this.#rotation.follow(this.#settings.connection(seedsOf(options)[0]!));
  }

  /** Finds the nodes and connects to all primaries. Rejects when there is no cluster to be had. */
  async connect(): Promise<void> {
    const reply = await this.call({ spec: commands.ping, argv: ['PING'] });
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: 'PING' });
  }

  on<E extends keyof BackendEvents>(event: E, listener: Listener<E>): () => void {
    return this.#emitter.on(event, listener);
  }

  /** Each node by itself, by `host:port`; those that are known so far. */
  get nodes(): ReadonlyMap<string, Backend> {
    const wanted = this.#router.map.shards.flatMap(({ primary, replicas }) => [primary, ...replicas]);
    return new Map(wanted.map((node) => [node.name, node.backend]));
  }

  /** The command at every node that `nodes` has, whatever it serves: its own reply, a redirection too, or its failure. */
  async each(request: Request, options: CallOptions = noOptions): Promise<(Reply | KeyspanError)[]> {
    if (planOf(request).kind === 'invalid') throw invalidInCluster(request);
    refuseConversational(request);
    this.#refuseIfClosed(request.spec.name);
    this.#caching?.wrote(request);
    if (this.#router.map.version === 0) await anyPrimary(this.#router, this.#withTimeout(options));
    const nodes = this.#router.map.shards.flatMap(({ primary, replicas }) => [primary, ...replicas]);
    const replies = nodes.map((node) => this.#toNode(request, node, options));
    return await Promise.all(replies.map((reply) => reply.catch((error: KeyspanError) => error)));
  }

  ask(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    const { kind, index, isRead } = planOf(request);
    const key = kind === 'key' && this.#caching === null ? request.argv[index] : undefined;
    if (key === undefined) return this.#askApart(request, shape, view, options);
    const command = new RoutedCommand(request, keySlot(key), this.#router, shape, view);
    command.toReplica = isRead && this.#readsReplicas;
    this.#submit(command, options);
    return command.promise;
  }

  call(request: Request, options: CallOptions = noOptions): Promise<Reply> {
    const { kind, index, isRead } = planOf(request);
    const { argv } = request;
    this.#caching?.wrote(request);
    switch (kind) {
      case 'key':
        return this.#toSlot(request, keySlot(argv[index] ?? ''), isRead, options);
      case 'keys':
        return this.#byKeys(request, isRead, options);
      case 'channel':
        return this.#toSlot(request, keySlot(argv[1] ?? ''), false, options);
      case 'any':
        return this.#toAny(request, options);
      case 'shards':
      case 'nodes':
        return this.#everywhere(request, kind === 'nodes', options);
      case 'scan':
        return this.#scan(request, options);
      case 'session':
        return this.#remembered(request, options);
      case 'apart':
        return this.#block(request, options);
      case 'invalid':
        return Promise.reject(invalidInCluster(request));
    }
  }

  async batch(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply[]> {
    if (requests.length === 0) return [];
    for (const request of requests) refuseUnfit(request);
    for (const request of requests) this.#caching?.wrote(request);
    this.#refuseIfClosed('a pipeline');
    if (this.#router.map.version === 0) await anyPrimary(this.#router, this.#withTimeout(options));
    return await sendBatch(this.#batchHost, requests, options);
  }

  async transaction(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply> {
    for (const request of requests) refuseUnfit(request);
    for (const request of requests) this.#caching?.wrote(request);
    const slot = slotOfTransaction(requests);
    const transaction = new RoutedTransaction(requests, slot < 0 ? await this.#anySlot(options) : slot, this.#router);
    this.#submit(transaction, options);
    return (await transaction.promise) as Reply;
  }

  /** A conversation; which node it is with is decided by its first keys. */
  async lease(onPush?: (push: PushReply) => void, options: CallOptions = noOptions): Promise<Lease> {
    this.#refuseIfClosed('a conversation');
    const released = (lease: ClusterLease): void => void this.#leases.delete(lease);
    const lease = new ClusterLease(this.#leaseHost, onPush, options, released);
    this.#leases.add(lease);
    return this.#caching?.watch(lease) ?? lease;
  }

  stats(): BackendStats {
    return clusterStats(this.#settings.tally, this.#router, this.#caching?.stats ?? null);
  }

  /** Resolves when no node has all the commands waiting that it may have. */
  async room(options: CallOptions = noOptions): Promise<void> {
    const { timeout = 0, signal } = this.#withTimeout(options);
    const deadline = timeout > 0 ? millisNow() + timeout : Number.POSITIVE_INFINITY;
    const { queueMax } = this.#settings.limits;
    while ([...this.#router.nodes.all].some(({ link }) => link.inFlight >= queueMax)) {
      signal?.throwIfAborted();
      if (millisNow() >= deadline) throw new TimeoutError(`no room for commands within ${timeout} ms`);
      await pause(CLOSE_LOOK_MS);
    }
  }

  /** Takes no more commands, lets those given be answered, and ends. Conversations and blocked commands end at once. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends everything at once; what waits is rejected with ClosedError. */
  destroy(): void {
    this.#closing ??= Promise.resolve();
    this.#rotation.stop();
    for (const lease of [...this.#leases]) lease.shut();
    this.#router.stop();
    this.#emitter.emit('end');
  }

  async #close(): Promise<void> {
    const until = millisNow() + (this.#timeout || CLOSE_TIMEOUT_MS);
    this.#rotation.stop();
    for (const lease of [...this.#leases]) lease.shut();
    const nodes = [...this.#router.nodes.all];
    const conversations = Promise.all(nodes.map((node) => node.closeConversations()));
    while (!this.#router.isIdle && millisNow() < until) await pause(CLOSE_LOOK_MS);
    await conversations;
    this.#router.stop();
    this.#emitter.emit('end');
  }

  #makeCaching(cache: ClusterOptions['cache'] = false): Caching | null {
    if (cache === false) return null;
    const caching = new Caching(cache === true ? {} : cache);
    if (this.#settings.connection(seedsOf({})[0]!).protocol !== 3 || this.#readsReplicas)
      throw new DataError('a cache needs RESP3, and reads from the primary');
    this.#settings.tracking = caching.request;
    return caching;
  }

  #submit(routed: RoutedCommand, options: CallOptions): void {
    if (this.#prepare(routed, options)) this.#router.submit(routed, options.timeout ?? this.#timeout);
  }

  /** Lets the options be heeded; false if it is over already. */
  #prepare(pending: Pending, options: CallOptions): boolean {
    const { signal } = options;
    if (this.#closing !== null) {
      pending.reject(new ClosedError('the client was closed', { command: pending.commandName }));
      return false;
    }
    if (signal !== undefined) {
      if (signal.aborted) {
        pending.reject(signal.reason);
        return false;
      }
      pending.follow(signal, this.#groups);
    }
    pending.retry = options.retry ?? this.#retry;
    return true;
  }

  async #askApart(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    const reply = await this.call(request, options);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return shape.decode(reply, view);
  }

  #toSlot(request: Request, slot: number, isRead: boolean, options: CallOptions): Promise<Reply> {
    const caching = this.#caching;
    const node = caching === null ? null : (this.#router.map.shardOf(slot)?.primary ?? null);
    if (caching === null || node === null || !isRead || !node.link.tracks)
      return this.#routed(request, slot, isRead, options).promise as Promise<Reply>;
    const send = async (): Promise<Reply> => {
      const command = this.#routed(request, slot, true, options);
      const reply = (await command.promise) as Reply;
      // Only the node that was asked tells of changes.
      if (command.node !== node) caching.overtook(request);
      return reply;
    };
    return caching.read(request, options, send) ?? send();
  }

  #routed(request: Request, slot: number, isRead: boolean, options: CallOptions): RoutedCommand {
    const command = new RoutedCommand(request, slot, this.#router, null, null);
    command.toReplica = isRead && this.#readsReplicas;
    this.#submit(command, options);
    return command;
  }

  async #byKeys(request: Request, isRead: boolean, options: CallOptions): Promise<Reply> {
    const parts = splitByPlace(request, keySlot);
    if (parts.length === 0) {
      const { spec, argv } = request;
      // A command that is not in the table: the node that serves its first argument knows better than any other.
      const guess = spec.id < 0 ? argv[spec.name.split(' ').length] : undefined;
      return await (guess === undefined
        ? this.#toAny(request, options)
        : this.#toSlot(request, keySlot(guess), false, options));
    }
    const replies = await Promise.all(parts.map((part) => this.#toSlot(part.request, part.place, isRead, options)));
    return mergeParts(request, parts, replies);
  }

  async #toAny(request: Request, options: CallOptions): Promise<Reply> {
    return await this.#toSlot(request, await this.#anySlot(options), false, options);
  }

  /** A slot that is served: always the same as long as it is. */
  async #anySlot(options: CallOptions): Promise<number> {
    const { map } = this.#router;
    if (map.version === 0) await anyPrimary(this.#router, this.#withTimeout(options));
    return Math.max(0, map.shards.length === 0 ? 0 : map.firstSlotOf(map.shards[0]!));
  }

  /** To all primaries, and to the replicas as well if all nodes are meant. */
  async #everywhere(request: Request, replicasToo: boolean, options: CallOptions): Promise<Reply> {
    const { name } = request.spec;
    if (!isMergeable(request)) throw new UnsupportedError(noOneReply(request), { command: name });
    this.#refuseIfClosed(name);
    const { map } = this.#router;
    if (map.version === 0) await anyPrimary(this.#router, this.#withTimeout(options));
    const replies = map.shards.map((shard) => this.#toSlot(request, map.firstSlotOf(shard), false, options));
    if (replicasToo) {
      for (const { replicas } of map.shards)
        for (const replica of replicas) replies.push(this.#toNode(request, replica, options));
    }
    return mergeNodes(request, await Promise.all(replies), this.#random);
  }

  async #block(request: Request, options: CallOptions): Promise<Reply> {
    this.#refuseIfClosed(request.spec.name);
    try {
      return await blockInCluster(this.#leaseHost, request, options, options.timeout ?? this.#timeout);
    } finally {
      this.#caching?.wrote(request);
    }
  }

  #toNode(request: Request, node: ClusterNode, options: CallOptions): Promise<Reply> {
    const command = new Command(request, null, null);
    if (this.#prepare(command, options)) node.link.submit(command, options.timeout ?? this.#timeout);
    return command.promise as Promise<Reply>;
  }

  async #scan(request: Request, options: CallOptions): Promise<Reply> {
    if (this.#router.map.version === 0) await anyPrimary(this.#router, this.#withTimeout(options));
    return await scanCluster(request, this.#router, async (page, slot) => {
      const command = new RoutedCommand(page, slot, this.#router, null, null);
      this.#submit(command, options);
      return { reply: (await command.promise) as Reply, node: command.node };
    });
  }

  #connected(): ClusterNode[] {
    return [...this.#router.nodes.all].filter(({ link }) => link.isReady);
  }

  /** AUTH and CLIENT SETNAME concern all connections, those to come too. */
  async #remembered(request: Request, options: CallOptions): Promise<Reply> {
    this.#refuseIfClosed(request.spec.name);
    if (this.#router.map.version === 0) await anyPrimary(this.#router, this.#withTimeout(options));
    const replies = await Promise.all(this.#connected().map((node) => this.#toNode(request, node, options)));
    const failed = replies.find((reply) => reply instanceof ErrorReply);
    if (failed !== undefined) return failed;
    this.#settings.remember(request);
    await Promise.all([...this.#router.nodes.all].map((node) => node.set(request, options)));
    return replies[0] ?? new Status('OK');
  }

  #withTimeout(options: CallOptions): CallOptions {
    return { timeout: this.#timeout, ...options };
  }

  #refuseIfClosed(command: string): void {
    if (this.#closing !== null) throw new ClosedError('the client was closed', { command });
  }

  #nodeHost(): NodeHost {
    return {
      limits: this.#settings.limits,
      readonly: this.#readsReplicas,
      caching: this.#caching,
      options: (address) => this.#settings.client(address),
      settings: (address) => this.#settings.connection(address),
      up: (node) => {
        this.#emitter.emit('nodeUp', node.name);
      },
      connected: () => {
        if (!this.#wasReady) this.#emitter.emit('ready');
        this.#wasReady = true;
      },
      down: (node, error) => {
        this.#emitter.emit('nodeDown', node.name, error);
        this.#emitter.emit('error', error);
        this.#router.refreshSoon();
      },
      homeless: (pendings, error) => this.#homeless(pendings, error),
    };
  }

  #homeless(pendings: readonly Pending[], error: KeyspanError | null): void {
    for (const pending of pendings) if (pending instanceof PipelinePart) pending.scatter();
    this.#router.homeless(
      pendings.filter((pending) => !(pending instanceof PipelinePart)),
      error,
    );
  }

  #makeBatchHost(): BatchHost {
    const router = this.#router;
    return {
      map: router.map,
      readerOf: this.#readsReplicas ? (shard) => router.readerOf(shard) : null,
      turn: (routed, reply) => router.turn(routed, reply),
      resend: (routed) => router.submit(routed, 0),
      call: (request, options) => this.call(request, options),
      sendPart: (part, node, options) => {
        if (this.#prepare(part, options)) router.submitPart(part, node, options.timeout ?? this.#timeout);
      },
    };
  }

  #makeLeaseHost(): LeaseHost {
    const router = this.#router;
    return {
      timeout: this.#timeout,
      call: (request, options) => this.call(request, options),
      primaryOf: (slot, options) => primaryOf(router, slot, this.#withTimeout(options)),
      anyNode: (slot, options) => anyPrimary(router, this.#withTimeout(options), slot),
      noteMoved: (text, from) => void router.noteMoved(text, from.address),
      nodeOf: (text, from) => router.noteMoved(text, from.address),
      refresh: () => router.refresh(),
    };
  }
}
