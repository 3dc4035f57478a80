/** Ready-made uses of Redis, over the façade alone: they work on every backend that runs scripts. */

export { type AcquireOptions, Lock, type LockOptions, lock } from './lock.js';
export { LockError, LockNotOwnedError } from './lock-error.js';
export {
  type RateLimit,
  type SlidingWindowOptions,
  slidingWindow,
  type TokenBucketOptions,
  tokenBucket,
  type Verdict,
} from './rate-limit.js';
