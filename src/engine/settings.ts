import type { ServerVersion } from '../commands/version.js';
import { defaultEncodingLimits, type EncodingLimits } from './value.js';

export type EvictionPolicy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl';

/** The output limit of a class of clients; 0 is no limit. */
export interface OutputLimit {
  hardBytes: number;
  softBytes: number;
  softSeconds: number;
}

/** Who may use a dangerous feature: nobody, everybody, or local clients. */
export type ProtectedAction = 'no' | 'yes' | 'local';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

/**
 * The parameters that the engine and server act on, in the units they are used in. CONFIG SET writes here;
 * config-table.ts knows the names, defaults, ranges and texts of all of Redis' parameters.
 */
export interface Settings {
  /** The version to emulate, for commands, INFO and HELLO. Fixed once the engine is created. */
  serverVersion: ServerVersion;
  limits: EncodingLimits;
  maxmemory: number;
  maxmemoryPolicy: EvictionPolicy;
  maxmemorySamples: number;
  /** The memory limit of all clients: bytes, negative for a percentage of `maxmemory`, 0 for no limit. */
  maxmemoryClients: number;
  lfuLogFactor: number;
  lfuDecayTime: number;
  hz: number;
  activeExpireEffort: number;
  notifyFlags: number;
  requirepass: string;
  /** How many entries ACL LOG keeps. */
  acllogMaxLen: number;
  /** Whether new users may use all channels. */
  aclPubsubDefault: 'allchannels' | 'resetchannels';
  /** The most keys whose readers are remembered; 0: no limit. */
  trackingTableMaxKeys: number;
  protoMaxBulkLen: number;
  hllSparseMaxBytes: number;
  slowlogLogSlowerThan: number;
  slowlogMaxLen: number;
  latencyMonitorThreshold: number;
  latencyTracking: boolean;
  maxclients: number;
  timeout: number;
  tcpKeepalive: number;
  clientQueryBufferLimit: number;
  protectedMode: boolean;
  outputLimits: { normal: OutputLimit; replica: OutputLimit; pubsub: OutputLimit };
  enableDebugCommand: ProtectedAction;
  enableProtectedConfigs: ProtectedAction;
  enableModuleCommand: ProtectedAction;
  logLevel: LogLevel;
  /** Which percentiles INFO latencystats shows. */
  latencyPercentiles: number[];
  lazyfreeLazyUserDel: boolean;
  /** Writes are refused while fewer replicas keep up; a lag of 0 disables that. */
  minReplicasToWrite: number;
  minReplicasMaxLag: number;
  /** Whether a node of a cluster measures what the commands on each slot cost. */
  slotStats: boolean;
  /** How long a script may run before the server reports being busy, ms; 0: unlimited. */
  busyReplyThreshold: number;
}

export function defaultSettings(): Settings {
  return {
    serverVersion: '7.0',
    limits: defaultEncodingLimits(),
    maxmemory: 0,
    maxmemoryPolicy: 'noeviction',
    maxmemorySamples: 5,
    maxmemoryClients: 0,
    lfuLogFactor: 10,
    lfuDecayTime: 1,
    hz: 10,
    activeExpireEffort: 1,
    notifyFlags: 0,
    requirepass: '',
    acllogMaxLen: 128,
    aclPubsubDefault: 'resetchannels',
    trackingTableMaxKeys: 1_000_000,
    protoMaxBulkLen: 512 * 1024 * 1024,
    hllSparseMaxBytes: 3000,
    slowlogLogSlowerThan: 10_000,
    slowlogMaxLen: 128,
    latencyMonitorThreshold: 0,
    latencyTracking: true,
    maxclients: 10_000,
    timeout: 0,
    tcpKeepalive: 300,
    clientQueryBufferLimit: 1024 * 1024 * 1024,
    protectedMode: true,
    outputLimits: {
      normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
      replica: { hardBytes: 268_435_456, softBytes: 67_108_864, softSeconds: 60 },
      pubsub: { hardBytes: 33_554_432, softBytes: 8_388_608, softSeconds: 60 },
    },
    enableDebugCommand: 'no',
    enableProtectedConfigs: 'no',
    enableModuleCommand: 'no',
    logLevel: 'notice',
    latencyPercentiles: [50, 99, 99.9],
    lazyfreeLazyUserDel: false,
    minReplicasToWrite: 0,
    minReplicasMaxLag: 10,
    slotStats: false,
    busyReplyThreshold: 5000,
  };
}

/** The settings of a version, with the given overrides. */
export function settingsFor(version: ServerVersion | undefined, chosen: Partial<Settings> = {}): Settings {
  return { ...defaultSettings(), ...chosen, ...(version === undefined ? {} : { serverVersion: version }) };
}
