import type { Request } from '../backend/backend.js';
import { commands } from '../commands/table.js';
import { policyOf } from './command-policy.js';

/** Whether a command may keep its connection busy for long. */
export function holdsUp(request: Request): boolean {
  const policy = policyOf(request);
  return policy === 'blocking' || policy === 'wait';
}

/** Whether WAIT has no write of the same conversation before it. */
export function marks(requests: readonly Request[]): boolean {
  const wait = requests.findIndex((request) => policyOf(request) === 'wait');
  return wait >= 0 && !requests.slice(0, wait).some(({ spec }) => spec.isWrite);
}

/**
 * After any command a server before 7.2 has WAIT look at all writes so far; a later one only after a command that went to
 * the replicas, and a message that nobody waits for is the one that changes nothing.
 */
export function offsetMark(version: string): Request {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const any = major > 0 && (major < 7 || (major === 7 && minor < 2));
  return any
    ? { spec: commands.ping, argv: ['PING'] }
    : { spec: commands.publish, argv: ['PUBLISH', 'keyspan:wait', ''] };
}
