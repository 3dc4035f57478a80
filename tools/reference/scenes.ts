/**
 * What commands are asked whose arguments do not follow from the grammar alone, because they concern the server, its
 * connections, scripts or the cluster. Each command has connections of its own; `{…}` stands for what an earlier
 * reply said.
 */
export interface Scene {
  /** The server that is asked; `cluster` is a node of a cluster that serves all slots. */
  readonly on?: 'server' | 'cluster';
  /** Asked first, on the same connection, without being noted. */
  readonly before?: readonly string[];
  /** Each is a line of words; quotes as in redis-cli. */
  readonly ask: readonly string[];
  /** Puts back what was changed. */
  readonly after?: readonly string[];
  /** Asked when nothing is written in the background. */
  readonly alone?: boolean;
}

const LIBRARY =
  "\"#!lua name=lib\\nredis.register_function{function_name='f', callback=function(keys, args) return args end, flags={'no-writes'}}\"";
const ABSENT = 'ffffffffffffffffffffffffffffffffffffffff';

const scripting: Readonly<Record<string, Scene>> = {
  EVAL: {
    ask: [
      'EVAL "return 1" 0',
      'EVAL "return ARGV[1]" 0 a',
      'EVAL "return ARGV" 0 a b',
      'EVAL "return {ok=\'fine\'}" 0',
      'EVAL "return nil" 0',
      'EVAL "redis.setresp(3) return redis.call(\'HGETALL\', KEYS[1])" 1 hash',
      'EVAL "return redis.error_reply(\'MY own\')" 0',
      'EVAL "return 1" x',
      'EVAL "return 1" -1',
      'EVAL "return 1" 2 a',
    ],
    before: ['HSET hash f v'],
  },
  EVAL_RO: {
    ask: ['EVAL_RO "return 1" 0', 'EVAL_RO "return ARGV" 0 a', 'EVAL_RO "return nil" 0', 'EVAL_RO "return 1" x'],
  },
  EVALSHA: {
    before: ['SCRIPT LOAD "return ARGV[1]"'],
    ask: ['EVALSHA 098e0f0d1448c0a81dafe820f66d460eb09263da 0 a', `EVALSHA ${ABSENT} 0`],
  },
  EVALSHA_RO: {
    before: ['SCRIPT LOAD "return ARGV[1]"'],
    ask: ['EVALSHA_RO 098e0f0d1448c0a81dafe820f66d460eb09263da 0 a', `EVALSHA_RO ${ABSENT} 0`],
  },
  FCALL: { before: [`FUNCTION LOAD ${LIBRARY}`], ask: ['FCALL f 0 a', 'FCALL nosuch 0', 'FCALL f x', 'FCALL f -1'] },
  FCALL_RO: { before: [`FUNCTION LOAD ${LIBRARY}`], ask: ['FCALL_RO f 0 a', 'FCALL_RO nosuch 0', 'FCALL_RO f x'] },
  'FUNCTION DELETE': {
    before: [`FUNCTION LOAD ${LIBRARY}`],
    ask: ['FUNCTION DELETE lib', 'FUNCTION DELETE lib'],
  },
  'FUNCTION DUMP': { before: [`FUNCTION LOAD ${LIBRARY}`], ask: ['FUNCTION DUMP'] },
  'FUNCTION FLUSH': { ask: ['FUNCTION FLUSH', 'FUNCTION FLUSH ASYNC', 'FUNCTION FLUSH now'] },
  'FUNCTION HELP': { ask: ['FUNCTION HELP'] },
  'FUNCTION KILL': { ask: ['FUNCTION KILL'] },
  'FUNCTION LIST': {
    before: [`FUNCTION LOAD ${LIBRARY}`],
    ask: ['FUNCTION LIST', 'FUNCTION LIST WITHCODE LIBRARYNAME l*', 'FUNCTION LIST now'],
  },
  'FUNCTION LOAD': {
    ask: [
      `FUNCTION LOAD ${LIBRARY}`,
      `FUNCTION LOAD ${LIBRARY}`,
      `FUNCTION LOAD REPLACE ${LIBRARY}`,
      'FUNCTION LOAD "return 1"',
      'FUNCTION LOAD "#!lua name=empty"',
      'FUNCTION LOAD "#!js name=lib"',
    ],
  },
  'FUNCTION RESTORE': {
    before: [`FUNCTION LOAD ${LIBRARY}`],
    ask: ['FUNCTION RESTORE {dump}', 'FUNCTION RESTORE {dump} REPLACE', 'FUNCTION RESTORE payload'],
  },
  'FUNCTION STATS': { before: [`FUNCTION LOAD ${LIBRARY}`], ask: ['FUNCTION STATS'] },
  'SCRIPT DEBUG': { ask: ['SCRIPT DEBUG NO', 'SCRIPT DEBUG maybe'] },
  'SCRIPT EXISTS': { ask: [`SCRIPT EXISTS ${ABSENT}`] },
  'SCRIPT FLUSH': { ask: ['SCRIPT FLUSH', 'SCRIPT FLUSH SYNC', 'SCRIPT FLUSH now'] },
  'SCRIPT HELP': { ask: ['SCRIPT HELP'] },
  'SCRIPT KILL': { ask: ['SCRIPT KILL'] },
  'SCRIPT SHOW': {
    before: ['SCRIPT LOAD "return ARGV[1]"'],
    ask: ['SCRIPT SHOW 098e0f0d1448c0a81dafe820f66d460eb09263da', `SCRIPT SHOW ${ABSENT}`],
  },
  'SCRIPT LOAD': { ask: ['SCRIPT LOAD "return 1"', 'SCRIPT LOAD "return"', 'SCRIPT LOAD "("'] },
};

