import type { Bytes } from '../../core/bytes.js';
import { ReplyError } from '../../core/errors.js';

/**
 * Where a SCAN over a whole cluster stands. It goes through the slots from the first to the last, one run of slots of
 * one node after the other. The cursor that users see holds all there is to know, so that any client of the cluster can
 * go on with it:
 *
 *   ┌──────────────────────┬──────────────┬─────────────┬──────────────┐
 *   │ cursor of the node   │ mark: 18 bit │ end: 15 bit │ slot: 14 bit │  + 1, since 0 is the end
 *   └──────────────────────┴──────────────┴─────────────┴──────────────┘
 */
export interface ScanPlace {
  /** The first slot of the run: all below it have been scanned. */
  readonly slot: number;
  /** The slot behind the run; 0 if the run is not begun yet. */
  readonly end: number;
  /** Tells nodes apart: a cursor only means something to the node that gave it. */
  readonly mark: number;
  /** The node's own cursor. */
  readonly cursor: bigint;
}

const SLOT_BITS = 14n;
const END_BITS = 15n;
const MARK_BITS = 18n;

/** A run that begins at a slot. */
export function runFrom(slot: number): ScanPlace {
  return { slot, end: 0, mark: 0, cursor: 0n };
}

/** Throws ReplyError for what is no cursor. */
export function readCursor(text: Bytes): ScanPlace {
  if (!/^\d{1,60}$/.test(text)) throw new ReplyError('ERR invalid cursor', { command: 'SCAN' });
  let rest = BigInt(text);
  if (rest === 0n) return runFrom(0);
  rest -= 1n;
  const take = (bits: bigint): number => {
    const value = Number(BigInt.asUintN(Number(bits), rest));
    rest >>= bits;
    return value;
  };
  const slot = take(SLOT_BITS);
  const end = take(END_BITS);
  const mark = take(MARK_BITS);
  return { slot, end, mark, cursor: rest };
}

export function writeCursor({ slot, end, mark, cursor }: ScanPlace): Bytes {
  const head = (cursor << MARK_BITS) | BigInt(mark);
  return String(((((head << END_BITS) | BigInt(end)) << SLOT_BITS) | BigInt(slot)) + 1n);
}

/** The mark of a node by its name. */
export function markOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % 2 ** Number(MARK_BITS);
}
