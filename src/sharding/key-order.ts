import type { Bytes } from '../core/bytes.js';

/**
 * The order of writes, per key, before they are sent. A write that is sent to all nodes at once needs only to come after
 * those before it; one whose effects follow its reply holds its keys until they are sent. Nodes carry out what one
 * connection sends them in order, so what is sent in the same order everywhere is done in the same order everywhere.
 *
 * Each turn waits for the last turn before it on each of its keys; a turn without keys waits for all, and all later ones
 * for it.
 */
export class KeyOrder {
  readonly #last = new Map<Bytes, Turn>();
  /** The last turn that concerns all keys. */
  #barrier: Turn | null = null;

  /** Whether nothing is in the way of a write on these keys (null: on any). */
  isFree(keys: readonly Bytes[] | null): boolean {
    if (this.#barrier !== null) return false;
    if (this.#last.size === 0) return true;
    return keys?.every((key) => !this.#last.has(key)) ?? false;
  }

  /** As `isFree`, for one key. */
  isFreeFor(key: Bytes): boolean {
    return this.#barrier === null && (this.#last.size === 0 || !this.#last.has(key));
  }

  /** Takes its place in line; `turn.begin()` resolves when it is its turn, and `turn.end()` lets the next go. */
  enter(keys: readonly Bytes[] | null): Turn {
    const turn = new Turn((ended) => this.#forget(ended, keys));
    if (this.#barrier !== null) turn.after(this.#barrier);
    if (keys === null) {
      for (const last of this.#last.values()) turn.after(last);
      this.#last.clear();
      this.#barrier = turn;
    } else {
      for (const key of keys) {
        const last = this.#last.get(key);
        if (last !== undefined && last !== turn) turn.after(last);
        this.#last.set(key, turn);
      }
    }
    return turn;
  }

  #forget(turn: Turn, keys: readonly Bytes[] | null): void {
    if (this.#barrier === turn) this.#barrier = null;
    for (const key of keys ?? []) if (this.#last.get(key) === turn) this.#last.delete(key);
  }
}

/** A place in line. */
class Turn {
  readonly #later: Turn[] = [];
  readonly #ended: (turn: Turn) => void;
  #before = 0;
  #start: (() => void) | null = null;
  #over = false;

  constructor(ended: (turn: Turn) => void) {
    this.#ended = ended;
  }

  after(turn: Turn): void {
    this.#before++;
    turn.#later.push(this);
  }

  /** Resolves at once if nothing is before it. */
  begin(): Promise<void> | null {
    if (this.#before === 0) return null;
    return new Promise((resolve) => {
      this.#start = resolve;
    });
  }

  /** Idempotent. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended(this);
    for (const turn of this.#later) {
      turn.#before--;
      if (turn.#before === 0) turn.#start?.();
    }
  }
}