const connection: Readonly<Record<string, Scene>> = {
  AUTH: { ask: ['AUTH default any', 'AUTH any', 'AUTH nobody any'] },
  'CLIENT CACHING': {
    ask: ['CLIENT CACHING YES', 'CLIENT TRACKING ON OPTIN', 'CLIENT CACHING YES', 'CLIENT CACHING maybe'],
  },
  'CLIENT CAPA': { ask: ['CLIENT CAPA redirect'] },
  'CLIENT GETNAME': { ask: ['CLIENT GETNAME', 'CLIENT SETNAME me', 'CLIENT GETNAME'] },
  'CLIENT GETREDIR': { ask: ['CLIENT GETREDIR'] },
  'CLIENT HELP': { ask: ['CLIENT HELP'] },
  'CLIENT ID': { ask: ['CLIENT ID'] },
  'CLIENT INFO': { ask: ['CLIENT INFO'] },
  'CLIENT KILL': {
    ask: [
      'CLIENT KILL ID 999999',
      'CLIENT KILL 127.0.0.1:1',
      'CLIENT KILL ID x',
      'CLIENT KILL TYPE x',
      'CLIENT KILL USER nobody',
    ],
  },
  'CLIENT LIST': { ask: ['CLIENT LIST', 'CLIENT LIST TYPE normal', 'CLIENT LIST TYPE x', 'CLIENT LIST ID x'] },
  'CLIENT NO-EVICT': { ask: ['CLIENT NO-EVICT on', 'CLIENT NO-EVICT off', 'CLIENT NO-EVICT maybe'] },
  'CLIENT NO-TOUCH': { ask: ['CLIENT NO-TOUCH on', 'CLIENT NO-TOUCH off', 'CLIENT NO-TOUCH maybe'] },
  'CLIENT PAUSE': {
    ask: ['CLIENT PAUSE 1 WRITE', 'CLIENT PAUSE x', 'CLIENT PAUSE -1', 'CLIENT PAUSE 1 maybe'],
    after: ['CLIENT UNPAUSE'],
  },
  'CLIENT REPLY': { ask: ['CLIENT REPLY ON', 'CLIENT REPLY maybe'] },
  'CLIENT SETINFO': { ask: ['CLIENT SETINFO lib-name me', 'CLIENT SETINFO lib-name "a b"', 'CLIENT SETINFO nosuch x'] },
  'CLIENT SETNAME': { ask: ['CLIENT SETNAME me', 'CLIENT SETNAME "a b"'] },
  'CLIENT TRACKING': {
    ask: [
      'CLIENT TRACKING ON',
      'CLIENT TRACKING OFF',
      'CLIENT TRACKING ON PREFIX a',
      'CLIENT TRACKING ON REDIRECT 999999',
      'CLIENT TRACKING ON OPTIN OPTOUT',
      'CLIENT TRACKING ON BCAST OPTIN',
      'CLIENT TRACKING ON BCAST PREFIX ab PREFIX a',
    ],
  },
  'CLIENT TRACKINGINFO': { ask: ['CLIENT TRACKINGINFO'] },
  'CLIENT UNBLOCK': { ask: ['CLIENT UNBLOCK 999999', 'CLIENT UNBLOCK x', 'CLIENT UNBLOCK 1 maybe'] },
  'CLIENT UNPAUSE': { ask: ['CLIENT UNPAUSE'] },
  HELLO: { ask: ['HELLO', 'HELLO 4', 'HELLO x', 'HELLO 3 AUTH nobody any', 'HELLO 2 SETNAME "a b"', 'HELLO 2 maybe'] },
  QUIT: { ask: ['QUIT'] },
  RESET: { ask: ['RESET'] },
  SELECT: { ask: ['SELECT 1', 'SELECT 99', 'SELECT x'] },
};

