import { helpReply } from '../../commands/help.js';
import type { streamGroupCommands } from '../../commands/stream-group.js';
import { readId, readIdOrEdge } from '../../commands/stream-id-kind.js';
import { subcommandSyntax } from '../../commands/strict-end.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, NULL_ARRAY, OK, type Reply } from '../../core/reply.js';
import { compareIds, formatId, MIN_ID, type StreamId } from '../../core/stream-id.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_STREAM } from '../notify.js';
import type { StreamValue } from '../values/stream.js';
import { type StreamGroup, UNKNOWN_READ } from '../values/stream-group.js';
import { createConsumer } from './stream-claim.js';
import { noSuchGroup, openGroup } from './stream-reply.js';

const keyMissing = new ErrorReply(
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
);
const busyGroup = new ErrorReply('BUSYGROUP Consumer Group name already exists');

/** Words of XGROUP CREATE and SETID with all options. */
const CREATE_WORDS_MAX = 8;
const SETID_WORDS = [5, 7];

type Handled = Omit<typeof streamGroupCommands, 'xclaim' | 'xautoclaim'>;

/** Handlers of XGROUP, XACK and XPENDING. */
export const streamGroupHandlers: HandlersOf<Handled> = {
  xack({ db, engine }, { key, group: name, ids }) {
    const group = db.streamToChange(key)?.group(name);
    if (!group) return 0;
    let acknowledged = 0;
    for (const id of ids.map((text) => readId(text))) {
      const pending = group.pending.find(id);
      if (pending === null) continue;
      group.removePending(pending);
      acknowledged++;
    }
    engine.dirty += acknowledged;
    return acknowledged;
  },

  xgroupCreate({ db, engine, argv }, { key, group: name, id: text, mkStream, entriesRead = UNKNOWN_READ }) {
    const existing = db.streamForWrite(key);
    if (existing === null && mkStream !== true) throw keyMissing;
    if (argv.length > CREATE_WORDS_MAX) throw subcommandSyntax(argv);
    const id = text === '$' ? (existing?.lastId ?? MIN_ID) : readId(text);
    if (existing?.group(name)) throw busyGroup;
    const stream = existing ?? db.addStream(key);
    if (existing === null) db.modified(key);
    stream.addGroup(name, id, entriesRead);
    engine.dirty++;
    db.notify(NOTIFY_STREAM, 'xgroup-create', key);
    return OK;
  },

  xgroupCreateconsumer(call, { key, group: name, consumer }) {
    const { group } = existingGroup(call.db, key, name);
    if (group.consumer(consumer) !== null) return 0;
    createConsumer(call, key, group, consumer);
    return 1;
  },

  xgroupDelconsumer({ db, engine }, { key, group: name, consumer: consumerName }) {
    const { group } = existingGroup(db, key, name);
    const consumer = group.consumer(consumerName);
    if (consumer === null) return 0;
    const { size } = consumer.pending;
    group.removeConsumer(consumer);
    engine.dirty++;
    db.notify(NOTIFY_STREAM, 'xgroup-delconsumer', key);
    return size;
  },

  xgroupDestroy({ db, engine }, { key, group: name }) {
    const stream = existingStream(db, key);
    const group = stream.group(name);
    if (group === null) return 0;
    stream.removeGroup(group);
    engine.dirty++;
    db.notify(NOTIFY_STREAM, 'xgroup-destroy', key);
    engine.blocking.keyReady(db, key);
    return 1;
  },

  xgroupHelp: () => helpReply('xgroup'),

  xgroupSetid({ db, engine, argv }, { key, group: name, id, entriesRead = UNKNOWN_READ }) {
    const { stream, group } = existingGroup(db, key, name);
    if (!SETID_WORDS.includes(argv.length)) throw subcommandSyntax(argv);
    group.lastId = id === '$' ? stream.lastId : readIdOrEdge(id);
    group.entriesRead = entriesRead;
    engine.dirty++;
    db.notify(NOTIFY_STREAM, 'xgroup-setid', key);
    return OK;
  },

  xpending({ db, engine }, { key, group: name, idle: minIdle = 0, start, end, count = 0, consumer }) {
    const { group } = openGroup(db, key, name);
    if (start === undefined || end === undefined) return pendingSummary(group);
    return pendingEntries(group, { start, end, count, minIdle, consumer, now: Math.floor(engine.now) });
  },
};

function existingStream(db: Database, key: Bytes): StreamValue {
  const stream = db.streamForWrite(key);
  if (stream === null) throw keyMissing;
  return stream;
}

function existingGroup(db: Database, key: Bytes, name: Bytes): { stream: StreamValue; group: StreamGroup } {
  const stream = existingStream(db, key);
  const group = stream.group(name);
  if (group === null) throw noSuchGroup(key, name);
  return { stream, group };
}

function pendingSummary(group: StreamGroup): Reply {
  const { first, last, size } = group.pending;
  if (first === null) return [0, null, null, NULL_ARRAY];
  const consumers = group.consumers().filter(({ pending }) => pending.size > 0);
  return [
    size,
    formatId(first.id),
    formatId(last!.id),
    consumers.map(({ name, pending }) => [name, String(pending.size)]),
  ];
}

interface PendingRange {
  readonly start: StreamId;
  readonly end: StreamId;
  readonly count: number;
  readonly minIdle: number;
  readonly consumer: Bytes | undefined;
  readonly now: number;
}

function pendingEntries(group: StreamGroup, { start, end, count, minIdle, consumer, now }: PendingRange): Reply[] {
  const list = consumer === undefined ? group.pending : group.consumer(consumer)?.pending;
  const replies: Reply[] = [];
  if (list === undefined || count === 0) return replies;
  list.forEachFrom(start, (entry) => {
    if (compareIds(entry.id, end) > 0) return false;
    const idle = now - entry.deliveredAt;
    if (minIdle !== 0 && idle < minIdle) return true;
    replies.push([formatId(entry.id), entry.consumer.name, Math.max(0, idle), entry.deliveries]);
    return replies.length < count;
  });
  return replies;
}
