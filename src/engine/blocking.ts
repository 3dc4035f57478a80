import type { Bytes } from '../core/bytes.js';
import { ErrorReply, NO_REPLY, PENDING, type Reply } from '../core/reply.js';
import type { Database } from './database.js';
import { Deadlines, type Timed } from './deadlines.js';
import type { Engine } from './engine.js';
import * as meta from './entry-meta.js';
import type { EngineSession } from './session.js';

/** A blocked session and what it waits for. */
export interface Blocked {
  readonly session: EngineSession;
  readonly db: Database;
  readonly keys: readonly Bytes[];
  /** The type of value that can serve it; −1 if it waits for no key (WAIT). */
  readonly type: number;
  /** Unix ms at which `timedOut` is replied; 0: never. */
  deadline: number;
  /** Whether replies were turned off (CLIENT REPLY) when the command was given. */
  readonly muted: boolean;
  /** Tries to serve the session from `key`, which holds a value of the right type. Null: not yet. */
  serve(key: Bytes): Reply | null;
  timedOut: Reply;
  /** When the session can be served by existing data for lack of anything new, Unix ms; Infinity: never. */
  readonly ripensAt?: () => number;
  /** The error that ends the wait when a key no longer holds the type; absent: the wait continues. */
  readonly lost?: (key: Bytes) => ErrorReply;
}

export type BlockRequest = Pick<Blocked, 'keys' | 'type' | 'timedOut' | 'serve' | 'lost' | 'ripensAt'> & {
  /** Milliseconds; 0 waits indefinitely. Already validated. */
  timeoutMs: number;
};

/** A wait that ends by time alone. */
interface Ripening extends Timed {
  readonly blocked: Blocked;
}

/** A key that got a value, by its database. */
interface ReadyKey {
  readonly db: Database;
  readonly key: Bytes;
}

const unblocked = new ErrorReply('UNBLOCKED client unblocked via CLIENT UNBLOCK');

/**
 * Who waits for which key, in the order in which they came. Keys that got a value during a command are served after it
 * (after EXEC for a whole transaction), key by key in the order in which they became ready. Serving may make further
 * keys ready (BLMOVE): those come in the next round.
 */
export class Blocking {
  readonly #engine: Engine;
  readonly #queues: Map<Bytes, Set<Blocked>>[];
  /** How many wait for each type of value: a new value that nobody waits for costs one look here. */
  readonly #waiting: number[] = new Array(meta.TYPE_MASK + 1).fill(0);
  #ready: ReadyKey[] = [];
  /** The keys in `#ready` and those of the round being served that are still to come. */
  readonly #marked: Set<Bytes>[];
  #serving = false;
  readonly #ripening = new Map<Blocked, Ripening>();
  readonly #ripeAt: Deadlines<Ripening>;
  /** Sessions served in this run: they may go on once everybody was served. */
  #served: EngineSession[] = [];
  /** The number of waiting sessions. */
  count = 0;
  /** How many of them have a deadline. */
  timedCount = 0;

