import type { Engine } from './engine.js';
import { USE_SHIFT } from './entry-meta.js';

const LRU_MASK = 0xffffff;
const LRU_RESOLUTION_MS = 1000;
/** A new key starts here so that it is not evicted at once. */
const LFU_INIT = 5;
const COUNTER_MAX = 255;

/**
 * When or how often a key was used, in 24 bits: seconds for LRU, or minutes (16 bits) and a logarithmic counter (8 bits)
 * for LFU. Stamps are taken on every access, so the time is only as fresh as the last `refresh`.
 */
export class UseClock {
  readonly #engine: Engine;
  #seconds = 0;
  #minutes = 0;
  #lfu = false;
  /** The stamp that a use leaves, shifted to its place in META; −1 for LFU, where it depends on the previous one. */
  stampBits = -1;
  /** Between the clock and the stamps: the clock may have been changed for another. */
  #offsetMs = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.refresh();
  }

  refresh(): void {
    const now = this.#engine.now + this.#offsetMs;
    this.#seconds = Math.floor(now / LRU_RESOLUTION_MS) & LRU_MASK;
    this.#minutes = Math.floor(now / 60_000) & 0xffff;
    this.#lfu = this.#engine.settings.maxmemoryPolicy.endsWith('lfu');
    this.stampBits = this.#lfu ? -1 : this.#seconds << USE_SHIFT;
  }

  /** The clock was replaced: stamps keep their age. */
  shift(ms: number): void {
    this.#offsetMs += ms;
    this.refresh();
  }

  copyFrom(other: UseClock): void {
    this.#offsetMs = other.#offsetMs;
    this.refresh();
  }

  /** Whether uses are counted; as of the last `refresh`. */
  get lfu(): boolean {
    return this.#lfu;
  }

  fresh(): number {
    return this.lfu ? (this.#minutes << 8) | LFU_INIT : this.#seconds;
  }

  touch(old: number): number {
    if (!this.lfu) return this.#seconds;
    return (this.#minutes << 8) | this.#increment(this.counter(old));
  }

  /** Milliseconds since the stamp was taken (LRU). */
  idleMs(stamp: number): number {
    this.refresh();
    const seconds = this.#seconds >= stamp ? this.#seconds - stamp : this.#seconds + (LRU_MASK - stamp);
    return seconds * LRU_RESOLUTION_MS;
  }

  /** The stamp of a key that has been idle for `ms`. */
  stampIdleFor(ms: number): number {
    this.refresh();
    return (this.#seconds - Math.floor(ms / LRU_RESOLUTION_MS)) & LRU_MASK;
  }

  /** The LFU counter, decayed by the minutes that passed. */
  counter(stamp: number): number {
    const { lfuDecayTime } = this.#engine.settings;
    const then = stamp >>> 8;
    const counter = stamp & 0xff;
    if (lfuDecayTime === 0) return counter;
    const elapsed = this.#minutes >= then ? this.#minutes - then : 0xffff - then + this.#minutes;
    return Math.max(0, counter - Math.floor(elapsed / lfuDecayTime));
  }

  stampWithCounter(counter: number): number {
    return (this.#minutes << 8) | (counter & 0xff);
  }

  #increment(counter: number): number {
    if (counter === COUNTER_MAX) return counter;
    const base = Math.max(0, counter - LFU_INIT);
    const chance = 1 / (base * this.#engine.settings.lfuLogFactor + 1);
    return this.#engine.random.unit() < chance ? counter + 1 : counter;
  }
}
