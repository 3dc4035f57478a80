import { resolve } from 'node:path';
import type { Engine } from '../engine/engine.js';
import { AppendLog } from '../persistence/aof/append-log.js';
import { namingFileSoon } from '../persistence/persistence-error.js';
import { SnapshotFile } from '../persistence/snapshot-file.js';

/** The files that a server keeps its data in, by its configuration: `dir`, `dbfilename`, `appendonly` and their kin. */
export class DataFiles {
  readonly #engine: Engine;
  readonly #log: AppendLog;

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.saver.storage = new SnapshotFile(() => resolve(engine.config.get('dbfilename')));
    const { config } = engine;
    this.#log = new AppendLog(engine, resolve(config.get('appenddirname')), config.get('appendfilename'));
    // Even when turned off it can be written and read by BGREWRITEAOF and DEBUG LOADAOF.
    engine.saver.journal = this.#log;
    config.onChange('appendonly', (value) => (value === 'yes' ? this.#startLog() : this.#stopLog()));
  }

  /** Loads the append-only file if enabled, else the snapshot. Throws PersistenceError, or the system's error. */
  async load(): Promise<void> {
    const { config, saver, surroundings, now } = this.#engine;
    if (config.flag('appendonly')) {
      this.#log.open();
      return;
    }
    const { storage } = saver;
    if (!(await namingFileSoon(storage!.name, () => saver.loadSlowly()))) return;
    surroundings.log(
      'notice',
      `Done loading RDB, keys loaded: ${saver.keysLoaded}, keys expired: ${saver.keysExpired}${saver.keysEmpty > 0 ? `, empty keys skipped: ${saver.keysEmpty}` : ''}.`,
    );
    surroundings.log('notice', `DB loaded from disk: ${((this.#engine.now - now) / 1000).toFixed(3)} seconds`);
  }

  async close(): Promise<void> {
    await this.#log.stop();
  }

  /** CONFIG SET appendonly yes: starts a new log from the current data. */
  #startLog(): string | null {
    if (this.#log.enabled) return null;
    try {
      this.#log.restart();
    } catch (error) {
      this.#engine.surroundings.log('warning', `Cannot turn on the append only file: ${String(error)}`);
      return 'Unable to turn on AOF. Check server logs.';
    }
    return null;
  }

  #stopLog(): null {
    void this.close();
    return null;
  }
}
