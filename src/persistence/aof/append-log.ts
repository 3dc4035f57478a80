import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Engine } from '../../engine/engine.js';
import { Snapshot } from '../../engine/rdb/snapshot.js';
import type { Journal } from '../../engine/storage.js';
import { isMissing, replaceFile, replaceFileSlowly, syncFolder } from '../durable-file.js';
import { loadLog } from './load-log.js';
import { LogWriter, type SyncPolicy } from './log-writer.js';
import { emptyManifest, formatManifest, type LogFile, type Manifest, parseManifest } from './manifest.js';

const SYNC_MS = 1000;

/**
 * An append-only log as Redis 7 keeps it: a folder with a base file (all data at one moment), files with the changes
 * since, and a manifest that tells which count. Every step leaves a folder that loads:
 *
 *     rewrite:  new increment → manifest names it → new base → manifest: new base, new increments → old files go
 */
export class AppendLog implements Journal {
  readonly #engine: Engine;
  readonly #folder: string;
  readonly #name: string;
  #manifest: Manifest = emptyManifest;
  #writer: LogWriter | null = null;
  #rewrite: Promise<void> | null = null;
  #syncedAt = Number.NEGATIVE_INFINITY;
  /** Bytes of the log when it was last short; 0 before that is known. */
  #shortBytes = 0;
  #olderBytes = 0;