const messages: Readonly<Record<string, Scene>> = {
  SUBSCRIBE: { ask: ['SUBSCRIBE news'] },
  UNSUBSCRIBE: { before: ['SUBSCRIBE news'], ask: ['UNSUBSCRIBE news', 'UNSUBSCRIBE'] },
  PSUBSCRIBE: { ask: ['PSUBSCRIBE n*'] },
  PUNSUBSCRIBE: { before: ['PSUBSCRIBE n*'], ask: ['PUNSUBSCRIBE n*', 'PUNSUBSCRIBE'] },
  SSUBSCRIBE: { ask: ['SSUBSCRIBE news'] },
  SUNSUBSCRIBE: { before: ['SSUBSCRIBE news'], ask: ['SUNSUBSCRIBE news', 'SUNSUBSCRIBE'] },
  'PUBSUB CHANNELS': { ask: ['PUBSUB CHANNELS'] },
  'PUBSUB HELP': { ask: ['PUBSUB HELP'] },
  'PUBSUB NUMPAT': { ask: ['PUBSUB NUMPAT'] },
  'PUBSUB NUMSUB': { ask: ['PUBSUB NUMSUB news', 'PUBSUB NUMSUB'] },
  'PUBSUB SHARDCHANNELS': { ask: ['PUBSUB SHARDCHANNELS'] },
  'PUBSUB SHARDNUMSUB': { ask: ['PUBSUB SHARDNUMSUB news', 'PUBSUB SHARDNUMSUB'] },
};

const transactions: Readonly<Record<string, Scene>> = {
  DISCARD: { ask: ['DISCARD', 'MULTI', 'DISCARD'] },
  EXEC: {
    before: ['SET text x', 'MULTI', 'GET text', 'INCR number'],
    ask: ['EXEC', 'EXEC', 'MULTI', 'NOSUCH', 'EXEC', 'WATCH text', 'SET text y', 'MULTI', 'GET text', 'EXEC'],
  },
  MULTI: { ask: ['MULTI', 'MULTI', 'DISCARD'] },
  UNWATCH: { ask: ['UNWATCH'] },
  WATCH: { ask: ['WATCH a b', 'UNWATCH', 'MULTI', 'WATCH a', 'DISCARD'] },
};

const users: Readonly<Record<string, Scene>> = {
  'ACL CAT': { ask: ['ACL CAT', 'ACL CAT string', 'ACL CAT nosuch'] },
  'ACL DELUSER': { ask: ['ACL DELUSER nobody', 'ACL DELUSER default'] },
  'ACL DRYRUN': {
    ask: ['ACL DRYRUN default GET k', 'ACL DRYRUN nobody GET k', 'ACL DRYRUN default NOSUCH', 'ACL DRYRUN default GET'],
  },
  'ACL GENPASS': { ask: ['ACL GENPASS', 'ACL GENPASS 5', 'ACL GENPASS 0', 'ACL GENPASS x'] },
  'ACL GETUSER': { ask: ['ACL GETUSER default', 'ACL GETUSER nobody'] },
  'ACL HELP': { ask: ['ACL HELP'] },
  'ACL LIST': { ask: ['ACL LIST'] },
  'ACL LOAD': { ask: ['ACL LOAD'] },
  'ACL LOG': {
    ask: ['ACL LOG', 'ACL LOG RESET', 'ACL LOG x', 'AUTH nobody any', 'ACL LOG 1'],
    after: ['ACL LOG RESET'],
  },
  'ACL SAVE': { ask: ['ACL SAVE'] },
  'ACL SETUSER': {
    ask: [
      'ACL SETUSER someone on ~* +get',
      'ACL SETUSER someone +nosuch',
      'ACL SETUSER someone nosuch',
      'ACL SETUSER "a b"',
    ],
    after: ['ACL DELUSER someone'],
  },
  'ACL USERS': { ask: ['ACL USERS'] },
  'ACL WHOAMI': { ask: ['ACL WHOAMI'] },
};

