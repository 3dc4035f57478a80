import { accessSync, constants, existsSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Backend, Request } from '../backend/backend.js';
import type { Spec } from '../commands/spec.js';
import { commands } from '../commands/table.js';
import { type Bytes, bytesFromText, textFromBytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { ErrorReply, type Reply, VerbatimReply } from '../core/reply.js';
import { systemMessage } from '../core/system-message.js';
import { digestOfValue } from '../engine/digest.js';
import { Engine } from '../engine/engine.js';
import { EngineBackend } from '../engine/engine-backend.js';
import { restoreValue } from '../engine/rdb/dump-payload.js';
import { loadSnapshot } from '../engine/rdb/load-snapshot.js';
import { Snapshot } from '../engine/rdb/snapshot.js';
import { openBackend } from '../open.js';
import { replaceFile, streamFile } from '../persistence/durable-file.js';
import { folderOf } from '../persistence/folder-backend.js';
import { type CopyPlace, type CopySubject, readCopyNote, writeCopyNote } from './copy-note.js';

const BATCH_KEYS = 200;
/** The table of a file or folder is built the same each time, so that a cursor of an earlier run holds. */
const FILE_SEED = 1;

export interface CopyOptions {
  match?: string;
  replace?: boolean;
  verify?: boolean;
  resume?: string;
  /** Called after each batch. */
  progress?: (done: number, total: number) => void;
  /** Ends the copy between two batches. */
  signal?: AbortSignal;
}

export interface CopyOutcome {
  copied: number;
  /** Were there already, and `replace` was not set. */
  kept: number;
  /** Went while it was copied: deleted or expired. */
  gone: number;
  /** Keys that differ between the two sides, with `verify`. */
  different: string[];
  /** Of all keys compared, the same on both sides when nothing differs. */
  checksum: { from: string; to: string } | null;
}

interface Side {
  readonly backend: Backend;
  /** Writes all data of a file's side to a file, as a whole or not at all. */
  save(path: string): void;
}

/**
 * Copies keys from one backend to another, batch by batch. Safe to be run again: what is there already is kept, or
 * replaced by the same. Throws what the backends throw, and DataError for a key that cannot be restored.
 */
export async function copyKeys(from: string, to: string, options: CopyOptions = {}): Promise<CopyOutcome> {
  const { resume } = options;
  if (isFile(to)) refuseFolderOf(to);
  if (resume !== undefined) refuseFolderOf(resume);
  const source = openSide(from, null);
  // A file is written as a whole, at the end: what an interrupted copy had for it is kept beside the note of how far it was.
  const part = resume !== undefined && isFile(to) ? `${resume}.rdb` : null;
  const target = openSide(to, part !== null && existsSync(resume!) && existsSync(part) ? part : to);
  const copy = new Copy(source.backend, target.backend, { ...options, from, to, part });
  try {
    const outcome = await copy.run();
    target.save(to);
    for (const path of [resume, part]) if (path) rmSync(path, { force: true });
    return outcome;
  } catch (error) {
    if (part !== null && copy.begun) {
      target.save(part);
      copy.note();
    }
    throw error;
  } finally {
    await source.backend.close();
    await target.backend.close();
  }
}

export const isFile = (place: string): boolean => !/^[a-z+]+:/i.test(place);
const isFolder = (place: string): boolean => place.startsWith('file:');

/** Throws DataError now, not after hours of copying, if a file could not be written. */
function refuseFolderOf(path: string): void {
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    throw new DataError(`${path} cannot be written: ${systemMessage(error)}`, { cause: error });
  }
}

