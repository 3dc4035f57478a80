import { formatFixed } from '../core/double.js';
import type { Engine } from './engine.js';
import type { InfoLines } from './info.js';
import type { RewriteFigures } from './storage.js';

const zeros = (...fields: string[]): InfoLines => fields.map((field) => [field, 0]);

const neverRewritten: RewriteFigures = {
  rewrites: 0,
  failuresInARow: 0,
  lastFailed: false,
  lastSeconds: -1,
  startedAt: null,
};

export function persistenceSection(engine: Engine): InfoLines {
  const { saver, now } = engine;
  const { background, journal } = saver;
  const { rewrites, failuresInARow, lastFailed, lastSeconds, startedAt } = journal?.tally ?? neverRewritten;
  const { written = 0, keys: total = 0 } = background?.snapshot ?? {};
  return [
    ['loading', engine.replication.loading === 'sync' ? 1 : 0],
    ['async_loading', engine.replication.loading === 'async' ? 1 : 0],
    ...zeros('current_cow_peak', 'current_cow_size', 'current_cow_size_age'),
    ['current_fork_perc', formatFixed(total === 0 ? 0 : (written / total) * 100, 2)],
    ['current_save_keys_processed', written],
    ['current_save_keys_total', total],
    ['rdb_changes_since_last_save', engine.dirty],
    ['rdb_bgsave_in_progress', background === null && engine.replication.syncs.running === 0 ? 0 : 1],
    ['rdb_last_save_time', Math.floor(engine.lastSaveAt / 1000)],
    ['rdb_last_bgsave_status', saver.failed ? 'err' : 'ok'],
    ['rdb_last_bgsave_time_sec', saver.lastSeconds],
    ['rdb_current_bgsave_time_sec', background === null ? -1 : Math.floor((now - background.startedAt) / 1000)],
    ['rdb_saves', saver.saves],
    ['rdb_last_cow_size', 0],
    ['rdb_last_load_keys_expired', saver.keysExpired],
    ['rdb_last_load_keys_loaded', saver.keysLoaded],
    ['aof_enabled', journal?.enabled ? 1 : 0],
    ['aof_rewrite_in_progress', journal?.rewriting ? 1 : 0],
    ['aof_rewrite_scheduled', saver.rewriteScheduled ? 1 : 0],
    ['aof_last_rewrite_time_sec', lastSeconds],
    ['aof_current_rewrite_time_sec', startedAt === null ? -1 : Math.floor((now - startedAt) / 1000)],
    ['aof_last_bgrewrite_status', lastFailed ? 'err' : 'ok'],
    ['aof_rewrites', rewrites],
    ['aof_rewrites_consecutive_failures', failuresInARow],
    ['aof_last_write_status', journal === null || journal.problem === null ? 'ok' : 'err'],
    ...zeros('aof_last_cow_size', 'module_fork_in_progress', 'module_fork_last_cow_size'),
    ...logLines(engine),
    ...loadingLines(engine),
  ];
}

/** The log, if there is one. */
function logLines({ saver: { journal, rewriteScheduled } }: Engine): InfoLines {
  if (!journal?.enabled) return [];
  return [
    ['aof_current_size', journal.bytes],
    ['aof_base_size', journal.shortBytes],
    ['aof_pending_rewrite', rewriteScheduled ? 1 : 0],
    ...zeros('aof_buffer_length', 'aof_pending_bio_fsync', 'aof_delayed_fsync'),
  ];
}

/** How far the data are that clients wait for. */
function loadingLines({ replication, saver, now }: Engine): InfoLines {
  if (replication.loading === null) return [];
  const { following } = replication;
  const { total, read, startedAt } = saver.loading ?? following!.transfer!;
  const { usedMemory } = saver.loading ?? following!;
  const expected = total || usedMemory;
  const left = expected === 0 ? 1 : expected - read;
  return [
    ['loading_start_time', Math.floor(startedAt / 1000)],
    ['loading_total_bytes', total],
    ['loading_rdb_used_mem', usedMemory],
    ['loading_loaded_bytes', read],
    ['loading_loaded_perc', formatFixed(expected === 0 ? 0 : (read * 100) / expected, 2)],
    ['loading_eta_seconds', Math.floor((((now - startedAt) / 1000) * left) / (read + 1))],
  ];
}

const kilobytes = (bytesPerSecond: number): string => formatFixed(bytesPerSecond / 1024, 2);

