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
} from './rdb/load-snapshot.js';
import { Snapshot } from './rdb/snapshot.js';
import type { Journal, SnapshotStorage } from './storage.js';

const cannotSave = new ErrorReply(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, " +
    'because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). ' +
    'Please check the Redis logs for details about the RDB error.',
);

/** After a failure the rules wait so long before they try again. */
const RETRY_MS = 5000;

export interface BackgroundSave {
  readonly startedAt: number;
  readonly snapshot: Snapshot;
  /** Ends it: the file stays as it was. */
  readonly abandon: AbortController;
  /** Changes up to then. */
  readonly dirty: number;
}

/** Saves the data and loads them: SAVE, BGSAVE, the rules of `save`, DEBUG RELOAD. */
export class Saver {
  readonly #engine: Engine;
  /** Null: there is nowhere to save to. */
  storage: SnapshotStorage | null = null;
  journal: Journal | null = null;
  background: BackgroundSave | null = null;
  /** A BGSAVE or a BGREWRITEAOF waits until it may begin. */
  scheduled = false;
  rewriteScheduled = false;
  failed = false;
  saves = 0;
  /** How long the last background save took; −1 before the first. */
  lastSeconds = -1;
  keysLoaded = 0;
  keysExpired = 0;
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
      this.#ended(`Failed saving ${this.storage.name}: ${messageOf(error)}`);
      return false;
    } finally {
      snapshot.close();
    }
    engine.dirty = 0;
    this.#ended(null);
    engine.surroundings.log('notice', 'DB saved on disk');
    return true;
  }

  /** Starts a save beside the commands; false if there is nowhere to save to. */
  saveInBackground(): boolean {
    const engine = this.#engine;
    this.#triedAt = engine.now;
    if (this.storage === null || this.background !== null) return false;
    this.saves++;
    this.scheduled = false;
    const running = {
      startedAt: engine.now,
      snapshot: new Snapshot(engine, { position: engine.replication.position }),
      abandon: new AbortController(),
      dirty: engine.dirty,
    };
    this.background = running;
    engine.surroundings.log('notice', 'Background saving started');
    void this.#run(this.storage, running);
    return true;
  }

  async #run(storage: SnapshotStorage, running: BackgroundSave): Promise<void> {
    const engine = this.#engine;
    let problem: string | null = null;
    try {
      await storage.saveSlowly(running.snapshot.chunks(), running.abandon.signal);
    } catch (error) {
      problem = messageOf(error);
    } finally {
      running.snapshot.close();
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

  /** Gives up a background save. */
  abandon(): void {
    const running = this.background;
    if (running === null) return;
    this.background = null;
    running.abandon.abort();
    running.snapshot.close();
  }

  /** FLUSHALL: what is being saved is gone, and so is what was saved. */
  flushed(): void {
    if (this.background !== null) this.abandon();
    if (this.storage !== null && this.rules.length > 0) this.save();
  }

  /** What SHUTDOWN saves, by the rules or because it is told to; false if it should and cannot. */
  saveBeforeExit({ save, nosave }: { save: boolean; nosave: boolean }): boolean {
    this.abandon();
    if (this.storage === null || nosave || (this.rules.length === 0 && !save)) return true;
    this.#engine.surroundings.log('notice', 'Saving the final RDB snapshot before exiting.');
    return this.save();
  }

  /** Loads what is saved in the place of all data. False if nothing is saved. Throws an RdbError or the host's error. */
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

  /** DEBUG RELOAD: through the storage where there is one, else through memory. Throws what `load` does. */
  reload({ save, flush, merge }: { save: boolean; flush: boolean; merge: boolean }): void {
    const engine = this.#engine;
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

  /** Starts what is due. */
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

  #note({ keysLoaded, keysExpired, functions }: LoadedSnapshot, policy: 'flush' | 'append' | 'replace'): void {
    this.keysLoaded = keysLoaded;
    this.keysExpired = keysExpired;
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
