import type { Request } from '../backend/backend.js';
import { bytesOf } from '../commands/shape.js';
import { commands, commandTable } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { replyErrorOf } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import type { Node } from './node.js';

/** A request from its words. */
export function requestOf(argv: readonly Bytes[]): Request {
  return { spec: commandTable.lookup(argv)!, argv: argv as Bytes[] };
}

/** What makes keys at other nodes equal to those of a node: RESTORE with the same end of life, or DEL. O(n) of the values. */
export async function copiesOf(source: Node, keys: readonly Bytes[], clock: Clock): Promise<Request[]> {
  const asked = keys.flatMap((key) => [
    { spec: commands.dump, argv: ['DUMP', key] },
    { spec: commands.pexpiretime, argv: ['PEXPIRETIME', key] },
  ]);
  const replies = await source.guard(source.backend.batch(asked));
  // Servers before 7.0 know no PEXPIRETIME.
  const old = replies[1] instanceof ErrorReply ? await timesLeft(source, keys, clock) : null;
  return keys.map((key, i) => {
    const payload = checked(replies[2 * i]!, 'DUMP');
    if (bytesOf(payload) === null) return { spec: commands.del, argv: ['DEL', key] };
    const at = old === null ? Number(replies[2 * i + 1]) : old[i]!;
    const argv = ['RESTORE', key, String(Math.max(0, at)), bytesOf(payload)!, 'REPLACE', 'ABSTTL'];
    return { spec: commands.restore, argv };
  });
}

async function timesLeft(source: Node, keys: readonly Bytes[], clock: Clock): Promise<number[]> {
  const asked = keys.map((key) => ({ spec: commands.pttl, argv: ['PTTL', key] }));
  const replies = await source.guard(source.backend.batch(asked));
  return replies.map((reply) => (Number(reply) > 0 ? Math.floor(clock.now()) + Number(reply) : 0));
}

/** The reply, unless it is an error, which is thrown. */
export function checked(reply: Reply, command: string): Reply {
  if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command });
  return reply;
}
