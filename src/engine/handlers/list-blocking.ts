import type { listBlockingCommands } from '../../commands/list-blocking.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, NULL_ARRAY, type Reply } from '../../core/reply.js';
import { parseBlockTimeout } from '../block-timeout.js';
import { BLOCK_ON_LIST } from '../blocking.js';
import type { HandlersOf } from '../handler.js';
import type { EngineSession } from '../session.js';
import { popFirst } from './list-move.js';
import { elementsPopped, moveElement, popEffect } from './list-pop.js';

/** Handlers of the blocking list commands. Serving a waiting session does not count as a change: the push did. */
export const listBlockingHandlers: HandlersOf<typeof listBlockingCommands> = {
  blmove(call, { source, destination, from, to, timeout }) {
    const effect = ['LMOVE', source, destination, from.toUpperCase(), to.toUpperCase()];
    return moveOrWait(call, source, destination, { fromHead: from === 'left', toHead: to === 'left', timeout, effect });
  },

  brpoplpush(call, { source, destination, timeout }) {
    const effect = ['RPOPLPUSH', source, destination];
    return moveOrWait(call, source, destination, { fromHead: false, toHead: true, timeout, effect });
  },

  blmpop(call, { timeout, keys, from, count }) {
    const timeoutMs = parseBlockTimeout(timeout, call.engine);
    const fromHead = from === 'left';
    const popped = popFirst(call, keys, fromHead, count ?? 1);
    if (popped !== null) return popped;
    return waitForList(call, keys, timeoutMs, (key) => popFirst(call, [key], fromHead, count ?? 1));
  },

  blpop: (call, { keys, timeout }) => popOrWait(call, keys, true, timeout),
  brpop: (call, { keys, timeout }) => popOrWait(call, keys, false, timeout),
};

function popOrWait(call: EngineSession, keys: readonly Bytes[], fromHead: boolean, timeout: Bytes): Reply {
  const timeoutMs = parseBlockTimeout(timeout, call.engine);
  for (const key of keys) {
    const popped = popOne(call, key, fromHead, 1);
    if (popped !== null) return popped;
  }
  return waitForList(call, keys, timeoutMs, (key) => popOne(call, key, fromHead, 0));
}

/** Blocks until one of the keys holds a list that `serve` can take from; in a transaction nothing waits. */
function waitForList(
  call: EngineSession,
  keys: readonly Bytes[],
  timeoutMs: number,
  serve: (key: Bytes) => Reply | null,
): Reply {
  if (call.inExec) return NULL_ARRAY;
  return call.engine.blocking.block(call, { keys, type: BLOCK_ON_LIST, timeoutMs, timedOut: NULL_ARRAY, serve });
}

function popOne(call: EngineSession, key: Bytes, fromHead: boolean, changes: number): Reply | null {
  const { db } = call;
  const list = db.listForWrite(key);
  if (list === null) return null;
  const element = list.pop(fromHead)!;
  elementsPopped(db, key, list, fromHead, changes);
  call.engine.propagate(db.index, popEffect(key, fromHead, null));
  return [key, element];
}

interface Move {
  readonly fromHead: boolean;
  readonly toHead: boolean;
  readonly timeout: Bytes;
  readonly effect: Bytes[];
}

function moveOrWait(call: EngineSession, source: Bytes, destination: Bytes, move: Move): Reply {
  const timeoutMs = parseBlockTimeout(move.timeout, call.engine);
  const attempt = (changes: number): Reply | null => {
    const element = moveElement(call.db, source, destination, { ...move, changes });
    if (element !== null) call.engine.propagate(call.db.index, move.effect);
    return element;
  };
  const moved = attempt(1);
  if (moved !== null || call.inExec) return moved;
  return call.engine.blocking.block(call, {
    keys: [source],
    type: BLOCK_ON_LIST,
    timeoutMs,
    timedOut: NULL_ARRAY,
    serve: () => refusalOr(() => attempt(0)),
  });
}

/** A destination of another type ends the wait with an error; the source keeps its element. */
function refusalOr(attempt: () => Reply | null): Reply | null {
  try {
    return attempt();
  } catch (thrown) {
    if (!(thrown instanceof ErrorReply)) throw thrown;
    return thrown;
  }
}
