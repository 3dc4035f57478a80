import { arrayFromBytes } from '../../core/bytes.js';
import type { Engine } from '../engine.js';
import { Snapshot, type StreamPosition } from '../rdb/snapshot.js';
import type { Replica } from './replica.js';
import type { Spool } from './spool.js';

const MARK_BYTES = 40;
const CHUNK_BYTES = 65_536;
/** A wait is looked at again so often: its length may be set anew meanwhile. */
const WAIT_STEP_MS = 50;

/**
 * All data on their way to one or more replicas that asked for them at about the same time. The next chunk is made when
 * the slowest has taken the last: commands go on in between, and no more than a chunk per replica lies about.
 */
export class FullSync {
  readonly replicas: Set<Replica>;
  readonly startedAt: number;
  /** By mark: begun at once. Else the length has to be known, so the chunks are spooled until the last one is made. */
  readonly byMark: boolean;
  readonly #engine: Engine;
  readonly #snapshot: Snapshot;
  readonly #chunks: Iterator<Uint8Array>;
  readonly #over: (sync: FullSync) => void;
  readonly #spool: Spool | null;
  /** Who has yet to take the last chunk, and what comes then. */
  #awaited: { waiting: Set<Replica>; then: () => void } | null = null;
  readonly #mark: string;
  /** When a chunk was last taken by all. */
  lastProgressAt: number;
  #closed = false;

  constructor(
    engine: Engine,
    replicas: readonly Replica[],
    options: { spool: Spool | null; position: StreamPosition | null; over: (sync: FullSync) => void },
  ) {
    this.#engine = engine;
    this.replicas = new Set(replicas);
    this.startedAt = engine.now;
    this.lastProgressAt = engine.now;
    this.#spool = options.spool;
    this.byMark = options.spool === null;
    this.#over = options.over;
    const [first] = replicas;
    this.#snapshot = new Snapshot(engine, {
      position: options.position,
      keys: first.wantsKeys,
      functions: first.wantsFunctions,
    });
    this.#chunks = this.#snapshot.chunks();
    this.#mark = engine.random.hex(MARK_BYTES);
  }

  /** Replicas that have yet to take the last chunk. */
  get awaited(): Replica[] {
    return [...(this.#awaited?.waiting ?? [])];
  }

  start(): void {
    if (this.byMark) for (const replica of this.replicas) replica.sendText(`$EOF:${this.#mark}\r\n`);
    this.#next();
  }

  /** A replica is gone. */
  drop(replica: Replica): void {
    if (!this.replicas.delete(replica)) return;
    if (this.replicas.size === 0) this.close();
    else this.#taken(replica);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#snapshot.close();
    this.#spool?.close();
    this.#over(this);
  }

  #next(): void {
    if (this.#closed) return;
    this.lastProgressAt = this.#engine.now;
    const before = this.#snapshot.written;
    const step = this.#chunks.next();
    const keys = this.#snapshot.written - before;
    if (this.#delayOf(keys) >= 1) this.#wait(keys, 0, () => this.#take(step));
    else this.#take(step);
  }

  #take(step: IteratorResult<Uint8Array, void>): void {
    if (this.#spool === null) {
      if (step.done) this.#finish();
      else this.#spread(step.value);
    } else if (step.done) {
      for (const replica of this.replicas) {
        replica.sendText(`$${this.#spool.length}\r\n`);
        replica.sending = true;
      }
      this.#sendSpooled(this.#spool, 0);
    } else if (this.#stored(step.value)) {
      // A keep-alive: it is ignored, and gives other work its turn.
      this.#spread(newline);
    }
  }

  /** How many ms `rdb-key-save-delay` wants to be spent on so many keys. */
  #delayOf(keys: number): number {
    return (keys * this.#engine.config.number('rdb-key-save-delay')) / 1000;
  }

  #wait(keys: number, waited_ms: number, then: () => void): void {
    if (this.#closed) return;
    this.lastProgressAt = this.#engine.now;
    const left = this.#delayOf(keys) - waited_ms;
    if (left <= 0) {
      then();
      return;
    }
    const step = Math.min(left, WAIT_STEP_MS);
    setTimeout(() => this.#wait(keys, waited_ms + step, then), step);
  }

  #sendSpooled(spool: Spool, at: number): void {
    if (this.#closed) return;
    this.lastProgressAt = this.#engine.now;
    if (at >= spool.length) {
      this.#finish();
      return;
    }
    let chunk: Uint8Array;
    try {
      chunk = spool.read(at, CHUNK_BYTES);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#spread(chunk, () => this.#sendSpooled(spool, at + CHUNK_BYTES));
  }

  #stored(chunk: Uint8Array): boolean {
    try {
      this.#spool!.append(chunk);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** The storage fails: the replicas are let go, and will ask again. */
  #fail(error: unknown): void {
    this.#engine.surroundings.log('warning', `Synchronization failed: ${(error as Error).message}`);
    const replicas = [...this.replicas];
    this.close();
    for (const replica of replicas) replica.session.close('now');
  }

  /** Sends to all, and goes on when all have taken it. */
  #spread(chunk: Uint8Array, then: () => void = () => this.#next()): void {
    const waiting = new Set(this.replicas);
    this.#awaited = { waiting, then };
    for (const replica of this.replicas) {
      replica.sendData(chunk);
      replica.whenSent(() => this.#taken(replica));
    }
  }

  #taken(replica: Replica): void {
    const awaited = this.#awaited;
    if (awaited === null || this.#closed) return;
    awaited.waiting.delete(replica);
    if (awaited.waiting.size > 0) return;
    this.#awaited = null;
    awaited.then();
  }

  #finish(): void {
    const { now } = this.#engine;
    const { log } = this.#engine.surroundings;
    for (const replica of this.replicas) {
      if (this.byMark) replica.sendText(this.#mark);
      replica.goOnline(now, this.byMark && !replica.old);
      log('notice', `Synchronization with replica ${replica.name} succeeded`);
    }
    const done = [...this.replicas];
    this.close();
    for (const replica of done) if (replica.dataOnly) replica.session.close('after-replies');
  }
}

const newline = arrayFromBytes('\n');
