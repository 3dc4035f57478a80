import type { Bytes } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import { parsedBy, parsedElsewhere } from './by-hand.js';
import { claimRead } from './follow.js';
import { bytes, int, pairs } from './grammar.js';
import type { KeySpec } from './key-spec.js';
import { bytesKind, keyKind } from './kind.js';
import { flag, option, options } from './options.js';
import { command } from './spec.js';
import { byStream, entry, entryOrGone } from './stream-shape.js';
import type { Term } from './term.js';

const unbalanced = new ErrorReply(
  "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
);
const groupMissing = new ErrorReply('ERR Missing GROUP option for XREADGROUP');
const onlyInGroup = (name: string): ErrorReply =>
  new ErrorReply(`ERR The ${name} option is only supported by XREADGROUP. You called XREAD instead.`);
const groupRefused = onlyInGroup('GROUP');
const noAckRefused = onlyInGroup('NOACK');
const timeoutInvalid = new ErrorReply('ERR timeout is not an integer or out of range');
const timeoutNegative = new ErrorReply('ERR timeout is negative');

export interface ReadParams {
  /** Milliseconds; 0 waits without end; absent: does not wait. */
  block?: number;
  /** Entries of each stream at the most; 0: all. */
  count?: number;
  group?: Bytes;
  consumer: Bytes;
  noAck?: true;
  /** Keys, each with the last id that is known of its stream, `$` or `>`. */
  streams: (readonly [key: Bytes, id: Bytes])[];
}

function readRead(argv: readonly Bytes[], params: ReadParams & Record<string, unknown>, grouped: boolean): void {
  for (let at = 1; at < argv.length; at++) {
    const more = argv.length - 1 - at;
    const word = argv[at].toUpperCase();
    if (word === 'BLOCK' && more > 0) {
      params.block = readTimeout(argv[++at]);
    } else if (word === 'COUNT' && more > 0) {
      const count = parseInteger(argv[++at]);
      if (count === null) throw replyErrors.notInteger;
      params.count = Math.max(0, Number(count));
    } else if (word === 'STREAMS' && more > 0) {
      if (more % 2 === 1) throw unbalanced;
      const ids = at + 1 + more / 2;
      params.streams = argv.slice(at + 1, ids).map((key, i) => [key, argv[ids + i]] as const);
      if (grouped && params.group === undefined) throw groupMissing;
      return;
    } else if (word === 'GROUP' && more >= 2) {
      if (!grouped) throw groupRefused;
      params.group = argv[at + 1];
      params.consumer = argv[at + 2];
      at += 2;
    } else if (word === 'NOACK') {
      if (!grouped) throw noAckRefused;
      params.noAck = true;
    } else {
      throw replyErrors.syntax;
    }
  }
  throw replyErrors.syntax;
}

function readTimeout(text: Bytes): number {
  const timeout = parseInteger(text);
  if (timeout === null) throw timeoutInvalid;
  if (timeout < 0) throw timeoutNegative;
  return Number(timeout);
}

/** Reads the whole command, whose options may stand in any order. */
function wholeRead(term: Term, grouped: boolean): Term<ReadParams> {
  return parsedBy(term, (cursor, params) => {
    readRead(cursor.argv, params as ReadParams & Record<string, unknown>, grouped);
    cursor.at = cursor.argv.length;
  });
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
  xread: command({
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
  xreadgroup: command({
    ...shared,
    name: 'XREADGROUP',
    summary:
      'Returns entries of streams that no consumer of a group was given yet, or those that this consumer has pending; may wait for some.',
    flags: ['write', 'blocking', 'movablekeys'],
    args: [
      wholeRead(groupName, true),
      parsedElsewhere(bytes('consumer')),
      parsedElsewhere(options([countOption, blockOption, flag('NOACK', 'noAck')])),
      parsedElsewhere(streams),
    ],
    arity: -7,
    keySpecs: keySpecs(4),
    reply: byStream(entryOrGone),
    forms: [
      {
        method: 'xreadgroup',
        reply: byStream(entryOrGone),
        note: 'Takes `>` for new entries, or an id for what is pending after it; fields are null where the entry was deleted.',
      },
      {
        method: 'xreadgroupNow',
        reply: byStream(entryOrGone),
        omit: ['block'],
        note: 'As `xreadgroup`, without waiting.',
      },
    ],
    effects: 'own',
    follow: claimRead,
  }),
};
