import type { Backend, BackendStats, CallOptions, Lease, Request } from '../backend/backend.js';
import { refuseConversational } from '../backend/conversational.js';
import type { RepairProgress } from '../backend/events.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import type { Spec } from '../commands/spec.js';
import { commands } from '../commands/table.js';
import { arrayFromBytes, type Bytes } from '../core/bytes.js';
import { type Clock, millisNow, systemClock } from '../core/clock.js';
import { ConnectionError, type KeyspanError, replyErrorOf } from '../core/errors.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import { copiesOf } from './copy-keys.js';
import { directOf } from './direct.js';
import { KeyOrder } from './key-order.js';
import { mergeKeyless } from './keyless.js';
import { MirrorLease } from './mirror-lease.js';
import { changes, refuseDatabases } from './mirror-rules.js';
import { type Asked, type HealthOptions, inTime, isFault, isUnreadyReply, type Node, type NodeInput } from './node.js';
import { NodeCursor, pageWith, withCursor } from './node-cursor.js';
import { NodeGroup, type PlacementOptions } from './node-group.js';
import type { NodeLease } from './node-lease.js';
import { requiredOf } from './node-names.js';
import { Repair } from './repair.js';
import { type Difference, differenceOf, verify } from './verify.js';
import { type Held, namedKeys, Writes } from './writes.js';

/** How a mirror counts writes, places reads and finds out that a node is down. */
export interface MirrorOptions extends PlacementOptions {
  /**
   * How many nodes must have taken a write for it to count: `any` (one, the default), `quorum` (more than half), `all`.
   * Every node that is up is waited for in any case; with fewer the write is an error.
   */
  readonly writes?: 'all' | 'quorum' | 'any';
  /** How it is found out that a node is down. */
  readonly health?: HealthOptions;
  /** What TTLs are counted from when they are made absolute; the system's clock unless given. */
  readonly clock?: Clock;
}

const noOptions: CallOptions = {};

/** A node that a read went to in vain, and why. */
interface Failed {
  readonly node: Node;
  readonly error: unknown;
}

/** The same data at every node. Writes go to all, a read to one chosen by its key; a node that comes back is repaired first. */
export class Mirror extends NodeGroup implements Backend {
  readonly order = new KeyOrder();
  readonly clock: Clock;
  readonly required: number;
  readonly #policy: 'all' | 'quorum' | 'any';
  readonly #writes: Writes;
  readonly #leases = new Set<NodeLease>();
  /** Nodes that may have missed a write. */
  readonly #stale = new Set<Node>();
  readonly #repairs = new Map<Node, Repair>();
  readonly #healing = new Set<Promise<void>>();
  #healed = 0;
  #repaired = 0;

