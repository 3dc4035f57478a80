/** The bytes that say what follows in RDB data. */

/** The version that is written: Redis 7.0's. */
export const RDB_VERSION = 10;
/** What is written where fields of hashes have ends: Redis 7.4's. */
export const RDB_VERSION_TIMED = 12;
/** The newest version whose files are read: Redis 7.4's. What it has and 7.0 lacks is refused where it occurs. */
export const RDB_VERSION_MAX = 12;
/** The newest version of Valkey's own files, which begin with VALKEY: 9.0's. Valkey 8 writes Redis' version 11. */
export const VALKEY_VERSION_MAX = 80;
/** From here on Redis and Valkey mean different things by the type of a value. */
export const FOREIGN_TYPE_MIN = 22;

// Values.
export const STRING = 0;
export const LIST = 1;
export const SET = 2;
/** Scores as text. */
export const ZSET = 3;
export const HASH = 4;
/** Scores as doubles. */
export const ZSET_2 = 5;
export const MODULE = 6;
export const MODULE_2 = 7;
export const HASH_ZIPMAP = 9;
export const LIST_ZIPLIST = 10;
export const SET_INTSET = 11;
export const ZSET_ZIPLIST = 12;
export const HASH_ZIPLIST = 13;
export const LIST_QUICKLIST = 14;
export const STREAM_LISTPACKS = 15;
export const HASH_LISTPACK = 16;
export const ZSET_LISTPACK = 17;
export const LIST_QUICKLIST_2 = 18;
export const STREAM_LISTPACKS_2 = 19;
export const SET_LISTPACK = 20;
export const STREAM_LISTPACKS_3 = 21;
/** The ends of fields after the first end, which stands at the beginning; 0: none. */
export const HASH_METADATA = 24;
/** Triples of field, value and end, in the order of the ends. */
export const HASH_LISTPACK_EX = 25;

// Everything else in a file.
/** From here on a byte says something of the file or of the next key. */
export const OPCODE_MIN = 240;
export const SLOT_INFO = 244;
export const FUNCTION_2 = 245;
export const FUNCTION_PRE_GA = 246;
export const MODULE_AUX = 247;
export const IDLE = 248;
export const FREQ = 249;
export const AUX = 250;
export const RESIZEDB = 251;
export const EXPIRETIME_MS = 252;
export const EXPIRETIME = 253;
export const SELECTDB = 254;
export const EOF = 255;

// The two upper bits of a length set: no length, but how a string is encoded.
export const ENCODED = 0xc0;
export const ENCODED_INT8 = 0;
export const ENCODED_INT16 = 1;
export const ENCODED_INT32 = 2;
export const ENCODED_LZF = 3;

// The nodes of a quicklist.
export const NODE_PLAIN = 1;
export const NODE_PACKED = 2;
