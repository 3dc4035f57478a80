import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import { formatId } from '../../core/stream-id.js';
import type { Database } from '../database.js';
import type { StreamValue } from '../values/stream.js';
import type { IdSpan } from '../values/stream-cursor.js';
import type { StreamGroup } from '../values/stream-group.js';

/** The entries of a span as replies: id, then fields and values. `count` 0: all. O(log n + m). */
export function entryReplies(stream: StreamValue, span?: IdSpan, count = 0, reverse = false): Reply[] {
  const cursor = stream.cursor(span, { reverse });
  const replies: Reply[] = [];
  while (cursor.next()) {
    replies.push([formatId(cursor.id), cursor.fields()]);
    if (replies.length === count) break;
  }
  return replies;
}

/** The group of a key's stream. Throws NOGROUP, with `where` behind it, unless both exist. */
export function openGroup(db: Database, key: Bytes, name: Bytes, where = ''): OpenedGroup {
  return groupOf(db.stream(key), key, name, where);
}

export interface OpenedGroup {
  readonly stream: StreamValue;
  readonly group: StreamGroup;
}

/** As `openGroup`, for a stream that was looked up before. */
export function groupOf(stream: StreamValue | null, key: Bytes, name: Bytes, where = ''): OpenedGroup {
  const group = stream?.group(name) ?? null;
  if (stream === null || group === null) {
    throw groupMissing(key, name, where);
  }
  return { stream, group };
}

export function groupMissing(key: Bytes, name: Bytes, where = ''): ErrorReply {
  return new ErrorReply(`NOGROUP No such key '${shown(key)}' or consumer group '${shown(name)}'${where}`);
}

/** NOGROUP for a key that exists. */
export function noSuchGroup(key: Bytes, name: Bytes): ErrorReply {
  return new ErrorReply(`NOGROUP No such consumer group '${shown(name)}' for key name '${shown(key)}'`);
}

/** As C shows a string in an error: up to a NUL. */
function shown(text: Bytes): Bytes {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}
