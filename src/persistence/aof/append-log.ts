import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ReplyError } from '../../core/errors.js';
import type { Engine } from '../../engine/engine.js';
import { Snapshot } from '../../engine/rdb/snapshot.js';
import type { Journal } from '../../engine/storage.js';
import { type Disk, makeFolders, systemDisk } from '../disk.js';
import { isTemporary, PreparedFile, replaceFile, replaceFileSlowly } from '../durable-file.js';
import { type LoadedLog, loadLog } from './load-log.js';
import { LogWriter, type SyncPolicy } from './log-writer.js';
import { emptyManifest, formatManifest, type LogFile, type Manifest, parseManifest } from './manifest.js';
import { RewriteTally } from './rewrite-tally.js';

const SYNC_MS = 1000;
/** How long after a failure a new log is attempted. */
const RETRY_MS = 5000;

/**
 * An append-only log as Redis 7 keeps it: a folder with a base file (all data at one moment), files with the changes
 * since, and a manifest that tells which count. Every step leaves a folder that loads:
 *
 *     rewrite:  new increment, empty → manifest names it → new base → manifest: new base, new increments → old files go
 *
 * A file is on the disk before the manifest names it, and an increment is whole before the next one begins.
 */
export class AppendLog implements Journal {
  readonly #engine: Engine;
  readonly #folder: string;
  readonly #name: string;
  readonly #disk: Disk;
  #manifest: Manifest = emptyManifest;
  #writer: LogWriter | null = null;
  #rewrite: Promise<void> | null = null;
  /** Calls a rewrite off. */
  #abandon = new AbortController();
  /** The new base of a rewrite is there: it is brought to its end. */
  #finishing = false;
  readonly tally = new RewriteTally();
  #syncedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  changes = 0;
  /** The last change up to which all are as durable as the policy requires. */
  #committed = 0;
  /** Resolves at the end of this turn, for those waiting for it. */
  #turnEnd: Promise<void> | null = null;
  /** Size of the log after the last rewrite; 0 while unknown. */
  #shortBytes = 0;
  /** Whether changes are logged with the time (`aof-timestamp-enabled`). */
  #timed = false;
  #olderBytes = 0;

  /** `folder` holds the log; `name` is the prefix of its files (`appendfilename`). */
  constructor(engine: Engine, folder: string, name: string, disk: Disk = systemDisk) {
    this.#engine = engine;
    this.#folder = folder;
    this.#name = name;
    this.#disk = disk;
  }

  get rewriting(): boolean {
    return this.#rewrite !== null;
  }

  get enabled(): boolean {
    return this.#writer !== null;
  }

  get problem(): string | null {
    return this.#writer?.problem ?? null;
  }

  /** Total size of the files in use. */
  get bytes(): number {
    return this.#olderBytes + (this.#writer?.bytes ?? 0);
  }

  get shortBytes(): number {
    return this.#shortBytes;
  }

