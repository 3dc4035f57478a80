/** Durations up to this many nanoseconds have a counter each; above, each power of two has STEPS counters. */
const EXACT_BITS = 8;
const EXACT = 1 << EXACT_BITS;
const STEPS = EXACT / 2;
const BITS_MAX = 30;
const NANOS_MAX = 2 ** BITS_MAX - 1;
/** LATENCY HISTOGRAM begins with this bucket and doubles. */
const FIRST_LEVEL_NANOS = 1024;

/** How often which duration occurred, to two significant digits: 1 ns to 1 s. Longer ones count as the longest. */
export class DurationHistogram {
  readonly #counts = new Uint32Array(EXACT + (BITS_MAX - EXACT_BITS) * STEPS);
  #total = 0;
  #last = 0;

  get total(): number {
    return this.#total;
  }

  add(micros: number): void {
    const nanos = micros <= 0 ? 0 : Math.min(NANOS_MAX, Math.round(micros) * 1000);
    this.#last = indexOf(nanos);
    this.addAgain();
  }

  /** Counts the last duration again. */
  addAgain(times = 1): void {
    this.#counts[this.#last] += times;
    this.#total += times;
  }

  /** The duration in microseconds which `percent` of all do not exceed. O(counters). */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor((percent / 100) * this.#total + 0.5));
    let seen = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i];
      if (seen >= wanted) return highestOf(i) / 1000;
    }
    return 0;
  }

  /** How many took at most 1, 2, 4 … microseconds: [upper bound, count so far], only where the count grows. */
  cumulative(): [micros: number, count: number][] {
    const steps: [number, number][] = [];
    let seen = 0;
    let at = 0;
    for (let level = FIRST_LEVEL_NANOS; seen < this.#total; level *= 2) {
      const end = Math.min(indexOf(Math.min(level, NANOS_MAX)) + 1, this.#counts.length);
      const before = seen;
      for (; at < end; at++) seen += this.#counts[at];
      if (seen > before) steps.push([Math.floor(highestOf(end - 1) / 1000), seen]);
    }
    return steps;
  }
}

function indexOf(nanos: number): number {
  if (nanos < EXACT) return nanos;
  const shift = 31 - Math.clz32(nanos) - (EXACT_BITS - 1);
  return EXACT + (shift - 1) * STEPS + ((nanos >>> shift) - STEPS);
}

/** The longest duration that is counted at `index`. */
function highestOf(index: number): number {
  if (index < EXACT) return index;
  const shift = Math.floor((index - EXACT) / STEPS) + 1;
  return (((index - EXACT) % STEPS) + STEPS + 1) * 2 ** shift - 1;
}
