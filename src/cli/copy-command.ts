import { millisNow } from '../core/clock.js';
import { systemMessageWithPath } from '../core/system-message.js';
import { type CopyOptions, type CopyOutcome, copyKeys, isFile } from './copy.js';
import { withoutPassword } from './copy-note.js';
import { progressLine } from './progress-line.js';

const PROGRESS_MS = 200;
const DIFFERENCES_SHOWN = 20;
/** What a shell is told of a program that a signal ended: 128 and the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof exitCodes;

const help = `Usage: keyspan copy <from> <to> [option ...]

<from> and <to> are URLs as keyspan's open() takes them (redis://host:port/db, file:./data …) or paths of RDB files.
Keys go by DUMP and RESTORE, with their TTLs.

  --match <pattern>    only keys that match
  --replace            overwrite keys that <to> has; without it they are left as they are, and counted
  --verify             read every key back from both sides and compare
  --resume <file>      note in <file> how far it is, and go on from there if it exists
                       (an RDB file is written at the end, as a whole: until then what was copied is kept in <file>.rdb)
  --quiet              no progress

Ctrl-C ends it after the keys that are under way. The exit code is 0 when all is copied and nothing differs.`;

interface Order {
  readonly from: string;
  readonly to: string;
  readonly options: CopyOptions;
  readonly quiet: boolean;
}

/**
 * `keyspan copy …`; the exit code: 1 for a copy that failed or differs, 130 or 143 for one that a signal ended. A second
 * signal ends the process at once.
 */
export async function copyCommand(args: readonly string[]): Promise<number> {
  if (args.some((word) => word === '--help' || word === '-h')) {
    console.log(help);
    return 0;
  }
  const order = orderOf(args);
  if (typeof order === 'string') {
    console.error(`keyspan copy: ${order}\nTry keyspan copy --help.`);
    return 1;
  }
  return await carryOut(order);
}

/** What is to be copied, or what is wrong with the words. */
function orderOf(args: readonly string[]): Order | string {
  const places: string[] = [];
  const options: CopyOptions = {};
  let quiet = !process.stderr.isTTY;
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--replace') options.replace = true;
    else if (word === '--verify') options.verify = true;
    else if (word === '--quiet') quiet = true;
    else if (word === '--match' || word === '--resume') {
      const value = rest.shift();
      if (value === undefined) return `${word} needs a value`;
      options[word === '--match' ? 'match' : 'resume'] = value;
    } else if (word.startsWith('-')) return `unknown option '${word}'`;
    else places.push(word);
  }
  const [from, to, extra] = places;
  if (from === undefined) return 'where from, and where to?';
  if (to === undefined) return `where is ${from} to be copied to?`;
  if (extra !== undefined) return `unexpected '${extra}'`;
  return { from, to, options, quiet };
}

async function carryOut({ from, to, options, quiet }: Order): Promise<number> {
  const startedAt = millisNow();
  const progress = quiet ? {} : { progress: shownProgress(startedAt) };
  const stop = new AbortController();
  let caught: Signal | null = null;
  const interrupt = (signal: Signal): void => {
    if (caught !== null) process.exit(exitCodes[signal]);
    caught = signal;
    stop.abort(new Error(interruption(to, options)));
  };
  const signals = Object.keys(exitCodes) as Signal[];
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const outcome = await copyKeys(from, to, { ...options, ...progress, signal: stop.signal });
    if (!quiet) process.stderr.write('\n');
    return report(outcome, (millisNow() - startedAt) / 1000);
  } catch (error) {
    if (!quiet) process.stderr.write('\n');
    console.error(`keyspan: ${systemMessageWithPath(error)}`);
    return caught === null || error !== stop.signal.reason ? 1 : exitCodes[caught as Signal];
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

function shownProgress(startedAt: number): (done: number, total: number) => void {
  let shownAt = 0;
  return (done, total) => {
    const now = millisNow();
    if (now - shownAt < PROGRESS_MS && done < total) return;
    shownAt = now;
    process.stderr.write(`\r${progressLine(done, total, (now - startedAt) / 1000)}\u001b[K`);
  };
}

function interruption(to: string, { resume }: CopyOptions): string {
  if (resume !== undefined) return 'interrupted: the same command goes on from here';
  return isFile(to)
    ? `interrupted: ${to} is as it was before`
    : `interrupted: what was copied so far stays in ${withoutPassword(to)}`;
}

function report({ copied, kept, gone, different, checksum }: CopyOutcome, seconds: number): number {
  const rate = Math.round(copied / Math.max(seconds, 0.001));
  console.log(`copied ${copied} keys in ${seconds.toFixed(1)} s (${rate}/s), kept ${kept}, gone meanwhile ${gone}`);
  if (checksum === null) return 0;
  console.log(`checksum from  ${checksum.from}\nchecksum to    ${checksum.to}`);
  for (const key of different.slice(0, DIFFERENCES_SHOWN)) console.log(`differs: ${key}`);
  if (different.length > 0) console.log(`${different.length} keys differ`);
  return different.length > 0 ? 1 : 0;
}
