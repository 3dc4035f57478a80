import type { Backend, Capabilities } from './backend/backend.js';
import type { Lanes } from './backend/lanes.js';
import { LazyBackend } from './backend/lazy-backend.js';
import { NEWEST_VERSION } from './commands/version.js';
import { checkEngineOptions, type EngineOptions } from './engine/engine-options.js';
import { idleEngineStats } from './engine/engine-stats.js';

interface EngineModules {
  readonly Engine: typeof import('./engine/engine.js').Engine;
  readonly EngineBackend: typeof import('./engine/engine-backend.js').EngineBackend;
}

const capabilities: Capabilities = { transactions: true, blocking: true, pubsub: true };
/** Loaded by the first engine that is used. */
let modules: EngineModules | null = null;

/**
 * An engine in this process. A program that only speaks to servers never loads it: the first one is made by its first
 * call, others when they are opened.
 */
export function openMemory(options: EngineOptions): Backend {
  checkEngineOptions(options);
  return modules === null ? new LateMemory(options) : memoryBackend(modules, options);
}

/** An engine that is not there yet. */
export class LateMemory extends LazyBackend {
  constructor(options: EngineOptions) {
    super(capabilities, async () => memoryBackend(await loadEngine(), options), idleEngineStats);
  }

  /** Whether it has yet to be loaded. */
  get isLate(): boolean {
    return this.loaded === null;
  }

  get lanes(): Lanes | undefined {
    return this.loaded?.lanes;
  }
}

async function loadEngine(): Promise<EngineModules> {
  const [{ Engine }, { EngineBackend }, { installAsyncLanes }] = await Promise.all([
    import('./engine/engine.js'),
    import('./engine/engine-backend.js'),
    import('./backend/async-lanes.js'),
  ]);
  installAsyncLanes();
  modules = { Engine, EngineBackend };
  return modules;
}

function memoryBackend({ Engine, EngineBackend }: EngineModules, options: EngineOptions): Backend {
  const engine = new Engine({ ...options, serverVersion: options.serverVersion ?? NEWEST_VERSION });
  engine.startCron();
  return new EngineBackend(engine);
}
