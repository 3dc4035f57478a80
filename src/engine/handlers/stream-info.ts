import { helpReply } from '../../commands/help.js';
import { throwLate } from '../../commands/precedence.js';
import type { streamCommands } from '../../commands/stream.js';
import type { Bytes } from '../../core/bytes.js';
import { MapReply, type Reply, replyErrors } from '../../core/reply.js';
import { formatId, MIN_ID, type Uint64 } from '../../core/stream-id.js';
import type { Database } from '../database.js';
import type { Engine } from '../engine.js';
import type { HandlersOf } from '../handler.js';
import type { StreamValue } from '../values/stream.js';
import { type StreamConsumer, type StreamGroup, UNKNOWN_READ } from '../values/stream-group.js';
import type { PendingEntry, PendingList } from '../values/stream-pending.js';
import { entryReplies, noSuchGroup } from './stream-reply.js';

/** How many entries XINFO STREAM FULL lists, unless told. */
const FULL_COUNT = 10;

type Handled = Pick<typeof streamCommands, 'xinfoConsumers' | 'xinfoGroups' | 'xinfoHelp' | 'xinfoStream'>;

/** Handlers of XINFO. */
export const streamInfoHandlers: HandlersOf<Handled> = {
  xinfoConsumers({ db, engine }, { key, group: name }) {
    const group = existing(db, key).group(name);
    if (group === null) throw noSuchGroup(key, name);
    const now = Math.floor(engine.now);
    return group
      .consumers()
      .map(
        ({ name: consumer, pending, seenAt, activeAt }) =>
          new MapReply([
            ...['name', consumer, 'pending', pending.size, 'idle', Math.max(0, now - seenAt)],
            ...(engine.commands.since.v72 ? ['inactive', activeAt === -1 ? -1 : now - activeAt] : []),
          ]),
      );
  },

  xinfoGroups({ db, engine }, { key }) {
    const stream = existing(db, key);
    return stream
      .groups()
      .map(
        (group) =>
          new MapReply([
            ...['name', group.name, 'consumers', group.consumerCount, 'pending', group.pending.size],
            ...readFacts(stream, group, engine),
          ]),
      );
  },

  xinfoHelp: () => helpReply('xinfo'),

  xinfoStream({ db, engine }, params) {
    const stream = existing(db, params.key);
    throwLate(params);
    if (params.full !== true) return new MapReply([...streamFacts(stream), ...edges(stream)]);
    const { count: asked = FULL_COUNT } = params;
    const count = asked < 0 ? FULL_COUNT : asked;
    const groups = stream.groups().map((group) => fullGroup(stream, group, count, engine));
    return new MapReply([...streamFacts(stream), 'entries', entryReplies(stream, undefined, count), 'groups', groups]);
  },
};

function existing(db: Database, key: Bytes): StreamValue {
  const stream = db.stream(key);
  if (stream === null) throw replyErrors.noSuchKey;
  return stream;
}

function streamFacts(stream: StreamValue): Reply[] {
  return [
    ...['length', stream.size, 'radix-tree-keys', stream.nodes.length, 'radix-tree-nodes', stream.radixNodes],
    ...['last-generated-id', formatId(stream.lastId), 'max-deleted-entry-id', formatId(stream.maxDeletedId)],
    ...['entries-added', asInt64(stream.entriesAdded), 'recorded-first-entry-id', formatId(stream.firstId)],
  ];
}

/** Redis replies an unsigned count as if it were signed. */
function asInt64(count: Uint64): number | bigint {
  return typeof count === 'number' ? count : BigInt.asIntN(64, count);
}

function edges(stream: StreamValue): Reply[] {
  const [first = null] = entryReplies(stream, undefined, 1);
  const [last = null] = entryReplies(stream, undefined, 1, true);
  return ['groups', stream.groupCount, 'first-entry', first, 'last-entry', last];
}

function readFacts(stream: StreamValue, group: StreamGroup, { commands }: Engine): Reply[] {
  const read = group.entriesRead === UNKNOWN_READ ? null : group.entriesRead;
  return [
    'last-delivered-id',
    formatId(group.lastId),
    'entries-read',
    read,
    'lag',
    stream.lagOf(group, commands.since.v72),
  ];
}

function fullGroup(stream: StreamValue, group: StreamGroup, count: number, engine: Engine): Reply {
  const pending = listed(group.pending, count, ({ id, consumer, deliveredAt, deliveries }) => [
    ...[formatId(id), consumer.name, deliveredAt, deliveries],
  ]);
  return new MapReply([
    ...['name', group.name, ...readFacts(stream, group, engine), 'pel-count', group.pending.size, 'pending', pending],
    ...['consumers', group.consumers().map((consumer) => fullConsumer(consumer, count, engine))],
  ]);
}

function fullConsumer({ name, pending, seenAt, activeAt }: StreamConsumer, count: number, engine: Engine): Reply {
  const entries = listed(pending, count, ({ id, deliveredAt, deliveries }) => [formatId(id), deliveredAt, deliveries]);
  const active = engine.commands.since.v72 ? ['active-time', activeAt] : [];
  return new MapReply(['name', name, 'seen-time', seenAt, ...active, 'pel-count', pending.size, 'pending', entries]);
}

function listed(pending: PendingList, count: number, describe: (entry: PendingEntry) => Reply): Reply[] {
  const replies: Reply[] = [];
  pending.forEachFrom(MIN_ID, (entry) => {
    replies.push(describe(entry));
    return replies.length !== count;
  });
  return replies;
}
