import { DataError } from '../core/errors.js';
import { parseInteger } from '../core/integer.js';
import { ErrorReply, wrongArity } from '../core/reply.js';
import {
  bool,
  bulk,
  command,
  flag,
  int64Kind,
  key,
  keyKind,
  keyTerm,
  lateKind,
  nullable,
  of,
  option,
  options,
  optionsBehindPairs,
  pairs,
  valueKind,
  value as valueTerm,
} from './words.js';

/** What a string must be, or must not be, for a command to be carried out; digests are those of DIGEST. */
export const comparisons = [
  option('IFEQ', 'ifEq', valueTerm('comparison')),
  option('IFNE', 'ifNe', valueTerm('comparison')),
  option('IFDEQ', 'ifDigestEq', valueTerm('digest')),
  option('IFDNE', 'ifDigestNe', valueTerm('digest')),
] as const;
export const comparisonNames = ['ifEq', 'ifNe', 'ifDigestEq', 'ifDigestNe'] as const;

const badCount = new ErrorReply('ERR invalid numkeys value');
const keyValues = pairs('pairs', ['key', keyKind], ['value', valueKind]);

/** `numkeys key value [key value ...]`. */
const countedPairs: typeof keyValues = {
  ...keyValues,
  doc: { name: 'numkeys', type: 'integer', arguments: [{ ...keyValues.doc, name: 'data' }] },
  min: 3,
  keys: keyTerm('OW update', 'counted', 2),
  parse(cursor, params) {
    const { argv } = cursor;
    const count = Number(parseInteger(argv[cursor.at++]) ?? 0);
    if (count < 1) throw badCount;
    const end = cursor.at + count * 2;
    if (end > argv.length) throw wrongArity(cursor.commandName);
    const values: [string, string][] = [];
    for (; cursor.at < end; cursor.at += 2) values.push([argv[cursor.at], argv[cursor.at + 1]]);
    params.pairs = values;
  },
  print(params, out, encode) {
    const words: string[] = [];
    keyValues.print(params, words, encode);
    if (words.length === 0) throw new DataError("argument 'pairs' needs at least 1 pair");
    out.push(String(words.length / 2), ...words);
  },
};

const expiry = [
  option('EX', 'ex', of('seconds', lateKind(int64Kind()))),
  option('PX', 'px', of('milliseconds', lateKind(int64Kind()))),
  option('EXAT', 'exat', of('unixSeconds', lateKind(int64Kind({ date: 's' })))),
  option('PXAT', 'pxat', of('unixMillis', lateKind(int64Kind({ date: 'ms' })))),
  flag('KEEPTTL', 'keepTtl'),
] as const;

const shared = { group: 'string', since: '8.4.0', acl: ['string'] } as const;

/** The commands that compare a string before they act, and related ones. */
export const stringCompareCommands = {
  delex: () =>
    command({
      ...shared,
      name: 'DELEX',
      summary: 'Removes a key, if its string is, or is not, the one given; whether it did.',
      complexity: 'O(1); O(n) of the bytes for a digest',
      flags: ['write', 'fast'],
      args: [key('RW delete'), options(comparisons, { exclusive: [comparisonNames], once: comparisonNames })],
      reply: bool,
    }),
  digest: () =>
    command({
      ...shared,
      name: 'DIGEST',
      summary: 'Returns the XXH3 hash of a string as 16 hexadecimal digits, null if it is absent.',
      complexity: 'O(n) of the bytes',
      flags: ['readonly', 'fast'],
      args: [key('RO access')],
      reply: nullable(bulk),
    }),
  msetex: () =>
    command({
      ...shared,
      name: 'MSETEX',
      summary:
        'Gives several keys a string each, with one TTL, perhaps only if all or none of them exist; whether it did.',
      complexity: 'O(n) of the keys',
      flags: ['write', 'denyoom', 'movablekeys'],
      args: [
        countedPairs,
        options([flag('NX', 'nx'), flag('XX', 'xx'), ...expiry], {
          exclusive: [
            ['nx', 'xx'],
            ['ex', 'px', 'exat', 'pxat', 'keepTtl'],
          ],
        }),
      ],
      arity: -4,
      keySpecs: [
        {
          flags: ['OW', 'update'],
          begin: { type: 'index', index: 1 },
          find: { type: 'keynum', keyNumIndex: 0, firstKey: 1, step: 2 },
        },
      ],
      reply: bool,
      effects: 'own',
      follow: optionsBehindPairs,
    }),
};
