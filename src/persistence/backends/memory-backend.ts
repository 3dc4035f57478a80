import { DataError } from '../../core/errors.js';
import type { Engine } from '../../engine/engine.js';
import { DataSnapshot } from '../../engine/fork.js';
import type { DatasetBackend } from './backend.js';

/** Keeps data in the process, by name, copied on write. Only an engine and its forks can share them. */
export class MemoryBackend implements DatasetBackend<DataSnapshot> {
  readonly extension = 'memory';
  readonly #kept = new Map<string, DataSnapshot>();

  dump(engine: Engine): DataSnapshot {
    return new DataSnapshot(engine);
  }

  restore(engine: Engine, data: DataSnapshot): void {
    if (!(data instanceof DataSnapshot)) throw new DataError('expected a snapshot returned by dump()');
    data.restoreTo(engine);
  }

  async save(path: string, engine: Engine): Promise<void> {
    this.#kept.get(path)?.release();
    this.#kept.set(path, new DataSnapshot(engine));
  }

  async load(path: string, engine: Engine): Promise<boolean> {
    const kept = this.#kept.get(path);
    kept?.restoreTo(engine);
    return kept !== undefined;
  }
}
