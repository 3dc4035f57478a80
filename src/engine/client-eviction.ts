import { clientLine, clientMemory } from './client-line.js';
import type { Engine } from './engine.js';
import type { EngineSession } from './session.js';

/** The lowest effective limit, which leaves room for an ordinary client. */
const LIMIT_BYTES_MIN = 128 * 1024;

/**
 * `maxmemory-clients`: what all clients take together is bounded; the largest go first. Whoever serves a session says
 * when its memory may have changed, and when evicting is safe.
 */
export class ClientEviction {
  readonly #engine: Engine;
  /** The last noted memory of each session. Empty while there is no limit. */
  readonly #noted = new Map<EngineSession, number>();
  #total = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Whether there is a limit; only then anything needs to be noted. */
  get on(): boolean {
    return this.#engine.settings.maxmemoryClients !== 0;
  }

  /** Bytes; Infinity without a limit. A negative setting is a percentage of `maxmemory`. */
  get limitBytes(): number {
    const { maxmemoryClients, maxmemory } = this.#engine.settings;
    const limit = maxmemoryClients < 0 ? Math.floor((maxmemory * -maxmemoryClients) / 100) : maxmemoryClients;
    return limit === 0 ? Number.POSITIVE_INFINITY : Math.max(limit, LIMIT_BYTES_MIN);
  }

  /** Recomputes or drops all sums after a change of the setting. O(clients). */
  limitChanged(): void {
    if (this.#noted.size > 0) this.#noted.clear();
    this.#total = 0;
    if (!this.on) return;
    for (const session of this.#engine.sessions.values()) this.note(session);
  }

  /** The memory of a session may have changed. O(1), except for the arguments of a waiting command. */
  note(session: EngineSession): void {
    // In-process callers have no connection that could be closed.
    const bytes = session.ended || session.sink.stats.fd < 0 ? 0 : clientMemory(session);
    this.#total += bytes - (this.#noted.get(session) ?? 0);
    if (bytes === 0) this.#noted.delete(session);
    else this.#noted.set(session, bytes);
  }

  /** The session is gone. */
  forget(session: EngineSession): void {
    this.#total -= this.#noted.get(session) ?? 0;
    this.#noted.delete(session);
  }

  /** Closes clients until the rest fits: from the largest size class (power of two) first, oldest first. */
  makeRoom(): void {
    const limit = this.limitBytes;
    if (this.#total < limit) return;
    const candidates = [...this.#noted].filter(([{ noEvict, closing }]) => !noEvict && !closing);
    const size = (bytes: number): number => Math.floor(Math.log2(bytes));
    candidates.sort(([a, aBytes], [b, bBytes]) => size(bBytes) - size(aBytes) || a.id - b.id);
    for (const [session] of candidates) {
      if (this.#total < limit) return;
      this.#engine.stats.evictedClients++;
      this.#engine.surroundings.log('notice', `Evicting client: ${clientLine(session)}`);
      session.close('now');
    }
  }
}
