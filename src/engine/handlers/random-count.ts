import { ErrorReply } from '../../core/reply.js';

/**
 * A negative count asks for so many draws, repetitions allowed, however few elements there are: a reply of any size.
 * The real server streams it until the client's output limit is reached; ours is built first, so it has a limit.
 */
const DRAWS_MAX = 1 << 24;

export const countTooLarge = new ErrorReply('ERR value is out of range');

/** How many elements to draw with repetitions. Throws when no reply could hold them. */
export function drawsOf(count: number): number {
  if (-count > DRAWS_MAX) throw countTooLarge;
  return -count;
}
