import type { Request } from '../backend/backend.js';
import { bytesOf, itemsOf } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import { ErrorReply, type Reply } from '../core/reply.js';

/**
 * A cursor of SCAN over several nodes holds the cursor at one node and the number of the node, as one decimal number:
 * cursor × nodes + node. 0 is the beginning at node 0, and as a reply the end, as ever.
 */
export class NodeCursor {
  readonly node: number;
  readonly at: Bytes;

  constructor(node: number, at: Bytes) {
    this.node = node;
    this.at = at;
  }

  /** Null for what is no number: a node will say what is wrong with it. */
  static parse(text: Bytes, nodes: number): NodeCursor | null {
    if (!/^\d{1,40}$/.test(text)) return null;
    const whole = BigInt(text);
    return new NodeCursor(Number(whole % BigInt(nodes)), String(whole / BigInt(nodes)));
  }

  print(nodes: number): Bytes {
    return String(BigInt(this.at) * BigInt(nodes) + BigInt(this.node));
  }
}

/** The same request with another cursor, which is its argument number `index`. */
export function withCursor({ spec, argv }: Request, index: number, at: Bytes): Request {
  const copy = [...argv];
  copy[index] = at;
  return { spec, argv: copy };
}

/** A page with its cursor replaced by what `next` makes of it. An error stays as it is. */
export function pageWith(reply: Reply, next: (at: Bytes) => Bytes): Reply {
  if (reply instanceof ErrorReply) return reply;
  const [at, items] = itemsOf(reply) ?? [];
  return [next(bytesOf(at ?? '0') ?? '0'), items ?? []];
}
