import type { BitfieldWords } from '../../commands/bitfield-operations.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import { NOTIFY_STRING } from '../notify.js';
import type { EngineSession } from '../session.js';
import {
  type BitfieldOverflow,
  type BitfieldType,
  getBitfield,
  incrementBitfield,
  parseBitfieldType,
  setBitfield,
} from '../values/bitfield.js';
import { readOffset, stretch } from './bit-string.js';
import { readInteger } from './late-integer.js';

interface Operation {
  readonly verb: 'get' | 'set' | 'incrby';
  readonly type: BitfieldType;
  readonly offset: number;
  /** The new value or the increment; 0 for `get`. */
  readonly value: number | bigint;
  readonly overflow: BitfieldOverflow;
}

interface Params {
  readonly key: Bytes;
  readonly operations: readonly BitfieldWords[];
}

const invalidType = new ErrorReply(
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
);
const onlyGet = new ErrorReply('ERR BITFIELD_RO only supports the GET subcommand');
const NOTHING = new Uint8Array(0);

export function bitfield(call: EngineSession, { key, operations }: Params): Reply {
  const list = readOperations(call, operations);
  const lastBit = lastWrittenBit(list);
  return lastBit < 0 ? readAll(call, key, list) : writeAll(call, key, { list, lastBit });
}

export function bitfieldRo(call: EngineSession, { key, operations }: Params): Reply {
  const list = readOperations(call, operations);
  if (lastWrittenBit(list) >= 0) throw onlyGet;
  return readAll(call, key, list);
}

/** Parses the words one operation at a time, as far as they are valid. */
function readOperations(call: EngineSession, operations: readonly BitfieldWords[]): Operation[] {
  const list: Operation[] = [];
  let overflow: BitfieldOverflow = 'WRAP';
  for (const operation of operations) {
    if ('invalid' in operation) throw operation.invalid;
    if ('overflow' in operation) overflow = operation.overflow.toUpperCase() as BitfieldOverflow;
    else if ('get' in operation) list.push(readOperation(call, 'get', operation.get, overflow));
    else if ('set' in operation) list.push(readOperation(call, 'set', operation.set, overflow));
    else list.push(readOperation(call, 'incrby', operation.incrby, overflow));
  }
  return list;
}

function readOperation(
  call: EngineSession,
  verb: Operation['verb'],
  words: readonly Bytes[],
  overflow: BitfieldOverflow,
): Operation {
  const type = parseBitfieldType(words[0]);
  if (type === null) throw invalidType;
  const offset = readOffset(call, words[1], type.bits);
  return { verb, type, offset, value: verb === 'get' ? 0 : readInteger(words[2]), overflow };
}

/** −1 when nothing is to be written. */
function lastWrittenBit(list: readonly Operation[]): number {
  let last = -1;
  for (const { verb, offset, type } of list) if (verb !== 'get') last = Math.max(last, offset + type.bits - 1);
  return last;
}

function readAll({ db }: EngineSession, key: Bytes, list: readonly Operation[]): Reply {
  const slot = db.stringSlot(key);
  const source = slot < 0 ? NOTHING : db.keyspace.viewString(slot);
  return list.map(({ offset, type }) => getBitfield(source, offset, type));
}

function writeAll({ db }: EngineSession, key: Bytes, work: { list: Operation[]; lastBit: number }): Reply {
  const { target, grown } = stretch(db, key, db.stringSlotForWrite(key), work.lastBit);
  let changes = 0;
  const replies = work.list.map(({ verb, type, offset, value, overflow }) => {
    if (verb === 'get') return getBitfield(target, offset, type);
    const write = verb === 'set' ? setBitfield : incrementBitfield;
    const { reply, changed } = write(target, offset, type, value, overflow);
    if (reply !== null && (grown || changed)) changes++;
    return reply;
  });
  if (changes > 0) db.changed(key, NOTIFY_STRING, 'setbit', changes);
  return replies;
}
