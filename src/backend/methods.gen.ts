// Generated from the command table by tools/generate-facade.ts; run `npm run generate` after a change to src/commands.
/* biome-ignore-all lint: generated */

/**
 * The façade's methods, so that they can be there before any command is looked at. `:` and the command, where that has
 * another name than the method; `!` for what may have to wait before it can reply.
 */
export const methodWords =
  'aclCat aclDeluser aclDryrun aclGenpass aclGetuser aclHelp aclList aclLoad aclLog aclLogReset:aclLog aclSave ' +
  'aclSetuser aclUsers aclWhoami append asking auth bgrewriteaof bgsave bitcount bitfield bitfieldRo bitop bitpos ' +
  'blmove! blmpop! blpop! brpop! brpoplpush! bzmpop! bzpopmax! bzpopmin! clientCaching clientCapa clientGetname ' +
  'clientGetredir clientHelp clientId clientInfo clientKill clientKillAddress:clientKill clientList clientNoEvict ' +
  'clientNoTouch clientPause clientSetinfo clientSetname clientTracking clientTrackinginfo clientUnblock ' +
  'clientUnpause clusterAddslots clusterAddslotsrange clusterBumpepoch clusterCountFailureReports ' +
  'clusterCountkeysinslot clusterDelslots clusterDelslotsrange clusterFailover clusterFlushslots clusterForget ' +
  'clusterGetkeysinslot clusterHelp clusterInfo clusterKeyslot clusterLinks clusterMeet clusterMyid ' +
  'clusterMyshardid clusterNodes clusterReplicas clusterReplicate clusterReset clusterSaveconfig ' +
  'clusterSetConfigEpoch clusterSetslot clusterShards clusterSlaves clusterSlotStats clusterSlots commandCount ' +
  'commandDocs commandGetkeys commandGetkeysandflags commandHelp commandInfo commandList configGet configHelp ' +
  'configResetstat configRewrite configSet copy dbsize debug debugDigest:debug debugDigestValue:debug ' +
  'debugObject:debug debugSleep:debug decr decrby del delex delifeq digest dump echo eval evalRo evalsha ' +
  'evalshaRo exists expire expireat expiretime fcall fcallRo flushall flushdb functionDelete functionDump ' +
  'functionFlush functionHelp functionKill functionList functionLoad functionRestore functionStats geoadd geodist ' +
  'geohash geopos georadius georadiusDetails:georadius georadiusRo georadiusRoDetails:georadiusRo ' +
  'georadiusStore:georadius georadiusStoreDist:georadius georadiusbymember ' +
  'georadiusbymemberDetails:georadiusbymember georadiusbymemberRo georadiusbymemberRoDetails:georadiusbymemberRo ' +
  'georadiusbymemberStore:georadiusbymember georadiusbymemberStoreDist:georadiusbymember geosearch ' +
  'geosearchDetails:geosearch geosearchstore get getbit getdel getex getrange getset hdel hexists hexpire ' +
  'hexpireat hexpiretime hget hgetall hgetdel hgetex hincrby hincrbyfloat hkeys hlen hmget hmset hpersist ' +
  'hpexpire hpexpireat hpexpiretime hpttl hrandfield hrandfieldCount:hrandfield hrandfieldWithValues:hrandfield ' +
  'hscan hscanNoValues:hscan hset hsetex hsetnx hstrlen httl hvals incr incrby incrbyfloat info keys lastsave ' +
  'latencyDoctor latencyGraph latencyHelp latencyHistogram latencyHistory latencyLatest latencyReset lcs ' +
  'lcsIdx:lcs lcsLen:lcs lindex linsert llen lmove lmpop lolwut lpop lpopCount:lpop lpos lposCount:lpos lpush ' +
  'lpushx lrange lrem lset ltrim memoryDoctor memoryHelp memoryMallocStats memoryPurge memoryStats memoryUsage ' +
  'mget migrate moduleHelp moduleList move mset msetex msetnx objectEncoding objectFreq objectHelp objectIdletime ' +
  'objectRefcount persist pexpire pexpireat pexpiretime pfadd pfcount pfmerge ping pingMessage:ping psetex pttl ' +
  'publish pubsubChannels pubsubHelp pubsubNumpat pubsubNumsub pubsubShardchannels pubsubShardnumsub randomkey ' +
  'readonly readwrite rename renamenx replicaof restore role rpop rpopCount:rpop rpoplpush rpush rpushx sadd save ' +
  'scan scard scriptExists scriptFlush scriptHelp scriptKill scriptLoad scriptShow sdiff sdiffstore select ' +
  'sentinelCkquorum sentinelConfigGet:sentinelConfig sentinelConfigSet:sentinelConfig sentinelDebug ' +
  'sentinelDebugSet:sentinelDebug sentinelFailover sentinelFlushconfig sentinelGetMasterAddrByName sentinelHelp ' +
  'sentinelInfoCache sentinelIsMasterDownByAddr sentinelMaster sentinelMasters sentinelMonitor sentinelMyid ' +
  'sentinelPendingScripts sentinelRemove sentinelReplicas sentinelReset sentinelSentinels sentinelSet ' +
  'sentinelSimulateFailure sentinelSlaves set setGet:set setbit setex setnx setrange sinter sintercard ' +
  'sinterstore sismember slaveof slowlogGet slowlogHelp slowlogLen slowlogReset smembers smismember smove sort ' +
  'sortRo sortStore:sort spop spopCount:spop spublish srandmember srandmemberCount:srandmember srem sscan strlen ' +
  'substr sunion sunionstore swapdb time touch ttl type unlink wait! waitaof! xack xackdel xadd xaddIfExists:xadd ' +
  'xautoclaim xautoclaimIds:xautoclaim xclaim xclaimIds:xclaim xdel xdelex xgroupCreate ' +
  'xgroupCreateConsumer:xgroupCreateconsumer xgroupDelConsumer:xgroupDelconsumer xgroupDestroy xgroupHelp ' +
  'xgroupSetId:xgroupSetid xinfoConsumers xinfoGroups xinfoHelp xinfoStream xinfoStreamFull:xinfoStream xlen ' +
  'xpending xpendingRange:xpending xrange xread! xreadNow:xread xreadgroup! xreadgroupNow:xreadgroup xrevrange ' +
  'xsetid xtrim zadd zaddIncr:zadd zcard zcount zdiff zdiffWithScores:zdiff zdiffstore zincrby zinter ' +
  'zinterWithScores:zinter zintercard zinterstore zlexcount zmpop zmscore zpopmax zpopmaxCount:zpopmax zpopmin ' +
  'zpopminCount:zpopmin zrandmember zrandmemberCount:zrandmember zrandmemberWithScores:zrandmember zrange ' +
  'zrangeWithScores:zrange zrangebylex zrangebyscore zrangebyscoreWithScores:zrangebyscore zrangestore zrank ' +
  'zrankWithScore:zrank zrem zremrangebylex zremrangebyrank zremrangebyscore zrevrange ' +
  'zrevrangeWithScores:zrevrange zrevrangebylex zrevrangebyscore zrevrangebyscoreWithScores:zrevrangebyscore ' +
  'zrevrank zrevrankWithScore:zrevrank zscan zscanNoScores:zscan zscore zunion zunionWithScores:zunion ' +
  'zunionstore';
