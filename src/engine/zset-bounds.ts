import type { Bytes } from '../core/bytes.js';
import { parseDouble } from '../core/double.js';
import { ErrorReply } from '../core/reply.js';
import { LEX_HIGHEST, LEX_LOWEST, type LexBound, type LexRange, type ScoreRange } from './values/zset-range.js';

const notFloat = new ErrorReply('ERR min or max is not a float');
const notLex = new ErrorReply('ERR min or max not valid string range item');

/** The score interval between two bounds such as `1.5`, `(1.5`, `-inf`. */
export function parseScoreRange(min: Bytes, max: Bytes): ScoreRange {
  const minExclusive = min.charCodeAt(0) === OPEN;
  const maxExclusive = max.charCodeAt(0) === OPEN;
  return {
    min: parseScoreBound(minExclusive ? min.slice(1) : min),
    max: parseScoreBound(maxExclusive ? max.slice(1) : max),
    minExclusive,
    maxExclusive,
  };
}

const OPEN = 40; // (
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A bound is read as C's strtod reads it, more freely than scores are: nothing at all is 0, blanks may stand before
 * the number, a NUL ends it, and what is too large or too small becomes infinite or 0.
 */
function parseScoreBound(bytes: Bytes): number {
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
