import { KeyspanError } from './core/errors.js';
import { Redis } from './backend/facade.js';
import type { ViewOptions } from './backend/view.js';
import { Engine, type EngineOptions } from './engine/engine.js';
import { EngineBackend } from './engine/engine-backend.js';

export type { Applied, ErrorDetails } from './core/errors.js';
export { ClosedError, DataError, KeyspanError, PipelineError, ProtocolError, ReplyError, UnsupportedError, WatchError } from './core/errors.js';
export { type Clock, ManualClock, systemClock } from './core/clock.js';
export type { Pipeline, Settled } from './backend/batch.js';
export type { Commands } from './backend/facade.gen.js';
export { type Message, Redis, type Subscription, type Watched } from './backend/facade.js';
export type { ScanOptions } from './backend/scan.js';
export type { Arg, NumberArg, Pairs, ReplyValue, ScorePairs, TextView, View, ViewOptions, ViewWith } from './backend/view.js';

/** How `open` makes an engine in the process. */
export interface OpenOptions extends EngineOptions, ViewOptions {}

/**
 * Opens a Redis by URL and returns its API. Nothing is connected before the first command.
 *
 * `memory:` is an engine of its own in this process, empty at the start and gone with `close()`.
 *
 * Throws KeyspanError for a URL of another kind.
 */
export function open(url = 'memory:', options: OpenOptions = {}): Redis {
  if (url !== 'memory:') {
    throw new KeyspanError(`cannot open '${schemeOf(url)}': expected memory:`);
  }
  const engine = new Engine(options);
  engine.startCron();
  return new Redis(new EngineBackend(engine), options) as Redis;
}

/** The scheme alone: the rest of a URL may hold a password. */
function schemeOf(url: string): string {
  const colon = url.indexOf(':');
  return colon < 0 ? url : url.slice(0, colon + 1);
}
