import type { Bytes } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { DataError } from '../core/errors.js';
import { MemoryMeter } from '../core/memory.js';
import type { Engine, EngineOptions } from './engine.js';
import { Keyspace } from './keyspace.js';
import type { KeyspaceHost } from './keyspace-host.js';
import { announceAll } from './replacement.js';
import type { ValueContext } from './value.js';

/** What a fork has of its own from the beginning. */
export interface ForkOptions {
  /** The fork's clock. By default a clock of its own that shows the same time, or the same clock if that tells the time of day. */
  clock?: Clock;
  /** Seeds the fork's chance. By default it goes on as the original would. */
  seed?: number;
}

/** What a fork of `engine` is made with. */
export function forkOptions(engine: Engine, { clock, seed }: ForkOptions): EngineOptions {
  const { clock: own } = engine;
  return {
    databases: engine.databases.length,
    config: engine.config.copy(),
    hashSeed: engine.hashSeed,
    clock: clock ?? own.fork?.() ?? own,
    ...(seed === undefined ? {} : { seed }),
  };
}

/** Gives a new engine all data of another one. O(bytes / 1 MiB + scripts), no key is looked at. */
export function adoptData(twin: Engine, origin: Engine, { seed }: ForkOptions): Engine {
  if (seed === undefined) twin.random.copyFrom(origin.random);
  twin.databases.forEach((db, index) => {
    const { keyspace } = origin.databases[index];
    if (keyspace.size > 0) db.keyspace = new Keyspace(twin, keyspace);
  });
  twin.meter.used = origin.meter.used;
  twin.meter.peak = origin.meter.used;
  twin.scripting.adopt(origin.scripting);
  twin.acl.adopt(origin.acl);
  twin.useClock.copyFrom(origin.useClock);
  return twin;
}

/**
 * The engine is not used any more: forks of it, or what it was forked from, need not copy what they shared with it.
 * Without this the collector finds out by itself, but whoever writes copies until then.
 */
export function letGo(engine: Engine): void {
  for (const { keyspace } of engine.databases) keyspace.lineage.leave();
}

/**
 * All data of an engine as they were when it was taken, without a copy: see `Keyspace`. What is kept of it is what the
 * engine changes later, in pieces of about 1 MiB; `release` lets that go.
 */
export class DataSnapshot implements KeyspaceHost {
  readonly meter: MemoryMeter = new MemoryMeter();
  readonly hashSeed: number;
  readonly valueContext: ValueContext;
  /** By database. */
  readonly keyspaces: readonly Keyspace[];
  /** The sources of function libraries. */
  readonly functions: readonly Bytes[];
  /** The engine's time when it was taken. */
  readonly takenAt: number;
  #released = false;

  constructor(engine: Engine) {
    const { hashSeed, valueContext } = engine;
    this.hashSeed = hashSeed;
    this.valueContext = { ...valueContext, meter: this.meter };
    this.keyspaces = engine.databases.map(({ keyspace }) =>
      keyspace.size > 0 ? new Keyspace(this, keyspace) : new Keyspace(this),
    );
    this.meter.used = engine.meter.used;
    this.functions = engine.scripting.functionSources();
    this.takenAt = engine.now;
  }

  /** How many keys it holds, expired ones among them. */
  get keys(): number {
    return this.keyspaces.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Puts these data in the place of all that `engine` has; it must be the one they were taken from, or a fork of it.
   * O(bytes / 1 MiB); O(n) where a log or replicas must be told. Time does not go back: what has expired since is gone.
   * Throws DataError for another engine and for a snapshot that was released.
   */
  restoreTo(engine: Engine): void {
    if (this.#released) throw new DataError('the snapshot was released');
    if (engine.hashSeed !== this.hashSeed || engine.databases.length !== this.keyspaces.length) {
      throw new DataError('the snapshot was taken from another engine');
    }
    engine.saver.abandon();
    engine.databases.forEach((db, index) => {
      db.allReplaced(null);
      db.keyspace.watch?.beforeClear();
      db.keyspace.lineage.leave();
      const frozen = this.keyspaces[index];
      db.keyspace = frozen.size > 0 ? new Keyspace(engine, frozen) : new Keyspace(engine);
    });
    engine.meter.used = this.meter.used;
    engine.scripting.libraries.restore(this.functions, 'flush');
    announceAll(engine);
  }

  /** The snapshot is not used any more; without this the collector finds out by itself, but more is copied until then. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const keyspace of this.keyspaces) keyspace.lineage.leave();
  }

  touchStamp(old: number): number {
    return old;
  }

  freshStamp(): number {
    return 0;
  }

  streamLost(): void {}
}
