import type { Bytes } from '../../core/bytes.js';
import { formatDouble } from '../../core/double.js';
import type { Keyspace } from '../keyspace.js';
import type { Collection } from '../value.js';
import { HashValue } from '../values/hash.js';
import { ListValue } from '../values/list.js';
import { SetValue } from '../values/set.js';
import { StreamValue } from '../values/stream.js';
import { ZSetValue } from '../values/zset.js';
import { writeIntset } from './intset-blob.js';
import { ListpackWriter, listpackInteger } from './listpack.js';
import * as rdb from './rdb-type.js';
import type { RdbWriter } from './rdb-writer.js';
import { saveStream } from './save-stream.js';

/** What decides where the nodes of a list begin: `list-max-listpack-size`. */
export interface ListNodeLimits {
  readonly listMaxListpackSize: number;
}

/** Bytes per node for the sizes −1…−5. */
const NODE_BYTES = [4096, 8192, 16_384, 32_768, 65_536];
/** With a positive size, which counts elements, a node still takes no more than this. */
const COUNTED_NODE_BYTES = 8192;
/** What an element is taken to need besides its bytes when a node's room is judged. */
const ENTRY_OVERHEAD = 8;

/** Where small collections are packed. */
const packer = new ListpackWriter();

/** The type byte of a slot's value: its encoding decides. */
export function savedType(keyspace: Keyspace, slot: number): number {
  if (keyspace.typeOf(slot) === 0) return rdb.STRING;
  const value = keyspace.collection(slot);
  if (value instanceof ListValue) return rdb.LIST_QUICKLIST_2;
  if (value instanceof StreamValue) return rdb.STREAM_LISTPACKS_2;
  if (value instanceof SetValue) return value.encoding === 'intset' ? rdb.SET_INTSET : rdb.SET;
  if (value instanceof ZSetValue) return value.encoding === 'listpack' ? rdb.ZSET_LISTPACK : rdb.ZSET_2;
  const timed = (value.deadlines?.size ?? 0) > 0;
  if (value.encoding === 'hashtable') return timed ? rdb.HASH_METADATA : rdb.HASH;
  return timed ? rdb.HASH_LISTPACK_EX : rdb.HASH_LISTPACK;
}

/** The oldest version of the format that has a type of value. */
export function versionFor(type: number): number {
  return type === rdb.HASH_METADATA || type === rdb.HASH_LISTPACK_EX ? rdb.RDB_VERSION_TIMED : rdb.RDB_VERSION;
}

/** Writes a slot's value as Redis 7.0 does, without its type byte. O(n). */
export function saveValue(out: RdbWriter, keyspace: Keyspace, slot: number, limits: ListNodeLimits): void {
  if (keyspace.typeOf(slot) !== 0) saveCollection(out, keyspace.collection(slot), limits);
  else if (keyspace.isInt(slot)) out.integerString(keyspace.intOf(slot));
  else out.span(keyspace.stringChunk(slot), keyspace.stringStart(slot), keyspace.stringLength(slot));
}

function saveCollection(out: RdbWriter, value: Collection, limits: ListNodeLimits): void {
  if (value instanceof ListValue) saveList(out, value, limits);
  else if (value instanceof SetValue) saveSet(out, value);
  else if (value instanceof ZSetValue) saveZset(out, value);
  else if (value instanceof HashValue) saveHash(out, value);
  else saveStream(out, value);
}

function saveList(out: RdbWriter, list: ListValue, limits: ListNodeLimits): void {
  const packer = new ListPacker(limits);
  list.forEachInRange(0, -1, (element: Bytes) => packer.add(element));
  packer.finish();
  out.size(packer.nodes.length);
  for (const node of packer.nodes) saveNode(out, node);
}

/** Puts the elements of a list into the nodes that they are saved in. */
export class ListPacker {
  readonly nodes: Uint8Array[] = [];
  readonly #node = new ListpackWriter();
  readonly #bytesMax: number;
  readonly #countMax: number;

