import type { Bytes } from '../../core/bytes.js';
import { Crc64 } from '../../core/crc64.js';
import type { Engine } from '../engine.js';
import type { Keyspace } from '../keyspace.js';
import { releaseOf } from '../redis-version.js';
import { KeyspaceSnapshot, type SaveKey } from './keyspace-snapshot.js';
import * as rdb from './rdb-type.js';
import { RdbWriter } from './rdb-writer.js';
import { piecesOf, type SavePiece } from './save-pieces.js';
import { savedType, saveValue } from './save-value.js';
import { writeCommand, writeKeyAsCommand } from './saved-command.js';

const CHECKSUM_BYTES = 8;
/** A wait is looked at again so often: its length may be set anew meanwhile. */
const WAIT_STEP_MS = 50;

export interface SnapshotOptions {
  /** The file begins an append-only log. */
  aofBase?: boolean;
  /** Commands that make the data, instead of what an RDB file holds. */
  asCommands?: boolean;
  /** Nothing happens between the chunks: nobody needs to watch for changes. */
  still?: boolean;
  /** Where in the stream of changes the data are, for a replica. */
  position?: StreamPosition | null;
  /** False: a snapshot without keys, or without functions. */
  keys?: boolean;
  functions?: boolean;
}

/** A place in a replication stream: whose, how far, and the database that is selected there. */
export interface StreamPosition {
  readonly id: string;
  readonly offset: number;
  readonly db: number;
}

/**
 * All data of an engine as it is at the moment of `new Snapshot`, to be written little by little. What a command
 * changes meanwhile is written before it changes. Several may be written at a time. Ends with its chunks, or with `close`.
 */
export class Snapshot {
  readonly #engine: Engine;
  readonly #aofBase: boolean;
  readonly #asCommands: boolean;
  readonly #parts: readonly KeyspaceSnapshot[];
  readonly #checksum: Crc64 | null;
  readonly #out: RdbWriter;
  readonly #madeAt: number;
  readonly #memory: number;
  /** Fields of hashes may have ends. */
  readonly #timed: boolean;
  /** The sources of function libraries. */
  readonly #functions: readonly Bytes[];
  readonly #position: StreamPosition | null;
  #closed = false;
  /** How many keys it holds. */
  readonly keys: number;
  /** How many of them are written. */
  written = 0;