  /** Whether there is a log to load. */
  get exists(): boolean {
    return existsSync(this.#manifestPath) || existsSync(this.#singleFile);
  }

  /**
   * Loads the log, replacing all data, or starts one with the current data; from then on changes are logged. Throws
   * PersistenceError, or the system's error.
   */
  open(): void {
    if (this.exists) this.load();
    else makeFolders(this.#folder, this.#disk);
    this.start();
  }

  /** Loads the log, replacing all data. */
  load(): void {
    if (!existsSync(this.#manifestPath)) this.#adoptSingleFile();
    this.#manifest = this.#readManifest();
    this.#finishAdoption();
    const { commands } = this.#loadAll();
    this.#engine.dirty = 0;
    this.#engine.surroundings.log('notice', `DB loaded from append only file: ${commands} commands`);
  }

  /** Logs changes from now on. Starts with all data if there is no log yet. */
  start(): void {
    makeFolders(this.#folder, this.#disk);
    this.#dropTemporary();
    const { base, increments } = this.#manifest;
    if (base === null && increments.length === 0) this.#begin();
    else if (increments.length === 0) this.#append(this.#increment(1));
    else this.#useWriter(this.#writerOf(increments[increments.length - 1]));
    this.#dropHistory();
    this.#follow();
  }

  #follow(): void {
    const engine = this.#engine;
    this.#committed = this.changes;
    this.#measure();
    this.#shortBytes = this.bytes;
    engine.saver.journal = this;
    engine.effectQueue.requests = (db, request) => this.#writerForChange().appendRequest(db, request, this.#second);
    engine.effects = (db, argv) => this.#writerForChange().append(db, argv, this.#second);
  }

  /** The writer for the next change. */
  #writerForChange(): LogWriter {
    const writer = this.#writer!;
    // Checked once per turn, because looking up the configuration takes a while.
    if (writer.empty) this.#timed = this.#engine.config.flag('aof-timestamp-enabled');
    // While writes are refused no reply promises anything, so expirations need not be logged for one.
    if (writer.problem === null) this.changes++;
    return writer;
  }

  /** The time to log with a change, or null. */
  get #second(): number | null {
    return this.#timed ? Math.floor(this.#engine.now / 1000) : null;
  }

  /** Like `start`, replacing an older log by the current data. Throws the system's error. */
  restart(): void {
    if (this.#rewrite !== null) throw new Error('a rewrite is in progress');
    if (existsSync(this.#manifestPath)) this.#manifest = this.#readManifest();
    if (this.#manifest.base === null && this.#manifest.increments.length === 0) {
      this.start();
      return;
    }
    this.#begin();
    this.#dropHistory();
    this.#follow();
  }

  /** Writes what is pending and closes the files. */
  async stop(): Promise<void> {
    this.#engine.effects = null;
    this.#engine.effectQueue.requests = null;
    this.#writer?.close();
    this.#writer = null;
    this.#engine.plainChanged();
    const running = this.#rewrite;
    if (running === null || this.#finishing) {
      await running;
      return;
    }
    const { log, processId } = this.#engine.surroundings;
    log('notice', `Killing AOF child: ${processId}`);
    this.#rewrite = null;
    this.tally.ended(this.#engine.now, false);
    this.#abandon.abort();
    await running;
  }

  commit(since: number): boolean {
    if (this.#committed === this.changes) return true;
    const { changes } = this;
    if (this.#writer?.commit() !== false || this.#policy() !== 'always') this.#committed = changes;
    return this.#committed === changes || since === changes;
  }

  sync(): boolean {
    return this.#writer?.settle() ?? false;
  }

  settled(since: number): Promise<void> | null {
    if (since === this.changes || this.#policy() !== 'always') return null;
    this.#turnEnd ??= new Promise((done) => {
      setImmediate(() => {
        this.#turnEnd = null;
        done();
      });
    });
    return this.#turnEnd.then(() => {
      if (!this.commit(since)) throw new ReplyError(this.#engine.saver.denial!.text, { applied: 'maybe' });
    });
  }

  replaced(): void {
    if (this.#writer === null) return;
    // A rewrite in progress holds the old data.
    if (this.#rewrite !== null) {
      void this.#rewrite.then(() => this.replaced());
      return;
    }
    this.#beginAnew();
  }

  /** Writes all data to new files. If that fails, changes continue to go to the old ones. */
  #beginAnew(): void {
    this.#triedAt = this.#engine.now;
    try {
      this.restart();
    } catch (error) {
      this.#engine.surroundings.log('warning', `Cannot begin the append only file anew: ${String(error)}`);
    }
  }

  reload(): void {
    if (this.#writer === null) {
      this.load();
      return;
    }
    this.#writer.flush();
    const { effects } = this.#engine;
    this.#engine.effects = null;
    try {
      this.#loadAll();
    } finally {
      this.#engine.effects = effects;
    }
  }

  #loadAll(): LoadedLog {
    const { config, saver } = this.#engine;
    saver.loading = { startedAt: this.#engine.now, total: this.bytes, read: 0, usedMemory: 0 };
    try {
      return loadLog(this.#engine, this.#folder, this.#manifest, config.flag('aof-load-truncated'), this.#disk);
    } finally {
      saver.loading = null;
    }
  }

  rewrite(): boolean {
    if (this.#rewrite !== null) return false;
    const writer = this.#writer;
    if (writer === null ? !this.#lookAtFolder() : writer.problem !== null) return false;
    const { log } = this.#engine.surroundings;
    log('notice', 'Background append only file rewriting started');
    this.tally.began(this.#engine.now);
    this.#abandon = new AbortController();
    const { signal } = this.#abandon;
    this.#rewrite = this.#rewriteBeside(writer, signal)
      .then(
        () => null,
        (error: unknown) => error,
      )
      .then((error) => {
        if (signal.aborted) return;
        if (error === null) log('notice', 'Background AOF rewrite finished successfully');
        else log('warning', `Background AOF rewrite failed: ${String(error)}`);
        this.tally.ended(this.#engine.now, error !== null);
        this.#finishing = false;
        this.#rewrite = null;
      });
    return true;
  }

  /** Reads the manifest of a log that is turned off; false if that is impossible. */
  #lookAtFolder(): boolean {
    try {
      makeFolders(this.#folder, this.#disk);
      this.#manifest = existsSync(this.#manifestPath) ? this.#readManifest() : emptyManifest;
      return true;
    } catch (error) {
      this.#engine.surroundings.log('warning', `Cannot rewrite the append only file: ${String(error)}`);
      return false;
    }
  }

  async #rewriteBeside(writer: LogWriter | null, signal: AbortSignal): Promise<void> {
    const snapshot = writer === null ? this.#snapshot() : await this.#nextIncrement(writer);
    signal.addEventListener('abort', () => snapshot.close());
    try {
      signal.throwIfAborted();
      // Changes in a new increment can only be found through the manifest that names it.
      if (this.#policy() === 'always') this.#disk.syncFolder(this.#folder);
      else await this.#disk.syncFolderSoon(this.#folder);
      // All increments so far except the one just started.
      await this.#writeBase(snapshot, this.#manifest.increments.length - (writer === null ? 0 : 1), signal);
    } finally {
      snapshot.close();
    }
  }

  #snapshot(still = false): Snapshot {
    return new Snapshot(this.#engine, { aofBase: true, still, asCommands: !this.#preamble });
  }

  /**
   * Switches to a new file and returns the data as of that moment. Everything slow happens before the switch, during
   * which the old file must be completed: if it were not, but the new one was already named, the log could not be
   * loaded.
   */
  async #nextIncrement(writer: LogWriter): Promise<Snapshot> {
    const covered = this.#manifest.increments;
    const next = this.#increment(1 + Math.max(0, ...covered.map(({ seq }) => seq)));
    const manifest = { ...this.#manifest, increments: [...covered, next] };
    const opened = this.#newWriter(next);
    let prepared: PreparedFile | null = null;
    try {
      prepared = await PreparedFile.write(this.#manifestPath, [Buffer.from(formatManifest(manifest))], this.#disk);
      await this.#disk.syncFolderSoon(this.#folder);
      await writer.synced();
      if (this.#writer !== writer) throw new Error('the log was closed');
      if (!writer.flush()) throw new Error(writer.problem ?? 'the log cannot be written');
      writer.sync();
      if (writer.problem !== null) throw new Error(writer.problem);
      prepared.put();
    } catch (error) {
      prepared?.discard();
      opened.close();
      this.#disk.remove(opened.path);
      throw error;
    }
    this.#manifest = manifest;
    this.#useWriter(opened);
    this.#measure();
    return this.#snapshot();
  }

  cron(): void {
    const writer = this.#writer;
    if (writer === null) return;
    const engine = this.#engine;
    // A file that has lost data cannot be continued; memory has all of it.
    if (writer.lost !== null) {
      if (this.#rewrite === null && engine.now - this.#triedAt >= RETRY_MS) this.#beginAnew();
      return;
    }
    if (writer.problem !== null && writer.commit()) this.#committed = this.changes;
    if (this.#policy() === 'everysec' && engine.now - this.#syncedAt >= SYNC_MS) {
      this.#syncedAt = engine.now;
      writer.flush();
      writer.syncSoon();
    }
    if (this.#rewrite === null && engine.saver.background === null && this.#hasGrown()) this.rewrite();
  }

  #hasGrown(): boolean {
    const { config } = this.#engine;
    const percentage = config.number('auto-aof-rewrite-percentage');
    const { bytes } = this;
    if (percentage === 0 || bytes < config.number('auto-aof-rewrite-min-size')) return false;
    return bytes >= Math.max(1, this.#shortBytes) * (1 + percentage / 100);
  }

  /** Writes `snapshot` as the new base, which replaces the old one and the first `covered` increments. */
  async #writeBase(snapshot: Snapshot, covered: number, signal: AbortSignal): Promise<void> {
    const base = this.#base((this.#manifest.base?.seq ?? 0) + 1);
    await replaceFileSlowly(join(this.#folder, base.name), snapshot.slowly(), signal, this.#disk);
    this.#finishing = true;
    const { increments, base: old, history } = this.#manifest;
    const gone = [...history, ...asHistory(old, increments.slice(0, covered))];
    await this.#putManifestSlowly({ base, increments: increments.slice(covered), history: gone });
    for (const { name } of gone) await this.#disk.removeSoon(join(this.#folder, name));
    await this.#putManifestSlowly({ ...this.#manifest, history: [] });
    this.#measure();
    this.#shortBytes = this.bytes;
  }

  /** Starts new files, numbered after existing ones: the current data, and no changes. */
  #begin(): void {
    const { base: old, increments, history } = this.#manifest;
    const base = this.#base((old?.seq ?? 0) + 1);
    const next = this.#increment(1 + Math.max(0, ...increments.map(({ seq }) => seq)));
    replaceFile(join(this.#folder, base.name), this.#snapshot(true).chunks(), this.#disk);
    const writer = this.#newWriter(next);
    try {
      this.#disk.syncFolder(this.#folder);
      this.#putManifest({ base, increments: [next], history: [...history, ...asHistory(old, increments)] });
    } catch (error) {
      writer.close();
      throw error;
    }
    this.#useWriter(writer);
  }

  /** Adds an increment, the first one of a log that only has a base. */
  #append(increment: LogFile): void {
    const writer = this.#newWriter(increment);
    this.#disk.syncFolder(this.#folder);
    this.#putManifest({ ...this.#manifest, increments: [...this.#manifest.increments, increment] });
    this.#useWriter(writer);
  }

  /** The base is a snapshot, which is shorter and loads sooner than commands do. */
  get #preamble(): boolean {
    return this.#engine.config.flag('aof-use-rdb-preamble');
  }

  #base(seq: number): LogFile {
    return { name: `${this.#name}.${seq}.base.${this.#preamble ? 'rdb' : 'aof'}`, seq, type: 'b' };
  }

  #increment(seq: number): LogFile {
    return { name: `${this.#name}.${seq}.incr.aof`, seq, type: 'i' };
  }

  #writerOf({ name }: LogFile): LogWriter {
    return new LogWriter(join(this.#folder, name), {
      policy: () => this.#policy(),
      troubled: () => this.#engine.plainChanged(),
      disk: this.#disk,
    });
  }

  /** A writer for a file that no manifest names yet; removes what a failed attempt has left there. */
  #newWriter(file: LogFile): LogWriter {
    this.#disk.remove(join(this.#folder, file.name));
    return this.#writerOf(file);
  }

  #useWriter(writer: LogWriter): void {
    const old = this.#writer;
    this.#writer = writer;
    old?.close();
    this.#engine.plainChanged();
  }

  #measure(): void {
    const { base, increments } = this.#manifest;
    const older = [...(base ? [base] : []), ...increments.slice(0, -1)];
    this.#olderBytes = older.reduce((sum, { name }) => sum + statSync(join(this.#folder, name)).size, 0);
  }

  #policy(): SyncPolicy {
    return this.#engine.config.get('appendfsync') as SyncPolicy;
  }

  get #manifestPath(): string {
    return join(this.#folder, `${this.#name}.manifest`);
  }

  /** The single file in which Redis before 7 kept its log. */
  get #singleFile(): string {
    return join(dirname(this.#folder), this.#name);
  }

  /** Turns the single file of an older Redis into the base of a log: manifest first, then `#finishAdoption`. */
  #adoptSingleFile(): void {
    makeFolders(this.#folder, this.#disk);
    this.#putManifest({ base: { name: this.#name, seq: 1, type: 'b' }, increments: [], history: [] });
  }

  #finishAdoption(): void {
    const path = join(this.#folder, this.#name);
    if (this.#manifest.base?.name !== this.#name || existsSync(path) || !existsSync(this.#singleFile)) return;
    this.#disk.rename(this.#singleFile, path);
    this.#disk.syncFolder(this.#folder);
    this.#disk.syncFolder(dirname(this.#folder));
  }

  #readManifest(): Manifest {
    return parseManifest(readFileSync(this.#manifestPath, 'utf8'), this.#manifestPath);
  }

  #putManifest(manifest: Manifest): void {
    replaceFile(this.#manifestPath, [Buffer.from(formatManifest(manifest))], this.#disk);
    this.#manifest = manifest;
  }

  async #putManifestSlowly(manifest: Manifest): Promise<void> {
    await replaceFileSlowly(this.#manifestPath, [Buffer.from(formatManifest(manifest))], undefined, this.#disk);
    this.#manifest = manifest;
  }

  /** Removes files that a process was writing when it was killed. */
  #dropTemporary(): void {
    for (const name of readdirSync(this.#folder)) {
      if (isTemporary(name) && name.includes(`-${this.#name}.`)) this.#disk.remove(join(this.#folder, name));
    }
  }

  #dropHistory(): void {
    if (this.#manifest.history.length === 0) return;
    for (const { name } of this.#manifest.history) this.#disk.remove(join(this.#folder, name));
    this.#putManifest({ ...this.#manifest, history: [] });
  }
}

function asHistory(base: LogFile | null, increments: readonly LogFile[]): LogFile[] {
  return [...(base ? [base] : []), ...increments].map((file): LogFile => ({ ...file, type: 'h' }));
}
