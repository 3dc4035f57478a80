import type { Bytes } from '../../core/bytes.js';
import { ErrorReply } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { EngineSession } from '../session.js';
import { parseBitOffset } from '../values/bitfield.js';

const invalidOffset = new ErrorReply('ERR bit offset is not an integer or out of range');

/** Extends the string at `slot` (−1: a new key) to include bit `lastBit`, in place. */
export function stretch(
  db: Database,
  key: Bytes,
  slot: number,
  lastBit: number,
): { target: Uint8Array; grown: boolean } {
  const before = slot < 0 ? -1 : db.keyspace.stringLength(slot);
  const length = Math.max(before, Math.floor(lastBit / 8) + 1);
  return { target: db.keyspace.resizeString(db.slotOrEmpty(key, slot), length), grown: length > before };
}

export function readOffset({ engine }: EngineSession, text: Bytes, width = 0): number {
  const offset = parseBitOffset(text, engine.settings.protoMaxBulkLen, width);
  if (offset === null) throw invalidOffset;
  return offset;
}
