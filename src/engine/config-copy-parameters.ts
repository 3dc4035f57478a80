import type { Bytes } from '../core/bytes.js';
import { INT_MAX, InvalidParameter, LONG_MAX, ULONG_MAX } from './config-kind.js';
import { asNumber, choice, flag, label, name, number, type Parameter, special } from './config-parameter.js';
import { primaryAddress, savePoints } from './config-special.js';

/** Parameters about copies of the data: files, replicas, cluster nodes. */
const ofReplication = 'there is no replication yet';
const ofCluster = 'there is no cluster mode yet';

const INT_MIN = -(2n ** 31n);
const bytes = { max: LONG_MAX, unit: 'memory' } as const;
const ofOneProcess = {
  inert: 'files are written by the process itself, a chunk at a time: there is no child to be told',
} as const;
const ofDelays = { inert: 'loading and saving are not slowed down for tests' } as const;
const replicated = { inert: ofReplication } as const;
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
  flag('rdb-del-sync-files', 'no', { inert: ofReplication }),
  flag('rdb-save-incremental-fsync', 'yes', ofOneProcess),
  number('rdb-key-save-delay', 0, { min: INT_MIN }, { hidden: true, ...ofDelays }),
  number('key-load-delay', 0, { min: INT_MIN }, { hidden: true, ...ofDelays }),
  number(
    'loading-process-events-interval-bytes',
    2_097_152,
    { min: 1024, max: INT_MAX },
    { hidden: true, inert: 'nothing is served while data are loaded' },
  ),
  choice('sanitize-dump-payload', 'no', ['no', 'yes', 'clients'], {
    inert: 'payloads and files are always checked in full',
  }),
  flag('stop-writes-on-bgsave-error', 'yes'),
  flag('appendonly', 'no'),
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
  flag('aof-use-rdb-preamble', 'yes', { inert: 'the base of a log is always a snapshot' }),
  flag('aof-timestamp-enabled', 'no'),
  flag('aof-disable-auto-gc', 'no', { inert: 'old files of a log are deleted once they are not needed' }),
  flag('aof-rewrite-incremental-fsync', 'yes', ofOneProcess),
  name('aof_rewrite_cpulist', { immutable: true, ...ofOneProcess }),
  name('bgsave_cpulist', { immutable: true, ...ofOneProcess }),
];

const replication: Parameter[] = [
  special('replicaof', primaryAddress, '', { alias: 'slaveof', immutable: true, multi: true, ...replicated }),
  name('masterauth', { sensitive: true, ...replicated }),
  name('masteruser', { sensitive: true, ...replicated }),
  flag('replica-read-only', 'yes', { alias: 'slave-read-only', ...replicated }),
  flag('replica-serve-stale-data', 'yes', { alias: 'slave-serve-stale-data', ...replicated }),
  flag('replica-lazy-flush', 'no', { alias: 'slave-lazy-flush', ...replicated }),
  flag('replica-ignore-maxmemory', 'yes', { alias: 'slave-ignore-maxmemory', ...replicated }),
  flag('replica-ignore-disk-write-errors', 'no', replicated),
  flag('replica-announced', 'yes', replicated),
  name('replica-announce-ip', { alias: 'slave-announce-ip', ...replicated }),
  number('replica-announce-port', 0, { max: 65535 }, { alias: 'slave-announce-port', ...replicated }),
  number('replica-priority', 100, {}, { alias: 'slave-priority', ...replicated }),
  number('min-replicas-to-write', 0, {}, { alias: 'min-slaves-to-write', binding: asNumber('minReplicasToWrite') }),
  number('min-replicas-max-lag', 10, {}, { alias: 'min-slaves-max-lag', binding: asNumber('minReplicasMaxLag') }),
  number('repl-timeout', 60, { min: 1 }, replicated),
  number('repl-ping-replica-period', 10, { min: 1 }, { alias: 'repl-ping-slave-period', ...replicated }),
  number('repl-backlog-size', 1_048_576, { ...bytes, min: 1 }, { clamp: [16_384, Infinity], ...replicated }),
  number('repl-backlog-ttl', 3600, { max: LONG_MAX }, replicated),
  flag('repl-disable-tcp-nodelay', 'no', replicated),
  flag('repl-diskless-sync', 'yes', replicated),
  number('repl-diskless-sync-delay', 5, {}, replicated),
  number('repl-diskless-sync-max-replicas', 0, {}, replicated),
  choice('repl-diskless-load', 'disabled', ['disabled', 'on-empty-db', 'swapdb'], replicated),
];

const cluster: Parameter[] = [
  flag('cluster-enabled', 'no', { immutable: true, ...clustered }),
  label('cluster-config-file', 'nodes.conf', { immutable: true, ...clustered }),
  number('cluster-port', 0, { max: 65535 }, { immutable: true, ...clustered }),
  number('cluster-node-timeout', 15_000, { max: LONG_MAX }, clustered),
  number('cluster-migration-barrier', 1, {}, clustered),
  number('cluster-link-sendbuf-limit', 0, { max: ULONG_MAX, unit: 'memory', unsigned: true }, clustered),
  number('cluster-replica-validity-factor', 10, {}, { alias: 'cluster-slave-validity-factor', ...clustered }),
  flag('cluster-replica-no-failover', 'no', { alias: 'cluster-slave-no-failover', ...clustered }),
  flag('cluster-require-full-coverage', 'yes', clustered),
  flag('cluster-allow-reads-when-down', 'no', clustered),
  flag('cluster-allow-pubsubshard-when-down', 'yes', clustered),
  flag('cluster-allow-replica-migration', 'yes', clustered),
  name('cluster-announce-ip', clustered),
  number('cluster-announce-port', 0, { max: 65535 }, clustered),
  number('cluster-announce-bus-port', 0, { max: 65535 }, clustered),
  number('cluster-announce-tls-port', 0, { max: 65535 }, clustered),
  name('cluster-announce-hostname', { check: checkHostname, ...clustered }),
  choice('cluster-preferred-endpoint-type', 'ip', ['ip', 'hostname', 'unknown-endpoint'], clustered),
];

export const copyParameters: readonly Parameter[] = [...persistence, ...replication, ...cluster];
