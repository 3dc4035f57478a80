import type { Bytes } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import { parseId, type StreamId } from '../core/stream-id.js';
import { idKind, rangeEndKind, rangeStartKind, readId, readRangeEnd, readRangeStart } from './stream-id-kind.js';
import { entries, listOrNone, spelledInt } from './stream-shape.js';
import type { Kind, Term } from './term.js';
import {
  anyReply,
  bool,
  bulk,
  bytes,
  claimFound,
  claimSame,
  command,
  exactInteger,
  exactIntegerKind,
  flag,
  int,
  intReply,
  key,
  lateNumber,
  list,
  many,
  manyBytes,
  nullable,
  of,
  ok,
  option,
  optional,
  options,
  parsedBy,
  parsedElsewhere,
  subcommandSyntax,
  text,
  tuple,
} from './words.js';

const shared = { group: 'stream', since: '5.0.0', acl: ['stream'] } as const;
const badIdle = 'ERR Invalid min-idle-time argument for XAUTOCLAIM';
const badCount = new ErrorReply('ERR COUNT must be > 0');
const hugeCount = new ErrorReply('ERR Insufficient memory, failed allocating transient memory, COUNT too high.');
/** Redis reserves 16 bytes for each entry asked for: a 64-bit length of them, of which no machine has more than 47 bits. */
const COUNT_MAX = (2n ** 63n - 1n) / 16n;
const COUNT_SANE = 2 ** 43;
const wrongEntriesRead = new ErrorReply('ERR value for ENTRIESREAD must be positive or -1');

/** The arguments of XPENDING; without a range it replies a summary. */
export interface PendingQuery {
  idle?: number;
  start?: StreamId;
  end?: StreamId;
  count?: number;
  consumer?: Bytes;
}

/** `[IDLE ms] start end count [consumer]`: read before the key is looked at, the count before the ids. */
function readPending(argv: readonly Bytes[], params: PendingQuery): void {
  const argc = argv.length;
  if (argc === 3) return;
  if (argc < 6 || argc > 9) throw replyErrors.syntax;
  let at = 3;
  if (argv[3].toUpperCase() === 'IDLE') {
    params.idle = readInt(argv[4]);
    if (argc < 8) throw replyErrors.syntax;
    at = 5;
  }
  params.count = Math.max(0, readInt(argv[at + 2]));
  params.start = readRangeStart(argv[at]);
  params.end = readRangeEnd(argv[at + 1]);
  if (at + 3 < argc) params.consumer = argv[at + 3];
}

function readInt(text: Bytes): number {
  const value = parseInteger(text);
  if (value === null) throw replyErrors.notInteger;
  return Number(value);
}

const pendingQuery: Term<PendingQuery> = parsedBy(
  options([option('IDLE', 'idle', int('min-idle-time'))]),
  (cursor, params) => {
    readPending(cursor.argv, params);
    cursor.at = cursor.argv.length;
  },
);

const pendingForms = {
  summary: tuple(intReply, nullable(text), nullable(text), listOrNone(tuple(bulk, spelledInt))),
  range: list(tuple(text, bulk, intReply, intReply)),
} as const;

/** The options of XGROUP CREATE and SETID, in any order; anything else is no such subcommand. */
function groupOptions(term: Term, tokens: readonly string[]): Term<{ mkStream?: true; entriesRead?: number | bigint }> {
  return parsedBy(term, (cursor, params) => {
    const { argv } = cursor;
    for (; cursor.at < argv.length; cursor.at++) {
      const word = argv[cursor.at].toUpperCase();
      if (word === 'MKSTREAM' && tokens.includes(word)) {
        params.mkStream = true;
      } else if (word === 'ENTRIESREAD' && cursor.at + 1 < argv.length) {
        const value = parseInteger(argv[++cursor.at]);
        if (value === null) throw replyErrors.notInteger;
        if (value < -1) throw wrongEntriesRead;
        params.entriesRead = value;
      } else {
        throw subcommandSyntax(argv);
      }
    }
  });
}

const entriesRead = option('ENTRIESREAD', 'entriesRead', exactInteger('entriesRead'));
const groupTerm = bytes('group');
const consumerTerm = bytes('consumer');

const claimOptions = options([
  option('IDLE', 'idle', int('milliseconds')),
  option('TIME', 'time', int('unix-time-milliseconds', { date: 'ms' })),
  option('RETRYCOUNT', 'retryCount', exactInteger('count')),
  flag('FORCE', 'force'),
  flag('JUSTID', 'justId'),
  option('LASTID', 'lastId', of('id', idKind)),
]);

/** The arguments of XCLAIM. */
export interface ClaimQuery {
  ids: StreamId[];
  /** The idle time to give the entries, or else the time of their last delivery. The last one given counts. */
  idle?: number;
  time?: number;
  retryCount?: number | bigint;
  force?: true;
  justId?: true;
  lastId?: StreamId;
  /** An error to throw once the group and the idle time are known to be valid. */
  late?: ErrorReply;
}

