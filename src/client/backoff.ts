import type { KeyspanError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { type BackoffOptions, clientDefaults, type ReconnectPolicy } from './client-options.js';

/** Waits that grow by a factor up to a cap, part of each left to chance so that clients do not come back in step. */
export function backoff(options: BackoffOptions, random: Random): ReconnectPolicy {
  const { base, factor, cap, jitter } = { ...clientDefaults.backoff, ...options };
  return (attempt) => {
    const whole = Math.min(cap, base * factor ** (attempt - 1));
    return whole * (1 - jitter * random.unit());
  };
}

/**
 * What a policy says, or null: for null, and for what is no time to wait. A policy that throws is not asked for another
 * attempt; its error is its author's.
 */
export function waitBefore<E extends KeyspanError>(
  attempt: number,
  error: E,
  policy: (attempt: number, error: E) => number | null,
): number | null {
  try {
    const wait = policy(attempt, error);
    return wait !== null && wait >= 0 && wait < Number.POSITIVE_INFINITY ? wait : null;
  } catch (fault) {
    queueMicrotask(() => {
      throw fault;
    });
    return null;
  }
}
