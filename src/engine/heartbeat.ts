import type { Engine } from './engine.js';

/**
 * What makes an engine do its periodic work. On a clock that says when it moves, that is each of its moves, so that a
 * program gives the same trace whenever it runs; real time then only drives what concerns the world outside. On all
 * other clocks it is an interval.
 */
export class Heartbeat {
  readonly #engine: Engine;
  #interval: ReturnType<typeof setInterval> | null = null;
  #unsubscribe: (() => void) | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  start(): void {
    if (this.#interval !== null) return;
    const engine = this.#engine;
    this.#unsubscribe = engine.clock.onMove?.(() => this.#moved()) ?? null;
    const beat = this.#unsubscribe === null ? () => engine.cron() : () => engine.outerCron();
    this.#interval = setInterval(beat, 1000 / engine.settings.hz);
    (this.#interval as { unref?: () => void }).unref?.();
  }

  stop(): void {
    if (this.#interval !== null) clearInterval(this.#interval);
    this.#interval = null;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  /** Its pace or its clock changed. */
  restart(): void {
    if (this.#interval === null) return;
    this.stop();
    this.start();
  }

  /** A command that moves the clock is over before anything else happens. */
  #moved(): void {
    if (this.#engine.current === null) this.#engine.cron();
    else queueMicrotask(() => this.#engine.cron());
  }
}
