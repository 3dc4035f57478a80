import { statSync } from 'node:fs';
import type { Bytes } from '../../core/bytes.js';
import { systemMessage } from '../../core/system-message.js';
import type { RequestBytes } from '../../engine/effect-queue.js';
import { type Disk, systemDisk } from '../disk.js';
import { writeAll } from '../durable-file.js';
import { CommandBuffer } from './command-buffer.js';

/** More than this is written before the end of the turn. */
const PENDING_BYTES_MAX = 64 * 1024;

/** How durable a change must be when its reply is sent. */
export type SyncPolicy = 'always' | 'everysec' | 'no';

export interface LogWriterOptions {
  policy: () => SyncPolicy;
  /** Called when `problem` changes. */
  troubled: () => void;
  disk?: Disk;
}

/**
 * Appends changes to one file of the log, in their order. They are gathered until `commit`, which is called before the
 * replies of a turn of the event loop go out: all connections share one write and one sync.
 *
 *     append append append ─ commit: write ─(always)→ sync ─ replies
 *
 * What cannot be written stays pending and is tried again; a file never keeps half of what was to be written. What could
 * not be synced is lost for all that is known: no later sync of the same file makes up for it (`lost`).
 */
export class LogWriter {
  readonly path: string;
  readonly #disk: Disk;
  readonly #file: number;
  #size: number;
  readonly #pending = new CommandBuffer();
  #db = -1;
  #second = -1;
  #unsynced = false;
  #syncing = false;
  #sync: Promise<void> | null = null;
  #closed = false;
  #commitPlanned = false;
  #problem: string | null = null;
  /** The system's message for why a sync failed, or null. */
  lost: string | null = null;
  readonly #policy: () => SyncPolicy;
  readonly #troubled: () => void;

  constructor(path: string, { policy, troubled, disk = systemDisk }: LogWriterOptions) {
    this.path = path;
    this.#policy = policy;
    this.#troubled = troubled;
    this.#disk = disk;
    this.#file = disk.open(path, 'a');
    this.#size = statSync(path).size;
  }

  /** The system's message for why changes are not written, or null. */
  get problem(): string | null {
    return this.lost ?? this.#problem;
  }

  /** Bytes in the file, including pending ones. */
  get bytes(): number {
    return this.#size + this.#pending.length;
  }

  /** Whether all changes have been written to the system. */
  get empty(): boolean {
    return this.#pending.length === 0;
  }

  /** Whether `commit` has something to do. */
  get uncommitted(): boolean {
    return this.#pending.length > 0 || (this.#unsynced && this.#policy() === 'always');
  }

  /** Adds a change. `second` is the time to log before it, or null. */
  append(db: number, argv: readonly Bytes[], second: number | null): void {
    this.#begin(db, second);
    this.#pending.command(argv);
    this.#added();
  }

  /** Like `append`, for a change in its original encoding. */
  appendRequest(db: number, request: RequestBytes, second: number | null): void {
    this.#begin(db, second);
    this.#pending.request(request);
    this.#added();
  }

  #begin(db: number, second: number | null): void {
    if (second !== null && second !== this.#second) {
      this.#second = second;
      this.#pending.text(`#TS:${second}\r\n`);
    }
    if (db !== this.#db) {
      this.#db = db;
      this.#pending.command(['SELECT', String(db)]);
    }
  }

  #added(): void {
    if (this.#pending.length > PENDING_BYTES_MAX && this.problem === null) this.flush();
    // Replies are preceded by a commit; this one is for changes that nobody waits for.
    if (this.#commitPlanned) return;
    this.#commitPlanned = true;
    setImmediate(() => {
      this.#commitPlanned = false;
      if (!this.#closed) this.commit();
    });
  }

  /**
   * Makes all changes so far as durable as the policy promises: writes them and, with `always`, syncs. False if that
   * fails; `problem` says why.
   */
  commit(): boolean {
    if (!this.uncommitted) return this.problem === null;
    if (!this.flush()) return false;
    if (this.#policy() === 'always') this.sync();
    return this.problem === null;
  }

  /** Writes all changes to the system; false if it does not take them; `problem` says why. */
  flush(): boolean {
    if (this.#pending.length === 0) return true;
    const { length } = this.#pending;
    try {
      writeAll(this.#file, this.#pending.view, this.#disk);
    } catch (error) {
      this.#undo();
      this.#setProblem(systemMessage(error));
      return false;
    }
    this.#size += length;
    this.#pending.clear();
    this.#unsynced = true;
    this.#setProblem(null);
    return true;
  }

  /** Waits until what was flushed is on disk. */
  sync(): void {
    if (!this.#unsynced) return;
    this.#unsynced = false;
    try {
      this.#disk.sync(this.#file);
    } catch (error) {
      this.#lose(error);
    }
  }

  /**
   * Writes and syncs everything, including what an asynchronous sync may still be working on. False if that fails;
   * `problem` says why.
   */
  settle(): boolean {
    if (!this.flush()) return false;
    if (this.#syncing) this.#unsynced = true;
    this.sync();
    return this.problem === null;
  }

  /** Like `sync`, without waiting. */
  syncSoon(): void {
    if (!this.#unsynced || this.#syncing || this.#closed) return;
    this.#syncing = true;
    this.#unsynced = false;
    this.#sync = this.#disk
      .syncSoon(this.#file)
      .catch((error: unknown) => this.#lose(error))
      .finally(() => {
        this.#syncing = false;
        if (this.#closed) this.#disk.close(this.#file);
      });
  }

  /** Syncs asynchronously, so that a following `sync` is quick. */
  async synced(): Promise<void> {
    this.syncSoon();
    await this.#sync;
  }

  /** Writes and syncs everything and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.sync();
    this.#closed = true;
    if (!this.#syncing) this.#disk.close(this.#file);
  }

  /** Truncates what a failed write may have left. */
  #undo(): void {
    try {
      this.#disk.truncate(this.#file, this.#size);
    } catch {
      // The loader also cuts an incomplete end off.
    }
  }

  #lose(error: unknown): void {
    this.lost ??= systemMessage(error);
    this.#troubled();
  }

  #setProblem(problem: string | null): void {
    if (this.#problem === problem) return;
    this.#problem = problem;
    this.#troubled();
  }
}
