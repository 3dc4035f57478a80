import type { Bytes } from '../core/bytes.js';
import { compileGlob } from '../core/glob.js';
import { PushReply } from '../core/reply.js';
import type { EngineSession } from './session.js';

type Subscribers = Map<Bytes, Set<EngineSession>>;

/** The subscribers of each channel, pattern and shard channel. */
export class PubSub {
  readonly channels: Subscribers = new Map();
  readonly shardChannels: Subscribers = new Map();
  readonly patterns = new Map<Bytes, { match: (text: Bytes) => boolean; sessions: Set<EngineSession> }>();

  subscribe(session: EngineSession, channel: Bytes): boolean {
    return join(this.channels, session.channels, session, channel);
  }

  unsubscribe(session: EngineSession, channel: Bytes): boolean {
    return leave(this.channels, session.channels, session, channel);
  }

  subscribeShard(session: EngineSession, channel: Bytes): boolean {
    return join(this.shardChannels, session.shardChannels, session, channel);
  }

  unsubscribeShard(session: EngineSession, channel: Bytes): boolean {
    return leave(this.shardChannels, session.shardChannels, session, channel);
  }

  subscribePattern(session: EngineSession, pattern: Bytes): boolean {
    if (session.patterns.has(pattern)) return false;
    session.patterns.add(pattern);
    session.subscribed = true;
    const entry = this.patterns.get(pattern);
    if (entry) entry.sessions.add(session);
    else this.patterns.set(pattern, { match: compileGlob(pattern), sessions: new Set([session]) });
    return true;
  }

  unsubscribePattern(session: EngineSession, pattern: Bytes): boolean {
    if (!session.patterns.delete(pattern)) return false;
    const entry = this.patterns.get(pattern);
    entry?.sessions.delete(session);
    if (entry?.sessions.size === 0) this.patterns.delete(pattern);
    session.subscribed = hasSubscriptions(session);
    return true;
  }

  /** The session ends: nothing is pushed to it any more. */
  drop(session: EngineSession): void {
    for (const channel of [...session.channels]) this.unsubscribe(session, channel);
    for (const channel of [...session.shardChannels]) this.unsubscribeShard(session, channel);
    for (const pattern of [...session.patterns]) this.unsubscribePattern(session, pattern);
  }

  /**
   * Delivers to channel and pattern subscribers; returns how many received it. O(n + m) of subscribers and patterns.
   */
  publish(channel: Bytes, message: Bytes): number {
    let receivers = deliver(this.channels.get(channel), 'message', channel, message);
    for (const [pattern, { match, sessions }] of this.patterns) {
      if (!match(channel)) continue;
      const push = new PushReply(['pmessage', pattern, channel, message]);
      for (const session of sessions) session.push(push);
      receivers += sessions.size;
    }
    return receivers;
  }

  publishShard(channel: Bytes, message: Bytes): number {
    return deliver(this.shardChannels.get(channel), 'smessage', channel, message);
  }
}

function deliver(sessions: Set<EngineSession> | undefined, kind: Bytes, channel: Bytes, message: Bytes): number {
  if (!sessions) return 0;
  const push = new PushReply([kind, channel, message]);
  for (const session of sessions) session.push(push);
  return sessions.size;
}

function hasSubscriptions(session: EngineSession): boolean {
  return session.channels.size + session.patterns.size + session.shardChannels.size > 0;
}

function join(all: Subscribers, own: Set<Bytes>, session: EngineSession, channel: Bytes): boolean {
  if (own.has(channel)) return false;
  own.add(channel);
  session.subscribed = true;
  const sessions = all.get(channel);
  if (sessions) sessions.add(session);
  else all.set(channel, new Set([session]));
  return true;
}

function leave(all: Subscribers, own: Set<Bytes>, session: EngineSession, channel: Bytes): boolean {
  if (!own.delete(channel)) return false;
  const sessions = all.get(channel);
  sessions?.delete(session);
  if (sessions?.size === 0) all.delete(channel);
  session.subscribed = hasSubscriptions(session);
  return true;
}