const administration: Readonly<Record<string, Scene>> = {
  COMMAND: { ask: ['COMMAND'] },
  'COMMAND COUNT': { ask: ['COMMAND COUNT'] },
  'COMMAND DOCS': { ask: ['COMMAND DOCS get', 'COMMAND DOCS nosuch'] },
  'COMMAND GETKEYS': {
    ask: ['COMMAND GETKEYS GET k', 'COMMAND GETKEYS ECHO a', 'COMMAND GETKEYS NOSUCH a', 'COMMAND GETKEYS GET a b'],
  },
  'COMMAND GETKEYSANDFLAGS': {
    ask: ['COMMAND GETKEYSANDFLAGS GET k', 'COMMAND GETKEYSANDFLAGS ECHO a', 'COMMAND GETKEYSANDFLAGS NOSUCH a'],
  },
  'COMMAND HELP': { ask: ['COMMAND HELP'] },
  'COMMAND INFO': { ask: ['COMMAND INFO get', 'COMMAND INFO get nosuch'] },
  'COMMAND LIST': { ask: ['COMMAND LIST', 'COMMAND LIST FILTERBY PATTERN g*', 'COMMAND LIST FILTERBY nosuch x'] },
  'CONFIG GET': { ask: ['CONFIG GET maxmemory', 'CONFIG GET nosuch'] },
  'CONFIG HELP': { ask: ['CONFIG HELP'] },
  'CONFIG RESETSTAT': { ask: ['CONFIG RESETSTAT'] },
  'CONFIG REWRITE': { ask: ['CONFIG REWRITE'] },
  'CONFIG SET': {
    ask: [
      'CONFIG SET maxmemory 0',
      'CONFIG SET nosuch x',
      'CONFIG SET maxmemory x',
      'CONFIG SET maxmemory 0 maxmemory 0',
      'CONFIG SET databases 3',
    ],
  },
  INFO: { ask: ['INFO', 'INFO server', 'INFO nosuch'] },
  'LATENCY DOCTOR': { ask: ['LATENCY DOCTOR'] },
  'LATENCY GRAPH': { ask: ['LATENCY GRAPH nosuch'] },
  'LATENCY HELP': { ask: ['LATENCY HELP'] },
  'LATENCY HISTOGRAM': { before: ['GET k'], ask: ['LATENCY HISTOGRAM get', 'LATENCY HISTOGRAM nosuch'] },
  'LATENCY HISTORY': { ask: ['LATENCY HISTORY command'] },
  'LATENCY LATEST': { ask: ['LATENCY LATEST'] },
  'LATENCY RESET': { ask: ['LATENCY RESET'] },
  'MEMORY DOCTOR': { ask: ['MEMORY DOCTOR'] },
  'MEMORY HELP': { ask: ['MEMORY HELP'] },
  'MEMORY MALLOC-STATS': { ask: ['MEMORY MALLOC-STATS'] },
  'MEMORY PURGE': { ask: ['MEMORY PURGE'] },
  'MEMORY STATS': { ask: ['MEMORY STATS'] },
  'MODULE HELP': { ask: ['MODULE HELP'] },
  'MODULE LIST': { ask: ['MODULE LIST'] },
  'MODULE LOAD': { ask: ['MODULE LOAD /nosuch.so'] },
  'MODULE LOADEX': { ask: ['MODULE LOADEX /nosuch.so'] },
  'MODULE UNLOAD': { ask: ['MODULE UNLOAD nosuch'] },
  MONITOR: { ask: ['MONITOR'] },
  'SLOWLOG GET': {
    before: ['CONFIG SET slowlog-log-slower-than 0', 'PING'],
    ask: ['SLOWLOG GET', 'SLOWLOG GET 1', 'SLOWLOG GET x', 'SLOWLOG GET -2'],
    after: ['CONFIG SET slowlog-log-slower-than 10000'],
  },
  'SLOWLOG HELP': { ask: ['SLOWLOG HELP'] },
  'SLOWLOG LEN': { ask: ['SLOWLOG LEN'] },
  'SLOWLOG RESET': { ask: ['SLOWLOG RESET'] },
  BGREWRITEAOF: { alone: true, ask: ['BGREWRITEAOF'] },
  BGSAVE: { alone: true, ask: ['BGSAVE', 'BGSAVE SCHEDULE', 'BGSAVE now'] },
  LASTSAVE: { ask: ['LASTSAVE'] },
  SAVE: { alone: true, ask: ['SAVE'] },
};

