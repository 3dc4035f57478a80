import { bytesOfId, type StreamId, type Uint64 } from '../../core/stream-id.js';
import type { StreamValue } from '../values/stream.js';
import type { StreamNode } from '../values/stream-node.js';
import type { PendingList } from '../values/stream-pending.js';
import type { RdbWriter } from './rdb-writer.js';

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
export function saveStreamRest(out: RdbWriter, stream: StreamValue): void {
  out.size(stream.size);
  saveId(out, stream.lastId);
  saveId(out, stream.firstId);
  saveId(out, stream.maxDeletedId);
  saveCount(out, stream.entriesAdded);
  const groups = stream.groups();
  out.size(groups.length);
  for (const group of groups) {
    out.string(group.name);
    saveId(out, group.lastId);
    saveCount(out, group.entriesRead);
    out.size(group.pending.size);
    group.pending.forEach(({ id, deliveredAt, deliveries }) => {
      out.raw(bytesOfId(id));
      out.u64(BigInt(Math.trunc(deliveredAt)));
      saveCount(out, deliveries);
    });
    const consumers = group.consumers();
    out.size(consumers.length);
    for (const { name, seenAt, pending } of consumers) {
      out.string(name);
      out.u64(BigInt(Math.trunc(seenAt)));
      savePendingIds(out, pending);
    }
  }
}

function savePendingIds(out: RdbWriter, pending: PendingList): void {
  out.size(pending.size);
  pending.forEach(({ id }) => {
    out.raw(bytesOfId(id));
  });
}

function saveId(out: RdbWriter, { ms, seq }: StreamId): void {
  saveCount(out, ms);
  saveCount(out, seq);
}

function saveCount(out: RdbWriter, value: Uint64): void {
  if (typeof value === 'number' && value >= 0) out.size(value);
  else out.size64(BigInt(value));
}
