import { PushReply, type Reply } from '../core/reply.js';

const changes = new Set(['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe']);
const messages = new Set(['message', 'pmessage', 'smessage']);

/** Whether a push answers SUBSCRIBE or its kin. */
export function isSubscriptionChange(kind: string): boolean {
  return changes.has(kind);
}

/** Shard channels are counted by themselves. */
export function isShardKind(kind: string): boolean {
  return kind === 'ssubscribe' || kind === 'sunsubscribe';
}

/** What RESP3 would have pushed: in RESP2 a subscriber's messages look like replies. Null for a real reply. */
export function pushOfResp2(reply: Reply): PushReply | null {
  if (!Array.isArray(reply) || typeof reply[0] !== 'string') return null;
  return changes.has(reply[0]) || messages.has(reply[0]) ? new PushReply(reply) : null;
}
