import type { Bytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import type { StreamId } from '../../core/stream-id.js';
import { type PendingEntry, PendingList } from './stream-pending.js';

/** Estimates of what V8 takes: the object, its id, its places in two lists. */
const PENDING_BYTES = 150;
const CONSUMER_OVERHEAD = 160;
const GROUP_OVERHEAD = 240;

/** The number of entries that a group has read is not known. */
export const UNKNOWN_READ = -1;

/** One of a group's readers. */
export interface StreamConsumer {
  readonly name: Bytes;
  /** What it was given and has not acknowledged. */
  readonly pending: PendingList;
  /** Unix ms at which it last asked for something. */
  seenAt: number;
  /** Unix ms at which it last got something; −1: never. */
  activeAt: number;
}

/** A consumer group: readers that share a stream's entries among them. */
export class StreamGroup {
  readonly name: Bytes;
  /** The last entry that was delivered to anybody. */
  lastId: StreamId;
  /** How many entries up to `lastId` the stream ever had, or `UNKNOWN_READ`. */
  entriesRead: number | bigint;
  /** What all its consumers have not acknowledged. */
  readonly pending = new PendingList();
  readonly #consumers = new Map<Bytes, StreamConsumer>();
  readonly #meter: MemoryMeter;
  #bytes: number;

  constructor(name: Bytes, lastId: StreamId, entriesRead: number | bigint, meter: MemoryMeter) {
    this.name = name;
    this.lastId = lastId;
    this.entriesRead = entriesRead;
    this.#meter = meter;
    this.#bytes = GROUP_OVERHEAD + name.length;
    meter.add(this.#bytes);
  }

  get memoryBytes(): number {
    return this.#bytes;
  }

  get consumerCount(): number {
    return this.#consumers.size;
  }

  /** By name, in byte order. O(n log n). */
  consumers(): StreamConsumer[] {
    return [...this.#consumers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  consumer(name: Bytes): StreamConsumer | null {
    return this.#consumers.get(name) ?? null;
  }

  /** Adds a consumer that the group does not have. */
  addConsumer(name: Bytes, seenAt: number, activeAt = -1): StreamConsumer {
    const consumer: StreamConsumer = { name, pending: new PendingList(), seenAt, activeAt };
    this.#consumers.set(name, consumer);
    this.#account(CONSUMER_OVERHEAD + name.length);
    return consumer;
  }

  /** Forgets a consumer and what it has pending. */
  removeConsumer(consumer: StreamConsumer): void {
    consumer.pending.forEach(({ id }) => {
      this.pending.remove(id);
    });
    this.#consumers.delete(consumer.name);
    this.#account(-(CONSUMER_OVERHEAD + consumer.name.length + consumer.pending.size * PENDING_BYTES));
  }

  /** Puts an entry, which nobody has pending, on a consumer's account. */
  addPending(id: StreamId, consumer: StreamConsumer, deliveredAt: number, deliveries: number | bigint): PendingEntry {
    const entry: PendingEntry = { id, consumer, deliveredAt, deliveries };
    this.pending.add(entry);
    consumer.pending.add(entry);
    this.#account(PENDING_BYTES);
    return entry;
  }

  /** Puts a pending entry on another consumer's account. */
  movePending(entry: PendingEntry, consumer: StreamConsumer): void {
    if (entry.consumer === consumer) return;
    entry.consumer.pending.remove(entry.id);
    consumer.pending.add(entry);
    entry.consumer = consumer;
  }

  removePending(entry: PendingEntry): void {
    this.pending.remove(entry.id);
    entry.consumer.pending.remove(entry.id);
    this.#account(-PENDING_BYTES);
  }

  clone(meter: MemoryMeter): StreamGroup {
    const copy = new StreamGroup(this.name, this.lastId, this.entriesRead, meter);
    for (const { name, seenAt, activeAt } of this.#consumers.values()) copy.addConsumer(name, seenAt, activeAt);
    this.pending.forEach(({ id, consumer, deliveredAt, deliveries }) => {
      copy.addPending(id, copy.consumer(consumer.name)!, deliveredAt, deliveries);
    });
    return copy;
  }

  dispose(): void {
    this.#account(-this.#bytes);
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    if (bytes > 0) this.#meter.add(bytes);
    else this.#meter.sub(-bytes);
  }
}
