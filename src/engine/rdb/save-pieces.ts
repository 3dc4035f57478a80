import { A, TYPE_STRING } from '../entry-meta.js';
import type { Keyspace } from '../keyspace.js';
import type { ByteTable } from '../values/byte-table.js';
import { HashValue } from '../values/hash.js';
import { ListValue } from '../values/list.js';
import { SetValue } from '../values/set.js';
import { StreamValue } from '../values/stream.js';
import { ZSetValue } from '../values/zset.js';
import { LzfParts } from './lzf.js';
import { COMPRESSED_SAVING_MIN, type RdbWriter } from './rdb-writer.js';
import { saveStreamNode, streamRest } from './save-stream.js';
import { firstEndOf, type ListNodeLimits, ListPacker, saveNode, saveTimedField } from './save-value.js';

/** Writes the next piece of a value; true once all is written. */
export interface SavePiece {
  (out: RdbWriter): boolean;
  /** What ends it before all is written. The value may change meanwhile if there is such a thing, else it must not. */
  readonly close?: () => void;
}

/** A piece is so many elements, or nodes of a list or stream: well below a millisecond. */
const PIECE_ELEMENTS = 256;
const PIECE_NODES = 8;
/** With fewer elements a value is written at once. */
const LARGE_ELEMENTS = 2048;
/** A longer string has a buffer of its own. */
const LARGE_STRING_BYTES = 128 * 1024;
const STRING_PIECE_BYTES = 32 * 1024;

/**
 * Writes the same data as `saveValue`, piece by piece; null for what is small enough to be written at once. Whatever is one
 * listpack or intset is one piece, and so is an element, whatever its length.
 */
export function piecesOf(keyspace: Keyspace, slot: number, limits: ListNodeLimits): SavePiece | null {
  if (keyspace.typeOf(slot) === TYPE_STRING) {
    return !keyspace.isInt(slot) && keyspace.stringLength(slot) > LARGE_STRING_BYTES
      ? stringPieces(keyspace, slot)
      : null;
  }
  const value = keyspace.collection(slot);
  if (value instanceof StreamValue) return isLargeStream(value) ? streamPieces(value) : null;
  if (value.size < LARGE_ELEMENTS) return null;
  if (value instanceof ListValue) return listPieces(value, limits);
  if (value instanceof ZSetValue) return value.encoding === 'listpack' ? null : zsetPieces(value);
  if (value instanceof SetValue) {
    const { table } = value;
    return table && tablePieces(table, (out, entry) => out.string(table.keyOf(entry)));
  }
  if (value instanceof HashValue) {
    if ((value.deadlines?.size ?? 0) > 0) return value.table && timedPieces(value, value.table);
    return value.table && tablePieces(value.table, (out, entry) => saveField(out, value, entry));
  }
  return null;
}

function isLargeStream(stream: StreamValue): boolean {
  return stream.size >= LARGE_ELEMENTS || stream.groups().some(({ pending }) => pending.size >= LARGE_ELEMENTS);
}

function timedPieces(hash: HashValue, table: ByteTable): SavePiece {
  const first = firstEndOf(hash);
  let begun = false;
  const fields = tablePieces(table, (out, entry) =>
    saveTimedField(out, hash, hash.fieldAt(entry), hash.valueAt(entry), first),
  );
  return (out) => {
    if (!begun) out.u64(BigInt(first));
    begun = true;
    return fields(out);
  };
}

/**
 * A long string is written from its buffer, which the slab keeps as it is. How long it is when it is compressed stands
 * before it: so it is compressed twice, the first time only to find that out.
 */
function stringPieces(keyspace: Keyspace, slot: number): SavePiece {
  const { slab } = keyspace.table;
  const block = keyspace.table.word(slot, A);
  const start = keyspace.stringStart(slot);
  const length = keyspace.stringLength(slot);
  const buffer = slab.lend(block);
  const close = (): void => slab.giveBack(block, buffer);
  let packed = 0;
  let parts: LzfParts | null = null;
  let at = -1;
  const measure = (out: RdbWriter): boolean => {
    parts ??= new LzfParts(buffer, start, length);
    packed += parts.next().length;
    if (packed > length - COMPRESSED_SAVING_MIN) packed = length;
    if (packed < length && !parts.done) return false;
    parts = packed < length ? new LzfParts(buffer, start, length) : null;
    if (parts !== null) out.packedHeader(packed, length);
    return true;
  };
  const write = (out: RdbWriter): boolean => {
    if (at < 0) {
      if (out.compress && !measure(out)) return false;
      if (parts === null) out.size(length);
      at = 0;
    }
    if (parts !== null) {
      out.raw(parts.next());
      return parts.done;
    }
    const size = Math.min(STRING_PIECE_BYTES, length - at);
    out.range(buffer, start + at, size);
    at += size;
    return at === length;
  };
  const piece = (out: RdbWriter): boolean => {
    const isLast = write(out);
    if (isLast) close();
    return isLast;
  };
  return Object.assign(piece, { close });
}

function saveField(out: RdbWriter, hash: HashValue, entry: number): void {
  out.string(hash.fieldAt(entry));
  out.string(hash.valueAt(entry));
}

function tablePieces(table: ByteTable, save: (out: RdbWriter, entry: number) => void): SavePiece {
  let entry = 0;
  return (out) => {
    if (entry === 0) out.size(table.size);
    for (let i = 0; i < PIECE_ELEMENTS; i++) {
      entry = table.slotAfter(entry);
      if (entry < 0) return true;
      save(out, entry);
    }
    return false;
  };
}

function zsetPieces(zset: ZSetValue): SavePiece {
  let done = 0;
  return (out) => {
    const { size } = zset;
    if (done === 0) out.size(size);
    const end = Math.min(done + PIECE_ELEMENTS, size);
    // From the highest to the lowest, as `saveValue` does.
    zset.forEachByRank(size - end, size - 1 - done, true, (member, score) => {
      out.string(member);
      out.double(score);
    });
    done = end;
    return done === size;
  };
}

/** How many nodes there are comes first, so they are all packed before the first one is written. */
function listPieces(list: ListValue, limits: ListNodeLimits): SavePiece {
  const packer = new ListPacker(limits);
  let packed = 0;
  let written = 0;
  return (out) => {
    if (packed < list.size) {
      const end = Math.min(packed + PIECE_ELEMENTS, list.size);
      list.forEachInRange(packed, end - 1, (element) => packer.add(element));
      packed = end;
      if (packed < list.size) return false;
      packer.finish();
      out.size(packer.nodes.length);
      return false;
    }
    const { nodes } = packer;
    const end = Math.min(written + PIECE_NODES, nodes.length);
    for (; written < end; written++) saveNode(out, nodes[written]!);
    return written === nodes.length;
  };
}

function streamPieces(stream: StreamValue): SavePiece {
  const { nodes } = stream;
  let written = 0;
  let to: RdbWriter;
  let rest: Generator<undefined, void, undefined> | null = null;
  return (out) => {
    to = out;
    if (rest !== null) return rest.next().done === true;
    if (written === 0) out.size(nodes.length);
    const end = Math.min(written + PIECE_NODES, nodes.length);
    for (; written < end; written++) saveStreamNode(out, nodes[written]!);
    if (written === nodes.length) rest = streamRest(() => to, stream);
    return false;
  };
}
