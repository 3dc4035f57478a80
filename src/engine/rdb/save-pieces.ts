import type { Keyspace } from '../keyspace.js';
import type { ByteTable } from '../values/byte-table.js';
import { HashValue } from '../values/hash.js';
import { ListValue } from '../values/list.js';
import { SetValue } from '../values/set.js';
import { StreamValue } from '../values/stream.js';
import { ZSetValue } from '../values/zset.js';
import type { RdbWriter } from './rdb-writer.js';
import { saveStreamNode, saveStreamRest } from './save-stream.js';
import { type ListNodeLimits, ListPacker, saveNode } from './save-value.js';

/** Writes the next piece of a value; true once all is written. The value must not change in between. */
export type SavePiece = (out: RdbWriter) => boolean;

/** A piece is so many elements, or nodes of a list or stream: well below a millisecond. */
const PIECE_ELEMENTS = 256;
const PIECE_NODES = 8;
/** With fewer elements a value is written at once. */
const LARGE_ELEMENTS = 2048;

/**
 * Writes the same bytes as `saveValue`, piece by piece; null for what is small enough to be written at once. A string is
 * one piece, whatever its length, and so are an intset, a hash whose fields have deadlines and the pending entries of a stream.
 */
export function piecesOf(keyspace: Keyspace, slot: number, limits: ListNodeLimits): SavePiece | null {
  if (keyspace.typeOf(slot) === 0) return null;
  const value = keyspace.collection(slot);
  if (value.size < LARGE_ELEMENTS) return null;
  if (value instanceof ListValue) return listPieces(value, limits);
  if (value instanceof ZSetValue) return value.encoding === 'listpack' ? null : zsetPieces(value);
  if (value instanceof SetValue) {
    const { table } = value;
    return table && tablePieces(table, (out, entry) => out.string(table.keyOf(entry)));
  }
  if (value instanceof HashValue) {
    if ((value.deadlines?.size ?? 0) > 0) return null;
    return value.table && tablePieces(value.table, (out, entry) => saveField(out, value, entry));
  }
  return value instanceof StreamValue ? streamPieces(value) : null;
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
  return (out) => {
    if (written === 0) out.size(nodes.length);
    const end = Math.min(written + PIECE_NODES, nodes.length);
    for (; written < end; written++) saveStreamNode(out, nodes[written]!);
    if (written < nodes.length) return false;
    saveStreamRest(out, stream);
    return true;
  };
}
