import type { streamCommands } from '../../commands/stream.js';
import { readId } from '../../commands/stream-id-kind.js';
import type { NewId, TrimParams } from '../../commands/stream-trim.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, NULL_ARRAY, OK, replyErrors } from '../../core/reply.js';
import { compareIds, formatId, idAfter, isZeroId, MIN_ID, type StreamId, UINT64_MAX } from '../../core/stream-id.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_STREAM } from '../notify.js';
import type { EngineSession } from '../session.js';
import type { StreamValue } from '../values/stream.js';
import { streamClaimHandlers } from './stream-claim.js';
import { streamDeleteHandlers, trimByPolicy } from './stream-delete.js';
import { streamGroupHandlers } from './stream-group.js';
import { streamInfoHandlers } from './stream-info.js';
import { streamReadHandlers } from './stream-read.js';
import { entryReplies } from './stream-reply.js';

const zeroId = new ErrorReply('ERR The ID specified in XADD must be greater than 0-0');
const exhausted = new ErrorReply('ERR The stream has exhausted the last possible ID, unable to add more items');
const notAbove = new ErrorReply('ERR The ID specified in XADD is equal or smaller than the target stream top item');
/** Also said where a sequence number has no successor: Redis does not tell the two apart. */
const tooLarge = new ErrorReply('ERR Elements are too large to be stored');
const belowTop = new ErrorReply('ERR The ID specified in XSETID is smaller than the target stream top item');
const belowDeleted = new ErrorReply('ERR The ID specified in XSETID is smaller than current max_deleted_entry_id');
const belowLength = new ErrorReply(
  'ERR The entries_added specified in XSETID is smaller than the target stream length',
);

/** An entry's fields and values together. */
const ENTRY_BYTES_MAX = 2 ** 30;

/** How many entries trimming by whole nodes may take, unless told: 100 nodes' worth, within bounds. */
const LIMIT_NODES = 100;
const LIMIT_DEFAULT = 10_000;
const LIMIT_MAX = 1_000_000;

/** Handlers of the stream group. */
export const streamHandlers: HandlersOf<typeof streamCommands> = {
  ...streamClaimHandlers,
  ...streamDeleteHandlers,
  ...streamGroupHandlers,
  ...streamInfoHandlers,
  ...streamReadHandlers,

  xadd(call, params) {
    const { db, engine } = call;
    const { key, id: given, fields } = params;
    if (given !== null && given.ms === 0 && given.seq === 0) throw zeroId;
    const existing = db.streamForWrite(key);
    if (existing === null && params.noMkStream === true) return null;
    const id = newId(call, existing, given);
    checkSize(fields);
    const stream = existing ?? db.addStream(key);
    stream.append(id, fields);
    db.changed(key, NOTIFY_STREAM, 'xadd');
    if (trim(call, stream, params) > 0) db.notify(NOTIFY_STREAM, 'xtrim', key);
    const text = formatId(id);
    if (engine.propagates) {
      const option = params.noMkStream === true ? ['NOMKSTREAM'] : [];
      engine.propagate(db.index, ['XADD', key, ...option, ...exactTrim(stream, params), text, ...fields]);
    }
    if (existing !== null) engine.blocking.keyReady(db, key);
    return text;
  },

  xdel({ db }, { key, ids }) {
    const stream = db.streamForWrite(key);
    if (stream === null) return 0;
    const deleted = stream.delete(ids.map((id) => readId(id)));
    if (deleted > 0) db.changed(key, NOTIFY_STREAM, 'xdel', deleted);
    return deleted;
  },

  xlen: ({ db }, { key }) => db.stream(key)?.size ?? 0,

  xrange: (call, params) => range(call, params, false),
  xrevrange: (call, params) => range(call, params, true),

  xsetid({ db, engine }, { key, lastId, entriesAdded, maxDeletedId }) {
    const stream = db.streamForWrite(key);
    if (stream === null) throw replyErrors.noSuchKey;
    if (engine.commands.since.v72 && compareIds(lastId, stream.maxDeletedId) < 0) throw belowDeleted;
    if (stream.size > 0) {
      if (compareIds(lastId, stream.lastLiveId) < 0) throw belowTop;
      if (entriesAdded !== undefined && entriesAdded < stream.size) throw belowLength;
    }
    stream.lastId = lastId;
    if (entriesAdded !== undefined) stream.entriesAdded = entriesAdded;
    if (maxDeletedId !== undefined && !isZeroId(maxDeletedId)) stream.maxDeletedId = maxDeletedId;
    engine.dirty++;
    db.notify(NOTIFY_STREAM, 'xsetid', key);
    return OK;
  },

  xtrim(call, params) {
    const { db, engine } = call;
    const { key } = params;
    const stream = db.streamForWrite(key);
    if (stream === null) return 0;
    const deleted = trim(call, stream, params);
    if (deleted === 0) return 0;
    db.changed(key, NOTIFY_STREAM, 'xtrim', deleted);
    engine.propagate(db.index, ['XTRIM', key, ...exactTrim(stream, params)]);
    return deleted;
  },
};

