import { UnsupportedError } from '../core/errors.js';
import type { Request } from './backend.js';

/** The error for a command that only makes sense in a conversation of one's own. */
export function conversational(command: string): UnsupportedError {
  return new UnsupportedError(
    `${command} would change the connection that all commands share: use transaction(), multi(), reserve() or subscribe()`,
    { command },
  );
}

/** Throws UnsupportedError for a command that would change what others on the same connection mean. */
export function refuseConversational({ spec }: Request): void {
  if (spec.connection === 'changes') throw conversational(spec.name);
}