const others: Readonly<Record<string, Scene>> = {
  FAILOVER: { ask: ['FAILOVER', 'FAILOVER ABORT', 'FAILOVER TO', 'FAILOVER TIMEOUT x'] },
  MIGRATE: {
    ask: ['MIGRATE 127.0.0.1 1 nosuch 0 100', 'MIGRATE 127.0.0.1 1 k 0 x', 'MIGRATE 127.0.0.1 1 k 0 100 now'],
  },
  PFDEBUG: { before: ['PFADD p a'], ask: ['PFDEBUG ENCODING p', 'PFDEBUG ENCODING nosuch', 'PFDEBUG nosuch p'] },
  PFSELFTEST: { ask: ['PFSELFTEST'] },
  REPLCONF: { ask: ['REPLCONF listening-port 1', 'REPLCONF nosuch x'] },
  REPLICAOF: { ask: ['REPLICAOF NO ONE', 'REPLICAOF 127.0.0.1 x'] },
  ROLE: { ask: ['ROLE'] },
  SLAVEOF: { ask: ['SLAVEOF NO ONE', 'SLAVEOF 127.0.0.1 x'] },
  WAIT: { ask: ['WAIT 0 10', 'WAIT x 10', 'WAIT 0 x', 'WAIT 0 -1'] },
  WAITAOF: { ask: ['WAITAOF 0 0 10', 'WAITAOF 1 0 10', 'WAITAOF 2 0 10', 'WAITAOF 0 0 x'] },
  'XGROUP HELP': { ask: ['XGROUP HELP'] },
  'XINFO HELP': { ask: ['XINFO HELP'] },
};

const cluster = (...ask: readonly string[]): Scene => ({ on: 'cluster', ask });

