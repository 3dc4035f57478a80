import type { bitmapCommands } from '../../commands/bitmap.js';
import { type Bytes, sliceBytes } from '../../core/bytes.js';
import { ErrorReply, type Reply, replyErrors } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_GENERIC, NOTIFY_STRING } from '../notify.js';
import {
  type Bit,
  type BitOperation,
  bitAt,
  bitRange,
  combineBits,
  countBits,
  findBit,
  isReversedFromEnd,
  type RangeUnit,
  setBit,
} from '../values/bitmap.js';
import { readOffset, stretch } from './bit-string.js';
import { bitfield, bitfieldRo } from './bitfield.js';
import { readInteger } from './late-integer.js';

const invalidBit = new ErrorReply('ERR bit is not an integer or out of range');
const notOneSource = new ErrorReply('ERR BITOP NOT must be called with a single source key.');

/** What compares the first string with the others. */
const needsTwo: ReadonlySet<string> = new Set(['diff', 'diff1', 'andor']);

/** Handlers of the bitmap group. */
export const bitmapHandlers: HandlersOf<typeof bitmapCommands> = {
  bitcount({ db, engine }, { key, range }) {
    const openEnd = engine.commands.since.v84;
    if (engine.commands.since.v72) checkCountRange(range, openEnd);
    const slot = db.stringSlot(key);
    if (slot < 0) return 0;
    const source = db.keyspace.viewString(slot);
    if (range === undefined) return countBits(source);
    if ((range.length === 1 && !openEnd) || range.length > 3) throw replyErrors.syntax;
    const start = readInteger(range[0]);
    const end = range.length === 1 ? source.length - 1 : readInteger(range[1]);
    if (isReversedFromEnd(start, end)) return 0;
    return countBits(source, bitRange(source.length, start, end, readUnit(range[2])));
  },

  bitfield,
  bitfieldRo,

  bitop({ db }, { operation, destination, sources }) {
    if (operation === 'not' && sources.length > 1) throw notOneSource;
    if (needsTwo.has(operation) && sources.length < 2)
      throw new ErrorReply(`ERR BITOP ${operation.toUpperCase()} must be called with at least two source keys.`);
    for (const source of sources) db.stringSlot(source);
    // All types were checked and expired keys removed: from here on nothing moves.
    const views = sources.map((source) => viewOf(db, source));
    const result = combineBits(operation.toUpperCase() as BitOperation, views);
    if (result.length > 0) {
      db.peek(destination);
      const slot = db.putString(destination, '');
      db.keyspace.resizeString(slot, result.length).set(result);
      db.changed(destination, NOTIFY_STRING, 'set');
    } else if (db.exists(destination)) {
      db.remove(destination);
      db.changed(destination, NOTIFY_GENERIC, 'del');
    }
    return result.length;
  },

  bitpos({ db, engine }, { key, bit, range }) {
    if (engine.commands.since.v72) checkPositionRange(range);
    const slot = db.stringSlot(key);
    if (slot < 0) return bit === 1 ? -1 : 0;
    const source = db.keyspace.viewString(slot);
    if (range === undefined) return findBit(source, bit as Bit, bitRange(source.length, 0, -1, 'BYTE'), false);
    if (range.length > 3) throw replyErrors.syntax;
    const start = readInteger(range[0]);
    const unit = readUnit(range[2]);
    const end = range.length > 1 ? readInteger(range[1]) : -1;
    return findBit(source, bit as Bit, bitRange(source.length, start, end, unit), range.length > 1);
  },

  getbit(call, { key, offset }) {
    const at = readOffset(call, offset);
    const slot = call.db.stringSlot(key);
    if (slot < 0) return 0;
    const source = call.db.keyspace.viewString(slot);
    const byte = Math.floor(at / 8);
    return byte < source.length ? bitAt(sliceBytes(source, byte, byte + 1), at % 8) : 0;
  },

  setbit(call, { key, offset, value }): Reply {
    const { db } = call;
    const at = readOffset(call, offset);
    if (value !== '0' && value !== '1') throw invalidBit;
    const bit: Bit = value === '1' ? 1 : 0;
    const slot = db.stringSlotForWrite(key);
    const { target, grown } = stretch(db, key, slot, at);
    const before = setBit(target, at, bit);
    if (grown || before !== bit) db.changed(key, NOTIFY_STRING, 'setbit');
    return before;
  },
};

/** Since 7.2 a range is parsed before the key is looked up. */
function checkCountRange(range: readonly Bytes[] | undefined, openEnd: boolean): void {
  if (range === undefined) return;
  if ((range.length === 1 && !openEnd) || range.length > 3) throw replyErrors.syntax;
  readInteger(range[0]);
  if (range.length === 1) return;
  readInteger(range[1]);
  readUnit(range[2]);
}

function checkPositionRange(range: readonly Bytes[] | undefined): void {
  if (range === undefined) return;
  if (range.length > 3) throw replyErrors.syntax;
  readInteger(range[0]);
  readUnit(range[2]);
  if (range.length > 1) readInteger(range[1]);
}

function readUnit(word: Bytes | undefined): RangeUnit {
  const unit = word?.toUpperCase() ?? 'BYTE';
  if (unit !== 'BYTE' && unit !== 'BIT') throw replyErrors.syntax;
  return unit;
}

const NOTHING = new Uint8Array(0);

function viewOf({ keyspace }: Database, key: Bytes): Uint8Array {
  const slot = keyspace.find(key);
  return slot < 0 ? NOTHING : keyspace.viewString(slot);
}
