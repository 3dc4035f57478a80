/** Every command the fuzz speaks, with all its options, group by group (the language is that of `template.ts`). */
import { parseTemplate, type Template } from './template.js';

const expiry = '(EX farsecs|PX farms|EXAT ts|PXAT tsms|PERSIST)';
const geoOptions = '[WITHCOORD] [WITHDIST] [WITHHASH] [COUNT some [ANY]] [(ASC|DESC)]';
const geoFrom = '(FROMMEMBER place|FROMLONLAT lon lat) (BYRADIUS radius unit|BYBOX radius radius unit)';
/**
 * Where stored distances are measured from. In one of a thousand cases the C library's own sine is not the nearest
 * double, which shows in the last digit of a distance; from here to any place of `values.ts` it is.
 */
const center = '15 37';

const lines = `
COPY pair [DB db] [REPLACE]
0.5 DEL any+
EXISTS any+
EXPIRE any farsecs [(NX|XX|GT|LT)] !delicate
PEXPIRE any farms [(NX|XX|GT|LT)] !delicate
0.5 EXPIREAT any ts [(NX|XX|GT|LT)] !delicate
0.5 PEXPIREAT any tsms [(NX|XX|GT|LT)] !delicate
EXPIRETIME any ~seconds
PEXPIRETIME any ~millis
KEYS glob ~unordered
0.7 MOVE any db
2 OBJECT ENCODING any
OBJECT REFCOUNT any ~refcount
0.3 OBJECT IDLETIME any ~shape
0.3 OBJECT FREQ any ~shape
PERSIST any
TTL any ~seconds
PTTL any ~millis
0.7 RENAME pair
0.7 RENAMENX pair
0.3 DUMP any ~shape
0.3 RESTORE any 0 val [REPLACE]
2 SORT ordlist [BY sortby] [LIMIT idx few] [GET sortby] [GET #] [(ASC|DESC)] [STORE ordlist] !delicate
2 SORT (ordlist|ordset) [LIMIT idx few] [GET sortby] [GET #] [(ASC|DESC)] [ALPHA] [STORE ordlist] !delicate
SORT ordzset BY NOSORT [LIMIT idx few] [GET sortby] [GET #] [(ASC|DESC)] [STORE ordlist] !delicate
SORT (list|zset|set) [LIMIT idx few] [GET sortby] [GET #] [(ASC|DESC)] [STORE list]
SORT_RO ordlist [BY sortby] [LIMIT idx few] [GET sortby] [GET #] [(ASC|DESC)] !delicate
3 RPUSH ordlist sortable+ !delicate
SADD ordset sortable+ !delicate
ZADD ordzset {score sortable}+ !delicate
0.5 DEL (ordlist|ordlist|ordset|ordzset) !delicate
TOUCH any+
TYPE any
0.5 UNLINK any+
0.2 WAIT 0 0 !delicate

4 EVAL luaprogram
0.5 EVAL_RO luaprogram

2 APPEND str val
DECR num
DECRBY num int
2 GET str
0.5 GETDEL str
GETEX str [${expiry}] !delicate
GETRANGE str idx idx
GETSET str val
2 INCR num
2 INCRBY num int
2 INCRBYFLOAT (flt|flt|num) float
0.5 SET flt float
2 LCS lcs lcs [LEN] [IDX] [MINMATCHLEN few] [WITHMATCHLEN]
MGET str+
MSET {str val}+
MSET {lcs hexes}+
MSETNX {str val}+
PSETEX str farms val !delicate
4 SET str val [(EX farsecs|PX farms|EXAT 4102444800|PXAT 4102444800001|KEEPTTL)] [(NX|XX)] [GET] !delicate
SET num int
0.3 SET str val (EXAT ts|PXAT tsms) [GET] !delicate
SETEX str farsecs val !delicate
SETNX str val
SETRANGE str offset val
STRLEN str
0.5 SUBSTR str idx idx

BITCOUNT bit [idx idx [(BYTE|BIT)]]
3 BITFIELD bit bitop+
BITFIELD_RO bit {GET bitplace}+
BITOP (AND|OR|XOR) bit bit+
BITOP NOT bit bit
BITPOS bit (0|1) [idx [idx [(BYTE|BIT)]]]
GETBIT bit bitoff
3 SETBIT bit bitoff (0|1)
SET bit val

HDEL hash field+
HEXISTS hash field
HGET hash field
HGETALL hash ~pairs
HINCRBY hash numfield int
HINCRBYFLOAT hash numfield float
HKEYS hash ~unordered
HLEN hash
HMGET hash field+
HMSET hash {field val}+
5 HSET hash {field val}+
HSETNX hash field val
HSTRLEN hash field
HVALS hash ~unordered

LINDEX list idx
LINSERT list (BEFORE|AFTER) elem elem
LLEN list
LMOVE list list (LEFT|RIGHT) (LEFT|RIGHT)
LMPOP lists (LEFT|RIGHT) [COUNT few]
LPOP list [count]
LPOS list elem [RANK idx] [COUNT count] [MAXLEN count]
5 LPUSH list elem+
LPUSHX list elem+
LRANGE list idx idx
LREM list idx elem
LSET list idx elem
0.5 LTRIM list idx idx
RPOP list [count]
RPOPLPUSH list list
5 RPUSH list elem+
RPUSHX list elem+
0.5 BLPOP list+ 0.01 !delicate
0.5 BLMOVE list list (LEFT|RIGHT) (LEFT|RIGHT) 0.01 !delicate

5 SADD set member+
2 SADD set int+
SCARD set
SDIFF set+ ~unordered
SDIFFSTORE set set+
SINTER set+ ~unordered
SINTERCARD sets [LIMIT count]
SINTERSTORE set set+
SISMEMBER set member
SMEMBERS set ~unordered
SMISMEMBER set member+
SMOVE set set member
SREM set member+
SUNION set+ ~unordered
SUNIONSTORE set set+

5 ZADD zset [(NX|XX)] [(GT|LT)] [CH] {score member}+
ZADD zset [(NX|XX)] [(GT|LT)] [CH] INCR score member
2 ZADD zset {0 member}+
3 ZADD lexzset {0 member}+ !delicate
ZREM lexzset member+ !delicate
2 ZLEXCOUNT (lexzset|lexzset|ordlist) lex !delicate
2 ZRANGE lexzset lex BYLEX [REV] [LIMIT idx count] !delicate
2 ZRANGEBYLEX (lexzset|lexzset|ordlist) lex [LIMIT idx count] !delicate
2 ZREVRANGEBYLEX (lexzset|lexzset|ordlist) lex [LIMIT idx count] !delicate
ZRANGESTORE zset lexzset lex BYLEX [REV] [LIMIT idx count] !delicate
ZREMRANGEBYLEX (lexzset|lexzset|lexzset|ordlist) lex !delicate
ZCARD zset
ZCOUNT zset range
ZDIFF zsets [WITHSCORES]
ZDIFFSTORE zset zsets
ZINCRBY zset score member
ZINTER weighted [WITHSCORES]
ZINTERCARD zsets [LIMIT count]
ZINTERSTORE zset weighted
ZMPOP zsets (MIN|MAX) [COUNT few]
ZMSCORE zset member+
ZPOPMAX zset [count]
ZPOPMIN zset [count]
2 ZRANGE zset idx idx [REV] [WITHSCORES]
ZRANGE zset range BYSCORE [REV] [LIMIT idx count] [WITHSCORES]
ZRANGEBYSCORE zset range [WITHSCORES] [LIMIT idx count]
ZRANGESTORE zset zset idx idx [REV]
ZRANGESTORE zset zset range BYSCORE [REV] [LIMIT idx count]
ZRANK zset member
ZREM zset member+
0.5 ZREMRANGEBYRANK zset idx idx
0.5 ZREMRANGEBYSCORE zset range
ZREVRANGE zset idx idx [WITHSCORES]
ZREVRANGEBYSCORE zset range [WITHSCORES] [LIMIT idx count]
ZREVRANK zset member
ZSCORE zset member
ZUNION weighted [WITHSCORES]
ZUNIONSTORE zset weighted
0.5 BZPOPMIN zset+ 0.01 !delicate

3 PFADD hll elem*
PFCOUNT hll+
PFMERGE hll hll*
0.5 PFDEBUG (GETREG|ENCODING|DECODE) hll
0.1 PFDEBUG TODENSE hll

4 GEOADD geo [(NX|XX)] [CH] {lon lat place}+
GEODIST geo place place [unit]
GEOHASH geo place*
GEOPOS geo place*
GEORADIUS geo lon lat radius unit ${geoOptions}
0.5 GEORADIUS geo lon lat radius unit [COUNT some] [(ASC|DESC)] [STORE zset]
0.3 GEORADIUS geo ${center} radius unit [COUNT some] [(ASC|DESC)] STOREDIST zset
GEORADIUSBYMEMBER geo place radius unit ${geoOptions}
0.5 GEORADIUSBYMEMBER geo place radius unit STORE geo
GEORADIUS_RO geo lon lat radius unit ${geoOptions}
GEORADIUSBYMEMBER_RO geo place radius unit ${geoOptions}
3 GEOSEARCH geo ${geoFrom} ${geoOptions}
GEOSEARCHSTORE geo geo ${geoFrom} [COUNT some [ANY]] [(ASC|DESC)]
0.5 GEOSEARCHSTORE geo geo FROMLONLAT ${center} BYRADIUS radius unit [COUNT some [ANY]] [(ASC|DESC)] STOREDIST

8 XADD stream [NOMKSTREAM] [(MAXLEN|MAXLEN ~|MAXLEN =) some] newid {numfield val}+ !delicate
XADD stream (MINID|MINID ~) entryid newid {field val}+ !delicate
0.5 XADD stream MAXLEN ~ some LIMIT count newid {numfield val}+ !delicate
XTRIM stream (MAXLEN|MAXLEN ~|MAXLEN =) some
XTRIM stream (MINID|MINID ~) entryid [LIMIT count]
2 XDEL stream entryid+
XLEN stream
2 XRANGE stream bound bound [COUNT count]
2 XREVRANGE stream bound bound [COUNT count]
0.3 XSETID stream newid [ENTRIESADDED some] [MAXDELETEDID entryid]
2 XREAD [COUNT count] after
0.3 XREAD BLOCK 10 after !delicate
4 XREADGROUP GROUP group consumer [COUNT count] [NOACK] fresh
2 XREADGROUP GROUP group consumer [COUNT count] history
0.3 XREADGROUP GROUP group consumer BLOCK 10 fresh !delicate
2 XACK stream group entryid+
XCLAIM stream group consumer minidle entryid+ [IDLE farms] [RETRYCOUNT some] [FORCE] [JUSTID] [LASTID entryid]
XAUTOCLAIM stream group consumer minidle bound [COUNT count] [JUSTID]
XPENDING stream group
XPENDING stream group bound bound count [consumer] ~shape
2 XGROUP CREATE stream group (0|0|$|entryid) [MKSTREAM] [ENTRIESREAD count]
0.3 XGROUP SETID stream group (0|$|entryid) [ENTRIESREAD count]
0.5 XGROUP CREATECONSUMER stream group consumer
0.3 XGROUP DELCONSUMER stream group consumer
0.2 XGROUP DESTROY stream group
XINFO STREAM stream
XINFO STREAM stream FULL [COUNT count] ~shape
XINFO GROUPS stream
XINFO CONSUMERS stream group ~shape

PUBLISH channel val
SPUBLISH channel val
0.5 PUBSUB CHANNELS [chanpat] ~unordered
0.5 PUBSUB NUMSUB channel*
0.5 PUBSUB NUMPAT
0.5 PUBSUB SHARDCHANNELS [chanpat] ~unordered
0.5 PUBSUB SHARDNUMSUB channel*

WATCH any+
UNWATCH
0.3 EXEC
0.3 DISCARD

PING [val]
ECHO val
3 SELECT (0|0|0|db)
0.5 CLIENT GETNAME
0.5 CLIENT SETNAME name
0.3 CLIENT ID ~shape
0.2 CLIENT INFO ~shape
0.2 CLIENT LIST ~shape
0.2 CLIENT NO-EVICT (ON|OFF|MAYBE)
0.2 CLIENT GETREDIR
0.2 CLIENT TRACKINGINFO
0.2 CLIENT TRACKING (OFF|MAYBE)
0.2 CLIENT CACHING (YES|NO)
0.2 CLIENT UNBLOCK 999999999 [(TIMEOUT|ERROR)] !delicate
0.2 CLIENT KILL ID 999999999 !delicate
0.2 CLIENT PAUSE 0 [(WRITE|ALL)] !delicate
0.2 CLIENT UNPAUSE
0.2 CLIENT REPLY ON !delicate
1 HELLO [(2|3|3) [SETNAME name]] ~hello
0.3 RESET

DBSIZE
0.05 FLUSHDB [(ASYNC|SYNC)]
0.01 FLUSHALL [(ASYNC|SYNC)]
0.3 SWAPDB db db
0.2 TIME ~shape
0.2 LASTSAVE ~shape
0.2 ROLE
0.5 CONFIG GET param ~pairs !delicate
0.05 CONFIG RESETSTAT
0.3 COMMAND INFO command command
0.3 CONFIG SET tunable !delicate
0.1 CONFIG SET maxmemory-policy evictpolicy !delicate
0.5 COMMAND GETKEYS (SET str val|MSET {str val}+|ZUNIONSTORE zset weighted|LMPOP lists LEFT|SORT list STORE list|GET)
0.3 COMMAND GETKEYSANDFLAGS (SET str val|COPY pair|BITFIELD bit bitop|LMOVE list list LEFT RIGHT|PING)
DEBUG DIGEST-VALUE any+
0.3 MEMORY USAGE any [SAMPLES few] ~shape
0.1 SLOWLOG LEN ~shape
0.1 INFO ~shape
0.1 COMMAND LIST ~unordered
0.2 COMMAND LIST FILTERBY (ACLCAT comclass|PATTERN comglob|MODULE NONE|NONE 1) ~unordered
0.3 NOSUCHCOMMAND val*

0.1 ACL WHOAMI
0.1 ACL USERS
0.2 ACL LIST ~rules
0.2 ACL CAT ~unordered
0.2 ACL CAT category ~unordered
1.5 ACL SETUSER user aclrule+ !delicate
1 ACL GETUSER user ~rules
0.2 ACL DELUSER user+
1 ACL DRYRUN user (GET str|SET str val|CONFIG GET param|HSET hash field val|COPY pair|PUBLISH glob val|GET|NOSUCH|SELECT db|ACL WHOAMI)
0.1 ACL GENPASS [some] ~shape
0.1 ACL (SAVE|LOAD|NOSUCH|LOG RESET)

0.5 CLUSTER (INFO|NODES|SLOTS|SHARDS|MYID|LINKS|KEYSLOT str|COUNTKEYSINSLOT some|GETKEYSINSLOT some few|RESET|RESET HARD|MEET h1 p1|NOSUCH) !delicate
0.2 (ASKING|READONLY|READWRITE)

1 SCRIPT LOAD smallscript
0.5 SCRIPT EXISTS scriptsha+
0.05 SCRIPT FLUSH [(ASYNC|SYNC|MAYBE)]
0.1 SCRIPT KILL
2 EVALSHA scriptsha 1 str val
1 EVALSHA_RO scriptsha 1 str val
1.5 FUNCTION LOAD [REPLACE] library
0.3 FUNCTION DELETE libname
0.5 FUNCTION LIST [LIBRARYNAME libglob] [WITHCODE] ~unordered
0.05 FUNCTION FLUSH [(ASYNC|SYNC|MAYBE)]
0.1 FUNCTION KILL
0.1 FUNCTION STATS
0.1 FUNCTION DUMP ~shape
2 FCALL fname 1 str val
1 FCALL_RO fname 1 str val
`;

