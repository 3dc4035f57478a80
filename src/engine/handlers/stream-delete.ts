import type { ReferenceParams, streamDeleteCommands } from '../../commands/stream-delete.js';
import { readId } from '../../commands/stream-id-kind.js';
import { compareIds, type StreamId } from '../../core/stream-id.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_STREAM } from '../notify.js';
import type { StreamValue } from '../values/stream.js';

const ABSENT = -1;
const DELETED = 1;
const STILL_NEEDED = 2;

/** Handlers of XDELEX and XACKDEL. */
export const streamDeleteHandlers: HandlersOf<typeof streamDeleteCommands> = {
  xackdel({ db, engine }, { key, group: name, ids, ...policy }) {
    const wanted = ids.map((id) => readId(id));
    const stream = db.streamForWrite(key);
    const group = stream?.group(name) ?? null;
    if (stream === null || group === null) return wanted.map(() => ABSENT);
    let deleted = 0;
    const replies = wanted.map((id) => {
      const pending = group.pending.find(id);
      if (pending === null) return ABSENT;
      group.removePending(pending);
      engine.dirty++;
      if (policy.acked && isNeeded(stream, id)) return STILL_NEEDED;
      if (policy.delRef) forget(stream, id);
      deleted += stream.delete([id]);
      return DELETED;
    });
    if (deleted > 0) db.changed(key, NOTIFY_STREAM, 'xdel', deleted);
    return replies;
  },

  xdelex({ db }, { key, ids, ...policy }) {
    const wanted = ids.map((id) => readId(id));
    const stream = db.streamForWrite(key);
    if (stream === null) return wanted.map(() => ABSENT);
    const replies = wanted.map((id) => {
      if (policy.delRef) forget(stream, id);
      if (!stream.has(id)) return ABSENT;
      if (policy.acked && isNeeded(stream, id)) return STILL_NEEDED;
      stream.delete([id]);
      return DELETED;
    });
    const deleted = replies.filter((reply) => reply === DELETED).length;
    if (deleted > 0) db.changed(key, NOTIFY_STREAM, 'xdel', deleted);
    return replies;
  },
};

/** Whether a group has still to read an entry, or has it pending. O(groups × log n). */
function isNeeded(stream: StreamValue, id: StreamId): boolean {
  return stream.groups().some((group) => compareIds(group.lastId, id) < 0 || group.pending.find(id) !== null);
}

/** Takes an entry from what all groups have pending. */
function forget(stream: StreamValue, id: StreamId): void {
  for (const group of stream.groups()) {
    const pending = group.pending.find(id);
    if (pending !== null) group.removePending(pending);
  }
}

/**
 * Trims by a policy of references: `trim` says how many entries a stream of the same entries would lose from the front. With
 * `acked` those of them that are still needed stay. Returns how many went.
 */
export function trimByPolicy(
  stream: StreamValue,
  policy: ReferenceParams,
  trim: (stream: StreamValue) => number,
): number {
  if (!policy.delRef && !policy.acked) return trim(stream);
  const before: StreamId[] = [];
  const cursor = stream.cursor();
  while (cursor.next()) before.push(cursor.id);
  const probe = stream.clone();
  const count = trim(probe);
  probe.dispose();
  const doomed = before.slice(0, count);
  if (policy.acked) return stream.delete(doomed.filter((id) => !isNeeded(stream, id)));
  for (const id of doomed) forget(stream, id);
  return trim(stream);
}
