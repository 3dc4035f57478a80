import type { Backend, BackendStats, CallOptions, Lease, Request } from '../backend/backend.js';
import { refuseConversational } from '../backend/conversational.js';
import { mergeParts } from '../backend/merge.js';
import { keysOf, soleKeyIndex, splitByPlace } from '../backend/split.js';
import { bytesOf, itemsOf, type ReplyView, type Shape } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import { type Bytes, textFromBytes } from '../core/bytes.js';
import { ConnectionError, CrossSlotError, type KeyspanError, replyErrorOf } from '../core/errors.js';
import { Random } from '../core/random.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import { directOf } from './direct.js';
import { tagOf } from './hash-ring.js';
import {
  audienceOf,
  concernsAll,
  isKeylessScript,
  mergeKeyless,
  placesIn,
  refuseAtOne,
  unknowable,
} from './keyless.js';
import { type Asked, type HealthOptions, isFault, mayRepeat, type Node, type NodeInput } from './node.js';
import { NodeCursor, withCursor } from './node-cursor.js';
import { NodeGroup, type PlacementOptions } from './node-group.js';
import type { NodeLease } from './node-lease.js';
import { RingLease } from './ring-lease.js';

/** How a ring places keys, and what it does with those of a node that is down. */
export interface RingOptions extends PlacementOptions {
  /**
   * What becomes of the keys of a node that is down. `fail` (the default): commands on them fail with an error that
   * names the node. `eject`: they belong to the next node until it is back; what the node held is then as old as it was.
   */
  readonly dead?: 'fail' | 'eject';
  /** With `eject`: whether a node that comes back is emptied (FLUSHDB) first, so that nothing old is read; false unless given. */
  readonly flushOnReturn?: boolean;
  /** With `eject`: how it is found out that a node is down. */
  readonly health?: HealthOptions;
  /** For replies of which any will do (RANDOMKEY). */
  readonly random?: Random;
}

const noOptions: CallOptions = {};
const flushDb: Request = { spec: commands.flushdb, argv: ['FLUSHDB'] };

/** Every key at one of several nodes, by consistent hashing. Requests with keys at several nodes are split, or refused. */
export class Ring extends NodeGroup implements Backend {
  readonly #ejects: boolean;
  readonly #flushOnReturn: boolean;
  readonly #random: Random;
  readonly #hashTags: boolean;
  readonly #leases = new Set<NodeLease>();

