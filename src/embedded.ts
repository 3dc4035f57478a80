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

/** An engine in the process with both of its faces: `sync` returns values, `async` promises. Both see the same data. */
export interface Embedded {
  readonly engine: Engine;
  readonly sync: SyncRedis;
  readonly async: Redis;
  /** All data, to be saved, loaded, dumped and restored: names that are commands of Redis mean the dataset here. */
  readonly dataset: Dataset;
  /** Another embedded engine with the same data, in no time; neither sees what the other does from then on. */
  fork(options?: ForkOptions): Embedded;
  /** The data as they are now, in no time, for `rollback`. */
  snapshot(): DataSnapshot;
  /** Has the data of a snapshot in the place of all others. Throws DataError if it is of another engine. */
  rollback(snapshot: DataSnapshot): void;
  /** Takes the time from another clock from now on; keys keep the rest of their time, unless `options` say otherwise. */
  setTimeSource(clock: Clock | ClockName, options?: TimeSourceOptions): void;
  close(): Promise<void>;
}

/**
 * Makes an engine in the process. `clock` and `seed` make it deterministic.
 * On the system clock, and one of your own, expired keys are also removed in the background; on a clock that is moved by
 * hand, at each move.
 */
export function embedded(options: EngineOptions = {}): Embedded {
  return around(new Engine({ ...options, serverVersion: options.serverVersion ?? NEWEST_VERSION }));
}

function around(engine: Engine): Embedded {
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
