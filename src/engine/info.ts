import { commandTable } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import { formatFixed } from '../core/double.js';
import type { Engine } from './engine.js';
import { keysizesSection } from './info-keysizes.js';
import { memorySection } from './info-memory.js';
import { persistenceSection, statsSection, threadsSection } from './info-stats.js';
import type { Keyspace } from './keyspace.js';
import { KEYSPAN_VERSION, releaseOf } from './redis-version.js';
import { replicationSection } from './replication/report.js';
import { HashValue } from './values/hash.js';

/** Field and value; a field without a value stands for the whole line. */
export type InfoLines = [field: string, value: string | number][];

/** `asked`: for this very section, not for all that INFO tells by itself. */
type Section = (engine: Engine, asked: boolean) => InfoLines;

const SECONDS_PER_DAY = 86_400;

const serverSection: Section = (engine) => {
  const { surroundings, settings, clock, network } = engine;
  const { v72 } = engine.commands.since;
  const { remaining_ms } = engine.replication.shutdown;
  const uptime = Math.max(0, Math.floor((clock.now() - engine.startedAt) / 1000));
  return [
    ['redis_version', releaseOf(settings)],
    ['keyspan_version', KEYSPAN_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', '0000000000000000'],
    ['redis_mode', engine.cluster === null ? 'standalone' : 'cluster'],
    ['os', surroundings.os],
    ['arch_bits', surroundings.archBits],
    ['monotonic_clock', 'performance.now'],
    ['multiplexing_api', surroundings.eventApi],
    ['atomicvar_api', 'none'],
    ['gcc_version', '0.0.0'],
    ['process_id', surroundings.processId],
    ['process_supervised', 'no'],
    ['run_id', engine.runId],
    ['tcp_port', surroundings.tcpPort],
    ['server_time_usec', Math.floor(clock.now() * 1000)],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / SECONDS_PER_DAY)],
    ['hz', settings.hz],
    ['configured_hz', settings.hz],
    ['lru_clock', Math.floor(clock.now() / 1000) & 0xffffff],
    ['executable', surroundings.executable],
    ['config_file', surroundings.configFile?.path ?? ''],
    ['io_threads_active', 0],
    ...(remaining_ms === null ? [] : ([['shutdown_in_milliseconds', remaining_ms]] as InfoLines)),
    ...(v72 ? network.listeners.map((line, i): InfoLines[number] => [`listener${i}`, line]) : []),
  ];
};

const clientsSection: Section = (engine) => {
  let input = 0;
  let output = 0;
  let held = 0;
  let subscribers = 0;
  let watching = 0;
  const { v72, v74 } = engine.commands.since;
  for (const { sink, postponed, subscribed, watched } of engine.sessions.values()) {
    if (subscribed) subscribers++;
    if (watched.length > 0) watching++;
    input = Math.max(input, sink.stats.queryBufferBytes);
    output = Math.max(output, sink.stats.outputListBytes);
    if (postponed !== null) held++;
  }
  const watched = engine.databases.reduce((sum, { watchers }) => sum + watchers.size, 0);
  return [
    ['connected_clients', engine.sessions.size - engine.replication.replicas.size],
    ['cluster_connections', 0],
    ['maxclients', engine.settings.maxclients],
    ['client_recent_max_input_buffer', input],
    ['client_recent_max_output_buffer', output],
    ['blocked_clients', engine.blocking.count + held],
    ['tracking_clients', engine.tracking.clients],
    ...(v74
      ? ([
          ['pubsub_clients', subscribers],
          ['watching_clients', watching],
        ] as InfoLines)
      : []),
    ['clients_in_timeout_table', engine.timers.size],
    ...(v72
      ? ([
          ['total_watched_keys', watched],
          ['total_blocking_keys', engine.blocking.waitedKeys],
        ] as InfoLines)
      : []),
    ...(v72 ? ([['total_blocking_keys_on_nokey', engine.blocking.groupKeys]] as InfoLines) : []),
  ];
};

const cpuSection: Section = (engine) => {
  const { user, system } = engine.surroundings.cpu();
  return [
    ['used_cpu_sys', system.toFixed(6)],
    ['used_cpu_user', user.toFixed(6)],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
    ['used_cpu_sys_main_thread', system.toFixed(6)],
    ['used_cpu_user_main_thread', user.toFixed(6)],
  ];
};

