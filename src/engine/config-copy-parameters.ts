import type { Bytes } from '../core/bytes.js';
import { INT_MAX, InvalidParameter, LONG_MAX, ULONG_MAX } from './config-kind.js';
import {
  asFlag,
  asNumber,
  choice,
  dashed,
  flag,
  label,
  name,
  number,
  type Parameter,
  since,
  special,
} from './config-parameter.js';
import { primaryAddress, savePoints } from './config-special.js';

/** Parameters about copies of the data: files, replicas, cluster nodes. */
const ofCluster = 'nodes have no bus between them: a cluster is one node';

const INT_MIN = -(2n ** 31n);
const bytes = { max: LONG_MAX, unit: 'memory' } as const;
const ofOneProcess = {
  inert: 'files are written by the process itself, a chunk at a time: there is no child to be told',
} as const;
const clustered = { inert: ofCluster } as const;

function baseName(what: string, noun: string, emptyAllowed: boolean): (text: Bytes) => void {
  return (value) => {
    if (value === '' && !emptyAllowed) throw new InvalidParameter(`${what} can't be empty`);
    if (value.includes('/') || value.includes('\\'))
      throw new InvalidParameter(`${what} can't be a path, just a ${noun}`);
  };
}

const HOSTNAME_LENGTH_MAX = 255;

function checkHostname(value: Bytes): void {
  if (value.length > HOSTNAME_LENGTH_MAX) throw new InvalidParameter('Hostnames must be less than 256 characters');
  if (!/^[a-z0-9.-]*$/i.test(value)) {
    throw new InvalidParameter('Hostnames may only contain alphanumeric characters, hyphens or dots');
  }
}

const persistence: Parameter[] = [
  special('save', savePoints, '3600 1 300 100 60 10000', { multi: true }),
  label('dbfilename', 'dump.rdb', { protected: true, check: baseName('dbfilename', 'filename', true) }),
  flag('rdbchecksum', 'yes', { immutable: true }),
  flag('rdbcompression', 'yes'),
  flag('rdb-del-sync-files', 'no', { inert: 'the file of a full sync has no name, and is gone with it' }),
  flag('rdb-save-incremental-fsync', 'yes', ofOneProcess),
  number('rdb-key-save-delay', 0, { min: INT_MIN }, { hidden: true }),
  number('key-load-delay', 0, { min: INT_MIN }, { hidden: true }),
  number(
    'loading-process-events-interval-bytes',
    2_097_152,
    { min: 1024, max: INT_MAX },
    { hidden: true, inert: 'others are served after every 256 KiB that are loaded' },
  ),
  choice('sanitize-dump-payload', 'no', ['no', 'yes', 'clients'], {
    inert: 'payloads and files are always checked in full',
  }),
  flag('stop-writes-on-bgsave-error', 'yes'),
  flag('appendonly', 'no', { fixedWhileLoading: true }),
  label('appendfilename', 'appendonly.aof', {
    immutable: true,
    check: baseName('appendfilename', 'filename', false),
  }),
  label('appenddirname', 'appendonlydir', {
    immutable: true,
    check: baseName('appenddirname', 'dirname', false),
  }),
  choice('appendfsync', 'everysec', ['everysec', 'always', 'no']),
  flag('no-appendfsync-on-rewrite', 'no', { inert: 'a rewrite does not hold up the log' }),
  number('auto-aof-rewrite-percentage', 100, {}),
  number('auto-aof-rewrite-min-size', 67_108_864, bytes),
  flag('aof-load-truncated', 'yes'),
  flag('aof-use-rdb-preamble', 'yes'),
  flag('aof-timestamp-enabled', 'no'),
  flag('aof-disable-auto-gc', 'no', {
    hiddenSince: '7.2.0',
    inert: 'old files of a log are deleted once they are not needed',
  }),
  flag('aof-rewrite-incremental-fsync', 'yes', ofOneProcess),
  name('aof_rewrite_cpulist', { ...dashed('aof-rewrite-cpulist'), immutable: true, ...ofOneProcess }),
  name('bgsave_cpulist', { ...dashed('bgsave-cpulist'), immutable: true, ...ofOneProcess }),
];