/** `content`: the file whose data a target begins with, if it is there; null for a source, which must be there. */
function openSide(place: string, content: string | null): Side {
  if (!isFile(place)) {
    // Opening a folder makes it: a source that is misspelt would be an empty one.
    if (content === null && isFolder(place) && !existsSync(folderOf(place))) {
      throw new DataError(`${place}: no such folder`);
    }
    return { backend: openBackend(place, isFolder(place) ? { seed: FILE_SEED } : {}), save: () => {} };
  }
  const engine = new Engine({ seed: FILE_SEED });
  const path = content ?? place;
  if (existsSync(path)) {
    try {
      engine.saver.install(loadSnapshot(engine, streamFile(path)));
    } catch (error) {
      throw new DataError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  } else if (content === null) throw new DataError(`${path}: no such file`);
  const save = (as: string): void => replaceFile(as, new Snapshot(engine, { still: true }).chunks());
  return { backend: new EngineBackend(engine), save };
}

interface CopyOrder extends CopyOptions {
  from: string;
  to: string;
  /** Where a file that is not whole yet is kept; null if there is none. */
  part: string | null;
}

class Copy {
  readonly #from: Backend;
  readonly #to: Backend;
  readonly #options: CopyOrder;
  readonly #outcome: CopyOutcome = { copied: 0, kept: 0, gone: 0, different: [], checksum: null };
  readonly #scratch = new Engine({ seed: FILE_SEED });
  readonly #sums = { from: 0n, to: 0n };
  #subject: CopySubject | null = null;
  #place: CopyPlace = { cursor: '0', done: 0 };

  constructor(from: Backend, to: Backend, options: CopyOrder) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  async run(): Promise<CopyOutcome> {
    const { match, verify, signal, progress } = this.#options;
    const total = Number(await ask(this.#from, commands.dbsize, 'DBSIZE'));
    this.#place = await this.#resumed();
    let { cursor, done } = this.#place;
    do {
      signal?.throwIfAborted();
      const words = match === undefined ? [] : ['MATCH', bytesFromText(match)];
      const reply = await ask(this.#from, commands.scan, 'SCAN', cursor, ...words, 'COUNT', String(BATCH_KEYS));
      const [next, keys] = reply as [Bytes, Bytes[]];
      const unique = [...new Set(keys)];
      await this.#batch(unique);
      if (verify) await this.#verify(unique);
      cursor = next;
      done += unique.length;
      this.#place = { cursor, done };
      if (this.#options.part === null) this.note();
      progress?.(done, total);
    } while (cursor !== '0');
    if (verify) this.#outcome.checksum = { from: hex(this.#sums.from), to: hex(this.#sums.to) };
    return this.#outcome;
  }

  async #batch(keys: readonly Bytes[]): Promise<void> {
    const outcome = this.#outcome;
    const replies = await this.#from.batch(
      keys.flatMap((key) => [request(commands.dump, 'DUMP', key), request(commands.pttl, 'PTTL', key)]),
    );
    const restores: { key: Bytes; request: Request }[] = [];
    keys.forEach((key, i) => {
      const payload = checked(replies[i * 2]!, key);
      const ttl = Number(checked(replies[i * 2 + 1]!, key));
      if (payload === null || ttl === -2) {
        outcome.gone++;
        return;
      }
      const words = ['RESTORE', key, String(ttl < 0 ? 0 : Math.max(1, ttl)), payload as Bytes];
      if (this.#options.replace) words.push('REPLACE');
      restores.push({ key, request: request(commands.restore, ...words) });
    });
    const answers = await this.#to.batch(restores.map(({ request }) => request));
    answers.forEach((answer, i) => {
      if (answer instanceof ErrorReply && answer.code === 'BUSYKEY') outcome.kept++;
      else {
        checked(answer, restores[i]!.key);
        outcome.copied++;
      }
    });
  }

  async #verify(keys: readonly Bytes[]): Promise<void> {
    const dumps = keys.map((key) => request(commands.dump, 'DUMP', key));
    const [ours, theirs] = await Promise.all([this.#from.batch(dumps), this.#to.batch(dumps)]);
    keys.forEach((key, i) => {
      const from = this.#digest(key, ours[i]!);
      const to = this.#digest(key, theirs[i]!);
      if (from === null && to === null) return;
      this.#sums.from ^= BigInt(`0x${from ?? '0'}`);
      this.#sums.to ^= BigInt(`0x${to ?? '0'}`);
      if (from !== to) this.#outcome.different.push(textFromBytes(key));
    });
  }

  /** Of key and value, whatever the encoding: payloads of equal values may differ. */
  #digest(key: Bytes, payload: Reply): string | null {
    if (typeof payload !== 'string') return null;
    const [db] = this.#scratch.databases;
    const value = restoreValue(payload, this.#scratch.valueContext);
    if (value === null) return null;
    if (typeof value === 'string') db!.putString(key, value);
    else db!.putCollection(key, value);
    const digest = digestOfValue(db!, key);
    db!.remove(key);
    return digest;
  }

  /** Where an earlier run was. Throws DataError if the file is about another copy. */
  async #resumed(): Promise<CopyPlace> {
    const { resume, from, to, match = null, part } = this.#options;
    if (resume === undefined) return this.#place;
    const source = isFile(from) || isFolder(from) ? null : await runId(this.#from);
    this.#subject = { from, to, match, source };
    return part !== null && !existsSync(part) ? this.#place : readCopyNote(resume, this.#subject);
  }

  /** Whether some keys have been copied, now or in an earlier run. */
  get begun(): boolean {
    return this.#place.done > 0;
  }

  /** Writes down how far it is, if that is wanted. */
  note(): void {
    if (this.#subject === null || this.#place.cursor === '0') return;
    writeCopyNote(this.#options.resume!, this.#subject, this.#place);
  }
}

/** Of the process that gives the cursors; null where it is not told, or where many nodes answer. */
async function runId(backend: Backend): Promise<string | null> {
  if (backend.capabilities.manyNodes) return null;
  const reply = await backend.call(request(commands.info, 'INFO', 'server'));
  const text = typeof reply === 'string' ? reply : reply instanceof VerbatimReply ? reply.text : '';
  return /^run_id:(\w+)/m.exec(text)?.[1] ?? null;
}

function request(spec: Spec, ...argv: Bytes[]): Request {
  return { spec, argv };
}

async function ask(backend: Backend, spec: Spec, ...argv: Bytes[]): Promise<Reply> {
  return checked(await backend.call({ spec, argv }), '');
}

function checked(reply: Reply, key: Bytes): Reply {
  if (reply instanceof ErrorReply)
    throw new DataError(key === '' ? reply.text : `${textFromBytes(key)}: ${reply.text}`);
  return reply;
}

function hex(sum: bigint): string {
  return sum.toString(16).padStart(40, '0');
}
