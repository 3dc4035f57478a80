import { isBoundToNode, soleKeyIndex } from '../backend/split.js';
import type { Spec } from '../commands/spec.js';
import { commandTable } from '../commands/table.js';

/**
 * Which commands go the short way: those with exactly one key, which is all that they name. What the command table says
 * of each is worked out once.
 */
export interface Direct {
  /** Where the key stands; 0 for a command that goes the long way. */
  readonly at: number;
  /** For copies: `read` at one, `write` in the same words at all, `other` for what takes more than that. */
  readonly way: 'read' | 'write' | 'other';
}

interface Known extends Direct {
  readonly spec: Spec;
}

/** By the command's number: versions of a command share it, so that one may take the other's place. */
const known: (Known | undefined)[] = new Array(commandTable.size).fill(undefined);

/** O(1): the answers are kept, but for commands that are not in the table. */
export function directOf(spec: Spec): Direct {
  const kept = known[spec.id];
  if (kept !== undefined && kept.spec === spec) return kept;
  const judged = judge(spec);
  if (spec.id >= 0) known[spec.id] = judged;
  return judged;
}

function judge(spec: Spec): Known {
  const at = soleKeyIndex(spec);
  // BY and GET of SORT name further keys; a conversation, and what waits, is not done with one reply.
  const isMore = spec.name.startsWith('SORT') || spec.flags.includes('blocking') || spec.connection !== undefined;
  return at <= 0 || isMore ? { spec, at: 0, way: 'other' } : { spec, at, way: wayOf(spec) };
}

function wayOf(spec: Spec): Direct['way'] {
  // A cursor means nothing to another node.
  if (spec.isReadonly) return isBoundToNode(spec) ? 'other' : 'read';
  const isPlain = spec.follow?.keys === undefined && spec.follow?.effects === undefined && spec.name !== 'MOVE';
  return spec.isWrite && isPlain ? 'write' : 'other';
}
