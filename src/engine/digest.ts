import type { Bytes } from '../core/bytes.js';
import { formatDouble } from '../core/double.js';
import { hexDigits } from '../core/hex.js';
import { sha1 } from '../core/sha1.js';
import { formatGrisu } from '../core/short-double.js';
import type { Database } from './database.js';
import { HashValue } from './values/hash.js';
import { ListValue } from './values/list.js';
import { SetValue } from './values/set.js';
import { StreamValue } from './values/stream.js';
import { ZSetValue } from './values/zset.js';

const DIGEST_BYTES = 20;
/** The numbers of the types in Redis' memory, which enter the digest. */
const typeCodes = { string: 0, list: 1, set: 2, zset: 3, hash: 4, stream: 6 } as const;

/** A running checksum, as DEBUG DIGEST combines them. */
class Digest {
  readonly bytes = new Uint8Array(DIGEST_BYTES);

  /** Adds something whose order does not count. */
  join(data: Bytes | Uint8Array): void {
    const hash = sha1(data);
    for (let i = 0; i < DIGEST_BYTES; i++) this.bytes[i] ^= hash[i];
  }

  /** Adds something whose order counts. */
  chain(data: Bytes | Uint8Array): void {
    this.join(data);
    this.bytes.set(sha1(this.bytes));
  }

  toHex(): string {
    return hexDigits(this.bytes);
  }
}

/** Four bytes, most significant first. */
function number32(value: number): Bytes {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** DEBUG DIGEST: equal for equal data, whatever the order of keys, and equal to Redis' for the same data. O(n) of the data. */
export function digestOfAll(databases: readonly Database[]): string {
  const total = new Digest();
  for (const db of databases) {
    const { keyspace } = db;
    if (keyspace.size === 0) continue;
    total.chain(number32(db.index));
    keyspace.table.forEach((slot) => {
      const one = new Digest();
      one.chain(keyspace.keyOf(slot));
      addValue(one, db, slot);
      total.join(one.bytes);
    });
  }
  return total.toHex();
}

/** DEBUG DIGEST-VALUE: of the value and TTL of a key, without its name; zeros for an absent key. */
export function digestOfValue(db: Database, key: Bytes): string {
  const digest = new Digest();
  const slot = db.keyspace.find(key);
  if (slot >= 0) addValue(digest, db, slot);
  return digest.toHex();
}

function addValue(digest: Digest, { keyspace, engine }: Database, slot: number): void {
  const value = keyspace.typeOf(slot) === 0 ? null : keyspace.collection(slot);
  digest.chain(number32(typeCodes[value === null ? 'string' : typeName(value)]));
  if (value === null) digest.chain(keyspace.stringOf(slot));
  else addCollection(digest, value, engine.commands.since.v72 ? formatGrisu : formatDouble);
  if (keyspace.deadline(slot) !== null) digest.join('!!expire!!');
}

type Value = ReturnType<Database['keyspace']['collection']>;

function typeName(value: Value): 'list' | 'set' | 'zset' | 'hash' | 'stream' {
  if (value instanceof ListValue) return 'list';
  if (value instanceof SetValue) return 'set';
  if (value instanceof StreamValue) return 'stream';
  return value instanceof ZSetValue ? 'zset' : 'hash';
}

function addCollection(digest: Digest, value: Value, scoreText: (score: number) => Bytes): void {
  if (value instanceof ListValue) value.forEachInRange(0, value.size - 1, (element) => digest.chain(element));
  else if (value instanceof SetValue) value.forEach((member) => void digest.join(member));
  else if (value instanceof ZSetValue) value.forEach((member, score) => void addPair(digest, member, scoreText(score)));
  else if (value instanceof HashValue)
    value.forEach((field, content) => void addPair(digest, field, content, value.deadlineOf(field) !== null));
  else addStream(digest, value);
}

function addStream(digest: Digest, stream: StreamValue): void {
  const cursor = stream.cursor();
  while (cursor.next()) {
    digest.chain(`${cursor.id.ms}.${cursor.id.seq}`);
    for (const word of cursor.fields()) digest.chain(word);
  }
}

function addPair(digest: Digest, first: Bytes, second: Bytes, ends = false): void {
  const pair = new Digest();
  pair.chain(first);
  pair.chain(second);
  if (ends) pair.join('!!hexpire!!');
  digest.join(pair.bytes);
}
