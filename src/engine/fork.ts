import type { Bytes } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { DataError } from '../core/errors.js';
import { MemoryMeter } from '../core/memory.js';
import type { Engine, EngineOptions } from './engine.js';
import { Keyspace } from './keyspace.js';
import type { KeyspaceHost } from './keyspace-host.js';
import { announceAll } from './replacement.js';
import type { ValueContext } from './value.js';

/** Options of a fork. */
export interface ForkOptions {
  /** The fork's clock. Default: an independent clock showing the same time, or the same clock if it is the system's. */
  clock?: Clock;
  /** Seeds the fork's random source. Default: it continues as the original would. */
  seed?: number;
}

/** The engine options for a fork of `engine`. */
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

/** Gives a new engine all data of another one. O(bytes / 1 MiB + scripts); no key is visited. */
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
 * Releases an engine that is no longer used: its forks, and what it was forked from, then need not copy what they
 * shared. The garbage collector finds out as well, but until then writes keep copying.
 */
export function letGo(engine: Engine): void {
  for (const { keyspace } of engine.databases) keyspace.lineage.leave();
}

/**
 * All data of an engine at one moment, without a copy: see `Keyspace`. It costs the memory of what the engine changes
 * later, in pieces of about 1 MiB; `release` frees that.
 */
export class DataSnapshot implements KeyspaceHost {
  readonly meter: MemoryMeter = new MemoryMeter();
  readonly hashSeed: number;
  readonly valueContext: ValueContext;
  /** One per database. */
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

  /** The number of keys, expired ones included. */
  get keys(): number {
    return this.keyspaces.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Replaces all data of `engine`, which must be the engine they were taken from, or a fork of it. O(bytes / 1 MiB);
   * O(n) if a log or replicas must be told. Time does not go back: keys that have expired since are gone. Throws
   * DataError for another engine and for a released snapshot.
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

  /** Releases the snapshot. The garbage collector finds out as well, but until then more is copied. */
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
