import type { BackendStats } from '../backend/backend.js';
import type { Emitter } from '../backend/events.js';

/** What took longer than a client wants to know of without being asked. */
export interface SlowCommand {
  /** `GET`, `EXEC`, `a pipeline of 3`: never its arguments. */
  readonly command: string;
  /** Milliseconds from the call to the reply. */
  readonly duration: number;
}

/** Durations are counted in classes whose bounds double: class n holds those below 2^n microseconds. */
const CLASSES = 32;

/** What connections count, for all connections of a client together. A count costs one addition. */
export class Tally {
  commands = 0;
  bytesIn = 0;
  bytesOut = 0;
  connects = 0;
  reconnects = 0;
  timeouts = 0;
  retries = 0;
  refused = 0;
  slow = 0;
  slowThreshold = Number.POSITIVE_INFINITY;
  onSlow: ((slow: SlowCommand) => void) | null = null;
  readonly #errors = new Map<string, number>();
  readonly #classes = new Float64Array(CLASSES);
  #replies = 0;
  #total = 0;
  #longest = 0;

  /** A server answered with an error. */
  error(code: string): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  /** A reply came `ms` after the call. */
  reply(ms: number, command: { readonly commandName: string }): void {
    this.#replies++;
    this.#total += ms;
    if (ms > this.#longest) this.#longest = ms;
    this.#classes[Math.min(CLASSES - 1, 32 - Math.clz32(ms * 1000))]!++;
    if (ms < this.slowThreshold) return;
    this.slow++;
    this.onSlow?.({ command: command.commandName, duration: ms });
  }

  get errors(): BackendStats {
    return Object.fromEntries(this.#errors);
  }

  /** Milliseconds; the percentiles are upper bounds, at most twice too high. */
  get latency(): BackendStats {
    return {
      count: this.#replies,
      mean: this.#replies === 0 ? 0 : this.#total / this.#replies,
      p50: this.#percentile(0.5),
      p99: this.#percentile(0.99),
      max: this.#longest,
    };
  }

  #percentile(share: number): number {
    const rank = Math.ceil(this.#replies * share);
    let seen = 0;
    for (let i = 0; i < CLASSES; i++) {
      seen += this.#classes[i]!;
      if (seen >= rank && seen > 0) return Math.min(this.#longest, 2 ** i / 1000);
    }
    return 0;
  }
}

/** Lets a tally tell of replies that took long: as event `slow`, and to the listener. */
export function watchSlow(
  tally: Tally,
  emitter: Emitter,
  slow: { readonly threshold: number; readonly listener?: (slow: SlowCommand) => void } | undefined,
): void {
  if (slow === undefined) return;
  tally.slowThreshold = slow.threshold;
  tally.onSlow = (command) => {
    emitter.emit('slow', command);
    callApart(() => slow.listener?.(command));
  };
}

/** A listener's own error is not one of the connection. */
function callApart(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
