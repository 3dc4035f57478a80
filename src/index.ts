export type { BackendStats, CallOptions } from './backend/backend.js';
export type { Pipeline, Settled } from './backend/batch.js';
export {
  type AnyCodec,
  type BytesCodec,
  type Codec,
  type Decoded,
  jsonCodec,
  type TextCodec,
} from './backend/codec.js';
export type { Each } from './backend/each.js';
export type { BackendEvents, RepairProgress } from './backend/events.js';
export type { Commands } from './backend/facade.gen.js';
export { Redis, type Reserved, type Watched } from './backend/facade.js';
export type { Library, LibraryFunctions } from './backend/library.js';
export type { MessageOptions, MessageStream } from './backend/message-stream.js';
export type { Gap, Message, MessageListener, Subscriber, Subscription } from './backend/messages.js';
export type { MonitorEntry, MonitorStream } from './backend/monitor.js';
export type { GetMessageOptions, PubSub, PubSubEvent, SubscriptionChange } from './backend/pubsub.js';
export type { BufferOptions, GapReason, Overflow } from './backend/push-buffer.js';
export type { StreamOptions } from './backend/push-stream.js';
export type { ScanOptions } from './backend/scan.js';
export {
  type Answer,
  type AsReplied,
  type Bound,
  type Callee,
  type CalleeOptions,
  defineScript,
  type Keys,
  type Script,
  type ScriptDefinition,
  type ScriptReplies,
} from './backend/script.js';
export type {
  Arg,
  GeoUnit,
  IntArg,
  NumberArg,
  Pairs,
  Places,
  ReplyValue,
  ScorePairs,
  TextView,
  View,
  ViewOptions,
  ViewWith,
} from './backend/view.js';
export type { Address, AddressMap } from './client/address.js';
export type { CacheOptions } from './client/caching.js';
export type { ClientOptions, Credentials, HostOption, ReadFrom, TopologyOptions } from './client/client-options.js';
export type { ClusterReadFrom } from './client/cluster/cluster-options.js';
export type { CredentialsProvider } from './client/credentials.js';
export type { SlowCommand } from './client/tally.js';
export type { ClientInfo } from './commands/client-info.js';
export type {
  ClusterNode,
  ClusterShard,
  ClusterShardNode,
  ClusterSlots,
  ClusterSlotsNode,
} from './commands/cluster-reply.js';
export type {
  SentinelInstance,
  SentinelMaster,
  SentinelPeer,
  SentinelReplica,
} from './commands/sentinel-reply.js';
export { AppClock, type Clock, type ClockName, ManualClock, systemClock } from './core/clock.js';
export type { Applied, ErrorDetails } from './core/errors.js';
export {
  AuthError,
  BusyLoadingError,
  ClosedError,
  ConnectionError,
  CrossSlotError,
  DataError,
  InvalidClusterCommandError,
  KeyspanError,
  PipelineError,
  ProtocolError,
  QueueFullError,
  ReadOnlyError,
  ReplyError,
  TimeoutError,
  UnsupportedError,
  WatchError,
} from './core/errors.js';
export { type OpenOptions, open } from './open.js';
export type { MirrorSource, NodePlace, NodeSource, OpenNode, RingSource, UrlNode } from './open-nodes.js';
export type { HashName } from './sharding/hash-ring.js';
export type { MirrorOptions } from './sharding/mirror.js';
export type { HealthOptions } from './sharding/node.js';
export type { RingOptions } from './sharding/ring.js';
