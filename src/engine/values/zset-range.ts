import type { Bytes } from '../../core/bytes.js';

/** An interval of scores, as ZRANGEBYSCORE takes it. Infinities are numbers like others. */
export interface ScoreRange {
  readonly min: number;
  readonly max: number;
  readonly minExclusive: boolean;
  readonly maxExclusive: boolean;
}

/** `-` and `+` of the lexicographic commands. */
export const LEX_LOWEST = -1;
export const LEX_HIGHEST = 1;

/** One end of a lexicographic interval. */
export type LexBound = typeof LEX_LOWEST | typeof LEX_HIGHEST | { readonly member: Bytes; readonly exclusive: boolean };

/** An interval of members, for sets whose scores are all equal. */
export interface LexRange {
  readonly min: LexBound;
  readonly max: LexBound;
}

/** Neighbouring ranks, lowest first. `count` 0 means none. */
export interface RankSpan {
  readonly first: number;
  readonly count: number;
}

export const EMPTY_SPAN: RankSpan = { first: 0, count: 0 };

/** Whether a member is not below the interval's lower end. */
export function isAboveMin(member: Bytes, { min }: LexRange): boolean {
  if (typeof min === 'number') return min === LEX_LOWEST;
  return min.exclusive ? member > min.member : member >= min.member;
}

/** Whether a member is not above the interval's upper end. */
export function isBelowMax(member: Bytes, { max }: LexRange): boolean {
  if (typeof max === 'number') return max === LEX_HIGHEST;
  return max.exclusive ? member < max.member : member <= max.member;
}

/** Whether no member at all can lie in the interval. */
export function isEmptyLexRange({ min, max }: LexRange): boolean {
  if (min === LEX_HIGHEST || max === LEX_LOWEST) return true;
  if (typeof min === 'number' || typeof max === 'number') return false;
  return min.member > max.member || (min.member === max.member && (min.exclusive || max.exclusive));
}

export function isEmptyScoreRange({ min, max, minExclusive, maxExclusive }: ScoreRange): boolean {
  return min > max || (min === max && (minExclusive || maxExclusive));
}
