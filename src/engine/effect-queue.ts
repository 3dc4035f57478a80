import type { Bytes } from '../core/bytes.js';

/** Receives the commands that a copy must repeat to stay equal. */
export type EffectListener = (db: number, argv: readonly Bytes[]) => void;

/** A request where it was read: all of it is `bytes[from, to)`, word i is `bytes[offsets[2i], offsets[2i + 1])`. */
export interface RequestBytes {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly words: number;
  readonly from: number;
  readonly to: number;
}

/** As EffectListener, for a request whose own words are what must be repeated. */
export type RequestListener = (db: number, request: RequestBytes) => void;

/** Whom effects go to, as bits: the journal, the replicas, or both. */
export const TO_JOURNAL = 1;
export const TO_REPLICAS = 2;
export const TO_ALL = TO_JOURNAL | TO_REPLICAS;

interface Effect {
  readonly db: number;
  readonly argv: readonly Bytes[];
  readonly to: number;
}

/**
 * The effects of the running command, until it is over. A command (a transaction, a script) is propagated as a whole:
 * several effects are wrapped in MULTI and EXEC.
 */
export class EffectQueue {
  /** The append-only log; null while there is none. */
  journal: EffectListener | null = null;
  /** Told in the place of `journal` of what a lane carried out; null: no lane may change anything while there is a journal. */
  requests: RequestListener | null = null;
  /** The stream to replicas; null while there are none and no backlog is kept for them. */
  replicas: EffectListener | null = null;
  /** redis.set_repl: where the running script's effects go. */
  targets = TO_ALL;
  #unsent: Effect[] = [];

  /** Whether anyone receives effects. */
  get wanted(): boolean {
    return this.journal !== null || this.replicas !== null;
  }

  /** Whether the journal allows lanes. */
  get plain(): boolean {
    return this.journal === null || this.requests !== null;
  }

  get isEmpty(): boolean {
    return this.#unsent.length === 0;
  }

  add(db: number, argv: readonly Bytes[], to: number): void {
    const whom = to & this.targets;
    if (whom !== 0) this.#unsent.push({ db, argv, to: whom });
  }

  /** Sends the queued effects; `whole`: as one unit, however many there are. */
  send(whole: boolean): void {
    const unsent = this.#unsent;
    if (unsent.length === 0) return;
    this.#unsent = [];
    const wrapped = whole && unsent.length > 1;
    if (wrapped) this.#tell({ db: unsent[0].db, argv: ['MULTI'], to: TO_ALL });
    for (const effect of unsent) this.#tell(effect);
    if (wrapped) this.#tell({ db: unsent[unsent.length - 1].db, argv: ['EXEC'], to: TO_ALL });
  }

  #tell({ db, argv, to }: Effect): void {
    if (to & TO_JOURNAL) this.journal?.(db, argv);
    if (to & TO_REPLICAS) this.replicas?.(db, argv);
  }
}
