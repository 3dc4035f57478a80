import type { Bytes } from '../../core/bytes.js';
import { DataError } from '../../core/errors.js';
import type { StreamId } from '../../core/stream-id.js';
import type { Database } from '../../engine/database.js';
import type { TypeName } from '../../engine/entry-meta.js';
import type { Collection } from '../../engine/value.js';
import { HashValue } from '../../engine/values/hash.js';
import { ListValue } from '../../engine/values/list.js';
import { SetValue } from '../../engine/values/set.js';
import type { StreamValue } from '../../engine/values/stream.js';
import type { StreamGroup } from '../../engine/values/stream-group.js';
import { ZSetValue } from '../../engine/values/zset.js';
import {
  bytesOfJson,
  countOfJson,
  idOfJson,
  jsonArray,
  jsonObject,
  jsonOfBytes,
  jsonOfCount,
  jsonOfId,
  jsonOfScore,
  scoreOfJson,
} from './json-text.js';

/** The value of a slot as JSON: exact for all types, and readable where the data are. O(n). */
export function jsonOfValue({ keyspace }: Database, slot: number): unknown {
  if (keyspace.typeOf(slot) === 0) return jsonOfBytes(keyspace.stringOf(slot));
  const value = keyspace.collection(slot);
  if (value instanceof ListValue) return value.toArray().map(jsonOfBytes);
  if (value instanceof SetValue) return value.members().map(jsonOfBytes);
  if (value instanceof ZSetValue) {
    return value.toArray().map(([member, score]) => [jsonOfBytes(member), jsonOfScore(score)]);
  }
  if (value instanceof HashValue) {
    const pairs: unknown[] = [];
    value.forEach((field, content) => {
      const endsAt = value.deadlineOf(field);
      pairs.push([jsonOfBytes(field), jsonOfBytes(content), ...(endsAt === null ? [] : [jsonOfCount(endsAt)])]);
    });
    return pairs;
  }
  return jsonOfStream(value);
}

function jsonOfStream(stream: StreamValue): unknown {
  const entries: unknown[] = [];
  const cursor = stream.cursor();
  while (cursor.next()) entries.push([jsonOfId(cursor.id), ...cursor.fields().map(jsonOfBytes)]);
  return {
    entries,
    lastId: jsonOfId(stream.lastId),
    maxDeletedId: jsonOfId(stream.maxDeletedId),
    entriesAdded: jsonOfCount(stream.entriesAdded),
    groups: stream.groups().map(jsonOfGroup),
  };
}

function jsonOfGroup(group: StreamGroup): unknown {
  const pending: unknown[] = [];
  group.pending.forEach(({ id, consumer, deliveredAt, deliveries }) => {
    pending.push([jsonOfId(id), jsonOfBytes(consumer.name), deliveredAt, jsonOfCount(deliveries)]);
  });
  return {
    name: jsonOfBytes(group.name),
    lastId: jsonOfId(group.lastId),
    entriesRead: jsonOfCount(group.entriesRead),
    consumers: group.consumers().map(({ name, seenAt, activeAt }) => [jsonOfBytes(name), seenAt, activeAt]),
    pending,
  };
}

/**
 * Recreates a value from `jsonOfValue`, for `db` but not in a key yet. Throws DataError prefixed with `where`. O(n).
 */
export function valueOfJson(db: Database, type: TypeName, json: unknown, where: string): Bytes | Collection {
  switch (type) {
    case 'string':
      return bytesOfJson(json, where);
    case 'list': {
      const list = db.newList();
      for (const item of jsonArray(json, where)) list.push(bytesOfJson(item, where), false);
      return list;
    }
    case 'set': {
      const set = db.newSet();
      for (const item of jsonArray(json, where)) set.add(bytesOfJson(item, where));
      return set;
    }
    case 'zset': {
      const zset = db.newZset();
      for (const item of jsonArray(json, where)) {
        const [member, score] = jsonArray(item, where);
        zset.add(bytesOfJson(member, where), scoreOfJson(score, where));
      }
      return zset;
    }
    case 'hash': {
      const hash = db.newHash();
      for (const item of jsonArray(json, where)) {
        const [field, content, endsAt] = jsonArray(item, where);
        const name = bytesOfJson(field, where);
        hash.set(name, bytesOfJson(content, where));
        if (endsAt !== undefined) hash.setDeadline(name, Number(countOfJson(endsAt, where)));
      }
      return hash;
    }
    case 'stream':
      return streamOfJson(db.newStream(), json, where);
    default:
      throw new DataError(`${where}: there is no type '${String(type)}'`);
  }
}

function streamOfJson(stream: StreamValue, json: unknown, where: string): StreamValue {
  const { entries, lastId, maxDeletedId, entriesAdded, groups } = jsonObject(json, where);
  let firstId: StreamId | null = null;
  for (const entry of jsonArray(entries, where)) {
    const [id, ...fields] = jsonArray(entry, where);
    if (fields.length === 0 || fields.length % 2 === 1)
      throw new DataError(`${where}: an entry has a field without value`);
    const parsed = idOfJson(id, where);
    firstId ??= parsed;
    stream.append(
      parsed,
      fields.map((field) => bytesOfJson(field, where)),
    );
  }
  stream.restore({
    firstId: firstId ?? stream.firstId,
    lastId: idOfJson(lastId, where),
    maxDeletedId: idOfJson(maxDeletedId, where),
    entriesAdded: countOfJson(entriesAdded, where),
  });
  for (const group of jsonArray(groups, where)) addGroup(stream, group, where);
  return stream;
}

function addGroup(stream: StreamValue, json: unknown, where: string): void {
  const { name, lastId, entriesRead, consumers, pending } = jsonObject(json, where);
  const read = countOfJson(entriesRead, where);
  const group = stream.addGroup(bytesOfJson(name, where), idOfJson(lastId, where), read);
  for (const item of jsonArray(consumers, where)) {
    const [consumer, seenAt, activeAt] = jsonArray(item, where);
    group.addConsumer(
      bytesOfJson(consumer, where),
      Number(countOfJson(seenAt, where)),
      Number(countOfJson(activeAt, where)),
    );
  }
  for (const item of jsonArray(pending, where)) {
    const [id, name, deliveredAt, deliveries] = jsonArray(item, where);
    const consumer = group.consumer(bytesOfJson(name, where));
    if (consumer === null) throw new DataError(`${where}: an entry is pending for a consumer that is not there`);
    const times = countOfJson(deliveries, where);
    group.addPending(idOfJson(id, where), consumer, Number(countOfJson(deliveredAt, where)), times);
  }
}
