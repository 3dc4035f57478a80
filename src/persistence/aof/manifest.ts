import { PersistenceError } from '../persistence-error.js';

/** What a file of the log is for: `b` all data at one moment, `i` the changes since, `h` no longer needed. */
export type LogFileType = 'b' | 'i' | 'h';

export interface LogFile {
  readonly name: string;
  readonly seq: number;
  readonly type: LogFileType;
}

/** Which files make up an append-only log, in the order in which they are loaded. One line each. */
export interface Manifest {
  readonly base: LogFile | null;
  readonly increments: readonly LogFile[];
  /** To be deleted. */
  readonly history: readonly LogFile[];
}

export const emptyManifest: Manifest = { base: null, increments: [], history: [] };

/** The text of a manifest file: `file <name> seq <number> type <letter>`. */
export function formatManifest({ base, history, increments }: Manifest): string {
  const files = [...(base ? [base] : []), ...history, ...increments];
  return files.map(({ name, seq, type }) => `file ${quotedName(name)} seq ${seq} type ${type}\n`).join('');
}

function quotedName(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) && !/["'\\]/.test(name) ? name : JSON.stringify(name);
}

/** Reads a manifest; `path` is for the error. Throws PersistenceError. */
export function parseManifest(text: string, path: string): Manifest {
  let base: LogFile | null = null;
  const increments: LogFile[] = [];
  const history: LogFile[] = [];
  text.split('\n').forEach((line, index) => {
    if (line === '' || line.startsWith('#')) return;
    const fail = (reason: string): never => {
      throw new PersistenceError(path, `line ${index + 1}: ${reason}`);
    };
    const file = parseLine(line, fail);
    if (file.type === 'h') history.push(file);
    else if (file.type === 'i') {
      if (increments.length > 0 && file.seq <= increments[increments.length - 1].seq)
        fail('sequence numbers do not rise');
      increments.push(file);
    } else if (base !== null) fail('a second base file');
    else base = file;
  });
  return { base, increments, history };
}

function parseLine(line: string, fail: (reason: string) => never): LogFile {
  const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const facts = new Map<string, string>();
  for (let i = 0; i + 1 < words.length; i += 2) facts.set(words[i].toLowerCase(), words[i + 1]);
  const stated = facts.get('file') ?? fail('no file');
  const name = stated.startsWith('"') ? (JSON.parse(stated) as string) : stated;
  if (name === '' || name.includes('/') || name.includes('\\')) fail('a file outside the folder');
  const seq = Number(facts.get('seq'));
  if (!Number.isSafeInteger(seq) || seq < 1) fail('no sequence number');
  const type = facts.get('type');
  if (type !== 'b' && type !== 'i' && type !== 'h') return fail('no type');
  return { name, seq, type };
}
