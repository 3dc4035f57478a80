import { ErrorReply, NO_REPLY, PENDING, type Reply } from '../../core/reply.js';
import type { Blocked } from '../blocking.js';
import type { Engine } from '../engine.js';
import type { EngineSession } from '../session.js';
import type { Replication } from './replication.js';

/** What SHUTDOWN and `shutdown-on-sigterm` say. */
export interface ShutdownOptions {
  readonly save: boolean;
  readonly nosave: boolean;
  /** Without waiting for replicas. */
  readonly now: boolean;
  /** Even if the data cannot be saved. */
  readonly force: boolean;
}

const cannotShutDown = new ErrorReply('ERR Errors trying to SHUTDOWN. Check logs.');

/**
 * The end of a server: writes are held back until the replicas have all of them, then the data are saved, then the host
 * ends.
 *
 *     begin ──▶ waiting for replicas ──(all have all, or `shutdown-timeout` is over)──▶ saving ──▶ the host ends
 *                    └────(SHUTDOWN ABORT)────▶ as before ◀────(cannot be saved)─────────┘
 */
export class Shutdown {
  readonly #engine: Engine;
  readonly #replication: Replication;
  /** What was asked for, and until when replicas are waited for. */
  #waiting: { readonly options: ShutdownOptions; readonly deadline: number } | null = null;
  /** Asked for by a signal, and to begin with the next periodic work. */
  #requested: ShutdownOptions | null = null;
  #blocked: Blocked[] = [];

  constructor(replication: Replication, engine: Engine) {
    this.#replication = replication;
    this.#engine = engine;
  }

  /** Something is waited for. */
  get underWay(): boolean {
    return this.#waiting !== null || this.#requested !== null;
  }

  /** How long replicas are waited for yet; null: no shutdown is under way. */
  get remaining_ms(): number | null {
    return this.#waiting === null ? null : Math.max(0, this.#waiting.deadline - this.#engine.now);
  }

  /** SHUTDOWN. Throws an ErrorReply if the engine cannot end; else the reply is one only if it cannot end later. */
  begin(session: EngineSession, options: ShutdownOptions): Reply {
    if (this.#engine.onShutdown === null) throw cannotShutDown;
    if (this.#waiting === null && !this.#start(options)) throw cannotShutDown;
    if (this.#waiting === null) return NO_REPLY;
    const { blocking } = this.#engine;
    blocking.block(session, { keys: [], type: -1, timedOut: cannotShutDown, serve: () => null, timeoutMs: 0 });
    this.#blocked.push(session.waiting!);
    return PENDING;
  }

  /** A signal: begins with the next periodic work. */
  request(options: ShutdownOptions): void {
    this.#requested = options;
  }

  /** SHUTDOWN ABORT; false if there is nothing to abort. */
  abort(): boolean {
    if (this.#waiting === null && this.#requested === null) return false;
    this.#requested = null;
    this.#cancel();
    this.#engine.surroundings.log('notice', 'Shutdown manually aborted.');
    return true;
  }

  /** A replica has acknowledged something or is gone, or time has passed. */
  check(): void {
    const waiting = this.#waiting;
    if (waiting !== null && (this.#engine.now >= waiting.deadline || this.#lagging === 0))
      this.#finish(waiting.options);
  }

  cron(): void {
    const requested = this.#requested;
    if (requested === null) {
      this.check();
    } else {
      this.#requested = null;
      if (this.#waiting === null) this.#start(requested);
    }
  }

  /** False if it has failed already. */
  #start(options: ShutdownOptions): boolean {
    const engine = this.#engine;
    const { log } = engine.surroundings;
    log('warning', 'User requested shutdown...');
    const timeout_ms = engine.config.number('shutdown-timeout') * 1000;
    if (options.now || timeout_ms === 0 || engine.scripting.busy !== null || this.#lagging === 0)
      return this.#finish(options);
    this.#waiting = { options, deadline: engine.now + timeout_ms };
    this.#replication.askForAcks();
    engine.pauses.begin('shutdown', Infinity, false);
    log('notice', 'Waiting for replicas before shutting down.');
    return true;
  }

  /** Replicas that do not have all of the stream. Those that want the data alone do not count. */
  get #lagging(): number {
    const { replicas, stream } = this.#replication;
    return [...replicas].filter(({ dataOnly, ackedOffset }) => !dataOnly && ackedOffset !== stream.offset).length;
  }

  #finish(options: ShutdownOptions): boolean {
    const engine = this.#engine;
    const { log } = engine.surroundings;
    this.#tellOfReplicas();
    if (!engine.saver.saveBeforeExit(options)) {
      if (!options.force) {
        log('warning', "Error trying to save the DB, can't exit.");
        log('warning', 'Errors trying to shut down the server. Check the logs for more information.');
        this.#cancel();
        return false;
      }
      log('warning', 'Error trying to save the DB. Exit anyway.');
    }
    this.#waiting = null;
    const { nosave, now, force } = options;
    engine.onShutdown?.({ nosave, now, force });
    return true;
  }

  #tellOfReplicas(): void {
    const { replicas, stream } = this.#replication;
    const { log } = this.#engine.surroundings;
    if (replicas.size === 0) return;
    let inSync = 0;
    for (const { name, ackedOffset, ackedAt, state } of replicas) {
      if (ackedOffset === stream.offset) {
        inSync++;
        continue;
      }
      const lag = state === 'online' ? Math.floor((this.#engine.now - ackedAt) / 1000) : 0;
      const behind = stream.offset - ackedOffset;
      log('warning', `Lagging replica ${name} reported offset ${behind} behind master, lag=${lag}, state=${state}.`);
    }
    log('notice', `${inSync} of ${replicas.size} replicas are in sync when shutting down.`);
  }

  /** All goes on as before; who waits with SHUTDOWN is told so. */
  #cancel(): void {
    this.#waiting = null;
    this.#engine.pauses.end('shutdown');
    for (const blocked of this.#blocked.splice(0)) this.#engine.blocking.release(blocked, cannotShutDown);
  }
}