const clusters: Readonly<Record<string, Scene>> = {
  ASKING: cluster('ASKING'),
  READONLY: cluster('READONLY'),
  READWRITE: cluster('READWRITE'),
  'CLUSTER ADDSLOTS': {
    ...cluster('CLUSTER ADDSLOTS 1', 'CLUSTER ADDSLOTS 1', 'CLUSTER ADDSLOTS 16384', 'CLUSTER ADDSLOTS x'),
    before: ['CLUSTER DELSLOTS 1'],
  },
  'CLUSTER ADDSLOTSRANGE': {
    ...cluster('CLUSTER ADDSLOTSRANGE 1 2', 'CLUSTER ADDSLOTSRANGE 2 1', 'CLUSTER ADDSLOTSRANGE 1 2 3'),
    before: ['CLUSTER DELSLOTSRANGE 1 2'],
  },
  'CLUSTER BUMPEPOCH': cluster('CLUSTER BUMPEPOCH'),
  'CLUSTER COUNT-FAILURE-REPORTS': cluster(
    'CLUSTER COUNT-FAILURE-REPORTS {myid}',
    `CLUSTER COUNT-FAILURE-REPORTS ${ABSENT}`,
  ),
  'CLUSTER COUNTKEYSINSLOT': cluster('CLUSTER COUNTKEYSINSLOT 1', 'CLUSTER COUNTKEYSINSLOT 16384'),
  'CLUSTER DELSLOTS': {
    ...cluster('CLUSTER DELSLOTS 1', 'CLUSTER DELSLOTS 1', 'CLUSTER DELSLOTS 16384', 'CLUSTER DELSLOTS 2 2'),
    after: ['CLUSTER ADDSLOTS 1'],
  },
  'CLUSTER DELSLOTSRANGE': {
    ...cluster('CLUSTER DELSLOTSRANGE 1 2', 'CLUSTER DELSLOTSRANGE 1 2', 'CLUSTER DELSLOTSRANGE 2 1'),
    after: ['CLUSTER ADDSLOTSRANGE 1 2'],
  },
  'CLUSTER FAILOVER': cluster('CLUSTER FAILOVER', 'CLUSTER FAILOVER now'),
  'CLUSTER FLUSHSLOTS': { ...cluster('CLUSTER FLUSHSLOTS'), after: ['CLUSTER ADDSLOTSRANGE 0 16383'] },
  'CLUSTER FORGET': cluster(`CLUSTER FORGET ${ABSENT}`, 'CLUSTER FORGET {myid}'),
  'CLUSTER GETKEYSINSLOT': {
    ...cluster('CLUSTER GETKEYSINSLOT 866 10', 'CLUSTER GETKEYSINSLOT 16384 10', 'CLUSTER GETKEYSINSLOT 1 x'),
    before: ['SET hello v', 'SET {hello}2 v'],
  },
  'CLUSTER HELP': cluster('CLUSTER HELP'),
  'CLUSTER INFO': cluster('CLUSTER INFO'),
  'CLUSTER KEYSLOT': cluster('CLUSTER KEYSLOT k'),
  'CLUSTER LINKS': cluster('CLUSTER LINKS'),
  'CLUSTER MYID': cluster('CLUSTER MYID'),
  'CLUSTER MYSHARDID': cluster('CLUSTER MYSHARDID'),
  'CLUSTER NODES': cluster('CLUSTER NODES'),
  'CLUSTER REPLICAS': cluster('CLUSTER REPLICAS {myid}', `CLUSTER REPLICAS ${ABSENT}`),
  'CLUSTER SLAVES': cluster('CLUSTER SLAVES {myid}', `CLUSTER SLAVES ${ABSENT}`),
  'CLUSTER REPLICATE': cluster('CLUSTER REPLICATE {myid}', `CLUSTER REPLICATE ${ABSENT}`),
  'CLUSTER RESET': {
    ...cluster('CLUSTER RESET', 'CLUSTER RESET HARD', 'CLUSTER RESET now'),
    after: ['CLUSTER ADDSLOTSRANGE 0 16383'],
  },
  'CLUSTER SAVECONFIG': cluster('CLUSTER SAVECONFIG'),
  'CLUSTER SET-CONFIG-EPOCH': {
    ...cluster('CLUSTER SET-CONFIG-EPOCH 1', 'CLUSTER SET-CONFIG-EPOCH 2', 'CLUSTER SET-CONFIG-EPOCH x'),
    before: ['CLUSTER RESET HARD'],
    after: ['CLUSTER ADDSLOTSRANGE 0 16383'],
  },
  'CLUSTER SETSLOT': cluster(
    'CLUSTER SETSLOT 1 NODE {myid}',
    'CLUSTER SETSLOT 1 STABLE',
    'CLUSTER SETSLOT 1 MIGRATING {myid}',
    'CLUSTER SETSLOT 1 IMPORTING {myid}',
    `CLUSTER SETSLOT 1 NODE ${ABSENT}`,
    'CLUSTER SETSLOT 1 now',
  ),
  'CLUSTER SHARDS': cluster('CLUSTER SHARDS'),
  'CLUSTER SLOT-STATS': {
    ...cluster(
      'CLUSTER SLOT-STATS SLOTSRANGE 866 867',
      'CLUSTER SLOT-STATS ORDERBY KEY-COUNT LIMIT 1',
      'CLUSTER SLOT-STATS SLOTSRANGE 2 1',
      'CLUSTER SLOT-STATS SLOTSRANGE 0 16384',
      'CLUSTER SLOT-STATS ORDERBY nosuch',
    ),
    before: ['SET hello v'],
  },
  'CLUSTER SLOTS': cluster('CLUSTER SLOTS'),
};

/** By the name of the command. */
export const scenes: Readonly<Record<string, Scene>> = {
  ...scripting,
  ...connection,
  ...messages,
  ...transactions,
  ...users,
  ...administration,
  ...others,
  ...clusters,
};

/** The engine as a node of a cluster has no bus, by which it could meet others. */
export const busScenes: Readonly<Record<string, Scene>> = {
  'CLUSTER MEET': cluster('CLUSTER MEET 127.0.0.1 1', 'CLUSTER MEET nosuch 7000', 'CLUSTER MEET 127.0.0.1 x'),
};

