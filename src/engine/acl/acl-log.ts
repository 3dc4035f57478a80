import type { Bytes } from '../../core/bytes.js';
import { DoubleReply, MapReply, type Reply } from '../../core/reply.js';

export type LogReason = 'command' | 'key' | 'channel' | 'auth';
export type LogContext = 'toplevel' | 'multi' | 'lua';

export interface LogEvent {
  readonly reason: LogReason;
  readonly context: LogContext;
  /** The command, key or channel that was refused. */
  readonly object: Bytes;
  readonly username: Bytes;
  /** The client's line in CLIENT LIST. */
  readonly client: Bytes;
  /** Unix ms. */
  readonly at: number;
}

interface Entry extends LogEvent {
  count: number;
}

/** Similar events are merged when no further apart than this. */
const MERGED_MS_MAX = 60_000;
/** How many of the latest entries are compared. */
const COMPARED_MAX = 10;

/** The latest refusals, newest first: ACL LOG. */
export class AclLog {
  #entries: Entry[] = [];

  /** O(1): only a few entries are compared. */
  add(event: LogEvent, length_max: number): void {
    const at = this.#entries.slice(0, COMPARED_MAX).findIndex((entry) => isAlike(entry, event));
    const [alike] = at < 0 ? [] : this.#entries.splice(at, 1);
    this.#entries.unshift({ ...event, count: (alike?.count ?? 0) + 1 });
    if (this.#entries.length > length_max) this.#entries.length = length_max;
  }

  reset(): void {
    this.#entries = [];
  }

  /** The latest `count` entries as ACL LOG shows them. */
  latest(count: number, now: number): Reply[] {
    return this.#entries.slice(0, Math.max(0, count)).map((entry) => describe(entry, now));
  }
}

function isAlike(a: LogEvent, b: LogEvent): boolean {
  return (
    a.reason === b.reason &&
    a.context === b.context &&
    a.object === b.object &&
    a.username === b.username &&
    Math.abs(a.at - b.at) <= MERGED_MS_MAX
  );
}

function describe({ count, reason, context, object, username, client, at }: Entry, now: number): Reply {
  return new MapReply([
    'count',
    count,
    'reason',
    reason,
    'context',
    context,
    'object',
    object,
    'username',
    username,
    'age-seconds',
    new DoubleReply((Math.floor(now) - Math.floor(at)) / 1000),
    'client-info',
    client,
  ]);
}
