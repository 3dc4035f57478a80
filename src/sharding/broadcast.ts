import type { CallOptions, Receiver, Request } from '../backend/backend.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import { Answer } from './answer.js';
import type { Node } from './node.js';
import { sameReply } from './same-reply.js';

/** What became of a request at one node. */
export interface Outcome {
  readonly node: Node;
  readonly reply: Reply | undefined;
  readonly error: unknown;
}

/** Settles a broadcast whose nodes did not all say the same. */
export interface Judge {
  settle(broadcast: Broadcast): void;
}

/** The request at one node. */
class Copy implements Receiver, Outcome {
  readonly node: Node;
  readonly #whole: Broadcast;
  reply: Reply | undefined = undefined;
  error: unknown = undefined;

  constructor(node: Node, whole: Broadcast) {
    this.node = node;
    this.#whole = whole;
  }

  get owner(): Node {
    return this.node;
  }

  replied(reply: Reply): void {
    this.reply = reply;
    this.#whole.arrived();
  }

  failed(error: unknown): void {
    this.error = this.node.failure(error);
    this.#whole.arrived();
  }
}

const noOptions: CallOptions = {};

/**
 * One request at several nodes at once, and one promise for it. Settled when the last of them has answered: by their reply
 * if they all say the same, by the judge otherwise.
 */
export class Broadcast extends Answer {
  readonly copies: Copy[];
  readonly #judge: Judge;
  #left = 0;

  constructor(judge: Judge, request: Request, shape: Shape | null, view: ReplyView | null) {
    super(request, shape, view);
    this.#judge = judge;
    this.copies = [];
  }

  /** Sends it, as it is or by `give`; its promise. */
  send(nodes: readonly Node[], give: ((node: Node) => Promise<Reply>) | null = null): Promise<unknown> {
    this.#left = nodes.length;
    for (const node of nodes) {
      const copy = new Copy(node, this);
      this.copies.push(copy);
      if (give === null) node.deliver(this.request, noOptions, copy);
      else node.deliverReply(give(node), copy);
    }
    return this.promise;
  }

  arrived(): void {
    if (--this.#left > 0) return;
    const { reply } = this.copies[0]!;
    if (reply !== undefined && this.#isAgreed(reply)) this.answer(reply);
    else queueMicrotask(() => this.#judge.settle(this));
  }

  #isAgreed(reply: Reply): boolean {
    for (const copy of this.copies) {
      if (!copy.node.isUp || copy.reply === undefined || copy.reply instanceof ErrorReply) return false;
      if (!sameReply(copy.reply, reply)) return false;
    }
    return true;
  }
}
