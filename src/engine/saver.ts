import type { Bytes } from '../core/bytes.js';
import { ErrorReply } from '../core/reply.js';
import type { Engine } from './engine.js';
import {
  discardSnapshot,
  installSnapshot,
  type LoadedSnapshot,
  type LoadOptions,
  loadSnapshot,
  mergeSnapshot,
  overlaps,
  SnapshotLoad,
} from './rdb/load-snapshot.js';
import { Snapshot } from './rdb/snapshot.js';
import type { Journal, SnapshotStorage } from './storage.js';

const cannotSave = new ErrorReply(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, " +
    'because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). ' +
    'Please check the Redis logs for details about the RDB error.',
);

/** How long after a failure the rules try again. */
const RETRY_MS = 5000;

export interface BackgroundSave {
  readonly startedAt: number;
  readonly snapshot: Snapshot;
  /** The file, from its beginning. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The number of changes it covers. */
  readonly dirty: number;
  /** Called when it has ended, in any way. */
  over?(): void;
}

/** The progress of loading. */
export interface LoadProgress {
  readonly startedAt: number;
  /** In bytes; 0: unknown. */
  readonly total: number;
  readonly read: number;
  /** The memory that the data took where they were saved; 0 if unknown. */
  readonly usedMemory: number;
}

interface RunningSave extends BackgroundSave {
  /** Aborts it, leaving the old file as it was. */
  readonly abandon: AbortController;
}

/** Saves and loads the data: SAVE, BGSAVE, the rules of `save`, DEBUG RELOAD. */
export class Saver {
  readonly #engine: Engine;
  /** Null: there is no place to save to. */
  storage: SnapshotStorage | null = null;
  journal: Journal | null = null;
  background: RunningSave | null = null;
  /** A BGSAVE or a BGREWRITEAOF waits until it may begin. */
  scheduled = false;
  rewriteScheduled = false;
  failed = false;
  /** Set while data are read from a file, which clients are told. */
  loading: LoadProgress | null = null;
  saves = 0;
  /** Duration of the last background save in seconds; −1 before the first. */
  lastSeconds = -1;
  keysLoaded = 0;
  keysExpired = 0;
  keysEmpty = 0;
  #triedAt = Number.NEGATIVE_INFINITY;
  #rulesText = '';
  #rules: readonly (readonly [seconds: number, changes: number])[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Why writes are refused, or null: the last save failed (`stop-writes-on-bgsave-error`), or the log cannot be written. */
  get denial(): ErrorReply | null {
    if (this.failed && this.rules.length > 0 && this.#engine.config.flag('stop-writes-on-bgsave-error'))
      return cannotSave;
    const problem = this.journal?.problem ?? null;
    return problem === null ? null : new ErrorReply(`MISCONF Errors writing to the AOF file: ${problem}`);
  }

  /** The pairs of `save`. */
  get rules(): readonly (readonly [seconds: number, changes: number])[] {
    const text = this.#engine.config.get('save');
    if (text !== this.#rulesText) {
      const numbers = text.split(' ').map(Number);
      this.#rulesText = text;
      this.#rules = text === '' ? [] : numbers.flatMap((n, i) => (i % 2 === 0 ? [[n, numbers[i + 1]] as const] : []));
    }
    return this.#rules;
  }

  /** Saves at once; false, with a line in the log, if that fails. */
  save(): boolean {
    const engine = this.#engine;
    if (this.storage === null) {
      engine.surroundings.log('warning', 'Cannot save: there is nowhere to save to');
      return false;
    }
    this.saves++;
    const snapshot = new Snapshot(engine, { still: true, position: engine.replication.position });
    try {
      this.storage.save(snapshot.chunks());
    } catch (error) {
      // Only background saves are looked at by those who might write.
      engine.surroundings.log('warning', `Failed saving ${this.storage.name}: ${messageOf(error)}`);
      return false;
    } finally {
      snapshot.close();
    }
    engine.dirty = 0;
    this.#ended(null);
    engine.surroundings.log('notice', 'DB saved on disk');
    return true;
  }

  /** Starts a background save; false if there is nowhere to save to. */
  saveInBackground(): boolean {
    const engine = this.#engine;
    this.#triedAt = engine.now;
    if (this.storage === null || this.background !== null) return false;
    this.scheduled = false;
    const snapshot = new Snapshot(engine, { position: engine.replication.position });
    engine.surroundings.log('notice', `Background saving started by pid ${engine.surroundings.processId}`);
    this.#start(this.storage, { startedAt: engine.now, snapshot, chunks: snapshot.slowly(), dirty: engine.dirty });
    return true;
  }

  /** A full sync that nobody waits for goes on as a save. False if none is wanted: there are no rules, or one runs. */
  takeOver(save: BackgroundSave): boolean {
    if (this.storage === null || this.background !== null || this.rules.length === 0) return false;
    this.#start(this.storage, save);
    return true;
  }

  #start(storage: SnapshotStorage, save: BackgroundSave): void {
    this.saves++;
    this.background = { ...save, abandon: new AbortController() };
    void this.#run(storage, this.background);
  }

