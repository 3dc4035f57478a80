import type { listMoveCommands } from '../../commands/list-move.js';
import type { Bytes } from '../../core/bytes.js';
import { NULL_ARRAY, type Reply } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import type { EngineSession } from '../session.js';
import { elementsPopped, moveElement, popEffect, takeElements } from './list-pop.js';

/** Handlers of the commands that move elements, or pop from the first of several lists. */
export const listMoveHandlers: HandlersOf<typeof listMoveCommands> = {
  lmove: ({ db }, { source, destination, from, to }) =>
    moveElement(db, source, destination, { fromHead: from === 'left', toHead: to === 'left', changes: 1 }),

  lmpop: (call, { keys, from, count }) => popFirst(call, keys, from === 'left', count ?? 1) ?? NULL_ARRAY,

  rpoplpush: ({ db }, { source, destination }) =>
    moveElement(db, source, destination, { fromHead: false, toHead: true, changes: 1 }),
};

/** Pops from the first list that exists, as LMPOP replies it; null if there is none. */
export function popFirst(call: EngineSession, keys: readonly Bytes[], fromHead: boolean, count: number): Reply | null {
  const { db } = call;
  for (const key of keys) {
    const list = db.listForWrite(key);
    if (list === null) continue;
    const taken = takeElements(list, fromHead, count);
    elementsPopped(db, key, list, fromHead, taken.length);
    call.engine.propagate(db.index, popEffect(key, fromHead, taken.length));
    return [key, taken];
  }
  return null;
}
