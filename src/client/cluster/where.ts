import type { CallOptions } from '../../backend/backend.js';
import { millisNow } from '../../core/clock.js';
import { ClosedError, type KeyspanError, ReplyError, TimeoutError, UnsupportedError } from '../../core/errors.js';
import { isHopeless } from '../leftovers.js';
import type { ClusterNode } from './cluster-node.js';
import { pause } from './pause.js';
import type { Router } from './router.js';

const WAIT_FIRST_MS = 10;
const WAIT_CAP_MS = 400;

/** The primary that serves a slot, as soon as one is known. Rejects at the timeout of the options. */
export async function primaryOf(router: Router, slot: number, options: CallOptions): Promise<ClusterNode> {
  return await until(router, options, () => {
    const shard = router.map.shardOf(slot);
    if (shard !== null) return shard.primary;
    if (router.map.version > 0) throw new ReplyError(`CLUSTERDOWN slot ${slot} is served by no node`);
    return null;
  });
}

/** A primary that is up if there is one: that of the slot, if possible. */
export async function anyPrimary(router: Router, options: CallOptions, slot = 0): Promise<ClusterNode> {
  return await until(router, options, () => {
    const { map } = router;
    const own = map.shardOf(slot)?.primary;
    if (own !== undefined && !own.isDown) return own;
    return map.shards.find(({ primary }) => !primary.isDown)?.primary ?? own ?? map.shards[0]?.primary ?? null;
  });
}

/** What `find` finds, once that who serves what is known. */
async function until(router: Router, options: CallOptions, find: () => ClusterNode | null): Promise<ClusterNode> {
  const { timeout = 0, signal } = options;
  const deadline = timeout > 0 ? millisNow() + timeout : Number.POSITIVE_INFINITY;
  for (let wait = WAIT_FIRST_MS; ; wait = Math.min(WAIT_CAP_MS, wait * 2)) {
    signal?.throwIfAborted();
    if (router.map.version > 0) {
      const found = find();
      if (found !== null) return found;
    }
    try {
      await router.refresh();
    } catch (error) {
      if (error instanceof ClosedError || error instanceof UnsupportedError || isHopeless(error as KeyspanError))
        throw error;
      if (millisNow() + wait >= deadline)
        throw new TimeoutError(`no node of the cluster answered within ${timeout} ms: ${(error as Error).message}`, {
          cause: error,
        });
      await pause(wait);
    }
  }
}