const invalidClaim = (what: string): ErrorReply => new ErrorReply(`ERR Invalid ${what} option argument for XCLAIM`);
const claimNumbers: Record<string, { name: 'idle' | 'time' | 'retryCount'; invalid: ErrorReply }> = {
  IDLE: { name: 'idle', invalid: invalidClaim('IDLE') },
  TIME: { name: 'time', invalid: invalidClaim('TIME') },
  RETRYCOUNT: { name: 'retryCount', invalid: invalidClaim('RETRYCOUNT') },
};

/** Ids up to the first word that is not one, then options. */
function readClaim(words: readonly Bytes[], params: ClaimQuery): void {
  params.ids = [];
  let at = 0;
  for (; at < words.length; at++) {
    const id = parseId(words[at], 0);
    if (id === null) break;
    params.ids.push(id);
  }
  for (; at < words.length; at++) {
    const word = words[at].toUpperCase();
    const more = at + 1 < words.length;
    if (word === 'FORCE') params.force = true;
    else if (word === 'JUSTID') params.justId = true;
    else if (more && word === 'LASTID') params.lastId = readId(words[++at]);
    else if (more && Object.hasOwn(claimNumbers, word)) readClaimNumber(claimNumbers[word], words[++at], params);
    else throw new ErrorReply(`ERR Unrecognized XCLAIM option '${words[at]}'`);
  }
}

function readClaimNumber({ name, invalid }: (typeof claimNumbers)[string], text: Bytes, params: ClaimQuery): void {
  const value = parseInteger(text);
  if (value === null) throw invalid;
  if (name === 'retryCount') {
    params.retryCount = value;
    return;
  }
  delete params[name === 'idle' ? 'time' : 'idle'];
  params[name] = Number(value);
}

const claimedIds = parsedBy<ClaimQuery>(many('ids', idKind), (cursor, params) => {
  try {
    readClaim(cursor.argv.slice(cursor.at), params as ClaimQuery & Record<string, unknown>);
  } catch (thrown) {
    if (!(thrown instanceof ErrorReply)) throw thrown;
    params.late = thrown;
  }
  cursor.at = cursor.argv.length;
});

const claimCountKind: Kind<number> = {
  ...exactIntegerKind,
  parse(text) {
    const value = parseInteger(text);
    if (value === null || value < 1 || value > COUNT_MAX) throw badCount;
    return Number(value);
  },
};

/** How many entries XAUTOCLAIM may claim: checked once the group is known. */
export function checkClaimCount(count: number): void {
  if (count >= COUNT_SANE) throw hugeCount;
}

const autoclaimOptions = options([option('COUNT', 'count', of('count', claimCountKind)), flag('JUSTID', 'justId')]);

const sub = { ...shared, complexity: 'O(1)' } as const;

/** XGROUP: creating and changing consumer groups. */
const xgroupCommands = {
  xgroup: () =>
    command({
      ...shared,
      acl: [],
      name: 'XGROUP',
      summary: 'Holds the commands about consumer groups.',
      complexity: 'Depends on the subcommand.',
      flags: [],
      args: [],
      container: true,
      reply: anyReply,
    }),
  xgroupCreate: () =>
    command({
      ...sub,
      name: 'XGROUP CREATE',
      summary: 'Makes a consumer group that begins after the entry of the given id; `$` is the last one.',
      flags: ['write', 'denyoom'],
      args: [
        key('RW insert'),
        groupTerm,
        bytes('id'),
        groupOptions(options([flag('MKSTREAM', 'mkStream'), entriesRead]), ['MKSTREAM']),
      ],
      arity: -5,
      reply: ok,
    }),
  xgroupCreateconsumer: () =>
    command({
      ...sub,
      name: 'XGROUP CREATECONSUMER',
      since: '6.2.0',
      summary: 'Adds a consumer to a group; tells whether it is new.',
      flags: ['write', 'denyoom'],
      args: [key('RW insert'), groupTerm, consumerTerm],
      reply: bool,
      forms: [{ method: 'xgroupCreateConsumer', reply: bool }],
    }),
  xgroupDelconsumer: () =>
    command({
      ...sub,
      name: 'XGROUP DELCONSUMER',
      summary: 'Removes a consumer from a group; returns how many entries it had pending, which are lost to the group.',
      complexity: 'O(n log n) of its pending entries',
      flags: ['write'],
      args: [key('RW delete'), groupTerm, consumerTerm],
      reply: intReply,
      forms: [{ method: 'xgroupDelConsumer', reply: intReply }],
    }),
  xgroupDestroy: () =>
    command({
      ...sub,
      name: 'XGROUP DESTROY',
      summary: 'Removes a group with its consumers; tells whether there was one.',
      flags: ['write'],
      args: [key('RW delete'), groupTerm],
      reply: bool,
    }),
  xgroupHelp: () =>
    command({
      ...sub,
      name: 'XGROUP HELP',
      summary: 'Lists the subcommands of XGROUP.',
      flags: ['loading', 'stale'],
      args: [],
      reply: list(text),
    }),
  xgroupSetid: () =>
    command({
      ...sub,
      name: 'XGROUP SETID',
      summary: 'Sets the last entry that a group was given.',
      flags: ['write'],
      args: [key('RW update'), groupTerm, bytes('id'), groupOptions(options([entriesRead]), [])],
      arity: -5,
      reply: ok,
      forms: [{ method: 'xgroupSetId', reply: ok }],
    }),
};

