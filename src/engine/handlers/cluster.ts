import { clusterCommands } from '../../commands/cluster.js';
import { helpReply } from '../../commands/help.js';
import type { Spec } from '../../commands/spec.js';
import { asCString, type Bytes } from '../../core/bytes.js';
import { keySlot, SLOTS } from '../../core/crc16.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, OK, type Reply, replyErrors, Status, VerbatimReply } from '../../core/reply.js';
import type { Cluster } from '../cluster/cluster.js';
import { infoText, nodesText, shardsReply, slotsReply } from '../cluster/report.js';
import type { Engine } from '../engine.js';
import type { Handler, HandlersOf } from '../handler.js';
import type { EngineSession } from '../session.js';
import { setSlot } from './cluster-setslot.js';
import { slotStats } from './cluster-slot-stats.js';

const disabled = new ErrorReply('ERR This instance has cluster support disabled');
const wrongSlot = new ErrorReply('ERR Invalid or out of range slot');
const noSlot = new ErrorReply('ERR Invalid slot');
const noSlotOrCount = new ErrorReply('ERR Invalid slot or number of keys');
const notEmpty = new ErrorReply('ERR DB must be empty to perform CLUSTER FLUSHSLOTS.');
const resetWithKeys = new ErrorReply("ERR CLUSTER RESET can't be called with master nodes containing keys");
const forgetMyself = new ErrorReply("ERR I tried hard but I can't forget myself...");
const replicateMyself = new ErrorReply("ERR Can't replicate myself");
const noBus = new ErrorReply('ERR this node has no cluster bus: it cannot meet or follow other nodes');
const onPrimary = new ErrorReply('ERR You should send CLUSTER FAILOVER to a replica');
const epochSet = new ErrorReply('ERR Node config epoch is already non-zero');
const knowsOthers = new ErrorReply(
  'ERR The user can assign a config epoch only when the node does not know any other node.',
);

/**
 * The error reply that was thrown for a command; anything else is thrown on. Without cluster support CLUSTER does not look at
 * its arguments.
 */
export function refusalOf({ cluster }: Engine, { name }: Spec, thrown: unknown): ErrorReply {
  if (!(thrown instanceof ErrorReply)) throw thrown;
  return cluster === null && name.startsWith('CLUSTER ') ? disabled : thrown;
}

type Run = (cluster: Cluster, call: EngineSession, params: Record<string, unknown>) => Reply;

function integerOf(text: unknown, error = replyErrors.notInteger): number {
  const value = parseInteger(text as Bytes);
  if (value === null) throw error;
  return Number(value);
}

function slotOf(text: unknown): number {
  const slot = integerOf(text, wrongSlot);
  if (slot < 0 || slot >= SLOTS) throw wrongSlot;
  return slot;
}

function unknownNode(id: Bytes): ErrorReply {
  return new ErrorReply(`ERR Unknown node ${asCString(id)}`);
}

/** Slots by number, or by ranges of first and last. */
function slotsOf(params: Record<string, unknown>): number[] {
  if (params.slots) return (params.slots as Bytes[]).map((text) => slotOf(text));
  return (params.ranges as [Bytes, Bytes][]).flatMap(([first, last]) => {
    const start = slotOf(first);
    const end = slotOf(last);
    if (start > end) throw new ErrorReply(`ERR start slot number ${start} is greater than end slot number ${end}`);
    return Array.from({ length: end - start + 1 }, (_, i) => start + i);
  });
}

const assign =
  (add: boolean): Run =>
  (cluster, _call, params) => {
    const slots = slotsOf(params);
    const seen = new Set<number>();
    for (const slot of slots) {
      const taken = cluster.owners[slot] !== null && !(add && cluster.byDefault);
      if (add && taken) throw new ErrorReply(`ERR Slot ${slot} is already busy`);
      if (!add && !taken) throw new ErrorReply(`ERR Slot ${slot} is already unassigned`);
      if (seen.has(slot)) throw new ErrorReply(`ERR Slot ${slot} specified multiple times`);
      seen.add(slot);
    }
    if (add) cluster.beginByHand();
    for (const slot of slots) cluster.setOwner(slot, add ? cluster.id : null);
    return OK;
  };

const replicas: Run = (cluster, _call, { nodeId }) => {
  if (!cluster.knows(nodeId as Bytes)) throw unknownNode(nodeId as Bytes);
  return [];
};

