import type { ReplyView } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import { textFromBytes } from '../core/bytes.js';
import type { PushReply } from '../core/reply.js';
import type { Backend } from './backend.js';
import { rawRequest } from './install.js';
import type { Lens } from './lens.js';
import { MONITOR_LINE, pushParts } from './messages.js';
import { PushStream, type StreamOptions } from './push-stream.js';
import type { View } from './view.js';

/** A command that the server carried out. */
export interface MonitorEntry<V extends View> {
  /** Unix time in milliseconds, with fractions. */
  time: number;
  db: number;
  /** The address of the client; `lua` for a script, `unix:` and a path for a Unix socket. */
  client: string;
  /** The command's words, secrets left out by the server. */
  command: V['bytes'][];
}

const MONITOR_BUFFER_DEFAULT = 10_000;

/** `1700000000.123456 [0 127.0.0.1:50000] "get" "key"`. */
const line = /^(\d+\.\d+) \[(\d+) (.*?)\]((?: ".*)?)$/s;

/** Whether a status received on a monitoring connection is a line of MONITOR. */
export function isMonitorLine(text: Bytes): boolean {
  return line.test(text);
}

/** Parses a line of MONITOR; null if it is not one. O(n) of its length. */
function parseMonitorLine<V extends View>(text: Bytes, view: ReplyView): MonitorEntry<V> | null {
  const found = line.exec(text);
  if (found === null) return null;
  const [, seconds, db, client, words] = found;
  return {
    time: Number(seconds) * 1000,
    db: Number(db),
    client: textFromBytes(client!),
    command: [...words!.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word]) => view.bytes(unquoted(word!)) as V['bytes']),
  };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

function unquoted(word: Bytes): Bytes {
  return word.replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (escapes[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** An iterator over the commands that the server carries out (see `monitor()`). */
export class MonitorStream<V extends View> extends PushStream<MonitorEntry<V>> {
  readonly #lens: Lens;

  /** @internal Made by `monitor()`. */
  constructor(backend: Backend, lens: Lens, options: StreamOptions) {
    super(backend, [rawRequest('MONITOR', [])], [lens.options, { buffer: MONITOR_BUFFER_DEFAULT, ...options }]);
    this.#lens = lens;
  }

  protected override take(push: PushReply): void {
    const [kind, text] = pushParts(push);
    const entry = kind === MONITOR_LINE ? parseMonitorLine<V>(text!, this.#lens.view) : null;
    if (entry !== null) this.buffer.push(entry);
  }
}
