import { appendFileSync } from 'node:fs';
import { systemClock } from '../core/clock.js';
import type { LogLevel } from '../engine/settings.js';

const levels: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];
const marks: Readonly<Record<LogLevel, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' };
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MESSAGE_LENGTH_MAX = 1024;

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** `20 Nov 2026 18:00:00.000`, in the time zone of the machine. */
function logTime(date: Date): string {
  const day = `${pad(date.getDate())} ${months[date.getMonth()]} ${date.getFullYear()}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

/** Redis' log: one line per event, to standard output or a file that may be rotated away at any time. */
export class Log {
  readonly #level: () => LogLevel;
  readonly #file: string;

  /** `level` is read for each line. An empty `file` means standard output. */
  constructor(level: () => LogLevel, file: string) {
    this.#level = level;
    this.#file = file;
    // Nor must a reader of the output who goes away, as in `keyspan serve | head`.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  }

  write(level: LogLevel, message: string): void {
    if (levels.indexOf(level) < levels.indexOf(this.#level())) return;
    const text = message.slice(0, MESSAGE_LENGTH_MAX).replace(/[\r\n]+/g, ' ');
    const line = `${process.pid}:M ${logTime(new Date(systemClock.now()))} ${marks[level]} ${text}\n`;
    if (this.#file === '') process.stdout.write(line);
    else this.#append(line);
  }

  /** A log that cannot be written must not stop the server. */
  #append(line: string): void {
    try {
      appendFileSync(this.#file, line);
    } catch {
      process.stderr.write(line);
    }
  }
}
