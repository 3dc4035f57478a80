import { installAsyncLanes } from './backend/async-lanes.js';
import { Redis } from './backend/facade.js';
import { SyncRedis } from './backend/sync-facade.js';
import { NEWEST_VERSION } from './commands/version.js';
import type { Clock, ClockName } from './core/clock.js';
import { Engine, type EngineOptions } from './engine/engine.js';
import { EngineBackend } from './engine/engine-backend.js';
import { type DataSnapshot, type ForkOptions, letGo } from './engine/fork.js';
import type { TimeSourceOptions } from './engine/time-source.js';
import { Dataset } from './persistence/dataset.js';

export { SyncRedis } from './backend/sync-facade.js';
export { AppClock, type Clock, type ClockName, ManualClock, systemClock } from './core/clock.js';
export { type EffectListener, Engine, type EngineOptions } from './engine/engine.js';
export type { DataSnapshot, ForkOptions } from './engine/fork.js';
export type { TimeSourceOptions } from './engine/time-source.js';
export { Dataset, type DatasetOptions, registerBackend } from './persistence/dataset.js';

/** An in-process engine with two APIs over the same data: `sync` returns values, `async` promises. */
export interface Embedded {
  readonly engine: Engine;
  readonly sync: SyncRedis;
  readonly async: Redis;
  /** Saves, loads, dumps and restores all data; it keeps apart names that are also Redis commands. */
  readonly dataset: Dataset;
  /** Another embedded engine with the same data, without copying; neither sees the other's later changes. */
  fork(options?: ForkOptions): Embedded;
  /** A snapshot of the current data for `rollback`, without copying. */
  snapshot(): DataSnapshot;
  /** Replaces all data by those of a snapshot. Throws DataError if it was taken from another engine. */
  rollback(snapshot: DataSnapshot): void;
  /** Switches to another clock; keys keep their remaining time unless `options` say otherwise. */
  setTimeSource(clock: Clock | ClockName, options?: TimeSourceOptions): void;
  close(): Promise<void>;
}

/**
 * Creates an in-process engine. `clock` and `seed` make it deterministic. On the system clock, and on a custom one,
 * expired keys are also removed in the background; on a clock moved by hand, at each move.
 */
export function embedded(options: EngineOptions = {}): Embedded {
  return around(new Engine({ ...options, serverVersion: options.serverVersion ?? NEWEST_VERSION }));
}

function around(engine: Engine): Embedded {
  installAsyncLanes();
  engine.startCron();
  const backend = new EngineBackend(engine);
  return {
    engine,
    sync: new SyncRedis(backend),
    async: new Redis(backend),
    dataset: new Dataset(engine),
    fork: (options) => around(engine.fork(options)),
    snapshot: () => engine.snapshot(),
    rollback: (snapshot) => engine.rollback(snapshot),
    setTimeSource: (clock, options) => engine.setTimeSource(clock, options),
    async close() {
      await backend.close();
      letGo(engine);
    },
  };
}
