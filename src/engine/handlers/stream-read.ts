import { readId } from '../../commands/stream-id-kind.js';
import type { ReadParams, streamReadCommands } from '../../commands/stream-read.js';
import type { Bytes } from '../../core/bytes.js';
import { addInt64 } from '../../core/int64-sum.js';
import { INT64_MIN } from '../../core/integer.js';
import { ErrorReply, MapReply, NULL_ARRAY, type Reply, replyErrors } from '../../core/reply.js';
import { compareIds, formatId, idBefore, MAX_ID, MIN_ID, type StreamId } from '../../core/stream-id.js';
import { BLOCK_ON_STREAM } from '../blocking.js';
import type { HandlersOf } from '../handler.js';
import type { EngineSession } from '../session.js';
import { type StreamValue, startAfter } from '../values/stream.js';
import { type StreamConsumer, type StreamGroup, UNKNOWN_READ } from '../values/stream-group.js';
import type { PendingEntry } from '../values/stream-pending.js';
import { claimEffect, obtainConsumer, positionEffect } from './stream-claim.js';
import { entryReplies, groupMissing, openGroup } from './stream-reply.js';

const dollarInGroup = new ErrorReply(
  'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.',
);
const newOutsideGroup = new ErrorReply(
  'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
);
const groupGone = new ErrorReply('NOGROUP the consumer group this client was blocked on no longer exists');
const streamGone = new ErrorReply('UNBLOCKED the stream key no longer exists');
const inGroupOption = ' in XREADGROUP with GROUP option';

const plusInGroup = new ErrorReply(
  'ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.',
);

/** A reader that waited receives at most this many entries, unless it gave a count. */
const WAITED_COUNT = 1000;

/** Handlers of the commands that read several streams. */
export const streamReadHandlers: HandlersOf<typeof streamReadCommands> = {
  xread: (call, params) => read(call, params),
  xreadgroup: (call, params) => read(call, params),
};

function read(call: EngineSession, params: ReadParams): Reply {
  const { db } = call;
  const { streams, group, count = 0 } = params;
  if (call.inScript && params.block !== undefined && !call.engine.commands.since.v72) {
    throw new ErrorReply(`ERR ${call.argv[0]} command is not allowed with BLOCK option from scripts`);
  }
  const known = streams.map(([key, id]) => knownId(call, params, key, id));
  const flat: Reply[] = [];
  streams.forEach(([key], i) => {
    const stream = group === undefined ? db.stream(key) : db.streamToChange(key);
    if (stream === null) return;
    const entries =
      group === undefined ? newEntries(stream, known[i], count) : groupEntries(call, stream, params, key, known[i]);
    if (entries !== null) flat.push(key, entries);
  });
  if (flat.length > 0) return byStream(call, flat);
  if (params.block === undefined || call.inExec) return NULL_ARRAY;
  return wait(call, params, known);
}

/** RESP3 has a map, RESP2 pairs. */
function byStream({ protocol }: EngineSession, flat: Reply[]): Reply {
  if (protocol === 3) return new MapReply(flat);
  return flat.flatMap((key, i) => (i % 2 === 0 ? [[key, flat[i + 1]]] : []));
}

/** The id after which a stream is read; the highest one stands for `>`. Throws unless key, group and id are right. */
function knownId({ db, engine }: EngineSession, { group }: ReadParams, key: Bytes, id: Bytes): StreamId {
  const stream = group === undefined ? db.stream(key) : openGroup(db, key, group, inGroupOption).stream;
  if (id === '$') {
    if (group !== undefined) throw dollarInGroup;
    return stream?.lastId ?? MIN_ID;
  }
  if (id === '+' && engine.commands.since.v74) {
    if (group !== undefined) throw plusInGroup;
    return stream === null || stream.size === 0 ? MIN_ID : (idBefore(stream.lastLiveId) ?? MIN_ID);
  }
  if (id === '>') {
    if (group === undefined) throw newOutsideGroup;
    return MAX_ID;
  }
  return readId(id);
}

function newEntries(stream: StreamValue, known: StreamId, count: number): Reply[] | null {
  if (stream.size === 0 || compareIds(stream.lastLiveId, known) <= 0) return null;
  return entryReplies(stream, { from: startAfter(known), to: MAX_ID }, count);
}

