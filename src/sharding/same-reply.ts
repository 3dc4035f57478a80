import { bytesOf, isAbsent, itemsOf } from '../commands/shape.js';
import { DoubleReply, ErrorReply, MapReply, PairsReply, type Reply, SetReply, Status } from '../core/reply.js';

/** Whether two nodes said the same, whatever the protocol of each. The order of sets and maps does not count. */
export function sameReply(a: Reply, b: Reply): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' && typeof a === typeof b) return false;
  return spell(a) === spell(b);
}

/** A text that is equal for equal replies. */
export function spell(reply: Reply): string {
  if (isAbsent(reply)) return 'nothing';
  if (reply instanceof ErrorReply) return `error ${reply.code}`;
  if (reply instanceof Status) return `"${reply.text}"`;
  if (reply instanceof DoubleReply) return `"${reply.digits ?? reply.value}"`;
  if (typeof reply === 'number' || typeof reply === 'bigint' || typeof reply === 'boolean') return `"${Number(reply)}"`;
  if (reply instanceof SetReply) return `[${reply.items.map(spell).sort().join()}]`;
  if (reply instanceof MapReply || reply instanceof PairsReply) {
    const { flat } = reply;
    const pairs = flat.flatMap((name, i) => (i % 2 === 0 ? [`${spell(name)}:${spell(flat[i + 1] ?? null)}`] : []));
    return `{${pairs.sort().join()}}`;
  }
  const items = itemsOf(reply);
  return items === null ? `"${bytesOf(reply)}"` : `[${items.map(spell).join()}]`;
}
