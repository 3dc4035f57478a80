import type { Request } from '../backend/backend.js';
import type { Spec } from '../commands/spec.js';
import { clientTable } from '../commands/table.js';
import { blockAt } from './blocking.js';

/**
 * Where a command may go. `shared`: the connection that all commands of a client share. `blocking`: one of its own.
 * `session`: the shared one, and what it sets is set again on each new connection. `refused`: it would change what other
 * commands on the shared connection mean. `wait`: it waits for the replicas, for writes of its own connection.
 */
export type Policy = 'shared' | 'blocking' | 'session' | 'refused' | 'wait';

const ofConnection = { changes: 'refused', sets: 'session', waits: 'wait' } as const;

function judge({ name, connection, flags }: Spec): Policy | 'perhaps' {
  if (connection !== undefined) return ofConnection[connection];
  if (name === 'XREAD' || name === 'XREADGROUP') return 'perhaps';
  return flags.includes('blocking') ? 'blocking' : 'shared';
}

const byId: (Policy | 'perhaps')[] = [];

/** Judged once for each command of the table; one that the table does not know is sent as any other. */
export function policyOf(request: Request): Policy {
  const { spec } = request;
  const isKnown = clientTable.own(spec) === spec;
  let policy = isKnown ? byId[spec.id] : undefined;
  if (policy === undefined) {
    policy = judge(spec);
    if (isKnown) byId[spec.id] = policy;
  }
  if (policy === 'shared') return policy;
  if (policy === 'wait' && request.argv.slice(1, -1).every((count) => Number(count) <= 0)) return 'shared';
  if (policy === 'perhaps') return blockAt(request.argv) < 0 ? 'shared' : 'blocking';
  return policy;
}

/** Whether a command asks for nothing but to be sent. */
export function isUsual(request: Request): boolean {
  return policyOf(request) === 'shared';
}
