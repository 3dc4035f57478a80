import { compareIds, type StreamId } from '../../core/stream-id.js';
import type { StreamConsumer } from './stream-group.js';

/** An entry that was delivered and not acknowledged. One object stands in the list of its group and of its consumer. */
export interface PendingEntry {
  readonly id: StreamId;
  consumer: StreamConsumer;
  /** Unix ms of the last delivery. */
  deliveredAt: number;
  deliveries: number | bigint;
}

const CHUNK_MAX = 256;

/**
 * Pending entries by id, in chunks of at most 256: adding at the end O(1), finding, adding and removing elsewhere
 * O(log n + 256).
 */
export class PendingList {
  #chunks: PendingEntry[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): PendingEntry | null {
    return this.#chunks[0]?.[0] ?? null;
  }

  get last(): PendingEntry | null {
    return this.#chunks.at(-1)?.at(-1) ?? null;
  }

  find(id: StreamId): PendingEntry | null {
    const entry = this.atOrAfter(id);
    return entry !== null && compareIds(entry.id, id) === 0 ? entry : null;
  }

  /** The entry with the least id that is not below `id`. */
  atOrAfter(id: StreamId): PendingEntry | null {
    const chunk = this.#chunks[this.#chunkOf(id)];
    return chunk === undefined ? null : chunk[positionIn(chunk, id)];
  }

  /** Adds an entry; replaces the one with the same id. */
  add(entry: PendingEntry): void {
    const { last } = this;
    if (last === null || compareIds(entry.id, last.id) > 0) {
      this.#append(entry);
      return;
    }
    const index = this.#chunkOf(entry.id);
    const chunk = this.#chunks[index];
    const at = positionIn(chunk, entry.id);
    if (compareIds(chunk[at].id, entry.id) === 0) {
      chunk[at] = entry;
      return;
    }
    chunk.splice(at, 0, entry);
    this.#size++;
    if (chunk.length > CHUNK_MAX) this.#chunks.splice(index + 1, 0, chunk.splice(CHUNK_MAX / 2));
  }

  /** False if there is none with this id. */
  remove(id: StreamId): boolean {
    const index = this.#chunkOf(id);
    const chunk = this.#chunks[index];
    if (chunk === undefined) return false;
    const at = positionIn(chunk, id);
    if (compareIds(chunk[at].id, id) !== 0) return false;
    if (at === 0) chunk.shift();
    else chunk.splice(at, 1);
    this.#size--;
    if (chunk.length === 0) this.#chunks.splice(index, 1);
    return true;
  }

  /** Visits entries from `id` on, in order, until `visit` returns false. The list must not change meanwhile. */
  forEachFrom(id: StreamId, visit: (entry: PendingEntry) => boolean): void {
    let index = this.#chunkOf(id);
    if (index >= this.#chunks.length) return;
    let at = positionIn(this.#chunks[index], id);
    for (; index < this.#chunks.length; index++, at = 0) {
      const chunk = this.#chunks[index];
      for (; at < chunk.length; at++) if (!visit(chunk[at])) return;
    }
  }

  forEach(visit: (entry: PendingEntry) => void): void {
    for (const chunk of this.#chunks) for (const entry of chunk) visit(entry);
  }

  #append(entry: PendingEntry): void {
    const chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.length >= CHUNK_MAX) this.#chunks.push([entry]);
    else chunk.push(entry);
    this.#size++;
  }

  /** The index of the first chunk whose last id is not below `id`; the number of chunks if there is none. */
  #chunkOf(id: StreamId): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      if (compareIds(chunk[chunk.length - 1].id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The index of the first entry that is not below `id`, in a chunk that has one. */
function positionIn(chunk: readonly PendingEntry[], id: StreamId): number {
  let low = 0;
  let high = chunk.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIds(chunk[middle].id, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
