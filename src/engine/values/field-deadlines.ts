import type { Bytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';

/** What V8 takes for the object, and for an entry of the map and the heap, estimated. */
const OBJECT_BYTES = 160;
const ENTRY_BYTES = 72;
/** The heap is made anew when it holds this many entries more than twice what counts. */
const STALE_MAX = 64;

/**
 * The fields of one hash that end at a time, Unix ms, and which of them ends next. A deadline that was changed or taken
 * away stays in the heap until its turn comes, when the map tells that it does not count any more.
 */
export class FieldDeadlines {
  readonly #meter: MemoryMeter;
  readonly #byField = new Map<Bytes, number>();
  #times: number[] = [];
  #fields: Bytes[] = [];
  #metered = OBJECT_BYTES;

  constructor(meter: MemoryMeter) {
    this.#meter = meter;
    meter.add(OBJECT_BYTES);
  }

  get size(): number {
    return this.#byField.size;
  }

  get memoryBytes(): number {
    return this.#metered;
  }

  /** Not later than the first deadline; Infinity when there is none. O(1). */
  get next(): number {
    return this.#times.length === 0 ? Infinity : this.#times[0]!;
  }

  get(field: Bytes): number | undefined {
    return this.#byField.get(field);
  }

  /** O(log n). */
  set(field: Bytes, at: number): void {
    const old = this.#byField.get(field);
    if (old === at) return;
    if (old === undefined) this.#charge(ENTRY_BYTES);
    this.#byField.set(field, at);
    this.#push(field, at);
    if (this.#times.length > this.#byField.size * 2 + STALE_MAX) this.#rebuild();
  }

  /** True if there was one. */
  delete(field: Bytes): boolean {
    if (!this.#byField.delete(field)) return false;
    this.#charge(-ENTRY_BYTES);
    if (this.#byField.size === 0) {
      this.#times = [];
      this.#fields = [];
    } else {
      this.#dropStale();
    }
    return true;
  }

  /** The field that ends first, if that is before `now`; null otherwise. Its deadline stays. */
  firstDue(now: number): Bytes | null {
    this.#dropStale();
    return this.#times.length > 0 && this.#times[0]! < now ? this.#fields[0]! : null;
  }

  /** In no order. */
  forEach(visit: (at: number, field: Bytes) => void): void {
    this.#byField.forEach(visit);
  }

  clone(meter: MemoryMeter): FieldDeadlines {
    const copy = new FieldDeadlines(meter);
    this.#byField.forEach((at, field) => {
      copy.set(field, at);
    });
    return copy;
  }

  dispose(): void {
    this.#charge(-this.#metered);
  }

  #charge(bytes: number): void {
    this.#metered += bytes;
    this.#meter.add(bytes);
  }

  #dropStale(): void {
    while (this.#times.length > 0 && this.#byField.get(this.#fields[0]!) !== this.#times[0]) this.#pop();
  }

  #rebuild(): void {
    this.#times = [];
    this.#fields = [];
    this.#byField.forEach((at, field) => {
      this.#push(field, at);
    });
  }

  #push(field: Bytes, at: number): void {
    let i = this.#times.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#times[parent]! <= at) break;
      this.#put(i, this.#fields[parent]!, this.#times[parent]!);
      i = parent;
    }
    this.#put(i, field, at);
  }

  #pop(): void {
    const at = this.#times.pop()!;
    const field = this.#fields.pop()!;
    const length = this.#times.length;
    if (length === 0) return;
    let i = 0;
    for (;;) {
      let child = i * 2 + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#times[child + 1]! < this.#times[child]!) child++;
      if (this.#times[child]! >= at) break;
      this.#put(i, this.#fields[child]!, this.#times[child]!);
      i = child;
    }
    this.#put(i, field, at);
  }

  #put(i: number, field: Bytes, at: number): void {
    this.#times[i] = at;
    this.#fields[i] = field;
  }
}