const commandstatsSection: Section = ({ stats }) => {
  const lines: InfoLines = [];
  for (const { id, fullName } of commandTable.all) {
    const calls = stats.calls[id];
    if (calls + stats.rejected[id] + stats.failed[id] === 0) continue;
    const micros = Math.round(stats.micros[id]);
    const each = formatFixed(calls === 0 ? 0 : micros / calls, 2);
    const counts = `calls=${calls},usec=${micros},usec_per_call=${each}`;
    lines.push([
      `cmdstat_${fullName}`,
      `${counts},rejected_calls=${stats.rejected[id]},failed_calls=${stats.failed[id]}`,
    ]);
  }
  return lines;
};

const errorstatsSection: Section = ({ stats }) =>
  [...stats.errors]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, count]) => [`errorstat_${code}`, `count=${count}`]);

const latencystatsSection: Section = ({ latency, settings }) => {
  if (!settings.latencyTracking) return [];
  const lines: InfoLines = [];
  for (const { id, fullName } of commandTable.all) {
    const histogram = latency.histogram(id);
    if (!histogram) continue;
    const parts = settings.latencyPercentiles.map(
      (percent) => `p${percent}=${formatFixed(histogram.percentile(percent), 3)}`,
    );
    lines.push([`latency_percentiles_usec_${fullName}`, parts.join(',')]);
  }
  return lines;
};

const keyspaceSection: Section = ({ databases, commands }) =>
  databases
    .filter(({ keyspace }) => keyspace.size > 0)
    .map(({ index, keyspace }) => [
      `db${index}`,
      `keys=${keyspace.size},expires=${keyspace.expiries.size},avg_ttl=${Math.floor(keyspace.averageTtl)}${commands.since.v74 ? `,subexpiry=${timedHashes(keyspace)}` : ''}`,
    ]);

/** How many hashes have fields with an end. O(those that ever had). */
function timedHashes(keyspace: Keyspace): number {
  let count = 0;
  for (const key of keyspace.timedHashes) {
    const slot = keyspace.find(key);
    const value = slot < 0 || keyspace.typeOf(slot) === 0 ? null : keyspace.collection(slot);
    if (value instanceof HashValue && (value.deadlines?.size ?? 0) > 0) count++;
  }
  return count;
}

const none: Section = () => [];

/** In the order in which they are told: the word that asks for it, its heading, whether INFO alone tells it. */
const sections: readonly (readonly [word: string, heading: string, byDefault: boolean, lines: Section])[] = [
  ['server', 'Server', true, serverSection],
  ['clients', 'Clients', true, clientsSection],
  ['memory', 'Memory', true, memorySection],
  ['persistence', 'Persistence', true, persistenceSection],
  ['threads', 'Threads', true, threadsSection],
  ['stats', 'Stats', true, statsSection],
  ['replication', 'Replication', true, replicationSection],
  ['cpu', 'CPU', true, cpuSection],
  ['module_list', 'Modules', true, none],
  ['commandstats', 'Commandstats', false, commandstatsSection],
  ['errorstats', 'Errorstats', true, errorstatsSection],
  ['latencystats', 'Latencystats', false, latencystatsSection],
  ['cluster', 'Cluster', true, ({ cluster }) => [['cluster_enabled', cluster === null ? 0 : 1]]],
  ['keyspace', 'Keyspace', true, keyspaceSection],
  ['keysizes', 'Keysizes', true, keysizesSection],
];

/** Sections that servers before 8.0 do not have. */
const since80 = new Set(['threads', 'keysizes']);

const everyWord = ['all', 'everything'];

/** INFO's text: the sections asked for, all by default's rules. Unknown words ask for nothing. */
export function infoText(engine: Engine, asked: readonly Bytes[]): Bytes {
  const words = new Set(asked.map((word) => word.toLowerCase()));
  const byDefault = words.size === 0 || words.has('default');
  const all = everyWord.some((word) => words.has(word));
  // The list of modules goes by two names.
  if (words.has('modules')) words.add('module_list');
  const texts: string[] = [];
  for (const [word, heading, isDefault, lines] of sections) {
    if (since80.has(word) && !engine.commands.since.v80) continue;
    if (!all && !words.has(word) && !(byDefault && isDefault)) continue;
    texts.push(
      [`# ${heading}`, ...lines(engine, all || words.has(word)).map(([field, value]) => `${field}:${value}`), ''].join(
        '\r\n',
      ),
    );
  }
  return texts.join('\r\n');
}
