import { defineScript } from '../backend/script.js';

/**
 * The steps of a lock on the server, each atomic. KEYS[1] holds the holder's token; KEYS[2] counts the holders (the
 * fencing token) and is also the channel on which releases are announced. ARGV[1] is the caller's token.
 */

/**
 * {1, fencing token} if the lock is the caller's now (or already was), else {0, milliseconds left of the other's lease,
 * or -1}.
 */
export const acquireScript = defineScript(
  `local holder = redis.call('get', KEYS[1])
local lease = tonumber(ARGV[2])
if holder and holder ~= ARGV[1] then return {0, redis.call('pttl', KEYS[1])} end
if lease > 0 then redis.call('set', KEYS[1], ARGV[1], 'px', lease) else redis.call('set', KEYS[1], ARGV[1]) end
if holder then return {1, tonumber(redis.call('get', KEYS[2]) or 0)} end
return {1, redis.call('incr', KEYS[2])}`,
  { keys: 2, reply: 'integers', name: 'lock.acquire' },
);

/** 1 if the lock was the caller's and is free now, even where the user may not publish the release. */
export const releaseScript = defineScript(
  `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
redis.pcall('publish', KEYS[2], '')
return 1`,
  { keys: 2, reply: 'boolean', name: 'lock.release' },
);

/**
 * The milliseconds that the lease lasts from now; -1 if it has no end, -2 if it is not the caller's. With ARGV[3] = 1
 * the lease is set to last that long from now.
 */
export const extendScript = defineScript(
  `if redis.call('get', KEYS[1]) ~= ARGV[1] then return -2 end
local left = redis.call('pttl', KEYS[1])
if left < 0 then return -1 end
local lease = tonumber(ARGV[2])
if ARGV[3] ~= '1' then lease = lease + left end
redis.call('pexpire', KEYS[1], lease)
return lease`,
  { keys: 2, reply: 'integer', name: 'lock.extend' },
);