  /** `folder`: where the log is, `name`: what its files begin with (`appendfilename`). */
  constructor(engine: Engine, folder: string, name: string) {
    this.#engine = engine;
    this.#folder = folder;
    this.#name = name;
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

  /** Bytes of all files that count. */
  get bytes(): number {
    return this.#olderBytes + (this.#writer?.bytes ?? 0);
  }

  /** Whether there is a log to load. */
  get exists(): boolean {
    return existsSync(this.#manifestPath) || existsSync(this.#singleFile);
  }

  /**
   * Loads the log in the place of all data, or begins one with the data as they are; from then on the changes go there.
   * Throws PersistenceError, or the system's error.
   */
  open(): void {
    if (this.exists) this.load();
    else mkdirSync(this.#folder, { recursive: true });
    this.start();
  }

  /** Loads the log in the place of all data. */
  load(): void {
    if (!existsSync(this.#manifestPath)) this.#adoptSingleFile();
    this.#manifest = this.#readManifest();
    this.#finishAdoption();
    const repair = this.#engine.config.flag('aof-load-truncated');
    const { commands } = loadLog(this.#engine, this.#folder, this.#manifest, repair);
    this.#engine.dirty = 0;
    this.#engine.surroundings.log('notice', `DB loaded from append only file: ${commands} commands`);
  }

  /** From now on changes go to the log. Begins with all data where there is no log yet. */
  start(): void {
    const engine = this.#engine;
    mkdirSync(this.#folder, { recursive: true });
    if (this.#manifest.base === null && this.#manifest.increments.length === 0) this.#begin();
    else if (this.#manifest.increments.length === 0)
      this.#putManifest({ ...this.#manifest, increments: [this.#increment(1)] });
    this.#dropHistory();
    this.#openWriter();
    this.#shortBytes = this.bytes;
    engine.saver.journal = this;
    engine.effects = (db, argv) => {
      const second = engine.config.flag('aof-timestamp-enabled') ? Math.floor(engine.now / 1000) : null;
      this.#writer!.append(db, argv, second);
    };
  }

  /** As `start`, with the data as they are in the place of an older log. Throws the system's error. */
  restart(): void {
    if (this.#rewrite !== null) throw new Error('a rewrite is in progress');
    if (existsSync(this.#manifestPath)) this.#manifest = this.#readManifest();
    const { base, increments } = this.#manifest;
    if (base !== null || increments.length > 0) {
      const highest = Math.max(0, ...increments.map(({ seq }) => seq));
      const next = this.#base((base?.seq ?? 0) + 1);
      replaceFile(join(this.#folder, next.name), new Snapshot(this.#engine, { aofBase: true, still: true }).chunks());
      const history = [...(base ? [base] : []), ...increments].map((file): LogFile => ({ ...file, type: 'h' }));
      this.#putManifest({ base: next, increments: [this.#increment(highest + 1)], history });
    }
    this.start();
  }

  /** Writes what there is and lets go of the files. */
  async stop(): Promise<void> {
    this.#engine.effects = null;
    this.#writer?.close();
    this.#writer = null;
    this.#engine.plainChanged();
    await this.#rewrite;
  }

  replaced(): void {
    if (this.#writer === null) return;
    // What a rewrite is about to write is of the old data.
    if (this.#rewrite !== null) {
      void this.#rewrite.then(() => this.replaced());
      return;
    }
    this.#writer.close();
    this.#writer = null;
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
      loadLog(this.#engine, this.#folder, this.#manifest, this.#engine.config.flag('aof-load-truncated'));
    } finally {
      this.#engine.effects = effects;
    }
  }

  rewrite(): boolean {
    if (this.#rewrite !== null) return false;
    const covered = this.#writer === null ? this.#allIncrements() : this.#nextIncrement(this.#writer);
    if (covered === null) return false;
    const snapshot = new Snapshot(this.#engine, { aofBase: true });
    this.#engine.surroundings.log('notice', 'Background append only file rewriting started');
    this.#rewrite = this.#writeBase(snapshot, covered).finally(() => {
      snapshot.close();
      this.#rewrite = null;
    });
    return true;
  }

  /** Of a log that is turned off: how many increments there are, null if that cannot be told. */
  #allIncrements(): number | null {
    try {
      mkdirSync(this.#folder, { recursive: true });
      this.#manifest = existsSync(this.#manifestPath) ? this.#readManifest() : emptyManifest;
      return this.#manifest.increments.length;
    } catch (error) {
      this.#engine.surroundings.log('warning', `Cannot rewrite the append only file: ${String(error)}`);
      return null;
    }
  }

  /** Changes go to a new file from now on; returns how many there were before it, null if there cannot be one. */
  #nextIncrement(writer: LogWriter): number | null {
    const covered = this.#manifest.increments;
    if (!writer.flush()) return null;
    try {
      const next = this.#increment(1 + Math.max(0, ...covered.map(({ seq }) => seq)));
      this.#putManifest({ ...this.#manifest, increments: [...covered, next] });
      this.#openWriter();
      writer.close();
      return covered.length;
    } catch (error) {
      this.#engine.surroundings.log('warning', `Cannot rewrite the append only file: ${String(error)}`);
      return null;
    }
  }

  cron(): void {
    const writer = this.#writer;
    if (writer === null) return;
    const engine = this.#engine;
    if (writer.problem !== null) writer.flush();
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

  /** Writes the data of `snapshot` as the new base, which stands for the old one and the first `covered` increments. */
  async #writeBase(snapshot: Snapshot, covered: number): Promise<void> {
    const { log } = this.#engine.surroundings;
    try {
      const base = this.#base((this.#manifest.base?.seq ?? 0) + 1);
      await replaceFileSlowly(join(this.#folder, base.name), snapshot.chunks());
      const { increments, base: old } = this.#manifest;
      const history = [...(old ? [old] : []), ...increments.slice(0, covered)].map(
        (file): LogFile => ({ ...file, type: 'h' }),
      );
      this.#putManifest({ base, increments: increments.slice(covered), history });
      this.#dropHistory();
      this.#measure();
      this.#shortBytes = this.bytes;
      log('notice', 'Background AOF rewrite finished successfully');
    } catch (error) {
      log('warning', `Background AOF rewrite failed: ${String(error)}`);
    }
  }

  /** The first files of a log: the data as they are, and no changes. */
  #begin(): void {
    const base = this.#base(1);
    replaceFile(join(this.#folder, base.name), new Snapshot(this.#engine, { aofBase: true, still: true }).chunks());
    this.#putManifest({ base, increments: [this.#increment(1)], history: [] });
  }

  #base(seq: number): LogFile {
    return { name: `${this.#name}.${seq}.base.rdb`, seq, type: 'b' };
  }

  #increment(seq: number): LogFile {
    return { name: `${this.#name}.${seq}.incr.aof`, seq, type: 'i' };
  }

  #openWriter(): void {
    const { increments } = this.#manifest;
    const path = join(this.#folder, increments[increments.length - 1].name);
    this.#writer = new LogWriter(
      path,
      () => this.#policy(),
      () => this.#engine.plainChanged(),
    );
    syncFolder(this.#folder);
    this.#measure();
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

  /** Where Redis before 7 kept its log. */
  get #singleFile(): string {
    return join(dirname(this.#folder), this.#name);
  }

  /** Makes the one file of an older Redis the base of a log: the manifest first, then `#finishAdoption`. */
  #adoptSingleFile(): void {
    mkdirSync(this.#folder, { recursive: true });
    this.#putManifest({ base: { name: this.#name, seq: 1, type: 'b' }, increments: [], history: [] });
  }

  #finishAdoption(): void {
    const path = join(this.#folder, this.#name);
    if (this.#manifest.base?.name !== this.#name || existsSync(path) || !existsSync(this.#singleFile)) return;
    renameSync(this.#singleFile, path);
    syncFolder(this.#folder);
  }

  #readManifest(): Manifest {
    return parseManifest(readFileSync(this.#manifestPath, 'utf8'), this.#manifestPath);
  }

  #putManifest(manifest: Manifest): void {
    replaceFile(this.#manifestPath, [Buffer.from(formatManifest(manifest))]);
    this.#manifest = manifest;
  }

  #dropHistory(): void {
    if (this.#manifest.history.length === 0) return;
    for (const { name } of this.#manifest.history) {
      try {
        rmSync(join(this.#folder, name));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    this.#putManifest({ ...this.#manifest, history: [] });
  }
}
