import type { Bytes } from './bytes.js';

const STAR = 42;
const DASH = 45;
const QUESTION = 63;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const CARET = 94;

/** A pattern with more stars than this, each with something after it, matches nothing. */
const STARS_MAX = 1000;

const special = /[*?[\\]/;

/**
 * Whether `pattern` matches the whole of `text`: `*` any bytes, `?` one byte, `[a-z]` and `[^a-z]` one byte of a class,
 * `\` takes the next byte literally. Classes may be unterminated and ranges reversed; bytes in ranges compare signed.
 * Only the last star passed is ever tried again, so the cost is at most O(pattern × text).
 * An empty text is matched by the empty pattern alone, not by `*`.
 */
export function matchGlob(pattern: Bytes, text: Bytes, nocase = false): boolean {
  const patternEnd = pattern.length;
  const textEnd = text.length;
  let p = 0;
  let t = 0;
  let stars = 0;
  let starP = -1;
  let starT = 0;
  while (p < patternEnd && t < textEnd) {
    if (pattern.charCodeAt(p) === STAR) {
      do p++;
      while (pattern.charCodeAt(p) === STAR);
      if (p === patternEnd) return true;
      if (++stars > STARS_MAX) return false;
      starP = p;
      starT = t;
      continue;
    }
    const next = matchOne(pattern, p, text.charCodeAt(t), nocase);
    if (next >= 0) {
      p = next;
      t++;
      if (t < textEnd) {
        if (p < patternEnd || starP < 0) continue;
      } else {
        while (pattern.charCodeAt(p) === STAR) p++;
        // The rest of the pattern needs more bytes than are left; a later start leaves even fewer.
        return p === patternEnd;
      }
    }
    if (starP < 0) return false;
    p = starP;
    t = ++starT;
  }
  return p === patternEnd && t === textEnd;
}

/** Where the pattern goes on if its element at `p` accepts the byte, −1 if it does not. */
function matchOne(pattern: Bytes, p: number, byte: number, nocase: boolean): number {
  let wanted = pattern.charCodeAt(p);
  if (wanted === QUESTION) return p + 1;
  if (wanted === OPEN) return matchClass(pattern, p + 1, byte, nocase);
  if (wanted === BACKSLASH && p + 1 < pattern.length) wanted = pattern.charCodeAt(++p);
  return same(wanted, byte, nocase) ? p + 1 : -1;
}

/** As `matchOne` for a class whose first byte after `[` is at `p`. A class without `]` ends with the pattern. */
function matchClass(pattern: Bytes, p: number, byte: number, nocase: boolean): number {
  const end = pattern.length;
  const negated = pattern.charCodeAt(p) === CARET;
  if (negated) p++;
  let found = false;
  for (; p < end && pattern.charCodeAt(p) !== CLOSE; p++) {
    const first = pattern.charCodeAt(p);
    if (first === BACKSLASH && p + 1 < end) {
      // An escaped byte is compared exactly, even when case is ignored.
      found = pattern.charCodeAt(++p) === byte || found;
    } else if (p + 2 < end && pattern.charCodeAt(p + 1) === DASH) {
      p += 2;
      found = inRange(first, pattern.charCodeAt(p), byte, nocase) || found;
    } else {
      found = same(first, byte, nocase) || found;
    }
  }
  if (found === negated) return -1;
  return p < end ? p + 1 : end;
}

function inRange(first: number, last: number, byte: number, nocase: boolean): boolean {
  let low = signed(first);
  let high = signed(last);
  if (low > high) [low, high] = [high, low];
  if (!nocase) return signed(byte) >= low && signed(byte) <= high;
  // The range is ordered before case is folded: [Z-a] becomes z…a and matches nothing.
  const lower = lowerCase(signed(byte));
  return lower >= lowerCase(low) && lower <= lowerCase(high);
}

function same(a: number, b: number, nocase: boolean): boolean {
  return a === b || (nocase && lowerCase(a) === lowerCase(b));
}

function lowerCase(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/** A matcher for a pattern that is used many times; literal, `*` and `prefix*` patterns match at the speed of a comparison. */
export function compileGlob(pattern: Bytes): (text: Bytes) => boolean {
  if (!special.test(pattern)) return (text) => text === pattern;
  const prefix = pattern.slice(0, -1);
  if (pattern.endsWith('*') && !special.test(prefix)) {
    return prefix === '' ? (text) => text !== '' : (text) => text.startsWith(prefix);
  }
  return (text) => matchGlob(pattern, text);
}
