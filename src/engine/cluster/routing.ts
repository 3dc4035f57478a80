import { keysOf, type Spec } from '../../commands/spec.js';
import type { Bytes } from '../../core/bytes.js';
import { keySlot } from '../../core/crc16.js';
import { ErrorReply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import type { EngineSession } from '../session.js';
import type { Cluster } from './cluster.js';

const crossSlot = new ErrorReply("CROSSSLOT Keys in request don't hash to the same slot");
const unstable = new ErrorReply('TRYAGAIN Multiple keys request during rehashing of slot');
const down = new ErrorReply('CLUSTERDOWN The cluster is down');
const readsOnly = new ErrorReply('CLUSTERDOWN The cluster is down and only accepts read commands');
const notServed = new ErrorReply('CLUSTERDOWN Hash slot not served');

interface Command {
  readonly spec: Spec;
  readonly argv: readonly Bytes[];
}

/** The keys of some commands as far as they concern routing. */
interface KeyFacts {
  /** −1: no command has a key. */
  slot: number;
  crossing: boolean;
  several: boolean;
  missing: number;
  existing: number;
}

/** What a request's keys mean for the node: the error that sends the client elsewhere, or null and the slot (−1: no keys). */
export interface Route {
  readonly refusal: ErrorReply | null;
  readonly slot: number;
}

const HERE_WITHOUT_KEYS: Route = { refusal: null, slot: -1 };

/** Channels of shards have slots as keys have, but are no keys. */
function isShardChannel({ group, keySpecs }: Spec): boolean {
  return group === 'pubsub' && keySpecs.length > 0;
}

function factsOf(engine: Engine, cluster: Cluster, commands: readonly Command[]): KeyFacts {
  const facts: KeyFacts = { slot: -1, crossing: false, several: false, missing: 0, existing: 0 };
  let first: Bytes | null = null;
  for (const { spec, argv } of commands) {
    const shard = isShardChannel(spec);
    for (const { index } of keysOf(spec, argv) ?? []) {
      const key = argv[index];
      const slot = keySlot(key);
      if (first === null) {
        first = key;
        facts.slot = slot;
      } else if (key !== first) {
        facts.several = true;
        if (slot !== facts.slot) facts.crossing = true;
      }
      if (shard || (!cluster.migrating.has(facts.slot) && !cluster.importing.has(facts.slot))) continue;
      if (engine.databases[0].keyspace.find(key) < 0) facts.missing++;
      else facts.existing++;
    }
  }
  return facts;
}

/** Whether the node carries out a request, by its keys. EXEC has the keys of its queue. */
export function routeOf(cluster: Cluster, session: EngineSession, spec: Spec, argv: readonly Bytes[]): Route {
  const { engine } = session;
  const isExec = spec.fullName === 'exec';
  if (isExec ? session.queue === null : spec.keySpecs.length === 0 && !spec.findKeys) return HERE_WITHOUT_KEYS;
  const commands = isExec ? session.queue! : [{ spec, argv }];
  const facts = factsOf(engine, cluster, commands);
  if (facts.slot < 0) return HERE_WITHOUT_KEYS;
  return { refusal: refusalFor(cluster, session, commands, facts), slot: facts.slot };
}

function refusalFor(
  cluster: Cluster,
  session: EngineSession,
  commands: readonly Command[],
  facts: KeyFacts,
): ErrorReply | null {
  const { slot } = facts;
  const owner = cluster.owners[slot];
  if (owner === null) return notServed;
  if (facts.crossing) return crossSlot;
  const closed = cluster.ok ? null : refusedWhenDown(session, commands);
  if (closed !== null) return closed;
  const target = owner === cluster.id ? cluster.migrating.get(slot) : undefined;
  const arriving = cluster.importing.has(slot);
  if ((target !== undefined || arriving) && commands[0].spec.fullName === 'migrate') return null;
  if (target !== undefined && facts.missing > 0) {
    return facts.existing > 0 ? unstable : redirect('ASK', cluster, slot, target);
  }
  const asked = session.asking || commands.some(({ spec }) => spec.flags.includes('asking'));
  if (arriving && asked) return facts.several && facts.missing > 0 ? unstable : null;
  return owner === cluster.id ? null : redirect('MOVED', cluster, slot, owner);
}

function refusedWhenDown({ engine: { config } }: EngineSession, commands: readonly Command[]): ErrorReply | null {
  if (commands.some(({ spec }) => isShardChannel(spec)))
    return config.flag('cluster-allow-pubsubshard-when-down') ? null : down;
  if (!config.flag('cluster-allow-reads-when-down')) return down;
  return commands.some(({ spec }) => spec.isWrite) ? readsOnly : null;
}

function redirect(word: 'ASK' | 'MOVED', cluster: Cluster, slot: number, id: string): ErrorReply {
  const node = cluster.nodes.get(id);
  return node === undefined ? notServed : new ErrorReply(`${word} ${slot} ${node.host}:${node.port}`);
}

/** Why a script may not give a command, or null. `declared`: the slot of the script's keys so far, −1 for none. */
export function scriptRefusal(route: Route, declared: number, crossingAllowed: boolean): string | null {
  const { refusal, slot } = route;
  if (refusal === down) return 'Script attempted to execute a command while the cluster is down';
  if (refusal === readsOnly)
    return 'Script attempted to execute a write command while the cluster is down and readonly';
  if (refusal !== null) return 'Script attempted to access a non local key in a cluster node';
  if (slot < 0 || declared < 0 || crossingAllowed || slot === declared) return null;
  return 'Script attempted to access keys that do not hash to the same slot';
}