/** What a consumer gets of one stream; null if nothing is new to its group. */
function groupEntries(
  call: EngineSession,
  stream: StreamValue,
  params: ReadParams,
  key: Bytes,
  known: StreamId,
): Reply[] | null {
  const group = stream.group(params.group!)!;
  const history = compareIds(known, MAX_ID) !== 0;
  if (!history && params.claim !== undefined) return claimAndRead(call, { key, stream, group, params });
  const idle = !history && (stream.size === 0 || compareIds(stream.lastLiveId, group.lastId) <= 0);
  // Since 7.2 a consumer exists once it has asked, even for nothing.
  if (idle && !call.engine.commands.since.v72) return null;
  const { count = 0 } = params;
  const consumer = readingConsumer(call, key, group, params);
  if (idle) return null;
  const entries = history
    ? pendingEntries(call, stream, consumer, startAfter(known), count)
    : deliver(call, { key, stream, group, consumer, noAck: params.noAck === true, count });
  // Since 7.2, replying entries that are already pending changes nothing.
  if (!history || !call.engine.commands.since.v72) call.engine.dirty++;
  return entries;
}

interface ClaimingRead {
  readonly key: Bytes;
  readonly stream: StreamValue;
  readonly group: StreamGroup;
  readonly params: ReadParams;
}

/** CLAIM: entries that are pending for long enough, the longest first, then new ones; each with idle time and deliveries. */
function claimAndRead(call: EngineSession, { key, stream, group, params }: ClaimingRead): Reply[] | null {
  const { engine, db } = call;
  const { count = 0, noAck } = params;
  const consumer = readingConsumer(call, key, group, params);
  const now = Math.floor(engine.now);
  const due: PendingEntry[] = [];
  group.pending.forEachFrom(MIN_ID, (entry) => {
    if (now - entry.deliveredAt >= params.claim! && stream.has(entry.id)) due.push(entry);
    return true;
  });
  due.sort((a, b) => a.deliveredAt - b.deliveredAt);
  const claimed = due.slice(0, count || due.length).map((entry) => {
    const [[id, fields]] = entryReplies(stream, { from: entry.id, to: entry.id }, 1) as [[Reply, Reply]];
    const reply = [id, fields, Math.max(0, now - entry.deliveredAt), entry.deliveries];
    group.movePending(entry, consumer);
    entry.deliveredAt = now;
    entry.deliveries = addInt64(entry.deliveries, 1) ?? entry.deliveries;
    if (engine.propagates) engine.propagate(db.index, claimEffect(key, group, entry));
    return reply;
  });
  if (claimed.length > 0) consumer.activeAt = now;
  const none = stream.size === 0 || compareIds(stream.lastLiveId, group.lastId) <= 0;
  const room = count === 0 ? 0 : count - claimed.length;
  const fresh =
    none || (count > 0 && room === 0)
      ? []
      : deliver(call, { key, stream, group, consumer, noAck: noAck === true, count: room });
  const told: Reply[] = [...claimed, ...fresh.map((entry) => [...(entry as Reply[]), 0, 0])];
  if (told.length === 0) return null;
  engine.dirty++;
  return told;
}

function readingConsumer(call: EngineSession, key: Bytes, group: StreamGroup, params: ReadParams): StreamConsumer {
  const { consumerCount } = group;
  const consumer = obtainConsumer(call, key, group, params.consumer);
  // Otherwise what is delivered makes the consumer known.
  if (group.consumerCount > consumerCount && params.noAck === true) {
    call.engine.propagate(call.db.index, ['XGROUP', 'CREATECONSUMER', key, group.name, consumer.name]);
  }
  return consumer;
}

/** What a consumer has pending: only ids where the entry was deleted. */
function pendingEntries(
  call: EngineSession,
  stream: StreamValue,
  consumer: StreamConsumer,
  start: StreamId,
  count: number,
): Reply[] {
  const now = Math.floor(call.engine.now);
  const replies: Reply[] = [];
  consumer.pending.forEachFrom(start, (pending) => {
    const [found] = entryReplies(stream, { from: pending.id, to: pending.id }, 1);
    if (found === undefined) {
      replies.push([formatId(pending.id), NULL_ARRAY]);
    } else {
      pending.deliveredAt = now;
      pending.deliveries = addInt64(pending.deliveries, 1) ?? pending.deliveries;
      replies.push(found);
    }
    return replies.length !== count;
  });
  return replies;
}

interface Delivery {
  readonly key: Bytes;
  readonly stream: StreamValue;
  readonly group: StreamGroup;
  readonly consumer: StreamConsumer;
  readonly noAck: boolean;
  /** 0: all. */
  readonly count: number;
}

