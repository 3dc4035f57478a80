import { PersistenceError } from '../persistence-error.js';

/** Longer lines are refused, as in Redis. */
const LINE_LENGTH_MAX = 1024;

/** The kind of a log file: `b` all data at one moment, `i` changes since then, `h` no longer needed. */
export type LogFileType = 'b' | 'i' | 'h';

export interface LogFile {
  readonly name: string;
  readonly seq: number;
  readonly type: LogFileType;
}

/** The files of an append-only log in loading order, one line each. */
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

/** Parses a manifest; `path` is for error messages. Throws PersistenceError. */
export function parseManifest(text: string, path: string): Manifest {
  let base: LogFile | null = null;
  const increments: LogFile[] = [];
  const history: LogFile[] = [];
  const lines = text.split('\n');
  if (text === '') throw new PersistenceError(path, 'Found an empty AOF manifest');
  lines.forEach((line, index) => {
    const isLast = index === lines.length - 1;
    if ((isLast && line === '') || line.startsWith('#')) return;
    const fail = (reason: string): never => {
      throw new PersistenceError(path, `line ${index + 1}: ${reason}`);
    };
    if (line.length >= LINE_LENGTH_MAX) fail('The AOF manifest file contains too long line');
    const file = parseLine(line.trim(), fail);
    if (file.type === 'h') history.push(file);
    else if (file.type === 'i') {
      if (increments.length > 0 && file.seq <= increments[increments.length - 1].seq)
        fail('Found a non-monotonic sequence number');
      increments.push(file);
    } else if (base !== null) fail('Found duplicate base file information');
    else base = file;
  });
  return { base, increments, history };
}

/** What Redis refuses is refused in the same words. */
function parseLine(line: string, fail: (reason: string) => never): LogFile {
  const malformed = 'Invalid AOF manifest file format';
  const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  if (words.length < 6 || words.length % 2 === 1) fail(malformed);
  const facts = new Map<string, string>();
  for (let i = 0; i + 1 < words.length; i += 2) facts.set(words[i].toLowerCase(), words[i + 1]);
  const stated = facts.get('file') ?? fail(malformed);
  const name = stated.startsWith('"') ? (JSON.parse(stated) as string) : stated;
  if (name.includes('/') || name.includes('\\')) fail("File can't be a path, just a filename");
  const seq = Number(facts.get('seq'));
  if (name === '' || !Number.isSafeInteger(seq) || seq < 1) fail(malformed);
  const type = facts.get('type') ?? fail(malformed);
  if (type !== 'b' && type !== 'i' && type !== 'h') return fail('Unknown AOF file type');
  return { name, seq, type };
}
