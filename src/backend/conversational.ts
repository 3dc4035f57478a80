import { UnsupportedError } from '../core/errors.js';
import type { Request } from './backend.js';

/** The error for a command that only makes sense in an exclusive conversation. */
export function conversational(command: string): UnsupportedError {
  return new UnsupportedError(
    `${command} would change the connection that all commands share: use transaction(), multi(), reserve() or subscribe()`,
    { command },
  );
}

/** Throws UnsupportedError for a command that would affect others on the same connection. */
export function refuseConversational({ spec }: Request): void {
  if (spec.connection === 'changes') throw conversational(spec.name);
}