  constructor(engine: Engine, databases: number) {
    this.#engine = engine;
    this.#queues = Array.from({ length: databases }, () => new Map());
    this.#marked = Array.from({ length: databases }, () => new Set());
    this.#ripeAt = new Deadlines(
      () => engine.clock,
      ({ blocked }) => this.#ripe(blocked),
    );
  }

  /** True when nobody waits, which hot paths check. */
  get idle(): boolean {
    return this.count === 0;
  }

  /** The number of keys waited for. */
  get waitedKeys(): number {
    return this.#queues.reduce((sum, queues) => sum + queues.size, 0);
  }

  /** The number of keys with a waiter that must be told when the key goes. */
  get groupKeys(): number {
    const told = (queue: Set<Blocked>): boolean => [...queue].some(({ lost }) => lost !== undefined);
    return this.#queues.reduce((sum, queues) => sum + [...queues.values()].filter(told).length, 0);
  }

  /** Queues a session for each key. Returns what its handler replies. O(keys). */
  block(session: EngineSession, request: BlockRequest): Reply {
    const { keys, type, timedOut, timeoutMs, serve, lost, ripensAt } = request;
    const deadline = timeoutMs > 0 ? this.#engine.now + timeoutMs : 0;
    const muted = session.replyMode === 'off' || session.replyMode === 'skip';
    const blocked: Blocked = {
      session,
      db: session.db,
      keys,
      type,
      deadline,
      muted,
      timedOut,
      serve,
      ...(lost ? { lost } : {}),
      ...(ripensAt ? { ripensAt } : {}),
    };
    session.waiting = blocked;
    this.count++;
    if (type >= 0) this.#waiting[type]++;
    const queues = this.#queues[session.db.index];
    for (const key of keys) {
      const queue = queues.get(key);
      if (queue) queue.add(blocked);
      else queues.set(key, new Set([blocked]));
    }
    if (deadline > 0) {
      this.timedCount++;
      this.#engine.timers.add(blocked);
    }
    this.#awaitRipeness(blocked);
    this.#engine.plainChanged();
    return PENDING;
  }

  /** A key was created: if anyone waits for a value of its type, it is served after this command. O(1). */
  keyReady(db: Database, key: Bytes): void {
    if (this.count === 0 || !this.#queues[db.index].has(key)) return;
    const slot = db.keyspace.find(key);
    if (slot < 0 || this.#waiting[db.keyspace.typeOf(slot)] === 0) return;
    this.#mark(db, key);
  }

  /** A stream was removed or replaced: sessions that read it in a group cannot be served any more. O(1). */
  streamLost(keyspace: object, key: Bytes): void {
    if (this.#waiting[meta.TYPE_STREAM] === 0) return;
    const db = this.#engine.databases.find((database) => database.keyspace === keyspace);
    if (db !== undefined && this.#queues[db.index].has(key)) this.#mark(db, key);
  }

  /** Call before all keys of a database are removed, or exchanged with those of another (SWAPDB). O(waited keys). */
  streamsLost(db: Database, by: Database | null): void {
    if (this.#waiting[meta.TYPE_STREAM] === 0) return;
    const isStream = ({ keyspace }: Database, key: Bytes): boolean => {
      const slot = keyspace.find(key);
      return slot >= 0 && keyspace.typeOf(slot) === meta.TYPE_STREAM;
    };
    for (const key of this.#queues[db.index].keys()) {
      if (isStream(db, key) && (by === null || !isStream(by, key))) this.#mark(db, key);
    }
  }

  #mark(db: Database, key: Bytes): void {
    const marked = this.#marked[db.index];
    if (marked.has(key)) return;
    marked.add(key);
    this.#ready.push({ db, key });
  }

  /** All keys of a database may have changed (SWAPDB). O(waited keys). */
  allReady(db: Database): void {
    for (const key of this.#queues[db.index].keys()) this.keyReady(db, key);
  }

  /** Serves every session that can be. Called after each command or transaction; also serves what that sets off. */
  serveReady(): void {
    if (this.#ready.length === 0 || this.#serving) return;
    this.#serving = true;
    try {
      while (this.#ready.length > 0) {
        const round = this.#ready;
        this.#ready = [];
        for (const { db, key } of round) {
          this.#marked[db.index].delete(key);
          this.#serveKey(db, key);
        }
      }
    } finally {
      this.#serving = false;
    }
    const served = this.#served;
    this.#served = [];
    for (const session of served) if (session.waiting === null && !session.ended) session.sink.resume();
  }

  /** The periodic work: sessions served by time alone, then those that can be served. */
  cron(): void {
    this.#ripeAt.run();
    this.serveReady();
  }

  /** The clock was replaced: waits that end by time must be scheduled anew. */
  clockChanged(): void {
    for (const blocked of [...this.#ripening.keys()]) this.#awaitRipeness(blocked);
  }

  /** It has just been tried in vain, so never at once again. */
  #awaitRipeness(blocked: Blocked): void {
    if (blocked.ripensAt === undefined) return;
    this.#forgetRipeness(blocked);
    const at = blocked.ripensAt();
    if (at === Number.POSITIVE_INFINITY) return;
    const ripening = { blocked, deadline: Math.max(at, Math.floor(this.#engine.now) + 1) };
    this.#ripening.set(blocked, ripening);
    this.#ripeAt.add(ripening);
  }

  #forgetRipeness(blocked: Blocked): void {
    const ripening = this.#ripening.get(blocked);
    if (ripening === undefined) return;
    this.#ripening.delete(blocked);
    this.#ripeAt.remove(ripening);
  }

  #ripe(blocked: Blocked): void {
    this.#forgetRipeness(blocked);
    for (const key of blocked.keys) this.keyReady(blocked.db, key);
    this.serveReady();
  }

  /** Serves the waiters in order, as long as there is a value of their type. */
  #serveKey(db: Database, key: Bytes): void {
    const queue = this.#queues[db.index].get(key);
    if (!queue) return;
    const before = db.peek(key);
    const isStream = before >= 0 && db.keyspace.typeOf(before) === meta.TYPE_STREAM;
    for (const blocked of queue) {
      const slot = db.peek(key);
      if (slot < 0) break;
      if (blocked.type !== db.keyspace.typeOf(slot)) continue;
      const startedAt = this.#engine.micros();
      const reply = this.#engine.asSession(blocked.session, () => blocked.serve(key));
      if (reply !== null) this.release(blocked, reply, this.#engine.micros() - startedAt);
      else this.#awaitRipeness(blocked);
    }
    if (isStream || this.#waiting[meta.TYPE_STREAM] === 0) return;
    for (const blocked of queue) if (blocked.lost) this.release(blocked, blocked.lost(key));
  }

  /** Ends the wait and sends the reply; `micros` is how long it took to produce. */
  release(blocked: Blocked, reply: Reply, micros = 0): void {
    const { session } = blocked;
    if (session.waiting !== blocked) return;
    this.forget(blocked);
    if (reply instanceof ErrorReply) this.#countError(session, reply);
    this.#engine.unblocked(session, micros);
    session.sink.reply(blocked.muted ? NO_REPLY : reply);
    if (this.#serving) this.#served.push(session);
    else session.sink.resume();
  }

  /** Ends the wait without a reply, as the session is gone. */
  forget(blocked: Blocked): void {
    if (blocked.session.waiting !== blocked) return;
    blocked.session.waiting = null;
    this.count--;
    if (blocked.type >= 0) this.#waiting[blocked.type]--;
    if (blocked.deadline > 0) {
      this.timedCount--;
      this.#engine.timers.remove(blocked);
    }
    this.#forgetRipeness(blocked);
    const queues = this.#queues[blocked.db.index];
    for (const key of blocked.keys) {
      const queue = queues.get(key);
      queue?.delete(blocked);
      if (queue?.size === 0) queues.delete(key);
    }
    this.#engine.plainChanged();
  }

  /** A deadline has passed by the engine's clock. */
  timedOut(blocked: Blocked): void {
    this.release(blocked, blocked.timedOut);
  }

  /** CLIENT UNBLOCK: ends a session's wait as if it had timed out, or with an error. False if it does not wait. */
  unblock(session: EngineSession, mode: 'timeout' | 'error'): boolean {
    const blocked = session.waiting;
    if (blocked === null) return false;
    this.release(blocked, mode === 'error' ? unblocked : blocked.timedOut);
    return true;
  }

  #countError(session: EngineSession, reply: ErrorReply): void {
    const { stats } = this.#engine;
    stats.countError(reply.code);
    if (session.lastCommand) stats.failed[session.lastCommand.id]++;
  }
}

export const BLOCK_ON_LIST = meta.TYPE_LIST;
export const BLOCK_ON_ZSET = meta.TYPE_ZSET;
export const BLOCK_ON_STREAM = meta.TYPE_STREAM;
