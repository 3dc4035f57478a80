import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Request } from '../backend/backend.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import { NEWEST_VERSION } from '../commands/version.js';
import { replyErrorOf } from '../core/errors.js';
import { ErrorReply } from '../core/reply.js';
import { Engine, type EngineOptions } from '../engine/engine.js';
import { EngineBackend } from '../engine/engine-backend.js';
import { AppendLog } from './aof/append-log.js';
import { FolderLock } from './folder-lock.js';

/** As a redis-server calls them that is started with `--dir <folder> --appendonly yes`. */
const LOG_FOLDER = 'appendonlydir';
const LOG_NAME = 'appendonly.aof';

/** The folder that a `file:` URL names: `file:./data`, `file:/var/data`, `file:///var/data`. */
export function folderOf(url: string): string {
  return url.startsWith('file://') ? fileURLToPath(url) : resolve(decodeURIComponent(url.slice('file:'.length)));
}

/** An engine whose data live in a folder, as an append-only log that a redis-server can load as well. */
export class FolderBackend extends EngineBackend {
  readonly #lock: FolderLock;
  readonly #log: AppendLog;

  private constructor(engine: Engine, lock: FolderLock, log: AppendLog) {
    super(engine);
    this.#lock = lock;
    this.#log = log;
  }

  /**
   * Opens the folder, making it if need be, and loads what is in it. Throws PersistenceError for data that cannot be
   * loaded and for a folder that is open elsewhere, or the system's error.
   */
  static open(folder: string, options: EngineOptions): FolderBackend {
    const lock = FolderLock.take(folder);
    const engine = new Engine({ ...options, serverVersion: options.serverVersion ?? NEWEST_VERSION });
    try {
      const log = new AppendLog(engine, join(folder, LOG_FOLDER), LOG_NAME);
      engine.config.put('appendonly', 'yes');
      log.open();
      engine.startCron();
      return new FolderBackend(engine, lock, log);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Calls and reads the reply, as a backend does that is loaded by its first call. Throws ReplyError. */
  async ask(request: Request, shape: Shape, view: ReplyView): Promise<unknown> {
    const reply = await this.call(request);
    if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
    return shape.decode(reply, view);
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#log.stop();
    this.#lock.release();
  }
}