const replication: Parameter[] = [
  special('replicaof', primaryAddress, '', { alias: 'slaveof', immutable: true, multi: true }),
  name('masterauth', { sensitive: true }),
  name('masteruser', { sensitive: true }),
  flag('replica-read-only', 'yes', { alias: 'slave-read-only' }),
  flag('replica-serve-stale-data', 'yes', { alias: 'slave-serve-stale-data' }),
  flag('replica-lazy-flush', 'no', {
    alias: 'slave-lazy-flush',
    inert: 'old data are dropped at once, without a look at each key',
  }),
  flag('replica-ignore-maxmemory', 'yes', { alias: 'slave-ignore-maxmemory' }),
  flag('replica-ignore-disk-write-errors', 'no', {
    inert: 'a replica carries out what its primary did, whether it can be written to disk or not',
  }),
  flag('replica-announced', 'yes'),
  name('replica-announce-ip', { alias: 'slave-announce-ip' }),
  number('replica-announce-port', 0, { max: 65535 }, { alias: 'slave-announce-port' }),
  number('replica-priority', 100, {}, { alias: 'slave-priority' }),
  number('min-replicas-to-write', 0, {}, { alias: 'min-slaves-to-write', binding: asNumber('minReplicasToWrite') }),
  number('min-replicas-max-lag', 10, {}, { alias: 'min-slaves-max-lag', binding: asNumber('minReplicasMaxLag') }),
  number('repl-timeout', 60, { min: 1 }),
  number('repl-ping-replica-period', 10, { min: 1 }, { alias: 'repl-ping-slave-period' }),
  number('repl-backlog-size', 1_048_576, { ...bytes, min: 1 }, { clamp: [16_384, Infinity] }),
  number('repl-backlog-ttl', 3600, { max: LONG_MAX }),
  flag('repl-disable-tcp-nodelay', 'no', { inert: 'the stream is sent once per turn: there is nothing to be delayed' }),
  flag('repl-diskless-sync', 'yes'),
  number('repl-diskless-sync-delay', 5, {}),
  number('repl-diskless-sync-max-replicas', 0, {}),
  since(
    '8.0.0',
    number('replica-full-sync-buffer-limit', 0, bytes, { inert: 'a full sync goes on before it is read' }),
  ),
  choice('repl-diskless-load', 'disabled', ['disabled', 'on-empty-db', 'swapdb'], { fixedWhileLoading: true }),
];

const cluster: Parameter[] = [
  flag('cluster-enabled', 'no', { immutable: true }),
  label('cluster-config-file', 'nodes.conf', {
    immutable: true,
    inert: 'a node keeps no file about its cluster: it is its only node',
  }),
  number('cluster-port', 0, { max: 65535 }, { immutable: true }),
  number('cluster-node-timeout', 15_000, { max: LONG_MAX }, clustered),
  number('cluster-migration-barrier', 1, {}, clustered),
  number('cluster-link-sendbuf-limit', 0, { max: ULONG_MAX, unit: 'memory', unsigned: true }, clustered),
  number('cluster-replica-validity-factor', 10, {}, { alias: 'cluster-slave-validity-factor', ...clustered }),
  flag('cluster-replica-no-failover', 'no', { alias: 'cluster-slave-no-failover', ...clustered }),
  since('8.2.0', flag('cluster-slot-stats-enabled', 'no', { binding: asFlag('slotStats') })),
  flag('cluster-require-full-coverage', 'yes'),
  flag('cluster-allow-reads-when-down', 'no'),
  flag('cluster-allow-pubsubshard-when-down', 'yes'),
  flag('cluster-allow-replica-migration', 'yes', clustered),
  name('cluster-announce-ip'),
  number('cluster-announce-port', 0, { max: 65535 }),
  number('cluster-announce-bus-port', 0, { max: 65535 }),
  number('cluster-announce-tls-port', 0, { max: 65535 }, clustered),
  name('cluster-announce-hostname', { check: checkHostname }),
  since('7.2.0', name('cluster-announce-human-nodename', clustered)),
  since('8.0.0', number('cluster-compatibility-sample-ratio', 0, { max: 100 }, clustered)),
  choice('cluster-preferred-endpoint-type', 'ip', ['ip', 'hostname', 'unknown-endpoint']),
];

export const copyParameters: readonly Parameter[] = [...persistence, ...replication, ...cluster];
