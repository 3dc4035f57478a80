import { bytesOfId, type StreamId, type Uint64 } from '../../core/stream-id.js';
import type { StreamValue } from '../values/stream.js';
import type { StreamNode } from '../values/stream-node.js';
import type { PendingEntry, PendingList } from '../values/stream-pending.js';
import type { RdbWriter } from './rdb-writer.js';

/** So many pending entries are written in one step. */
const STEP_ENTRIES = 256;

/** Writes a stream with its groups as Redis 7.0 does. O(bytes). */
export function saveStream(out: RdbWriter, stream: StreamValue): void {
  out.size(stream.nodes.length);
  for (const node of stream.nodes) saveStreamNode(out, node);
  saveStreamRest(out, stream);
}

export function saveStreamNode(out: RdbWriter, node: StreamNode): void {
  out.blob(bytesOfId(node.id));
  out.blob(node.toListpack());
}

/** What comes after the nodes. */
function saveStreamRest(out: RdbWriter, stream: StreamValue): void {
  const steps = streamRest(() => out, stream);
  while (!steps.next().done);
}

/** As `saveStreamRest`, in steps, each of which asks where it is to write. The stream must not change in between. */
export function* streamRest(writer: () => RdbWriter, stream: StreamValue): Generator<undefined, void, undefined> {
  let out = writer();
  out.size(stream.size);
  saveId(out, stream.lastId);
  saveId(out, stream.firstId);
  saveId(out, stream.maxDeletedId);
  saveCount(out, stream.entriesAdded);
  const groups = stream.groups();
  out.size(groups.length);
  for (const group of groups) {
    out = writer();
    out.string(group.name);
    saveId(out, group.lastId);
    saveCount(out, group.entriesRead);
    yield* savePending(writer, group.pending, ({ id, deliveredAt, deliveries }, to) => {
      to.raw(bytesOfId(id));
      to.u64(BigInt(Math.trunc(deliveredAt)));
      saveCount(to, deliveries);
    });
    const consumers = group.consumers();
    writer().size(consumers.length);
    for (const { name, seenAt, pending } of consumers) {
      out = writer();
      out.string(name);
      out.u64(BigInt(Math.trunc(seenAt)));
      yield* savePending(writer, pending, ({ id }, to) => to.raw(bytesOfId(id)));
    }
  }
}

function* savePending(
  writer: () => RdbWriter,
  pending: PendingList,
  save: (entry: PendingEntry, to: RdbWriter) => void,
): Generator<undefined, void, undefined> {
  writer().size(pending.size);
  for (let from = pending.first?.id ?? null; from !== null; ) {
    const to = writer();
    let left = STEP_ENTRIES;
    let next: StreamId | null = null;
    pending.forEachFrom(from, (entry) => {
      if (left-- === 0) {
        next = entry.id;
        return false;
      }
      save(entry, to);
      return true;
    });
    from = next;
    if (from !== null) yield;
  }
}

function saveId(out: RdbWriter, { ms, seq }: StreamId): void {
  saveCount(out, ms);
  saveCount(out, seq);
}

function saveCount(out: RdbWriter, value: Uint64): void {
  if (typeof value === 'number' && value >= 0) out.size(value);
  else out.size64(BigInt(value));
}
