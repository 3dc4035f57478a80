import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import { compareIds, type StreamId } from '../core/stream-id.js';
import { streamDeleteCommands } from './stream-delete.js';
import { streamGroupCommands } from './stream-group.js';
import { idKind, rangeEndKind, rangeStartKind, readId } from './stream-id-kind.js';
import { streamReadCommands } from './stream-read.js';
import { entries, entry, fieldsOf } from './stream-shape.js';
import { addedFields, addedId, addOptions, trimOptions } from './stream-trim.js';
import {
  addWithId,
  anyReply,
  bulk,
  bytes,
  command,
  exactInteger,
  flag,
  int,
  intReply,
  key,
  list,
  manyBytes,
  nullable,
  of,
  ok,
  option,
  options,
  parsedBy,
  parsedElsewhere,
  subcommandSyntax,
  text,
  trimExactly,
  tuple,
} from './words.js';

const shared = { group: 'stream', since: '5.0.0', acl: ['stream'] } as const;
const count = options([option('COUNT', 'count', int('count'))]);

const range = {
  ...shared,
  complexity: 'O(log n + m), m entries returned',
  flags: ['readonly'],
  reply: entries,
} as const;

const read = {
  ...shared,
  complexity: 'O(n) of what is told; XINFO STREAM also of the nodes, which hold 100 entries each',
  flags: ['readonly'],
} as const;

const streamFacts = [
  ['length', 'length', intReply],
  ['radix-tree-keys', 'radixTreeKeys', intReply],
  ['radix-tree-nodes', 'radixTreeNodes', intReply],
  ['last-generated-id', 'lastGeneratedId', text],
  ['max-deleted-entry-id', 'maxDeletedEntryId', text],
  ['entries-added', 'entriesAdded', intReply],
  ['recorded-first-entry-id', 'recordedFirstEntryId', text],
] as const;

const streamInfo = fieldsOf(
  ...streamFacts,
  ['groups', 'groups', intReply],
  ['first-entry', 'firstEntry', nullable(entry)],
  ['last-entry', 'lastEntry', nullable(entry)],
);

const consumerFull = fieldsOf(
  ['name', 'name', bulk],
  ['seen-time', 'seenTime', intReply],
  ['pel-count', 'pelCount', intReply],
  ['pending', 'pending', list(tuple(text, intReply, intReply))],
);

const groupFull = fieldsOf(
  ['name', 'name', bulk],
  ['last-delivered-id', 'lastDeliveredId', text],
  ['entries-read', 'entriesRead', nullable(intReply)],
  ['lag', 'lag', nullable(intReply)],
  ['pel-count', 'pelCount', intReply],
  ['pending', 'pending', list(tuple(text, bulk, intReply, intReply))],
  ['consumers', 'consumers', list(consumerFull)],
);

const streamInfoFull = fieldsOf(...streamFacts, ['entries', 'entries', entries], ['groups', 'groups', list(groupFull)]);

const groupInfo = list(
  fieldsOf(
    ['name', 'name', bulk],
    ['consumers', 'consumers', intReply],
    ['pending', 'pending', intReply],
    ['last-delivered-id', 'lastDeliveredId', text],
    ['entries-read', 'entriesRead', nullable(intReply)],
    ['lag', 'lag', nullable(intReply)],
  ),
);

const consumerInfo = list(
  fieldsOf(['name', 'name', bulk], ['pending', 'pending', intReply], ['idle', 'idle', intReply]),
);

/** `FULL [COUNT count]`; what is wrong with them is said once the key was looked at. */
const fullOptions = parsedBy<{ full?: true; count?: number; late?: ErrorReply }>(
  options([flag('FULL', 'full'), option('COUNT', 'count', int('count'))]),
  (cursor, params) => {
    const { argv } = cursor;
    const words = argv.slice(cursor.at);
    cursor.at = argv.length;
    if (words.length === 0) return;
    const counted = words.length === 3 && words[1].toUpperCase() === 'COUNT';
    if (words[0].toUpperCase() !== 'FULL' || (words.length !== 1 && !counted)) {
      params.late = subcommandSyntax(argv);
      return;
    }
    params.full = true;
    if (!counted) return;
    const value = parseInteger(words[2]);
    if (value === null) params.late = replyErrors.notInteger;
    else params.count = Number(value);
  },
);

