import type { CallOptions, Lease, Request } from '../backend/backend.js';
import { MONITOR_LINE, pushParts } from '../backend/messages.js';
import { commandTable } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import type { PushReply, Reply } from '../core/reply.js';
import type { Node } from './node.js';

/** MONITOR at several nodes: conversations with each, whose lines are heard as one. */
export class Monitors {
  readonly #leases: Promise<Lease>[] = [];

  /** `wanted` tells which node's lines are heard, by the command's name. */
  async open(
    nodes: readonly Node[],
    request: Request,
    onPush: ((push: PushReply) => void) | undefined,
    options: CallOptions,
    wanted: (node: Node, command: string) => boolean = () => true,
  ): Promise<Reply> {
    const replies = nodes.map(async (node) => {
      const hear = (push: PushReply): void => {
        const [kind, line] = pushParts(push);
        if (kind !== MONITOR_LINE || wanted(node, commandOf(line!))) onPush?.(push);
      };
      const lease = node.guard(node.backend.lease(hear, options));
      this.#leases.push(lease);
      return await node.answer((await lease).call(request, options));
    });
    return (await Promise.all(replies))[0]!;
  }

  release(): void {
    for (const lease of this.#leases.splice(0)) lease.then((held) => held.release()).catch(() => {});
  }
}

/** The name of the command that a line of MONITOR shows. */
function commandOf(line: Bytes): string {
  const word = /\] "([^"]*)"/.exec(line)?.[1] ?? '';
  return commandTable.top(word)?.name ?? word;
}
