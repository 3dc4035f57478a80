import { helpReply } from '../../commands/help.js';
import type { pubsubCommands } from '../../commands/pubsub.js';
import type { Bytes } from '../../core/bytes.js';
import { compileGlob } from '../../core/glob.js';
import { ErrorReply, NO_REPLY, PushReply, type Reply } from '../../core/reply.js';
import { TO_REPLICAS } from '../effect-queue.js';
import type { HandlersOf } from '../handler.js';
import type { EngineSession } from '../session.js';

const notInExec = new ErrorReply("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");

type Change = (session: EngineSession, name: Bytes) => boolean;

/** Does `change` for each name; the acknowledgement of each says how many subscriptions there are then. */
function changeEach(call: EngineSession, kind: string, names: readonly Bytes[], change: Change): Reply {
  for (const name of names) {
    change(call, name);
    call.acknowledge(new PushReply([kind, name, countOf(call, kind)]));
  }
  return NO_REPLY;
}

/** As `changeEach` for the given names, else for all subscriptions of the session; having none is acknowledged too. */
function leaveEach(call: EngineSession, kind: string, names: readonly Bytes[], own: Set<Bytes>, change: Change): Reply {
  if (names.length === 0 && own.size === 0) {
    call.acknowledge(new PushReply([kind, null, countOf(call, kind)]));
    return NO_REPLY;
  }
  return changeEach(call, kind, names.length > 0 ? names : [...own], change);
}

/** Shard channels are counted apart. */
function countOf(call: EngineSession, kind: string): number {
  return kind === 'ssubscribe' || kind === 'sunsubscribe' ? call.shardChannels.size : call.subscriptions;
}

function namesOf(channels: Iterable<Bytes>, pattern: Bytes | undefined): Bytes[] {
  if (pattern === undefined) return [...channels];
  const fits = compileGlob(pattern);
  return [...channels].filter(fits);
}

function listeners(all: ReadonlyMap<Bytes, Set<EngineSession>>, channels: readonly Bytes[]): Reply[] {
  return channels.flatMap((channel) => [channel, all.get(channel)?.size ?? 0]);
}

/** Handlers of the pub/sub group. */
export const pubsubHandlers: HandlersOf<typeof pubsubCommands> = {
  psubscribe(call, { patterns }) {
    const { pubsub } = call.engine;
    return changeEach(call, 'psubscribe', patterns, (session, pattern) => pubsub.subscribePattern(session, pattern));
  },

  publish(call, { channel, message }) {
    const { engine, db } = call;
    // Those who listen on a replica hear it too.
    engine.propagate(db.index, ['PUBLISH', channel, message], TO_REPLICAS);
    return engine.pubsub.publish(channel, message);
  },

  pubsubChannels: ({ engine }, { pattern }) => namesOf(engine.pubsub.channels.keys(), pattern),

  pubsubHelp: () => helpReply('pubsub'),

  pubsubNumpat: ({ engine }) => engine.pubsub.patterns.size,

  pubsubNumsub: ({ engine }, { channels }) => listeners(engine.pubsub.channels, channels),

  pubsubShardchannels: ({ engine }, { pattern }) => namesOf(engine.pubsub.shardChannels.keys(), pattern),

  pubsubShardnumsub: ({ engine }, { channels }) => listeners(engine.pubsub.shardChannels, channels),

  punsubscribe(call, { patterns }) {
    const { pubsub } = call.engine;
    const leave: Change = (session, pattern) => pubsub.unsubscribePattern(session, pattern);
    return leaveEach(call, 'punsubscribe', patterns, call.patterns, leave);
  },

  spublish(call, { channel, message }) {
    const { engine, db } = call;
    engine.propagate(db.index, ['SPUBLISH', channel, message], TO_REPLICAS);
    return engine.pubsub.publishShard(channel, message);
  },

  ssubscribe(call, { channels }) {
    if (call.inExec) throw notInExec;
    const { pubsub } = call.engine;
    return changeEach(call, 'ssubscribe', channels, (session, channel) => pubsub.subscribeShard(session, channel));
  },

  subscribe(call, { channels }) {
    const { pubsub } = call.engine;
    return changeEach(call, 'subscribe', channels, (session, channel) => pubsub.subscribe(session, channel));
  },

  sunsubscribe(call, { channels }) {
    const { pubsub } = call.engine;
    const leave: Change = (session, channel) => pubsub.unsubscribeShard(session, channel);
    return leaveEach(call, 'sunsubscribe', channels, call.shardChannels, leave);
  },

  unsubscribe(call, { channels }) {
    const { pubsub } = call.engine;
    const leave: Change = (session, channel) => pubsub.unsubscribe(session, channel);
    return leaveEach(call, 'unsubscribe', channels, call.channels, leave);
  },
};