function range(
  { db }: EngineSession,
  { key, start, end, count }: { key: Bytes; start: StreamId; end: StreamId; count?: number },
  reverse: boolean,
) {
  const stream = db.stream(key);
  if (stream === null) return [];
  if (count !== undefined && count <= 0) return NULL_ARRAY;
  return entryReplies(stream, { from: start, to: end }, count ?? 0, reverse);
}

/** The id for a new entry. Throws if there is none. */
function newId({ engine }: EngineSession, stream: StreamValue | null, given: NewId): StreamId {
  const last = stream?.lastId ?? MIN_ID;
  if (last.ms === UINT64_MAX && last.seq === UINT64_MAX) throw exhausted;
  if (given === null) {
    const ms = Math.floor(engine.now);
    return ms > last.ms ? { ms, seq: 0 } : idAfter(last)!;
  }
  if (given.seq === null && given.ms === last.ms) {
    if (last.seq === UINT64_MAX) throw engine.commands.since.v72 ? notAbove : tooLarge;
    return idAfter(last)!;
  }
  const id = { ms: given.ms, seq: given.seq ?? 0 };
  if (compareIds(id, last) <= 0) throw notAbove;
  return id;
}

function checkSize(fields: readonly Bytes[]): void {
  let size = 0;
  for (const word of fields) size += word.length;
  if (size > ENTRY_BYTES_MAX) throw tooLarge;
}

/** Trims as requested; returns how many entries were removed. */
function trim({ engine }: EngineSession, stream: StreamValue, params: TrimParams): number {
  const { maxLen, minId, approximate, limit } = params;
  const whole = approximate === true;
  const max = whole ? (limit ?? defaultLimit(engine.settings.limits.streamNodeMaxEntries)) : 0;
  if (maxLen === undefined && minId === undefined) return 0;
  return trimByPolicy(stream, params, (some) =>
    maxLen !== undefined ? some.trimToLength(maxLen, whole, max) : some.trimBelow(minId!, whole, max),
  );
}

function defaultLimit(nodeMaxEntries: number): number {
  return nodeMaxEntries <= 0 ? LIMIT_DEFAULT : Math.min(LIMIT_NODES * nodeMaxEntries, LIMIT_MAX);
}

/** The options of a trimming: an approximate one says what came of it, without a limit. */
function exactTrim(stream: StreamValue, { approximate, maxLen, minId, delRef, acked }: TrimParams): Bytes[] {
  // What is still needed elsewhere is needed on a copy as well.
  const whole = approximate === true && !acked;
  const policy = delRef ? ['DELREF'] : acked ? ['ACKED'] : [];
  if (maxLen !== undefined) return ['MAXLEN', '=', String(whole ? stream.size : maxLen), ...policy];
  if (minId === undefined) return [];
  return ['MINID', '=', formatId(whole ? stream.firstPackedId : minId), ...policy];
}
