import type { Bytes } from '../../core/bytes.js';

const PLACES = 4096;

/**
 * Where in a small collection an element was found the last time, by its length and three characters: objects of one kind
 * have the same fields in the same order, so that what one hash taught serves all. Only ever a guess, to be checked
 * against the element itself; all small collections of the process share the table.
 */
export const guesses: Uint16Array = new Uint16Array(PLACES);

/** The place of an element's guess. */
export function guessPlace(element: Bytes): number {
  const { length } = element;
  if (length === 0) return 0;
  const ends = element.charCodeAt(0) * 37 + element.charCodeAt(length - 1);
  return (ends * 37 + element.charCodeAt(length >> 1) + length) & (PLACES - 1);
}
