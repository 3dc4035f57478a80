import type { Bytes } from '../../core/bytes.js';
import { parseDouble } from '../../core/double.js';
import { parseInt64 } from '../../core/integer.js';
import type { Collection, ValueContext } from '../value.js';
import { HashValue } from '../values/hash.js';
import { ListValue } from '../values/list.js';
import { SetValue } from '../values/set.js';
import { ADDED, ZSetValue } from '../values/zset.js';
import { readIntset } from './intset-blob.js';
import { readListpack } from './listpack.js';
import { loadStream } from './load-stream.js';
import { moduleName } from './module-name.js';
import type { Corrupt, RdbError } from './rdb-error.js';
import type { RdbReader } from './rdb-reader.js';
import * as rdb from './rdb-type.js';
import { readZiplist } from './ziplist.js';
import { readZipmap } from './zipmap.js';

/** The latest end of a field, Unix ms. */
const FIELD_END_MAX = 2n ** 48n - 1n;

/** A value that belongs to no key yet: a string, or a collection that whoever gets it must keep or dispose of. */
export type LoadedValue = Bytes | Collection;

/**
 * Reads a value of any type that Redis 2.8 to 8.0 writes. Null for an empty collection, which old servers may have
 * left behind. Throws an RdbError; nothing is left over then. O(n).
 */
export function loadValue(reader: RdbReader, type: number, context: ValueContext): LoadedValue | null {
  switch (type) {
    case rdb.STRING:
      return reader.string();
    case rdb.LIST:
    case rdb.LIST_ZIPLIST:
    case rdb.LIST_QUICKLIST:
    case rdb.LIST_QUICKLIST_2:
      return filled(new ListValue(context), (list) => {
        loadList(reader, type, list);
        list.settle();
      });
    case rdb.SET:
    case rdb.SET_INTSET:
    case rdb.SET_LISTPACK:
      return filled(new SetValue(context.meter, context.limits, context.seed), (set) => loadSet(reader, type, set));
    case rdb.ZSET:
    case rdb.ZSET_2:
    case rdb.ZSET_ZIPLIST:
    case rdb.ZSET_LISTPACK:
      return filled(new ZSetValue(context), (zset) => loadZset(reader, type, zset));
    case rdb.HASH:
    case rdb.HASH_ZIPMAP:
    case rdb.HASH_ZIPLIST:
    case rdb.HASH_LISTPACK:
    case rdb.HASH_METADATA:
    case rdb.HASH_LISTPACK_EX:
      return filled(new HashValue(context.meter, context.limits, context.seed), (hash) => loadHash(reader, type, hash));
    case rdb.STREAM_LISTPACKS:
    case rdb.STREAM_LISTPACKS_2:
    case rdb.STREAM_LISTPACKS_3:
      return loadStream(reader, type, context);
    case rdb.MODULE:
    case rdb.MODULE_2:
      throw reader.corrupt(`a value of the module type ${moduleName(reader.size64())}, which is not supported`);
    default:
      throw reader.corrupt(`unknown type of value ${type}`);
  }
}

/** `value` once it is filled; null if it stays empty. If it cannot be filled its memory is given back. */
function filled<V extends Collection>(value: V, fill: (value: V) => void): V | null {
  try {
    fill(value);
  } catch (thrown) {
    value.dispose();
    throw thrown;
  }
  if (value.size > 0) return value;
  value.dispose();
  return null;
}

function loadList(reader: RdbReader, type: number, list: ListValue): void {
  const push = (element: Bytes): void => list.push(element, false);
  if (type === rdb.LIST_ZIPLIST) {
    readZiplist(reader.blob(), reader.corrupt).forEach(push);
    return;
  }
  for (let left = reader.size(); left > 0; left--) {
    if (type === rdb.LIST) {
      push(reader.string());
      continue;
    }
    const container = type === rdb.LIST_QUICKLIST_2 ? reader.size() : rdb.NODE_PACKED;
    if (container === rdb.NODE_PLAIN) {
      const element = reader.string();
      if (element === '') throw reader.corrupt('empty quicklist node');
      push(element);
      continue;
    }
    if (container !== rdb.NODE_PACKED) throw reader.corrupt(`unknown quicklist container ${container}`);
    const read = type === rdb.LIST_QUICKLIST_2 ? readListpack : readZiplist;
    read(reader.blob(), reader.corrupt).forEach(push);
  }
}

