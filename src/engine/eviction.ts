import type { Database } from './database.js';
import type { Engine } from './engine.js';
import { NOTIFY_EVICTED } from './notify.js';
import { replicationBuffers } from './replication/buffers.js';

const POOL_SIZE = 16;
/** Evictions per call before it gives up; the next command continues. */
const EVICTIONS_MAX = 10_000;

interface Candidate {
  db: Database;
  key: string;
  /** The higher, the better a candidate. */
  score: number;
}

/**
 * Keeps memory under `maxmemory` by sampled LRU, LFU, TTL or random eviction. A pool keeps the best candidates seen
 * so far between calls, which makes few samples nearly as good as many.
 */
export class Eviction {
  readonly #engine: Engine;
  #pool: Candidate[] = [];
  #nextDb = 0;
  readonly #samples: number[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get overLimit(): boolean {
    const { settings, meter, network, replication } = this.#engine;
    if (settings.maxmemory === 0) return false;
    // Output waiting for replicas does not count: evictions are sent to them, which would cause more evictions.
    const uncounted = replication.replicas.size > 0 ? replicationBuffers(this.#engine).queued : 0;
    return meter.used + network.heldBytes - uncounted > settings.maxmemory;
  }

  /** Evicts until the data fits. False if it cannot: writes must be refused. */
  makeRoom(): boolean {
    // A replica has what its primary has.
    if (this.#engine.replication.following !== null && this.#engine.config.flag('replica-ignore-maxmemory'))
      return true;
    for (let i = 0; this.overLimit; i++) {
      if (i === EVICTIONS_MAX || this.#engine.settings.maxmemoryPolicy === 'noeviction') return false;
      if (!this.#evictOne()) return false;
    }
    return true;
  }

  #evictOne(): boolean {
    const { maxmemoryPolicy } = this.#engine.settings;
    const victim = maxmemoryPolicy.endsWith('random') ? this.#randomKey() : this.#bestKey();
    if (victim === null) return false;
    const { db, key } = victim;
    if (!db.remove(key)) return true;
    this.#engine.stats.evictedKeys++;
    db.notify(NOTIFY_EVICTED, 'evicted', key);
    db.modified(key, 'eviction');
    this.#engine.propagate(db.index, ['DEL', key]);
    return true;
  }

  #volatileOnly(): boolean {
    return this.#engine.settings.maxmemoryPolicy.startsWith('volatile');
  }

  #randomKey(): Candidate | null {
    const { databases, random } = this.#engine;
    for (let i = 0; i < databases.length; i++) {
      const db = databases[this.#nextDb++ % databases.length];
      const { keyspace } = db;
      const count = this.#volatileOnly() ? keyspace.expiries.size : keyspace.size;
      if (count === 0) continue;
      const slot = this.#volatileOnly() ? keyspace.expiries.slot(random.below(count)) : keyspace.randomSlot(random);
      return { db, key: keyspace.keyOf(slot), score: 0 };
    }
    return null;
  }

  #bestKey(): Candidate | null {
    for (;;) {
      let found = false;
      for (const db of this.#engine.databases) found = this.#fillPool(db) || found;
      if (!found) return null;
      while (this.#pool.length > 0) {
        const best = this.#pool.pop()!;
        if (best.db.keyspace.find(best.key) >= 0) return best;
      }
    }
  }

  #fillPool(db: Database): boolean {
    const { keyspace } = db;
    const { maxmemorySamples } = this.#engine.settings;
    const count = this.#volatileOnly() ? keyspace.expiries.size : keyspace.size;
    if (count === 0) return false;
    this.#samples.length = 0;
    if (this.#volatileOnly()) {
      const wanted = Math.min(maxmemorySamples, count);
      for (let i = 0; i < wanted; i++) this.#samples.push(keyspace.expiries.slot(this.#engine.random.below(count)));
    } else {
      keyspace.table.sampleSlots(maxmemorySamples, this.#engine.random, this.#samples);
    }
    for (const slot of this.#samples) this.#offer({ db, key: keyspace.keyOf(slot), score: this.#score(db, slot) });
    return true;
  }

  #score(db: Database, slot: number): number {
    const { useClock, settings } = this.#engine;
    if (settings.maxmemoryPolicy === 'volatile-ttl') return Number.MAX_SAFE_INTEGER - db.keyspace.deadline(slot)!;
    const stamp = db.keyspace.stamp(slot);
    return useClock.lfu ? 255 - useClock.counter(stamp) : useClock.idleMs(stamp);
  }

  /** Keeps the pool sorted, the best at the end. */
  #offer(candidate: Candidate): void {
    const pool = this.#pool;
    if (pool.some(({ db, key }) => db === candidate.db && key === candidate.key)) return;
    if (pool.length >= POOL_SIZE) {
      if (candidate.score <= pool[0].score) return;
      pool.shift();
    }
    let at = pool.length;
    while (at > 0 && pool[at - 1].score > candidate.score) at--;
    pool.splice(at, 0, candidate);
  }
}
