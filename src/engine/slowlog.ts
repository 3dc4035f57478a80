import type { Bytes } from '../core/bytes.js';
import { Status } from '../core/reply.js';
import type { EngineSession } from './session.js';
import type { Settings } from './settings.js';

const ARGS_MAX = 32;
const ARG_BYTES_MAX = 128;

export interface SlowLogEntry {
  id: number;
  /** Unix seconds. */
  time: number;
  micros: number;
  argv: Bytes[];
  address: Bytes;
  name: Bytes;
}

/** The latest commands that took longer than `slowlog-log-slower-than`, newest first. */
export class SlowLog {
  readonly #settings: Settings;
  entries: SlowLogEntry[] = [];
  #nextId = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  add(session: EngineSession, argv: readonly Bytes[], micros: number, now: number): void {
    this.entries.unshift({
      id: this.#nextId++,
      time: Math.floor(now / 1000),
      micros: Math.floor(micros),
      argv: shortened(argv),
      address: session.sink.stats.address,
      name: session.name,
    });
    if (this.entries.length > this.#settings.slowlogMaxLen) this.entries.length = this.#settings.slowlogMaxLen;
  }

  reset(): void {
    this.entries = [];
  }

  /** A command as MONITOR shows it. */
  monitorLine(session: EngineSession, argv: readonly Bytes[], now: number): Status {
    const seconds = Math.floor(now / 1000);
    const micros = String(Math.floor((now - seconds * 1000) * 1000)).padStart(6, '0');
    const words = argv.map(quoted).join(' ');
    return new Status(`${seconds}.${micros} [${session.db.index} ${session.sink.stats.address}] ${words}`);
  }
}

function shortened(argv: readonly Bytes[]): Bytes[] {
  const kept = argv.length > ARGS_MAX ? argv.slice(0, ARGS_MAX - 1) : [...argv];
  const list = kept.map((arg) =>
    arg.length > ARG_BYTES_MAX ? `${arg.slice(0, ARG_BYTES_MAX)}... (${arg.length - ARG_BYTES_MAX} more bytes)` : arg,
  );
  if (argv.length > ARGS_MAX) list.push(`... (${argv.length - ARGS_MAX + 1} more arguments)`);
  return list;
}

const escapes: Record<string, string> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

/** Bytes in double quotes with escapes, as redis-cli shows them. */
export function quoted(bytes: Bytes): string {
  let text = '"';
  for (const char of bytes) {
    const code = char.charCodeAt(0);
    text += escapes[char] ?? (code < 32 || code > 126 ? `\\x${code.toString(16).padStart(2, '0')}` : char);
  }
  return `${text}"`;
}