/** Ways to block, for the scenes in which another connection ends the wait. `0` waits until then. */
const blockingLines = `
3 BLPOP list+ 0
2 BRPOP list+ 0
2 BLMOVE list list (LEFT|RIGHT) (LEFT|RIGHT) 0
BRPOPLPUSH list list 0
2 BLMPOP 0 lists (LEFT|RIGHT) [COUNT few]
2 BZPOPMIN zset+ 0
2 BZPOPMAX zset+ 0
2 BZMPOP 0 zsets (MIN|MAX) [COUNT few]
`;

/** Commands that may feed a blocked client. */
const feedingLines = `
4 RPUSH list elem+
2 LPUSH list elem+
RPUSHX list elem
LMOVE list list LEFT RIGHT
RENAME pair
COPY pair REPLACE
SORT list STORE list
3 ZADD zset {score member}+
ZINCRBY zset score member
ZUNIONSTORE zset weighted
ZRANGESTORE zset zset 0 -1
GEOADD zset {lon lat place}
SET list val
DEL any
0.7 SELECT (0|1)
0.7 MOVE list (0|1)
0.5 COPY list list DB (0|1) REPLACE
`;

/** Random replies: compared by shape, and every element must be a member. */
const sampleLines = `
SRANDMEMBER set ~members
SRANDMEMBER set idx ~members
HRANDFIELD hash ~members
HRANDFIELD hash idx ~members
HRANDFIELD hash idx WITHVALUES ~members
ZRANDMEMBER zset ~members
ZRANDMEMBER zset idx ~members
ZRANDMEMBER zset idx WITHSCORES ~members
2 SPOP set ~popped
2 SPOP set few ~popped
2 SCAN 0 [MATCH glob] [COUNT few] [TYPE (SET|LIST|STRING|ZSET|HASH)] ~scanned
2 SSCAN set 0 [MATCH glob] [COUNT few] ~scanned
2 HSCAN hash 0 [MATCH glob] [COUNT few] ~scanned
2 ZSCAN zset 0 [MATCH glob] [COUNT few] ~scanned
`;

