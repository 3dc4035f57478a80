import type { BackendStats } from '../backend/backend.js';
import type { Engine } from './engine.js';

/** What an engine tells that was never used. */
const idle = {
  backend: 'engine',
  conversations: 0,
  commands: 0,
  errors: {},
  keys: 0,
  keyspaceHits: 0,
  keyspaceMisses: 0,
  expiredKeys: 0,
  evictedKeys: 0,
  channels: 0,
  patterns: 0,
  shardChannels: 0,
} satisfies BackendStats;

/** The same of an engine that is not there yet: all of it, in zeros. */
export function idleEngineStats(): BackendStats {
  return { ...idle };
}

/** What an engine is doing and has done, as a backend tells it; the same numbers as in INFO. O(databases). */
export function engineStats(engine: Engine): BackendStats {
  const { stats, pubsub } = engine;
  stats.enterNoted(engine.now, (id, times) => engine.latency.countAgain(id, times));
  let keys = 0;
  for (const { size } of engine.databases) keys += size;
  return {
    ...idle,
    conversations: engine.sessions.size,
    commands: stats.commandsProcessed,
    errors: Object.fromEntries(stats.errors),
    keys,
    keyspaceHits: stats.keyspaceHits,
    keyspaceMisses: stats.keyspaceMisses,
    expiredKeys: stats.expiredKeys,
    evictedKeys: stats.evictedKeys,
    channels: pubsub.channels.size,
    patterns: pubsub.patterns.size,
    shardChannels: pubsub.shardChannels.size,
  };
}
