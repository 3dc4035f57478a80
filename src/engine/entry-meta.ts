/**
 * The layout of a key's record in the keyspace table. Four words follow the table's own:
 *
 *     0  A: string → slab pointer or low half of the integer; otherwise → index of the value object
 *     1  B: string → length or high half of the integer
 *     2  meta: | 24 bits LRU clock, or LFU time and counter | 1 raw | 2 form | … | 3 type |
 *     3  one more than the position in the expiry index; 0 without a TTL
 */
export const A = 0;
export const B = 1;
export const META = 2;
export const EXPIRY = 3;
export const WORDS = 4;

export const TYPE_STRING = 0;
export const TYPE_LIST = 1;
export const TYPE_SET = 2;
export const TYPE_ZSET = 3;
export const TYPE_HASH = 4;
export const TYPE_STREAM = 5;
export const TYPE_MASK = 7;

/** The string is a 64-bit integer in A and B. */
export const FORM_INT = 0x08;
/** The string was changed in place: its encoding stays raw whatever its length. */
export const FORM_RAW = 0x10;
/** The string's block begins with its capacity and has room to grow. */
export const FORM_SLACK = 0x20;

/** The integer is an object of its own, made by COPY, however small: OBJECT REFCOUNT tells. */
export const FORM_OWN = 0x40;

/** The keyspace's text cache holds this string as it is now. Cleared by every write. */
export const FORM_CACHED = 0x80;

export const USE_SHIFT = 8;

export const typeNames = ['string', 'list', 'set', 'zset', 'hash', 'stream'] as const;
export type TypeName = (typeof typeNames)[number];
