import { arrayFromBytes } from '../../core/bytes.js';
import type { Engine } from '../engine.js';
import { Snapshot, type StreamPosition } from '../rdb/snapshot.js';
import type { Surroundings } from '../surroundings.js';
import type { Replica } from './replica.js';
import type { Spool } from './spool.js';

const MARK_BYTES = 40;
const CHUNK_BYTES = 65_536;

/**
 * What the log says of a transfer is what those look for who watch the logs of Redis, though here no child process
 * writes to a pipe.
 *
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
  readonly #chunks: AsyncIterator<Uint8Array, void, undefined>;
  /** The chunk that is made now, or was made last. */
  #step: Promise<IteratorResult<Uint8Array, void>> | null = null;
  /** Changes before the snapshot. */
  readonly #dirty: number;
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
    this.#chunks = this.#snapshot.slowly();
    this.#dirty = engine.dirty;
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
    if (this.replicas.size === 0) {
      if (this.byMark) this.#log('warning', 'Diskless rdb transfer, last replica dropped, killing fork child.');
      if (!this.#goesOnAsSave()) this.close();
    } else this.#taken(replica);
  }

  /** Lets the replicas go: they will ask again. */
  abandon(): void {
    const replicas = [...this.replicas];
    this.close();
    for (const replica of replicas) replica.session.close('now');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#snapshot.close();
    this.#spool?.close();
    this.#over(this);
  }

  /** Nobody waits for the data any more; where there are rules for saves they are not made in vain. */
  #goesOnAsSave(): boolean {
    const spool = this.#spool;
    if (spool === null || this.#closed) return false;
    const goesOn = this.#engine.saver.takeOver({
      snapshot: this.#snapshot,
      chunks: this.#all(spool),
      startedAt: this.startedAt,
      dirty: this.#dirty,
      over: () => spool.close(),
    });
    if (!goesOn) return false;
    this.#closed = true;
    this.#over(this);
    return true;
  }

  /** The data from the beginning: what is spooled, and what comes yet. */
  async *#all(spool: Spool): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < spool.length; at += CHUNK_BYTES) yield spool.read(at, CHUNK_BYTES);
    let step = await (this.#step ?? this.#chunks.next());
    while (!step.done) {
      yield step.value;
      step = await this.#chunks.next();
    }
  }

  #next(): void {
    if (this.#closed) return;
    this.lastProgressAt = this.#engine.now;
    this.#step = this.#chunks.next();
    void this.#step.then((step) => {
      if (!this.#closed) this.#take(step);
    });
  }

  #take(step: IteratorResult<Uint8Array, void>): void {
    // Spooled or sent: it has to be given to nobody else.
    this.#step = null;
    this.lastProgressAt = this.#engine.now;
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

  /** The storage fails. */
  #fail(error: unknown): void {
    this.#log('warning', `Synchronization failed: ${(error as Error).message}`);
    this.abandon();
  }

  get #log(): Surroundings['log'] {
    return this.#engine.surroundings.log;
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
    const up = this.replicas.size;
    if (this.byMark) this.#log('warning', `Diskless rdb transfer, done reading from pipe, ${up} replicas still up.`);
    for (const replica of this.replicas) {
      if (this.byMark) replica.sendText(this.#mark);
      replica.goOnline(now, this.byMark && !replica.old);
      const streamed = `Streamed replica with replica ${replica.name} succeeded (socket). `;
      const waits = 'Waiting for REPLCONF ACK from replica to enable streaming';
      this.#log('notice', this.byMark ? streamed + waits : `Synchronization with replica ${replica.name} succeeded`);
    }
    const done = [...this.replicas];
    this.close();
    for (const replica of done) if (replica.dataOnly) replica.session.close('after-replies');
  }
}

const newline = arrayFromBytes('\n');
