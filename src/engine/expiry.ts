import type { Database } from './database.js';
import type { Engine } from './engine.js';
import { expireSomeFields } from './field-expiry.js';

const KEYS_PER_LOOP = 20;
const STALE_PERCENT_ACCEPTED = 10;
/** Share of the cron period that a run may take, percent. */
const TIME_PERCENT_MAX = 25;
const AVERAGE_WEIGHT = 50;

/**
 * Active expiry: looks at random keys with a TTL and deletes those that are due, again and again while many are,
 * within a bounded share of time. What it misses is deleted when it is looked up.
 */
export class ActiveExpiry {
  readonly #engine: Engine;
  /** DEBUG SET-ACTIVE-EXPIRE 0 turns it off. */
  enabled = true;
  #next = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  run(): void {
    if (!this.enabled) return;
    const startedAt = this.#engine.micros();
    this.#runWithin(startedAt);
    const micros = this.#engine.micros() - startedAt;
    this.#engine.stats.expireMicros += micros;
    this.#engine.latency.sample('expire-cycle', micros / 1000);
  }

  #runWithin(startedAt: number): void {
    const { databases, settings } = this.#engine;
    const budget = (TIME_PERCENT_MAX * 1_000_000) / settings.hz / 100;
    for (let i = 0; i < databases.length; i++) {
      const db = databases[this.#next++ % databases.length];
      const timed = db.keyspace.timedHashes;
      let more = true;
      while (more) {
        more = db.keyspace.expiries.size > 0 && this.#sample(db);
        if (timed.size > 0 && expireSomeFields(db)) more = true;
        if (!more || this.#engine.micros() - startedAt < budget) continue;
        this.#engine.stats.expiredTimeCapReached++;
        return;
      }
    }
  }

  /** Checks some keys; true when so many were due that it is worth going on. */
  #sample(db: Database): boolean {
    const { expiries } = db.keyspace;
    const effort = this.#engine.settings.activeExpireEffort - 1;
    const wanted = Math.min(expiries.size, KEYS_PER_LOOP + (KEYS_PER_LOOP / 4) * effort);
    let stale = 0;
    let ttlSum = 0;
    let ttlCount = 0;
    for (let i = 0; i < wanted && expiries.size > 0; i++) {
      const position = this.#engine.random.below(expiries.size);
      const ttl = expiries.deadline(position) - this.#engine.now;
      if (ttl < 0) {
        const slot = expiries.slot(position);
        db.expire(slot, db.keyspace.keyOf(slot));
        stale++;
      } else {
        ttlSum += ttl;
        ttlCount++;
      }
    }
    if (ttlCount > 0) this.#noteTtl(db, ttlSum / ttlCount);
    return (stale * 100) / wanted > STALE_PERCENT_ACCEPTED - effort;
  }

  #noteTtl(db: Database, sample: number): void {
    const { keyspace } = db;
    keyspace.averageTtl =
      keyspace.averageTtl === 0 ? sample : (keyspace.averageTtl * (AVERAGE_WEIGHT - 1) + sample) / AVERAGE_WEIGHT;
  }
}