/** Gives a consumer what is new to its group. */
function deliver(call: EngineSession, { key, stream, group, consumer, noAck, count }: Delivery): Reply[] {
  const { engine, db } = call;
  const now = Math.floor(engine.now);
  const replies: Reply[] = [];
  const cursor = stream.cursor({ from: startAfter(group.lastId), to: MAX_ID });
  while (cursor.next()) {
    const { id } = cursor;
    advance(stream, group, id, engine.commands.since.v72);
    replies.push([formatId(id), cursor.fields()]);
    if (!noAck) {
      let pending = group.pending.find(id);
      if (pending === null) {
        pending = group.addPending(id, consumer, now, 1);
      } else {
        group.movePending(pending, consumer);
        pending.deliveredAt = now;
        pending.deliveries = 1;
      }
      if (engine.propagates) engine.propagate(db.index, claimEffect(key, group, pending));
    }
    if (replies.length === count) break;
  }
  if (replies.length > 0) consumer.activeAt = now;
  if (noAck && replies.length > 0) {
    engine.propagate(db.index, positionEffect(key, group));
  }
  return replies;
}

/** The group was given the entry `id`, which is its newest. */
function advance(stream: StreamValue, group: StreamGroup, id: StreamId, exact: boolean): void {
  const { lastId } = group;
  const whole = exact
    ? compareIds(lastId, stream.firstId) >= 0 && !stream.hasTombstonesFrom(lastId, true)
    : !stream.hasTombstonesFrom(id, false);
  if (group.entriesRead !== UNKNOWN_READ && whole) {
    // A counter that a client set to the highest value goes on at the lowest, as Redis' does.
    group.entriesRead = addInt64(group.entriesRead, 1) ?? INT64_MIN;
  } else if (stream.entriesAdded !== 0) {
    group.entriesRead = stream.countUpTo(id, exact);
  }
  group.lastId = id;
}

function wait(call: EngineSession, params: ReadParams, known: readonly StreamId[]): Reply {
  const keys = params.streams.map(([key]) => key);
  const count = params.count || WAITED_COUNT;
  return call.engine.blocking.block(call, {
    keys,
    type: BLOCK_ON_STREAM,
    timeoutMs: params.block!,
    timedOut: NULL_ARRAY,
    ...(params.group === undefined ? {} : { lost: (key) => lostReply(call, key, params.group!) }),
    ...(params.claim === undefined ? {} : { ripensAt: () => ripensAt(call, params) }),
    serve(key) {
      const slot = call.db.peek(key);
      const { keyspace } = call.db;
      const opened = params.group === undefined ? keyspace.collection(slot) : keyspace.collectionToChange(slot);
      const stream = opened as StreamValue;
      const entries =
        params.group === undefined
          ? entriesAfter(stream, known[keys.indexOf(key)], count)
          : waitedEntries(call, key, stream, { ...params, count });
      return entries === null || entries instanceof ErrorReply ? entries : byStream(call, [key, entries]);
    },
  });
}

/** When the first pending entry comes of age for a reader that claims. O(pending entries). */
function ripensAt({ db }: EngineSession, { streams, group: name, claim }: ReadParams): number {
  let first = Number.POSITIVE_INFINITY;
  for (const [key, id] of streams) {
    const slot = id === '>' ? db.peek(key) : -1;
    if (slot < 0 || db.keyspace.typeOf(slot) !== BLOCK_ON_STREAM) continue;
    const stream = db.keyspace.collection(slot) as StreamValue;
    stream.group(name!)?.pending.forEachFrom(MIN_ID, (entry) => {
      if (entry.deliveredAt < first && stream.has(entry.id)) first = entry.deliveredAt;
      return true;
    });
  }
  return first + claim!;
}

/** Why a reader of a group stops waiting. Since 7.2 it receives what the command would reply now. */
function lostReply({ db, engine }: EngineSession, key: Bytes, group: Bytes): ErrorReply {
  if (!engine.commands.since.v72) return streamGone;
  return db.keyspace.find(key) < 0 ? groupMissing(key, group, inGroupOption) : replyErrors.wrongType;
}

/** As `newEntries`, for those who waited: entries that came and went at once are an empty reply. */
function entriesAfter(stream: StreamValue, known: StreamId, count: number): Reply[] | null {
  if (compareIds(stream.lastId, known) <= 0) return null;
  return entryReplies(stream, { from: startAfter(known), to: MAX_ID }, count);
}

function waitedEntries(
  call: EngineSession,
  key: Bytes,
  stream: StreamValue,
  params: ReadParams,
): Reply[] | ErrorReply | null {
  const group = stream.group(params.group!);
  if (group === null)
    return call.engine.commands.since.v72 ? groupMissing(key, params.group!, inGroupOption) : groupGone;
  if (params.claim !== undefined) return claimAndRead(call, { key, stream, group, params });
  if (compareIds(stream.lastId, group.lastId) <= 0) return null;
  const consumer = readingConsumer(call, key, group, params);
  return deliver(call, { key, stream, group, consumer, noAck: params.noAck === true, count: params.count ?? 0 });
}