  /** Throws DataError for no nodes, equal names, and weights that are none. */
  constructor(nodes: readonly NodeInput[], options: RingOptions = {}) {
    super(nodes, options, options.health ?? {});
    this.#ejects = options.dead === 'eject';
    this.#flushOnReturn = options.flushOnReturn ?? false;
    this.#random = options.random ?? new Random();
    this.#hashTags = options.hashTags ?? false;
    if (this.#ejects) for (const node of this.members) node.watch();
  }

  call(request: Request, options: CallOptions = noOptions): Promise<Reply> {
    return (this.#direct(request, null, null, options) as Promise<Reply> | null) ?? this.#call(request, options);
  }

  ask(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    return this.#direct(request, shape, view, options) ?? this.#decoded(request, shape, view, options);
  }

  async batch(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply[]> {
    this.checkOpen(requests[0]);
    const replies: Promise<Reply[] | Reply>[] = [];
    const places: (readonly number[] | number)[] = [];
    let groups = new Map<Node, number[]>();
    // Commands of one node travel together; those for several nodes keep their place behind what came before.
    const send = (): void => {
      for (const [node, indexes] of groups) {
        replies.push(
          this.#batchAt(
            node,
            indexes.map((i) => requests[i]!),
            options,
          ),
        );
        places.push(indexes);
      }
      groups = new Map();
    };
    requests.forEach((request, i) => {
      const node = this.#soleNodeOf(request);
      if (node === null) {
        send();
        replies.push(this.call(request, options));
        places.push(i);
        return;
      }
      const indexes = groups.get(node);
      if (indexes === undefined) groups.set(node, [i]);
      else indexes.push(i);
    });
    send();
    const merged: Reply[] = new Array(requests.length);
    (await Promise.all(replies)).forEach((reply, i) => {
      const place = places[i]!;
      if (typeof place === 'number') {
        merged[place] = reply as Reply;
        return;
      }
      place.forEach((index, at) => {
        merged[index] = (reply as Reply[])[at]!;
      });
    });
    return merged;
  }

  /**
   * All keys must be at one node: CrossSlotError otherwise, and nothing is sent. UnsupportedError for commands that concern
   * all nodes, and scripts without keys.
   */
  async transaction(requests: readonly Request[], options: CallOptions = noOptions): Promise<Reply> {
    this.checkOpen(requests[0]);
    for (const request of requests) this.checkSole(request);
    const keys = requests.flatMap(placesIn);
    this.checkTogether('a transaction', keys);
    const node = keys.length === 0 ? this.firstUp() : this.nodeOf(keys[0]!);
    if (node === null) throw this.#noNode(requests[0]!);
    const run = (): Promise<Reply> => node.backend.transaction(requests, options);
    const isRead = requests.every(({ spec }) => spec.isReadonly);
    return await this.#attempt(node, run, () => this.transaction(requests, options), { isRead, options });
  }

  async lease(onPush?: (push: PushReply) => void, options: CallOptions = noOptions): Promise<Lease> {
    this.checkOpen();
    const lease = new RingLease(this, onPush, options, (ended) => this.#leases.delete(ended));
    this.#leases.add(lease);
    return lease;
  }

  /** The command at every node, whatever its keys: one reply for each, in the order of the nodes, or its failure. */
  async each(request: Request, options: CallOptions = noOptions): Promise<(Reply | KeyspanError)[]> {
    this.checkOpen(request);
    const calls = this.members.map((node) => node.answer(node.backend.call(request, options)));
    return await Promise.all(calls.map((call) => call.catch((error: KeyspanError) => error)));
  }

  stats(): BackendStats {
    return { kind: 'ring', dead: this.#ejects ? 'eject' : 'fail', ...this.nodeStats() };
  }

  nodeLost(node: Node, error: KeyspanError): void {
    this.statesChanged();
    this.emitter.emit('nodeDown', node.name, error);
    for (const lease of this.#leases) lease.rehome();
  }

  nodeAnswers(node: Node): Promise<void> | void {
    if (this.#flushOnReturn) return node.backend.call(flushDb).then(failIfError);
  }

  nodeReady(node: Node): void {
    this.statesChanged();
    this.emitter.emit('nodeUp', node.name);
    for (const lease of this.#leases) lease.rehome();
  }

  /** Throws CrossSlotError, which names keys and nodes, unless all keys are at one node. */
  checkTogether(command: string, keys: readonly Bytes[]): void {
    const first = keys[0];
    if (first === undefined) return;
    const home = this.nodeOf(first);
    const other = keys.find((key) => this.nodeOf(key) !== home);
    if (other !== undefined) throw this.#apart(command, first, other);
  }

  /** Whether a request without keys is one for all nodes. */
  isForAll(request: Request): boolean {
    return this.members.length > 1 && concernsAll(request);
  }

  /** Throws UnsupportedError for a request without keys that one node must not carry out alone. */
  checkSole(request: Request): void {
    if (this.members.length > 1) refuseAtOne(request);
  }

  merged(request: Request, replies: readonly Reply[], nodes: readonly Node[]): Reply {
    const names = nodes.map(({ name }) => name);
    return mergeKeyless(request, replies, names, this.#random);
  }

  protected override end(): void {
    super.end();
    for (const lease of [...this.#leases]) lease.release();
  }

  /** What concerns one key, given to its node; null for what takes more. */
  #direct(
    request: Request,
    shape: Shape | null,
    view: ReplyView | null,
    options: CallOptions,
  ): Promise<unknown> | null {
    const { at } = directOf(request.spec);
    const key = request.argv[at];
    if (at === 0 || key === undefined || this.closed) return null;
    const node = this.nodeOf(key);
    if (node === null) return Promise.reject(this.#noNode(request));
    return node.entrust(request, shape, view, options);
  }

  /** A request was not answered. With `eject`, what may be repeated goes to the next node if its own is down. */
  async instead(node: Node, { request, shape, view, options }: Asked, error: unknown): Promise<unknown> {
    if (!this.#ejects || !isFault(error) || (await node.suspect())) throw error;
    if (!mayRepeat(error, request.spec.isReadonly, options)) throw error;
    return await (shape === null ? this.call(request, options) : this.ask(request, shape, view!, options));
  }

  #apart(command: string, first: Bytes, second: Bytes): CrossSlotError {
    const where = (key: Bytes): string => `'${textFromBytes(key)}' is at node '${this.nodeOf(key)?.name ?? 'none'}'`;
    const hint = this.#hashTags ? ': a hash tag as in {tag}key keeps keys together' : '';
    return new CrossSlotError(
      `the keys of ${command} must be at one node, but ${where(first)} and ${where(second)}${hint}`,
      { command },
    );
  }

  /** The node that alone carries out a request; null where there are several, or none can be said. */
  #soleNodeOf(request: Request): Node | null {
    const index = soleKeyIndex(request.spec);
    if (index > 0 && request.argv[index] !== undefined && request.spec.name !== 'SORT')
      return this.nodeOf(request.argv[index]);
    const keys = keysOf(request);
    if (keys.length === 0) return null;
    const node = this.nodeOf(keys[0]!);
    return keys.every((key) => this.nodeOf(key) === node) && request.spec.name !== 'SORT' ? node : null;
  }

  async #batchAt(node: Node, requests: readonly Request[], options: CallOptions): Promise<Reply[]> {
    const run = (): Promise<Reply[]> => node.backend.batch(requests, options);
    const isRead = requests.every(({ spec }) => spec.isReadonly);
    return await this.#attempt(node, run, () => this.batch(requests, options), { isRead, options });
  }

  /** Carries something out at a node. With `eject`, what may be repeated is when the node turns out to be down. */
  async #attempt<T>(
    node: Node,
    run: () => Promise<T>,
    again: () => Promise<T>,
    { isRead, options }: { isRead: boolean; options: CallOptions },
  ): Promise<T> {
    if (!this.#ejects) return await this.#failing(node, run);
    try {
      return await node.guard(run());
    } catch (error) {
      if (!isFault(error)) throw error;
      if ((await node.suspect()) || !mayRepeat(error, isRead, options)) throw error;
      return await again();
    }
  }

  /** One request, whole, at a node. */
  #give(node: Node | null, request: Request, options: CallOptions): Promise<Reply> {
    if (node === null) return Promise.reject(this.#noNode(request));
    const { isReadonly } = request.spec;
    const run = (): Promise<Reply> => node.backend.call(request, options);
    return this.#attempt(node, run, () => this.call(request, options), { isRead: isReadonly, options });
  }

  async #failing<T>(node: Node, run: () => Promise<T>): Promise<T> {
    node.calls++;
    try {
      return await run();
    } catch (error) {
      if (isFault(error)) node.failures++;
      throw node.named(error);
    }
  }

  #noNode({ spec }: Request): ConnectionError {
    const names = this.members.map(({ name }) => `'${name}'`).join(', ');
    return new ConnectionError(`all nodes are down: ${names}`, { command: spec.name, cause: this.members[0]!.error });
  }

  async #decoded(request: Request, shape: Shape, view: ReplyView, options: CallOptions): Promise<unknown> {
    const reply = await this.#call(request, options);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return shape.decode(reply, view);
  }

  async #call(request: Request, options: CallOptions): Promise<Reply> {
    this.checkOpen(request);
    const key = request.argv[directOf(request.spec).at];
    return await (key === undefined || directOf(request.spec).at === 0
      ? this.#spread(request, options)
      : this.#give(this.nodeOf(key), request, options));
  }

  /** Commands with several keys, or none, or that may wait. */
  async #spread(request: Request, options: CallOptions): Promise<Reply> {
    const { spec } = request;
    refuseConversational(request);
    if (spec.name === 'PUBLISH') {
      return await this.#give(this.nodeOf(request.argv[1] ?? ''), request, options);
    }
    if (spec.name === 'SCAN') return await this.#scan(request, options);
    if (spec.name === 'SORT' || spec.name === 'SORT_RO') this.#checkPatterns(request);
    const parts = this.#partsOf(request);
    if (parts.length === 0) return await this.#keyless(request, options);
    const replies = await Promise.all(parts.map((part) => this.#give(part.place, part.request, options)));
    return mergeParts(request, parts, replies);
  }

  #partsOf(request: Request): ReturnType<typeof splitByPlace<Node | null>> {
    try {
      return splitByPlace(request, (key) => this.nodeOf(key));
    } catch (error) {
      if (!(error instanceof CrossSlotError)) throw error;
      const keys = keysOf(request);
      const home = this.nodeOf(keys[0]!);
      throw this.#apart(request.spec.name, keys[0]!, keys.find((key) => this.nodeOf(key) !== home)!);
    }
  }

  /** BY and GET name keys that no table knows: they must be where the sorted key is. */
  #checkPatterns({ spec, argv }: Request): void {
    const home = this.nodeOf(argv[1] ?? '');
    for (let i = 2; i + 1 < argv.length; i++) {
      const pattern = /^(BY|GET)$/i.test(argv[i]!) ? argv[i + 1]! : '';
      if (!pattern.includes('*') || this.members.length === 1) continue;
      const tag = tagOf(pattern);
      if (this.#hashTags && tag !== pattern && !tag.includes('*') && this.nodeOf(pattern) === home) continue;
      throw new CrossSlotError(
        `${spec.name} ${argv[i]!.toUpperCase()} ${textFromBytes(pattern)} names keys that may be at other nodes`,
        { command: spec.name },
      );
    }
  }

  async #keyless(request: Request, options: CallOptions): Promise<Reply> {
    const { spec } = request;
    if (spec.name === 'DEBUG' && request.argv.length > 2) {
      const debugged = this.#debugged(request, options);
      if (debugged !== null) return await debugged;
    }
    if (this.members.length > 1 && isKeylessScript(request)) throw unknowable(request);
    if (audienceOf(request) === 'first') {
      return await this.#give(this.firstUp(), request, options);
    }
    const nodes = this.#ejects ? this.members.filter((node) => node.isUp) : this.members;
    if (nodes.length === 0) throw this.#noNode(request);
    const replies = await Promise.all(nodes.map((node) => node.answer(node.backend.call(request, options))));
    return this.merged(request, replies, nodes);
  }

  /** DEBUG's keys, which the table does not know as such; null for what has none. */
  #debugged(request: Request, options: CallOptions): Promise<Reply> | null {
    const [, word, ...keys] = request.argv;
    if (/^(OBJECT|LISTPACK|ZIPLIST)$/i.test(word!)) return this.#give(this.nodeOf(keys[0]!), request, options);
    if (!/^DIGEST-VALUE$/i.test(word!)) return null;
    const digests = keys.map(async (key) => {
      const one = { spec: request.spec, argv: ['DEBUG', word!, key] };
      const reply = await this.#give(this.nodeOf(key), one, options);
      return itemsOf(reply)?.[0] ?? reply;
    });
    return Promise.all(digests);
  }

  /** One node after the other, several if they have little. A node that is down is left out. */
  async #scan(request: Request, options: CallOptions): Promise<Reply> {
    const count = this.members.length;
    let cursor = NodeCursor.parse(request.argv[1] ?? '', count);
    if (cursor === null) return await this.#give(this.firstUp(), request, options);
    const wanted = countOf(request);
    const keys: Reply[] = [];
    for (;;) {
      const node: Node = this.members[cursor.node]!;
      let at = '0';
      if (!this.#ejects || node.isUp) {
        const page = await node.answer(node.backend.call(withCursor(request, 1, cursor.at), options));
        if (page instanceof ErrorReply) return page;
        const [next, found] = itemsOf(page) ?? [];
        at = bytesOf(next ?? '0') ?? '0';
        keys.push(...(itemsOf(found ?? []) ?? []));
      }
      if (at !== '0') return [new NodeCursor(cursor.node, at).print(count), keys];
      if (cursor.node + 1 === count) return ['0', keys];
      cursor = new NodeCursor(cursor.node + 1, '0');
      if (keys.length >= wanted) return [cursor.print(count), keys];
    }
  }
}

/** About how many keys a page of SCAN should have. */
function countOf({ argv }: Request): number {
  const at = argv.findIndex((word, i) => i > 1 && word.toUpperCase() === 'COUNT');
  return at < 0 ? 10 : Number(argv[at + 1]);
}

function failIfError(reply: Reply): void {
  if (reply instanceof ErrorReply) throw replyErrorOf(reply.text);
}
