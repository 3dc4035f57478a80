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