/** XINFO: what there is to know about a stream. */
const xinfoCommands = {
  xinfo: () =>
    command({
      ...shared,
      acl: [],
      name: 'XINFO',
      summary: 'Holds the questions about streams.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  xinfoConsumers: () =>
    command({
      ...read,
      name: 'XINFO CONSUMERS',
      summary: 'Lists the consumers of a group.',
      args: [key('RO access'), bytes('group')],
      reply: consumerInfo,
      tips: ['nondeterministic_output'],
    }),
  xinfoGroups: () =>
    command({
      ...read,
      name: 'XINFO GROUPS',
      summary: 'Lists the groups of a stream.',
      args: [key('RO access')],
      reply: groupInfo,
    }),
  xinfoHelp: () =>
    command({
      ...shared,
      name: 'XINFO HELP',
      summary: 'Lists the subcommands of XINFO.',
      complexity: 'O(1)',
      flags: ['loading', 'stale'],
      args: [],
      reply: list(text),
    }),
  xinfoStream: () =>
    command({
      ...read,
      name: 'XINFO STREAM',
      summary:
        'Tells how a stream is kept, with its first and last entry; or all of it, with groups and pending entries.',
      args: [key('RO access'), fullOptions],
      arity: -3,
      reply: streamInfo,
      forms: [
        { method: 'xinfoStream', reply: streamInfo, omit: ['full', 'count'] },
        {
          method: 'xinfoStreamFull',
          reply: streamInfoFull,
          fix: { full: true },
          note: 'Lists no more than `count` entries and pending entries each: 10 unless told otherwise, 0 for all.',
        },
      ],
    }),
};

const negativeAdded = new ErrorReply('ERR entries_added must be positive');
const belowDeleted = new ErrorReply('ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id');

/** XSETID's: the highest deleted id is held against the last id as soon as it is read. */
const setIdOptions = parsedBy<{ entriesAdded?: number | bigint; maxDeletedId?: StreamId }>(
  options([
    option('ENTRIESADDED', 'entriesAdded', exactInteger('entriesAdded')),
    option('MAXDELETEDID', 'maxDeletedId', of('maxDeletedId', idKind)),
  ]),
  (cursor, params) => {
    const { argv } = cursor;
    for (; cursor.at < argv.length; cursor.at += 2) {
      const word = argv[cursor.at].toUpperCase();
      const value = argv[cursor.at + 1];
      if (value === undefined || (word !== 'ENTRIESADDED' && word !== 'MAXDELETEDID')) throw replyErrors.syntax;
      if (word === 'MAXDELETEDID') {
        const id = readId(value);
        if (compareIds(params.lastId as StreamId, id) < 0) throw belowDeleted;
        params.maxDeletedId = id;
        continue;
      }
      const added = parseInteger(value);
      if (added === null) throw replyErrors.notInteger;
      if (added < 0) throw negativeAdded;
      params.entriesAdded = added;
    }
  },
);

/** The commands on streams. */
export const streamCommands = {
  ...streamDeleteCommands,
  ...streamGroupCommands,
  ...streamReadCommands,
  ...xinfoCommands,
  xadd: () =>
    command({
      ...shared,
      name: 'XADD',
      summary: 'Adds an entry to a stream; returns its id. May trim the stream.',
      complexity: 'O(1); O(n) of the entries that are trimmed',
      flags: ['write', 'denyoom', 'fast'],
      args: [key('RW update'), addOptions, addedId, addedFields],
      arity: -5,
      keySpecs: [
        {
          flags: ['RW', 'update'],
          notes: 'UPDATE instead of INSERT because of the optional trimming feature',
          begin: { type: 'index', index: 1 },
          find: { type: 'range', lastKey: 0, step: 1, limit: 0 },
        },
      ],
      reply: text,
      forms: [
        {
          method: 'xadd',
          reply: text,
          omit: ['noMkStream'],
          note: 'With the id `*` the server chooses one, with `5-*` its sequence number.',
        },
        {
          method: 'xaddIfExists',
          reply: nullable(text),
          fix: { noMkStream: true },
          note: 'Null if there is no such stream.',
        },
      ],
      tips: ['nondeterministic_output'],
      effects: 'own',
      follow: addWithId,
    }),
  xdel: () =>
    command({
      ...shared,
      name: 'XDEL',
      summary: 'Deletes entries; returns how many there were.',
      complexity: 'O(log n) for each id',
      flags: ['write', 'fast'],
      args: [key('RW delete'), manyBytes('ids')],
      reply: intReply,
    }),
  xlen: () =>
    command({
      ...shared,
      name: 'XLEN',
      summary: 'Returns the number of entries, 0 if the key is absent.',
      complexity: 'O(1)',
      flags: ['readonly', 'fast'],
      args: [key('RO')],
      reply: intReply,
    }),
  xrange: () =>
    command({
      ...range,
      name: 'XRANGE',
      summary:
        'Returns the entries from one id to another; `-` and `+` are the lowest and the highest, `(` leaves an id out.',
      args: [key('RO access'), of('start', rangeStartKind), of('end', rangeEndKind), count],
    }),
  xrevrange: () =>
    command({
      ...range,
      name: 'XREVRANGE',
      summary: 'Returns the entries from one id down to another.',
      args: [
        key('RO access'),
        // The lower end is judged first, though it stands second.
        parsedBy<{ start: StreamId; end: StreamId }>(of('end', rangeEndKind), (cursor, params) => {
          params.start = rangeStartKind.parse(cursor.argv[cursor.at + 1]);
          params.end = rangeEndKind.parse(cursor.argv[cursor.at]);
          cursor.at += 2;
        }),
        parsedElsewhere(of('start', rangeStartKind)),
        count,
      ],
      arity: -4,
    }),
  xsetid: () =>
    command({
      ...shared,
      name: 'XSETID',
      summary: 'Sets the last id of a stream, and its counters.',
      complexity: 'O(1)',
      flags: ['write', 'denyoom', 'fast'],
      args: [key('RW update'), of('lastId', idKind), setIdOptions],
      arity: -3,
      reply: ok,
    }),
  xtrim: () =>
    command({
      ...shared,
      name: 'XTRIM',
      summary: 'Deletes entries from the front, down to a length or up to an id; returns how many.',
      complexity: 'O(n) of the entries that go',
      flags: ['write'],
      args: [key('RW delete'), trimOptions],
      arity: -4,
      reply: intReply,
      forms: [
        {
          method: 'xtrim',
          reply: intReply,
          note: 'Takes `maxLen` or `minId`; with `approximate` only as far as that is cheap.',
        },
      ],
      tips: ['nondeterministic_output'],
      effects: 'own',
      follow: trimExactly,
    }),
};