  constructor({ listMaxListpackSize: size }: ListNodeLimits) {
    this.#bytesMax = size < 0 ? NODE_BYTES[Math.min(-size, NODE_BYTES.length) - 1] : COUNTED_NODE_BYTES;
    this.#countMax = size < 0 ? Infinity : Math.max(1, size);
  }

  add(element: Bytes): void {
    const node = this.#node;
    const full = node.bytes + element.length + ENTRY_OVERHEAD > this.#bytesMax || node.count >= this.#countMax;
    if (node.count > 0 && full) this.nodes.push(node.take());
    node.string(element);
  }

  finish(): void {
    this.nodes.push(this.#node.take());
  }
}

export function saveNode(out: RdbWriter, node: Uint8Array): void {
  out.size(rdb.NODE_PACKED);
  out.blob(node);
}

function saveSet(out: RdbWriter, set: SetValue): void {
  if (set.encoding === 'intset') {
    out.blob(writeIntset(set.members()));
    return;
  }
  out.size(set.size);
  set.forEach((member) => {
    out.string(member);
  });
}

function saveZset(out: RdbWriter, zset: ZSetValue): void {
  if (zset.encoding === 'listpack') {
    const listpack = packer.begin();
    zset.forEach((member, score) => {
      listpack.string(member);
      const integer = listpackInteger(score);
      if (integer === null) listpack.string(formatDouble(score));
      else listpack.integer(integer);
    });
    out.blob(listpack.finish());
    return;
  }
  out.size(zset.size);
  // From the highest to the lowest: Redis then inserts each at the front.
  zset.forEachByRank(0, zset.size - 1, true, (member, score) => {
    out.string(member);
    out.double(score);
  });
}

/** The ends of a hash's fields, the first one first. */
function endsOf(hash: HashValue): [field: Bytes, at: number][] {
  const ends: [Bytes, number][] = [];
  hash.deadlines?.forEach((at, field) => {
    ends.push([field, at]);
  });
  return ends.sort((a, b) => a[1] - b[1]);
}

/** When the first field of a hash ends, some of whose fields do. */
export function firstEndOf(hash: HashValue): number {
  return hash.deadlineOf(hash.deadlines!.firstDue(Infinity)!)!;
}

/** Writes a field of a hash table, with its end counted from `first`. */
export function saveTimedField(out: RdbWriter, hash: HashValue, field: Bytes, value: Bytes, first: number): void {
  const at = hash.deadlineOf(field);
  out.size(at === null ? 0 : at - first + 1);
  out.string(field);
  out.string(value);
}

function saveTimedHash(out: RdbWriter, hash: HashValue): void {
  const first = firstEndOf(hash);
  out.u64(BigInt(first));
  if (hash.encoding === 'hashtable') {
    out.size(hash.size);
    hash.forEach((field, value) => {
      saveTimedField(out, hash, field, value, first);
    });
    return;
  }
  const ends = endsOf(hash);
  const listpack = packer.begin();
  const add = (field: Bytes, value: Bytes, at: number): void => {
    listpack.string(field);
    listpack.string(value);
    listpack.integer(at);
  };
  for (const [field, at] of ends) add(field, hash.get(field)!, at);
  hash.forEach((field, value) => {
    if (hash.deadlineOf(field) === null) add(field, value, 0);
  });
  out.blob(listpack.finish());
}

function saveHash(out: RdbWriter, hash: HashValue): void {
  if ((hash.deadlines?.size ?? 0) > 0) {
    saveTimedHash(out, hash);
    return;
  }
  if (hash.encoding !== 'hashtable') {
    const listpack = packer.begin();
    hash.forEach((field, value) => {
      listpack.string(field);
      listpack.string(value);
    });
    out.blob(listpack.finish());
    return;
  }
  out.size(hash.size);
  hash.forEach((field, value) => {
    out.string(field);
    out.string(value);
  });
}
