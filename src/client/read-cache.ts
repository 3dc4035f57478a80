import type { Bytes } from '../core/bytes.js';
import {
  AttributedReply,
  BigNumberReply,
  DoubleReply,
  MapReply,
  PairsReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../core/reply.js';

export interface ReadCacheLimits {
  readonly entriesMax: number;
  readonly bytesMax: number;
  /** Milliseconds that an entry lives; 0 for as long as nothing is heard of its keys. */
  readonly ttl: number;
}

interface Entry {
  readonly name: Bytes;
  readonly keys: readonly Bytes[];
  readonly reply: Reply;
  readonly bytes: number;
  readonly expiresAt: number;
}

/** What an entry costs beside its bytes, by estimate. */
const ENTRY_OVERHEAD_BYTES = 200;
const ITEM_OVERHEAD_BYTES = 16;

/** Replies by the words of their command, least recently used first; found by the keys they came from too. Bounded. */
export class ReadCache {
  readonly #limits: ReadCacheLimits;
  readonly #entries = new Map<Bytes, Entry>();
  readonly #byKey = new Map<Bytes, Set<Entry>>();
  bytes = 0;
  evictions = 0;

  constructor(limits: ReadCacheLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(name: Bytes, now: number): Reply | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.expiresAt <= now) {
      this.#drop(entry);
      return undefined;
    }
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry.reply;
  }

  /** Keeps a reply; what is too large for the cache is not kept. */
  set(name: Bytes, keys: readonly Bytes[], reply: Reply, now: number): void {
    const { entriesMax, bytesMax, ttl } = this.#limits;
    const size = bytesOfReply(reply) + name.length * 2 + ENTRY_OVERHEAD_BYTES;
    const old = this.#entries.get(name);
    if (old !== undefined) this.#drop(old);
    if (size > bytesMax || entriesMax < 1) return;
    const entry = { name, keys, reply, bytes: size, expiresAt: ttl > 0 ? now + ttl : Number.POSITIVE_INFINITY };
    this.#entries.set(name, entry);
    this.bytes += size;
    for (const key of keys) {
      const entries = this.#byKey.get(key);
      if (entries === undefined) this.#byKey.set(key, new Set([entry]));
      else entries.add(entry);
    }
    while (this.#entries.size > entriesMax || this.bytes > bytesMax) {
      const [oldest] = this.#entries.values();
      this.#drop(oldest!);
      this.evictions++;
    }
  }

  /** Forgets what came from a key. */
  forget(key: Bytes): void {
    for (const entry of [...(this.#byKey.get(key) ?? [])]) this.#drop(entry);
  }

  clear(): void {
    this.#entries.clear();
    this.#byKey.clear();
    this.bytes = 0;
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.name);
    this.bytes -= entry.bytes;
    for (const key of entry.keys) {
      const entries = this.#byKey.get(key);
      entries?.delete(entry);
      if (entries?.size === 0) this.#byKey.delete(key);
    }
  }
}

/** About what a reply takes. */
function bytesOfReply(reply: Reply): number {
  if (typeof reply === 'string') return reply.length + ITEM_OVERHEAD_BYTES;
  if (reply === null || typeof reply !== 'object') return ITEM_OVERHEAD_BYTES;
  if (reply instanceof Status || reply instanceof VerbatimReply) return reply.text.length + ITEM_OVERHEAD_BYTES;
  if (reply instanceof BigNumberReply) return reply.digits.length + ITEM_OVERHEAD_BYTES;
  if (reply instanceof DoubleReply) return ITEM_OVERHEAD_BYTES;
  if (reply instanceof AttributedReply) return bytesOfReply(reply.reply);
  const items = Array.isArray(reply)
    ? reply
    : reply instanceof MapReply || reply instanceof PairsReply
      ? reply.flat
      : reply instanceof SetReply
        ? reply.items
        : [];
  return items.reduce<number>((sum, item) => sum + bytesOfReply(item), ITEM_OVERHEAD_BYTES);
}
