import type { Spec } from '../../commands/spec.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply } from '../../core/reply.js';
import { routeOf, scriptRefusal } from '../cluster/routing.js';
import type { EngineSession } from '../session.js';
import type { ScriptFlags, ScriptRun } from './script-run.js';

/** What scripts may not do on a replica, or on a node of a cluster. */

const primaryDown = new ErrorReply("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.");
const writesOnReplica = new ErrorReply('READONLY Can not run script with write flag on readonly replica.');
const tooFewReplicas = new ErrorReply('NOREPLICAS Not enough good replicas to write.');
const writeOnReplica = "READONLY You can't write against a read only replica.";
const stale = 'ERR Can not execute the command on a stale replica';

/** Why a script may not begin, or null. Of one that states no flags the single commands are judged. */
export function runDenial({ engine, obeyed }: EngineSession, flags: ScriptFlags | null): ErrorReply | null {
  const { replication, settings } = engine;
  if (obeyed) return null;
  if (replication.mastersDown && flags?.allowStale !== true) return primaryDown;
  if (flags === null || flags.noWrites) return null;
  if (replication.readOnly) return writesOnReplica;
  return replication.tooFewReplicas(settings) ? tooFewReplicas : null;
}

/** Why a command of a script is refused, or null. */
export function commandDenial(run: ScriptRun, spec: Spec, argv: readonly Bytes[]): string | null {
  const { caller, engine } = run;
  if (caller.obeyed) return null;
  const { replication, cluster } = engine;
  if (replication.mastersDown && !spec.flags.includes('stale')) return stale;
  if (spec.isWrite && !run.dirty) {
    if (replication.readOnly) return writeOnReplica;
    if (replication.tooFewReplicas(engine.settings)) return tooFewReplicas.text;
  }
  if (cluster === null) return null;
  const route = routeOf(cluster, run.session, spec, argv);
  const reason = scriptRefusal(route, caller.slot, run.crossSlots);
  if (reason !== null) return `ERR ${reason}`;
  if (caller.slot < 0) caller.slot = route.slot;
  return null;
}
