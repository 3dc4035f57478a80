import { checkClaimCount, type streamGroupCommands } from '../../commands/stream-group.js';
import { readId } from '../../commands/stream-id-kind.js';
import type { Bytes } from '../../core/bytes.js';
import { addInt64 } from '../../core/int64-sum.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import { compareIds, formatId, MIN_ID, parseId, type StreamId } from '../../core/stream-id.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_STREAM } from '../notify.js';
import type { EngineSession } from '../session.js';
import { startAfter, type StreamValue } from '../values/stream.js';
import type { StreamConsumer, StreamGroup } from '../values/stream-group.js';
import type { PendingEntry } from '../values/stream-pending.js';
import { entryReplies, openGroup } from './stream-reply.js';

const COUNT_DEFAULT = 100;
/** So many pending entries are looked at for each that may be claimed. */
const TRIES = 10;

const invalid = (what: string): ErrorReply => new ErrorReply(`ERR Invalid ${what} argument for XCLAIM`);
const invalidMinIdle = invalid('min-idle-time');
const invalidOption: Record<string, ErrorReply> = {
  IDLE: invalid('IDLE option'),
  TIME: invalid('TIME option'),
  RETRYCOUNT: invalid('RETRYCOUNT option'),
};

/** Handlers of XCLAIM and XAUTOCLAIM. */
export const streamClaimHandlers: HandlersOf<Pick<typeof streamGroupCommands, 'xclaim' | 'xautoclaim'>> = {
  xclaim(call, { key, group: name, consumer, minIdleTime, words }) {
    const { db, engine } = call;
    const { stream, group } = openGroup(db, key, name);
    const minIdle = readNumber(minIdleTime, invalidMinIdle);
    const ids = leadingIds(words);
    const options = readOptions(words.slice(ids.length), Math.floor(engine.now));
    const claim = new Claim(call, { key, stream, group, name: consumer, minIdle, ...options });
    const passed = compareIds(options.lastId, group.lastId) > 0;
    if (passed) group.lastId = options.lastId;
    for (const id of ids) claim.claim(id);
    if (passed && !claim.propagated) {
      const effect = ['XGROUP', 'SETID', key, group.name, formatId(group.lastId), 'ENTRIESREAD', String(group.entriesRead)];
      engine.propagate(db.index, effect);
      engine.dirty++;
    }
    return claim.replies;
  },

  xautoclaim(call, { key, group: name, consumer, minIdleTime, start, count = COUNT_DEFAULT, justId }) {
    const { stream, group } = openGroup(call.db, key, name);
    checkClaimCount(count);
    const at = Math.floor(call.engine.now);
    const minIdle = Math.max(0, minIdleTime);
    const claim = new Claim(call, { key, stream, group, name: consumer, minIdle, at, justId: justId === true, force: false, retryCount: -1 });
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

/** A consumer that asks for something: made if there is none of this name. */
export function obtainConsumer(call: EngineSession, key: Bytes, group: StreamGroup, name: Bytes): StreamConsumer {
  const now = Math.floor(call.engine.now);
  const known = group.consumer(name);
  if (known === null) return createConsumer(call, key, group, name);
  known.seenAt = now;
  return known;
}

export function createConsumer({ db, engine }: EngineSession, key: Bytes, group: StreamGroup, name: Bytes): StreamConsumer {
  const consumer = group.addConsumer(name, Math.floor(engine.now));
  engine.dirty++;
  db.notify(NOTIFY_STREAM, 'xgroup-createconsumer', key);
  return consumer;
}

/** What a copy must do so that an entry is pending there as it is here. */
export function claimEffect(key: Bytes, group: StreamGroup, { id, consumer, deliveredAt, deliveries }: PendingEntry): Bytes[] {
  const who = ['XCLAIM', key, group.name, consumer.name, '0', formatId(id)];
  const how = ['TIME', String(deliveredAt), 'RETRYCOUNT', String(deliveries), 'FORCE', 'JUSTID', 'LASTID', formatId(group.lastId)];
  return [...who, ...how];
}

interface ClaimOptions {
  /** When the entries count as delivered. */
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
    if (engine.effects !== null) engine.propagate(db.index, claimEffect(key, group, pending));
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

/** The words up to the first that is no id. */
function leadingIds(words: readonly Bytes[]): StreamId[] {
  const ids: StreamId[] = [];
  for (const word of words) {
    const id = parseId(word, 0);
    if (id === null) break;
    ids.push(id);
  }
  return ids;
}

function readOptions(words: readonly Bytes[], now: number): ClaimOptions & { lastId: StreamId } {
  let at = now;
  let retryCount: number | bigint = -1;
  let lastId = MIN_ID;
  let force = false;
  let justId = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i].toUpperCase();
    const more = i + 1 < words.length;
    if (word === 'FORCE') force = true;
    else if (word === 'JUSTID') justId = true;
    else if (more && word === 'LASTID') lastId = readId(words[++i]);
    else if (more && Object.hasOwn(invalidOption, word)) {
      const value = parseInteger(words[++i]);
      if (value === null) throw invalidOption[word];
      if (word === 'RETRYCOUNT') retryCount = value;
      else at = word === 'TIME' ? Number(value) : now - Number(value);
    } else {
      throw new ErrorReply(`ERR Unrecognized XCLAIM option '${words[i]}'`);
    }
  }
  // A clock that goes ahead of ours must not make an entry idle for less than no time.
  if (at < 0 || at > now) at = now;
  return { at, retryCount, lastId, force, justId };
}
