import type { Bytes } from '../core/bytes.js';

/**
 * Short ways for the plain forms of the commands that programs give most. Each does just what the long way does, or
 * nothing at all: then it returns undefined and the command takes the long way (a key of another type, MULTI, a
 * monitor, a key that has expired …). So a lane never throws, and whoever calls it needs no knowledge of Redis.
 *
 * Keys come as text: those that are used again and again are then found without being encoded.
 */
export interface Lanes {
  /** GET, the value as text. */
  getText(key: string): string | null | undefined;
  /** SET without options. The value is text too. */
  set(key: string, value: string): true | undefined;
  incr(key: string): number | undefined;
  /** DEL and EXISTS of one key. */
  del(key: string): 0 | 1 | undefined;
  exists(key: string): 0 | 1 | undefined;
  hget(key: string, field: Bytes): Bytes | null | undefined;
  /** One field. */
  hset(key: string, field: Bytes, value: Bytes): 0 | 1 | undefined;
  sismember(key: string, member: Bytes): 0 | 1 | undefined;
  /** One member, no options. */
  zadd(key: string, member: Bytes, score: number): 0 | 1 | undefined;
  zscore(key: string, member: Bytes): number | null | undefined;
}
