import { Redis } from './backend/facade.js';
import { SyncRedis } from './backend/sync-facade.js';
import { Engine, type EngineOptions } from './engine/engine.js';
import { EngineBackend } from './engine/engine-backend.js';

export { SyncRedis } from './backend/sync-facade.js';
export { type Clock, ManualClock, systemClock } from './core/clock.js';
export { type EffectListener, Engine, type EngineOptions } from './engine/engine.js';

/** An engine in the process with both of its faces: `sync` returns values, `async` promises. Both see the same data. */
export interface Embedded {
  readonly engine: Engine;
  readonly sync: SyncRedis;
  readonly async: Redis;
  close(): Promise<void>;
}

/**
 * Makes an engine in the process. `clock` and `seed` make it deterministic.
 * On the system clock expired keys are also removed in the background; a clock of your own is read at each command.
 */
export function embedded(options: EngineOptions = {}): Embedded {
  const engine = new Engine(options);
  engine.startCron();
  const backend = new EngineBackend(engine);
  return { engine, sync: new SyncRedis(backend), async: new Redis(backend), close: () => backend.close() };
}