function loadSet(reader: RdbReader, type: number, set: SetValue): void {
  const add = (member: Bytes): void => {
    if (!set.add(member)) throw reader.corrupt('set with a member twice');
  };
  if (type === rdb.SET_INTSET) readIntset(reader.blob(), reader.corrupt).forEach(add);
  else if (type === rdb.SET_LISTPACK) {
    const members = readListpack(reader.blob(), reader.corrupt);
    if (!set.adopt(members)) members.forEach(add);
  } else {
    const size = reader.size();
    set.expectAny(size);
    for (let left = size; left > 0; left--) add(reader.string());
  }
}

function loadZset(reader: RdbReader, type: number, zset: ZSetValue): void {
  const add = (member: Bytes, score: number): void => {
    if (Number.isNaN(score)) throw reader.corrupt('sorted set with a score that is no number');
    if (zset.add(member, score) !== ADDED) throw reader.corrupt('sorted set with a member twice');
  };
  if (type === rdb.ZSET_LISTPACK || type === rdb.ZSET_ZIPLIST) {
    forEachPair(reader, type === rdb.ZSET_LISTPACK ? readListpack : readZiplist, (member, text) =>
      add(member, parseDouble(text) ?? Number.NaN),
    );
    return;
  }
  // Packed at the end, if at all: a listpack does not keep a score of −0, not even on the way to a skiplist.
  zset.enlarge();
  for (let left = reader.size(); left > 0; left--) {
    const member = reader.string();
    add(member, type === rdb.ZSET_2 ? reader.double() : textScore(reader));
  }
  zset.compact();
}

/** A score of before Redis 4: its digits after their count, or one of three counts that stand for no digits. */
function textScore(reader: RdbReader): number {
  const length = reader.byte();
  if (length === 253) return Number.NaN;
  if (length === 254) return Infinity;
  if (length === 255) return -Infinity;
  return parseDouble(reader.text(length)) ?? Number.NaN;
}

function loadHash(reader: RdbReader, type: number, hash: HashValue): void {
  const set = (field: Bytes, value: Bytes): void => {
    if (!hash.set(field, value)) throw reader.corrupt('hash with a field twice');
  };
  if (type === rdb.HASH) {
    for (let left = reader.size(); left > 0; left--) set(reader.string(), reader.string());
    return;
  }
  if (type === rdb.HASH_METADATA || type === rdb.HASH_LISTPACK_EX) {
    loadTimedHash(reader, type, hash, set);
    return;
  }
  if (type === rdb.HASH_LISTPACK) {
    const pairs = readListpack(reader.blob(), reader.corrupt, true);
    if (pairs.length % 2 !== 0) throw oddNumber(reader);
    if (!hash.fill(pairs)) throw reader.corrupt('hash with a field twice');
    return;
  }
  forEachPair(reader, type === rdb.HASH_ZIPLIST ? readZiplist : readZipmap, set);
}

function loadTimedHash(
  reader: RdbReader,
  type: number,
  hash: HashValue,
  set: (field: Bytes, value: Bytes) => void,
): void {
  const first = reader.u64();
  const add = (field: Bytes, value: Bytes, at: bigint): void => {
    set(field, value);
    if (at < 0n || at > FIELD_END_MAX) throw reader.corrupt('a field that ends at no time');
    if (at > 0n) hash.setDeadline(field, Number(at));
  };
  if (type === rdb.HASH_METADATA) {
    for (let left = reader.size(); left > 0; left--) {
      const after = reader.size64();
      add(reader.string(), reader.string(), after === 0n ? 0n : first + after - 1n);
    }
    return;
  }
  hash.keepDeadlines();
  const elements = readListpack(reader.blob(), reader.corrupt);
  if (elements.length % 3 !== 0) throw reader.corrupt('a number of elements that are no triples');
  for (let i = 0; i < elements.length; i += 3) {
    const at = parseInt64(elements[i + 2]!);
    if (at === null) throw reader.corrupt('a field whose end is no number');
    add(elements[i]!, elements[i + 1]!, at);
  }
}

function oddNumber(reader: RdbReader): RdbError {
  return reader.corrupt('an odd number of elements where pairs belong');
}

function forEachPair(
  reader: RdbReader,
  read: (blob: Uint8Array, corrupt: Corrupt) => Bytes[],
  visit: (first: Bytes, second: Bytes) => void,
): void {
  const elements = read(reader.blob(), reader.corrupt);
  if (elements.length % 2 !== 0) throw oddNumber(reader);
  for (let i = 0; i < elements.length; i += 2) visit(elements[i], elements[i + 1]);
}
