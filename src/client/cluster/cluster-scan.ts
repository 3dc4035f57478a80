import type { Request } from '../../backend/backend.js';
import { bytesOf, itemsOf } from '../../commands/shape.js';
import type { Bytes } from '../../core/bytes.js';
import { keySlot, SLOTS } from '../../core/crc16.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import type { ClusterNode } from './cluster-node.js';
import type { Router } from './router.js';
import { markOf, readCursor, runFrom, type ScanPlace, writeCursor } from './scan-cursor.js';

/** Carries a request out where a slot is served; tells which node that was. */
export type SlotCall = (request: Request, slot: number) => Promise<{ reply: Reply; node: ClusterNode | null }>;

/**
 * One page of a SCAN over all slots. Of a node's keys only those of the present run of slots are returned; a run whose
 * slots get another owner meanwhile is begun anew. So a key that is there all the time comes at least once, wherever
 * its slot is moved. (A slot that is only half moved when its run ends has keys at two nodes: those may be missed.)
 */
export async function scanCluster(request: Request, router: Router, call: SlotCall): Promise<Reply> {
  const { spec, argv } = request;
  const [name, given = '', ...options] = argv as [Bytes, ...Bytes[]];
  for (let place = readCursor(given); ; place = runFrom(place.slot)) {
    const run = continued(place, router);
    const { reply, node } = await call({ spec, argv: [name, String(run.cursor), ...options] }, run.slot);
    if (reply instanceof ErrorReply) return reply;
    const mark = node === null ? 0 : markOf(node.name);
    // Another node answered than the one whose cursor it was.
    if (run.cursor !== 0n && mark !== run.mark) continue;
    const [cursor, keys] = itemsOf(reply) ?? [];
    const items = (itemsOf(keys ?? []) ?? []).filter((key) => isWithin(run, bytesOf(key) ?? ''));
    const after = BigInt(bytesOf(cursor ?? '0') ?? '0');
    if (after !== 0n) return [writeCursor({ ...run, mark, cursor: after }), items];
    return [await nextRun({ ...run, mark }, router), items];
  }
}

/** The place as it is to be gone on with: from the beginning of its run, if that is not what it was. */
function continued(place: ScanPlace, router: Router): ScanPlace {
  return place.end > 0 && isStill(place, router) ? place : { ...runFrom(place.slot), end: endOf(place.slot, router) };
}

/** Whether all slots of the run are served by the node that it was begun with. */
function isStill({ slot, end, mark }: ScanPlace, { map }: Router): boolean {
  const owner = map.shardOf(slot);
  if (owner === null || markOf(owner.primary.name) !== mark) return false;
  for (let at = slot + 1; at < end; at++) if (map.shardOf(at) !== owner) return false;
  return true;
}

function endOf(slot: number, { map }: Router): number {
  const owner = map.shardOf(slot);
  let end = slot + 1;
  while (end < SLOTS && map.shardOf(end) === owner) end++;
  return end;
}

function isWithin({ slot, end }: ScanPlace, key: Bytes): boolean {
  const own = keySlot(key);
  return own >= slot && own < end;
}

/** The cursor behind a run; the run's own beginning if its slots are not where they were. */
async function nextRun(run: ScanPlace, router: Router): Promise<Bytes> {
  await router.refresh().catch(() => {});
  if (!isStill(run, router)) return writeCursor(runFrom(run.slot));
  return run.end >= SLOTS ? '0' : writeCursor(runFrom(run.end));
}
