import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import type { Bytes } from '../../core/bytes.js';
import { formatCommand } from '../../core/command-text.js';
import { writeAll } from '../durable-file.js';

/** More than this is not kept back until the end of the turn. */
const PENDING_BYTES_MAX = 64 * 1024;

/** How sure a change is to be on the disk when its reply goes out. */
export type SyncPolicy = 'always' | 'everysec' | 'no';

/**
 * Appends changes to one file of the log, in their order. What cannot be written stays pending and is tried again;
 * a file never keeps half of what was to be written.
 */
export class LogWriter {
  readonly path: string;
  readonly #file: number;
  #size: number;
  #pending: Bytes[] = [];
  #pendingBytes = 0;
  #db = -1;
  #second = -1;
  #unsynced = false;
  #syncing = false;
  #closed = false;
  #flushPlanned = false;
  /** The system's message for why changes are not written, or null. */
  problem: string | null = null;
  readonly #policy: () => SyncPolicy;
  readonly #troubled: () => void;

  /** `troubled` is called when `problem` changes. */
  constructor(path: string, policy: () => SyncPolicy, troubled: () => void) {
    this.path = path;
    this.#policy = policy;
    this.#troubled = troubled;
    this.#file = openSync(path, 'a');
    this.#size = fstatSync(this.#file).size;
  }

  /** Bytes in the file and on the way to it. */
  get bytes(): number {
    return this.#size + this.#pendingBytes;
  }

  /** Adds a change. `second`: the time to note before it, or null. With `always` it is on the disk afterwards. */
  append(db: number, argv: readonly Bytes[], second: number | null): void {
    if (second !== null && second !== this.#second) {
      this.#second = second;
      this.#add(`#TS:${second}\r\n`);
    }
    if (db !== this.#db) {
      this.#db = db;
      this.#add(formatCommand(['SELECT', String(db)]));
    }
    this.#add(formatCommand(argv));
    if (this.#policy() === 'always') {
      this.flush();
      this.sync();
    } else if (this.#pendingBytes > PENDING_BYTES_MAX) {
      this.flush();
    } else if (!this.#flushPlanned) {
      this.#flushPlanned = true;
      setImmediate(() => {
        this.#flushPlanned = false;
        if (!this.#closed) this.flush();
      });
    }
  }

  /** Hands all changes to the system; false, and `problem` says why, if it does not take them. */
  flush(): boolean {
    if (this.#pending.length === 0) return true;
    const bytes = Buffer.from(this.#pending.join(''), 'latin1');
    try {
      writeAll(this.#file, bytes);
    } catch (error) {
      this.#undo();
      this.#setProblem(messageOf(error));
      return false;
    }
    this.#size += bytes.length;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#unsynced = true;
    this.#setProblem(null);
    return true;
  }

  /** Waits until the disk has what was flushed. */
  sync(): void {
    if (!this.#unsynced) return;
    try {
      fdatasyncSync(this.#file);
      this.#unsynced = false;
    } catch (error) {
      this.#setProblem(messageOf(error));
    }
  }

  /** As `sync`, without waiting. */
  syncSoon(): void {
    if (!this.#unsynced || this.#syncing || this.#closed) return;
    this.#syncing = true;
    this.#unsynced = false;
    fdatasync(this.#file, (error) => {
      this.#syncing = false;
      if (this.#closed) {
        closeSync(this.#file);
      } else if (error !== null) {
        this.#unsynced = true;
        this.#setProblem(error.message);
      }
    });
  }

  /** Writes and syncs what there is, and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.sync();
    this.#closed = true;
    if (!this.#syncing) closeSync(this.#file);
  }

  #add(text: Bytes): void {
    this.#pending.push(text);
    this.#pendingBytes += text.length;
  }

  /** Takes back what a failed write may have left. */
  #undo(): void {
    try {
      ftruncateSync(this.#file, this.#size);
    } catch {
      // The loader cuts an unfinished end off as well.
    }
  }

  #setProblem(problem: string | null): void {
    if (this.problem === problem) return;
    this.problem = problem;
    this.#troubled();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
