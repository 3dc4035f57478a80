import { LONG_MAX, ULONG_MAX } from './config-kind.js';
import {
  asFlag,
  asLimit,
  asNumber,
  asText,
  type Binding,
  choice,
  flag,
  label,
  number,
  type Parameter,
  since,
  special,
} from './config-parameter.js';
import { notifyEvents, percentiles } from './config-special.js';

const ofMalloc = 'memory is managed by V8, not by jemalloc';
const ofOneThread = 'values are freed by the garbage collector and in one step, never by another thread';
const ofScripting = 'what is deprecated is not offered';

const INT_MIN = -(2n ** 31n);
const size = { max: LONG_MAX, unsigned: true } as const;
const bytes = { ...size, unit: 'memory' } as const;

const percentilesBinding: Binding = {
  read: (settings) => settings.latencyPercentiles.join(' '),
  write: (settings, value) => {
    settings.latencyPercentiles = value === '' ? [] : value.split(' ').map(Number);
  },
};

const clientsMemory: Binding = {
  read: ({ maxmemoryClients }) => (maxmemoryClients < 0 ? `${-maxmemoryClients}%` : String(maxmemoryClients)),
  write: (settings, value) => {
    settings.maxmemoryClients = value.endsWith('%') ? -Number(value.slice(0, -1)) : Number(value);
  },
};

/** Memory and eviction. */
const memory: Parameter[] = [
  number('maxmemory', 0, { max: ULONG_MAX, unit: 'memory', unsigned: true }, { binding: asNumber('maxmemory') }),
  choice(
    'maxmemory-policy',
    'noeviction',
    [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ],
    { binding: asText('maxmemoryPolicy') },
  ),
  number('maxmemory-samples', 5, { min: 1 }, { binding: asNumber('maxmemorySamples') }),
  number(
    'maxmemory-eviction-tenacity',
    10,
    { max: 100 },
    { inert: 'a command that needs room always evicts as much as it takes' },
  ),
  number(
    'maxmemory-clients',
    0,
    { min: -100, max: LONG_MAX, unit: 'memory', percent: true },
    { binding: clientsMemory },
  ),
  number('lfu-log-factor', 10, {}, { binding: asNumber('lfuLogFactor') }),
  number('lfu-decay-time', 1, {}, { binding: asNumber('lfuDecayTime') }),
  flag('lazyfree-lazy-eviction', 'no', { inert: ofOneThread }),
  flag('lazyfree-lazy-expire', 'no', { inert: ofOneThread }),
  flag('lazyfree-lazy-server-del', 'no', { inert: ofOneThread }),
  flag('lazyfree-lazy-user-del', 'no', { binding: asFlag('lazyfreeLazyUserDel'), inert: ofOneThread }),
  flag('lazyfree-lazy-user-flush', 'no', { inert: ofOneThread }),
  flag('jemalloc-bg-thread', 'yes', { inert: ofMalloc }),
  flag('activedefrag', 'no', { inert: ofMalloc }),
  number('active-defrag-cycle-min', 1, { min: 1, max: 99 }, { inert: ofMalloc }),
  number('active-defrag-cycle-max', 25, { min: 1, max: 99 }, { inert: ofMalloc }),
  number('active-defrag-threshold-lower', 10, { max: 1000 }, { inert: ofMalloc }),
  number('active-defrag-threshold-upper', 100, { max: 1000 }, { inert: ofMalloc }),
  number('active-defrag-max-scan-fields', 1000, { min: 1, max: LONG_MAX }, { inert: ofMalloc }),
  number('active-defrag-ignore-bytes', 104_857_600, { ...bytes, min: 1 }, { inert: ofMalloc }),
];

/** When compact encodings give way to large ones. */
const encodings: Parameter[] = [
  number('hash-max-listpack-entries', 512, size, {
    alias: 'hash-max-ziplist-entries',
    binding: asLimit('hashMaxListpackEntries'),
  }),
  number('hash-max-listpack-value', 64, bytes, {
    alias: 'hash-max-ziplist-value',
    binding: asLimit('hashMaxListpackValue'),
  }),
  number('set-max-intset-entries', 512, size, { binding: asLimit('setMaxIntsetEntries') }),
  since('7.2.0', number('set-max-listpack-entries', 128, size, { binding: asLimit('setMaxListpackEntries') })),
  since('7.2.0', number('set-max-listpack-value', 64, bytes, { binding: asLimit('setMaxListpackValue') })),
  number('zset-max-listpack-entries', 128, size, {
    alias: 'zset-max-ziplist-entries',
    binding: asLimit('zsetMaxListpackEntries'),
  }),
  number('zset-max-listpack-value', 64, bytes, {
    alias: 'zset-max-ziplist-value',
    binding: asLimit('zsetMaxListpackValue'),
  }),
  number(
    'list-max-listpack-size',
    -2,
    { min: INT_MIN },
    { alias: 'list-max-ziplist-size', binding: asLimit('listMaxListpackSize') },
  ),
  number('list-compress-depth', 0, {}, { inert: 'list nodes are not compressed' }),
  number('hll-sparse-max-bytes', 3000, bytes, { binding: asNumber('hllSparseMaxBytes') }),
  number('stream-node-max-bytes', 4096, bytes, { binding: asLimit('streamNodeMaxBytes') }),
  number('stream-node-max-entries', 100, { max: LONG_MAX }, { binding: asLimit('streamNodeMaxEntries') }),
];

/** What happens beside the commands: expiry, events, measurements. */
const work: Parameter[] = [
  number('databases', 16, { min: 1 }, { immutable: true }),
  number('hz', 10, {}, { clamp: [1, 500], binding: asNumber('hz') }),
  flag('dynamic-hz', 'yes', { inert: 'idle clients cost no periodic work, so hz need not follow their number' }),
  number('active-expire-effort', 1, { min: 1, max: 10 }, { binding: asNumber('activeExpireEffort') }),
  flag('activerehashing', 'yes', { inert: 'tables always finish their growth in idle time' }),
  special('notify-keyspace-events', notifyEvents, '0', { binding: asNumber('notifyFlags') }),
  number('slowlog-log-slower-than', 10_000, { min: -1, max: LONG_MAX }, { binding: asNumber('slowlogLogSlowerThan') }),
  number('slowlog-max-len', 128, { max: LONG_MAX }, { binding: asNumber('slowlogMaxLen') }),
  number('latency-monitor-threshold', 0, { max: LONG_MAX }, { binding: asNumber('latencyMonitorThreshold') }),
  flag('latency-tracking', 'yes', { binding: asFlag('latencyTracking') }),
  special('latency-tracking-info-percentiles', percentiles, '50 99 99.9', { multi: true, binding: percentilesBinding }),
  number('tracking-table-max-keys', 1_000_000, size, { binding: asNumber('trackingTableMaxKeys') }),
  number(
    'busy-reply-threshold',
    5000,
    { max: LONG_MAX },
    { alias: 'lua-time-limit', binding: asNumber('busyReplyThreshold') },
  ),
  flag('lua-enable-deprecated-api', 'no', { immutable: true, hidden: true, inert: ofScripting }),
  choice('propagation-error-behavior', 'ignore', ['ignore', 'panic', 'panic-on-replicas'], {
    inert: 'there is no replication yet',
  }),
  label('ignore-warnings', '', { inert: 'the warnings of Redis about its platform do not occur' }),
  number('watchdog-period', 0, {}, { hidden: true, inert: 'there is no software watchdog' }),
];

export const dataParameters: readonly Parameter[] = [...memory, ...encodings, ...work];