  /** Throws DataError for no nodes, equal names, and weights that are none. */
  constructor(nodes: readonly NodeInput[], options: MirrorOptions = {}) {
    super(nodes, options, options.health ?? {});
    this.clock = options.clock ?? systemClock;
    this.#policy = options.writes ?? 'any';
    this.required = requiredOf(this.#policy, this.members.length);
    this.#writes = new Writes(this);
    for (const node of this.members) node.watch();
  }

  call(request: Request, options: CallOptions = noOptions): Promise<Reply> {
    return (this.#direct(request, null, null, options) as Promise<Reply> | null) ?? this.#call(request, options);
  }

  ask(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    return this.#direct(request, shape, view, options) ?? this.#decoded(request, shape, view, options);
  }

  /** In the order given: each command is sent before the next, except where it waits for a write on its keys. */
  async batch(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply[]> {
    this.checkOpen(requests[0]);
    return await Promise.all(requests.map((request) => this.call(request, options)));
  }

  async transaction(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply> {
    this.checkOpen(requests[0]);
    for (const request of requests) {
      refuseConversational(request);
      refuseDatabases(request);
    }
    options.signal?.throwIfAborted();
    if (requests.every(({ spec }) => spec.isReadonly)) {
      const key = requests.flatMap(namedKeys)[0];
      return await this.#read(key, options, (node, given) => node.backend.transaction(requests, given));
    }
    return await this.#writes.transaction(requests);
  }

  async lease(onPush?: (push: PushReply) => void, options: CallOptions = noOptions): Promise<Lease> {
    this.checkOpen();
    const lease = new MirrorLease(this, onPush, options, (ended) => this.#leases.delete(ended));
    this.#leases.add(lease);
    return lease;
  }

  committed(requests: readonly Request[], held: Held): Promise<Reply> {
    return this.#writes.transaction(requests, held);
  }

  /**
   * The command at every node: one reply for each, in the order of the nodes, or why there is none. A write is carried out
   * as any write of the mirror, so that copies stay equal, and its one reply stands for every node that took it.
   */
  async each(request: Request, options: CallOptions = noOptions): Promise<(Reply | KeyspanError)[]> {
    this.checkOpen(request);
    if (changes(request) && (request.spec.isWrite || request.spec.follow !== undefined)) {
      const reply = await this.call(request, options);
      return this.members.map((node) =>
        node.isUp ? reply : (node.error ?? new ConnectionError(`node '${node.name}' is down`)),
      );
    }
    const calls = this.members.map((node) => node.answer(node.backend.call(request, options)));
    return await Promise.all(calls.map((call) => call.catch((error: KeyspanError) => error)));
  }

  /** Keys that differ between the nodes that are up; none if all is well. Writes may go on. O(n) of the data. */
  async verify(): Promise<Difference[]> {
    this.checkOpen();
    await this.#healedAll();
    const found = await verify(this.#up(), this.order);
    return found.map((difference) => differenceOf(difference, arrayFromBytes(difference.key)));
  }

  /** Makes keys that differ equal to those of the first node that is up; returns how many there were. O(n) of the data. */
  async repair(): Promise<number> {
    this.checkOpen();
    const [source, ...others] = this.#up();
    if (source === undefined) throw this.noNode('repair');
    const found = await verify([source, ...others], this.order);
    for (const { key } of found) await this.#copyTo(source, others, [key]);
    return found.length;
  }

  stats(): BackendStats {
    return {
      kind: 'mirror',
      writes: this.#policy,
      required: this.required,
      up: this.#up().length,
      healed: this.#healed,
      repaired: this.#repaired,
      ...this.nodeStats(),
    };
  }

  sourceOf(key: Bytes | undefined): Node | null {
    return key === undefined ? this.firstUp() : this.nodeOf(key);
  }

  noteWrite(keys: readonly Bytes[]): void {
    for (const repair of this.#repairs.values()) repair.noteWrite(keys);
  }

  /** A node said something else than another, whose reply was taken: its keys are copied from there. */
  heal(node: Node, source: Node, keys: readonly Bytes[]): void {
    const healing = this.#heal(node, source, keys).finally(() => this.#healing.delete(healing));
    this.#healing.add(healing);
  }

  noNode(command: string): ConnectionError {
    const names = this.members.map(({ name }) => `'${name}'`).join(', ');
    return new ConnectionError(`all nodes are down: ${names}`, { command, cause: this.members[0]!.error });
  }

  nodeLost(node: Node, error: KeyspanError): void {
    this.statesChanged();
    // The last to go has seen every write that counted.
    if (this.#up().length > 0) this.#stale.add(node);
    this.emitter.emit('nodeDown', node.name, error);
    for (const lease of this.#leases) lease.rehome();
  }

  async nodeAnswers(node: Node): Promise<void> {
    if (!this.#stale.has(node)) return;
    const source = this.#up()[0];
    if (source === undefined) throw new ConnectionError('it may be out of date, and no other node is up to tell');
    const report = (progress: RepairProgress): void => this.emitter.emit('repair', progress);
    const repair = new Repair(source, node, { order: this.order, clock: this.clock, report });
    this.#repairs.set(node, repair);
    try {
      await repair.run();
      this.#stale.delete(node);
      this.#repaired++;
    } finally {
      this.#repairs.delete(node);
    }
  }

  nodeReady(node: Node): void {
    this.statesChanged();
    this.emitter.emit('nodeUp', node.name);
    for (const lease of this.#leases) lease.rehome();
  }

  /** Connects all nodes now. Rejects if none is there. */
  override async connect(): Promise<void> {
    this.checkOpen();
    const outcomes = await Promise.allSettled(this.members.map((node) => node.backend.connect?.()));
    if (outcomes.every(({ status }) => status === 'rejected')) throw (outcomes[0] as PromiseRejectedResult).reason;
    outcomes.forEach(({ status }, i) => {
      if (status === 'rejected') void this.members[i]!.suspect();
    });
  }

  override async close(): Promise<void> {
    await this.#healedAll();
    await super.close();
  }

  protected override end(): void {
    super.end();
    for (const lease of [...this.#leases]) lease.release();
  }

  /** What concerns one key that nothing else is at, given to its node or to all at once; null for what takes more. */
  #direct(
    request: Request,
    shape: Shape | null,
    view: ReplyView | null,
    options: CallOptions,
  ): Promise<unknown> | null {
    const { at, way } = directOf(request.spec);
    const key = request.argv[at];
    if (way === 'other' || key === undefined || this.closed || !this.order.isFreeFor(key)) return null;
    if (way === 'write') {
      return options.timeout || options.signal ? null : this.#writes.direct(request, key, shape, view);
    }
    // A reply that is not decoded here may be an error of which nobody would hear.
    return shape === null ? null : (this.nodeOf(key)?.entrust(request, shape, view, options) ?? null);
  }

  async #call(request: Request, options: CallOptions): Promise<Reply> {
    this.checkOpen(request);
    const { spec } = request;
    if (!changes(request)) return await this.#readOrAsk(request, options);
    refuseConversational(request);
    refuseDatabases(request);
    options.signal?.throwIfAborted();
    if (spec.name === 'PUBLISH' || spec.name === 'SPUBLISH') return await this.#atAll(request, options);
    if (namedKeys(request).length === 0 && !spec.isWrite && spec.follow === undefined)
      return await this.#atAll(request, options);
    const reply = this.#writes.write(request, options);
    const isTimed = options.timeout !== undefined && options.timeout > 0 && !spec.flags.includes('blocking');
    return await (isTimed ? inTime(reply, options.timeout!) : reply);
  }

  /** A read was not answered: it goes to the next node. A write of the only node has no other. */
  async instead(node: Node, { request, shape, view, options }: Asked, error: unknown): Promise<unknown> {
    void node.suspect();
    if (options.retry === 'never' || !request.spec.isReadonly) throw error;
    const reply = await this.#readOrAsk(request, options, { node, error });
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return shape!.decode(reply, view!);
  }

  #up(): Node[] {
    return this.members.filter((node) => node.isUp);
  }

  async #healedAll(): Promise<void> {
    while (this.#healing.size > 0) await Promise.all(this.#healing);
  }

  async #heal(node: Node, source: Node, keys: readonly Bytes[]): Promise<void> {
    if (!source.isUp || !node.isUp || keys.length === 0) return;
    this.#healed += keys.length;
    try {
      await this.#copyTo(source, [node], keys);
    } catch (error) {
      node.fail(error);
    }
  }

  async #copyTo(source: Node, nodes: readonly Node[], keys: readonly Bytes[]): Promise<void> {
    const turn = this.order.enter(keys);
    try {
      const wait = turn.begin();
      if (wait !== null) await wait;
      const copies = await copiesOf(source, keys, this.clock);
      const sent = nodes.map((node) => node.guard(node.backend.batch(copies)));
      turn.end();
      const failed = (await Promise.all(sent)).flat().find((reply) => reply instanceof ErrorReply);
      if (failed !== undefined) throw replyErrorOf((failed as ErrorReply).text, { command: 'RESTORE' });
    } finally {
      turn.end();
    }
  }

  async #decoded(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    const reply = await this.#call(request, options);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return shape.decode(reply, view);
  }

  /** What changes nothing: at one node, and at the next if that fails. */
  async #readOrAsk(request: Request, options: CallOptions, failed?: Failed): Promise<Reply> {
    const { spec, argv } = request;
    const cursor = cursorAt(spec);
    if (cursor > 0) return await this.#scan(request, cursor, options);
    const keys = namedKeys(request);
    if (keys.length > 0 && !this.order.isFree(keys)) await this.#inOrder(keys);
    const key = keys[0] ?? (spec.group === 'pubsub' ? argv[1] : undefined);
    return await this.#read(key, options, (node, given) => node.backend.call(request, given), failed);
  }

  /** A read given after a write must not pass it. */
  async #inOrder(keys: readonly Bytes[]): Promise<void> {
    const turn = this.order.enter(keys);
    await turn.begin();
    turn.end();
  }

  async #read(
    key: Bytes | undefined,
    options: CallOptions,
    run: (node: Node, options: CallOptions) => Promise<Reply>,
    failed?: Failed,
  ): Promise<Reply> {
    const tried = new Set<Node>(failed === undefined ? [] : [failed.node]);
    const deadline = options.timeout ? millisNow() + options.timeout : 0;
    let last: unknown = failed?.error ?? null;
    let given = options;
    for (;;) {
      const node = this.#next(key, tried);
      if (node === null) throw last ?? this.noNode('read');
      tried.add(node);
      try {
        const reply = await node.answer(run(node, given));
        if (!isUnreadyReply(reply)) return reply;
        if (this.#next(key, tried) === null) return reply;
        last = replyErrorOf(reply.text);
      } catch (error) {
        if (!isFault(error) || options.retry === 'never') throw error;
        last = error;
      }
      void node.suspect();
      if (deadline > 0) {
        const left = deadline - millisNow();
        if (left <= 0) throw last;
        given = { ...options, timeout: left };
      }
    }
  }

  #next(key: Bytes | undefined, tried: ReadonlySet<Node>): Node | null {
    const usable = (index: number): boolean => this.members[index]!.isUp && !tried.has(this.members[index]!);
    if (key === undefined) return this.members.find(({ index }) => usable(index)) ?? null;
    const index = this.placement.nodeOf(key, usable);
    return index < 0 ? null : this.members[index]!;
  }

  /** Pages come from one node, which the cursor names; if it goes down the scan begins anew at another. */
  async #scan(request: Request, place: number, options: CallOptions): Promise<Reply> {
    const count = this.members.length;
    const cursor = NodeCursor.parse(request.argv[place] ?? '', count);
    const key = place === 2 ? request.argv[1] : undefined;
    if (key !== undefined && !this.order.isFree([key])) await this.#inOrder([key]);
    const isFirst = cursor === null || request.argv[place] === '0';
    const held = isFirst ? this.sourceOf(key) : this.members[cursor.node]!;
    const isThere = held?.isUp === true;
    const node = isThere ? held : this.sourceOf(key);
    if (node === null) throw this.noNode(request.spec.name);
    const at = cursor === null ? request.argv[place]! : isThere && !isFirst ? cursor.at : '0';
    try {
      const page = await node.answer(node.backend.call(withCursor(request, place, at ?? ''), options));
      return pageWith(page, (next) => (next === '0' ? '0' : new NodeCursor(node.index, next).print(count)));
    } catch (error) {
      if (!isFault(error) || (await node.suspect()) || this.sourceOf(key) === null) throw error;
      return await this.#scan(withCursor(request, place, '0'), place, options);
    }
  }

  /** Commands without keys that every node must have been given: settings, scripts, messages. */
  async #atAll(request: Request, options: CallOptions): Promise<Reply> {
    const { name } = request.spec;
    const nodes = this.#up();
    if (nodes.length === 0) throw this.noNode(name);
    const outcomes = await Promise.allSettled(nodes.map((node) => node.answer(node.backend.call(request, options))));
    const there = nodes.filter((_, i) => outcomes[i]!.status === 'fulfilled');
    const replies = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    outcomes.forEach((outcome, i) => {
      if (outcome.status === 'rejected' && isFault(outcome.reason)) void nodes[i]!.suspect();
    });
    if (replies.length === 0) throw (outcomes[0] as PromiseRejectedResult).reason;
    if (/^(S?PUBLISH|PUBSUB NUMPAT)$/.test(name)) return replies.reduce((sum: number, reply) => sum + Number(reply), 0);
    return mergeKeyless(
      request,
      replies,
      there.map((node) => node.name),
    );
  }
}

/** Where a command's cursor stands; 0 if it has none. */
function cursorAt(spec: Spec): number {
  if (spec === commands.scan) return 1;
  return spec === commands.hscan || spec === commands.sscan || spec === commands.zscan ? 2 : 0;
}