/** The subcommands of a cluster node. */
const runs: Record<Exclude<keyof typeof clusterCommands, 'cluster'>, Run> = {
  asking(_cluster, call) {
    call.asking = true;
    return OK;
  },
  clusterAddslots: assign(true),
  clusterAddslotsrange: assign(true),
  clusterBumpepoch(cluster) {
    if (cluster.epoch > 0 && cluster.epoch === cluster.currentEpoch) return new Status(`STILL ${cluster.epoch}`);
    cluster.epoch = ++cluster.currentEpoch;
    return new Status(`BUMPED ${cluster.epoch}`);
  },
  clusterCountFailureReports(cluster, _call, { nodeId }) {
    if (!cluster.knows(nodeId as Bytes)) throw unknownNode(nodeId as Bytes);
    return 0;
  },
  clusterCountkeysinslot: (cluster, _call, { slot }) => cluster.keysIn(slotIn(slot)).length,
  clusterDelslots: assign(false),
  clusterDelslotsrange: assign(false),
  clusterFailover(_cluster, _call, { mode }) {
    const word = (mode as Bytes | undefined)?.toLowerCase();
    if (word !== undefined && word !== 'force' && word !== 'takeover') throw replyErrors.syntax;
    throw onPrimary;
  },
  clusterFlushslots(cluster, { engine }) {
    if (engine.databases[0].size > 0) throw notEmpty;
    cluster.clear();
    return OK;
  },
  clusterForget(cluster, _call, { nodeId }) {
    if (nodeId === cluster.id) throw forgetMyself;
    if (!cluster.nodes.delete(nodeId as Bytes)) throw unknownNode(nodeId as Bytes);
    cluster.owners.forEach((owner, slot) => {
      if (owner === nodeId) cluster.setOwner(slot, null);
    });
    return OK;
  },
  clusterGetkeysinslot(cluster, _call, { slot, count }) {
    const at = integerOf(slot);
    const limit = integerOf(count);
    if (at < 0 || at >= SLOTS || limit < 0) throw noSlotOrCount;
    return cluster.keysIn(at, limit);
  },
  clusterHelp: () => helpReply('cluster'),
  clusterInfo: (cluster) => new VerbatimReply(infoText(cluster)),
  clusterKeyslot: (_cluster, _call, { key }) => keySlot(key as Bytes),
  clusterLinks: () => [],
  clusterMeet() {
    throw noBus;
  },
  clusterMyid: (cluster) => cluster.id,
  clusterMyshardid: (cluster) => cluster.shardId,
  clusterNodes: (cluster, call) => new VerbatimReply(nodesText(cluster, call)),
  clusterReplicas: replicas,
  clusterReplicate(cluster, _call, { nodeId }) {
    if (!cluster.knows(nodeId as Bytes)) throw unknownNode(nodeId as Bytes);
    throw nodeId === cluster.id ? replicateMyself : noBus;
  },
  clusterReset(cluster, { engine }, { mode }) {
    const word = ((mode as Bytes | undefined) ?? 'soft').toLowerCase();
    if (word !== 'hard' && word !== 'soft') throw replyErrors.syntax;
    if (engine.databases[0].size > 0) throw resetWithKeys;
    cluster.reset(word === 'hard');
    return OK;
  },
  clusterSaveconfig: () => OK,
  clusterSetConfigEpoch(cluster, _call, { epoch }) {
    const wanted = integerOf(epoch);
    if (wanted < 0) throw new ErrorReply(`ERR Invalid config epoch specified: ${wanted}`);
    if (cluster.nodes.size > 0) throw knowsOthers;
    if (cluster.epoch !== 0) throw epochSet;
    cluster.epoch = wanted;
    cluster.currentEpoch = Math.max(cluster.currentEpoch, wanted);
    return OK;
  },
  clusterSetslot: (cluster, { argv }, { slot, state, nodeId }) =>
    setSlot(cluster, slotOf(slot), state as Bytes, nodeId as Bytes | undefined, argv),
  clusterShards: (cluster, call) => shardsReply(cluster, call),
  clusterSlaves: replicas,
  clusterSlotStats: (cluster, call, query) => slotStats(cluster, call.engine, query),
  clusterSlots: (cluster, call) => slotsReply(cluster, call),
  readonly(_cluster, call) {
    call.readsReplicas = true;
    return OK;
  },
  readwrite(_cluster, call) {
    call.readsReplicas = false;
    return OK;
  },
};

function slotIn(text: unknown): number {
  const slot = integerOf(text);
  if (slot < 0 || slot >= SLOTS) throw noSlot;
  return slot;
}

/** What a client that a replica may send to its primary can say where there is no cluster. */
const alsoAlone = new Set<string>(['readonly', 'readwrite']);

/** An engine that is not a cluster node says so, whatever it is asked. */
const guarded =
  (name: string, run: Run): Handler =>
  (call, params) => {
    const { cluster } = call.engine;
    if (cluster === null && !(call.redirects && alsoAlone.has(name))) throw disabled;
    return run(cluster!, call, params);
  };

/** Handlers of the cluster group. */
export const clusterHandlers = Object.fromEntries(
  (Object.keys(clusterCommands) as (keyof typeof clusterCommands)[]).flatMap((name) =>
    name === 'cluster' ? [] : [[name, guarded(name, runs[name])]],
  ),
) as unknown as HandlersOf<typeof clusterCommands>;
