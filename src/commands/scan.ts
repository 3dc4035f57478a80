import { ErrorReply } from '../core/reply.js';
import { int, of } from './grammar.js';
import { bytesKind, patternKind } from './kind.js';
import { flag, option, options } from './options.js';
import { late } from './precedence.js';
import type { Kind } from './term.js';
import { since, sinceValkey } from './version.js';

const invalidCursor = new ErrorReply('ERR invalid cursor');
const unsigned = /^[+-]?\d+$/;
const UINT64_END = 2n ** 64n;

/** A cursor as C's strtoul parses it. Only its low 32 bits count: no table has more buckets. */
const cursorKind: Kind<number> = {
  type: 'Arg',
  docType: 'integer',
  parse(bytes) {
    if (bytes === '0') return 0;
    const nul = bytes.indexOf('\0');
    const digits = nul < 0 ? bytes : bytes.slice(0, nul);
    if (digits === '') return 0;
    if (!unsigned.test(digits)) throw invalidCursor;
    const negative = digits.startsWith('-');
    const value = BigInt(digits.replace(/^[+-]/, ''));
    if (value >= UINT64_END) throw invalidCursor;
    return Number(BigInt.asUintN(32, negative ? -value : value));
  },
  print: (value, encode) => (typeof value === 'number' ? String(value) : bytesKind.print(value, encode)),
};

/** The cursor of SCAN and its relatives. */
export const scanCursor = of('cursor', cursorKind);

const scanMatch = option('MATCH', 'match', of('pattern', bytesKind));
/** SCAN's, for names of keys. */
export const keyMatch = option('MATCH', 'match', of('pattern', patternKind));
export const scanCount = option('COUNT', 'count', int('count', { min: 1, rangeError: 'ERR syntax error' }));

/** The options of HSCAN: without the values of the fields. */
export const hscanOptions = late(options([scanMatch, scanCount, since('7.4.0', flag('NOVALUES', 'noValues'))]));

/** The options of ZSCAN: without the scores. */
export const zscanOptions = late(options([scanMatch, scanCount, sinceValkey('8.0.0', flag('NOSCORES', 'noScores'))]));

/** The options of SSCAN. As HSCAN's they are only looked at when there is something to scan. */
export const scanOptions = late(options([scanMatch, scanCount]));