  constructor(engine: Engine, options: SnapshotOptions = {}) {
    const { aofBase = false, still = false, position = null, keys = true, functions = true } = options;
    const { asCommands = false } = options;
    this.#engine = engine;
    this.#aofBase = aofBase;
    this.#asCommands = asCommands;
    this.#position = position;
    this.#checksum = engine.config.flag('rdbchecksum') ? new Crc64() : null;
    const compress = engine.config.flag('rdbcompression');
    this.#out = new RdbWriter(compress);
    this.#madeAt = engine.now;
    this.#memory = engine.meter.used;
    this.#timed = engine.databases.some(({ keyspace }) => keyspace.timedHashes.size > 0);
    this.#functions = functions ? [...engine.scripting.libraries.all].map(({ source }) => source) : [];
    const save: SaveKey = (out, keyspace, slot) => {
      this.written++;
      if (!asCommands) return saveKey(engine, out, keyspace, slot);
      writeKeyAsCommand(engine, out, keyspace, slot);
      return null;
    };
    const spare = (): RdbWriter => new RdbWriter(compress);
    this.#parts = engine.databases
      .filter((db) => keys && db.size > 0)
      .map((db) => new KeyspaceSnapshot(db.index, db.keyspace, spare, save));
    if (!still) for (const part of this.#parts) part.watch();
    this.keys = this.#parts.reduce((sum, part) => sum + part.keys, 0);
    engine.snapshots++;
    engine.plainChanged();
  }

  /** The file, in chunks. Between two of them the engine may do anything. */
  *chunks(): Generator<Uint8Array, void, undefined> {
    try {
      if (this.#asCommands) this.#firstCommands();
      else this.#header();
      for (const part of this.#parts) {
        const out = this.#out;
        if (this.#asCommands) writeCommand(out, ['SELECT', String(part.index)]);
        else describe(out, part);
        while (part.step(out)) yield this.#take();
      }
      if (this.#asCommands) {
        if (this.#out.length > 0) yield this.#take();
        return;
      }
      this.#out.byte(rdb.EOF);
      yield this.#take();
      const sum = new Uint8Array(CHECKSUM_BYTES);
      this.#checksum?.writeTo(sum, 0);
      yield sum;
    } finally {
      this.close();
    }
  }

  /** As `chunks`, so slowly as `rdb-key-save-delay` wants. Ends early after `close`. */
  async *slowly(): AsyncGenerator<Uint8Array, void, undefined> {
    const { config } = this.#engine;
    let before = 0;
    for (const chunk of this.chunks()) {
      const keys = this.written - before;
      before = this.written;
      for (let waited_ms = 0; ; waited_ms += WAIT_STEP_MS) {
        const left_ms = (keys * config.number('rdb-key-save-delay')) / 1000 - waited_ms;
        if (left_ms < 1) break;
        await new Promise((resolve) => setTimeout(resolve, Math.min(left_ms, WAIT_STEP_MS)));
        if (this.#closed) return;
      }
      yield chunk;
    }
  }

  /** Gives up what is not written yet. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const part of this.#parts) part.close();
    this.#engine.snapshots--;
    this.#engine.plainChanged();
  }

  #header(): void {
    const out = this.#out;
    const version = this.#timed ? rdb.RDB_VERSION_TIMED : rdb.RDB_VERSION;
    out.text(`REDIS${String(version).padStart(4, '0')}`);
    const facts = {
      'redis-ver': releaseOf(this.#engine.settings),
      'redis-bits': '64',
      ctime: String(Math.floor(this.#madeAt / 1000)),
      'used-mem': String(this.#memory),
      ...(this.#position === null
        ? {}
        : {
            'repl-stream-db': String(this.#position.db),
            'repl-id': this.#position.id,
            'repl-offset': String(this.#position.offset),
          }),
      'aof-base': this.#aofBase ? '1' : '0',
    };
    for (const [name, value] of Object.entries(facts)) {
      out.byte(rdb.AUX);
      out.string(name);
      out.string(value);
    }
    for (const source of this.#functions) {
      out.byte(rdb.FUNCTION_2);
      out.string(source);
    }
  }

  #firstCommands(): void {
    if (this.#engine.config.flag('aof-timestamp-enabled')) this.#out.text(`#TS:${Math.floor(this.#madeAt / 1000)}\r\n`);
    for (const source of this.#functions) writeCommand(this.#out, ['FUNCTION', 'LOAD', source]);
  }

  #take(): Uint8Array {
    const chunk = this.#out.take();
    this.#checksum?.update(chunk);
    return chunk;
  }
}

/** What precedes the keys of a database. */
function describe(out: RdbWriter, { index, keys, deadlines }: KeyspaceSnapshot): void {
  out.byte(rdb.SELECTDB);
  out.size(index);
  out.byte(rdb.RESIZEDB);
  out.size(keys);
  out.size(deadlines);
}

/** One key with all that belongs to it; returns what writes the rest of a large value. */
function saveKey(engine: Engine, out: RdbWriter, keyspace: Keyspace, slot: number): SavePiece | null {
  const deadline = keyspace.deadline(slot);
  if (deadline !== null) {
    out.byte(rdb.EXPIRETIME_MS);
    out.u64(BigInt(Math.trunc(deadline)));
  }
  const { maxmemoryPolicy, limits } = engine.settings;
  if (maxmemoryPolicy.endsWith('-lru')) {
    out.byte(rdb.IDLE);
    out.size(Math.floor(engine.useClock.idleMs(keyspace.stamp(slot)) / 1000));
  } else if (maxmemoryPolicy.endsWith('-lfu')) {
    out.byte(rdb.FREQ);
    out.byte(engine.useClock.counter(keyspace.stamp(slot)));
  }
  out.byte(savedType(keyspace, slot));
  const { table } = keyspace;
  const { slab } = table;
  const key = table.keyPtr(slot);
  out.span(slab.chunkOf(key), slab.offsetOf(key), table.keyLength(slot));
  const pieces = piecesOf(keyspace, slot, limits);
  if (pieces === null) saveValue(out, keyspace, slot, limits);
  return pieces;
}
