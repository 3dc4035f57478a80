import { microsNow } from '../core/clock.js';
import type { NetworkCounters } from './network-counters.js';

const SAMPLES = 16;

/** How fast a counter moves: the mean of its last samples, as INFO's `instantaneous_…` fields show it. */
class Rate {
  readonly #perSecond = new Float64Array(SAMPLES);
  #next = 0;
  #lastCount = 0;
  #lastMicros = microsNow();

  sample(count: number, micros: number): void {
    const elapsed = micros - this.#lastMicros;
    if (elapsed <= 0) return;
    // A counter that was set back starts anew.
    const moved = Math.max(0, count - this.#lastCount);
    this.#perSecond[this.#next++ % SAMPLES] = (moved * 1_000_000) / elapsed;
    this.#lastCount = count;
    this.#lastMicros = micros;
  }

  get perSecond(): number {
    let sum = 0;
    for (const value of this.#perSecond) sum += value;
    return sum / SAMPLES;
  }

  reset(): void {
    this.#perSecond.fill(0);
  }
}

/** Commands, bytes in and out, and turns of the event loop per second; sampled by the engine's periodic work. */
export class Rates {
  readonly #commands = new Rate();
  readonly #input = new Rate();
  readonly #output = new Rate();
  readonly #turns = new Rate();
  readonly #turnMicros = new Rate();

  sample(commands: number, { inputBytes, outputBytes, turns, turnMicros }: NetworkCounters): void {
    const micros = microsNow();
    this.#commands.sample(commands, micros);
    this.#input.sample(inputBytes, micros);
    this.#output.sample(outputBytes, micros);
    this.#turns.sample(turns, micros);
    this.#turnMicros.sample(turnMicros, micros);
  }

  get commandsPerSecond(): number {
    return Math.floor(this.#commands.perSecond);
  }

  get inputBytesPerSecond(): number {
    return this.#input.perSecond;
  }

  get outputBytesPerSecond(): number {
    return this.#output.perSecond;
  }

  get turnsPerSecond(): number {
    return Math.floor(this.#turns.perSecond);
  }

  /** Of one turn. */
  get turnMicros(): number {
    const turns = this.#turns.perSecond;
    return turns === 0 ? 0 : Math.floor(this.#turnMicros.perSecond / turns);
  }

  reset(): void {
    this.#commands.reset();
    this.#input.reset();
    this.#output.reset();
    this.#turns.reset();
    this.#turnMicros.reset();
  }
}
