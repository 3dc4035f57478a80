import { allocBytes, type Bytes, writeBytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import type { Random } from '../../core/random.js';
import * as positions from './position-guess.js';
import { EMPTY_SPAN, isAboveMin, isBelowMax, isEmptyLexRange, type LexRange, type RankSpan } from './zset-range.js';

// Constants of the module itself: see slot-store.ts.
const { guesses, guessPlace } = positions;

const FORM_OVERHEAD = 190;
const ENTRY_OVERHEAD = 32;
/** Arrays up to this length are as long as their content: `push` would leave room for sixteen more. */
const EXACT_LENGTH_MAX = 8;

/** Where members are written for `rangeBytes`. */
let stageBuffer: Uint8Array = allocBytes(256);

/**
 * The 'listpack' form of a sorted set: two arrays in the order of (score, member). Redis' listpacks hold whole scores
 * as integers, so −0 becomes 0 here (and only here): hence the `+ 0`.
 */
export class SmallZSet {
  readonly encoding = 'listpack';
  members: Bytes[] = [];
  scores: number[] = [];
  readonly #meter: MemoryMeter;
  #bytes = FORM_OVERHEAD;

  constructor(meter: MemoryMeter) {
    this.#meter = meter;
    meter.add(FORM_OVERHEAD);
  }

  get size(): number {
    return this.members.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The rank of a member, or −1. O(n). */
  find(member: Bytes): number {
    const { members } = this;
    const place = guessPlace(member);
    const guess = guesses[place];
    if (guess < members.length && members[guess] === member) return guess;
    for (let i = 0; i < members.length; i++) {
      if (members[i] !== member) continue;
      guesses[place] = i;
      return i;
    }
    return -1;
  }

  /** Adds a member that is absent. O(n). */
  insert(member: Bytes, score: number): void {
    const at = this.#placeOf(member, score);
    this.members = insertAt(this.members, at, member);
    this.scores = insertAt(this.scores, at, score + 0);
    this.#account(entryBytes(member));
  }

  /** Gives the member at rank `at` another score. O(n). */
  setScore(at: number, score: number): void {
    const { members, scores } = this;
    const member = members[at];
    const last = members.length - 1;
    for (; at > 0 && isAfter(scores[at - 1], members[at - 1], score, member); at--) {
      members[at] = members[at - 1];
      scores[at] = scores[at - 1];
    }
    for (; at < last && isAfter(score, member, scores[at + 1], members[at + 1]); at++) {
      members[at] = members[at + 1];
      scores[at] = scores[at + 1];
    }
    members[at] = member;
    scores[at] = score + 0;
  }

  /** Takes `count` members from rank `at` on out. */
  removeAt(at: number, count = 1): void {
    let bytes = 0;
    for (let i = at; i < at + count; i++) bytes += entryBytes(this.members[i]);
    this.members.splice(at, count);
    this.scores.splice(at, count);
    this.#account(-bytes);
  }

  memberAt(rank: number): Bytes {
    return this.members[rank];
  }

  scoreAt(rank: number): number {
    return this.scores[rank];
  }

  walk(start: number, count: number, reverse: boolean, visit: (member: Bytes, score: number) => void): void {
    const { members, scores } = this;
    const step = reverse ? -1 : 1;
    for (let i = 0, at = start; i < count; i++, at += step) visit(members[at], scores[at]);
  }

  walkBytes(
    start: number,
    count: number,
    reverse: boolean,
    visit: (buffer: Uint8Array, start: number, length: number, score: number) => void,
  ): void {
    this.walk(start, count, reverse, (member, score) => {
      if (member.length > stageBuffer.length) stageBuffer = allocBytes(member.length * 2);
      writeBytes(stageBuffer, member, 0);
      visit(stageBuffer, 0, member.length, score);
    });
  }

  countBelowScore(score: number, through: boolean): number {
    const { scores } = this;
    let low = 0;
    let high = scores.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (scores[middle] < score || (through && scores[middle] === score)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * The members in a lexicographic interval. With mixed scores the commands promise nothing, but Redis walks from the
   * first fitting member to the first that does not fit, from either end; so does this.
   */
  lexSpan(range: LexRange, reverse: boolean): RankSpan {
    const { members } = this;
    const { length } = members;
    if (length === 0 || isEmptyLexRange(range)) return EMPTY_SPAN;
    if (!isAboveMin(members[length - 1], range) || !isBelowMax(members[0], range)) return EMPTY_SPAN;
    if (reverse) {
      let last = length - 1;
      while (last >= 0 && !isBelowMax(members[last], range)) last--;
      let first = last;
      while (first >= 0 && isAboveMin(members[first], range)) first--;
      return { first: first + 1, count: last - first };
    }
    let first = 0;
    while (first < length && !isAboveMin(members[first], range)) first++;
    let end = first;
    while (end < length && isBelowMax(members[end], range)) end++;
    return { first, count: end - first };
  }

  randomRank(random: Random): number {
    return random.below(this.members.length);
  }

  clone(meter: MemoryMeter): SmallZSet {
    const copy = new SmallZSet(meter);
    copy.members = this.members.slice();
    copy.scores = this.scores.slice();
    copy.#account(this.#bytes - FORM_OVERHEAD);
    return copy;
  }

  dispose(): void {
    this.#account(-this.#bytes);
    this.members = [];
    this.scores = [];
  }

  #placeOf(member: Bytes, score: number): number {
    let low = 0;
    let high = this.members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isAfter(score, member, this.scores[middle], this.members[middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    if (bytes >= 0) this.#meter.add(bytes);
    else this.#meter.sub(-bytes);
  }
}

function isAfter(scoreA: number, memberA: Bytes, scoreB: number, memberB: Bytes): boolean {
  return scoreA > scoreB || (scoreA === scoreB && memberA > memberB);
}

function insertAt<T>(array: T[], at: number, value: T): T[] {
  const { length } = array;
  if (length === 0) return [value];
  if (length >= EXACT_LENGTH_MAX) {
    array.push(value);
    if (at < length) {
      array.copyWithin(at + 1, at, length);
      array[at] = value;
    }
    return array;
  }
  const longer = new Array<T>(length + 1);
  for (let i = 0; i < at; i++) longer[i] = array[i];
  longer[at] = value;
  for (let i = at; i < length; i++) longer[i + 1] = array[i];
  return longer;
}

function entryBytes(member: Bytes): number {
  return ENTRY_OVERHEAD + ((member.length + 7) & ~7);
}
