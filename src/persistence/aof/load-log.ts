import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { silentSink } from '../../backend/silent-sink.js';
import { commandTable } from '../../commands/table.js';
import { ErrorReply } from '../../core/reply.js';
import type { Engine } from '../../engine/engine.js';
import { Keyspace } from '../../engine/keyspace.js';
import { dropKeyspace, installSnapshot, loadSnapshot } from '../../engine/rdb/load-snapshot.js';
import type { EngineSession } from '../../engine/session.js';
import { type Disk, systemDisk } from '../disk.js';
import { isMissing, streamFile } from '../durable-file.js';
import { namingFile, PersistenceError } from '../persistence-error.js';
import { CommandReader, LogFormatError } from './command-reader.js';
import type { Manifest } from './manifest.js';

/** How a snapshot begins: Redis' magic, and Valkey's since 9 (`VALKEY080`). */
const SNAPSHOT = /^(REDIS|VALKEY)/;
const SNAPSHOT_BYTES = 6;
const READING = 'reading the append only file';

export interface LoadedLog {
  readonly commands: number;
  /** The number of bytes cut off the end of the last file. */
  readonly cut: number;
}

/**
 * Replaces all data by replaying a log. An incomplete end of the last file is cut off if `repair`, else it is an error.
 * Throws PersistenceError, with the data unchanged.
 */
export function loadLog(
  engine: Engine,
  folder: string,
  manifest: Manifest,
  repair: boolean,
  disk: Disk = systemDisk,
): LoadedLog {
  const { clock } = engine;
  const { maxmemory } = engine.settings;
  const old = engine.databases.map((db) => db.keyspace);
  for (const db of engine.databases) {
    db.allReplaced(null);
    db.keyspace = new Keyspace(engine);
  }
  // Time stands still during the replay: expirations and evictions are in the log as commands.
  engine.clock = { now: () => 0 };
  engine.settings.maxmemory = 0;
  const { targets } = engine.effectQueue;
  engine.effectQueue.targets = 0;
  try {
    const loaded = new LogLoader(engine, folder, repair ? disk : null).run(manifest);
    for (const keyspace of old) dropKeyspace(keyspace);
    return loaded;
  } catch (error) {
    engine.databases.forEach((db, index) => {
      dropKeyspace(db.keyspace);
      db.keyspace = old[index];
    });
    throw error;
  } finally {
    engine.clock = clock;
    engine.settings.maxmemory = maxmemory;
    engine.effectQueue.targets = targets;
    engine.useClock.refresh();
    engine.plainChanged();
  }
}

class LogLoader {
  readonly #engine: Engine;
  readonly #folder: string;
  /** The disk to repair an incomplete end with; null makes it an error. */
  readonly #repair: Disk | null;
  readonly #session: EngineSession;
  #commands = 0;
  #cut = 0;

  constructor(engine: Engine, folder: string, repair: Disk | null) {
    this.#engine = engine;
    this.#folder = folder;
    this.#repair = repair;
    this.#session = engine.connect(silentSink());
    this.#session.user = engine.acl.superuser;
    this.#session.authenticated = true;
    this.#session.obeyed = true;
  }

  run({ base, increments }: Manifest): LoadedLog {
    const files = [...(base ? [base] : []), ...increments];
    try {
      files.forEach(({ name }, index) => {
        this.#session.db = this.#engine.databases[0];
        this.#file(join(this.#folder, name), index === files.length - 1);
      });
    } finally {
      this.#session.end();
    }
    return { commands: this.#commands, cut: this.#cut };
  }

  #file(path: string, isLast: boolean): void {
    const start = this.#snapshot(path);
    const reader = new CommandReader(skipped(openChunks(path), start), start);
    try {
      this.#commandsOf(path, reader, isLast);
    } finally {
      reader.close();
    }
  }

  #commandsOf(path: string, reader: CommandReader, isLast: boolean): void {
    let transactionAt = -1;
    for (;;) {
      const before = reader.validUpTo;
      try {
        const argv = reader.next();
        if (argv === null) break;
        const word = argv[0].toLowerCase();
        if (word === 'multi') transactionAt = before;
        else if (word === 'exec') transactionAt = -1;
        this.#run(path, argv, before);
      } catch (error) {
        if (!(error instanceof LogFormatError)) throw error;
        if (!error.truncated)
          throw new PersistenceError(path, `Bad file format ${READING}: ${error.message}`, reader.offset, error);
        this.#unfinished(path, transactionAt >= 0 ? transactionAt : reader.validUpTo, isLast);
        return;
      }
    }
    if (transactionAt >= 0) this.#unfinished(path, transactionAt, isLast);
  }

  /** Loads the snapshot that a file begins with, if any; returns the offset after it. */
  #snapshot(path: string): number {
    let head = '';
    for (const chunk of openChunks(path)) {
      head += Buffer.from(chunk.subarray(0, SNAPSHOT_BYTES)).toString('latin1');
      if (head.length >= SNAPSHOT_BYTES) break;
    }
    if (!SNAPSHOT.test(head)) return 0;
    return namingFile(path, () => {
      const loaded = loadSnapshot(this.#engine, openChunks(path), { keepExpired: true });
      installSnapshot(this.#engine, loaded);
      return loaded.bytes;
    });
  }

  #run(path: string, argv: string[], offset: number): void {
    if (commandTable.top(argv[0]) === undefined)
      throw new PersistenceError(path, `Unknown command '${argv[0].slice(0, 40)}' ${READING}`, offset);
    const reply = this.#engine.call(this.#session, argv);
    this.#commands++;
    if (reply instanceof ErrorReply) {
      this.#engine.surroundings.log('warning', `${path}: a command was refused at offset ${offset}: ${reply.text}`);
    }
  }

  #unfinished(path: string, validUpTo: number, isLast: boolean): void {
    const disk = this.#repair;
    if (disk === null || !isLast) throw new PersistenceError(path, `Unexpected end of file ${READING}`, validUpTo);
    this.#session.call(['DISCARD']);
    this.#cut = statSync(path).size - validUpTo;
    cutFile(disk, path, validUpTo);
    this.#engine.surroundings.log('warning', `${path}: the last ${this.#cut} bytes were unfinished and are cut off`);
  }
}

function cutFile(disk: Disk, path: string, size: number): void {
  const file = disk.open(path, 'a');
  try {
    disk.truncate(file, size);
    disk.sync(file);
  } finally {
    disk.close(file);
  }
}

function openChunks(path: string): Iterable<Uint8Array> {
  try {
    return streamFile(path);
  } catch (error) {
    if (isMissing(error)) {
      const reason = `the AOF file ${basename(path)} can't be opened: No such file or directory`;
      throw new PersistenceError(path, reason, null, error);
    }
    throw error;
  }
}

function* skipped(chunks: Iterable<Uint8Array>, count: number): Generator<Uint8Array, void, undefined> {
  let left = count;
  for (const chunk of chunks) {
    const dropped = Math.min(left, chunk.length);
    left -= dropped;
    if (dropped < chunk.length) yield chunk.subarray(dropped);
  }
}
