import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';

/** How far a copy is. */
export interface CopyPlace {
  cursor: Bytes;
  done: number;
}

/** Which copy it is. */
export interface CopySubject {
  readonly from: string;
  readonly to: string;
  readonly match: string | null;
  /** Whose cursors they are: the run id of a server; null where cursors hold from one run to the next. */
  readonly source: string | null;
}

const START: CopyPlace = { cursor: '0', done: 0 };

/**
 * Where an earlier run was, by its note; the start if there is no note, or if the server that gave the cursor has been
 * restarted: it has shuffled its keys since, and some of them would be passed over. Throws DataError for a note that
 * is about another copy, or is none.
 */
export function readCopyNote(path: string, subject: CopySubject): CopyPlace {
  if (!existsSync(path)) return START;
  const noted = parsed(path);
  const { from, to } = subject;
  if (noted.from !== withoutPassword(from) || noted.to !== withoutPassword(to) || noted.match !== subject.match) {
    throw new DataError(`${path} is about another copy: ${noted.from} to ${noted.to}`);
  }
  return noted.source === subject.source ? { cursor: noted.cursor, done: noted.done } : START;
}

/** Replaces the note as a whole: a process that is killed meanwhile leaves the old one or the new one. */
export function writeCopyNote(path: string, subject: CopySubject, place: CopyPlace): void {
  const { from, to } = subject;
  const text = JSON.stringify({ ...subject, from: withoutPassword(from), to: withoutPassword(to), ...place });
  const beside = `${path}.new`;
  writeFileSync(beside, text);
  renameSync(beside, path);
}

function parsed(path: string): CopySubject & CopyPlace {
  try {
    const noted = JSON.parse(readFileSync(path, 'utf8')) as CopySubject & CopyPlace;
    if (typeof noted.cursor === 'string' && typeof noted.done === 'number') return noted;
  } catch (error) {
    // Only what is no JSON is the note's fault; a file that cannot be read is the system's.
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new DataError(`${path} is no note of an earlier copy`);
}

/** A URL as it may be shown and kept. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
