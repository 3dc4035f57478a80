import type { Bytes } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import { byStream, entry, entryRead } from './stream-shape.js';
import type { Term } from './term.js';
import {
  bytes,
  bytesKind,
  claimRead,
  command,
  flag,
  int,
  type KeySpec,
  keyKind,
  NEWEST_VERSION,
  option,
  options,
  pairs,
  parsedBy,
  parsedElsewhere,
  type ServerVersion,
  since,
  stepsOf,
} from './words.js';

/** Every version words this error differently. */
function unbalanced(grouped: boolean, version: ServerVersion): ErrorReply {
  const { v72, v74 } = stepsOf(version);
  const name = v72 ? (grouped ? "'xreadgroup'" : "'xread'") : 'XREAD';
  const ids = grouped && v72 ? "an ID or '>'" : v74 ? "an ID, '+', or '$'" : "an ID or '$'";
  return new ErrorReply(`ERR Unbalanced ${name} list of streams: for each stream key ${ids} must be specified.`);
}
const groupMissing = new ErrorReply('ERR Missing GROUP option for XREADGROUP');
const onlyInGroup = (name: string): ErrorReply =>
  new ErrorReply(`ERR The ${name} option is only supported by XREADGROUP. You called XREAD instead.`);
const groupRefused = onlyInGroup('GROUP');
const noAckRefused = onlyInGroup('NOACK');
const timeoutInvalid = new ErrorReply('ERR timeout is not an integer or out of range');
const idleInvalid = new ErrorReply('ERR min-idle-time is not an integer or out of range');
const idleNegative = new ErrorReply('ERR min-idle-time must be a positive integer');
const timeoutNegative = new ErrorReply('ERR timeout is negative');

export interface ReadParams {
  /** Milliseconds to wait; 0 waits indefinitely; absent: does not wait. */
  block?: number;
  /** The most entries per stream; 0: all. */
  count?: number;
  group?: Bytes;
  consumer: Bytes;
  noAck?: true;
  /** Also claims entries pending for this long (ms), which are replied with idle time and delivery count. */
  claim?: number;
  /** Keys, each with the last known id of its stream, `$` or `>`. */
  streams: (readonly [key: Bytes, id: Bytes])[];
}

interface ReadStyle {
  grouped: boolean;
  version: ServerVersion;
}

function readRead(
  argv: readonly Bytes[],
  params: ReadParams & Record<string, unknown>,
  { grouped, version }: ReadStyle,
): void {
  for (let at = 1; at < argv.length; at++) {
    const more = argv.length - 1 - at;
    const word = argv[at].toUpperCase();
    if (word === 'BLOCK' && more > 0) {
      params.block = readMillis(argv[++at], timeoutInvalid, timeoutNegative);
    } else if (word === 'COUNT' && more > 0) {
      const count = parseInteger(argv[++at]);
      if (count === null) throw replyErrors.notInteger;
      params.count = Math.max(0, Number(count));
    } else if (word === 'STREAMS' && more > 0) {
      if (more % 2 === 1) throw unbalanced(grouped, version);
      params.streams = readStreams(argv.slice(at + 1));
      if (grouped && params.group === undefined) throw groupMissing;
      return;
    } else if (word === 'GROUP' && more >= 2) {
      if (!grouped) throw groupRefused;
      params.group = argv[at + 1];
      params.consumer = argv[at + 2];
      at += 2;
    } else if (word === 'CLAIM' && more > 0 && grouped && stepsOf(version).v84) {
      params.claim = readMillis(argv[++at], idleInvalid, idleNegative);
    } else if (word === 'NOACK') {
      if (!grouped) throw noAckRefused;
      params.noAck = true;
    } else {
      throw replyErrors.syntax;
    }
  }
  throw replyErrors.syntax;
}

/** `key … id …`: as many ids as keys. */
function readStreams(words: readonly Bytes[]): ReadParams['streams'] {
  const count = words.length / 2;
  return words.slice(0, count).map((key, i) => [key, words[count + i]] as const);
}

