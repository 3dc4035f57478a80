import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Backend, Request } from '../backend/backend.js';
import type { Spec } from '../commands/spec.js';
import { commands } from '../commands/table.js';
import { type Bytes, bytesFromText, textFromBytes } from '../core/bytes.js';
import { millisNow } from '../core/clock.js';
import { DataError } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import { digestOfValue } from '../engine/digest.js';
import { Engine } from '../engine/engine.js';
import { EngineBackend } from '../engine/engine-backend.js';
import { restoreValue } from '../engine/rdb/dump-payload.js';
import { loadSnapshot } from '../engine/rdb/load-snapshot.js';
import { Snapshot } from '../engine/rdb/snapshot.js';
import { openBackend } from '../open.js';
import { replaceFile, streamFile } from '../persistence/durable-file.js';
import { progressLine } from './progress-line.js';

const BATCH_KEYS = 200;
const PROGRESS_MS = 200;
/** A file's table is built the same each time, so that a cursor of an earlier run holds. */
const FILE_SEED = 1;

export const copyHelp = `Usage: keyspan copy <from> <to> [option ...]

<from> and <to> are URLs as keyspan's open() takes them (redis://host:port/db, file:./data …) or paths of RDB files.
Keys go by DUMP and RESTORE, with their TTLs.

  --match <pattern>    only keys that match
  --replace            overwrite keys that <to> has; without it they are left as they are, and counted
  --verify             read every key back from both sides and compare
  --resume <file>      note in <file> how far it is, and go on from there if it exists
                       (an RDB file is written at the end, as a whole: until then what was copied is kept in <file>.rdb)
  --quiet              no progress`;

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

const isFile = (place: string): boolean => !/^[a-z+]+:/i.test(place);

/** `content`: the file whose data a target begins with, if it is there; null for a source, which must be there. */
function openSide(place: string, content: string | null): Side {
  if (!isFile(place)) return { backend: openBackend(place), save: () => {} };
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
  #place: { cursor: Bytes; done: number } = { cursor: '0', done: 0 };

  constructor(from: Backend, to: Backend, options: CopyOrder) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  async run(): Promise<CopyOutcome> {
    const { match, verify, signal, progress } = this.#options;
    const total = Number(await ask(this.#from, commands.dbsize, 'DBSIZE'));
    let { cursor, done } = this.#resumed();
    this.#place = { cursor, done };
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
  #resumed(): { cursor: Bytes; done: number } {
    const { resume, from, to, match = null } = this.#options;
    if (resume === undefined || !existsSync(resume)) return { cursor: '0', done: 0 };
    if (this.#options.part !== null && !existsSync(this.#options.part)) return { cursor: '0', done: 0 };
    const noted = JSON.parse(readFileSync(resume, 'utf8')) as {
      from: string;
      to: string;
      match: string | null;
      cursor: string;
      done: number;
    };
    if (noted.from !== withoutPassword(from) || noted.to !== withoutPassword(to) || noted.match !== match) {
      throw new DataError(`${resume} is about another copy: ${noted.from} to ${noted.to}`);
    }
    return { cursor: noted.cursor, done: noted.done };
  }

  /** Whether some keys have been copied, now or in an earlier run. */
  get begun(): boolean {
    return this.#place.done > 0;
  }

  /** Writes down how far it is, if that is wanted. */
  note(): void {
    const { resume, from, to, match = null } = this.#options;
    const { cursor, done } = this.#place;
    if (resume === undefined || cursor === '0') return;
    writeFileSync(
      resume,
      JSON.stringify({ from: withoutPassword(from), to: withoutPassword(to), match, cursor, done }),
    );
  }
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

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

function hex(sum: bigint): string {
  return sum.toString(16).padStart(40, '0');
}

/** `keyspan copy …`; the exit code: 1 for a copy that failed or differs. */
export async function copyCommand(args: readonly string[]): Promise<number> {
  const places: string[] = [];
  const options: CopyOptions = {};
  const rest = [...args];
  let quiet = !process.stderr.isTTY;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--help' || word === '-h') {
      console.log(copyHelp);
      return 0;
    }
    if (word === '--replace') options.replace = true;
    else if (word === '--verify') options.verify = true;
    else if (word === '--quiet') quiet = true;
    else if ((word === '--match' || word === '--resume') && rest.length > 0)
      options[word === '--match' ? 'match' : 'resume'] = rest.shift()!;
    else if (word.startsWith('--')) return misused(`what is '${word}'?`);
    else places.push(word);
  }
  if (places.length !== 2) return misused('from where, and to where?');
  const startedAt = millisNow();
  let shownAt = 0;
  if (!quiet) {
    options.progress = (done, total) => {
      const now = millisNow();
      if (now - shownAt < PROGRESS_MS && done < total) return;
      shownAt = now;
      process.stderr.write(`\r${progressLine(done, total, (now - startedAt) / 1000)}\u001b[K`);
    };
  }
  const [from, to] = places as [string, string];
  const stop = new AbortController();
  // The second time it is the end.
  const interrupt = (): void => stop.abort(new Error(interruption(to, options)));
  process.once('SIGINT', interrupt);
  try {
    const outcome = await copyKeys(from, to, { ...options, signal: stop.signal });
    if (!quiet) process.stderr.write('\n');
    return report(outcome, (millisNow() - startedAt) / 1000);
  } catch (error) {
    if (!quiet) process.stderr.write('\n');
    console.error(`keyspan: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function interruption(to: string, { resume }: CopyOptions): string {
  if (resume !== undefined) return 'interrupted: the same command goes on from here';
  return isFile(to) ? `interrupted: ${to} is as it was` : 'interrupted: what was copied is there';
}

function report({ copied, kept, gone, different, checksum }: CopyOutcome, seconds: number): number {
  const rate = Math.round(copied / Math.max(seconds, 0.001));
  console.log(`copied ${copied} keys in ${seconds.toFixed(1)} s (${rate}/s), kept ${kept}, gone meanwhile ${gone}`);
  if (checksum === null) return 0;
  console.log(`checksum from  ${checksum.from}\nchecksum to    ${checksum.to}`);
  for (const key of different.slice(0, 20)) console.log(`differs: ${key}`);
  if (different.length > 0) console.log(`${different.length} keys differ`);
  return different.length > 0 ? 1 : 0;
}

function misused(problem: string): number {
  console.error(`keyspan copy: ${problem}\n\n${copyHelp}`);
  return 1;
}
