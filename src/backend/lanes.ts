import type { Bytes } from '../core/bytes.js';

/**
 * Short ways for the plain forms of the commands that programs give most. Each does just what the long way does, or
 * nothing at all: then it returns undefined and the command takes the long way (a key of another type, MULTI, a
 * monitor, a clock that must be asked …). So a lane never throws, and whoever calls it needs no knowledge of Redis.
 */
export interface Lanes {
  get(key: Bytes): Bytes | null | undefined;
  /** SET without options. */
  set(key: Bytes, value: Bytes): true | undefined;
  incr(key: Bytes): number | undefined;
  /** DEL and EXISTS of one key. */
  del(key: Bytes): 0 | 1 | undefined;
  exists(key: Bytes): 0 | 1 | undefined;
  hget(key: Bytes, field: Bytes): Bytes | null | undefined;
  /** One field. */
  hset(key: Bytes, field: Bytes, value: Bytes): 0 | 1 | undefined;
  sismember(key: Bytes, member: Bytes): 0 | 1 | undefined;
  /** One member, no options. */
  zadd(key: Bytes, member: Bytes, score: number): 0 | 1 | undefined;
  zscore(key: Bytes, member: Bytes): number | null | undefined;
}
