import type { Redis } from '../backend/facade.js';
import { defineScript, type ScriptDefinition } from '../backend/script.js';
import type { View } from '../backend/view.js';
import { DataError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { secureHex } from '../core/secure-random.js';

/** Whether an action is allowed, and what is left of the limit. */
export interface Verdict {
  readonly allowed: boolean;
  /** How much more is allowed right now. */
  readonly remaining: number;
  /** Milliseconds until this would be allowed; 0 if it is. */
  readonly retryAfter: number;
}

/** Limits how often something happens, by key: a user, an address, … `cost` counts for several at once. */
export interface RateLimit {
  /**
   * Asks whether the action is allowed, and counts it if so. One round trip. Throws DataError for a cost that is
   * invalid or above the limit.
   */
  take(key: string, cost?: number): Promise<Verdict>;
  /** Forgets everything counted for the key. */
  reset(key: string): Promise<void>;
}

/** The limit of a sliding window. */
export interface SlidingWindowOptions {
  /** How much is allowed in any stretch of `window` milliseconds. */
  readonly limit: number;
  /** In milliseconds. */
  readonly window: number;
}

/** The size of a bucket of tokens, and how fast it fills. */
export interface TokenBucketOptions {
  /** How much is allowed at once. */
  readonly capacity: number;
  /** How much is added per second, up to the capacity. */
  readonly perSecond: number;
}

type LimitScript = ScriptDefinition<1, 'strings', unknown>;
const random = new Random();

/**
 * A sorted set of events by time, in microseconds. Times are formatted with all digits, as Lua would write only
 * fourteen.
 */
const windowScript = defineScript(
  `local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
redis.call('zremrangebyscore', KEYS[1], '-inf', string.format('%.0f', now - window))
local used = redis.call('zcard', KEYS[1])
if used + cost > limit then
  local at = used + cost - limit - 1
  local oldest = redis.call('zrange', KEYS[1], at, at, 'withscores')[2]
  return {'0', tostring(limit - used), string.format('%.3f', (oldest + window - now) / 1000)}
end
for i = 1, cost do redis.call('zadd', KEYS[1], string.format('%.0f', now), ARGV[4] .. i) end
redis.call('pexpire', KEYS[1], math.ceil(window / 1000))
return {'1', tostring(limit - used - cost), '0'}`,
  { keys: 1, reply: 'strings', name: 'slidingWindow' },
);

const bucketScript = defineScript(
  `local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local capacity, rate, cost = tonumber(ARGV[1]), tonumber(ARGV[2]) / 1000000, tonumber(ARGV[3])
local kept = redis.call('hmget', KEYS[1], 'tokens', 'at')
local tokens = tonumber(kept[1] or capacity)
tokens = math.min(capacity, tokens + math.max(0, now - (kept[2] or now)) * rate)
local allowed = tokens >= cost
if allowed then tokens = tokens - cost end
redis.call('hset', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', string.format('%.0f', now))
redis.call('pexpire', KEYS[1], math.ceil((capacity - tokens) / rate / 1000) + 1000)
local wait = 0
if not allowed then wait = (cost - tokens) / rate / 1000 end
return {allowed and '1' or '0', tostring(math.floor(tokens)), string.format('%.3f', wait)}`,
  { keys: 1, reply: 'strings', name: 'tokenBucket' },
);

/** Allows at most `limit` in any `window` milliseconds, exactly. Stores one entry per event in the window. */
export function slidingWindow<V extends View>(db: Redis<V>, { limit, window }: SlidingWindowOptions): RateLimit {
  whole(limit, 'limit');
  positive(window, 'window');
  return limiter(db, windowScript, limit, (cost) => [limit, window, cost, secureHex(16, random)]);
}

/** A bucket of `capacity` tokens refilled at `perSecond`: allows bursts and stores O(1) per key. */
export function tokenBucket<V extends View>(db: Redis<V>, { capacity, perSecond }: TokenBucketOptions): RateLimit {
  positive(capacity, 'capacity');
  positive(perSecond, 'perSecond');
  return limiter(db, bucketScript, capacity, (cost) => [capacity, perSecond, cost]);
}

function limiter<V extends View>(
  db: Redis<V>,
  script: LimitScript,
  most: number,
  args: (cost: number) => (string | number)[],
): RateLimit {
  const plain = db.with({ as: 'text', integers: 'number', codec: null }) as unknown as Redis;
  return {
    async take(key, cost = 1) {
      whole(cost, 'cost');
      if (cost > most) throw new DataError(`argument 'cost' must be at most the limit of ${most}, not ${cost}`);
      const [allowed, remaining, wait] = (await plain.run(script, key, args(cost))) as string[];
      return { allowed: allowed === '1', remaining: Number(remaining), retryAfter: Math.ceil(Number(wait)) };
    },
    async reset(key) {
      await plain.del(key);
    },
  };
}

function positive(value: number, what: string): void {
  if (!(value > 0 && Number.isFinite(value))) throw new DataError(`'${what}' must be a positive number, not ${value}`);
}

function whole(value: number, what: string): void {
  if (!(Number.isSafeInteger(value) && value > 0))
    throw new DataError(`'${what}' must be a positive integer, not ${value}`);
}
