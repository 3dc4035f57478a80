import { microsNow } from '../core/clock.js';
import { ReplyArena } from '../resp/reply-arena.js';
import { setImmediate } from './immediate.js';
import type { Outlet } from './outlet.js';

/**
 * Size of the array for the replies of one turn of the event loop; when it is full they are sent early. Doubling it
 * makes replies of 100 KiB a sixth slower, as their bytes leave the processor's caches before they are sent.
 */
const ARENA_BYTES = 65_536;

/** Callbacks for the end of a turn. */
export interface TurnEnd {
  /** Before the flush: unblocked clients continue. */
  beforeFlush(): void;
  /** Before anything is sent. False: nothing written in this turn may be. */
  commit(): boolean;
  /** After the flush: doomed connections are closed. */
  afterFlush(): void;
  /** The turn took so many microseconds from its first request on. */
  over(micros: number): void;
}

/**
 * Collects the replies of all connections during one turn of the event loop and sends them at its end,
 * one write per connection. Replies lie in one arena; each connection has a segment of it:
 *
 *     arena  │ peer 1 │ peer 2      │ peer 7 │ free …
 *
 * A deferred flush is what makes pipelining and many clients cheap: system calls are the larger part of a server's cost.
 */
export class OutputHub {
  readonly arena = new ReplyArena(ARENA_BYTES);
  readonly #turn: TurnEnd;
  #current: Outlet | null = null;
  #dirty: Outlet[] = [];
  #scheduled = false;
  #startedAt = 0;
  /** Bytes of this turn that were sent before its end. */
  #spilled = 0;
  readonly #run = () => this.#endTurn();

  constructor(turn: TurnEnd) {
    this.#turn = turn;
    this.arena.spill = () => this.#spill();
  }

  /**
   * Selects the outlet whose replies are written from now on. O(1) unless the replies of two connections interleave, in
   * which case the older ones are copied.
   */
  select(outlet: Outlet): void {
    if (this.#current === outlet) return;
    const at = this.arena.at;
    if (this.#current !== null) this.#current.to = at;
    this.#current = outlet;
    if (outlet.from !== outlet.to) {
      if (outlet.to === at) return;
      outlet.stash(this.arena.bytes);
    }
    outlet.from = at;
    outlet.to = at;
    if (outlet.dirty) return;
    outlet.dirty = true;
    this.#dirty.push(outlet);
    if (!this.#scheduled) this.schedule();
  }

  /** Bytes written in this turn, by all connections. */
  get written(): number {
    return this.#spilled + this.arena.at;
  }

  /** Brings the outlet's figures up to date with its bytes in the arena. */
  settle(): void {
    if (this.#current !== null) this.#current.to = this.arena.at;
  }

  /** Ensures that the end of the turn is handled even if there is nothing to send. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#startedAt = microsNow();
    setImmediate(this.#run);
  }

  /** Sends everything now. */
  flush(): void {
    if (!this.#turn.commit()) this.#drop();
    this.settle();
    this.#current = null;
    const dirty = this.#dirty;
    const bytes = this.arena.bytes;
    let held = false;
    this.#spilled = 0;
    this.#dirty = [];
    for (let i = 0; i < dirty.length; i++) {
      const outlet = dirty[i]!;
      outlet.dirty = false;
      if (!outlet.flush(bytes, true)) held = true;
    }
    if (held) this.arena.replace();
    else this.arena.reset();
  }

  #endTurn(): void {
    this.#scheduled = false;
    this.#turn.beforeFlush();
    this.flush();
    this.#turn.afterFlush();
    this.#turn.over(microsNow() - this.#startedAt);
  }

  /** The arena is full in the middle of the current outlet's reply. */
  #spill(): void {
    const current = this.#current;
    if (current === null || this.arena.at === 0) return;
    this.#spilled += this.arena.at;
    if (!this.#turn.commit()) this.#drop();
    this.settle();
    const bytes = this.arena.bytes;
    let held = false;
    for (const outlet of this.#dirty) {
      if (!outlet.flush(bytes, outlet !== current)) held = true;
      outlet.dirty = outlet === current;
    }
    this.#dirty = [current];
    if (held) this.arena.replace();
    else this.arena.at = 0;
  }

  /** Disconnects clients whose replies could not be made durable, without sending them. */
  #drop(): void {
    for (const outlet of this.#dirty) outlet.drop();
  }
}