function readMillis(text: Bytes, invalid: ErrorReply, negative: ErrorReply): number {
  const ms = parseInteger(text);
  if (ms === null) throw invalid;
  if (ms < 0) throw negative;
  return Number(ms);
}

/** Reads the whole command, whose options may stand in any order. */
function wholeRead(term: Term, grouped: boolean, version: ServerVersion = NEWEST_VERSION): Term<ReadParams> {
  const whole = parsedBy(term, (cursor, params) => {
    readRead(cursor.argv, params as ReadParams & Record<string, unknown>, { grouped, version });
    cursor.at = cursor.argv.length;
  });
  return { ...whole, at: (old) => wholeRead(term.at?.(old) ?? term, grouped, old) } as Term<ReadParams>;
}

/** `STREAMS key … id …`; the façade takes an object of ids by key, a Map or pairs. */
const streamPairs = pairs('streams', ['key', keyKind], ['id', bytesKind]);
const streams: Term = {
  ...streamPairs,
  print(params, out, encode) {
    const words: Bytes[] = [];
    streamPairs.print(params, words, encode);
    out.push('STREAMS', ...words.filter((_, i) => i % 2 === 0), ...words.filter((_, i) => i % 2 === 1));
  },
};

const groupName: Term = {
  ...bytes('group'),
  print(params, out, encode) {
    out.push('GROUP');
    bytes('group').print(params, out, encode);
  },
};

const countOption = option('COUNT', 'count', int('count'));
const blockOption = option('BLOCK', 'block', int('milliseconds'));

const shared = {
  group: 'stream',
  since: '5.0.0',
  complexity: 'O(log n + m) for each stream, m entries returned',
  acl: ['stream'],
} as const;

const keySpecs = (startFrom: number): KeySpec[] => [
  {
    flags: ['RO', 'access'],
    begin: { type: 'keyword', keyword: 'STREAMS', startFrom },
    find: { type: 'range', lastKey: -1, step: 1, limit: 2 },
  },
];

/** The commands that read several streams and may wait for entries. */
export const streamReadCommands = {
  xread: () =>
    command({
      ...shared,
      name: 'XREAD',
      summary: 'Returns the entries of streams that follow those of the given ids; may wait for some.',
      flags: ['readonly', 'blocking', 'movablekeys'],
      args: [wholeRead(options([countOption, blockOption]), false), parsedElsewhere(streams)],
      arity: -4,
      keySpecs: keySpecs(1),
      reply: byStream(entry),
      forms: [
        {
          method: 'xread',
          reply: byStream(entry),
          note: 'Takes the last known id of each stream, `$` for the newest. Null if there is nothing (new).',
        },
        { method: 'xreadNow', reply: byStream(entry), omit: ['block'], note: 'As `xread`, without waiting.' },
      ],
    }),
  xreadgroup: () =>
    command({
      ...shared,
      name: 'XREADGROUP',
      summary:
        'Returns entries of streams that no consumer of a group was given yet, or those that this consumer has pending; may wait for some.',
      flags: ['write', 'blocking', 'movablekeys'],
      args: [
        wholeRead(groupName, true),
        parsedElsewhere(bytes('consumer')),
        parsedElsewhere(
          options([
            countOption,
            blockOption,
            since('8.4.0', option('CLAIM', 'claim', int('minIdleTime'))),
            flag('NOACK', 'noAck'),
          ]),
        ),
        parsedElsewhere(streams),
      ],
      arity: -7,
      keySpecs: keySpecs(4),
      reply: byStream(entryRead),
      forms: [
        {
          method: 'xreadgroup',
          reply: byStream(entryRead),
          note: 'Takes `>` for new entries, or an id for what is pending after it; fields are null where the entry was deleted.',
        },
        {
          method: 'xreadgroupNow',
          reply: byStream(entryRead),
          omit: ['block'],
          note: 'As `xreadgroup`, without waiting.',
        },
      ],
      effects: 'own',
      follow: claimRead,
    }),
};