/** The arguments of XAUTOCLAIM. */
export interface AutoclaimQuery {
  minIdleTime: number;
  start: StreamId;
  count?: number;
  justId?: true;
  /** An error to throw once the key was looked up, before its type is checked. */
  late?: ErrorReply;
}

const minIdleTerm = int('minIdleTime', { error: badIdle });
const startTerm = of('start', rangeStartKind);

const claimedLate = [
  parsedBy<AutoclaimQuery>(minIdleTerm, (cursor, params) => {
    cursor.end = cursor.argv.length;
    try {
      for (const term of [minIdleTerm, startTerm, autoclaimOptions]) term.parse(cursor, params);
    } catch (thrown) {
      if (!(thrown instanceof ErrorReply)) throw thrown;
      params.late = thrown;
      cursor.at = cursor.end;
    }
  }),
  parsedElsewhere(startTerm),
  parsedElsewhere(autoclaimOptions),
] as const;

/** The commands of consumers on entries delivered to them. */
export const streamGroupCommands = {
  ...xgroupCommands,
  xack: () =>
    command({
      ...shared,
      name: 'XACK',
      summary:
        'Marks entries as done, removing them from the pending entries of a group; returns how many were pending.',
      complexity: 'O(log n) for each id',
      flags: ['write', 'fast'],
      args: [key('RW update'), groupTerm, manyBytes('ids')],
      reply: intReply,
    }),
  xautoclaim: () =>
    command({
      ...shared,
      name: 'XAUTOCLAIM',
      since: '6.2.0',
      summary: 'Makes a consumer the owner of pending entries that were idle for so long, from an id on.',
      complexity: 'O(m log n), m entries looked at',
      flags: ['write', 'fast'],
      args: [key('RW delete'), groupTerm, consumerTerm, ...claimedLate],
      arity: -6,
      reply: tuple(text, entries, list(text)),
      forms: [
        {
          method: 'xautoclaim',
          reply: tuple(text, entries, list(text)),
          omit: ['justId'],
          note: 'Returns where to go on, the entries, and the ids of those that were pending though deleted.',
        },
        {
          method: 'xautoclaimIds',
          reply: tuple(text, list(text), list(text)),
          fix: { justId: true },
          note: 'Only ids, and deliveries are not counted.',
        },
      ],
      tips: ['nondeterministic_output'],
      effects: 'own',
      follow: claimFound,
    }),
  xclaim: () =>
    command({
      ...shared,
      name: 'XCLAIM',
      summary: 'Makes a consumer the owner of pending entries that were idle for so long.',
      complexity: 'O(log n) for each id',
      flags: ['write', 'fast'],
      args: [
        key('RW update'),
        groupTerm,
        consumerTerm,
        lateNumber('minIdleTime'),
        claimedIds,
        parsedElsewhere(claimOptions),
      ],
      arity: -6,
      reply: entries,
      forms: [
        { method: 'xclaim', reply: entries, omit: ['justId'] },
        {
          method: 'xclaimIds',
          reply: list(text),
          fix: { justId: true },
          note: 'Only ids, and deliveries are not counted.',
        },
      ],
      tips: ['nondeterministic_output'],
      effects: 'own',
      follow: claimSame,
    }),
  xpending: () =>
    command({
      ...shared,
      name: 'XPENDING',
      summary: 'Returns the pending entries of a group: in sum, or entry by entry.',
      complexity: 'O(log n + m), m entries returned; the summary O(c log c) of the consumers',
      flags: ['readonly'],
      args: [
        key('RO access'),
        groupTerm,
        pendingQuery,
        parsedElsewhere(optional(of('start', rangeStartKind))),
        parsedElsewhere(optional(of('end', rangeEndKind))),
        parsedElsewhere(optional(int('count'))),
        parsedElsewhere(optional(consumerTerm)),
      ],
      arity: -3,
      reply: pendingForms.summary,
      forms: [
        {
          method: 'xpending',
          reply: pendingForms.summary,
          omit: ['idle', 'start', 'end', 'count', 'consumer'],
          note: 'Returns the number of pending entries, the first and the last id, and the number of each consumer.',
        },
        {
          method: 'xpendingRange',
          reply: pendingForms.range,
          take: ['start', 'end', 'count'],
          note: 'Returns id, consumer, milliseconds since the last delivery and number of deliveries of each entry.',
        },
      ],
      tips: ['nondeterministic_output'],
    }),
};
