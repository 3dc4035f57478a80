import { QueueFullError } from '../core/errors.js';

/** What happens when the buffer is full: the oldest message is dropped, the new one is, or the iteration fails. */
export type Overflow = 'drop-oldest' | 'drop-newest' | 'error';

/** Why messages may be missing: the connection was lost and is back, or the reader was too slow for the buffer. */
export type GapReason = 'reconnect' | 'overflow';

/** How messages are buffered for a slow reader. */
export interface BufferOptions {
  /** The most messages that may wait to be read. Default 1000. */
  readonly buffer?: number;
  /** What happens beyond that. Default `drop-oldest`. */
  readonly overflow?: Overflow;
}

/** How a gap is reported: as an item of its own, on the next item, or not at all. */
export interface GapTelling<T> {
  readonly item?: (reason: GapReason) => T;
  mark?(next: T, reason: GapReason): void;
}

const BUFFER_DEFAULT = 1000;

interface Entry<T> {
  readonly item: T;
  /** Why something is missing before it. */
  gap: GapReason | null;
}

interface Reader<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

/**
 * Pushed items that are still to be read: a bounded queue from a producer that cannot be slowed down to an iterator.
 */
export class PushBuffer<T> {
  readonly #max: number;
  readonly #overflow: Overflow;
  readonly #telling: GapTelling<T>;
  #entries: Entry<T>[] = [];
  /** Index of the first unread entry: taking from the front is then O(1). */
  #from = 0;
  /** Why something is missing after the last entry. */
  #gap: GapReason | null = null;
  readonly #readers: Reader<T>[] = [];
  #ended = false;
  #error: unknown = null;
  /** How many were dropped for lack of room. */
  dropped = 0;

  constructor({ buffer = BUFFER_DEFAULT, overflow = 'drop-oldest' }: BufferOptions, telling: GapTelling<T> = {}) {
    this.#max = Math.max(1, buffer);
    this.#overflow = overflow;
    this.#telling = telling;
  }

  /** How many wait to be read. */
  get size(): number {
    return this.#entries.length - this.#from;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Adds an item, or applies the overflow policy. */
  push(item: T): void {
    if (this.#ended) return;
    if (this.size >= this.#max && !this.#makeRoom()) return;
    this.#entries.push({ item, gap: this.#gap });
    this.#gap = null;
    this.#serve();
  }

  /** Records that something may be missing here. */
  gap(reason: GapReason): void {
    if (this.#ended) return;
    this.#gap ??= reason;
    this.#serve();
  }

  /** Ends the input. Waiting items can still be read; after that, reading rejects with `error` once, or is done. */
  end(error: unknown = null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    for (const reader of this.#readers.splice(0)) this.#finish(reader);
  }

  /** Like `end`, discarding waiting items. */
  abandon(): void {
    this.#entries = [];
    this.#from = 0;
    this.#gap = null;
    this.end();
    this.#error = null;
  }

  /** The next item, as soon as there is one. */
  take(): Promise<IteratorResult<T, undefined>> {
    const item = this.poll();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    return new Promise((resolve, reject) => {
      if (this.#ended) this.#finish({ resolve, reject });
      else this.#readers.push({ resolve, reject });
    });
  }

  /** The next item; null if there is none when `signal` is aborted, or at the end. */
  async takeUnless(signal: AbortSignal): Promise<T | null> {
    const item = this.poll();
    if (item !== undefined || signal.aborted) return item ?? null;
    return await new Promise<T | null>((resolve, reject) => {
      const leave = (): void => {
        this.#readers.splice(this.#readers.indexOf(reader), 1);
        resolve(null);
      };
      const done = (): void => signal.removeEventListener('abort', leave);
      const reader: Reader<T> = {
        resolve(step) {
          done();
          resolve(step.done ? null : step.value);
        },
        reject(error) {
          done();
          reject(error);
        },
      };
      if (this.#ended) this.#finish(reader);
      else {
        signal.addEventListener('abort', leave, { once: true });
        this.#readers.push(reader);
      }
    });
  }

  /** The next item, if one waits. */
  poll(): T | undefined {
    const { item: gapItem, mark } = this.#telling;
    const entry = this.#entries[this.#from];
    if (gapItem !== undefined) {
      const gap = entry === undefined ? this.#gap : entry.gap;
      if (entry === undefined) this.#gap = null;
      else entry.gap = null;
      if (gap !== null) return gapItem(gap);
    }
    if (entry === undefined) return undefined;
    this.#shift();
    if (entry.gap !== null) mark?.(entry.item, entry.gap);
    return entry.item;
  }

  #serve(): void {
    if (this.#readers.length === 0) return;
    const item = this.poll();
    if (item !== undefined) this.#readers.shift()!.resolve({ done: false, value: item });
    if (this.size > 0) this.#serve();
  }

  /** Whether the new one has a place now. */
  #makeRoom(): boolean {
    this.dropped++;
    switch (this.#overflow) {
      case 'drop-oldest': {
        const gap = this.#entries[this.#from]!.gap ?? 'overflow';
        this.#shift();
        const next = this.#entries[this.#from];
        if (next === undefined) this.#gap ??= gap;
        else next.gap ??= gap;
        return true;
      }
      case 'drop-newest':
        this.#gap ??= 'overflow';
        return false;
      case 'error':
        this.end(new QueueFullError(`${this.#max} messages were not read in time`));
        return false;
    }
  }

  #shift(): void {
    this.#entries[this.#from++] = undefined as never;
    if (this.#from * 2 < this.#entries.length) return;
    this.#entries.splice(0, this.#from);
    this.#from = 0;
  }

  #finish(reader: Reader<T>): void {
    const error = this.#error;
    this.#error = null;
    if (error === null) reader.resolve({ done: true, value: undefined });
    else reader.reject(error);
  }
}