  async #run(storage: SnapshotStorage, running: RunningSave): Promise<void> {
    const engine = this.#engine;
    let problem: string | null = null;
    try {
      await storage.saveSlowly(running.chunks, running.abandon.signal);
    } catch (error) {
      problem = messageOf(error);
    } finally {
      running.snapshot.close();
      running.over?.();
    }
    if (this.background === running) this.background = null;
    this.lastSeconds = Math.round((engine.now - running.startedAt) / 1000);
    if (running.abandon.signal.aborted) return;
    if (problem !== null) {
      this.#ended(`Background saving of ${storage.name} failed: ${problem}`);
      return;
    }
    engine.dirty = Math.max(0, engine.dirty - running.dirty);
    this.#ended(null);
    engine.surroundings.log('notice', 'Background saving terminated with success');
  }

  /** Aborts a background save. */
  abandon(): void {
    const running = this.background;
    if (running === null) return;
    this.background = null;
    running.abandon.abort();
    running.snapshot.close();
  }

  /** FLUSHALL: the saved data are deleted as well. */
  flushed(): void {
    if (this.storage !== null && this.rules.length > 0) this.save();
  }

  /** Saves on SHUTDOWN, by the rules or because it is told to; false if it should and cannot. */
  saveBeforeExit({ save, nosave }: { save: boolean; nosave: boolean }): boolean {
    this.abandon();
    if (this.storage === null || nosave || this.loading !== null || (this.rules.length === 0 && !save)) return true;
    this.#engine.surroundings.log('notice', 'Saving the final RDB snapshot before exiting.');
    return this.save();
  }

  /** Loads the saved data, replacing all others. False if nothing is saved. Throws an RdbError or the host's error. */
  load(options: LoadOptions = {}): boolean {
    const chunks = this.storage?.read() ?? null;
    if (chunks === null) return false;
    const expired: [database: number, key: Bytes][] = [];
    const loaded = loadSnapshot(this.#engine, chunks, { ...options, onExpired: (...key) => expired.push(key) });
    this.install(loaded);
    this.#engine.replication.resume(loaded.aux, expired);
    this.#engine.dirty = 0;
    return true;
  }

  /** Like `load`, yielding in between: clients are told that data are loading. */
  async loadSlowly(): Promise<boolean> {
    const engine = this.#engine;
    const chunks = this.storage?.read() ?? null;
    if (chunks === null) return false;
    const expired: [database: number, key: Bytes][] = [];
    const reader = new SnapshotLoad(engine, { onExpired: (...key) => expired.push(key) });
    const progress = { startedAt: engine.now, total: this.storage?.bytes ?? 0, read: 0, usedMemory: 0 };
    this.loading = progress;
    engine.plainChanged();
    try {
      let keys = 0;
      for (const chunk of chunks) {
        reader.feed(chunk.slice());
        progress.read += chunk.length;
        progress.usedMemory = reader.usedMemory;
        const delay_ms = ((reader.keysRead - keys) * engine.config.number('key-load-delay')) / 1000;
        keys = reader.keysRead;
        await new Promise((resolve) => (delay_ms >= 1 ? setTimeout(resolve, delay_ms) : setImmediate(resolve)));
      }
      const loaded = reader.end();
      this.install(loaded);
      engine.replication.resume(loaded.aux, expired);
      engine.dirty = 0;
      return true;
    } finally {
      this.loading = null;
      engine.plainChanged();
    }
  }

  /** DEBUG RELOAD: through the storage where there is one, else through memory. Throws what `load` does. */
  reload({ save, flush, merge }: { save: boolean; flush: boolean; merge: boolean }): void {
    const engine = this.#engine;
    if (this.loading !== null) throw new Error('data are being loaded');
    this.abandon();
    const { storage } = this;
    if (save && storage !== null && !this.save()) throw new Error('the snapshot cannot be saved');
    const chunks =
      storage !== null ? storage.read() : save ? [...new Snapshot(engine, { still: true }).chunks()] : null;
    if (chunks === null) throw new Error('there is no snapshot to load');
    const loaded = loadSnapshot(engine, chunks, { allowDuplicates: merge });
    if (flush) {
      this.install(loaded);
      return;
    }
    if (!merge && overlaps(engine, loaded)) {
      discardSnapshot(loaded);
      throw new Error('a key is in the snapshot and in the data');
    }
    this.#note(loaded, merge ? 'replace' : 'append');
    mergeSnapshot(engine, loaded);
  }

  install(loaded: LoadedSnapshot): void {
    this.#note(loaded, 'flush');
    installSnapshot(this.#engine, loaded);
  }

  /** Starts saves that are due. */
  cron(): void {
    const engine = this.#engine;
    this.journal?.cron();
    if (this.storage === null && this.journal === null) return;
    if (this.background !== null || this.journal?.rewriting) return;
    if (this.rewriteScheduled) {
      this.rewriteScheduled = false;
      this.journal?.rewrite();
    } else if (this.scheduled || this.#isDue(engine.now)) {
      this.saveInBackground();
    }
  }

  #isDue(now: number): boolean {
    const { dirty, lastSaveAt } = this.#engine;
    if (dirty === 0 || this.storage === null || (this.failed && now - this.#triedAt <= RETRY_MS)) return false;
    return this.rules.some(([seconds, changes]) => dirty >= changes && now - lastSaveAt > seconds * 1000);
  }

  #note(loaded: LoadedSnapshot, policy: 'flush' | 'append' | 'replace'): void {
    const { keysLoaded, keysExpired, keysEmpty, functions } = loaded;
    this.keysLoaded = keysLoaded;
    this.keysExpired = keysExpired;
    this.keysEmpty = keysEmpty;
    try {
      this.#engine.scripting.libraries.restore(functions, policy);
    } catch (thrown) {
      throw new Error(
        `the function libraries cannot be loaded: ${thrown instanceof ErrorReply ? thrown.text : thrown}`,
      );
    }
  }

  #ended(problem: string | null): void {
    const engine = this.#engine;
    this.failed = problem !== null;
    if (problem === null) engine.lastSaveAt = engine.now;
    else engine.surroundings.log('warning', problem);
    engine.plainChanged();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