function denials(denied: Engine['stats']['denied']): InfoLines {
  return [
    ['acl_access_denied_auth', denied.auth],
    ['acl_access_denied_cmd', denied.command],
    ['acl_access_denied_key', denied.key],
    ['acl_access_denied_channel', denied.channel],
  ];
}

/** Clients that were closed because of what they sent, or did not take. */
function disconnections({ network }: Engine): InfoLines {
  return [
    ['client_query_buffer_limit_disconnections', network.queryLimitClosed],
    ['client_output_buffer_limit_disconnections', network.outputLimitClosed],
  ];
}

/** Where Redis measures its event loop: the turns of this one in which a connection was served. */
function turns({ network, rates, stats }: Engine): InfoLines {
  return [
    ['eventloop_cycles', network.turns],
    ['eventloop_duration_sum', Math.floor(network.turnMicros)],
    ['eventloop_duration_cmd_sum', Math.floor(stats.micros.reduce((sum, micros) => sum + micros, 0))],
    ['instantaneous_eventloop_cycles_per_sec', rates.turnsPerSecond],
    ['instantaneous_eventloop_duration_usec', rates.turnMicros],
  ];
}

/** There is one thread, which serves all connections. */
export function threadsSection({ network, replication, sessions }: Engine): InfoLines {
  const clients = sessions.size - replication.replicas.size;
  return [['io_thread_0', `clients=${clients},reads=${network.readsProcessed},writes=${network.writesProcessed}`]];
}

export function statsSection(engine: Engine): InfoLines {
  const { stats, network, rates, pubsub, tracking } = engine;
  const { v72, v74 } = engine.commands.since;
  return [
    ['total_connections_received', network.connectionsReceived],
    ['total_commands_processed', stats.commandsProcessed],
    ['instantaneous_ops_per_sec', rates.commandsPerSecond],
    ['total_net_input_bytes', network.inputBytes],
    ['total_net_output_bytes', network.outputBytes],
    ...zeros('total_net_repl_input_bytes', 'total_net_repl_output_bytes'),
    ['instantaneous_input_kbps', kilobytes(rates.inputBytesPerSecond)],
    ['instantaneous_output_kbps', kilobytes(rates.outputBytesPerSecond)],
    ['instantaneous_input_repl_kbps', '0.00'],
    ['instantaneous_output_repl_kbps', '0.00'],
    ['rejected_connections', network.connectionsRejected],
    ['sync_full', engine.replication.counts.full],
    ['sync_partial_ok', engine.replication.counts.partial],
    ['sync_partial_err', engine.replication.counts.partialRefused],
    ...(v74 ? ([['expired_subkeys', stats.expiredSubkeys]] as InfoLines) : []),
    ['expired_keys', stats.expiredKeys],
    ['expired_stale_perc', formatFixed(stats.expiredStalePercent, 2)],
    ['expired_time_cap_reached_count', stats.expiredTimeCapReached],
    ['expire_cycle_cpu_milliseconds', Math.floor(stats.expireMicros / 1000)],
    ['evicted_keys', stats.evictedKeys],
    ['evicted_clients', stats.evictedClients],
    ...(v74 ? ([['evicted_scripts', 0]] as InfoLines) : []),
    ...zeros('total_eviction_exceeded_time', 'current_eviction_exceeded_time'),
    ['keyspace_hits', stats.keyspaceHits],
    ['keyspace_misses', stats.keyspaceMisses],
    ['pubsub_channels', pubsub.channels.size],
    ['pubsub_patterns', pubsub.patterns.size],
    ['pubsubshard_channels', pubsub.shardChannels.size],
    ...zeros('latest_fork_usec', 'total_forks', 'migrate_cached_sockets'),
    ['slave_expires_tracked_keys', engine.replication.ownKeys.size],
    ...zeros('active_defrag_hits', 'active_defrag_misses', 'active_defrag_key_hits', 'active_defrag_key_misses'),
    ...zeros('total_active_defrag_time', 'current_active_defrag_time'),
    ['tracking_total_keys', tracking.keys],
    ['tracking_total_items', tracking.items],
    ['tracking_total_prefixes', tracking.prefixes],
    ['unexpected_error_replies', engine.replication.counts.unexpectedErrors],
    ['total_error_replies', stats.errorReplies],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', network.readsProcessed],
    ['total_writes_processed', network.writesProcessed],
    ...zeros('io_threaded_reads_processed', 'io_threaded_writes_processed'),
    ...(v74 ? disconnections(engine) : []),
    ...zeros('reply_buffer_shrinks', 'reply_buffer_expands'),
    ...(v72 ? [...turns(engine), ...denials(stats.denied)] : []),
  ];
}
