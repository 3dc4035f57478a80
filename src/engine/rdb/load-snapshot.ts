import { allocBytesUnsafe, type Bytes, sliceBytes } from '../../core/bytes.js';
import { typeOfCollection } from '../database.js';
import type { Engine } from '../engine.js';
import { Keyspace } from '../keyspace.js';
import type { Collection } from '../value.js';
import { copyBytes } from '../values/byte-ranges.js';
import { LOOK_AHEAD_KEYS } from '../values/look-ahead.js';
import { ChunkQueue } from './chunk-window.js';
import { LargeString } from './load-string.js';
import { type LoadedValue, loadValue } from './load-value.js';
import { moduleName } from './module-name.js';
import { NEED_MORE, RdbReader } from './rdb-reader.js';
import * as rdb from './rdb-type.js';

/** RESIZEDB is only a hint: no more room than this is made, in all databases, before the keys are there. */
const RESERVED_KEYS_MAX = 2 ** 22;
const KEY_BYTES = 1024;
const CHECKSUM_BYTES = 8;
/** A file begins with who made its format, and the version of that: `REDIS0010`; `VALKEY080` since Valkey 9. */
const HEADER = /^(REDIS|VALKEY)(.*)$/s;
const HEADER_BYTES = 9;

export interface LoadOptions {
  /** A name that is there twice: the later value counts. Else an error. */
  allowDuplicates?: boolean;
  /** Keys whose time is over are kept: the log that follows expects them. */
  keepExpired?: boolean;
  /** Told of each key instead of keeping it: memory stays as small as the largest value. */
  visit?: (entry: VisitedKey) => void;
  /** Told of every key that is left out because its time is over. */
  onExpired?: (database: number, key: Bytes) => void;
  /** Called now and then with the bytes read so far. */
  progress?: (bytes: number) => void;
}

/** A key of a file that is only looked at; the value is good during the call. */
export interface VisitedKey {
  readonly db: number;
  readonly key: Bytes;
  readonly value: LoadedValue;
  /** Unix ms; null without a TTL. */
  readonly deadline: number | null;
}

/** A file that was read whole and is in nobody's way yet: `install` it, or `discard` it. */
export interface LoadedSnapshot {
  /** By database. */
  readonly keyspaces: readonly Keyspace[];
  readonly version: number;
  readonly aux: ReadonlyMap<Bytes, Bytes>;
  /** The code of function libraries. */
  readonly functions: readonly Bytes[];
  readonly keysLoaded: number;
  readonly keysExpired: number;
  /** Keys without a value, which were left out. */
  readonly keysEmpty: number;
  /** How many bytes the data took. What follows in the file is left to whoever opened it. */
  readonly bytes: number;
}

/** How often `progress` is called. */
const PROGRESS_KEYS = 1024;
/** How many omitted keys are logged. */
const LOGGED_MAX = 10;

/**
 * Reads a whole RDB file of Redis 2.8 to 7.4. Throws an RdbError for anything that is none; the engine's data are not
 * touched in any case. O(n).
 */
export function loadSnapshot(engine: Engine, chunks: Iterable<Uint8Array>, options: LoadOptions = {}): LoadedSnapshot {
  const reader = new RdbReader(chunks, true);
  const loader = new Loader(engine, reader, options);
  try {
    return loader.run();
  } catch (thrown) {
    for (const keyspace of loader.keyspaces) dropKeyspace(keyspace);
    throw thrown;
  } finally {
    reader.close();
  }
}

/** From then on a key is tried only once the data in hand have doubled: a large value is not read again for every chunk. */
const LARGE_BYTES = 256 * 1024;

/** As `loadSnapshot`, from chunks that come little by little. */
export class SnapshotLoad {
  readonly #queue = new ChunkQueue();
  readonly #reader = new RdbReader(this.#queue, true);
  readonly #loader: Loader;
  #began = false;
  #ended = false;
  #waiting_bytes = 0;
  #wanted_bytes = 0;

  constructor(engine: Engine, options: LoadOptions = {}) {
    this.#loader = new Loader(engine, this.#reader, options);
  }