/** What Redis 8.0 has and 7.0 lacks. 8.0.2 crashes when a client that has switched NO-TOUCH on serves a blocked one. */
const newerLines = `
2 HEXPIRE hash farsecs [(NX|XX|GT|LT)] fields
2 HPEXPIRE hash farms [(NX|XX|GT|LT)] fields
3 HEXPIREAT hash ts [(NX|XX|GT|LT)] fields
3 HPEXPIREAT hash tsms [(NX|XX|GT|LT)] fields
HTTL hash fields ~shape
HPTTL hash fields ~shape
2 HEXPIRETIME hash fields ~shape
2 HPEXPIRETIME hash fields ~shape
2 HPERSIST hash fields
2 HGETDEL hash fields
3 HGETEX hash [(EX farsecs|PX farms|EXAT ts|PXAT tsms|PERSIST)] fields
3 HSETEX hash [(FNX|FXX)] [(EX farsecs|PX farms|EXAT ts|PXAT tsms|KEEPTTL)] fieldpairs
0.3 CLIENT SETINFO (LIB-NAME|LIB-VER) name
0.3 CLIENT NO-TOUCH (OFF|MAYBE)
`;

/** What Valkey 8.1 has and 7.0 lacks: no fields that end. As 8.0 it crashes over NO-TOUCH and leaves out replies to a wrong AUTH. */
const valkeyLines = `
0.3 CLIENT SETINFO (LIB-NAME|LIB-VER) name
0.3 CLIENT NO-TOUCH (OFF|MAYBE)
ZRANK zset member WITHSCORE
ZREVRANK zset member WITHSCORE
`;

/**
 * What cannot be compared with 8.0: it counts the commands of its own modules, and leaves out the reply to a wrong AUTH that
 * follows other commands in one packet.
 */
const olderLines = `
0.2 AUTH val [val]
0.1 COMMAND COUNT
`;

function table(text: string): Template[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseTemplate);
}

export const commands = table(lines);
export const blockingCommands = table(blockingLines);
export const feedingCommands = table(feedingLines);
export const sampleCommands = table(sampleLines);
export const newerCommands = table(newerLines);
export const valkeyCommands = table(valkeyLines);
export const olderCommands = table(olderLines);
