import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lease, Request } from '../backend/backend.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import { NEWEST_VERSION } from '../commands/version.js';
import { ReplyError, replyErrorOf } from '../core/errors.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import { Engine, type EngineOptions } from '../engine/engine.js';
import { EngineBackend } from '../engine/engine-backend.js';
import { AppendLog } from './aof/append-log.js';
import { type Disk, systemDisk } from './disk.js';
import { FolderLock } from './folder-lock.js';

/** The names that a redis-server started with `--dir <folder> --appendonly yes` uses. */
const LOG_FOLDER = 'appendonlydir';
const LOG_NAME = 'appendonly.aof';

/** The folder that a `file:` URL names: `file:./data`, `file:/var/data`, `file:///var/data`. */
export function folderOf(url: string): string {
  return url.startsWith('file://') ? fileURLToPath(url) : resolve(decodeURIComponent(url.slice('file:'.length)));
}

/**
 * An engine whose data live in a folder, as an append-only log that a redis-server can load as well. With `appendfsync
 * always` a promise is kept back until the disk has what its command changed: one sync for all commands of a turn of the
 * event loop. If the disk does not take it, the promise rejects (MISCONF, `applied: 'maybe'`), and so do further writes
 * until it does; memory keeps the change, which the log gets as well as soon as it can be written.
 */
export class FolderBackend extends EngineBackend {
  readonly #lock: FolderLock;
  readonly #log: AppendLog;
  /** Set while a batch runs, which is made durable as a whole. */
  #gathering = false;

  private constructor(engine: Engine, lock: FolderLock, log: AppendLog) {
    super(engine);
    this.#lock = lock;
    this.#log = log;
  }

  /**
   * Opens the folder, creating it if needed, and loads its data. Throws PersistenceError for invalid data and for a
   * folder that is open elsewhere, or the system's error.
   */
  static open(folder: string, options: EngineOptions, disk: Disk = systemDisk): FolderBackend {
    const engine = new Engine({ ...options, serverVersion: options.serverVersion ?? NEWEST_VERSION });
    const lock = FolderLock.take(folder);
    try {
      const log = new AppendLog(engine, join(folder, LOG_FOLDER), LOG_NAME, disk);
      engine.config.put('appendonly', 'yes');
      log.open();
      engine.startCron();
      return new FolderBackend(engine, lock, log);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Carries out a request and decodes its reply. Throws ReplyError. */
  async ask(request: Request, shape: Shape, view: ReplyView): Promise<unknown> {
    const reply = await this.call(request);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return shape.decode(reply, view);
  }

  override async call(request: Request): Promise<Reply> {
    const since = this.#log.changes;
    const reply = await super.call(request);
    await this.#safe(since);
    return reply;
  }

  override async batch(requests: readonly Request[]): Promise<Reply[]> {
    const since = this.#log.changes;
    const replies = await this.#gathered(() => super.batch(requests));
    await this.#safe(since);
    return replies;
  }

  override async transaction(requests: readonly Request[]): Promise<Reply> {
    const since = this.#log.changes;
    const reply = await this.#gathered(() => super.transaction(requests));
    await this.#safe(since);
    return reply;
  }

  override callNow(request: Request): Reply {
    return this.#now(() => super.callNow(request));
  }

  override transactionNow(requests: readonly Request[]): Reply {
    return this.#now(() => super.transactionNow(requests));
  }

  override async lease(onPush?: (push: PushReply) => void): Promise<Lease> {
    const lease = await super.lease(onPush);
    const call = lease.call.bind(lease);
    lease.call = async (request) => {
      const since = this.#log.changes;
      const reply = await call(request);
      await this.#safe(since);
      return reply;
    };
    return lease;
  }

  async #safe(since: number): Promise<void> {
    const settled = this.#log.settled(since);
    if (settled !== null) await settled;
  }

  #gathered<T>(work: () => T): T {
    this.#gathering = true;
    try {
      return work();
    } finally {
      this.#gathering = false;
    }
  }

  #now(work: () => Reply): Reply {
    const since = this.#log.changes;
    const reply = work();
    if (this.#gathering || since === this.#log.changes || this.#log.commit(since)) return reply;
    throw new ReplyError(`MISCONF Errors writing to the AOF file: ${this.#log.problem}`, { applied: 'maybe' });
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#log.stop();
    this.#lock.release();
  }
}
