import type { CallOptions, Request } from '../backend/backend.js';
import { commands, commandTable } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import { ConnectionError } from '../core/errors.js';
import { ErrorReply, OK, type PushReply, QUEUED, type Reply } from '../core/reply.js';
import type { Node } from './node.js';
import { NodeLease } from './node-lease.js';
import type { SubscribeCommand } from './subscriber.js';
import { type Held, namedKeys } from './writes.js';

/** What a conversation needs of its mirror. */
export interface LeaseHost {
  readonly members: readonly Node[];
  sourceOf(key: Bytes | undefined): Node | null;
  call(request: Request, options?: CallOptions): Promise<Reply>;
  /** A transaction that a conversation carries out; what it did then goes to the other nodes. */
  committed(requests: readonly Request[], held: Held): Promise<Reply>;
}

const multi: Request = { spec: commands.multi, argv: ['MULTI'] };
const exec: Request = { spec: commands.exec, argv: ['EXEC'] };
const noMulti = new ErrorReply('ERR EXEC without MULTI');
const nestedMulti = new ErrorReply('ERR MULTI calls can not be nested');

/**
 * A conversation with a mirror: WATCH and what is read after it happen at one node; a transaction is collected, carried
 * out there and followed by the others. Subscriptions are at one node each, as publishing reaches all.
 */
export class MirrorLease extends NodeLease {
  readonly #host: LeaseHost;
  #queue: Request[] | null = null;

  constructor(
    host: LeaseHost,
    onPush: ((push: PushReply) => void) | undefined,
    options: CallOptions,
    ended: (lease: NodeLease) => void,
  ) {
    super(onPush, options, ended);
    this.#host = host;
  }

  override placesOf(_command: SubscribeCommand, name: Bytes): readonly Node[] {
    const node = this.#host.sourceOf(name);
    return node === null ? [] : [node];
  }

  protected override async give(request: Request, options: CallOptions | undefined): Promise<Reply> {
    const { name } = request.spec;
    if (name === 'MULTI') return this.#begin();
    if (name === 'EXEC') return await this.#exec(options);
    if (name === 'DISCARD') return this.#discard();
    if (this.#queue !== null) {
      this.#queue.push(request);
      return QUEUED;
    }
    const isOfConversation = name === 'WATCH' || name === 'UNWATCH' || request.spec.isReadonly;
    if (!isOfConversation) return await this.#host.call(request, options);
    return await this.#atHome(request, namedKeys(request)[0], options);
  }

  /** Of what every node is given only the first node's lines are heard. */
  protected override async monitor(request: Request): Promise<Reply> {
    const nodes = this.#host.members.filter((node) => node.isUp);
    const isHeard = (node: Node, command: string): boolean => node === nodes[0] || isRead(command);
    return await this.monitors.open(nodes, request, this.onPush, this.options, isHeard);
  }

  #begin(): Reply {
    if (this.#queue !== null) return nestedMulti;
    this.#queue = [];
    return OK;
  }

  #discard(): Reply {
    if (this.#queue === null) return new ErrorReply('ERR DISCARD without MULTI');
    this.#queue = null;
    return OK;
  }

  async #exec(options?: CallOptions): Promise<Reply> {
    const queue = this.#queue;
    if (queue === null) return noMulti;
    this.#queue = null;
    const key = queue.flatMap(namedKeys)[0];
    const node = this.#home(key);
    const lease = await this.lease!;
    const run = async (said: readonly Request[]): Promise<Reply> => {
      if (!node.isUp)
        throw new ConnectionError(`node '${node.name}' of the conversation was lost`, { command: 'EXEC' });
      const replies = await Promise.all([multi, ...said, exec].map((request) => lease.call(request, options)));
      return replies[replies.length - 1]!;
    };
    return await this.#host.committed(queue, { node, run });
  }

  async #atHome(request: Request, key: Bytes | undefined, options?: CallOptions): Promise<Reply> {
    const node = this.#home(key);
    const lease = await this.lease!;
    return await node.answer(lease.call(request, options));
  }

  /** The node of the conversation: that of the first key named. */
  #home(key: Bytes | undefined): Node {
    if (this.node !== null) return this.node;
    const node = this.#host.sourceOf(key);
    if (node === null) throw new ConnectionError('all nodes are down');
    this.openAt(node);
    return node;
  }
}

function isRead(command: string): boolean {
  return commandTable.top(command)?.isReadonly ?? false;
}
