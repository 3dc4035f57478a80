import type { Reply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import type { EngineSession } from '../session.js';

interface Waiter {
  readonly session: EngineSession;
  readonly replicas: number;
  /** Tells how many have what is waited for now. */
  readonly count: () => number;
  served(acknowledged: number): void;
}

/** Sessions that wait with WAIT until enough replicas have acknowledged their writes. */
export class Waiters {
  readonly #engine: Engine;
  readonly #acknowledged: (offset: number) => number;
  #all: Waiter[] = [];

  /** `acknowledged` tells how many replicas have so much of the stream. */
  constructor(engine: Engine, acknowledged: (offset: number) => number) {
    this.#engine = engine;
    this.#acknowledged = acknowledged;
  }

  get size(): number {
    return this.#all.length;
  }

  /**
   * Makes the session wait until `replicas` have all that it wrote; `timeoutMs` 0: without end. WAITAOF counts otherwise
   * and answers otherwise.
   */
  add(
    session: EngineSession,
    replicas: number,
    timeoutMs: number,
    how: { count?: () => number; reply?: (count: number) => Reply } = {},
  ): Reply {
    const { blocking } = this.#engine;
    const offset = session.writeOffset;
    const { count = () => this.#acknowledged(offset), reply: shown = (counted) => counted } = how;
    const reply = blocking.block(session, {
      keys: [],
      type: -1,
      timedOut: shown(count()),
      serve: () => null,
      timeoutMs,
    });
    const blocked = session.waiting!;
    this.#all.push({
      session,
      replicas,
      count,
      served(acknowledged) {
        blocked.timedOut = shown(acknowledged);
        if (acknowledged >= replicas) blocking.release(blocked, shown(acknowledged));
      },
    });
    return reply;
  }

  /** A replica has acknowledged something: ends the waits that it completes. */
  serve(): void {
    if (this.#all.length === 0) return;
    for (const waiter of this.#all) {
      if (waiter.session.waiting !== null) waiter.served(waiter.count());
    }
    this.#all = this.#all.filter(({ session }) => session.waiting !== null);
  }
}
