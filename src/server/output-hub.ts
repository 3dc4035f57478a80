import { ReplyArena } from '../resp/reply-arena.js';
import type { Outlet } from './outlet.js';

/** The runtime's own: test runners that fake timers put others in its place later, and sockets go on all the same. */
const { setImmediate } = globalThis;

/**
 * Replies of one turn of the event loop share an array of this size; when it is full they are sent early. Twice the
 * size costs a sixth more for replies of 100 KiB, whose bytes then leave the processor's caches before they are sent.
 */
const ARENA_BYTES = 65_536;

/** What the hub calls when the turn is over. */
export interface TurnEnd {
  /** Before the flush: clients that were unblocked go on. */
  beforeFlush(): void;
  /** Before anything goes out. False: nothing that was written in this turn may. */
  commit(): boolean;
  /** After the flush: connections that have to go are closed. */
  afterFlush(): void;
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
  readonly #run = () => this.#endTurn();

  constructor(turn: TurnEnd) {
    this.#turn = turn;
    this.arena.spill = () => this.#spill();
  }

  /** Whose replies are written from now on. O(1) unless two connections' replies interleave: then the older is copied. */
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

  /** Bytes that the outlet has in the arena so far are made visible in its figures. */
  settle(): void {
    if (this.#current !== null) this.#current.to = this.arena.at;
  }

  /** Makes sure that the turn's end comes although there may be nothing to send. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
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
  }

  /** The arena is full in the midst of a reply of the current outlet. */
  #spill(): void {
    const current = this.#current;
    if (current === null || this.arena.at === 0) return;
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

  /** Whose replies cannot be stood by is told nothing and disconnected. */
  #drop(): void {
    for (const outlet of this.#dirty) outlet.drop();
  }
}
