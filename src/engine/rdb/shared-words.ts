import { type Bytes, sliceBytes } from '../../core/bytes.js';

const PLACES = 1024;
/** Longer words are not worth the comparison. */
const WORD_BYTES_MAX = 32;

const words: Bytes[] = new Array(PLACES).fill('');

/**
 * Bytes `start`…`end` of `source` as a string, the one that was made of the same bytes lately if there is one. Names of
 * fields repeat from hash to hash: one string for all of them saves making it, and its memory.
 */
export function sharedWord(source: Uint8Array, start: number, end: number): Bytes {
  const length = end - start;
  if (length > WORD_BYTES_MAX) return sliceBytes(source, start, end);
  let hash = length;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + source[at]!) | 0;
  const place = (hash ^ (hash >>> 10)) & (PLACES - 1);
  const known = words[place]!;
  if (known.length === length && spells(known, source, start)) return known;
  const made = sliceBytes(source, start, end);
  words[place] = made;
  return made;
}

function spells(word: Bytes, source: Uint8Array, start: number): boolean {
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) !== source[start + i]) return false;
  return true;
}
