import type { Request } from '../../backend/backend.js';
import type { Reply } from '../../core/reply.js';
import { ErrorReply } from '../../core/reply.js';
import { bytesIn, Pending } from '../pending.js';
import type { RequestWriter } from '../request-writer.js';
import type { ClusterNode } from './cluster-node.js';
import { slotOf } from './plan.js';
import { RoutedCommand, type Turnstile } from './routed.js';

/** The replies of a pipeline, each put in its place wherever it comes from; the whole is there when the last one is. */
export class Gather {
  readonly replies: Reply[];
  readonly promise: Promise<Reply[]>;
  #left: number;
  #resolve!: (replies: Reply[]) => void;
  #reject!: (reason: unknown) => void;

  constructor(count: number) {
    this.replies = new Array<Reply>(count);
    this.#left = count;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  put(index: number, reply: Reply): void {
    this.replies[index] = reply;
    if (--this.#left === 0) this.#resolve(this.replies);
  }

  /** The reply at `index` comes later, and by itself. */
  await(index: number, reply: Promise<Reply>): void {
    reply.then(
      (value) => this.put(index, value),
      (error) => this.fail(error),
    );
  }

  fail(reason: unknown): void {
    this.#reject(reason);
  }
}

/** What a pipeline's part needs to send commands on that were turned away. */
export interface PartHost extends Turnstile {
  /** Sends a command where its slot is served by now. */
  resend(routed: RoutedCommand): void;
}

/** A pipeline's commands for one node, written together. What the node turns away goes on alone, in the old order. */
export class PipelinePart extends Pending {
  readonly #gather: Gather;
  readonly #host: PartHost;
  readonly #node: ClusterNode;
  /** The whole pipeline, and which of it are this part's. */
  readonly #requests: readonly Request[];
  readonly #indexes: number[] = [];
  /** How many have their replies. */
  #at = 0;

  constructor(requests: readonly Request[], gather: Gather, host: PartHost, node: ClusterNode) {
    super();
    this.#requests = requests;
    this.#gather = gather;
    this.#host = host;
    this.#node = node;
    this.promise.catch((error) => gather.fail(error));
  }

  add(index: number): void {
    this.#indexes.push(index);
  }

  override get commandName(): string {
    return `a pipeline of ${this.#indexes.length}`;
  }

  override get bytes(): number {
    return this.#indexes.reduce((sum, index) => sum + bytesIn(this.#requests[index]!), 0);
  }

  /** Of what has no reply yet. */
  override get isRead(): boolean {
    for (let i = this.#at; i < this.#indexes.length; i++) if (!this.#request(i).spec.isReadonly) return false;
    return true;
  }

  override get mayAskReplica(): boolean {
    return this.isRead;
  }

  override write(writer: RequestWriter): void {
    for (let i = this.#at; i < this.#indexes.length; i++) writer.add(this.#request(i).argv);
  }

  override take(reply: Reply): boolean {
    const i = this.#at++;
    if (!this.settled) {
      if (reply instanceof ErrorReply) this.#error(i, reply);
      else this.#gather.put(this.#indexes[i]!, reply);
    }
    if (this.#at < this.#indexes.length) return false;
    if (!this.settled) this.resolve(null);
    return true;
  }

  override restart(): void {}

  /** The node is lost: what has no reply goes on by itself. */
  scatter(): void {
    for (let i = this.#at; i < this.#indexes.length; i++) {
      const command = this.#alone(i);
      this.#gather.await(this.#indexes[i]!, command.promise as Promise<Reply>);
      this.#host.resend(command);
    }
    if (!this.settled) this.resolve(null);
  }

  #error(i: number, reply: ErrorReply): void {
    const command = this.#alone(i);
    command.node = this.#node;
    if (this.#host.turn(command, reply)) this.#gather.await(this.#indexes[i]!, command.promise as Promise<Reply>);
    else this.#gather.put(this.#indexes[i]!, reply);
  }

  #request(i: number): Request {
    return this.#requests[this.#indexes[i]!]!;
  }

  #alone(i: number): RoutedCommand {
    const request = this.#request(i);
    const command = new RoutedCommand(request, slotOf(request), this.#host, null, null);
    command.deadline = this.deadline;
    command.timeout = this.timeout;
    command.retry = this.retry;
    command.losses = this.losses;
    return command;
  }
}
