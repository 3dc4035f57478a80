// Generated from the command table by tools/generate-facade.ts; run `npm run generate` after a change to src/commands.
/* biome-ignore-all lint: generated */
import type { BitfieldArgs } from '../commands/bitfield-operations.js';
import type { ClientInfo } from '../commands/client-info.js';
import type { ClusterNode, ClusterShard, ClusterSlots } from '../commands/cluster-reply.js';
import type { SentinelMaster, SentinelPeer, SentinelReplica } from '../commands/sentinel-reply.js';
import type { Mode, Out, OutBlocking } from './mode.js';
import type { Arg, GeoUnit, IntArg, NumberArg, Pairs, Places, ReplyValue, ScorePairs, View } from './view.js';

/** Every command as a method. `V`: the types of replies; `M`: awaited, synchronous or queued. */
export interface Commands<V extends View, M extends Mode> {
  /**
   * Lists the categories of commands, or the commands of one.
   * `ACL CAT` · since 6.0.0 · O(n) of the commands
   * @see https://redis.io/commands/acl-cat/
   */
  aclCat(options?: { category?: Arg }): Out<V, M, string[]>;

  /**
   * Removes users and closes their connections; returns how many there were.
   * `ACL DELUSER` · since 6.0.0 · O(n) of the connections
   * @see https://redis.io/commands/acl-deluser/
   */
  aclDeluser(...usernames: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Says whether a user may give a command, without carrying it out: OK, or why not.
   * `ACL DRYRUN` · since 7.0.0 · O(n) of the rules
   * @see https://redis.io/commands/acl-dryrun/
   */
  aclDryrun(username: Arg, command: Arg, args: Arg | readonly Arg[]): Out<V, M, string>;

  /**
   * Makes up a password that cannot be guessed, 256 bits unless told otherwise.
   * `ACL GENPASS` · since 6.0.0 · O(1)
   * @see https://redis.io/commands/acl-genpass/
   */
  aclGenpass(options?: { bits?: IntArg }): Out<V, M, string>;

  /**
   * Returns the flags, password hashes and rules of a user; null if there is none.
   * `ACL GETUSER` · since 6.0.0 · O(n) of the commands and rules
   * @see https://redis.io/commands/acl-getuser/
   */
  aclGetuser(username: Arg): Out<V, M, Record<string, ReplyValue<V>> | null>;

  /**
   * Lists the subcommands of ACL.
   * `ACL HELP` · since 6.0.0 · O(1)
   * @see https://redis.io/commands/acl-help/
   */
  aclHelp(): Out<V, M, string[]>;

  /**
   * Describes the users, one line of rules each.
   * `ACL LIST` · since 6.0.0 · O(n) of the users
   * @see https://redis.io/commands/acl-list/
   */
  aclList(): Out<V, M, V['bytes'][]>;

  /**
   * Puts the users of the ACL file in the place of all; an error in the file leaves everything as it is.
   * `ACL LOAD` · since 6.0.0 · O(n) of the users and connections
   * @see https://redis.io/commands/acl-load/
   */
  aclLoad(): Out<V, M, 'OK'>;

  /**
   * Returns what was refused to whom lately, newest first: 10 entries unless told otherwise. RESET empties it.
   * `ACL LOG` · since 6.0.0 · O(n) of the entries returned
   * @see https://redis.io/commands/acl-log/
   */
  aclLog(options?: { count?: Arg }): Out<V, M, Record<string, ReplyValue<V>>[]>;

  /**
   * Returns what was refused to whom lately, newest first: 10 entries unless told otherwise. RESET empties it.
   * Empties the log.
   * `ACL LOG … RESET` · since 6.0.0 · O(n) of the entries returned
   * @see https://redis.io/commands/acl-log/
   */
  aclLogReset(): Out<V, M, 'OK'>;

  /**
   * Writes the users to the ACL file.
   * `ACL SAVE` · since 6.0.0 · O(n) of the users
   * @see https://redis.io/commands/acl-save/
   */
  aclSave(): Out<V, M, 'OK'>;

  /**
   * Makes a user or changes one, rule by rule; all rules are applied or none.
   * `ACL SETUSER` · since 6.0.0 · O(n) of the rules
   * @see https://redis.io/commands/acl-setuser/
   */
  aclSetuser(username: Arg, rules: Arg | readonly Arg[]): Out<V, M, 'OK'>;

  /**
   * Lists the names of the users.
   * `ACL USERS` · since 6.0.0 · O(n) of the users
   * @see https://redis.io/commands/acl-users/
   */
  aclUsers(): Out<V, M, string[]>;

  /**
   * Returns the name of the user of this connection.
   * `ACL WHOAMI` · since 6.0.0 · O(1)
   * @see https://redis.io/commands/acl-whoami/
   */
  aclWhoami(): Out<V, M, string>;

  /**
   * Adds bytes to the end of a string, making it if it is absent; returns the new length.
   * `APPEND` · since 2.0.0 · O(1) amortised
   * @see https://redis.io/commands/append/
   */
  append(key: Arg, value: Arg): Out<V, M, V['integer']>;

  /**
   * Lets the next command use a slot that is on its way to the node.
   * `ASKING` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/asking/
   */
  asking(): Out<V, M, 'OK'>;

  /**
   * Proves who the client is, with a password and perhaps a user name.
   * `AUTH` · since 1.0.0 · O(n) of the passwords of the user
   * @see https://redis.io/commands/auth/
   */
  auth(password: Arg, options?: { username?: Arg }): Out<V, M, 'OK'>;

  /**
   * Starts to write the append-only file anew, as short as can be.
   * `BGREWRITEAOF` · since 1.0.0 · O(1), and O(n) of the data beside the commands
   * @see https://redis.io/commands/bgrewriteaof/
   */
  bgrewriteaof(): Out<V, M, string>;

  /**
   * Starts to save a snapshot of the data as they are now, beside the commands.
   * `BGSAVE` · since 1.0.0 · O(1), and O(n) of the data beside the commands
   * @see https://redis.io/commands/bgsave/
   */
  bgsave(options?: { schedule?: boolean; cancel?: boolean }): Out<V, M, string>;

  /**
   * Counts the bits that are 1 in a string or a range of it.
   * `BITCOUNT` · since 2.6.0 · O(n) of the bytes
   * @see https://redis.io/commands/bitcount/
   */
  bitcount(key: Arg, options?: { range?: readonly [start: IntArg, end?: IntArg, unit?: 'byte' | 'bit'] }): Out<V, M, V['integer']>;

  /**
   * Reads, writes and increments integers of any width inside a string.
   * `BITFIELD` · since 3.2.0 · O(1) per operation
   * @see https://redis.io/commands/bitfield/
   */
  bitfield(key: Arg, operations: BitfieldArgs): Out<V, M, (V['integer'] | null)[]>;

  /**
   * Reads integers of any width inside a string.
   * Only `get` operations are allowed.
   * `BITFIELD_RO` · since 6.0.0 · O(1) per operation
   * @see https://redis.io/commands/bitfield_ro/
   */
  bitfieldRo(key: Arg, operations: BitfieldArgs): Out<V, M, V['integer'][]>;

  /**
   * Combines strings bit by bit and stores the result; returns its length in bytes.
   * `BITOP` · since 2.6.0 · O(n) of the bytes
   * @see https://redis.io/commands/bitop/
   */
  bitop(operation: 'and' | 'or' | 'xor' | 'not' | 'diff' | 'diff1' | 'andor' | 'one', destination: Arg, ...sources: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Finds the first bit that is 1, or 0, in a string or a range of it; −1 if there is none.
   * `BITPOS` · since 2.8.7 · O(n) of the bytes
   * @see https://redis.io/commands/bitpos/
   */
  bitpos(key: Arg, bit: IntArg, options?: { range?: readonly [start: IntArg, end?: IntArg, unit?: 'byte' | 'bit'] }): Out<V, M, V['integer']>;

  /**
   * As LMOVE; waits for an element if the source is empty.
   * `BLMOVE` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/blmove/
   */
  blmove(source: Arg, destination: Arg, from: 'left' | 'right', to: 'left' | 'right', timeout: NumberArg): OutBlocking<V, M, V['value'] | null>;

  /**
   * As LMPOP; waits for elements if all lists are empty.
   * `BLMPOP` · since 7.0.0 · O(k + n), k keys, n elements returned
   * @see https://redis.io/commands/blmpop/
   */
  blmpop(timeout: NumberArg, keys: Arg | readonly Arg[], from: 'left' | 'right', options?: { count?: IntArg }): OutBlocking<V, M, [V['bytes'], V['value'][]] | null>;

  /**
   * Removes the first element of the first list that has one, waiting for one; returns key and element.
   * `BLPOP` · since 2.0.0 · O(k) of the keys
   * @see https://redis.io/commands/blpop/
   */
  blpop(keys: Arg | readonly Arg[], timeout: NumberArg): OutBlocking<V, M, [V['bytes'], V['value']] | null>;

  /**
   * Removes the last element of the first list that has one, waiting for one; returns key and element.
   * `BRPOP` · since 2.0.0 · O(k) of the keys
   * @see https://redis.io/commands/brpop/
   */
  brpop(keys: Arg | readonly Arg[], timeout: NumberArg): OutBlocking<V, M, [V['bytes'], V['value']] | null>;

  /**
   * As RPOPLPUSH; waits for an element if the source is empty.
   * `BRPOPLPUSH` · since 2.2.0 · O(1)
   * @deprecated since 6.2.0: use `BLMOVE` with the `RIGHT` and `LEFT` arguments
   * @see https://redis.io/commands/brpoplpush/
   */
  brpoplpush(source: Arg, destination: Arg, timeout: NumberArg): OutBlocking<V, M, V['value'] | null>;

  /**
   * As ZMPOP; waits for members if all sorted sets are empty.
   * `BZMPOP` · since 7.0.0 · O(k + m log n), k keys, m members returned
   * @see https://redis.io/commands/bzmpop/
   */
  bzmpop(timeout: NumberArg, keys: Arg | readonly Arg[], where: 'min' | 'max', options?: { count?: IntArg }): OutBlocking<V, M, [V['bytes'], [V['value'], number][]] | null>;

  /**
   * Takes the member with the highest score of the first sorted set that has one, waiting for it; returns key, member, score.
   * `BZPOPMAX` · since 5.0.0 · O(log n)
   * @see https://redis.io/commands/bzpopmax/
   */
  bzpopmax(keys: Arg | readonly Arg[], timeout: NumberArg): OutBlocking<V, M, [V['bytes'], V['value'], number] | null>;

  /**
   * Takes the member with the lowest score of the first sorted set that has one, waiting for it; returns key, member, score.
   * `BZPOPMIN` · since 5.0.0 · O(log n)
   * @see https://redis.io/commands/bzpopmin/
   */
  bzpopmin(keys: Arg | readonly Arg[], timeout: NumberArg): OutBlocking<V, M, [V['bytes'], V['value'], number] | null>;

  /**
   * Says whether the keys of the next command are tracked, in the modes OPTIN and OPTOUT.
   * `CLIENT CACHING` · since 6.0.0 · O(1)
   * @see https://redis.io/commands/client-caching/
   */
  clientCaching(mode: Arg): Out<V, M, 'OK'>;

  /**
   * Says what this connection can do: with `redirect`, replicas without a cluster send it to their primary.
   * `CLIENT CAPA` · since 9.0.0 · O(n) of the capabilities
   * @see https://redis.io/commands/client-capa/
   */
  clientCapa(...capabilities: Arg[] | [readonly Arg[]]): Out<V, M, 'OK'>;

  /**
   * Returns the name of this connection, null without one.
   * `CLIENT GETNAME` · since 2.6.9 · O(1)
   * @see https://redis.io/commands/client-getname/
   */
  clientGetname(): Out<V, M, V['bytes'] | null>;

  /**
   * Returns the id of the connection that gets the invalidation messages; -1 without tracking.
   * `CLIENT GETREDIR` · since 6.0.0 · O(1)
   * @see https://redis.io/commands/client-getredir/
   */
  clientGetredir(): Out<V, M, V['integer']>;

  /**
   * Lists the subcommands of CLIENT.
   * `CLIENT HELP` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/client-help/
   */
  clientHelp(): Out<V, M, string[]>;

  /**
   * Returns the id of this connection.
   * `CLIENT ID` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/client-id/
   */
  clientId(): Out<V, M, V['integer']>;

  /**
   * Describes this connection.
   * `CLIENT INFO` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/client-info/
   */
  clientInfo(): Out<V, M, ClientInfo>;

  /**
   * Closes the connection from an address, or all that fit the filters; returns how many.
   * `CLIENT KILL` · since 2.4.0 · O(n) of the connections
   * @see https://redis.io/commands/client-kill/
   */
  clientKill(options?: { id?: IntArg | readonly IntArg[]; type?: 'normal' | 'master' | 'replica' | 'pubsub'; addr?: Arg; laddr?: Arg; user?: Arg; skipMe?: 'yes' | 'no'; maxAge?: IntArg; notId?: IntArg | readonly IntArg[]; name?: Arg; idle?: IntArg; flags?: Arg; libName?: Arg; libVer?: Arg; db?: IntArg; capa?: Arg; ip?: Arg; notType?: 'normal' | 'master' | 'replica' | 'pubsub'; notAddr?: Arg; notLaddr?: Arg; notUser?: Arg; notName?: Arg; notFlags?: Arg; notLibName?: Arg; notLibVer?: Arg; notDb?: IntArg; notCapa?: Arg; notIp?: Arg }): Out<V, M, V['integer']>;

  /**
   * Closes the connection from an address, or all that fit the filters; returns how many.
   * An error if no connection has this address.
   * `CLIENT KILL` · since 2.4.0 · O(n) of the connections
   * @see https://redis.io/commands/client-kill/
   */
  clientKillAddress(address: Arg): Out<V, M, 'OK'>;

  /**
   * Describes the connections, one line each.
   * `CLIENT LIST` · since 2.4.0 · O(n) of the connections
   * @see https://redis.io/commands/client-list/
   */
  clientList(options?: { type?: 'normal' | 'master' | 'replica' | 'pubsub'; ids?: IntArg | readonly IntArg[]; addr?: Arg; laddr?: Arg; user?: Arg; skipMe?: 'yes' | 'no'; maxAge?: IntArg; notIds?: IntArg | readonly IntArg[]; name?: Arg; idle?: IntArg; flags?: Arg; libName?: Arg; libVer?: Arg; db?: IntArg; capa?: Arg; ip?: Arg; notType?: 'normal' | 'master' | 'replica' | 'pubsub'; notAddr?: Arg; notLaddr?: Arg; notUser?: Arg; notName?: Arg; notFlags?: Arg; notLibName?: Arg; notLibVer?: Arg; notDb?: IntArg; notCapa?: Arg; notIp?: Arg }): Out<V, M, ClientInfo[]>;

  /**
   * Exempts this connection from being closed when connections take too much memory.
   * `CLIENT NO-EVICT` · since 7.0.0 · O(1)
   * @see https://redis.io/commands/client-no-evict/
   */
  clientNoEvict(mode: 'on' | 'off'): Out<V, M, 'OK'>;

  /**
   * Lets the commands of this connection leave no trace of when keys were used.
   * `CLIENT NO-TOUCH` · since 7.2.0 · O(1)
   * @see https://redis.io/commands/client-no-touch/
   */
  clientNoTouch(mode: 'on' | 'off'): Out<V, M, 'OK'>;

  /**
   * Holds back all commands, or those that write, for some milliseconds.
   * `CLIENT PAUSE` · since 2.9.50 · O(1)
   * @see https://redis.io/commands/client-pause/
   */
  clientPause(timeout: IntArg, options?: { mode?: Arg }): Out<V, M, 'OK'>;

  /**
   * Says which library, `lib-name`, and which version of it, `lib-ver`, this connection is used by.
   * `CLIENT SETINFO` · since 7.2.0 · O(1)
   * @see https://redis.io/commands/client-setinfo/
   */
  clientSetinfo(attribute: Arg, value: Arg): Out<V, M, 'OK'>;

  /**
   * Names this connection; an empty name takes the name away.
   * `CLIENT SETNAME` · since 2.6.9 · O(1)
   * @see https://redis.io/commands/client-setname/
   */
  clientSetname(name: Arg): Out<V, M, 'OK'>;

  /**
   * Turns messages about keys that this connection read and others changed on or off.
   * `CLIENT TRACKING` · since 6.0.0 · O(1); more with some options
   * @see https://redis.io/commands/client-tracking/
   */
  clientTracking(mode: Arg, options?: { redirect?: readonly IntArg[]; prefix?: readonly Arg[]; bcast?: boolean; optIn?: boolean; optOut?: boolean; noLoop?: boolean }): Out<V, M, 'OK'>;

  /**
   * Describes how keys are tracked for this connection.
   * `CLIENT TRACKINGINFO` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/client-trackinginfo/
   */
  clientTrackinginfo(): Out<V, M, { flags: string[]; redirect: number; prefixes: string[] }>;

  /**
   * Ends the wait of another connection in a blocking command, by time-out or with an error.
   * `CLIENT UNBLOCK` · since 5.0.0 · O(log n) of the connections
   * @see https://redis.io/commands/client-unblock/
   */
  clientUnblock(id: IntArg, options?: { reason?: Arg }): Out<V, M, V['integer']>;

  /**
   * Ends a CLIENT PAUSE.
   * `CLIENT UNPAUSE` · since 6.2.0 · O(n) of the connections held back
   * @see https://redis.io/commands/client-unpause/
   */
  clientUnpause(): Out<V, M, 'OK'>;

  /**
   * Lets the node serve slots that no node serves.
   * `CLUSTER ADDSLOTS` · since 3.0.0 · O(n) of the slots
   * @see https://redis.io/commands/cluster-addslots/
   */
  clusterAddslots(...slots: IntArg[] | [readonly IntArg[]]): Out<V, M, 'OK'>;

  /**
   * As CLUSTER ADDSLOTS, for ranges.
   * `CLUSTER ADDSLOTSRANGE` · since 7.0.0 · O(n) of the slots
   * @see https://redis.io/commands/cluster-addslotsrange/
   */
  clusterAddslotsrange(ranges: Iterable<readonly [number, number]>): Out<V, M, 'OK'>;

  /**
   * Raises the node's epoch above all others.
   * `CLUSTER BUMPEPOCH` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-bumpepoch/
   */
  clusterBumpepoch(): Out<V, M, string>;

  /**
   * Counts the primaries that report a node as failing.
   * `CLUSTER COUNT-FAILURE-REPORTS` · since 3.0.0 · O(n) of the reports
   * @see https://redis.io/commands/cluster-count-failure-reports/
   */
  clusterCountFailureReports(nodeId: Arg): Out<V, M, V['integer']>;

  /**
   * Counts the keys of a slot that the node has.
   * `CLUSTER COUNTKEYSINSLOT` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-countkeysinslot/
   */
  clusterCountkeysinslot(slot: IntArg): Out<V, M, V['integer']>;

  /**
   * Makes the node forget who serves some slots.
   * `CLUSTER DELSLOTS` · since 3.0.0 · O(n) of the slots
   * @see https://redis.io/commands/cluster-delslots/
   */
  clusterDelslots(...slots: IntArg[] | [readonly IntArg[]]): Out<V, M, 'OK'>;

  /**
   * As CLUSTER DELSLOTS, for ranges.
   * `CLUSTER DELSLOTSRANGE` · since 7.0.0 · O(n) of the slots
   * @see https://redis.io/commands/cluster-delslotsrange/
   */
  clusterDelslotsrange(ranges: Iterable<readonly [number, number]>): Out<V, M, 'OK'>;

  /**
   * Makes a replica take the place of its primary.
   * `CLUSTER FAILOVER` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-failover/
   */
  clusterFailover(options?: { mode?: 'force' | 'takeover' }): Out<V, M, 'OK'>;

  /**
   * Makes the node forget who serves which slots.
   * `CLUSTER FLUSHSLOTS` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-flushslots/
   */
  clusterFlushslots(): Out<V, M, 'OK'>;

  /**
   * Takes a node out of what this node knows.
   * `CLUSTER FORGET` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-forget/
   */
  clusterForget(nodeId: Arg): Out<V, M, 'OK'>;

  /**
   * Returns some keys of a slot that the node has.
   * `CLUSTER GETKEYSINSLOT` · since 3.0.0 · O(n) of the keys returned
   * @see https://redis.io/commands/cluster-getkeysinslot/
   */
  clusterGetkeysinslot(slot: IntArg, count: IntArg): Out<V, M, V['bytes'][]>;

  /**
   * Lists the subcommands of CLUSTER.
   * `CLUSTER HELP` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/cluster-help/
   */
  clusterHelp(): Out<V, M, string[]>;

  /**
   * Returns facts and figures about the cluster, as the node sees it.
   * `CLUSTER INFO` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-info/
   */
  clusterInfo(): Out<V, M, Record<string, string | number>>;

  /**
   * Returns the slot of a key.
   * `CLUSTER KEYSLOT` · since 3.0.0 · O(n) of the bytes of the key
   * @see https://redis.io/commands/cluster-keyslot/
   */
  clusterKeyslot(key: Arg): Out<V, M, V['integer']>;

  /**
   * Describes the connections of the node to the others.
   * `CLUSTER LINKS` · since 7.0.0 · O(n) of the nodes
   * @see https://redis.io/commands/cluster-links/
   */
  clusterLinks(): Out<V, M, Record<string, ReplyValue<V>>[]>;

  /**
   * Makes the node get to know another one, and with it its cluster.
   * `CLUSTER MEET` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-meet/
   */
  clusterMeet(ip: Arg, port: IntArg, options?: { busPort?: IntArg }): Out<V, M, 'OK'>;

  /**
   * Returns the id of the node.
   * `CLUSTER MYID` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-myid/
   */
  clusterMyid(): Out<V, M, string>;

  /**
   * Returns the id of the shard of the node.
   * `CLUSTER MYSHARDID` · since 7.2.0 · O(1)
   * @see https://redis.io/commands/cluster-myshardid/
   */
  clusterMyshardid(): Out<V, M, string>;

  /**
   * Describes the nodes of the cluster, as the node sees them.
   * `CLUSTER NODES` · since 3.0.0 · O(n) of the nodes
   * @see https://redis.io/commands/cluster-nodes/
   */
  clusterNodes(): Out<V, M, ClusterNode[]>;

  /**
   * Describes the replicas of a primary.
   * `CLUSTER REPLICAS` · since 5.0.0 · O(n) of the replicas
   * @see https://redis.io/commands/cluster-replicas/
   */
  clusterReplicas(nodeId: Arg): Out<V, M, ClusterNode[]>;

  /**
   * Makes the node a replica of a primary.
   * `CLUSTER REPLICATE` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-replicate/
   */
  clusterReplicate(nodeId: Arg): Out<V, M, 'OK'>;

  /**
   * Takes the node out of its cluster; HARD gives it a new id too.
   * `CLUSTER RESET` · since 3.0.0 · O(n) of the nodes, and of the keys of a replica
   * @see https://redis.io/commands/cluster-reset/
   */
  clusterReset(options?: { mode?: 'hard' | 'soft' }): Out<V, M, 'OK'>;

  /**
   * Writes what the node knows of the cluster to its disk.
   * `CLUSTER SAVECONFIG` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-saveconfig/
   */
  clusterSaveconfig(): Out<V, M, 'OK'>;

  /**
   * Gives a new node its first epoch.
   * `CLUSTER SET-CONFIG-EPOCH` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-set-config-epoch/
   */
  clusterSetConfigEpoch(epoch: IntArg): Out<V, M, 'OK'>;

  /**
   * Says of a slot that it is being moved, from or to the node, or who serves it.
   * `CLUSTER SETSLOT` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/cluster-setslot/
   */
  clusterSetslot(slot: IntArg, state: 'importing' | 'migrating' | 'node' | 'stable', options?: { nodeId?: Arg }): Out<V, M, 'OK'>;

  /**
   * Describes the shards: slots, and the nodes that serve them.
   * `CLUSTER SHARDS` · since 7.0.0 · O(n) of the nodes
   * @see https://redis.io/commands/cluster-shards/
   */
  clusterShards(): Out<V, M, ClusterShard[]>;

  /**
   * The old name of CLUSTER REPLICAS.
   * `CLUSTER SLAVES` · since 3.0.0 · O(n) of the replicas
   * @deprecated since 5.0.0: use `CLUSTER REPLICAS`
   * @see https://redis.io/commands/cluster-slaves/
   */
  clusterSlaves(nodeId: Arg): Out<V, M, ClusterNode[]>;

  /**
   * Tells of slots of this node how many keys they have, and what the commands on these cost.
   * `CLUSTER SLOT-STATS` · since 8.2.0 · O(n) of the keys and slots, O(n · log n) with ORDERBY
   * @see https://redis.io/commands/cluster-slot-stats/
   */
  clusterSlotStats(options?: { slotsRange?: readonly [IntArg, IntArg]; orderBy?: 'key-count' | 'cpu-usec' | 'network-bytes-in' | 'network-bytes-out'; limit?: IntArg; asc?: boolean; desc?: boolean }): Out<V, M, [V['integer'], Record<string, V['integer']>][]>;

  /**
   * Returns which nodes serve which slots.
   * `CLUSTER SLOTS` · since 3.0.0 · O(n) of the nodes
   * @deprecated since 7.0.0: use `CLUSTER SHARDS`
   * @see https://redis.io/commands/cluster-slots/
   */
  clusterSlots(): Out<V, M, ClusterSlots[]>;

  /**
   * Returns how many commands there are.
   * `COMMAND COUNT` · since 2.8.13 · O(1)
   * @see https://redis.io/commands/command-count/
   */
  commandCount(): Out<V, M, V['integer']>;

  /**
   * Returns the documentation of some commands, or of all.
   * `COMMAND DOCS` · since 7.0.0 · O(n) of the commands asked for
   * @see https://redis.io/commands/command-docs/
   */
  commandDocs(options?: { names?: readonly Arg[] }): Out<V, M, ReplyValue<V>>;

  /**
   * Returns the keys of a whole command.
   * `COMMAND GETKEYS` · since 2.8.13 · O(n) of the arguments
   * @see https://redis.io/commands/command-getkeys/
   */
  commandGetkeys(command: Arg, options?: { args?: readonly Arg[] }): Out<V, M, string[]>;

  /**
   * Returns the keys of a whole command, and what it does with each.
   * `COMMAND GETKEYSANDFLAGS` · since 7.0.0 · O(n) of the arguments
   * @see https://redis.io/commands/command-getkeysandflags/
   */
  commandGetkeysandflags(command: Arg, options?: { args?: readonly Arg[] }): Out<V, M, [string, string[]][]>;

  /**
   * Lists the subcommands of COMMAND.
   * `COMMAND HELP` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/command-help/
   */
  commandHelp(): Out<V, M, string[]>;

  /**
   * Describes some commands, or all; null for an unknown one.
   * `COMMAND INFO` · since 2.8.13 · O(n) of the commands asked for
   * @see https://redis.io/commands/command-info/
   */
  commandInfo(options?: { names?: readonly Arg[] }): Out<V, M, (ReplyValue<V> | null)[]>;

  /**
   * Returns the names of the commands, all or by module, ACL category or pattern.
   * `COMMAND LIST` · since 7.0.0 · O(n) of the commands
   * @see https://redis.io/commands/command-list/
   */
  commandList(options?: { filterBy?: readonly ['module' | 'aclcat' | 'pattern', Arg] }): Out<V, M, string[]>;

  /**
   * Returns the parameters whose names match one of the patterns, with their values.
   * `CONFIG GET` · since 2.0.0 · O(n) of the parameters
   * @see https://redis.io/commands/config-get/
   */
  configGet(...patterns: Arg[] | [readonly Arg[]]): Out<V, M, Record<string, string>>;

  /**
   * Lists the subcommands of CONFIG.
   * `CONFIG HELP` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/config-help/
   */
  configHelp(): Out<V, M, string[]>;

  /**
   * Sets the counters that INFO shows back to zero.
   * `CONFIG RESETSTAT` · since 2.0.0 · O(1)
   * @see https://redis.io/commands/config-resetstat/
   */
  configResetstat(): Out<V, M, 'OK'>;

  /**
   * Writes the parameters as they are now to the configuration file, keeping its comments and order.
   * `CONFIG REWRITE` · since 2.8.0 · O(n) of the parameters
   * @see https://redis.io/commands/config-rewrite/
   */
  configRewrite(): Out<V, M, 'OK'>;

  /**
   * Sets parameters, all of them or none.
   * `CONFIG SET` · since 2.0.0 · O(n) of the parameters
   * @see https://redis.io/commands/config-set/
   */
  configSet(parameter: Arg, value: Arg): Out<V, M, 'OK'>;
  configSet(parameters: Pairs): Out<V, M, 'OK'>;

  /**
   * Copies a key with its TTL to another name or database; refused if that exists, unless REPLACE.
   * `COPY` · since 6.2.0 · O(n) of the elements; O(1) for a string
   * @see https://redis.io/commands/copy/
   */
  copy(source: Arg, destination: Arg, options?: { db?: IntArg; replace?: boolean }): Out<V, M, boolean>;

  /**
   * Counts the keys of the selected database.
   * `DBSIZE` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/dbsize/
   */
  dbsize(): Out<V, M, V['integer']>;

  /**
   * Looks into the engine and provokes states that tests need.
   * `DEBUG` · since 1.0.0 · Depends on the subcommand.
   * @see https://redis.io/commands/debug/
   */
  debug(subcommand: Arg, args: Arg | readonly Arg[]): Out<V, M, ReplyValue<V>>;

  /**
   * Looks into the engine and provokes states that tests need.
   * A checksum of all data.
   * `DEBUG … DIGEST` · since 1.0.0 · Depends on the subcommand.
   * @see https://redis.io/commands/debug/
   */
  debugDigest(): Out<V, M, string>;

  /**
   * Looks into the engine and provokes states that tests need.
   * Checksums of the values of some keys.
   * `DEBUG … DIGEST-VALUE` · since 1.0.0 · Depends on the subcommand.
   * @see https://redis.io/commands/debug/
   */
  debugDigestValue(args: Arg | readonly Arg[]): Out<V, M, string[]>;

  /**
   * Looks into the engine and provokes states that tests need.
   * Facts about the value of a key.
   * `DEBUG … OBJECT` · since 1.0.0 · Depends on the subcommand.
   * @see https://redis.io/commands/debug/
   */
  debugObject(args: Arg | readonly Arg[]): Out<V, M, Record<string, string | number>>;

  /**
   * Looks into the engine and provokes states that tests need.
   * Blocks the whole engine for some seconds.
   * `DEBUG … SLEEP` · since 1.0.0 · Depends on the subcommand.
   * @see https://redis.io/commands/debug/
   */
  debugSleep(args: Arg | readonly Arg[]): Out<V, M, 'OK'>;

  /**
   * Subtracts one from the integer in a string and returns what is left; an absent key counts as 0.
   * `DECR` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/decr/
   */
  decr(key: Arg): Out<V, M, V['integer']>;

  /**
   * Subtracts from the integer in a string and returns what is left; an absent key counts as 0.
   * `DECRBY` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/decrby/
   */
  decrby(key: Arg, decrement: IntArg): Out<V, M, V['integer']>;

  /**
   * Deletes keys; returns how many there were.
   * `DEL` · since 1.0.0 · O(n) of the keys
   * @see https://redis.io/commands/del/
   */
  del(...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Removes a key, if its string is, or is not, the one given; whether it did.
   * `DELEX` · since 8.4.0 · O(1); O(n) of the bytes for a digest
   * @see https://redis.io/commands/delex/
   */
  delex(key: Arg, options?: { ifEq?: V['input']; ifNe?: V['input']; ifDigestEq?: V['input']; ifDigestNe?: V['input'] }): Out<V, M, boolean>;

  /**
   * Removes a key if it holds this string; whether it did.
   * `DELIFEQ` · since 9.0.0 · O(1)
   * @see https://redis.io/commands/delifeq/
   */
  delifeq(key: Arg, value: V['input']): Out<V, M, boolean>;

  /**
   * Returns the XXH3 hash of a string as 16 hexadecimal digits, null if it is absent.
   * `DIGEST` · since 8.4.0 · O(n) of the bytes
   * @see https://redis.io/commands/digest/
   */
  digest(key: Arg): Out<V, M, V['bytes'] | null>;

  /**
   * Returns the value of a key as a payload for RESTORE, here or on another server; null if the key is absent.
   * `DUMP` · since 2.6.0 · O(n) of the bytes of the value
   * @see https://redis.io/commands/dump/
   */
  dump(key: Arg): Out<V, M, Uint8Array | null>;

  /**
   * Returns its argument.
   * `ECHO` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/echo/
   */
  echo(message: Arg): Out<V, M, V['bytes']>;

  /**
   * Runs a Lua script, atomically. The keys (one, or an array; no count) are its KEYS, the other arguments its ARGV.
   * `EVAL` · since 2.6.0 · Depends on the script.
   * @see https://redis.io/commands/eval/
   */
  eval(script: Arg, keys: Arg | readonly Arg[], ...args: Arg[] | [readonly Arg[]]): Out<V, M, ReplyValue<V>>;

  /**
   * Runs a Lua script that may only read.
   * `EVAL_RO` · since 7.0.0 · Depends on the script.
   * @see https://redis.io/commands/eval_ro/
   */
  evalRo(script: Arg, keys: Arg | readonly Arg[], ...args: Arg[] | [readonly Arg[]]): Out<V, M, ReplyValue<V>>;

  /**
   * Runs a script that is loaded already, by its SHA-1; an error NOSCRIPT if it is not.
   * `EVALSHA` · since 2.6.0 · Depends on the script.
   * @see https://redis.io/commands/evalsha/
   */
  evalsha(sha1: Arg, keys: Arg | readonly Arg[], ...args: Arg[] | [readonly Arg[]]): Out<V, M, ReplyValue<V>>;

  /**
   * Runs a known script that may only read, by its SHA-1.
   * `EVALSHA_RO` · since 7.0.0 · Depends on the script.
   * @see https://redis.io/commands/evalsha_ro/
   */
  evalshaRo(sha1: Arg, keys: Arg | readonly Arg[], ...args: Arg[] | [readonly Arg[]]): Out<V, M, ReplyValue<V>>;

  /**
   * Returns how many of the keys exist; one that is named twice counts twice.
   * `EXISTS` · since 1.0.0 · O(n) of the keys
   * @see https://redis.io/commands/exists/
   */
  exists(...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Sets the time to live of a key in seconds; whether it was set (not if the key is absent).
   * `EXPIRE` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/expire/
   */
  expire(key: Arg, seconds: IntArg, options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, boolean>;

  /**
   * Sets when a key expires, in seconds since 1970; whether it was set (not if the key is absent).
   * `EXPIREAT` · since 1.2.0 · O(1)
   * @see https://redis.io/commands/expireat/
   */
  expireat(key: Arg, unixSeconds: IntArg | Date, options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, boolean>;

  /**
   * Returns when a key expires, in seconds since 1970; -1 without an expiry, -2 if the key is absent.
   * `EXPIRETIME` · since 7.0.0 · O(1)
   * @see https://redis.io/commands/expiretime/
   */
  expiretime(key: Arg): Out<V, M, V['integer']>;

  /**
   * Calls a function of a loaded library with keys and arguments.
   * `FCALL` · since 7.0.0 · Depends on the function.
   * @see https://redis.io/commands/fcall/
   */
  fcall(functionName: Arg, keys: Arg | readonly Arg[], ...args: Arg[] | [readonly Arg[]]): Out<V, M, ReplyValue<V>>;

  /**
   * Calls a function that may only read.
   * `FCALL_RO` · since 7.0.0 · Depends on the function.
   * @see https://redis.io/commands/fcall_ro/
   */
  fcallRo(functionName: Arg, keys: Arg | readonly Arg[], ...args: Arg[] | [readonly Arg[]]): Out<V, M, ReplyValue<V>>;

  /**
   * Removes all keys of all databases.
   * `FLUSHALL` · since 1.0.0 · O(n) of the keys
   * @see https://redis.io/commands/flushall/
   */
  flushall(options?: { mode?: 'async' | 'sync' }): Out<V, M, 'OK'>;

  /**
   * Removes all keys of the selected database.
   * `FLUSHDB` · since 1.0.0 · O(n) of the keys
   * @see https://redis.io/commands/flushdb/
   */
  flushdb(options?: { mode?: 'async' | 'sync' }): Out<V, M, 'OK'>;

  /**
   * Removes a library and its functions.
   * `FUNCTION DELETE` · since 7.0.0 · O(1)
   * @see https://redis.io/commands/function-delete/
   */
  functionDelete(libraryName: Arg): Out<V, M, 'OK'>;

  /**
   * Returns all libraries in one payload, for FUNCTION RESTORE.
   * `FUNCTION DUMP` · since 7.0.0 · O(n) of the libraries
   * @see https://redis.io/commands/function-dump/
   */
  functionDump(): Out<V, M, Uint8Array>;

  /**
   * Removes all libraries.
   * `FUNCTION FLUSH` · since 7.0.0 · O(n) of the functions
   * @see https://redis.io/commands/function-flush/
   */
  functionFlush(options?: { mode?: 'async' | 'sync' }): Out<V, M, 'OK'>;

  /**
   * Lists the subcommands of FUNCTION.
   * `FUNCTION HELP` · since 7.0.0 · O(1)
   * @see https://redis.io/commands/function-help/
   */
  functionHelp(): Out<V, M, string[]>;

  /**
   * Ends the function that runs, if it has not written.
   * `FUNCTION KILL` · since 7.0.0 · O(1)
   * @see https://redis.io/commands/function-kill/
   */
  functionKill(): Out<V, M, 'OK'>;

  /**
   * Describes the libraries and their functions.
   * `FUNCTION LIST` · since 7.0.0 · O(n) of the functions
   * @see https://redis.io/commands/function-list/
   */
  functionList(options?: { libraryName?: Arg; withCode?: boolean }): Out<V, M, Record<string, ReplyValue<V>>[]>;

  /**
   * Makes a library of its source, whose first line names it: `#!lua name=mylib`. Returns the name.
   * `FUNCTION LOAD` · since 7.0.0 · O(n) of its length, and what its code does
   * @see https://redis.io/commands/function-load/
   */
  functionLoad(code: Arg, options?: { replace?: boolean }): Out<V, M, string>;

  /**
   * Makes the libraries of a payload of FUNCTION DUMP.
   * `FUNCTION RESTORE` · since 7.0.0 · O(n) of the payload
   * @see https://redis.io/commands/function-restore/
   */
  functionRestore(payload: Arg, options?: { policy?: 'flush' | 'append' | 'replace' }): Out<V, M, 'OK'>;

  /**
   * Says which function runs, and how many there are.
   * `FUNCTION STATS` · since 7.0.0 · O(1)
   * @see https://redis.io/commands/function-stats/
   */
  functionStats(): Out<V, M, Record<string, ReplyValue<V>>>;

  /**
   * Adds members with positions, or moves members; returns how many are new (with `ch`: new or moved).
   * `GEOADD` · since 3.2.0 · O(log n) for each member
   * @see https://redis.io/commands/geoadd/
   */
  geoadd(key: Arg, places: Places<V['input']>, options?: { nx?: boolean; xx?: boolean; ch?: boolean }): Out<V, M, V['integer']>;

  /**
   * Returns the distance between two members, in metres unless told; null if one is absent.
   * `GEODIST` · since 3.2.0 · O(1)
   * @see https://redis.io/commands/geodist/
   */
  geodist(key: Arg, member1: V['input'], member2: V['input'], options?: { unit?: GeoUnit }): Out<V, M, number | null>;

  /**
   * Returns the standard geohashes of members, null for those that are absent.
   * `GEOHASH` · since 3.2.0 · O(1) for each member
   * @see https://redis.io/commands/geohash/
   */
  geohash(key: Arg, ...members: V['input'][] | [readonly V['input'][]]): Out<V, M, (V['bytes'] | null)[]>;

  /**
   * Returns the positions of members as [longitude, latitude], null for those that are absent.
   * `GEOPOS` · since 3.2.0 · O(1) for each member
   * @see https://redis.io/commands/geopos/
   */
  geopos(key: Arg, ...members: V['input'][] | [readonly V['input'][]]): Out<V, M, ([number, number] | null)[]>;

  /**
   * Finds the members around a position.
   * `GEORADIUS` · since 3.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument
   * @see https://redis.io/commands/georadius/
   */
  georadius(key: Arg, longitude: NumberArg, latitude: NumberArg, radius: NumberArg, unit: GeoUnit, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, V['value'][]>;

  /**
   * Finds the members around a position.
   * With the distance from the centre in the unit of the search, the score, and the position.
   * `GEORADIUS … WITHCOORD … WITHDIST … WITHHASH` · since 3.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument
   * @see https://redis.io/commands/georadius/
   */
  georadiusDetails(key: Arg, longitude: NumberArg, latitude: NumberArg, radius: NumberArg, unit: GeoUnit, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, { member: V['value']; distance: number; hash: V['integer']; longitude: number; latitude: number }[]>;

  /**
   * Finds the members around a position, without the options that store them.
   * `GEORADIUS_RO` · since 3.2.10 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` with the `BYRADIUS` argument
   * @see https://redis.io/commands/georadius_ro/
   */
  georadiusRo(key: Arg, longitude: NumberArg, latitude: NumberArg, radius: NumberArg, unit: GeoUnit, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, V['value'][]>;

  /**
   * Finds the members around a position, without the options that store them.
   * With the distance from the centre in the unit of the search, the score, and the position.
   * `GEORADIUS_RO … WITHCOORD … WITHDIST … WITHHASH` · since 3.2.10 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` with the `BYRADIUS` argument
   * @see https://redis.io/commands/georadius_ro/
   */
  georadiusRoDetails(key: Arg, longitude: NumberArg, latitude: NumberArg, radius: NumberArg, unit: GeoUnit, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, { member: V['value']; distance: number; hash: V['integer']; longitude: number; latitude: number }[]>;

  /**
   * Finds the members around a position.
   * Returns how many members were stored.
   * `GEORADIUS` · since 3.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument
   * @see https://redis.io/commands/georadius/
   */
  georadiusStore(key: Arg, longitude: NumberArg, latitude: NumberArg, radius: NumberArg, unit: GeoUnit, store: Arg, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, V['integer']>;

  /**
   * Finds the members around a position.
   * The scores are the distances.
   * `GEORADIUS` · since 3.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument
   * @see https://redis.io/commands/georadius/
   */
  georadiusStoreDist(key: Arg, longitude: NumberArg, latitude: NumberArg, radius: NumberArg, unit: GeoUnit, storeDist: Arg, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, V['integer']>;

  /**
   * Finds the members around another member.
   * `GEORADIUSBYMEMBER` · since 3.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments
   * @see https://redis.io/commands/georadiusbymember/
   */
  georadiusbymember(key: Arg, member: V['input'], radius: NumberArg, unit: GeoUnit, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, V['value'][]>;

  /**
   * Finds the members around another member.
   * With the distance from the centre in the unit of the search, the score, and the position.
   * `GEORADIUSBYMEMBER … WITHCOORD … WITHDIST … WITHHASH` · since 3.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments
   * @see https://redis.io/commands/georadiusbymember/
   */
  georadiusbymemberDetails(key: Arg, member: V['input'], radius: NumberArg, unit: GeoUnit, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, { member: V['value']; distance: number; hash: V['integer']; longitude: number; latitude: number }[]>;

  /**
   * Finds the members around another member, without the options that store them.
   * `GEORADIUSBYMEMBER_RO` · since 3.2.10 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments
   * @see https://redis.io/commands/georadiusbymember_ro/
   */
  georadiusbymemberRo(key: Arg, member: V['input'], radius: NumberArg, unit: GeoUnit, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, V['value'][]>;

  /**
   * Finds the members around another member, without the options that store them.
   * With the distance from the centre in the unit of the search, the score, and the position.
   * `GEORADIUSBYMEMBER_RO … WITHCOORD … WITHDIST … WITHHASH` · since 3.2.10 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments
   * @see https://redis.io/commands/georadiusbymember_ro/
   */
  georadiusbymemberRoDetails(key: Arg, member: V['input'], radius: NumberArg, unit: GeoUnit, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, { member: V['value']; distance: number; hash: V['integer']; longitude: number; latitude: number }[]>;

  /**
   * Finds the members around another member.
   * Returns how many members were stored.
   * `GEORADIUSBYMEMBER` · since 3.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments
   * @see https://redis.io/commands/georadiusbymember/
   */
  georadiusbymemberStore(key: Arg, member: V['input'], radius: NumberArg, unit: GeoUnit, store: Arg, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, V['integer']>;

  /**
   * Finds the members around another member.
   * The scores are the distances.
   * `GEORADIUSBYMEMBER` · since 3.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @deprecated since 6.2.0: use `GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments
   * @see https://redis.io/commands/georadiusbymember/
   */
  georadiusbymemberStoreDist(key: Arg, member: V['input'], radius: NumberArg, unit: GeoUnit, storeDist: Arg, options?: { count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, V['integer']>;

  /**
   * Finds the members inside a circle or a box around a position or a member.
   * `GEOSEARCH` · since 6.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @see https://redis.io/commands/geosearch/
   */
  geosearch(key: Arg, options?: { fromMember?: V['input']; fromLonLat?: readonly [NumberArg, NumberArg]; byRadius?: readonly [NumberArg, GeoUnit]; byBox?: readonly [NumberArg, NumberArg, GeoUnit]; count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, V['value'][]>;

  /**
   * Finds the members inside a circle or a box around a position or a member.
   * With the distance from the centre in the unit of the search, the score, and the position.
   * `GEOSEARCH … WITHCOORD … WITHDIST … WITHHASH` · since 6.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @see https://redis.io/commands/geosearch/
   */
  geosearchDetails(key: Arg, options?: { fromMember?: V['input']; fromLonLat?: readonly [NumberArg, NumberArg]; byRadius?: readonly [NumberArg, GeoUnit]; byBox?: readonly [NumberArg, NumberArg, GeoUnit]; count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean }): Out<V, M, { member: V['value']; distance: number; hash: V['integer']; longitude: number; latitude: number }[]>;

  /**
   * As GEOSEARCH, stored as a sorted set; returns how many members it has.
   * `GEOSEARCHSTORE` · since 6.2.0 · O(n + log m), n members in the squares around the area, m in the sorted set
   * @see https://redis.io/commands/geosearchstore/
   */
  geosearchstore(destination: Arg, source: Arg, options?: { fromMember?: V['input']; fromLonLat?: readonly [NumberArg, NumberArg]; byRadius?: readonly [NumberArg, GeoUnit]; byBox?: readonly [NumberArg, NumberArg, GeoUnit]; count?: IntArg; any?: boolean; asc?: boolean; desc?: boolean; storeDist?: boolean }): Out<V, M, V['integer']>;

  /**
   * Returns the string of a key, null if it is absent.
   * `GET` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/get/
   */
  get(key: Arg): Out<V, M, V['value'] | null>;

  /**
   * Returns the bit at an offset; beyond the end every bit is 0.
   * `GETBIT` · since 2.2.0 · O(1)
   * @see https://redis.io/commands/getbit/
   */
  getbit(key: Arg, offset: IntArg): Out<V, M, 0 | 1>;

  /**
   * Returns the string of a key and removes the key.
   * `GETDEL` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/getdel/
   */
  getdel(key: Arg): Out<V, M, V['value'] | null>;

  /**
   * Returns the string of a key and sets or removes its expiry.
   * `GETEX` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/getex/
   */
  getex(key: Arg, options?: { ex?: IntArg; px?: IntArg; exat?: IntArg | Date; pxat?: IntArg | Date; persist?: boolean }): Out<V, M, V['value'] | null>;

  /**
   * Returns the bytes from start to end, both included; negative offsets count from the end.
   * `GETRANGE` · since 2.4.0 · O(n) of the bytes returned
   * @see https://redis.io/commands/getrange/
   */
  getrange(key: Arg, start: IntArg, end: IntArg): Out<V, M, V['bytes']>;

  /**
   * Sets the string of a key and returns the old one.
   * `GETSET` · since 1.0.0 · O(1)
   * @deprecated since 6.2.0: use `SET` with the `!GET` argument
   * @see https://redis.io/commands/getset/
   */
  getset(key: Arg, value: V['input']): Out<V, M, V['value'] | null>;

  /**
   * Removes fields from a hash; returns how many there were.
   * `HDEL` · since 2.0.0 · O(n) of the fields given
   * @see https://redis.io/commands/hdel/
   */
  hdel(key: Arg, ...fields: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Whether a hash has a field.
   * `HEXISTS` · since 2.0.0 · O(1)
   * @see https://redis.io/commands/hexists/
   */
  hexists(key: Arg, field: Arg): Out<V, M, boolean>;

  /**
   * Lets fields of a hash end after some seconds; returns for each 1 if it was set, 0 if the condition forbade it, 2 if the field ended at once, -2 if it is absent.
   * `HEXPIRE` · since 7.4.0 · O(n) of the fields given
   * @see https://redis.io/commands/hexpire/
   */
  hexpire(key: Arg, seconds: IntArg, fields: Arg | readonly Arg[], options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, V['integer'][]>;

  /**
   * Lets fields of a hash end at a time in seconds since 1970; returns for each 1 if it was set, 0 if the condition forbade it, 2 if the field ended at once, -2 if it is absent.
   * `HEXPIREAT` · since 7.4.0 · O(n) of the fields given
   * @see https://redis.io/commands/hexpireat/
   */
  hexpireat(key: Arg, unixSeconds: IntArg | Date, fields: Arg | readonly Arg[], options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, V['integer'][]>;

  /**
   * Returns when fields of a hash end, in seconds since 1970; -1 without an end, -2 if the field is absent.
   * `HEXPIRETIME` · since 7.4.0 · O(n) of the fields given
   * @see https://redis.io/commands/hexpiretime/
   */
  hexpiretime(key: Arg, ...fields: Arg[] | [readonly Arg[]]): Out<V, M, V['integer'][]>;

  /**
   * Returns the value of a field, null if there is none.
   * `HGET` · since 2.0.0 · O(1)
   * @see https://redis.io/commands/hget/
   */
  hget(key: Arg, field: Arg): Out<V, M, V['value'] | null>;

  /**
   * Returns all fields and values of a hash; an absent key is an empty hash.
   * `HGETALL` · since 2.0.0 · O(n) of the fields
   * @see https://redis.io/commands/hgetall/
   */
  hgetall(key: Arg): Out<V, M, Record<string, V['value']>>;

  /**
   * Returns the values of fields, null where there is none, and removes the fields.
   * `HGETDEL` · since 8.0.0 · O(n) of the fields given
   * @see https://redis.io/commands/hgetdel/
   */
  hgetdel(key: Arg, ...fields: Arg[] | [readonly Arg[]]): Out<V, M, (V['value'] | null)[]>;

  /**
   * Returns the values of fields, null where there is none, and sets or removes their expiry.
   * `HGETEX` · since 8.0.0 · O(n) of the fields given
   * @see https://redis.io/commands/hgetex/
   */
  hgetex(key: Arg, fields: Arg | readonly Arg[], options?: { ex?: NumberArg; px?: NumberArg; exat?: IntArg | Date; pxat?: IntArg | Date; persist?: boolean }): Out<V, M, (V['value'] | null)[]>;

  /**
   * Adds to the integer in a field and returns the sum; an absent field counts as 0.
   * `HINCRBY` · since 2.0.0 · O(1)
   * @see https://redis.io/commands/hincrby/
   */
  hincrby(key: Arg, field: Arg, increment: IntArg): Out<V, M, V['integer']>;

  /**
   * Adds a decimal number to the number in a field and returns the sum; an absent field counts as 0.
   * `HINCRBYFLOAT` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/hincrbyfloat/
   */
  hincrbyfloat(key: Arg, field: Arg, increment: NumberArg): Out<V, M, number>;

  /**
   * Returns the fields of a hash.
   * `HKEYS` · since 2.0.0 · O(n) of the fields
   * @see https://redis.io/commands/hkeys/
   */
  hkeys(key: Arg): Out<V, M, V['bytes'][]>;

  /**
   * Returns how many fields a hash has.
   * `HLEN` · since 2.0.0 · O(1)
   * @see https://redis.io/commands/hlen/
   */
  hlen(key: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the values of several fields, null where there is none.
   * `HMGET` · since 2.0.0 · O(n) of the fields given
   * @see https://redis.io/commands/hmget/
   */
  hmget(key: Arg, ...fields: Arg[] | [readonly Arg[]]): Out<V, M, (V['value'] | null)[]>;

  /**
   * Sets fields of a hash.
   * `HMSET` · since 2.0.0 · O(n) of the fields given
   * @deprecated since 4.0.0: use `HSET` with multiple field-value pairs
   * @see https://redis.io/commands/hmset/
   */
  hmset(key: Arg, field: Arg, value: V['input']): Out<V, M, 'OK'>;
  hmset(key: Arg, pairs: Pairs<V['input']>): Out<V, M, 'OK'>;

  /**
   * Takes the ends of fields away; returns for each 1 if there was one, -1 if not, -2 if the field is absent.
   * `HPERSIST` · since 7.4.0 · O(n) of the fields given
   * @see https://redis.io/commands/hpersist/
   */
  hpersist(key: Arg, ...fields: Arg[] | [readonly Arg[]]): Out<V, M, V['integer'][]>;

  /**
   * Lets fields of a hash end after some milliseconds; returns for each 1 if it was set, 0 if the condition forbade it, 2 if the field ended at once, -2 if it is absent.
   * `HPEXPIRE` · since 7.4.0 · O(n) of the fields given
   * @see https://redis.io/commands/hpexpire/
   */
  hpexpire(key: Arg, milliseconds: IntArg, fields: Arg | readonly Arg[], options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, V['integer'][]>;

  /**
   * Lets fields of a hash end at a time in milliseconds since 1970; returns for each 1 if it was set, 0 if the condition forbade it, 2 if the field ended at once, -2 if it is absent.
   * `HPEXPIREAT` · since 7.4.0 · O(n) of the fields given
   * @see https://redis.io/commands/hpexpireat/
   */
  hpexpireat(key: Arg, unixMillis: IntArg | Date, fields: Arg | readonly Arg[], options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, V['integer'][]>;

  /**
   * Returns when fields of a hash end, in milliseconds since 1970; -1 without an end, -2 if the field is absent.
   * `HPEXPIRETIME` · since 7.4.0 · O(n) of the fields given
   * @see https://redis.io/commands/hpexpiretime/
   */
  hpexpiretime(key: Arg, ...fields: Arg[] | [readonly Arg[]]): Out<V, M, V['integer'][]>;

  /**
   * Returns the milliseconds that fields of a hash have left; -1 without an end, -2 if the field is absent.
   * `HPTTL` · since 7.4.0 · O(n) of the fields given
   * @see https://redis.io/commands/hpttl/
   */
  hpttl(key: Arg, ...fields: Arg[] | [readonly Arg[]]): Out<V, M, V['integer'][]>;

  /**
   * Returns random fields of a hash.
   * Null if the key is absent.
   * `HRANDFIELD` · since 6.2.0 · O(n) of the fields returned
   * @see https://redis.io/commands/hrandfield/
   */
  hrandfield(key: Arg): Out<V, M, V['bytes'] | null>;

  /**
   * Returns random fields of a hash.
   * Different fields; a negative count allows repetitions.
   * `HRANDFIELD` · since 6.2.0 · O(n) of the fields returned
   * @see https://redis.io/commands/hrandfield/
   */
  hrandfieldCount(key: Arg, count: IntArg): Out<V, M, V['bytes'][]>;

  /**
   * Returns random fields of a hash.
   * Returns `[field, value]` pairs.
   * `HRANDFIELD … WITHVALUES` · since 6.2.0 · O(n) of the fields returned
   * @see https://redis.io/commands/hrandfield/
   */
  hrandfieldWithValues(key: Arg, count: IntArg): Out<V, M, [V['bytes'], V['value']][]>;

  /**
   * Returns some fields and values of a hash and the cursor to go on with; `0` begins and ends.
   * `HSCAN` · since 2.8.0 · O(count) per call
   * @see https://redis.io/commands/hscan/
   */
  hscan(key: Arg, cursor: Arg, options?: { match?: Arg; count?: IntArg }): Out<V, M, [string, [V['bytes'], V['value']][]]>;

  /**
   * Returns some fields and values of a hash and the cursor to go on with; `0` begins and ends.
   * Returns the fields alone. Since Redis 7.4.
   * `HSCAN … NOVALUES` · since 2.8.0 · O(count) per call
   * @see https://redis.io/commands/hscan/
   */
  hscanNoValues(key: Arg, cursor: Arg, options?: { match?: Arg; count?: IntArg }): Out<V, M, [string, V['bytes'][]]>;

  /**
   * Sets fields of a hash, making it if it is absent; returns how many fields are new.
   * `HSET` · since 2.0.0 · O(n) of the fields given
   * @see https://redis.io/commands/hset/
   */
  hset(key: Arg, field: Arg, value: V['input']): Out<V, M, V['integer']>;
  hset(key: Arg, pairs: Pairs<V['input']>): Out<V, M, V['integer']>;

  /**
   * Sets fields of a hash and when they expire, all or none; whether it did.
   * `HSETEX` · since 8.0.0 · O(n) of the fields given
   * @see https://redis.io/commands/hsetex/
   */
  hsetex(key: Arg, pairs: Pairs<V['input']>, options?: { fnx?: boolean; fxx?: boolean; ex?: NumberArg; px?: NumberArg; exat?: IntArg | Date; pxat?: IntArg | Date; keepTtl?: boolean }): Out<V, M, boolean>;

  /**
   * Sets a field of a hash if the hash does not have it.
   * `HSETNX` · since 2.0.0 · O(1)
   * @see https://redis.io/commands/hsetnx/
   */
  hsetnx(key: Arg, field: Arg, value: V['input']): Out<V, M, boolean>;

  /**
   * Returns the length of the value of a field in bytes, 0 if there is none.
   * `HSTRLEN` · since 3.2.0 · O(1)
   * @see https://redis.io/commands/hstrlen/
   */
  hstrlen(key: Arg, field: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the seconds that fields of a hash have left; -1 without an end, -2 if the field is absent.
   * `HTTL` · since 7.4.0 · O(n) of the fields given
   * @see https://redis.io/commands/httl/
   */
  httl(key: Arg, ...fields: Arg[] | [readonly Arg[]]): Out<V, M, V['integer'][]>;

  /**
   * Returns the values of a hash.
   * `HVALS` · since 2.0.0 · O(n) of the fields
   * @see https://redis.io/commands/hvals/
   */
  hvals(key: Arg): Out<V, M, V['value'][]>;

  /**
   * Adds one to the integer in a string and returns the sum; an absent key counts as 0.
   * `INCR` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/incr/
   */
  incr(key: Arg): Out<V, M, V['integer']>;

  /**
   * Adds to the integer in a string and returns the sum; an absent key counts as 0.
   * `INCRBY` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/incrby/
   */
  incrby(key: Arg, increment: IntArg): Out<V, M, V['integer']>;

  /**
   * Adds a decimal number to the number in a string; an absent key counts as 0.
   * `INCRBYFLOAT` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/incrbyfloat/
   */
  incrbyfloat(key: Arg, increment: NumberArg): Out<V, M, number>;

  /**
   * Returns facts and figures about the server, by section.
   * `INFO` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/info/
   */
  info(options?: { sections?: readonly Arg[] }): Out<V, M, Record<string, Record<string, string>>>;

  /**
   * Returns all keys that match a pattern, in any order. Looks at every key: for small databases.
   * `KEYS` · since 1.0.0 · O(n) of the keys in the database
   * @see https://redis.io/commands/keys/
   */
  keys(pattern: Arg): Out<V, M, V['bytes'][]>;

  /**
   * Returns when the data was last saved.
   * `LASTSAVE` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/lastsave/
   */
  lastsave(): Out<V, M, Date>;

  /**
   * Says in words what took too long and what may help.
   * `LATENCY DOCTOR` · since 2.8.13 · O(1)
   * @see https://redis.io/commands/latency-doctor/
   */
  latencyDoctor(): Out<V, M, string>;

  /**
   * Draws the samples of an event with letters.
   * `LATENCY GRAPH` · since 2.8.13 · O(1)
   * @see https://redis.io/commands/latency-graph/
   */
  latencyGraph(event: Arg): Out<V, M, string>;

  /**
   * Lists the subcommands of LATENCY.
   * `LATENCY HELP` · since 2.8.13 · O(1)
   * @see https://redis.io/commands/latency-help/
   */
  latencyHelp(): Out<V, M, string[]>;

  /**
   * Returns how long the calls of some commands took, or of all.
   * `LATENCY HISTOGRAM` · since 7.0.0 · O(n) of the commands
   * @see https://redis.io/commands/latency-histogram/
   */
  latencyHistogram(options?: { commands?: readonly Arg[] }): Out<V, M, Record<string, { calls: number; histogram: [micros: number, count: number][] }>>;

  /**
   * Returns the samples of an event, oldest first.
   * `LATENCY HISTORY` · since 2.8.13 · O(1)
   * @see https://redis.io/commands/latency-history/
   */
  latencyHistory(event: Arg): Out<V, M, { time: Date; ms: number }[]>;

  /**
   * Returns the last and the worst sample of each event.
   * `LATENCY LATEST` · since 2.8.13 · O(1)
   * @see https://redis.io/commands/latency-latest/
   */
  latencyLatest(): Out<V, M, { event: string; time: Date; ms: number; maxMs: number }[]>;

  /**
   * Forgets the samples of some events, or of all; returns how many events had some.
   * `LATENCY RESET` · since 2.8.13 · O(1)
   * @see https://redis.io/commands/latency-reset/
   */
  latencyReset(options?: { events?: readonly Arg[] }): Out<V, M, V['integer']>;

  /**
   * Finds the longest sequence of bytes that two strings have in common, gaps allowed.
   * `LCS` · since 7.0.0 · O(n × m) of the two lengths
   * @see https://redis.io/commands/lcs/
   */
  lcs(key1: Arg, key2: Arg): Out<V, M, V['bytes']>;

  /**
   * Finds the longest sequence of bytes that two strings have in common, gaps allowed.
   * Returns where its stretches lie in both strings, the last one first.
   * `LCS … IDX … WITHMATCHLEN` · since 7.0.0 · O(n × m) of the two lengths
   * @see https://redis.io/commands/lcs/
   */
  lcsIdx(key1: Arg, key2: Arg, options?: { minMatchLen?: IntArg }): Out<V, M, { matches: { first: [number, number]; second: [number, number]; length: number }[]; length: number }>;

  /**
   * Finds the longest sequence of bytes that two strings have in common, gaps allowed.
   * Returns its length only.
   * `LCS … LEN` · since 7.0.0 · O(n × m) of the two lengths
   * @see https://redis.io/commands/lcs/
   */
  lcsLen(key1: Arg, key2: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the element at an index, null outside the list; negative indices count from the tail.
   * `LINDEX` · since 1.0.0 · O(n) of the distance to the nearer end
   * @see https://redis.io/commands/lindex/
   */
  lindex(key: Arg, index: NumberArg): Out<V, M, V['value'] | null>;

  /**
   * Puts an element before or after the first one equal to a pivot; returns the new length, -1 without pivot, 0 without list.
   * `LINSERT` · since 2.2.0 · O(n) of the distance from the head to the pivot
   * @see https://redis.io/commands/linsert/
   */
  linsert(key: Arg, where: 'before' | 'after', pivot: V['input'], element: V['input']): Out<V, M, V['integer']>;

  /**
   * Returns the length of a list, 0 if it is absent.
   * `LLEN` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/llen/
   */
  llen(key: Arg): Out<V, M, V['integer']>;

  /**
   * Moves an element from one end of a list to one end of another or the same; returns it.
   * `LMOVE` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/lmove/
   */
  lmove(source: Arg, destination: Arg, from: 'left' | 'right', to: 'left' | 'right'): Out<V, M, V['value'] | null>;

  /**
   * Removes elements from one end of the first list that exists; returns its key and the elements.
   * `LMPOP` · since 7.0.0 · O(k + n), k keys, n elements returned
   * @see https://redis.io/commands/lmpop/
   */
  lmpop(keys: Arg | readonly Arg[], from: 'left' | 'right', options?: { count?: IntArg }): Out<V, M, [V['bytes'], V['value'][]] | null>;

  /**
   * Draws a picture, and tells the version.
   * `LOLWUT` · since 5.0.0 · O(n) of the characters drawn
   * @see https://redis.io/commands/lolwut/
   */
  lolwut(options?: { args?: readonly Arg[] }): Out<V, M, string>;

  /**
   * Removes and returns elements from the head of a list.
   * `LPOP` · since 1.0.0 · O(n) of the elements returned
   * @see https://redis.io/commands/lpop/
   */
  lpop(key: Arg): Out<V, M, V['value'] | null>;

  /**
   * Removes and returns elements from the head of a list.
   * Up to `count` elements; null if there is no list.
   * `LPOP` · since 1.0.0 · O(n) of the elements returned
   * @see https://redis.io/commands/lpop/
   */
  lpopCount(key: Arg, count: IntArg): Out<V, M, V['value'][] | null>;

  /**
   * Finds the index of an element.
   * `LPOS` · since 6.0.6 · O(n) of the elements looked at
   * @see https://redis.io/commands/lpos/
   */
  lpos(key: Arg, element: V['input'], options?: { rank?: IntArg; maxLen?: IntArg }): Out<V, M, V['integer'] | null>;

  /**
   * Finds the index of an element.
   * Up to `count` indices, all if it is 0.
   * `LPOS` · since 6.0.6 · O(n) of the elements looked at
   * @see https://redis.io/commands/lpos/
   */
  lposCount(key: Arg, element: V['input'], count: IntArg, options?: { rank?: IntArg; maxLen?: IntArg }): Out<V, M, V['integer'][]>;

  /**
   * Puts elements at the head of a list one after the other, making it if it is absent; returns the new length.
   * `LPUSH` · since 1.0.0 · O(1) for each element
   * @see https://redis.io/commands/lpush/
   */
  lpush(key: Arg, ...elements: V['input'][] | [readonly V['input'][]]): Out<V, M, V['integer']>;

  /**
   * Puts elements at the head of a list that exists; returns its length, 0 if it is absent.
   * `LPUSHX` · since 2.2.0 · O(1) for each element
   * @see https://redis.io/commands/lpushx/
   */
  lpushx(key: Arg, ...elements: V['input'][] | [readonly V['input'][]]): Out<V, M, V['integer']>;

  /**
   * Returns the elements between two indices, both included; negative ones count from the tail.
   * `LRANGE` · since 1.0.0 · O(s + n), s the distance of start from the nearer end, n the elements returned
   * @see https://redis.io/commands/lrange/
   */
  lrange(key: Arg, start: IntArg, stop: IntArg): Out<V, M, V['value'][]>;

  /**
   * Removes elements equal to a value: `count` from the head, -`count` from the tail if negative, all if 0.
   * `LREM` · since 1.0.0 · O(n)
   * @see https://redis.io/commands/lrem/
   */
  lrem(key: Arg, count: IntArg, element: V['input']): Out<V, M, V['integer']>;

  /**
   * Replaces the element at an index.
   * `LSET` · since 1.0.0 · O(n) of the distance to the nearer end
   * @see https://redis.io/commands/lset/
   */
  lset(key: Arg, index: NumberArg, element: V['input']): Out<V, M, 'OK'>;

  /**
   * Keeps only the elements between two indices, both included.
   * `LTRIM` · since 1.0.0 · O(n) of the elements removed
   * @see https://redis.io/commands/ltrim/
   */
  ltrim(key: Arg, start: IntArg, stop: IntArg): Out<V, M, 'OK'>;

  /**
   * Says in words what is odd about the use of memory.
   * `MEMORY DOCTOR` · since 4.0.0 · O(1)
   * @see https://redis.io/commands/memory-doctor/
   */
  memoryDoctor(): Out<V, M, string>;

  /**
   * Lists the subcommands of MEMORY.
   * `MEMORY HELP` · since 4.0.0 · O(1)
   * @see https://redis.io/commands/memory-help/
   */
  memoryHelp(): Out<V, M, string[]>;

  /**
   * Shows how the memory of the process is used.
   * `MEMORY MALLOC-STATS` · since 4.0.0 · O(1)
   * @see https://redis.io/commands/memory-malloc-stats/
   */
  memoryMallocStats(): Out<V, M, string>;

  /**
   * Asks for unused memory to be given back to the system.
   * `MEMORY PURGE` · since 4.0.0 · O(1)
   * @see https://redis.io/commands/memory-purge/
   */
  memoryPurge(): Out<V, M, 'OK'>;

  /**
   * Returns what memory is used for.
   * `MEMORY STATS` · since 4.0.0 · O(1)
   * @see https://redis.io/commands/memory-stats/
   */
  memoryStats(): Out<V, M, Record<string, ReplyValue<V>>>;

  /**
   * Returns the bytes that a key and its value take, null if it is absent.
   * `MEMORY USAGE` · since 4.0.0 · O(1)
   * @see https://redis.io/commands/memory-usage/
   */
  memoryUsage(key: Arg, options?: { samples?: IntArg }): Out<V, M, V['integer'] | null>;

  /**
   * Returns the strings of several keys, null for keys that are absent or hold something else.
   * `MGET` · since 1.0.0 · O(n) of the keys
   * @see https://redis.io/commands/mget/
   */
  mget(...keys: Arg[] | [readonly Arg[]]): Out<V, M, (V['value'] | null)[]>;

  /**
   * Moves keys to another server. Replies NOKEY where none of them exists.
   * `MIGRATE` · since 2.6.0 · O(n) of the values
   * @see https://redis.io/commands/migrate/
   */
  migrate(host: Arg, port: Arg, key: Arg, destinationDb: NumberArg, timeout: NumberArg, options?: { copy?: boolean; replace?: boolean; auth?: Arg; auth2?: readonly [Arg, Arg]; keys?: Arg }): Out<V, M, string>;

  /**
   * Lists the subcommands of MODULE.
   * `MODULE HELP` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/module-help/
   */
  moduleHelp(): Out<V, M, string[]>;

  /**
   * Lists the modules that are loaded.
   * `MODULE LIST` · since 4.0.0 · O(n) of the modules
   * @see https://redis.io/commands/module-list/
   */
  moduleList(): Out<V, M, ReplyValue<V>[]>;

  /**
   * Moves a key to another database, unless it exists there.
   * `MOVE` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/move/
   */
  move(key: Arg, db: IntArg): Out<V, M, boolean>;

  /**
   * Sets the strings of several keys, atomically.
   * `MSET` · since 1.0.1 · O(n) of the keys
   * @see https://redis.io/commands/mset/
   */
  mset(pairs: Pairs<V['input']>): Out<V, M, 'OK'>;

  /**
   * Gives several keys a string each, with one TTL, perhaps only if all or none of them exist; whether it did.
   * `MSETEX` · since 8.4.0 · O(n) of the keys
   * @see https://redis.io/commands/msetex/
   */
  msetex(pairs: Pairs<V['input']> | readonly Pairs<V['input']>[], options?: { nx?: boolean; xx?: boolean; ex?: IntArg; px?: IntArg; exat?: IntArg | Date; pxat?: IntArg | Date; keepTtl?: boolean }): Out<V, M, boolean>;

  /**
   * Sets the strings of several keys if none of them exists; whether it did.
   * `MSETNX` · since 1.0.1 · O(n) of the keys
   * @see https://redis.io/commands/msetnx/
   */
  msetnx(pairs: Pairs<V['input']>): Out<V, M, boolean>;

  /**
   * Returns the name of the form in which the value of a key is kept, null if the key is absent.
   * `OBJECT ENCODING` · since 2.2.3 · O(1)
   * @see https://redis.io/commands/object-encoding/
   */
  objectEncoding(key: Arg): Out<V, M, string | null>;

  /**
   * Returns how often a key is used, on a logarithmic scale. Only with an LFU eviction policy.
   * `OBJECT FREQ` · since 4.0.0 · O(1)
   * @see https://redis.io/commands/object-freq/
   */
  objectFreq(key: Arg): Out<V, M, V['integer'] | null>;

  /**
   * Lists the subcommands of OBJECT.
   * `OBJECT HELP` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/object-help/
   */
  objectHelp(): Out<V, M, string[]>;

  /**
   * Returns the seconds since a key was last used. Not with an LFU eviction policy.
   * `OBJECT IDLETIME` · since 2.2.3 · O(1)
   * @see https://redis.io/commands/object-idletime/
   */
  objectIdletime(key: Arg): Out<V, M, V['integer'] | null>;

  /**
   * Returns how many references the value of a key has, as a Redis server would count them.
   * `OBJECT REFCOUNT` · since 2.2.3 · O(1)
   * @see https://redis.io/commands/object-refcount/
   */
  objectRefcount(key: Arg): Out<V, M, V['integer'] | null>;

  /**
   * Removes the expiry of a key; whether it had one.
   * `PERSIST` · since 2.2.0 · O(1)
   * @see https://redis.io/commands/persist/
   */
  persist(key: Arg): Out<V, M, boolean>;

  /**
   * Sets the time to live of a key in milliseconds; whether it was set (not if the key is absent).
   * `PEXPIRE` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/pexpire/
   */
  pexpire(key: Arg, milliseconds: IntArg, options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, boolean>;

  /**
   * Sets when a key expires, in milliseconds since 1970; whether it was set (not if the key is absent).
   * `PEXPIREAT` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/pexpireat/
   */
  pexpireat(key: Arg, unixMillis: IntArg | Date, options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, boolean>;

  /**
   * Returns when a key expires, in milliseconds since 1970; -1 without an expiry, -2 if the key is absent.
   * `PEXPIRETIME` · since 7.0.0 · O(1)
   * @see https://redis.io/commands/pexpiretime/
   */
  pexpiretime(key: Arg): Out<V, M, V['integer']>;

  /**
   * Shows elements to a HyperLogLog, making it if it is absent; true if its estimate may have changed.
   * `PFADD` · since 2.8.9 · O(1) per element
   * @see https://redis.io/commands/pfadd/
   */
  pfadd(key: Arg, ...elements: V['input'][] | [readonly V['input'][]]): Out<V, M, boolean>;

  /**
   * Estimates how many different elements the HyperLogLogs have seen together.
   * `PFCOUNT` · since 2.8.9 · O(1), or O(n) of the keys if there are several
   * @see https://redis.io/commands/pfcount/
   */
  pfcount(...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Makes a HyperLogLog that has seen what it and all the sources have seen.
   * `PFMERGE` · since 2.8.9 · O(n) of the keys
   * @see https://redis.io/commands/pfmerge/
   */
  pfmerge(destination: Arg, ...sources: Arg[] | [readonly Arg[]]): Out<V, M, 'OK'>;

  /**
   * Answers PONG, or its argument.
   * `PING` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/ping/
   */
  ping(): Out<V, M, string>;

  /**
   * Answers PONG, or its argument.
   * `PING` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/ping/
   */
  pingMessage(message: Arg): Out<V, M, V['bytes']>;

  /**
   * Sets the string of a key with a time to live in milliseconds.
   * `PSETEX` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/psetex/
   */
  psetex(key: Arg, milliseconds: IntArg, value: V['input']): Out<V, M, 'OK'>;

  /**
   * Returns the milliseconds until a key expires; -1 without an expiry, -2 if the key is absent.
   * `PTTL` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/pttl/
   */
  pttl(key: Arg): Out<V, M, V['integer']>;

  /**
   * Sends a message to a channel; returns how many listeners got it.
   * `PUBLISH` · since 2.0.0 · O(n + m) of the listeners and of all patterns
   * @see https://redis.io/commands/publish/
   */
  publish(channel: Arg, message: V['input']): Out<V, M, V['integer']>;

  /**
   * Returns the channels that have listeners, all or those that match a pattern.
   * `PUBSUB CHANNELS` · since 2.8.0 · O(n) of the channels
   * @see https://redis.io/commands/pubsub-channels/
   */
  pubsubChannels(options?: { pattern?: Arg }): Out<V, M, V['bytes'][]>;

  /**
   * Lists the subcommands of PUBSUB.
   * `PUBSUB HELP` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/pubsub-help/
   */
  pubsubHelp(): Out<V, M, string[]>;

  /**
   * Returns how many different patterns are listened to.
   * `PUBSUB NUMPAT` · since 2.8.0 · O(1)
   * @see https://redis.io/commands/pubsub-numpat/
   */
  pubsubNumpat(): Out<V, M, V['integer']>;

  /**
   * Returns how many listeners each of the channels has, patterns not counted.
   * `PUBSUB NUMSUB` · since 2.8.0 · O(n) of the channels asked for
   * @see https://redis.io/commands/pubsub-numsub/
   */
  pubsubNumsub(options?: { channels?: readonly Arg[] }): Out<V, M, [V['bytes'], V['integer']][]>;

  /**
   * Returns the shard channels that have listeners, all or those that match a pattern.
   * `PUBSUB SHARDCHANNELS` · since 7.0.0 · O(n) of the shard channels
   * @see https://redis.io/commands/pubsub-shardchannels/
   */
  pubsubShardchannels(options?: { pattern?: Arg }): Out<V, M, V['bytes'][]>;

  /**
   * Returns how many listeners each of the shard channels has.
   * `PUBSUB SHARDNUMSUB` · since 7.0.0 · O(n) of the shard channels asked for
   * @see https://redis.io/commands/pubsub-shardnumsub/
   */
  pubsubShardnumsub(options?: { channels?: readonly Arg[] }): Out<V, M, [V['bytes'], V['integer']][]>;

  /**
   * Returns a key drawn at random, null if the database is empty.
   * `RANDOMKEY` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/randomkey/
   */
  randomkey(): Out<V, M, V['bytes'] | null>;

  /**
   * Lets the connection read from a replica.
   * `READONLY` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/readonly/
   */
  readonly(): Out<V, M, 'OK'>;

  /**
   * Ends what READONLY began.
   * `READWRITE` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/readwrite/
   */
  readwrite(): Out<V, M, 'OK'>;

  /**
   * Renames a key, replacing any key of the new name. An error if the key is absent.
   * `RENAME` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/rename/
   */
  rename(key: Arg, newKey: Arg): Out<V, M, 'OK'>;

  /**
   * Renames a key unless the new name is taken; whether it did. An error if the key is absent.
   * `RENAMENX` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/renamenx/
   */
  renamenx(key: Arg, newKey: Arg): Out<V, M, boolean>;

  /**
   * Makes the server a replica of another one, or, with NO ONE, a primary again.
   * `REPLICAOF` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/replicaof/
   */
  replicaof(host: Arg, port: Arg): Out<V, M, 'OK'>;

  /**
   * Makes a key from a payload of DUMP, with a TTL in milliseconds or none (0). Refused if the key exists, unless REPLACE.
   * `RESTORE` · since 2.6.0 · O(n) of the elements; O(n log n) for a sorted set
   * @see https://redis.io/commands/restore/
   */
  restore(key: Arg, ttl: NumberArg, payload: Arg, options?: { replace?: boolean; absTtl?: boolean; idleTime?: IntArg; frequency?: IntArg }): Out<V, M, 'OK'>;

  /**
   * Returns whether the server is a primary or a replica, and of whom.
   * `ROLE` · since 2.8.12 · O(1)
   * @see https://redis.io/commands/role/
   */
  role(): Out<V, M, ReplyValue<V>>;

  /**
   * Removes and returns elements from the tail of a list.
   * `RPOP` · since 1.0.0 · O(n) of the elements returned
   * @see https://redis.io/commands/rpop/
   */
  rpop(key: Arg): Out<V, M, V['value'] | null>;

  /**
   * Removes and returns elements from the tail of a list.
   * Up to `count` elements; null if there is no list.
   * `RPOP` · since 1.0.0 · O(n) of the elements returned
   * @see https://redis.io/commands/rpop/
   */
  rpopCount(key: Arg, count: IntArg): Out<V, M, V['value'][] | null>;

  /**
   * Moves the last element of a list to the head of another or the same; returns it.
   * `RPOPLPUSH` · since 1.2.0 · O(1)
   * @deprecated since 6.2.0: use `LMOVE` with the `RIGHT` and `LEFT` arguments
   * @see https://redis.io/commands/rpoplpush/
   */
  rpoplpush(source: Arg, destination: Arg): Out<V, M, V['value'] | null>;

  /**
   * Puts elements at the tail of a list, making it if it is absent; returns the new length.
   * `RPUSH` · since 1.0.0 · O(1) for each element
   * @see https://redis.io/commands/rpush/
   */
  rpush(key: Arg, ...elements: V['input'][] | [readonly V['input'][]]): Out<V, M, V['integer']>;

  /**
   * Puts elements at the tail of a list that exists; returns its length, 0 if it is absent.
   * `RPUSHX` · since 2.2.0 · O(1) for each element
   * @see https://redis.io/commands/rpushx/
   */
  rpushx(key: Arg, ...elements: V['input'][] | [readonly V['input'][]]): Out<V, M, V['integer']>;

  /**
   * Adds members to a set, making it if it is absent; returns how many are new.
   * `SADD` · since 1.0.0 · O(n) of the members given
   * @see https://redis.io/commands/sadd/
   */
  sadd(key: Arg, ...members: V['input'][] | [readonly V['input'][]]): Out<V, M, V['integer']>;

  /**
   * Saves a snapshot of the data; everything else waits.
   * `SAVE` · since 1.0.0 · O(n) of the data
   * @see https://redis.io/commands/save/
   */
  save(): Out<V, M, 'OK'>;

  /**
   * Returns the next cursor and some keys. A key that exists during the whole scan is returned at least once.
   * `SCAN` · since 2.8.0 · O(count) per call, O(n) for all keys
   * @see https://redis.io/commands/scan/
   */
  scan(cursor: Arg, options?: { match?: Arg; count?: IntArg; type?: Arg }): Out<V, M, [string, V['bytes'][]]>;

  /**
   * Returns how many members a set has.
   * `SCARD` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/scard/
   */
  scard(key: Arg): Out<V, M, V['integer']>;

  /**
   * Returns for each SHA-1 whether its script is loaded.
   * `SCRIPT EXISTS` · since 2.6.0 · O(n) of the SHA-1s
   * @see https://redis.io/commands/script-exists/
   */
  scriptExists(...sha1: Arg[] | [readonly Arg[]]): Out<V, M, boolean[]>;

  /**
   * Forgets all scripts.
   * `SCRIPT FLUSH` · since 2.6.0 · O(n) of the scripts
   * @see https://redis.io/commands/script-flush/
   */
  scriptFlush(options?: { mode?: 'async' | 'sync' }): Out<V, M, 'OK'>;

  /**
   * Lists the subcommands of SCRIPT.
   * `SCRIPT HELP` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/script-help/
   */
  scriptHelp(): Out<V, M, string[]>;

  /**
   * Ends the script that runs, if it has not written.
   * `SCRIPT KILL` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/script-kill/
   */
  scriptKill(): Out<V, M, 'OK'>;

  /**
   * Keeps a script for EVALSHA and returns its SHA-1.
   * `SCRIPT LOAD` · since 2.6.0 · O(n) of its length
   * @see https://redis.io/commands/script-load/
   */
  scriptLoad(script: Arg): Out<V, M, string>;

  /**
   * Returns the source of a script that is known, by its SHA-1.
   * `SCRIPT SHOW` · since 9.0.0 · O(1)
   * @see https://redis.io/commands/script-show/
   */
  scriptShow(sha1: Arg): Out<V, M, string>;

  /**
   * Returns the members of the first set that are in none of the others.
   * `SDIFF` · since 1.0.0 · O(n) of all members
   * @see https://redis.io/commands/sdiff/
   */
  sdiff(...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['value'][]>;

  /**
   * Stores the members of the first set that are in none of the others; returns how many there are.
   * `SDIFFSTORE` · since 1.0.0 · O(n) of all members
   * @see https://redis.io/commands/sdiffstore/
   */
  sdiffstore(destination: Arg, ...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Chooses the database of the connection.
   * `SELECT` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/select/
   */
  select(index: IntArg): Out<V, M, 'OK'>;

  /**
   * Says whether enough Sentinels can be reached to fail a service over; an error says why not.
   * `SENTINEL CKQUORUM` · since 2.8.4 · O(1)
   * @see https://redis.io/commands/sentinel-ckquorum/
   */
  sentinelCkquorum(service: Arg): Out<V, M, string>;

  /**
   * Reads or sets parameters of the Sentinel itself.
   * `SENTINEL CONFIG … GET` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/sentinel-config/
   */
  sentinelConfigGet(parameter: Arg): Out<V, M, Record<string, string>>;

  /**
   * Reads or sets parameters of the Sentinel itself.
   * `SENTINEL CONFIG … SET` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/sentinel-config/
   */
  sentinelConfigSet(parameter: Arg, value: Arg): Out<V, M, 'OK'>;

  /**
   * Shows or sets the periods by which the Sentinel works.
   * `SENTINEL DEBUG` · since 7.0.0 · O(n) of the parameters
   * @see https://redis.io/commands/sentinel-debug/
   */
  sentinelDebug(): Out<V, M, Record<string, number>>;

  /**
   * Shows or sets the periods by which the Sentinel works.
   * `SENTINEL DEBUG` · since 7.0.0 · O(n) of the parameters
   * @see https://redis.io/commands/sentinel-debug/
   */
  sentinelDebugSet(parameters: Pairs): Out<V, M, 'OK'>;

  /**
   * Begins to make a replica the primary of a service, without asking other Sentinels.
   * `SENTINEL FAILOVER` · since 2.8.4 · O(1)
   * @see https://redis.io/commands/sentinel-failover/
   */
  sentinelFailover(service: Arg): Out<V, M, 'OK'>;

  /**
   * Writes the configuration of the Sentinel to its file.
   * `SENTINEL FLUSHCONFIG` · since 2.8.4 · O(1)
   * @see https://redis.io/commands/sentinel-flushconfig/
   */
  sentinelFlushconfig(): Out<V, M, 'OK'>;

  /**
   * Returns the address of the primary of a service, or nothing for an unknown service.
   * `SENTINEL GET-MASTER-ADDR-BY-NAME` · since 2.8.4 · O(1)
   * @see https://redis.io/commands/sentinel-get-master-addr-by-name/
   */
  sentinelGetMasterAddrByName(service: Arg): Out<V, M, { host: string; port: number } | null>;

  /**
   * Lists the subcommands of SENTINEL.
   * `SENTINEL HELP` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/sentinel-help/
   */
  sentinelHelp(): Out<V, M, string[]>;

  /**
   * Returns what the nodes of some services last answered to INFO.
   * `SENTINEL INFO-CACHE` · since 3.2.0 · O(n) of the nodes
   * @see https://redis.io/commands/sentinel-info-cache/
   */
  sentinelInfoCache(...services: Arg[] | [readonly Arg[]]): Out<V, M, Record<string, { age: number; info: string | null }[]>>;

  /**
   * Says whether the Sentinel takes the primary at an address for down; a run id asks for its vote.
   * `SENTINEL IS-MASTER-DOWN-BY-ADDR` · since 2.8.4 · O(1)
   * @see https://redis.io/commands/sentinel-is-master-down-by-addr/
   */
  sentinelIsMasterDownByAddr(ip: Arg, port: IntArg, currentEpoch: IntArg, runId: Arg): Out<V, M, { isDown: boolean; leader: string | null; leaderEpoch: number }>;

  /**
   * Returns the state of the primary of a service.
   * `SENTINEL MASTER` · since 2.8.4 · O(1)
   * @see https://redis.io/commands/sentinel-master/
   */
  sentinelMaster(service: Arg): Out<V, M, SentinelMaster>;

  /**
   * Returns the states of the primaries of all services.
   * `SENTINEL MASTERS` · since 2.8.4 · O(n) of the services
   * @see https://redis.io/commands/sentinel-masters/
   */
  sentinelMasters(): Out<V, M, SentinelMaster[]>;

  /**
   * Begins to watch a primary as a service of this name.
   * `SENTINEL MONITOR` · since 2.8.4 · O(1)
   * @see https://redis.io/commands/sentinel-monitor/
   */
  sentinelMonitor(service: Arg, ip: Arg, port: IntArg, quorum: IntArg): Out<V, M, 'OK'>;

  /**
   * Returns the id of the Sentinel.
   * `SENTINEL MYID` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/sentinel-myid/
   */
  sentinelMyid(): Out<V, M, string>;

  /**
   * Returns the scripts that run or wait to run.
   * `SENTINEL PENDING-SCRIPTS` · since 2.8.4 · O(n) of the scripts
   * @see https://redis.io/commands/sentinel-pending-scripts/
   */
  sentinelPendingScripts(): Out<V, M, Record<string, ReplyValue<V>>[]>;

  /**
   * Ends the watch over a service.
   * `SENTINEL REMOVE` · since 2.8.4 · O(1)
   * @see https://redis.io/commands/sentinel-remove/
   */
  sentinelRemove(service: Arg): Out<V, M, 'OK'>;

  /**
   * Returns the states of the replicas of a service.
   * `SENTINEL REPLICAS` · since 5.0.0 · O(n) of the replicas
   * @see https://redis.io/commands/sentinel-replicas/
   */
  sentinelReplicas(service: Arg): Out<V, M, SentinelReplica[]>;

  /**
   * Forgets what is known of the services whose names match a pattern; returns how many there were.
   * `SENTINEL RESET` · since 2.8.4 · O(n) of the services
   * @see https://redis.io/commands/sentinel-reset/
   */
  sentinelReset(pattern: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the states of the other Sentinels of a service.
   * `SENTINEL SENTINELS` · since 2.8.4 · O(n) of the Sentinels
   * @see https://redis.io/commands/sentinel-sentinels/
   */
  sentinelSentinels(service: Arg): Out<V, M, SentinelPeer[]>;

  /**
   * Sets parameters of the watch over a service.
   * `SENTINEL SET` · since 2.8.4 · O(1)
   * @see https://redis.io/commands/sentinel-set/
   */
  sentinelSet(service: Arg, option: Arg, value: Arg): Out<V, M, 'OK'>;
  sentinelSet(service: Arg, options: Pairs): Out<V, M, 'OK'>;

  /**
   * Makes the Sentinel crash at a point of the next failover, or lists the points.
   * `SENTINEL SIMULATE-FAILURE` · since 3.2.0 · O(1)
   * @see https://redis.io/commands/sentinel-simulate-failure/
   */
  sentinelSimulateFailure(...modes: Arg[] | [readonly Arg[]]): Out<V, M, ReplyValue<V>>;

  /**
   * Returns the states of the replicas of a service, by the older name of the command.
   * `SENTINEL SLAVES` · since 2.8.0 · O(n) of the replicas
   * @deprecated since 5.0.0: use SENTINEL REPLICAS
   * @see https://redis.io/commands/sentinel-slaves/
   */
  sentinelSlaves(service: Arg): Out<V, M, SentinelReplica[]>;

  /**
   * Sets the string of a key, replacing whatever it held. Its expiry is dropped unless kept or set.
   * `SET` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/set/
   */
  set(key: Arg, value: V['input'], options?: { nx?: boolean; xx?: boolean; ifEq?: V['input']; ifNe?: V['input']; ifDigestEq?: V['input']; ifDigestNe?: V['input']; ex?: IntArg; px?: IntArg; exat?: IntArg | Date; pxat?: IntArg | Date; keepTtl?: boolean }): Out<V, M, boolean>;

  /**
   * Sets the string of a key, replacing whatever it held. Its expiry is dropped unless kept or set.
   * Returns the old string.
   * `SET … GET` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/set/
   */
  setGet(key: Arg, value: V['input'], options?: { nx?: boolean; xx?: boolean; ifEq?: V['input']; ifNe?: V['input']; ifDigestEq?: V['input']; ifDigestNe?: V['input']; ex?: IntArg; px?: IntArg; exat?: IntArg | Date; pxat?: IntArg | Date; keepTtl?: boolean }): Out<V, M, V['value'] | null>;

  /**
   * Sets the bit at an offset, in a string that grows as needed; returns the bit that was there.
   * `SETBIT` · since 2.2.0 · O(1), and O(n) of the bytes added
   * @see https://redis.io/commands/setbit/
   */
  setbit(key: Arg, offset: IntArg, value: IntArg): Out<V, M, 0 | 1>;

  /**
   * Sets the string of a key with a time to live in seconds.
   * `SETEX` · since 2.0.0 · O(1)
   * @see https://redis.io/commands/setex/
   */
  setex(key: Arg, seconds: IntArg, value: V['input']): Out<V, M, 'OK'>;

  /**
   * Sets the string of a key if the key does not exist; whether it did.
   * `SETNX` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/setnx/
   */
  setnx(key: Arg, value: V['input']): Out<V, M, boolean>;

  /**
   * Overwrites a string from an offset on, with zeros before it where it was shorter; returns the new length.
   * `SETRANGE` · since 2.2.0 · O(n) of the bytes written
   * @see https://redis.io/commands/setrange/
   */
  setrange(key: Arg, offset: IntArg, value: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the members that are in all the sets.
   * `SINTER` · since 1.0.0 · O(n × m): members of the smallest set, sets
   * @see https://redis.io/commands/sinter/
   */
  sinter(...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['value'][]>;

  /**
   * Returns how many members are in all the sets, counting no further than the limit.
   * `SINTERCARD` · since 7.0.0 · O(n × m): members of the smallest set, sets
   * @see https://redis.io/commands/sintercard/
   */
  sintercard(keys: Arg | readonly Arg[], options?: { limit?: IntArg }): Out<V, M, V['integer']>;

  /**
   * Stores the members that are in all the sets; returns how many there are.
   * `SINTERSTORE` · since 1.0.0 · O(n × m): members of the smallest set, sets
   * @see https://redis.io/commands/sinterstore/
   */
  sinterstore(destination: Arg, ...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Whether a set has a member.
   * `SISMEMBER` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/sismember/
   */
  sismember(key: Arg, member: V['input']): Out<V, M, boolean>;

  /**
   * The old name of REPLICAOF.
   * `SLAVEOF` · since 1.0.0 · O(1)
   * @deprecated since 5.0.0: use REPLICAOF
   * @see https://redis.io/commands/slaveof/
   */
  slaveof(host: Arg, port: Arg): Out<V, M, 'OK'>;

  /**
   * Returns the latest slow commands, newest first: 10 unless told otherwise, all for -1.
   * `SLOWLOG GET` · since 2.2.12 · O(n) of the entries returned
   * @see https://redis.io/commands/slowlog-get/
   */
  slowlogGet(options?: { count?: IntArg }): Out<V, M, { id: number; time: Date; micros: number; argv: V['bytes'][]; address: string; name: string }[]>;

  /**
   * Lists the subcommands of SLOWLOG.
   * `SLOWLOG HELP` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/slowlog-help/
   */
  slowlogHelp(): Out<V, M, string[]>;

  /**
   * Counts the entries of the log of slow commands.
   * `SLOWLOG LEN` · since 2.2.12 · O(1)
   * @see https://redis.io/commands/slowlog-len/
   */
  slowlogLen(): Out<V, M, V['integer']>;

  /**
   * Empties the log of slow commands.
   * `SLOWLOG RESET` · since 2.2.12 · O(n) of the entries
   * @see https://redis.io/commands/slowlog-reset/
   */
  slowlogReset(): Out<V, M, 'OK'>;

  /**
   * Returns all members of a set; an absent key is an empty set.
   * `SMEMBERS` · since 1.0.0 · O(n) of the members
   * @see https://redis.io/commands/smembers/
   */
  smembers(key: Arg): Out<V, M, V['value'][]>;

  /**
   * Returns for several members whether a set has them.
   * `SMISMEMBER` · since 6.2.0 · O(n) of the members given
   * @see https://redis.io/commands/smismember/
   */
  smismember(key: Arg, ...members: V['input'][] | [readonly V['input'][]]): Out<V, M, boolean[]>;

  /**
   * Moves a member from one set to another; false if it is not in the first.
   * `SMOVE` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/smove/
   */
  smove(source: Arg, destination: Arg, member: V['input']): Out<V, M, boolean>;

  /**
   * Sorts a list, set or sorted set, by its elements or by other keys; returns or stores what it sorted.
   * `SORT` · since 1.0.0 · O(n + m log m), n elements of which m are returned
   * @see https://redis.io/commands/sort/
   */
  sort(key: Arg, options?: { by?: Arg; limit?: readonly [IntArg, IntArg]; get?: readonly Arg[]; asc?: boolean; desc?: boolean; alpha?: boolean }): Out<V, M, (V['value'] | null)[]>;

  /**
   * As SORT, without STORE: may be given to a replica.
   * `SORT_RO` · since 7.0.0 · O(n + m log m), n elements of which m are returned
   * @see https://redis.io/commands/sort_ro/
   */
  sortRo(key: Arg, options?: { by?: Arg; limit?: readonly [IntArg, IntArg]; get?: readonly Arg[]; asc?: boolean; desc?: boolean; alpha?: boolean }): Out<V, M, (V['value'] | null)[]>;

  /**
   * Sorts a list, set or sorted set, by its elements or by other keys; returns or stores what it sorted.
   * Returns how many elements were stored.
   * `SORT` · since 1.0.0 · O(n + m log m), n elements of which m are returned
   * @see https://redis.io/commands/sort/
   */
  sortStore(key: Arg, store: Arg, options?: { by?: Arg; limit?: readonly [IntArg, IntArg]; get?: readonly Arg[]; asc?: boolean; desc?: boolean; alpha?: boolean }): Out<V, M, V['integer']>;

  /**
   * Removes random members of a set and returns them.
   * One member, null if there is none.
   * `SPOP` · since 1.0.0 · O(n) of the members returned
   * @see https://redis.io/commands/spop/
   */
  spop(key: Arg): Out<V, M, V['value'] | null>;

  /**
   * Removes random members of a set and returns them.
   * `SPOP` · since 1.0.0 · O(n) of the members returned
   * @see https://redis.io/commands/spop/
   */
  spopCount(key: Arg, count: IntArg): Out<V, M, V['value'][]>;

  /**
   * Sends a message to a shard channel; returns how many listeners got it.
   * `SPUBLISH` · since 7.0.0 · O(n) of the listeners
   * @see https://redis.io/commands/spublish/
   */
  spublish(channel: Arg, message: V['input']): Out<V, M, V['integer']>;

  /**
   * Returns random members of a set.
   * One member, null if there is none.
   * `SRANDMEMBER` · since 1.0.0 · O(n) of the members returned
   * @see https://redis.io/commands/srandmember/
   */
  srandmember(key: Arg): Out<V, M, V['value'] | null>;

  /**
   * Returns random members of a set.
   * Different members; a negative count allows repetitions.
   * `SRANDMEMBER` · since 1.0.0 · O(n) of the members returned
   * @see https://redis.io/commands/srandmember/
   */
  srandmemberCount(key: Arg, count: IntArg): Out<V, M, V['value'][]>;

  /**
   * Removes members from a set; returns how many there were.
   * `SREM` · since 1.0.0 · O(n) of the members given
   * @see https://redis.io/commands/srem/
   */
  srem(key: Arg, ...members: V['input'][] | [readonly V['input'][]]): Out<V, M, V['integer']>;

  /**
   * Returns some members of a set and the cursor to go on with; `0` begins and ends.
   * `SSCAN` · since 2.8.0 · O(count) per call
   * @see https://redis.io/commands/sscan/
   */
  sscan(key: Arg, cursor: Arg, options?: { match?: Arg; count?: IntArg }): Out<V, M, [string, V['value'][]]>;

  /**
   * Returns the length of a string in bytes, 0 if it is absent.
   * `STRLEN` · since 2.2.0 · O(1)
   * @see https://redis.io/commands/strlen/
   */
  strlen(key: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the bytes from start to end, both included.
   * `SUBSTR` · since 1.0.0 · O(n) of the bytes returned
   * @deprecated since 2.0.0: use `GETRANGE`
   * @see https://redis.io/commands/substr/
   */
  substr(key: Arg, start: IntArg, end: IntArg): Out<V, M, V['bytes']>;

  /**
   * Returns the members that are in any of the sets.
   * `SUNION` · since 1.0.0 · O(n) of all members
   * @see https://redis.io/commands/sunion/
   */
  sunion(...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['value'][]>;

  /**
   * Stores the members that are in any of the sets; returns how many there are.
   * `SUNIONSTORE` · since 1.0.0 · O(n) of all members
   * @see https://redis.io/commands/sunionstore/
   */
  sunionstore(destination: Arg, ...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Exchanges the contents of two databases.
   * `SWAPDB` · since 4.0.0 · O(n) of the clients that watch or wait for keys of either
   * @see https://redis.io/commands/swapdb/
   */
  swapdb(index1: NumberArg, index2: NumberArg): Out<V, M, 'OK'>;

  /**
   * Returns the server's time: Unix seconds, and microseconds of the second.
   * `TIME` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/time/
   */
  time(): Out<V, M, [seconds: number, micros: number]>;

  /**
   * Marks keys as used now; returns how many exist.
   * `TOUCH` · since 3.2.1 · O(n) of the keys
   * @see https://redis.io/commands/touch/
   */
  touch(...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Returns the seconds until a key expires; -1 without an expiry, -2 if the key is absent.
   * `TTL` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/ttl/
   */
  ttl(key: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the type of a key's value, `none` if the key is absent.
   * `TYPE` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/type/
   */
  type(key: Arg): Out<V, M, string>;

  /**
   * Deletes keys; returns how many there were. Memory may be given back later.
   * `UNLINK` · since 4.0.0 · O(1) per key
   * @see https://redis.io/commands/unlink/
   */
  unlink(...keys: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Waits until so many replicas have the writes of this connection; returns how many have.
   * `WAIT` · since 3.0.0 · O(1)
   * @see https://redis.io/commands/wait/
   */
  wait(replicas: IntArg, timeout: IntArg): OutBlocking<V, M, V['integer']>;

  /**
   * Waits until the writes of this connection are on the disk here, and of so many replicas; returns both counts.
   * `WAITAOF` · since 7.2.0 · O(1)
   * @see https://redis.io/commands/waitaof/
   */
  waitaof(local: IntArg, replicas: IntArg, timeout: IntArg): OutBlocking<V, M, [V['integer'], V['integer']]>;

  /**
   * Marks entries as done, removing them from the pending entries of a group; returns how many were pending.
   * `XACK` · since 5.0.0 · O(log n) for each id
   * @see https://redis.io/commands/xack/
   */
  xack(key: Arg, group: Arg, ...ids: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Acknowledges entries and deletes them: 1 where that was done, 2 where others still need it, −1 for none.
   * `XACKDEL` · since 8.2.0 · O(log n) for each id; with ACKED and DELREF also of the groups
   * @see https://redis.io/commands/xackdel/
   */
  xackdel(key: Arg, group: Arg, ids: Arg | readonly Arg[], options?: { keepRef?: boolean; delRef?: boolean; acked?: boolean }): Out<V, M, V['integer'][]>;

  /**
   * Adds an entry to a stream; returns its id. May trim the stream.
   * With the id `*` the server chooses one, with `5-*` its sequence number.
   * `XADD` · since 5.0.0 · O(1); O(n) of the entries that are trimmed
   * @see https://redis.io/commands/xadd/
   */
  xadd(key: Arg, id: Arg, fields: Pairs<V['input']>, options?: { maxLen?: IntArg; minId?: Arg; approximate?: boolean; limit?: IntArg; keepRef?: boolean; delRef?: boolean; acked?: boolean }): Out<V, M, string>;

  /**
   * Adds an entry to a stream; returns its id. May trim the stream.
   * Null if there is no such stream.
   * `XADD … NOMKSTREAM` · since 5.0.0 · O(1); O(n) of the entries that are trimmed
   * @see https://redis.io/commands/xadd/
   */
  xaddIfExists(key: Arg, id: Arg, fields: Pairs<V['input']>, options?: { maxLen?: IntArg; minId?: Arg; approximate?: boolean; limit?: IntArg; keepRef?: boolean; delRef?: boolean; acked?: boolean }): Out<V, M, string | null>;

  /**
   * Makes a consumer the owner of pending entries that were idle for so long, from an id on.
   * Returns where to go on, the entries, and the ids of those that were pending though deleted.
   * `XAUTOCLAIM` · since 6.2.0 · O(m log n), m entries looked at
   * @see https://redis.io/commands/xautoclaim/
   */
  xautoclaim(key: Arg, group: Arg, consumer: Arg, minIdleTime: IntArg, start: Arg, options?: { count?: IntArg }): Out<V, M, [string, { id: string; fields: Record<string, V['value']> }[], string[]]>;

  /**
   * Makes a consumer the owner of pending entries that were idle for so long, from an id on.
   * Only ids, and deliveries are not counted.
   * `XAUTOCLAIM … JUSTID` · since 6.2.0 · O(m log n), m entries looked at
   * @see https://redis.io/commands/xautoclaim/
   */
  xautoclaimIds(key: Arg, group: Arg, consumer: Arg, minIdleTime: IntArg, start: Arg, options?: { count?: IntArg }): Out<V, M, [string, string[], string[]]>;

  /**
   * Makes a consumer the owner of pending entries that were idle for so long.
   * `XCLAIM` · since 5.0.0 · O(log n) for each id
   * @see https://redis.io/commands/xclaim/
   */
  xclaim(key: Arg, group: Arg, consumer: Arg, minIdleTime: NumberArg, ids: Arg | readonly Arg[], options?: { idle?: IntArg; time?: IntArg | Date; retryCount?: IntArg; force?: boolean; lastId?: Arg }): Out<V, M, { id: string; fields: Record<string, V['value']> }[]>;

  /**
   * Makes a consumer the owner of pending entries that were idle for so long.
   * Only ids, and deliveries are not counted.
   * `XCLAIM … JUSTID` · since 5.0.0 · O(log n) for each id
   * @see https://redis.io/commands/xclaim/
   */
  xclaimIds(key: Arg, group: Arg, consumer: Arg, minIdleTime: NumberArg, ids: Arg | readonly Arg[], options?: { idle?: IntArg; time?: IntArg | Date; retryCount?: IntArg; force?: boolean; lastId?: Arg }): Out<V, M, string[]>;

  /**
   * Deletes entries; returns how many there were.
   * `XDEL` · since 5.0.0 · O(log n) for each id
   * @see https://redis.io/commands/xdel/
   */
  xdel(key: Arg, ...ids: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Deletes entries: 1 where that was done, 2 where a group still needs it, −1 for none.
   * `XDELEX` · since 8.2.0 · O(log n) for each id; with ACKED and DELREF also of the groups
   * @see https://redis.io/commands/xdelex/
   */
  xdelex(key: Arg, ids: Arg | readonly Arg[], options?: { keepRef?: boolean; delRef?: boolean; acked?: boolean }): Out<V, M, V['integer'][]>;

  /**
   * Makes a consumer group that begins after the entry of the given id; `$` is the last one.
   * `XGROUP CREATE` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/xgroup-create/
   */
  xgroupCreate(key: Arg, group: Arg, id: Arg, options?: { mkStream?: boolean; entriesRead?: IntArg }): Out<V, M, 'OK'>;

  /**
   * Adds a consumer to a group; tells whether it is new.
   * `XGROUP CREATECONSUMER` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/xgroup-createconsumer/
   */
  xgroupCreateConsumer(key: Arg, group: Arg, consumer: Arg): Out<V, M, boolean>;

  /**
   * Removes a consumer from a group; returns how many entries it had pending, which are lost to the group.
   * `XGROUP DELCONSUMER` · since 5.0.0 · O(n log n) of its pending entries
   * @see https://redis.io/commands/xgroup-delconsumer/
   */
  xgroupDelConsumer(key: Arg, group: Arg, consumer: Arg): Out<V, M, V['integer']>;

  /**
   * Removes a group with its consumers; tells whether there was one.
   * `XGROUP DESTROY` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/xgroup-destroy/
   */
  xgroupDestroy(key: Arg, group: Arg): Out<V, M, boolean>;

  /**
   * Lists the subcommands of XGROUP.
   * `XGROUP HELP` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/xgroup-help/
   */
  xgroupHelp(): Out<V, M, string[]>;

  /**
   * Sets the last entry that a group was given.
   * `XGROUP SETID` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/xgroup-setid/
   */
  xgroupSetId(key: Arg, group: Arg, id: Arg, options?: { entriesRead?: IntArg }): Out<V, M, 'OK'>;

  /**
   * Lists the consumers of a group.
   * `XINFO CONSUMERS` · since 5.0.0 · O(n) of what is told; XINFO STREAM also of the nodes, which hold 100 entries each
   * @see https://redis.io/commands/xinfo-consumers/
   */
  xinfoConsumers(key: Arg, group: Arg): Out<V, M, { name: V['bytes']; pending: V['integer']; idle: V['integer'] }[]>;

  /**
   * Lists the groups of a stream.
   * `XINFO GROUPS` · since 5.0.0 · O(n) of what is told; XINFO STREAM also of the nodes, which hold 100 entries each
   * @see https://redis.io/commands/xinfo-groups/
   */
  xinfoGroups(key: Arg): Out<V, M, { name: V['bytes']; consumers: V['integer']; pending: V['integer']; lastDeliveredId: string; entriesRead: V['integer'] | null; lag: V['integer'] | null }[]>;

  /**
   * Lists the subcommands of XINFO.
   * `XINFO HELP` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/xinfo-help/
   */
  xinfoHelp(): Out<V, M, string[]>;

  /**
   * Tells how a stream is kept, with its first and last entry; or all of it, with groups and pending entries.
   * `XINFO STREAM` · since 5.0.0 · O(n) of what is told; XINFO STREAM also of the nodes, which hold 100 entries each
   * @see https://redis.io/commands/xinfo-stream/
   */
  xinfoStream(key: Arg): Out<V, M, { length: V['integer']; radixTreeKeys: V['integer']; radixTreeNodes: V['integer']; lastGeneratedId: string; maxDeletedEntryId: string; entriesAdded: V['integer']; recordedFirstEntryId: string; groups: V['integer']; firstEntry: { id: string; fields: Record<string, V['value']> } | null; lastEntry: { id: string; fields: Record<string, V['value']> } | null }>;

  /**
   * Tells how a stream is kept, with its first and last entry; or all of it, with groups and pending entries.
   * Lists no more than `count` entries and pending entries each: 10 unless told otherwise, 0 for all.
   * `XINFO STREAM … FULL` · since 5.0.0 · O(n) of what is told; XINFO STREAM also of the nodes, which hold 100 entries each
   * @see https://redis.io/commands/xinfo-stream/
   */
  xinfoStreamFull(key: Arg, options?: { count?: IntArg }): Out<V, M, { length: V['integer']; radixTreeKeys: V['integer']; radixTreeNodes: V['integer']; lastGeneratedId: string; maxDeletedEntryId: string; entriesAdded: V['integer']; recordedFirstEntryId: string; entries: { id: string; fields: Record<string, V['value']> }[]; groups: { name: V['bytes']; lastDeliveredId: string; entriesRead: V['integer'] | null; lag: V['integer'] | null; pelCount: V['integer']; pending: [string, V['bytes'], V['integer'], V['integer']][]; consumers: { name: V['bytes']; seenTime: V['integer']; pelCount: V['integer']; pending: [string, V['integer'], V['integer']][] }[] }[] }>;

  /**
   * Returns the number of entries, 0 if the key is absent.
   * `XLEN` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/xlen/
   */
  xlen(key: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the pending entries of a group: in sum, or entry by entry.
   * Returns the number of pending entries, the first and the last id, and the number of each consumer.
   * `XPENDING` · since 5.0.0 · O(log n + m), m entries returned; the summary O(c log c) of the consumers
   * @see https://redis.io/commands/xpending/
   */
  xpending(key: Arg, group: Arg): Out<V, M, [V['integer'], string | null, string | null, [V['bytes'], V['integer']][]]>;

  /**
   * Returns the pending entries of a group: in sum, or entry by entry.
   * Returns id, consumer, milliseconds since the last delivery and number of deliveries of each entry.
   * `XPENDING` · since 5.0.0 · O(log n + m), m entries returned; the summary O(c log c) of the consumers
   * @see https://redis.io/commands/xpending/
   */
  xpendingRange(key: Arg, group: Arg, start: Arg, end: Arg, count: IntArg, options?: { idle?: IntArg; consumer?: Arg }): Out<V, M, [string, V['bytes'], V['integer'], V['integer']][]>;

  /**
   * Returns the entries from one id to another; `-` and `+` are the lowest and the highest, `(` leaves an id out.
   * `XRANGE` · since 5.0.0 · O(log n + m), m entries returned
   * @see https://redis.io/commands/xrange/
   */
  xrange(key: Arg, start: Arg, end: Arg, options?: { count?: IntArg }): Out<V, M, { id: string; fields: Record<string, V['value']> }[]>;

  /**
   * Returns the entries of streams that follow those of the given ids; may wait for some.
   * Takes the last known id of each stream, `$` for the newest. Null if there is nothing (new).
   * `XREAD` · since 5.0.0 · O(log n + m) for each stream, m entries returned
   * @see https://redis.io/commands/xread/
   */
  xread(streams: Pairs, options?: { count?: IntArg; block?: IntArg }): OutBlocking<V, M, Record<string, { id: string; fields: Record<string, V['value']> }[]> | null>;

  /**
   * Returns the entries of streams that follow those of the given ids; may wait for some.
   * As `xread`, without waiting.
   * `XREAD` · since 5.0.0 · O(log n + m) for each stream, m entries returned
   * @see https://redis.io/commands/xread/
   */
  xreadNow(streams: Pairs, options?: { count?: IntArg }): Out<V, M, Record<string, { id: string; fields: Record<string, V['value']> }[]> | null>;

  /**
   * Returns entries of streams that no consumer of a group was given yet, or those that this consumer has pending; may wait for some.
   * Takes `>` for new entries, or an id for what is pending after it; fields are null where the entry was deleted.
   * `XREADGROUP` · since 5.0.0 · O(log n + m) for each stream, m entries returned
   * @see https://redis.io/commands/xreadgroup/
   */
  xreadgroup(group: Arg, consumer: Arg, streams: Pairs, options?: { count?: IntArg; block?: IntArg; claim?: IntArg; noAck?: boolean }): OutBlocking<V, M, Record<string, { id: string; fields: Record<string, V['value']> | null; idle?: number; deliveries?: number }[]> | null>;

  /**
   * Returns entries of streams that no consumer of a group was given yet, or those that this consumer has pending; may wait for some.
   * As `xreadgroup`, without waiting.
   * `XREADGROUP` · since 5.0.0 · O(log n + m) for each stream, m entries returned
   * @see https://redis.io/commands/xreadgroup/
   */
  xreadgroupNow(group: Arg, consumer: Arg, streams: Pairs, options?: { count?: IntArg; claim?: IntArg; noAck?: boolean }): Out<V, M, Record<string, { id: string; fields: Record<string, V['value']> | null; idle?: number; deliveries?: number }[]> | null>;

  /**
   * Returns the entries from one id down to another.
   * `XREVRANGE` · since 5.0.0 · O(log n + m), m entries returned
   * @see https://redis.io/commands/xrevrange/
   */
  xrevrange(key: Arg, end: Arg, start: Arg, options?: { count?: IntArg }): Out<V, M, { id: string; fields: Record<string, V['value']> }[]>;

  /**
   * Sets the last id of a stream, and its counters.
   * `XSETID` · since 5.0.0 · O(1)
   * @see https://redis.io/commands/xsetid/
   */
  xsetid(key: Arg, lastId: Arg, options?: { entriesAdded?: IntArg; maxDeletedId?: Arg }): Out<V, M, 'OK'>;

  /**
   * Deletes entries from the front, down to a length or up to an id; returns how many.
   * Takes `maxLen` or `minId`; with `approximate` only as far as that is cheap.
   * `XTRIM` · since 5.0.0 · O(n) of the entries that go
   * @see https://redis.io/commands/xtrim/
   */
  xtrim(key: Arg, options?: { maxLen?: IntArg; minId?: Arg; approximate?: boolean; limit?: IntArg; keepRef?: boolean; delRef?: boolean; acked?: boolean }): Out<V, M, V['integer']>;

  /**
   * Adds members with scores, or gives members other scores.
   * Returns how many members are new; with `ch`, how many are new or changed.
   * `ZADD` · since 1.2.0 · O(log n) for each member
   * @see https://redis.io/commands/zadd/
   */
  zadd(key: Arg, member: V['input'], score: NumberArg, options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean; ch?: boolean }): Out<V, M, V['integer']>;
  zadd(key: Arg, members: ScorePairs<V['input']>, options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean; ch?: boolean }): Out<V, M, V['integer']>;

  /**
   * Adds members with scores, or gives members other scores.
   * Adds to the score of one member and returns the sum; null if an option prevented it.
   * `ZADD … INCR` · since 1.2.0 · O(log n) for each member
   * @see https://redis.io/commands/zadd/
   */
  zaddIncr(key: Arg, member: V['input'], increment: NumberArg, options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, number | null>;
  zaddIncr(key: Arg, members: ScorePairs<V['input']>, options?: { nx?: boolean; xx?: boolean; gt?: boolean; lt?: boolean }): Out<V, M, number | null>;

  /**
   * Returns the number of members, 0 if the key is absent.
   * `ZCARD` · since 1.2.0 · O(1)
   * @see https://redis.io/commands/zcard/
   */
  zcard(key: Arg): Out<V, M, V['integer']>;

  /**
   * Counts the members with scores between two bounds.
   * `ZCOUNT` · since 2.0.0 · O(log n)
   * @see https://redis.io/commands/zcount/
   */
  zcount(key: Arg, min: Arg, max: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the members of the first sorted set that are in no other one.
   * `ZDIFF` · since 6.2.0 · O(n k) + O(m log m), n members of the first of k inputs, m in the result
   * @see https://redis.io/commands/zdiff/
   */
  zdiff(keys: Arg | readonly Arg[]): Out<V, M, V['value'][]>;

  /**
   * Returns the members of the first sorted set that are in no other one.
   * `ZDIFF … WITHSCORES` · since 6.2.0 · O(n k) + O(m log m), n members of the first of k inputs, m in the result
   * @see https://redis.io/commands/zdiff/
   */
  zdiffWithScores(keys: Arg | readonly Arg[]): Out<V, M, [V['value'], number][]>;

  /**
   * As ZDIFF, stored as a sorted set; returns how many members it has.
   * `ZDIFFSTORE` · since 6.2.0 · O(n k) + O(m log m), n members of the first of k inputs, m in the result
   * @see https://redis.io/commands/zdiffstore/
   */
  zdiffstore(destination: Arg, keys: Arg | readonly Arg[]): Out<V, M, V['integer']>;

  /**
   * Adds to the score of a member (0 if it is absent) and returns the sum.
   * `ZINCRBY` · since 1.2.0 · O(log n)
   * @see https://redis.io/commands/zincrby/
   */
  zincrby(key: Arg, increment: NumberArg, member: V['input']): Out<V, M, number>;

  /**
   * Returns the members that are in all of the sorted sets, with their scores combined.
   * `ZINTER` · since 6.2.0 · O(n k) + O(m log m), n members of the smallest of k inputs, m in the result
   * @see https://redis.io/commands/zinter/
   */
  zinter(keys: Arg | readonly Arg[], options?: { weights?: readonly NumberArg[]; aggregate?: 'sum' | 'min' | 'max' }): Out<V, M, V['value'][]>;

  /**
   * Returns the members that are in all of the sorted sets, with their scores combined.
   * `ZINTER … WITHSCORES` · since 6.2.0 · O(n k) + O(m log m), n members of the smallest of k inputs, m in the result
   * @see https://redis.io/commands/zinter/
   */
  zinterWithScores(keys: Arg | readonly Arg[], options?: { weights?: readonly NumberArg[]; aggregate?: 'sum' | 'min' | 'max' }): Out<V, M, [V['value'], number][]>;

  /**
   * Counts the members that are in all of the sorted sets, up to a limit.
   * `ZINTERCARD` · since 7.0.0 · O(n k), n members of the smallest of k inputs
   * @see https://redis.io/commands/zintercard/
   */
  zintercard(keys: Arg | readonly Arg[], options?: { limit?: IntArg }): Out<V, M, V['integer']>;

  /**
   * As ZINTER, stored as a sorted set; returns how many members it has.
   * `ZINTERSTORE` · since 2.0.0 · O(n k) + O(m log m), n members of the smallest of k inputs, m in the result
   * @see https://redis.io/commands/zinterstore/
   */
  zinterstore(destination: Arg, keys: Arg | readonly Arg[], options?: { weights?: readonly NumberArg[]; aggregate?: 'sum' | 'min' | 'max' }): Out<V, M, V['integer']>;

  /**
   * Counts the members between two members, if all have the same score.
   * `ZLEXCOUNT` · since 2.8.9 · O(log n)
   * @see https://redis.io/commands/zlexcount/
   */
  zlexcount(key: Arg, min: Arg, max: Arg): Out<V, M, V['integer']>;

  /**
   * Takes members with the lowest or highest scores of the first sorted set that exists; returns its key and them.
   * `ZMPOP` · since 7.0.0 · O(k + m log n), k keys, m members returned
   * @see https://redis.io/commands/zmpop/
   */
  zmpop(keys: Arg | readonly Arg[], where: 'min' | 'max', options?: { count?: IntArg }): Out<V, M, [V['bytes'], [V['value'], number][]] | null>;

  /**
   * Returns the scores of several members, null for those that are absent.
   * `ZMSCORE` · since 6.2.0 · O(n) of the members asked for
   * @see https://redis.io/commands/zmscore/
   */
  zmscore(key: Arg, ...members: V['input'][] | [readonly V['input'][]]): Out<V, M, (number | null)[]>;

  /**
   * Removes and returns the members with the highest scores.
   * `ZPOPMAX` · since 5.0.0 · O(log n) for each member returned
   * @see https://redis.io/commands/zpopmax/
   */
  zpopmax(key: Arg): Out<V, M, [V['value'], number] | null>;

  /**
   * Removes and returns the members with the highest scores.
   * Up to `count` members, highest first.
   * `ZPOPMAX` · since 5.0.0 · O(log n) for each member returned
   * @see https://redis.io/commands/zpopmax/
   */
  zpopmaxCount(key: Arg, count: IntArg): Out<V, M, [V['value'], number][]>;

  /**
   * Removes and returns the members with the lowest scores.
   * `ZPOPMIN` · since 5.0.0 · O(log n) for each member returned
   * @see https://redis.io/commands/zpopmin/
   */
  zpopmin(key: Arg): Out<V, M, [V['value'], number] | null>;

  /**
   * Removes and returns the members with the lowest scores.
   * Up to `count` members, lowest first.
   * `ZPOPMIN` · since 5.0.0 · O(log n) for each member returned
   * @see https://redis.io/commands/zpopmin/
   */
  zpopminCount(key: Arg, count: IntArg): Out<V, M, [V['value'], number][]>;

  /**
   * Draws members at random and leaves them in the sorted set.
   * `ZRANDMEMBER` · since 6.2.0 · O(m), m members returned
   * @see https://redis.io/commands/zrandmember/
   */
  zrandmember(key: Arg): Out<V, M, V['value'] | null>;

  /**
   * Draws members at random and leaves them in the sorted set.
   * Distinct members; with a negative count, exactly that many, maybe repeated.
   * `ZRANDMEMBER` · since 6.2.0 · O(m), m members returned
   * @see https://redis.io/commands/zrandmember/
   */
  zrandmemberCount(key: Arg, count: IntArg): Out<V, M, V['value'][]>;

  /**
   * Draws members at random and leaves them in the sorted set.
   * `ZRANDMEMBER … WITHSCORES` · since 6.2.0 · O(m), m members returned
   * @see https://redis.io/commands/zrandmember/
   */
  zrandmemberWithScores(key: Arg, count: IntArg): Out<V, M, [V['value'], number][]>;

  /**
   * Returns the members between two ranks, scores or members, both included.
   * `ZRANGE` · since 1.2.0 · O(log n + m), m members returned
   * @see https://redis.io/commands/zrange/
   */
  zrange(key: Arg, start: Arg, stop: Arg, options?: { byScore?: boolean; byLex?: boolean; rev?: boolean; limit?: readonly [IntArg, IntArg] }): Out<V, M, V['value'][]>;

  /**
   * Returns the members between two ranks, scores or members, both included.
   * `ZRANGE … WITHSCORES` · since 1.2.0 · O(log n + m), m members returned
   * @see https://redis.io/commands/zrange/
   */
  zrangeWithScores(key: Arg, start: Arg, stop: Arg, options?: { byScore?: boolean; rev?: boolean; limit?: readonly [IntArg, IntArg] }): Out<V, M, [V['value'], number][]>;

  /**
   * Returns the members between two members, if all have the same score.
   * `ZRANGEBYLEX` · since 2.8.9 · O(log n + m), m members returned
   * @deprecated since 6.2.0: use `ZRANGE` with the `BYLEX` argument
   * @see https://redis.io/commands/zrangebylex/
   */
  zrangebylex(key: Arg, min: Arg, max: Arg, options?: { limit?: readonly [IntArg, IntArg] }): Out<V, M, V['value'][]>;

  /**
   * Returns the members with scores between two bounds.
   * `ZRANGEBYSCORE` · since 1.0.5 · O(log n + m), m members returned
   * @deprecated since 6.2.0: use `ZRANGE` with the `BYSCORE` argument
   * @see https://redis.io/commands/zrangebyscore/
   */
  zrangebyscore(key: Arg, min: Arg, max: Arg, options?: { limit?: readonly [IntArg, IntArg] }): Out<V, M, V['value'][]>;

  /**
   * Returns the members with scores between two bounds.
   * `ZRANGEBYSCORE … WITHSCORES` · since 1.0.5 · O(log n + m), m members returned
   * @deprecated since 6.2.0: use `ZRANGE` with the `BYSCORE` argument
   * @see https://redis.io/commands/zrangebyscore/
   */
  zrangebyscoreWithScores(key: Arg, min: Arg, max: Arg, options?: { limit?: readonly [IntArg, IntArg] }): Out<V, M, [V['value'], number][]>;

  /**
   * As ZRANGE, stored as a sorted set; returns how many members it has.
   * `ZRANGESTORE` · since 6.2.0 · O(log n + m), m members stored
   * @see https://redis.io/commands/zrangestore/
   */
  zrangestore(destination: Arg, source: Arg, start: Arg, stop: Arg, options?: { byScore?: boolean; byLex?: boolean; rev?: boolean; limit?: readonly [IntArg, IntArg] }): Out<V, M, V['integer']>;

  /**
   * Returns the rank of a member, 0 for the lowest score; null if it is absent.
   * `ZRANK` · since 2.0.0 · O(log n)
   * @see https://redis.io/commands/zrank/
   */
  zrank(key: Arg, member: V['input']): Out<V, M, V['integer'] | null>;

  /**
   * Returns the rank of a member, 0 for the lowest score; null if it is absent.
   * Returns `[rank, score]`. Since Redis 7.2.
   * `ZRANK … WITHSCORE` · since 2.0.0 · O(log n)
   * @see https://redis.io/commands/zrank/
   */
  zrankWithScore(key: Arg, member: V['input']): Out<V, M, [V['integer'], number] | null>;

  /**
   * Removes members; returns how many there were.
   * `ZREM` · since 1.2.0 · O(log n) for each member
   * @see https://redis.io/commands/zrem/
   */
  zrem(key: Arg, ...members: V['input'][] | [readonly V['input'][]]): Out<V, M, V['integer']>;

  /**
   * Removes the members between two members, if all have the same score; returns how many.
   * `ZREMRANGEBYLEX` · since 2.8.9 · O(log n + m), m members removed
   * @see https://redis.io/commands/zremrangebylex/
   */
  zremrangebylex(key: Arg, min: Arg, max: Arg): Out<V, M, V['integer']>;

  /**
   * Removes the members between two ranks, both included; returns how many.
   * `ZREMRANGEBYRANK` · since 2.0.0 · O(log n + m), m members removed
   * @see https://redis.io/commands/zremrangebyrank/
   */
  zremrangebyrank(key: Arg, start: IntArg, stop: IntArg): Out<V, M, V['integer']>;

  /**
   * Removes the members with scores between two bounds; returns how many.
   * `ZREMRANGEBYSCORE` · since 1.2.0 · O(log n + m), m members removed
   * @see https://redis.io/commands/zremrangebyscore/
   */
  zremrangebyscore(key: Arg, min: Arg, max: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the members between two ranks, counted from the highest score down.
   * `ZREVRANGE` · since 1.2.0 · O(log n + m), m members returned
   * @deprecated since 6.2.0: use `ZRANGE` with the `REV` argument
   * @see https://redis.io/commands/zrevrange/
   */
  zrevrange(key: Arg, start: Arg, stop: Arg): Out<V, M, V['value'][]>;

  /**
   * Returns the members between two ranks, counted from the highest score down.
   * `ZREVRANGE … WITHSCORES` · since 1.2.0 · O(log n + m), m members returned
   * @deprecated since 6.2.0: use `ZRANGE` with the `REV` argument
   * @see https://redis.io/commands/zrevrange/
   */
  zrevrangeWithScores(key: Arg, start: Arg, stop: Arg): Out<V, M, [V['value'], number][]>;

  /**
   * Returns the members between two members from the last to the first, if all have the same score.
   * `ZREVRANGEBYLEX` · since 2.8.9 · O(log n + m), m members returned
   * @deprecated since 6.2.0: use `ZRANGE` with the `REV` and `BYLEX` arguments
   * @see https://redis.io/commands/zrevrangebylex/
   */
  zrevrangebylex(key: Arg, max: Arg, min: Arg, options?: { limit?: readonly [IntArg, IntArg] }): Out<V, M, V['value'][]>;

  /**
   * Returns the members with scores between two bounds, from the highest score down.
   * `ZREVRANGEBYSCORE` · since 2.2.0 · O(log n + m), m members returned
   * @deprecated since 6.2.0: use `ZRANGE` with the `REV` and `BYSCORE` arguments
   * @see https://redis.io/commands/zrevrangebyscore/
   */
  zrevrangebyscore(key: Arg, max: Arg, min: Arg, options?: { limit?: readonly [IntArg, IntArg] }): Out<V, M, V['value'][]>;

  /**
   * Returns the members with scores between two bounds, from the highest score down.
   * `ZREVRANGEBYSCORE … WITHSCORES` · since 2.2.0 · O(log n + m), m members returned
   * @deprecated since 6.2.0: use `ZRANGE` with the `REV` and `BYSCORE` arguments
   * @see https://redis.io/commands/zrevrangebyscore/
   */
  zrevrangebyscoreWithScores(key: Arg, max: Arg, min: Arg, options?: { limit?: readonly [IntArg, IntArg] }): Out<V, M, [V['value'], number][]>;

  /**
   * Returns how many members come after this one, null if it is absent.
   * `ZREVRANK` · since 2.0.0 · O(log n)
   * @see https://redis.io/commands/zrevrank/
   */
  zrevrank(key: Arg, member: V['input']): Out<V, M, V['integer'] | null>;

  /**
   * Returns how many members come after this one, null if it is absent.
   * Returns `[rank, score]`. Since Redis 7.2.
   * `ZREVRANK … WITHSCORE` · since 2.0.0 · O(log n)
   * @see https://redis.io/commands/zrevrank/
   */
  zrevrankWithScore(key: Arg, member: V['input']): Out<V, M, [V['integer'], number] | null>;

  /**
   * Returns a part of the members with their scores, and the cursor for the next part: 0 at the end.
   * `ZSCAN` · since 2.8.0 · O(1) for each call, O(n) for a whole iteration
   * @see https://redis.io/commands/zscan/
   */
  zscan(key: Arg, cursor: Arg, options?: { match?: Arg; count?: IntArg }): Out<V, M, [string, [V['value'], number][]]>;

  /**
   * Returns a part of the members with their scores, and the cursor for the next part: 0 at the end.
   * Returns the members alone. Of Valkey.
   * `ZSCAN … NOSCORES` · since 2.8.0 · O(1) for each call, O(n) for a whole iteration
   * @see https://redis.io/commands/zscan/
   */
  zscanNoScores(key: Arg, cursor: Arg, options?: { match?: Arg; count?: IntArg }): Out<V, M, [string, V['value'][]]>;

  /**
   * Returns the score of a member, null if it is absent.
   * `ZSCORE` · since 1.2.0 · O(1)
   * @see https://redis.io/commands/zscore/
   */
  zscore(key: Arg, member: V['input']): Out<V, M, number | null>;

  /**
   * Returns the members that are in any of the sorted sets, with their scores combined.
   * `ZUNION` · since 6.2.0 · O(n) + O(m log m), n members in all inputs, m in the result
   * @see https://redis.io/commands/zunion/
   */
  zunion(keys: Arg | readonly Arg[], options?: { weights?: readonly NumberArg[]; aggregate?: 'sum' | 'min' | 'max' }): Out<V, M, V['value'][]>;

  /**
   * Returns the members that are in any of the sorted sets, with their scores combined.
   * `ZUNION … WITHSCORES` · since 6.2.0 · O(n) + O(m log m), n members in all inputs, m in the result
   * @see https://redis.io/commands/zunion/
   */
  zunionWithScores(keys: Arg | readonly Arg[], options?: { weights?: readonly NumberArg[]; aggregate?: 'sum' | 'min' | 'max' }): Out<V, M, [V['value'], number][]>;

  /**
   * As ZUNION, stored as a sorted set; returns how many members it has.
   * `ZUNIONSTORE` · since 2.0.0 · O(n) + O(m log m), n members in all inputs, m in the result
   * @see https://redis.io/commands/zunionstore/
   */
  zunionstore(destination: Arg, keys: Arg | readonly Arg[], options?: { weights?: readonly NumberArg[]; aggregate?: 'sum' | 'min' | 'max' }): Out<V, M, V['integer']>;
}