  /** How much memory the data took where they were saved; 0 where that is not known yet. */
  get usedMemory(): number {
    return Number(this.#loader.aux.get('used-mem') ?? 0) || 0;
  }

  /** How many keys are read. */
  get keysRead(): number {
    return this.#loader.keysRead;
  }

  /** Reads on. The chunk must not change afterwards. Throws an RdbError. */
  feed(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    this.#waiting_bytes += chunk.length;
    if (this.#waiting_bytes >= this.#wanted_bytes) this.#read();
  }

  /** All chunks have come. Throws an RdbError if something is missing. */
  end(): LoadedSnapshot {
    this.#queue.closed = true;
    if (!this.#ended) this.#read();
    return this.#loader.finish();
  }

  discard(): void {
    for (const keyspace of this.#loader.keyspaces) dropKeyspace(keyspace);
  }

  #read(): void {
    const reader = this.#reader;
    try {
      for (;;) {
        if (this.#ended) return;
        reader.mark();
        if (!this.#began) {
          this.#loader.begin();
          this.#began = true;
        } else if (!this.#loader.step()) {
          this.#ended = true;
        }
      }
    } catch (thrown) {
      if (thrown !== NEED_MORE) {
        this.discard();
        throw thrown;
      }
      reader.rewind();
      this.#waiting_bytes = 0;
      this.#wanted_bytes = reader.held > LARGE_BYTES ? reader.held : 0;
    }
  }
}

class Loader {
  readonly keyspaces: Keyspace[];
  readonly #engine: Engine;
  readonly #reader: RdbReader;
  readonly #options: LoadOptions;
  readonly aux = new Map<Bytes, Bytes>();
  readonly #functions: Bytes[] = [];
  readonly #now: number;
  #keyspace: Keyspace;
  #version = 0;
  #ofValkey = false;
  #loaded = 0;
  #expired = 0;
  #empty = 0;
  #reserved = 0;
  /** The key that is read: its value may move the window that it was in. */
  #key: Uint8Array = allocBytesUnsafe(KEY_BYTES);
  #keyLength = 0;
  #untilLook = 0;
  /** A long string that is not whole yet. */
  #large: LargeString | null = null;
  // Facts that precede the next key.
  #deadline: number | null = null;
  #idleSeconds: number | null = null;
  #frequency: number | null = null;

  constructor(engine: Engine, reader: RdbReader, options: LoadOptions) {
    this.#engine = engine;
    this.#reader = reader;
    this.#options = options;
    this.#now = engine.now;
    this.keyspaces = engine.databases.map(() => new Keyspace(engine));
    this.#keyspace = this.keyspaces[0];
  }

  run(): LoadedSnapshot {
    this.begin();
    while (this.step());
    return this.finish();
  }

  get keysRead(): number {
    return this.#loaded + this.#expired;
  }

  begin(): void {
    this.#version = this.#readVersion();
  }

  /**
   * Reads a key, or facts about one or about the file; false at the end. Nothing is kept of what was read only in part.
   */
  step(): boolean {
    if (this.#large !== null) {
      if (this.#large.step(this.#reader)) this.#putLarge(this.#large);
      return true;
    }
    const type = this.#reader.byte();
    if (type === rdb.EOF) {
      if (this.#version >= 5) this.#checkSum();
      return false;
    }
    if (type < rdb.OPCODE_MIN || !this.#opcode(type)) this.#entry(type);
    return true;
  }

  finish(): LoadedSnapshot {
    const reader = this.#reader;
    this.#options.progress?.(reader.offset);
    return {
      keyspaces: this.keyspaces,
      version: this.#version,
      aux: this.aux,
      functions: this.#functions,
      keysLoaded: this.#loaded,
      keysExpired: this.#expired,
      keysEmpty: this.#empty,
      bytes: reader.offset,
    };
  }

  #readVersion(): number {
    const reader = this.#reader;
    const [, maker, digits = ''] = HEADER.exec(reader.text(HEADER_BYTES)) ?? [];
    if (maker === undefined) throw reader.corrupt('no RDB file: it begins neither with REDIS nor with VALKEY');
    const version = /^\d+$/.test(digits) ? Number(digits) : 0;
    this.#ofValkey = maker === 'VALKEY';
    const newest = this.#ofValkey ? rdb.VALKEY_VERSION_MAX : rdb.RDB_VERSION_MAX;
    if (version < 1 || version > newest) {
      throw reader.corrupt(`can't handle RDB format version ${digits} (${maker}'s up to ${newest} are read)`);
    }
    return version;
  }

  /** Whether `type` was no type of a value but something that is dealt with now. */
  #opcode(type: number): boolean {
    const reader = this.#reader;
    switch (type) {
      case rdb.EXPIRETIME:
        this.#deadline = deadlineOf(reader.i32() * 1000);
        return true;
      case rdb.EXPIRETIME_MS:
        this.#deadline = deadlineOf(reader.i64Rounded());
        return true;
      case rdb.IDLE:
        this.#idleSeconds = reader.size();
        return true;
      case rdb.FREQ:
        this.#frequency = reader.byte();
        return true;
      case rdb.SELECTDB:
        this.#select(reader.size());
        return true;
      case rdb.RESIZEDB:
        this.#reserve(reader.size());
        reader.size();
        return true;
      case rdb.SLOT_INFO:
        for (let i = 0; i < 3; i++) reader.size();
        return true;
      case rdb.AUX: {
        const name = reader.string();
        this.aux.set(name, reader.string());
        return true;
      }
      case rdb.FUNCTION_2:
        this.#functions.push(reader.string());
        return true;
      case rdb.FUNCTION_PRE_GA:
        this.#functions.push(candidateFunctions(reader));
        return true;
      case rdb.MODULE_AUX:
        throw reader.corrupt(`data of the module ${moduleName(reader.size64())}, which is not supported`);
      default:
        return false;
    }
  }

  #select(index: number): void {
    const keyspace = this.keyspaces[index];
    if (keyspace === undefined)
      throw this.#reader.corrupt(`database ${index}, but there are only ${this.keyspaces.length}`);
    this.#keyspace = keyspace;
  }

  #reserve(keys: number): void {
    const count = Math.min(keys, RESERVED_KEYS_MAX - this.#reserved);
    this.#reserved += count;
    this.#keyspace.table.reserve(count);
  }

  #entry(type: number): void {
    const reader = this.#reader;
    if (type === rdb.STRING && --this.#untilLook < 0) {
      this.#untilLook = LOOK_AHEAD_KEYS - 1;
      reader.lookAhead(this.#keyspace.table);
    }
    reader.span();
    this.#keepKey();
    if (this.#ofValkey && type >= rdb.FOREIGN_TYPE_MIN) {
      throw reader.corrupt(`a value of the type ${type}, which only Valkey 9 and later have,`);
    }
    if (type === rdb.STRING && this.#options.visit === undefined) this.#string();
    else this.#value(loadValue(reader, type, this.#engine.valueContext));
    if (this.#large === null) this.#entryEnds();
  }

  #entryEnds(): void {
    this.#deadline = null;
    this.#idleSeconds = null;
    this.#frequency = null;
    if (this.#loaded % PROGRESS_KEYS === 0) this.#options.progress?.(this.#reader.offset);
  }

  #keepKey(): void {
    const { spanBytes, spanStart, spanLength } = this.#reader;
    if (spanLength > this.#key.length) this.#key = allocBytesUnsafe(spanLength);
    copyBytes(spanBytes, spanStart, spanLength, this.#key, 0);
    this.#keyLength = spanLength;
  }

  get #keyText(): Bytes {
    return sliceBytes(this.#key, 0, this.#keyLength);
  }

  /** A string goes from where it was read to where it is kept. */
  #string(): void {
    const reader = this.#reader;
    this.#large = LargeString.begin(reader, this.#keyspace.table.slab);
    if (this.#large !== null || this.#isLate()) return;
    const slot = this.#newSlot();
    this.#keyspace.putStringBytes(slot, reader.spanBytes, reader.spanStart, reader.spanLength);
    this.#describe(slot);
  }

  #putLarge({ block, length }: LargeString): void {
    this.#large = null;
    const keyspace = this.#keyspace;
    if (this.#isLate()) keyspace.table.slab.free(block, length);
    else {
      const slot = this.#newSlot();
      keyspace.setWords(slot, block, length, 0);
      this.#describe(slot);
    }
    this.#entryEnds();
  }

  #value(value: LoadedValue | null): void {
    // Old servers may have left empty collections behind: they are no keys.
    if (value === null) {
      if (this.#empty++ < LOGGED_MAX)
        this.#engine.surroundings.log('warning', `rdbLoadObject skipping empty key: ${this.#keyText}`);
      return;
    }
    const { visit } = this.#options;
    if (visit !== undefined) {
      visit({ db: this.keyspaces.indexOf(this.#keyspace), key: this.#keyText, value, deadline: this.#deadline });
      if (typeof value !== 'string') value.dispose();
      this.#loaded++;
      return;
    }
    // Only a visitor is given strings.
    const collection = value as Collection;
    if (this.#isLate()) {
      collection.dispose();
      return;
    }
    let slot: number;
    try {
      slot = this.#newSlot();
    } catch (thrown) {
      collection.dispose();
      throw thrown;
    }
    this.#keyspace.fillCollection(slot, typeOfCollection(collection), collection);
    this.#describe(slot);
  }

  /** Whether the key's time is over; it is counted then. */
  #isLate(): boolean {
    if (this.#deadline === null || this.#deadline >= this.#now || this.#options.keepExpired) return false;
    this.#expired++;
    this.#options.onExpired?.(this.keyspaces.indexOf(this.#keyspace), this.#keyText);
    return true;
  }

  /** A slot for the key, to be given a value at once. */
  #newSlot(): number {
    const keyspace = this.#keyspace;
    const old = keyspace.table.findBytes(this.#key, 0, this.#keyLength);
    if (old < 0) return keyspace.addMissedBytes(this.#key, 0, this.#keyLength);
    if (!this.#options.allowDuplicates) throw this.#reader.corrupt('a key twice');
    keyspace.remove(old);
    return keyspace.addBytes(this.#key, 0, this.#keyLength);
  }

  /** Applies to a new key the facts that preceded its value. */
  #describe(slot: number): void {
    this.#loaded++;
    const keyspace = this.#keyspace;
    if (this.#deadline !== null) keyspace.setDeadline(slot, this.#deadline);
    if (this.#frequency === null && this.#idleSeconds === null) return;
    const { useClock } = this.#engine;
    if (useClock.lfu) {
      if (this.#frequency !== null) keyspace.setStamp(slot, useClock.stampWithCounter(this.#frequency));
    } else if (this.#idleSeconds !== null) {
      keyspace.setStamp(slot, useClock.stampIdleFor(this.#idleSeconds * 1000));
    }
  }

  /** A file that was saved without a checksum says 0. */
  #checkSum(): void {
    const reader = this.#reader;
    reader.ensure(CHECKSUM_BYTES);
    const actual = reader.checksum();
    const stated = reader.u64();
    if (stated === 0n || this.#engine.skipChecksums || !this.#engine.config.flag('rdbchecksum')) return;
    if (stated !== actual)
      throw reader.corrupt(`RDB CRC error: ${stated.toString(16)} is stated, the data have ${actual.toString(16)}`);
  }
}

/** −1 is none, as in Redis. */
function deadlineOf(ms: number): number | null {
  return ms === -1 ? null : ms;
}

/**
 * The source of a library as a release candidate of 7.0 saved it: `name`, `engine`, whether there is a description, the
 * description, the code. The first line that tells the engine and the name was not part of the code yet.
 */
function candidateFunctions(reader: RdbReader): Bytes {
  const name = reader.string();
  const engine = reader.string();
  if (reader.size() > 0) reader.string();
  return `#!${engine} name=${name}\n${reader.string()}`;
}

/** Puts loaded data in the place of all that the engine has. */
export function installSnapshot(engine: Engine, loaded: LoadedSnapshot): void {
  engine.databases.forEach((db, index) => {
    db.allReplaced(null);
    dropKeyspace(db.keyspace);
    db.keyspace = loaded.keyspaces[index];
  });
  engine.tracking.flushed();
}

/** Adds loaded data to what the engine has; of a key that both have, the loaded value counts. O(n) of the loaded keys. */
export function mergeSnapshot(engine: Engine, loaded: LoadedSnapshot): void {
  engine.databases.forEach((db, index) => {
    const from = loaded.keyspaces[index];
    for (let slot = from.table.slotAfter(0); slot >= 0; slot = from.table.slotAfter(slot)) {
      const key = from.keyOf(slot);
      from.moveTo(slot, db.keyspace, key);
      db.modified(key);
    }
    dropKeyspace(from);
  });
}

/** Whether the engine has a key that is among the loaded ones. */
export function overlaps(engine: Engine, loaded: LoadedSnapshot): boolean {
  return engine.databases.some((db, index) => {
    const from = loaded.keyspaces[index];
    return db.size > 0 && from.table.some((slot) => db.keyspace.find(from.keyOf(slot)) >= 0);
  });
}

/** Gives back all that a keyspace takes; it is not used any more. */
export function dropKeyspace(keyspace: Keyspace): void {
  keyspace.clear();
  // An empty table has buckets.
  keyspace.table.dispose();
}

export function discardSnapshot(loaded: LoadedSnapshot): void {
  for (const keyspace of loaded.keyspaces) dropKeyspace(keyspace);
}
