import { throwLate } from '../../commands/precedence.js';
import type { ParamsOfSpec } from '../../commands/spec.js';
import type { stringCommands } from '../../commands/string.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, MapReply, type Reply } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { EngineSession } from '../session.js';
import { type LcsMatch, lcsLength, lcsMatches, lcsTableBytes, lcsText } from '../values/lcs.js';

const notStrings = new ErrorReply('ERR The specified keys must contain string values');
const lenAndIdx = new ErrorReply('ERR If you want both the length and indexes, please just use IDX.');
const tooLarge = new ErrorReply('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
const noMemory = new ErrorReply('ERR Insufficient memory, failed allocating transient memory for LCS');

/** LCS. Keys are looked up before the options are parsed. */
export function lcs(call: EngineSession, params: ParamsOfSpec<ReturnType<typeof stringCommands.lcs>>): Reply {
  const { db, engine } = call;
  const slots = [db.lookup(params.key1), db.lookup(params.key2)];
  if (slots.some((slot) => slot >= 0 && db.typeName(slot) !== 'string')) throw notStrings;
  throwLate(params);
  if (params.len && params.idx) throw lenAndIdx;
  const [a, b] = slots.map((slot) => textAt(db, slot));
  if (lcsTableBytes(a.length, b.length) > engine.settings.protoMaxBulkLen) throw tooLarge;
  if (params.len) return lcsLength(a, b);
  try {
    if (!params.idx) return lcsText(a, b);
    const { matches, length } = lcsMatches(a, b, Math.max(0, params.minMatchLen ?? 0));
    return new MapReply(['matches', matches.map((match) => matchReply(match, params.withMatchLen)), 'len', length]);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw noMemory;
    throw thrown;
  }
}

function textAt(db: Database, slot: number): Bytes {
  return slot < 0 ? '' : db.keyspace.stringOf(slot);
}

function matchReply({ a, b, length }: LcsMatch, withLength = false): Reply[] {
  const match: Reply[] = [[...a], [...b]];
  if (withLength) match.push(length);
  return match;
}
