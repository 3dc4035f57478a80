import type { BackendStats, CallOptions, Lease, Request } from '../backend/backend.js';
import { bytesOf, itemsOf } from '../commands/shape.js';
import { keysOf, type Spec } from '../commands/spec.js';
import { type Bytes, bytesFromText } from '../core/bytes.js';
import { millisNow } from '../core/clock.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import { cacheSettings } from './cache-options.js';
import { ReadCache } from './read-cache.js';

/** Replies of reads kept in the client, until the server tells that their keys were changed (RESP3 tracking). */
export interface CacheOptions {
  /**
   * `default`: the server remembers which keys were read and tells of those. `broadcast`: it tells of all keys, or of those
   * with one of the `prefixes`, and remembers nothing.
   */
  readonly mode?: 'default' | 'broadcast';
  /** For `broadcast`: only reads of keys that begin so are kept. */
  readonly prefixes?: readonly string[];
  /** How many replies are kept; 10,000 unless given. */
  readonly entriesMax?: number;
  /** How many bytes they may take, by estimate; 64 MiB unless given. */
  readonly bytesMax?: number;
  /** Milliseconds that a reply is kept at the most; 0, the default, for no such limit. */
  readonly ttl?: number;
}

interface Flight {
  readonly keys: readonly Bytes[];
  readonly reply: Promise<Reply>;
  readonly timeout: number | undefined;
  /** One of its keys may have changed since it was sent: its reply is for those who asked already, not to be kept. */
  stale: boolean;
}

/**
 * Reads that are answered from memory. Kept are replies to commands that the table marks as reads of keys, and whose reply
 * follows from those keys alone. A change of a key that is heard of while a read of it is under way wins: that reply is
 * not kept. What this client writes is forgotten when it is sent, so its later reads see it. Without a connection that
 * tracks, nothing is kept.
 */
export class Caching {
  readonly #cache: ReadCache;
  readonly #mode: 'default' | 'broadcast';
  readonly #prefixes: readonly Bytes[];
  /** Reads under way by their words: others may join those that are not stale. */
  readonly #joinable = new Map<Bytes, Flight>();
  /** All reads under way, by their keys. */
  readonly #flights = new Map<Bytes, Set<Flight>>();
  #active = false;
  #hits = 0;
  #misses = 0;
  #coalesced = 0;
  #invalidations = 0;
  #discarded = 0;

  constructor(options: CacheOptions) {
    const { mode, prefixes, limits } = cacheSettings(options);
    this.#cache = new ReadCache(limits);
    this.#mode = mode;
    this.#prefixes = prefixes.map(bytesFromText);
  }

