import { throwLate } from '../../commands/precedence.js';
import { type ClaimQuery, checkClaimCount, type streamGroupCommands } from '../../commands/stream-group.js';
import type { Bytes } from '../../core/bytes.js';
import { addInt64 } from '../../core/int64-sum.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, type Reply, replyErrors } from '../../core/reply.js';
import { compareIds, formatId, MIN_ID, type StreamId } from '../../core/stream-id.js';
import { TYPE_STREAM } from '../entry-meta.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_STREAM } from '../notify.js';
import type { EngineSession } from '../session.js';
import { type StreamValue, startAfter } from '../values/stream.js';
import type { StreamConsumer, StreamGroup } from '../values/stream-group.js';
import type { PendingEntry } from '../values/stream-pending.js';
import { entryReplies, groupOf } from './stream-reply.js';

const COUNT_DEFAULT = 100;
/** How many pending entries are examined for each that may be claimed. */
const TRIES = 10;

const invalidMinIdle = new ErrorReply('ERR Invalid min-idle-time argument for XCLAIM');

/** Handlers of XCLAIM and XAUTOCLAIM. */
export const streamClaimHandlers: HandlersOf<Pick<typeof streamGroupCommands, 'xclaim' | 'xautoclaim'>> = {
  xclaim(call, params) {
    const { db, engine } = call;
    const { key, consumer, ids, lastId = MIN_ID } = params;
    const { stream, group } = groupOf(db.streamToChange(key), key, params.group);
    const minIdle = readNumber(params.minIdleTime, invalidMinIdle);
    throwLate(params);
    const claim = new Claim(call, { key, stream, group, name: consumer, minIdle, ...optionsOf(params, engine.now) });
    const passed = compareIds(lastId, group.lastId) > 0;
    if (passed) group.lastId = lastId;
    for (const id of ids) claim.claim(id);
    // What was made to look older may be what a reader that claims waits for.
    engine.blocking.keyReady(db, key);
    if (passed && !claim.propagated) {
      engine.propagate(db.index, positionEffect(key, group));
      engine.dirty++;
    }
    return claim.replies;
  },

  xautoclaim(call, params) {
    const { key, group: name, consumer, minIdleTime, start, count = COUNT_DEFAULT, justId } = params;
    const { db } = call;
    const slot = db.lookup(key);
    throwLate(params);
    if (slot >= 0 && db.keyspace.typeOf(slot) !== TYPE_STREAM) throw replyErrors.wrongType;
    const { stream, group } = groupOf(
      slot < 0 ? null : (db.keyspace.collectionToChange(slot) as StreamValue),
      key,
      name,
    );
    checkClaimCount(count);
    const at = Math.floor(call.engine.now);
    const minIdle = Math.max(0, minIdleTime);
    const claim = new Claim(call, {
      key,
      stream,
      group,
      name: consumer,
      minIdle,
      at,
      justId: justId === true,
      force: false,
      retryCount: -1,
    });
    const { pending } = group;
    let next = pending.atOrAfter(start);
    for (let tries = count * TRIES; next !== null && tries > 0 && claim.done < count; tries--) {
      const { id } = next;
      claim.claim(id);
      next = pending.atOrAfter(startAfter(id));
      if (next !== null && compareIds(next.id, id) <= 0) next = null;
    }
    return [formatId(next?.id ?? MIN_ID), claim.replies, claim.deleted.map(formatId)];
  },
};

/** The consumer of this name, created if there is none. */
export function obtainConsumer(call: EngineSession, key: Bytes, group: StreamGroup, name: Bytes): StreamConsumer {
  const now = Math.floor(call.engine.now);
  const known = group.consumer(name);
  if (known === null) return createConsumer(call, key, group, name);
  known.seenAt = now;
  return known;
}

export function createConsumer(
  { db, engine }: EngineSession,
  key: Bytes,
  group: StreamGroup,
  name: Bytes,
): StreamConsumer {
  const consumer = group.addConsumer(name, Math.floor(engine.now));
  engine.dirty++;
  db.notify(NOTIFY_STREAM, 'xgroup-createconsumer', key);
  return consumer;
}

