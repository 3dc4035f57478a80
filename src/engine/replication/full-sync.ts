import { arrayFromBytes } from '../../core/bytes.js';
import type { Engine } from '../engine.js';
import { Snapshot, type StreamPosition } from '../rdb/snapshot.js';
import type { Replica } from './replica.js';

const MARK_BYTES = 40;

/**
 * All data on their way to one or more replicas that asked for them at about the same time. The next chunk is made when
 * the slowest has taken the last: commands go on in between, and no more than a chunk per replica lies about.
 */
export class FullSync {
  readonly replicas: Set<Replica>;
  readonly startedAt: number;
  /** By mark: begun at once. Else the length has to be known, so the chunks are kept until the last one is made. */
  readonly byMark: boolean;
  readonly #engine: Engine;
  readonly #snapshot: Snapshot;
  readonly #chunks: Iterator<Uint8Array>;
  readonly #over: (sync: FullSync) => void;
  #kept: Uint8Array[] | null;
  /** Who has yet to take the last chunk, and what comes then. */
  #awaited: { waiting: Set<Replica>; then: () => void } | null = null;
  readonly #mark: string;
  /** When a chunk was last taken by all. */
  lastProgressAt: number;
  #closed = false;

  constructor(
    engine: Engine,
    replicas: readonly Replica[],
    options: { byMark: boolean; position: StreamPosition | null; over: (sync: FullSync) => void },
  ) {
    this.#engine = engine;
    this.replicas = new Set(replicas);
    this.startedAt = engine.now;
    this.lastProgressAt = engine.now;
    this.byMark = options.byMark;
    this.#over = options.over;
    const [first] = replicas;
    this.#snapshot = new Snapshot(engine, {
      position: options.position,
      keys: first.wantsKeys,
      functions: first.wantsFunctions,
    });
    this.#chunks = this.#snapshot.chunks();
    this.#kept = options.byMark ? null : [];
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
    this.#over(this);
  }

  #next(): void {
    if (this.#closed) return;
    this.lastProgressAt = this.#engine.now;
    const step = this.#chunks.next();
    if (this.#kept === null) {
      if (step.done) this.#finish();
      else this.#spread(step.value);
      return;
    }
    if (!step.done) {
      this.#kept.push(step.value);
      // A keep-alive: it is ignored, and gives other work its turn.
      this.#spread(newline);
      return;
    }
    const length = this.#kept.reduce((sum, chunk) => sum + chunk.length, 0);
    for (const replica of this.replicas) replica.sendText(`$${length}\r\n`);
    this.#sendKept(this.#kept, 0);
  }

  #sendKept(kept: readonly Uint8Array[], at: number): void {
    if (this.#closed) return;
    this.lastProgressAt = this.#engine.now;
    if (at < kept.length) this.#spread(kept[at], () => this.#sendKept(kept, at + 1));
    else this.#finish();
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
