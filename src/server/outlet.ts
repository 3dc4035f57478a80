import { allocBytesUnsafe } from '../core/bytes.js';
import { microsNow } from '../core/clock.js';
import type { NetworkCounters, OutputLimit } from './engine-port.js';
import { setImmediate } from './immediate.js';
import type { Transport } from './transport.js';

/**
 * Redis' layout of a client's output, which its limits and CLIENT LIST are based on: a buffer, then a list of blocks.
 */
const BUFFER_BYTES = 16_384;
/** Replies are in an array shared by all connections. Each client is charged for as much of it as it used lately. */
const BUFFER_BYTES_MIN = 1024;
const BLOCK_BYTES = 20_464;
const BLOCK_MEMORY_BYTES = 20_504;
/** How much output an unauthenticated client may leave unread. */
const UNAUTHENTICATED_BYTES_MAX = 1024;

const CHUNK_BYTES_MIN = 1024;
const CHUNK_BYTES = 16_384;

interface Chunk {
  bytes: Uint8Array;
  from: number;
  to: number;
}

/** What an outlet needs from its peer. */
export interface OutletOwner {
  /** The output limit that applies now; null: none. */
  outputLimit(): OutputLimit | null;
  readonly authRequired: boolean;
  /** The limit was exceeded: the connection must be closed. */
  outputLimitReached(): void;
  /** The output will not be sent: the connection must be closed. */
  outputDropped(): void;
  /** All output has been sent. */
  outputSent(): void;
}

/**
 * One connection's output. Fresh replies are a segment `[from, to)` of the shared arena; what the socket would not
 * take, and what was written before another connection's replies, waits in chunks of its own, which are sent first.
 *
 *     chunks (older) → segment in the arena (newer) → transport
 */
export class Outlet {
  from = 0;
  to = 0;
  /** Whether it is in the hub's list of outlets with something to flush. */
  dirty = false;
  /** Nothing more is sent. */
  closed = false;
  /** All that was given to the transport. */
  sentBytes = 0;
  readonly #transport: Transport;
  readonly #owner: OutletOwner;
  readonly #counters: NetworkCounters;
  #chunks: Chunk[] = [];
  #queued = 0;
  #softSince = 0;
  /** The largest use of the arena since the last tick, and in the two intervals before. */
  #burst = 0;
  #lastBurst = 0;

  constructor(transport: Transport, owner: OutletOwner, counters: NetworkCounters) {
    this.#transport = transport;
    this.#owner = owner;
    this.#counters = counters;
    transport.onDrained = () => this.#drained();
  }

  /** Bytes not yet taken by the kernel. */
  get pendingBytes(): number {
    return this.#queued + this.to - this.from + this.#transport.pendingBytes;
  }

  /** The pending bytes as CLIENT LIST splits them: bytes in the buffer, blocks in the list, memory of the list. */
  get bufferBytes(): number {
    return Math.min(this.pendingBytes, BUFFER_BYTES);
  }
  /** The buffer size that the client's recent replies would have needed. */
  get replyBufferBytes(): number {
    return Math.min(Math.max(this.#burst, this.#lastBurst, BUFFER_BYTES_MIN), BUFFER_BYTES);
  }

  /** Called once a second. */
  tick(): void {
    this.#lastBurst = this.#burst;
    this.#burst = 0;
    this.checkLimit();
  }
  get listLength(): number {
    return Math.max(0, Math.ceil((this.pendingBytes - BUFFER_BYTES) / BLOCK_BYTES));
  }
  get listBytes(): number {
    return this.listLength * BLOCK_MEMORY_BYTES;
  }

  /** Moves the segment into chunks of its own, because another outlet has written behind it in the arena. */
  stash(arena: Uint8Array): void {
    this.#enqueue(arena, this.from, this.to);
    this.from = 0;
    this.to = 0;
  }

  /**
   * Sends what there is. False: the transport still holds the arena's array, which must be replaced. `whole` is false
   * in the middle of a reply: a limited client's output is then held back until its size is known.
   */
  flush(arena: Uint8Array, whole: boolean): boolean {
    const { from, to } = this;
    if (to - from > this.#burst) this.#burst = to - from;
    const limit = this.closed ? null : this.#owner.outputLimit();
    if ((limit !== null || this.#owner.authRequired) && this.checkLimit()) this.closed = true;
    this.from = 0;
    this.to = 0;
    if (this.closed) return true;
    if (this.#queued === 0 && !this.#transport.busy && (whole || limit === null)) {
      return from === to || this.#send(arena, from, to);
    }
    this.#enqueue(arena, from, to);
    if (whole) this.#pump();
    return true;
  }

  /**
   * Whether the limit is exceeded, in which case the owner is told. The soft limit counts from when it was first seen
   * exceeded.
   */
  checkLimit(): boolean {
    if (this.closed || this.listLength === 0) {
      this.#softSince = 0;
      return false;
    }
    const used = this.listBytes;
    if (this.#owner.authRequired && used > UNAUTHENTICATED_BYTES_MAX) return this.#refuse();
    const limit = this.#owner.outputLimit();
    if (limit === null) return false;
    if (limit.hard_bytes > 0 && used >= limit.hard_bytes) return this.#refuse();
    if (limit.soft_bytes === 0 || used < limit.soft_bytes) {
      this.#softSince = 0;
      return false;
    }
    const now = microsNow() / 1e6;
    if (this.#softSince === 0) this.#softSince = now;
    return now - this.#softSince > limit.soft_seconds && this.#refuse();
  }

  /** Whether everything has been sent. */
  get empty(): boolean {
    return this.#queued === 0 && this.from === this.to && !this.#transport.busy;
  }

  close(): void {
    this.closed = true;
    this.#chunks = [];
    this.#counters.heldBytes -= this.#queued;
    this.#queued = 0;
    this.#transport.destroy();
  }

  /** Discards the output of this turn and everything after it. */
  drop(): void {
    if (this.closed) return;
    this.closed = true;
    this.#owner.outputDropped();
  }

  #refuse(): boolean {
    this.#owner.outputLimitReached();
    return true;
  }

  #send(bytes: Uint8Array, from: number, to: number): boolean {
    this.#counters.outputBytes += to - from;
    this.sentBytes += to - from;
    this.#counters.writesProcessed++;
    return this.#transport.send(bytes, from, to);
  }

  #enqueue(source: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length === 0) return;
    let last = this.#chunks[this.#chunks.length - 1];
    if (last === undefined || last.bytes.length - last.to < length) {
      const size = Math.max(length, this.#chunks.length === 0 ? CHUNK_BYTES_MIN : CHUNK_BYTES);
      last = { bytes: allocBytesUnsafe(size), from: 0, to: 0 };
      this.#chunks.push(last);
    }
    last.bytes.set(source.subarray(from, to), last.to);
    last.to += length;
    this.#queued += length;
    this.#counters.heldBytes += length;
  }

  #pump(): void {
    let sent = 0;
    while (sent < this.#chunks.length && !this.#transport.busy) {
      const chunk = this.#chunks[sent++]!;
      this.#queued -= chunk.to - chunk.from;
      this.#counters.heldBytes -= chunk.to - chunk.from;
      this.#send(chunk.bytes, chunk.from, chunk.to);
    }
    if (sent === this.#chunks.length) this.#chunks = [];
    else if (sent > 0) this.#chunks.splice(0, sent);
  }

  #drained(): void {
    if (this.closed) return;
    if (this.dirty) {
      // The waiting output may include replies of this turn, which must not be sent before its end.
      setImmediate(() => this.#drained());
      return;
    }
    this.#pump();
    if (this.empty) this.#owner.outputSent();
  }
}
