import { type Bytes, bytesFromArray } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { compareIds, idFromBytes, MIN_ID, type StreamId, type Uint64, uint64 } from '../../core/stream-id.js';
import type { ValueContext } from '../value.js';
import { StreamValue } from '../values/stream.js';
import type { StreamGroup } from '../values/stream-group.js';
import { StreamNode } from '../values/stream-node.js';
import { readListpack } from './listpack.js';
import type { Corrupt } from './rdb-error.js';
import type { RdbReader } from './rdb-reader.js';
import { STREAM_LISTPACKS, STREAM_LISTPACKS_3 } from './rdb-type.js';

const ID_BYTES = 16;
const SAME_FIELDS = 2;
const DELETED = 1;

/** Reads a stream of any version of Redis since 5.0. Throws an RdbError; nothing is left over then. O(bytes). */
export function loadStream(reader: RdbReader, type: number, context: ValueContext): StreamValue {
  const stream = new StreamValue(context);
  try {
    loadNodes(reader, stream);
    loadFacts(reader, type, stream);
    for (let left = reader.size(); left > 0; left--) loadGroup(reader, type, stream);
  } catch (thrown) {
    stream.dispose();
    throw thrown;
  }
  return stream;
}

function loadNodes(reader: RdbReader, stream: StreamValue): void {
  let previous: StreamId | null = null;
  for (let left = reader.size(); left > 0; left--) {
    const key = reader.blob();
    if (key.length !== ID_BYTES) throw reader.corrupt('stream node whose id is none');
    const id = idFromBytes(key);
    if (previous !== null && compareIds(id, previous) <= 0) throw reader.corrupt('stream nodes out of order');
    previous = id;
    const listpack = reader.blob();
    checkNode(readListpack(listpack, reader.corrupt), reader.corrupt);
    stream.addNode(StreamNode.fromListpack(id, listpack));
  }
}

function loadFacts(reader: RdbReader, type: number, stream: StreamValue): void {
  const size = reader.size();
  if (size !== stream.size) throw reader.corrupt('stream of another length than it says');
  const lastId = readSizedId(reader);
  if (type !== STREAM_LISTPACKS) {
    stream.restore({
      lastId,
      firstId: readSizedId(reader),
      maxDeletedId: readSizedId(reader),
      entriesAdded: readCount(reader),
    });
    return;
  }
  const cursor = stream.cursor();
  const firstId = cursor.next() ? cursor.id : MIN_ID;
  stream.restore({ lastId, firstId, maxDeletedId: MIN_ID, entriesAdded: size });
}

interface Delivery {
  id: StreamId;
  deliveredAt: number;
  deliveries: Uint64;
}

function loadGroup(reader: RdbReader, type: number, stream: StreamValue): void {
  const name = reader.string();
  if (stream.group(name) !== null) throw reader.corrupt('stream with a group twice');
  const lastId = readSizedId(reader);
  const entriesRead = type === STREAM_LISTPACKS ? stream.countUpTo(lastId, false) : signed(reader.size64());
  const group = stream.addGroup(name, lastId, entriesRead);
  const unclaimed = new Map<Bytes, Delivery>();
  for (let left = reader.size(); left > 0; left--) {
    const raw = reader.raw(ID_BYTES);
    const key = bytesFromArray(raw);
    if (unclaimed.has(key)) throw reader.corrupt('stream group with a pending entry twice');
    const id = idFromBytes(raw);
    unclaimed.set(key, { id, deliveredAt: Number(reader.i64()), deliveries: readCount(reader) });
  }
  for (let left = reader.size(); left > 0; left--) loadConsumer(reader, type, group, unclaimed);
  if (unclaimed.size > 0) throw reader.corrupt('stream group with a pending entry that no consumer has');
}

function loadConsumer(reader: RdbReader, type: number, group: StreamGroup, unclaimed: Map<Bytes, Delivery>): void {
  const name = reader.string();
  if (group.consumer(name) !== null) throw reader.corrupt('Duplicate stream consumer detected');
  const seenAt = Number(reader.i64());
  const consumer = group.addConsumer(name, seenAt, type === STREAM_LISTPACKS_3 ? Number(reader.i64()) : seenAt);
  for (let left = reader.size(); left > 0; left--) {
    const key = bytesFromArray(reader.raw(ID_BYTES));
    const delivery = unclaimed.get(key);
    if (delivery === undefined)
      throw reader.corrupt('stream consumer with an entry that its group does not have pending');
    unclaimed.delete(key);
    group.addPending(delivery.id, consumer, delivery.deliveredAt, delivery.deliveries);
  }
}

function readSizedId(reader: RdbReader): StreamId {
  const ms = readCount(reader);
  return { ms, seq: readCount(reader) };
}

function readCount(reader: RdbReader): Uint64 {
  return uint64(reader.size64());
}

function signed(value: bigint): number | bigint {
  const exact = BigInt.asIntN(64, value);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/** Checks that the elements of a listpack are a stream's node (stream-node.ts shows how they stand). O(elements). */
function checkNode(elements: readonly Bytes[], corrupt: Corrupt): void {
  let at = 0;
  const integer = (): number => {
    const value = at < elements.length ? parseInteger(elements[at++]) : null;
    if (value === null) throw corrupt('stream node without an integer where one belongs');
    return Number(value);
  };
  const skip = (count: number): void => {
    if (count < 0 || count > elements.length - at) throw corrupt('stream node that ends too early');
    at += count;
  };
  const live = integer();
  const dead = integer();
  const masterFields = integer();
  if (live < 0 || dead < 0 || live + dead < 1 || masterFields < 1) throw corrupt('stream node with wrong counts');
  skip(masterFields);
  if (integer() !== 0) throw corrupt('stream node whose master entry has no end');
  let deleted = 0;
  for (let left = live + dead; left > 0; left--) {
    const start = at;
    const flags = integer();
    if (flags & DELETED) deleted++;
    integer();
    integer();
    skip(flags & SAME_FIELDS ? masterFields : 2 * fieldsOf(integer(), corrupt));
    const size = at - start;
    if (integer() !== size) throw corrupt('stream entry with a wrong number of elements');
  }
  if (deleted !== dead || at !== elements.length)
    throw corrupt('stream node with another number of entries than it says');
}

function fieldsOf(count: number, corrupt: Corrupt): number {
  if (count < 1) throw corrupt('stream entry without fields');
  return count;
}
