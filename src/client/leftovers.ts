import { ClosedError, ConnectionError, DataError, type KeyspanError, ReplyError } from '../core/errors.js';
import type { Pending } from './pending.js';
import { isLasting } from './socket.js';

/** A command that a connection left without a whole reply. */
export interface Leftover {
  readonly pending: Pending;
  /** Whether its bytes were given to the system. */
  readonly written: boolean;
}

/** Settles what a connection left behind, without another try. */
export function rejectLeftovers(leftovers: readonly Leftover[], error: KeyspanError | null): void {
  for (const { pending, written } of leftovers) pending.reject(lossOf(pending, written, error));
}

/**
 * What may be sent again of that which a connection left behind, as new, in its order; the rest is told of its loss.
 * `repeats` hears of what was written before.
 */
export function repeatable(leftovers: readonly Leftover[], { retriesMax, error, repeats }: RepeatRules): Pending[] {
  const again: Pending[] = [];
  for (const { pending, written } of leftovers) {
    if (written && !mayRepeat(pending, retriesMax)) {
      pending.reject(lossOf(pending, written, error));
      continue;
    }
    if (written) {
      pending.losses++;
      repeats?.(pending);
    }
    pending.restart();
    again.push(pending);
  }
  return again;
}

export interface RepeatRules {
  readonly retriesMax: number;
  readonly error: KeyspanError | null;
  readonly repeats?: (pending: Pending) => void;
}

function mayRepeat(pending: Pending, retriesMax: number): boolean {
  if (pending.retry === 'never' || pending.losses >= retriesMax) return false;
  return pending.retry === 'always' || pending.isRead;
}

/** What the caller of a command is told that lost its connection. */
export function lossOf(pending: Pending, written: boolean, error: KeyspanError | null): KeyspanError {
  const details = { command: pending.commandName, applied: pending.applied(written) };
  if (error === null || error instanceof ClosedError)
    return new ClosedError(`${pending.commandName} had no reply: the client was closed`, details);
  return new ConnectionError(`${pending.commandName} had no reply: ${error.message}`, { ...details, cause: error });
}

/**
 * What the caller of a command is told that waits for a connection which will not be made: the reason itself, unless
 * something is to be said of an earlier connection that the command was written to.
 */
export function refusalOf(pending: Pending, error: KeyspanError): KeyspanError {
  return pending.applied(false) === 'no' ? error : lossOf(pending, false, error);
}

/** Errors that another attempt would only repeat: wrong credentials, no such database or service, a wrong certificate. */
export function isHopeless(error: KeyspanError): boolean {
  return error instanceof ReplyError || error instanceof DataError || isLasting(error.cause);
}
