import { type Bytes, bytesFromText, textFromBytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { compileGlob } from '../core/glob.js';
import { Engine } from '../engine/engine.js';
import { DataSnapshot, letGo } from '../engine/fork.js';
import { NOTIFY_GENERIC } from '../engine/notify.js';
import { announceKey } from '../engine/replacement.js';
import { aofFormat } from './backends/aof-format.js';
import type { DatasetBackend, Progress } from './backends/backend.js';
import { indexedStore, privateFileStore } from './backends/browser-stores.js';
import { ByteBackend } from './backends/byte-backend.js';
import { type JsonEntry, jsonFormat, jsonOfEntry, putEntry } from './backends/json-format.js';
import { jsonOfBytes } from './backends/json-text.js';
import { MemoryBackend } from './backends/memory-backend.js';
import { rdbFormat } from './backends/rdb-format.js';

/** Which keys are saved or loaded, and who is told the progress. */
export interface DatasetOptions {
  /** Only keys that begin with one of these prefixes. Default: all. */
  include?: readonly string[];
  /** No keys that begin with one of these prefixes. */
  exclude?: readonly string[];
  /** Called by `save`, `load` and `restore`; not by backends that handle no bytes (`memory`). */
  progress?: Progress;
}

const backends = new Map<string, () => DatasetBackend>([
  ['rdb', () => new ByteBackend(rdbFormat)],
  ['aof', () => new ByteBackend(aofFormat)],
  ['json', () => new ByteBackend(jsonFormat)],
  ['memory', once(() => new MemoryBackend())],
  ['indexeddb', () => new ByteBackend(rdbFormat, indexedStore())],
  ['opfs', () => new ByteBackend(rdbFormat, privateFileStore())],
]);

function once(make: () => DatasetBackend): () => DatasetBackend {
  let made: DatasetBackend | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** Registers a backend under a name, for all datasets of the process; replaces one of the same name. */
export function registerBackend(name: string, backend: DatasetBackend): void {
  backends.set(name, () => backend);
}

/** The backend registered under a name. Throws DataError if there is none. */
export function backendNamed(name: string): DatasetBackend {
  const make = backends.get(name);
  if (make === undefined) throw new DataError(`no backend '${name}': there are ${[...backends.keys()].join(', ')}`);
  return make();
}

/**
 * All data of an engine, to be saved elsewhere and restored. Loading replaces all data in one step; a failure changes
 * nothing. Watchers, blocked clients, the append-only file and replicas are notified.
 */
export class Dataset {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Writes a consistent snapshot of all data to `path`, `dump.<extension>` by default. */
  async save(path?: string, backend = 'rdb', options: DatasetOptions = {}): Promise<void> {
    const chosen = backendNamed(backend);
    const still = this.#selected(options);
    try {
      await chosen.save(path ?? `dump.${chosen.extension}`, still, options.progress);
    } finally {
      letGo(still);
    }
  }

  /**
   * Loads what `save` wrote. Returns false, with nothing changed, if there is nothing at `path`. Throws DataError for
   * invalid data.
   */
  async load(path?: string, backend = 'rdb', options: DatasetOptions = {}): Promise<boolean> {
    const chosen = backendNamed(backend);
    const loaded = this.#empty();
    if (!(await chosen.load(path ?? `dump.${chosen.extension}`, loaded, options.progress))) return false;
    this.#exchange(loaded, options);
    return true;
  }

  /** All data as one value: bytes, or whatever else the backend produces. */
  dump(backend = 'rdb', options: DatasetOptions = {}): unknown {
    const still = this.#selected(options);
    try {
      return backendNamed(backend).dump(still);
    } finally {
      letGo(still);
    }
  }

  /** Restores what `dump` returned. Throws DataError for invalid data, with nothing changed. */
  restore(data: unknown, backend = 'rdb', options: DatasetOptions = {}): void {
    const loaded = this.#empty();
    backendNamed(backend).restore(loaded, data, options.progress);
    this.#exchange(loaded, options);
  }

  /** One key of database 0 with type, deadline and value, or null if it does not exist. The JSON is exact. O(n). */
  dumpKey(key: string): JsonEntry | null {
    const db = this.#engine.databases[0];
    const slot = db.peek(bytesFromText(key));
    return slot < 0 ? null : jsonOfEntry(db, slot);
  }

  /** Restores a key from `dumpKey`; false if it exists and `replace` is not set, or if it has expired since. */
  restoreKey(key: string, dumped: JsonEntry, { replace = false }: { replace?: boolean } = {}): boolean {
    const engine = this.#engine;
    const db = engine.databases[0];
    const name = bytesFromText(key);
    if (!replace && db.exists(name)) return false;
    if (dumped.expiresAt !== undefined && dumped.expiresAt < engine.now) return false;
    const made = this.#empty();
    putEntry(made.databases[0], { ...dumped, key: jsonOfBytes(name) }, key);
    const { keyspace } = made.databases[0];
    db.remove(name);
    keyspace.copyTo(keyspace.find(name), db.keyspace, name);
    db.keyAdded(name);
    db.changed(name, NOTIFY_GENERIC, 'restore');
    announceKey(engine, db, db.keyspace.find(name));
    engine.blocking.serveReady();
    return true;
  }

  /** All keys of database 0 that match a glob pattern, as `dumpKey` returns them. O(keys). */
  snapshot(pattern = '*'): Record<string, JsonEntry> {
    const db = this.#engine.databases[0];
    const matches = compileGlob(bytesFromText(pattern));
    const found: [string, JsonEntry][] = [];
    db.keyspace.table.forEach((slot) => {
      const key = db.keyspace.keyOf(slot);
      if (matches(key) && !db.isDue(slot)) found.push([textFromBytes(key), jsonOfEntry(db, slot)]);
    });
    return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A fork that holds the selected keys only, unaffected by what happens to the engine meanwhile. */
  #selected(options: DatasetOptions): Engine {
    const fork = this.#engine.fork();
    prune(fork, options);
    return fork;
  }

  #empty(): Engine {
    const { config, clock, hashSeed, databases } = this.#engine;
    return new Engine({ config: config.copy(), clock, hashSeed, databases: databases.length });
  }

  #exchange(loaded: Engine, options: DatasetOptions): void {
    prune(loaded, options);
    const snapshot = new DataSnapshot(loaded);
    letGo(loaded);
    this.#engine.rollback(snapshot);
    snapshot.release();
  }
}

function prune(engine: Engine, { include, exclude = [] }: DatasetOptions): void {
  if (include === undefined && exclude.length === 0) return;
  const wanted = include?.map(bytesFromText) ?? [''];
  const unwanted = exclude.map(bytesFromText);
  const begins = (key: Bytes, prefixes: readonly Bytes[]): boolean => prefixes.some((prefix) => key.startsWith(prefix));
  for (const { keyspace } of engine.databases) {
    keyspace.table.forEach((slot) => {
      const key = keyspace.keyOf(slot);
      if (!begins(key, wanted) || begins(key, unwanted)) keyspace.remove(slot);
    });
  }
}