/** What a copy must do so that the group has read as far there as it has here. */
export function positionEffect(key: Bytes, group: StreamGroup): Bytes[] {
  const { name, lastId, entriesRead } = group;
  return ['XGROUP', 'SETID', key, name, formatId(lastId), 'ENTRIESREAD', String(entriesRead)];
}

/** What a copy must do so that an entry is pending there as it is here. */
export function claimEffect(
  key: Bytes,
  group: StreamGroup,
  { id, consumer, deliveredAt, deliveries }: PendingEntry,
): Bytes[] {
  const who = ['XCLAIM', key, group.name, consumer.name, '0', formatId(id)];
  const how = [
    'TIME',
    String(deliveredAt),
    'RETRYCOUNT',
    String(deliveries),
    'FORCE',
    'JUSTID',
    'LASTID',
    formatId(group.lastId),
  ];
  return [...who, ...how];
}

interface ClaimOptions {
  /** When the entries count as delivered, Unix ms. */
  readonly at: number;
  /** −1: one more than before. */
  readonly retryCount: number | bigint;
  readonly force: boolean;
  readonly justId: boolean;
}

interface ClaimRequest extends ClaimOptions {
  readonly key: Bytes;
  readonly stream: StreamValue;
  readonly group: StreamGroup;
  readonly name: Bytes;
  readonly minIdle: number;
}

/** Pending entries that change hands, one by one. */
class Claim {
  readonly replies: Reply[] = [];
  /** Pending entries that are no longer in the stream: they are not pending any more. */
  readonly deleted: StreamId[] = [];
  /** A copy was told, and with that the group's last id. */
  propagated = false;
  readonly #call: EngineSession;
  readonly #request: ClaimRequest;
  readonly #now: number;
  #consumer: StreamConsumer | null = null;

  constructor(call: EngineSession, request: ClaimRequest) {
    this.#call = call;
    this.#request = request;
    this.#now = Math.floor(call.engine.now);
    // Since 7.2 a consumer is created once it asks.
    if (call.engine.commands.since.v72) this.#obtain();
  }

  get done(): number {
    return this.replies.length + this.deleted.length;
  }

  claim(id: StreamId): void {
    const { stream, group, minIdle, force } = this.#request;
    const pending = group.pending.find(id);
    const [entry] = entryReplies(stream, { from: id, to: id }, 1);
    if (entry === undefined) {
      if (pending !== null) this.#forget(pending);
    } else if (pending !== null) {
      if (minIdle === 0 || this.#now - pending.deliveredAt >= minIdle) this.#take(pending, entry);
    } else if (force) {
      this.#take(group.addPending(id, this.#obtain(), this.#now, 1), entry);
    }
  }

  #take(pending: PendingEntry, entry: Reply): void {
    const { group, at, retryCount, justId } = this.#request;
    const consumer = this.#obtain();
    group.movePending(pending, consumer);
    pending.deliveredAt = at;
    if (retryCount >= 0) pending.deliveries = retryCount;
    else if (!justId) pending.deliveries = addInt64(pending.deliveries, 1) ?? pending.deliveries;
    consumer.activeAt = this.#now;
    this.replies.push(justId ? formatId(pending.id) : entry);
    this.#propagate(pending);
  }

  #forget(pending: PendingEntry): void {
    this.#propagate(pending);
    this.#request.group.removePending(pending);
    this.deleted.push(pending.id);
  }

  #propagate(pending: PendingEntry): void {
    const { engine, db } = this.#call;
    const { key, group } = this.#request;
    this.propagated = true;
    engine.dirty++;
    if (engine.propagates) engine.propagate(db.index, claimEffect(key, group, pending));
  }

  #obtain(): StreamConsumer {
    const { key, group, name } = this.#request;
    this.#consumer ??= obtainConsumer(this.#call, key, group, name);
    return this.#consumer;
  }
}

function readNumber(text: Bytes, error: ErrorReply): number {
  const value = parseInteger(text);
  if (value === null) throw error;
  return Math.max(0, Number(value));
}

function optionsOf({ idle, time, retryCount = -1, force, justId }: ClaimQuery, clock: number): ClaimOptions {
  const now = Math.floor(clock);
  const at = time ?? (idle === undefined ? now : now - idle);
  // A clock that goes ahead of ours must not make an entry idle for less than no time.
  return { at: at < 0 || at > now ? now : at, retryCount, force: force === true, justId: justId === true };
}