  /** The command that turns tracking on. */
  get request(): Bytes[] {
    const words = ['CLIENT', 'TRACKING', 'ON'];
    if (this.#mode === 'broadcast') words.push('BCAST', ...this.#prefixes.flatMap((prefix) => ['PREFIX', prefix]));
    return words;
  }

  get stats(): BackendStats {
    return {
      active: this.#active,
      entries: this.#cache.size,
      bytes: this.#cache.bytes,
      hits: this.#hits,
      misses: this.#misses,
      coalesced: this.#coalesced,
      invalidations: this.#invalidations,
      discarded: this.#discarded,
      evictions: this.#cache.evictions,
    };
  }

  /** A connection took over; `tracks` if its server tells of changes. */
  opened(tracks: boolean): void {
    this.clear();
    this.#active = tracks;
  }

  /** One of several connections took over that each tell of the keys that were read by it. */
  joined(): void {
    this.#active = true;
  }

  /** The reply of a read came by another way than the one that tells of changes: it is not kept. */
  overtook({ spec, argv }: Request): void {
    for (const { index } of keysOf(spec, argv) ?? []) this.#changed(argv[index]!);
  }

  /** No connection: nobody tells of changes. */
  left(): void {
    this.#active = false;
    this.clear();
  }

  push(push: PushReply): void {
    if (bytesOf(push.items[0] ?? null) !== 'invalidate') return;
    this.#invalidations++;
    const keys = itemsOf(push.items[1] ?? null);
    if (keys === null) this.clear();
    else for (const key of keys) this.#changed(bytesOf(key) ?? '');
  }

  /** Everything may have changed. */
  clear(): void {
    this.#cache.clear();
    for (const flights of this.#flights.values()) for (const flight of flights) flight.stale = true;
  }

  /**
   * The reply of a read, from memory, from one that is under way, or by `send`; null for a request that is none of its
   * business. Who joins a read that is under way shares its end, which comes no later than his own deadline.
   */
  read(request: Request, options: CallOptions, send: () => Promise<Reply>): Promise<Reply> | null {
    if (!this.#active || !isKept(request.spec)) return null;
    const keys = this.#keysOf(request);
    if (keys === null) return null;
    const name = nameOf(request.argv);
    const kept = this.#cache.get(name, millisNow());
    if (kept !== undefined) {
      this.#hits++;
      return Promise.resolve(kept);
    }
    const flight = this.#joinable.get(name);
    if (flight !== undefined && !flight.stale && options.signal === undefined && flight.timeout === options.timeout) {
      this.#coalesced++;
      return flight.reply;
    }
    this.#misses++;
    return this.#fly(name, keys, options, send);
  }

  /** A command is sent that may change keys. */
  wrote(request: Request): void {
    const { spec } = request;
    if (spec.isReadonly) return;
    const found = keysOf(spec, request.argv);
    if (found !== null && found.length > 0) for (const { index } of found) this.#changed(request.argv[index]!);
    // All keys, or the same names in another database.
    else if (spec.isWrite || spec.name === 'SELECT') this.clear();
  }

  /** Lets a conversation tell of what it writes: when it is sent, when it is answered, and when its EXEC is. */
  watch<L extends Lease>(lease: L): L {
    const call = lease.call.bind(lease);
    let queued: Request[] = [];
    lease.call = async (request, options) => {
      this.wrote(request);
      if (!request.spec.isReadonly) queued.push(request);
      try {
        return await call(request, options);
      } finally {
        this.wrote(request);
        if (request.spec.name === 'EXEC') for (const one of queued) this.wrote(one);
        if (request.spec.name === 'EXEC' || request.spec.name === 'DISCARD') queued = [];
      }
    };
    return lease;
  }

  #fly(name: Bytes, keys: readonly Bytes[], options: CallOptions, send: () => Promise<Reply>): Promise<Reply> {
    const reply = send().then(
      (value) => {
        this.#land(name, flight, value);
        return value;
      },
      (error) => {
        this.#land(name, flight, undefined);
        throw error;
      },
    );
    const flight: Flight = { keys, reply, timeout: options.timeout, stale: false };
    // One that may be given up is nobody else's.
    if (options.signal === undefined) this.#joinable.set(name, flight);
    for (const key of keys) {
      const flights = this.#flights.get(key);
      if (flights === undefined) this.#flights.set(key, new Set([flight]));
      else flights.add(flight);
    }
    return reply;
  }

  #land(name: Bytes, flight: Flight, reply: Reply | undefined): void {
    if (this.#joinable.get(name) === flight) this.#joinable.delete(name);
    for (const key of flight.keys) {
      const flights = this.#flights.get(key);
      flights?.delete(flight);
      if (flights?.size === 0) this.#flights.delete(key);
    }
    if (reply === undefined || reply instanceof ErrorReply) return;
    if (flight.stale || !this.#active) this.#discarded++;
    else this.#cache.set(name, flight.keys, reply, millisNow());
  }

  #changed(key: Bytes): void {
    this.#cache.forget(key);
    for (const flight of this.#flights.get(key) ?? []) flight.stale = true;
  }

  /** The keys of a read that may be kept; null if it may not. */
  #keysOf({ spec, argv }: Request): Bytes[] | null {
    const found = keysOf(spec, argv);
    if (found === null || found.length === 0) return null;
    const keys = found.map(({ index }) => argv[index]!);
    if (this.#prefixes.length === 0) return keys;
    return keys.every((key) => this.#prefixes.some((prefix) => key.startsWith(prefix))) ? keys : null;
  }
}

const bySpec = new Map<Spec, boolean>();

/** Whether replies to a command may be kept: reads of keys that are all named, whose reply is not left to chance or time. */
function isKept(spec: Spec): boolean {
  let kept = bySpec.get(spec);
  if (kept === undefined) {
    const named = spec.keySpecs.length > 0 && spec.keySpecs.every(({ begin }) => begin.type !== 'unknown');
    const fixed = !(spec.tips ?? []).includes('nondeterministic_output') && spec.group !== 'scripting';
    kept = spec.isReadonly && named && fixed && !spec.flags.includes('blocking');
    bySpec.set(spec, kept);
  }
  return kept;
}

/** A command by all its words, no two of which can be taken for another's. */
function nameOf(argv: readonly Bytes[]): Bytes {
  let name = argv[0]!.toUpperCase();
  for (let i = 1; i < argv.length; i++) name += ` ${argv[i]!.length} ${argv[i]}`;
  return name;
}
