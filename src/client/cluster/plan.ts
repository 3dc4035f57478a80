import type { Request } from '../../backend/backend.js';
import { isBoundToNode, keysOf, soleKeyIndex } from '../../backend/split.js';
import type { Spec } from '../../commands/spec.js';
import { commandTable } from '../../commands/table.js';
import { keySlot } from '../../core/crc16.js';
import { InvalidClusterCommandError } from '../../core/errors.js';
import { policyOf } from '../command-policy.js';

/**
 * How a cluster carries a command out.
 *
 * - `key`: one key, always at the same place in the arguments: the way of most commands.
 * - `keys`: keys that have to be looked for, one or several or perhaps none.
 * - `channel`: a message for a channel; any node will do, the channel chooses.
 * - `any`: no key; one node that is always the same.
 * - `shards`, `nodes`: all primaries, or all nodes.
 * - `scan`: one node after the other.
 * - `session`: it sets something of the connections, of all of them.
 * - `apart`: it blocks, or only makes sense in a conversation.
 * - `invalid`: a cluster has one database.
 */
export type PlanKind =
  | 'key'
  | 'keys'
  | 'channel'
  | 'any'
  | 'shards'
  | 'nodes'
  | 'scan'
  | 'session'
  | 'apart'
  | 'invalid';

export interface Plan {
  readonly kind: PlanKind;
  /** Where the key stands, for `key`. */
  readonly index: number;
  /** Whether replicas may answer: not where a cursor is given, which means nothing to another node. */
  readonly isRead: boolean;
}

interface Known extends Plan {
  readonly spec: Spec;
}

/** By the command's number: versions of a command share it, so that one may take the other's place. */
const plans: (Known | undefined)[] = new Array(commandTable.size).fill(undefined);

/** Worked out once for each command of the table. */
export function planOf(request: Request): Plan {
  const { spec } = request;
  const known = spec.id < 0 ? undefined : plans[spec.id];
  if (known !== undefined && known.spec === spec) return known;
  const plan = makePlan(request);
  // XREAD and XREADGROUP block or not by their arguments.
  const lasting = commandTable.own(spec) === spec && spec.name !== 'XREAD' && spec.name !== 'XREADGROUP';
  if (lasting) plans[spec.id] = plan;
  return plan;
}

/** The one slot of a request; −1 if it has none, or several. */
export function slotOf(request: Request): number {
  const { kind, index } = planOf(request);
  if (kind === 'key') return request.argv.length > index ? keySlot(request.argv[index]!) : -1;
  if (kind !== 'keys') return -1;
  const slots = new Set(keysOf(request).map(keySlot));
  return slots.size === 1 ? slots.values().next().value! : -1;
}

function makePlan(request: Request): Known {
  const { spec } = request;
  const index = soleKeyIndex(spec);
  const isRead = spec.isReadonly && !isBoundToNode(spec);
  return { spec, kind: kindOf(request, index), index, isRead };
}

/** One database is all that a cluster has. */
const databases = new Set(['MOVE', 'SELECT', 'SWAPDB']);

function kindOf(request: Request, index: number): PlanKind {
  const { spec } = request;
  if (databases.has(spec.name)) return 'invalid';
  const policy = policyOf(request);
  if (policy === 'session') return 'session';
  if (policy === 'blocking' || policy === 'refused') return 'apart';
  if (index > 0) return 'key';
  if (index < 0) return 'keys';
  // A command that the table does not know most likely has its key in front; a node that knows better says so.
  if (spec.id < 0) return 'keys';
  if (spec.request === 'all_shards') return 'shards';
  if (spec.request === 'all_nodes') return 'nodes';
  if (spec.request === 'special') return 'scan';
  return spec.group === 'pubsub' && spec.isFast ? 'channel' : 'any';
}

export function invalidInCluster({ spec }: Request): InvalidClusterCommandError {
  return new InvalidClusterCommandError(`${spec.name}: a cluster has one database only`, { command: spec.name });
}
