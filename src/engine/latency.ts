import type { Spec } from '../commands/spec.js';
import { DurationHistogram } from './duration-histogram.js';
import type { Engine } from './engine.js';

const SAMPLES_MAX = 160;

export interface LatencySample {
  /** Unix seconds. */
  time: number;
  ms: number;
}

export interface LatencyEvent {
  samples: LatencySample[];
  maxMs: number;
}

/** Spikes above `latency-monitor-threshold` by event, and the distribution of each command's duration. */
export class Latency {
  readonly #engine: Engine;
  readonly events = new Map<string, LatencyEvent>();
  /** By command id. */
  readonly #histograms: (DurationHistogram | undefined)[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  command(spec: Spec, micros: number): void {
    const { settings } = this.#engine;
    if (settings.latencyTracking) this.#histogram(spec.id).add(micros);
    if (settings.latencyMonitorThreshold > 0) {
      this.sample(spec.flags.includes('fast') ? 'fast-command' : 'command', micros / 1000);
    }
  }

  /** A command that waited took so long to be served. */
  unblocked(spec: Spec, micros: number): void {
    if (this.#engine.settings.latencyTracking) this.#histogram(spec.id).add(micros);
    this.sample('command-unblocking', micros / 1000);
  }

  /** Counts calls that were not measured as more of the last duration. */
  countAgain(id: number, times = 1): void {
    if (this.#engine.settings.latencyTracking) this.#histogram(id).addAgain(times);
  }

  /** Notes a duration if it is over the threshold. */
  sample(event: string, ms: number): void {
    const { settings, now } = this.#engine;
    if (settings.latencyMonitorThreshold === 0 || ms < settings.latencyMonitorThreshold) return;
    const entry = this.events.get(event) ?? { samples: [], maxMs: 0 };
    this.events.set(event, entry);
    const time = Math.floor(now / 1000);
    const whole = Math.floor(ms);
    entry.maxMs = Math.max(entry.maxMs, whole);
    const last = entry.samples.at(-1);
    if (last && last.time === time) last.ms = Math.max(last.ms, whole);
    else entry.samples.push({ time, ms: whole });
    if (entry.samples.length > SAMPLES_MAX) entry.samples.shift();
  }

  /** Undefined for a command that was never called. */
  histogram(id: number): DurationHistogram | undefined {
    return this.#histograms[id];
  }

  /** Forgets the samples of an event; false when there were none. */
  forget(event: string): boolean {
    return this.events.delete(event);
  }

  resetHistograms(): void {
    this.#histograms.length = 0;
  }

  #histogram(id: number): DurationHistogram {
    const known = this.#histograms[id];
    if (known) return known;
    const fresh = new DurationHistogram();
    this.#histograms[id] = fresh;
    return fresh;
  }
}
