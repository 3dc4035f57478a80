import type { Bytes } from '../core/bytes.js';
import { parseDouble } from '../core/double.js';
import { ErrorReply } from '../core/reply.js';
import { LEX_HIGHEST, LEX_LOWEST, type LexBound, type LexRange, type ScoreRange } from './values/zset-range.js';

const notFloat = new ErrorReply('ERR min or max is not a float');
const notLex = new ErrorReply('ERR min or max not valid string range item');

/** The score interval between two bounds such as `1.5`, `(1.5`, `-inf`; `strict`: as 8.0 reads them. */
export function parseScoreRange(min: Bytes, max: Bytes, strict = false): ScoreRange {
  const minExclusive = min.charCodeAt(0) === OPEN;
  const maxExclusive = max.charCodeAt(0) === OPEN;
  return {
    min: parseScoreBound(minExclusive ? min.slice(1) : min, strict),
    max: parseScoreBound(maxExclusive ? max.slice(1) : max, strict),
    minExclusive,
    maxExclusive,
  };
}

const OPEN = 40; // (
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A bound is read as C's strtod reads it, more freely than scores are: nothing at all is 0, blanks may stand before
 * the number, a NUL ends it, and what is too large or too small becomes infinite or 0. Since 8.0 it must be decimal, and
 * no blanks may stand before it.
 */
function parseScoreBound(bytes: Bytes, strict: boolean): number {
  if (strict) {
    const number = parseDecimal(bytes);
    if (number === null) throw notFloat;
    return number;
  }
  const exact = parseDouble(bytes);
  if (exact !== null) return exact;
  const nul = bytes.indexOf('\0');
  const text = nul < 0 ? bytes : bytes.slice(0, nul);
  if (text === '') return 0;
  const number = text.replace(/^[ \t-\r]+/, '');
  if (decimal.test(number)) return Number(number);
  const value = parseDouble(number);
  if (value === null) throw notFloat;
  return value;
}

/** A number as 8.0 reads what is no score itself: decimal, nothing is 0, a NUL ends it. Null for anything else. */
export function parseDecimal(bytes: Bytes): number | null {
  const nul = bytes.indexOf('\0');
  const text = nul < 0 ? bytes : bytes.slice(0, nul);
  if (text === '') return 0;
  if (decimal.test(text)) return Number(text);
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite === null) return null;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The interval between two bounds such as `[b`, `(b`, `-`, `+`. */
export function parseLexRange(min: Bytes, max: Bytes): LexRange {
  return { min: parseLexBound(min), max: parseLexBound(max) };
}

function parseLexBound(bytes: Bytes): LexBound {
  const first = bytes[0];
  if (first === '[' || first === '(') return { member: bytes.slice(1), exclusive: first === '(' };
  const alone = bytes.length === 1 || bytes[1] === '\0';
  if (first === '-' && alone) return LEX_LOWEST;
  if (first === '+' && alone) return LEX_HIGHEST;
  throw notLex;
}
