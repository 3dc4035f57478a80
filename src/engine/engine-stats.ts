import type { BackendStats } from '../backend/backend.js';
import type { Engine } from './engine.js';

/** What an engine is doing and has done, as a backend tells it; the same numbers as in INFO. O(databases). */
export function engineStats(engine: Engine): BackendStats {
  const { stats, pubsub } = engine;
  stats.enterNoted((id, times) => engine.latency.countAgain(id, times));
  let keys = 0;
  for (const { size } of engine.databases) keys += size;
  return {
    backend: 'engine',
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
