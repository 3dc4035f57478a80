import { formatFixed } from '../../core/double.js';
import type { Reply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import type { InfoLines } from '../info.js';
import type { Following } from './following.js';
import { replicaStateNames } from './replica.js';

const seconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000));

/** ROLE. */
export function roleReply({ replication }: Engine): Reply {
  const { following, stream } = replication;
  if (following !== null) {
    return ['slave', following.host, following.port, following.state, following.connected ? stream.offset : -1];
  }
  const online = [...replication.replicas].filter(({ state }) => state === 'online');
  const replicas = online.map((replica) => [replica.host, String(replica.listeningPort), String(replica.ackedOffset)]);
  return ['master', stream.offset, replicas];
}

/** INFO replication. */
export function replicationSection(engine: Engine): InfoLines {
  const { replication, config } = engine;
  const { following, stream, failover } = replication;
  const { backlog } = stream;
  return [
    ['role', following === null ? 'master' : 'slave'],
    ...(following === null ? [] : linkLines(engine, following)),
    ['connected_slaves', replication.replicas.size],
    ...goodReplicaLines(engine),
    ...replicaLines(engine),
    ['master_failover_state', failover.state],
    ['master_replid', stream.id],
    ['master_replid2', stream.id2],
    ['master_repl_offset', stream.offset],
    ['second_repl_offset', stream.secondOffset],
    ['repl_backlog_active', backlog === null ? 0 : 1],
    ['repl_backlog_size', config.number('repl-backlog-size')],
    ['repl_backlog_first_byte_offset', backlog?.offset ?? 0],
    ['repl_backlog_histlen', backlog?.held ?? 0],
  ];
}

function linkLines(engine: Engine, following: Following): InfoLines {
  const { now, config, replication } = engine;
  const { connected, downSince, session } = following;
  const hasHistory = session !== null || replication.stream.offset > 0;
  return [
    ['master_host', following.host],
    ['master_port', following.port],
    ['master_link_status', connected ? 'up' : 'down'],
    ['master_last_io_seconds_ago', connected ? seconds(now - following.heardAt) : -1],
    ['master_sync_in_progress', following.state === 'sync' ? 1 : 0],
    ['slave_read_repl_offset', hasHistory ? following.readOffset : 1],
    ['slave_repl_offset', hasHistory ? replication.stream.offset : 1],
    ...(following.state === 'sync' ? transferLines(engine, following) : []),
    ...(connected
      ? []
      : ([['master_link_down_since_seconds', downSince === null ? -1 : seconds(now - downSince)]] as InfoLines)),
    ['slave_priority', config.number('replica-priority')],
    ['slave_read_only', config.flag('replica-read-only') ? 1 : 0],
    ['replica_announced', config.flag('replica-announced') ? 1 : 0],
  ];
}

function transferLines({ now }: Engine, { transfer, heardAt }: Following): InfoLines {
  const total = transfer?.total ?? 0;
  const read = transfer?.read ?? 0;
  return [
    ['master_sync_total_bytes', total],
    ['master_sync_read_bytes', read],
    ['master_sync_left_bytes', total - read],
    ['master_sync_perc', formatFixed(total === 0 ? 0 : (read / total) * 100, 2)],
    ['master_sync_last_io_seconds_ago', seconds(now - heardAt)],
  ];
}

function goodReplicaLines({ settings, replication }: Engine): InfoLines {
  const { minReplicasToWrite, minReplicasMaxLag } = settings;
  if (minReplicasToWrite === 0 || minReplicasMaxLag === 0) return [];
  return [['min_slaves_good_slaves', replication.goodReplicas(minReplicasMaxLag)]];
}

function replicaLines({ replication, now }: Engine): InfoLines {
  return [...replication.replicas].map((replica, i) => {
    const { state, ackedOffset, ackedAt, listeningPort, host } = replica;
    const lag = state === 'online' ? seconds(now - ackedAt) : 0;
    const shown = replica.sending ? 'send_bulk' : replicaStateNames[state];
    const facts = `ip=${host},port=${listeningPort},state=${shown},offset=${ackedOffset},lag=${lag}`;
    return [`slave${i}`, facts];
  });
}
