export type { BackendStats, CallOptions } from './backend/backend.js';
export type { Pipeline, Settled } from './backend/batch.js';
export type { BackendEvents } from './backend/events.js';
export type { Commands } from './backend/facade.gen.js';
export { type Message, Redis, type Subscription, type Watched } from './backend/facade.js';
export type { ScanOptions } from './backend/scan.js';
export type {
  Arg,
  GeoUnit,
  IntArg,
  NumberArg,
  Pairs,
  ReplyValue,
  ScorePairs,
  TextView,
  View,
  ViewOptions,
  ViewWith,
} from './backend/view.js';
export type { ClientOptions } from './client/client-options.js';
export { type Clock, ManualClock, systemClock } from './core/clock.js';
export type { Applied, ErrorDetails } from './core/errors.js';
export {
  AuthError,
  BusyLoadingError,
  ClosedError,
  ConnectionError,
  DataError,
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
