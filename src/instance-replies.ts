import type { SinkStats } from './backend/session.js';
import { socketless } from './backend/silent-sink.js';
import { ReplyError } from './core/errors.js';
import { DoubleReply, ErrorReply, MapReply, PairsReply, type Reply, SetReply } from './core/reply.js';

/** The facts that an instance's sessions report. */
export const sinkStats: SinkStats = socketless('embedded:0');

/** The reply, unless it is an error: that is thrown. */
export function settled(reply: Reply): Reply {
  if (reply instanceof ErrorReply) throw new ReplyError(reply.text);
  return reply;
}

/** The items of a reply that is any kind of list. */
export function itemsOf(reply: Reply): readonly Reply[] {
  if (Array.isArray(reply)) return reply;
  if (reply instanceof SetReply) return reply.items;
  return reply instanceof MapReply || reply instanceof PairsReply ? reply.flat : [];
}

/** Members with their scores. */
export function scoredOf(reply: Reply): [member: string, score: number][] {
  const items = itemsOf(reply);
  const found: [string, number][] = [];
  for (let i = 0; i < items.length; i += 2) found.push([items[i] as string, scoreOf(items[i + 1])]);
  return found;
}

export function scoreOf(reply: Reply | undefined): number {
  return reply instanceof DoubleReply ? reply.value : Number(reply);
}