/** What Sentinels are asked that watch `mymaster`. The engine is none. */
export const sentinelScenes: Readonly<Record<string, Scene>> = {
  'SENTINEL CKQUORUM': { ask: ['SENTINEL CKQUORUM mymaster', 'SENTINEL CKQUORUM nosuch'] },
  'SENTINEL CONFIG': {
    ask: [
      'SENTINEL CONFIG GET resolve-hostnames',
      'SENTINEL CONFIG SET announce-port 0',
      'SENTINEL CONFIG SET nosuch x',
      'SENTINEL CONFIG SET announce-port x',
      'SENTINEL CONFIG nosuch x',
    ],
  },
  'SENTINEL DEBUG': {
    ask: [
      'SENTINEL DEBUG',
      'SENTINEL DEBUG info-period 1000',
      'SENTINEL DEBUG nosuch 1',
      'SENTINEL DEBUG info-period x',
    ],
  },
  'SENTINEL FAILOVER': {
    before: ['SENTINEL MONITOR lonely 127.0.0.1 1 1'],
    ask: ['SENTINEL FAILOVER lonely', 'SENTINEL FAILOVER nosuch'],
    after: ['SENTINEL REMOVE lonely'],
  },
  'SENTINEL FLUSHCONFIG': { ask: ['SENTINEL FLUSHCONFIG'] },
  'SENTINEL GET-MASTER-ADDR-BY-NAME': {
    ask: ['SENTINEL GET-MASTER-ADDR-BY-NAME mymaster', 'SENTINEL GET-MASTER-ADDR-BY-NAME nosuch'],
  },
  'SENTINEL HELP': { ask: ['SENTINEL HELP'] },
  'SENTINEL INFO-CACHE': { ask: ['SENTINEL INFO-CACHE mymaster', 'SENTINEL INFO-CACHE nosuch'] },
  'SENTINEL IS-MASTER-DOWN-BY-ADDR': {
    ask: ['SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1 0 *', 'SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 x 0 *'],
  },
  'SENTINEL MASTER': { ask: ['SENTINEL MASTER mymaster', 'SENTINEL MASTER nosuch'] },
  'SENTINEL MASTERS': { ask: ['SENTINEL MASTERS'] },
  'SENTINEL MONITOR': {
    ask: [
      'SENTINEL MONITOR spare 127.0.0.1 1 1',
      'SENTINEL MONITOR spare 127.0.0.1 1 1',
      'SENTINEL MONITOR other 127.0.0.1 1 0',
      'SENTINEL MONITOR other 127.0.0.1 x 1',
      'SENTINEL MONITOR other nosuch 1 1',
    ],
    after: ['SENTINEL REMOVE spare'],
  },
  'SENTINEL MYID': { ask: ['SENTINEL MYID'] },
  'SENTINEL PENDING-SCRIPTS': { ask: ['SENTINEL PENDING-SCRIPTS'] },
  'SENTINEL REMOVE': {
    before: ['SENTINEL MONITOR spare 127.0.0.1 1 1'],
    ask: ['SENTINEL REMOVE spare', 'SENTINEL REMOVE spare'],
  },
  'SENTINEL REPLICAS': { ask: ['SENTINEL REPLICAS mymaster', 'SENTINEL REPLICAS nosuch'] },
  'SENTINEL RESET': { ask: ['SENTINEL RESET nosuch'] },
  'SENTINEL SENTINELS': { ask: ['SENTINEL SENTINELS mymaster', 'SENTINEL SENTINELS nosuch'] },
  'SENTINEL SET': {
    ask: [
      'SENTINEL SET mymaster parallel-syncs 1',
      'SENTINEL SET nosuch quorum 1',
      'SENTINEL SET mymaster nosuch 1',
      'SENTINEL SET mymaster quorum x',
    ],
  },
  'SENTINEL SIMULATE-FAILURE': { ask: ['SENTINEL SIMULATE-FAILURE HELP', 'SENTINEL SIMULATE-FAILURE nosuch'] },
  'SENTINEL SLAVES': { ask: ['SENTINEL SLAVES mymaster', 'SENTINEL SLAVES nosuch'] },
};
