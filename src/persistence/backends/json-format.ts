import { joinArrays } from '../../core/bytes.js';
import { DataError } from '../../core/errors.js';
import type { Database } from '../../engine/database.js';
import type { Engine } from '../../engine/engine.js';
import type { TypeName } from '../../engine/entry-meta.js';
import type { ByteFormat } from './byte-backend.js';
import {
  bytesOfJson,
  bytesOfJsonText,
  type JsonBytes,
  jsonArray,
  jsonObject,
  jsonOfBytes,
  jsonTextOfBytes,
} from './json-text.js';
import { jsonOfValue, valueOfJson } from './json-value.js';

/** One key as JSON; `expiresAt` in Unix ms, absent without a TTL. */
export interface JsonEntry {
  readonly key: JsonBytes;
  readonly type: TypeName;
  readonly expiresAt?: number;
  readonly value: unknown;
}

export function jsonOfEntry(db: Database, slot: number): JsonEntry {
  const deadline = db.keyspace.deadline(slot);
  return {
    key: jsonOfBytes(db.keyspace.keyOf(slot)),
    type: db.typeName(slot),
    ...(deadline === null ? {} : { expiresAt: deadline }),
    value: jsonOfValue(db, slot),
  };
}

/** Restores a key from `jsonOfEntry`, replacing an existing one. Throws DataError. */
export function putEntry(db: Database, json: unknown, where: string): void {
  const { key: name, type, expiresAt, value } = jsonObject(json, where);
  const key = bytesOfJson(name, where);
  const made = valueOfJson(db, type as TypeName, value, where);
  if (expiresAt !== undefined && !(typeof expiresAt === 'number' && Number.isFinite(expiresAt))) {
    throw new DataError(`${where}: expected 'expiresAt' in Unix milliseconds`);
  }
  if (typeof made !== 'string' && made.size === 0 && type !== 'stream')
    throw new DataError(`${where}: a ${type} must not be empty`);
  if (typeof made === 'string') db.putString(key, made);
  else db.putCollection(key, made);
  if (typeof expiresAt === 'number') db.keyspace.setDeadline(db.keyspace.find(key), expiresAt);
}

/** Data in a form to read and edit: one line per key. Exact for all types, also for bytes that are not text. */
export const jsonFormat: ByteFormat = {
  extension: 'json',
  *encode(engine) {
    const functions = engine.scripting.functionSources().map(jsonOfBytes);
    yield bytesOfJsonText(`{"format":"keyspan","version":1,"functions":${JSON.stringify(functions)},"databases":{`);
    let first = true;
    for (const db of engine.databases) {
      if (db.size === 0) continue;
      yield bytesOfJsonText(`${first ? '' : ','}\n"${db.index}":[`);
      first = false;
      yield* entries(db);
      yield bytesOfJsonText(']');
    }
    yield bytesOfJsonText('\n}}\n');
  },
  decode(engine, chunks, progress) {
    const parts = [...chunks];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    let parsed: unknown;
    try {
      parsed = JSON.parse(jsonTextOfBytes(joinArrays(parts, length)));
    } catch (error) {
      throw new DataError(`invalid JSON: ${(error as Error).message}`, { cause: error });
    }
    const { format, version, functions = [], databases } = jsonObject(parsed, 'the data');
    if (format !== 'keyspan' || version !== 1) throw new DataError('expected a dataset of format "keyspan", version 1');
    engine.scripting.libraries.restore(
      jsonArray(functions, 'functions').map((source) => bytesOfJson(source, 'functions')),
      'flush',
    );
    for (const [index, list] of Object.entries(jsonObject(databases, 'databases'))) putAll(engine, index, list);
    progress?.(length);
  },
};

function* entries(db: Database): Generator<Uint8Array> {
  const { table } = db.keyspace;
  let separator = '\n';
  for (let slot = table.slotAfter(0); slot >= 0; slot = table.slotAfter(slot)) {
    yield bytesOfJsonText(separator + JSON.stringify(jsonOfEntry(db, slot)));
    separator = ',\n';
  }
}

function putAll(engine: Engine, index: string, list: unknown): void {
  const db = engine.databases[Number(index)];
  if (db === undefined)
    throw new DataError(`database ${index} does not exist: there are only ${engine.databases.length}`);
  jsonArray(list, `database ${index}`).forEach((entry, i) => {
    putEntry(db, entry, `database ${index}, entry ${i}`);
  });
}
