import type { Bytes } from '../core/bytes.js';

/**
 * Short ways for the plain forms of the commands that programs give most. Each does just what the long way does, or
 * nothing at all: then it returns undefined and the command takes the long way (a key of another type, MULTI, a
 * monitor, a key that has expired …). So a lane never throws, and whoever calls it needs no knowledge of Redis.
 *
 * Keys and elements come as text: those that are used again and again are then found without being encoded.
 */
export interface Lanes {
  /** GET, the value as text. */
  getText(key: string): string | null | undefined;
  /** SET without options. The value is text too. */
  set(key: string, value: string): true | undefined;
  /** SET with EX or PX and nothing else: `ms` is a whole number, 1 … 2^50. */
  setFor(key: string, value: string, ms: number): true | undefined;
  incr(key: string): number | undefined;
  /** DEL and EXISTS of one key. */
  del(key: string): 0 | 1 | undefined;
  exists(key: string): 0 | 1 | undefined;
  /** EXPIRE without options: whole seconds, 1 … 2^40. */
  expire(key: string, seconds: number): 0 | 1 | undefined;
  ttl(key: string): number | undefined;
  /** HGET, the value as text, and as bytes. */
  hgetText(key: string, field: string): string | null | undefined;
  hget(key: string, field: string): Bytes | null | undefined;
  hmget(key: string, fields: readonly string[]): (Bytes | null)[] | undefined;
  /** One field. */
  hset(key: string, field: string, value: string): 0 | 1 | undefined;
  /** The increment is a whole number within ±2^53. */
  hincrby(key: string, field: string, increment: number): number | undefined;
  /** One member. */
  sadd(key: string, member: Bytes): 0 | 1 | undefined;
  sismember(key: string, member: string): 0 | 1 | undefined;
  /** One member, no options. */
  zadd(key: string, member: string, score: number): 0 | 1 | undefined;
  zincrby(key: string, increment: number, member: string): number | undefined;
  zscore(key: string, member: string): number | null | undefined;
  /** ZRANK, or ZREVRANK. */
  zrank(key: string, member: string, reverse: boolean): number | null | undefined;
  /** ZRANGE or ZREVRANGE by rank, the members as text. */
  zrange(key: string, start: number, stop: number, query: RankQuery): string[] | undefined;
  /** LPUSH or RPUSH of one element. */
  push(key: string, element: Bytes, atHead: boolean): number | undefined;
  /** LPOP or RPOP without a count. */
  pop(key: string, fromHead: boolean): Bytes | null | undefined;
  /** The elements as text. */
  lrange(key: string, start: number, stop: number): string[] | undefined;
}

/** Which of the commands that read ranks it is, from which end they count, and where scores go if they are wanted. */
export interface RankQuery {
  readonly command: 'zrange' | 'zrevrange';
  readonly reverse: boolean;
  readonly scores: number[] | null;
}
