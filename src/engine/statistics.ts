import type { Spec } from '../commands/spec.js';
import type { EngineSession } from './session.js';

/** One in so many calls of a fast command is measured. */
const MEASURED_ONE_IN = 16;
/** The same for calls on a fast lane. */
const MEASURED_ON_LANE_ONE_IN = 64;
/** The first calls are all measured: they are slow, so a sample among them would stand for too many. */
const MEASURED_FIRST = 64;

/** Counters behind INFO; CONFIG RESETSTAT starts a new object. */
export class Statistics {
  commandsProcessed = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredKeys = 0;
  /** Fields of hashes. */
  expiredSubkeys = 0;
  expiredStalePercent = 0;
  expiredTimeCapReached = 0;
  evictedKeys = 0;
  evictedClients = 0;
  /** Large values that UNLINK left to the garbage collector. */
  lazyFreed = 0;
  errorReplies = 0;
  /** Refusals by access control, by kind. */
  readonly denied = { auth: 0, command: 0, key: 0, channel: 0 };
  /** Microseconds spent on active expiry. */
  expireMicros = 0;
  /** Error replies by code, for INFO errorstats. */
  readonly errors = new Map<string, number>();
  /** Per command, by its id in the table. */
  readonly calls: Float64Array;
  readonly micros: Float64Array;
  readonly rejected: Float64Array;
  readonly failed: Float64Array;
  /** Per command: how long the last measured call took. */
  readonly #lastMicros: Float64Array;
  /** Per command: calls of the lanes that are not entered yet. */
  readonly #noted: Int32Array;
  /** The session whose calls are to be entered. */
  notedBy: EngineSession | null = null;
  /** Per command: how many calls until the next is measured. */
  readonly #unmeasured: Uint8Array;

  constructor(commands: number) {
    this.calls = new Float64Array(commands);
    this.micros = new Float64Array(commands);
    this.rejected = new Float64Array(commands);
    this.failed = new Float64Array(commands);
    this.#lastMicros = new Float64Array(commands);
    this.#noted = new Int32Array(commands);
    this.#unmeasured = new Uint8Array(commands);
  }

  /**
   * Whether this call is to be measured. Looking at the clock twice costs as much as a fast command itself, so of
   * those only some are while nobody watches for slow ones (`plain`); all others always are.
   */
  due(spec: Spec, plain: boolean): boolean {
    if (!plain || !spec.isFast || this.calls[spec.id] < MEASURED_FIRST) return true;
    const left = this.#unmeasured[spec.id];
    this.#unmeasured[spec.id] = left === 0 ? MEASURED_ONE_IN - 1 : left - 1;
    return left === 0;
  }

  /** Like `due`, for a command on a fast lane. */
  dueOnLane(id: number): boolean {
    if (this.calls[id] < MEASURED_FIRST) return true;
    const left = this.#unmeasured[id];
    this.#unmeasured[id] = left === 0 ? MEASURED_ON_LANE_ONE_IN - 1 : left - 1;
    return left === 0;
  }

  count(id: number, micros: number): void {
    this.commandsProcessed++;
    this.calls[id]++;
    this.micros[id] += micros;
    this.#lastMicros[id] = micros;
  }

  /** Calls that were not measured are taken to have lasted as long as the last one that was. */
  countAgain(id: number, times = 1): void {
    this.commandsProcessed += times;
    this.calls[id] += times;
    this.micros[id] += this.#lastMicros[id] * times;
  }

  /** Notes a call on a lane, to be entered before anyone reads the statistics. */
  note(id: number, session: EngineSession): void {
    this.#noted[id]++;
    if (this.notedBy !== session) this.notedBy = session;
  }

  /** Enters the noted calls, as made at `now`; `entered` is told each command's. */
  enterNoted(now: number, entered: (id: number, times: number) => void): void {
    const session = this.notedBy;
    if (session !== null) session.lastCommandAt = now;
    this.notedBy = null;
    const noted = this.#noted;
    for (let id = 0; id < noted.length; id++) {
      const times = noted[id]!;
      if (times === 0) continue;
      noted[id] = 0;
      this.countAgain(id, times);
      if (session !== null) session.commandCount += times;
      entered(id, times);
    }
  }

  countError(code: string): void {
    this.errorReplies++;
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
