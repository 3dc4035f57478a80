// Generated from the command table by tools/generate-facade.ts; run `npm run generate` after a change to src/commands.
/* biome-ignore-all lint: generated */
import type { BitfieldArgs } from '../commands/bitfield-operations.js';
import type { Mode, Out } from './mode.js';
import type { Arg, NumberArg, Pairs, ReplyValue, View } from './view.js';

/** Every command as a method. `V`: the types of replies; `M`: awaited, synchronous or queued. */
export interface Commands<V extends View, M extends Mode> {
  /**
   * Adds bytes to the end of a string, making it if it is absent; returns the new length.
   * `APPEND` · since 2.0.0 · O(1) amortised
   * @see https://redis.io/commands/append/
   */
  append(key: Arg, value: Arg): Out<V, M, V['integer']>;

  /**
   * Proves who the client is, with a password and perhaps a user name.
   * `AUTH` · since 1.0.0 · O(n) of the passwords of the user
   * @see https://redis.io/commands/auth/
   */
  auth(password: Arg, options?: { username?: Arg }): Out<V, M, 'OK'>;

  /**
   * Counts the bits that are 1 in a string or a range of it.
   * `BITCOUNT` · since 2.6.0 · O(n) of the bytes
   * @see https://redis.io/commands/bitcount/
   */
  bitcount(key: Arg, options?: { range?: readonly [start: number | bigint, end: number | bigint, unit?: 'byte' | 'bit'] }): Out<V, M, V['integer']>;

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
  bitop(operation: 'and' | 'or' | 'xor' | 'not', destination: Arg, ...sources: Arg[] | [readonly Arg[]]): Out<V, M, V['integer']>;

  /**
   * Finds the first bit that is 1, or 0, in a string or a range of it; −1 if there is none.
   * `BITPOS` · since 2.8.7 · O(n) of the bytes
   * @see https://redis.io/commands/bitpos/
   */
  bitpos(key: Arg, bit: number | bigint, options?: { range?: readonly [start: number | bigint, end?: number | bigint, unit?: 'byte' | 'bit'] }): Out<V, M, V['integer']>;

  /**
   * Says whether the keys of the next command are tracked, in the modes OPTIN and OPTOUT.
   * `CLIENT CACHING` · since 6.0.0 · O(1)
   * @see https://redis.io/commands/client-caching/
   */
  clientCaching(mode: Arg): Out<V, M, 'OK'>;

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
   * Describes this connection in one line.
   * `CLIENT INFO` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/client-info/
   */
  clientInfo(): Out<V, M, V['bytes']>;

  /**
   * Closes the connection from an address, or all that fit the filters; returns how many.
   * `CLIENT KILL` · since 2.4.0 · O(n) of the connections
   * @see https://redis.io/commands/client-kill/
   */
  clientKill(options?: { id?: number | bigint; type?: 'normal' | 'master' | 'replica' | 'pubsub'; addr?: Arg; laddr?: Arg; user?: Arg; skipMe?: 'yes' | 'no' }): Out<V, M, V['integer']>;

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
  clientList(options?: { type?: 'normal' | 'master' | 'replica' | 'pubsub'; ids?: readonly (number | bigint)[] }): Out<V, M, V['bytes']>;

  /**
   * Exempts this connection from being closed when connections take too much memory.
   * `CLIENT NO-EVICT` · since 7.0.0 · O(1)
   * @see https://redis.io/commands/client-no-evict/
   */
  clientNoEvict(mode: 'on' | 'off'): Out<V, M, 'OK'>;

  /**
   * Holds back all commands, or those that write, for some milliseconds.
   * `CLIENT PAUSE` · since 2.9.50 · O(1)
   * @see https://redis.io/commands/client-pause/
   */
  clientPause(timeout: number | bigint, options?: { mode?: Arg }): Out<V, M, 'OK'>;

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
  clientTracking(mode: Arg, options?: { redirect?: readonly (number | bigint)[]; prefix?: readonly (Arg)[]; bcast?: boolean; optIn?: boolean; optOut?: boolean; noLoop?: boolean }): Out<V, M, 'OK'>;

  /**
   * Describes how keys are tracked for this connection.
   * `CLIENT TRACKINGINFO` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/client-trackinginfo/
   */
  clientTrackinginfo(): Out<V, M, Record<string, ReplyValue<V>>>;

  /**
   * Ends the wait of another connection in a blocking command, by time-out or with an error.
   * `CLIENT UNBLOCK` · since 5.0.0 · O(log n) of the connections
   * @see https://redis.io/commands/client-unblock/
   */
  clientUnblock(id: number | bigint, options?: { reason?: Arg }): Out<V, M, V['integer']>;

  /**
   * Ends a CLIENT PAUSE.
   * `CLIENT UNPAUSE` · since 6.2.0 · O(n) of the connections held back
   * @see https://redis.io/commands/client-unpause/
   */
  clientUnpause(): Out<V, M, 'OK'>;

  /**
   * Subtracts one from the integer in a string; an absent key counts as 0.
   * `DECR` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/decr/
   */
  decr(key: Arg): Out<V, M, V['integer']>;

  /**
   * Subtracts from the integer in a string; an absent key counts as 0.
   * `DECRBY` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/decrby/
   */
  decrby(key: Arg, decrement: number | bigint): Out<V, M, V['integer']>;

  /**
   * Returns its argument.
   * `ECHO` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/echo/
   */
  echo(message: Arg): Out<V, M, V['bytes']>;

  /**
   * Returns the string of a key, null if it is absent.
   * `GET` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/get/
   */
  get(key: Arg): Out<V, M, V['bytes'] | null>;

  /**
   * Returns the bit at an offset; beyond the end every bit is 0.
   * `GETBIT` · since 2.2.0 · O(1)
   * @see https://redis.io/commands/getbit/
   */
  getbit(key: Arg, offset: number | bigint): Out<V, M, 0 | 1>;

  /**
   * Returns the string of a key and removes the key.
   * `GETDEL` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/getdel/
   */
  getdel(key: Arg): Out<V, M, V['bytes'] | null>;

  /**
   * Returns the string of a key and gives the key a TTL, or takes it away.
   * `GETEX` · since 6.2.0 · O(1)
   * @see https://redis.io/commands/getex/
   */
  getex(key: Arg, options?: { ex?: number | bigint; px?: number | bigint; exat?: number | bigint | Date; pxat?: number | bigint | Date; persist?: boolean }): Out<V, M, V['bytes'] | null>;

  /**
   * Returns the bytes from start to end, both included; negative offsets count from the end.
   * `GETRANGE` · since 2.4.0 · O(n) of the bytes returned
   * @see https://redis.io/commands/getrange/
   */
  getrange(key: Arg, start: number | bigint, end: number | bigint): Out<V, M, V['bytes']>;

  /**
   * Gives a key a string and returns the old one.
   * `GETSET` · since 1.0.0 · O(1)
   * @deprecated since 6.2.0: use `SET` with the `!GET` argument
   * @see https://redis.io/commands/getset/
   */
  getset(key: Arg, value: Arg): Out<V, M, V['bytes'] | null>;

  /**
   * Adds one to the integer in a string; an absent key counts as 0.
   * `INCR` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/incr/
   */
  incr(key: Arg): Out<V, M, V['integer']>;

  /**
   * Adds to the integer in a string; an absent key counts as 0.
   * `INCRBY` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/incrby/
   */
  incrby(key: Arg, increment: number | bigint): Out<V, M, V['integer']>;

  /**
   * Adds a decimal number to the number in a string; an absent key counts as 0.
   * `INCRBYFLOAT` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/incrbyfloat/
   */
  incrbyfloat(key: Arg, increment: NumberArg): Out<V, M, number>;

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
  lcsIdx(key1: Arg, key2: Arg, options?: { minMatchLen?: number | bigint }): Out<V, M, { matches: { first: [number, number]; second: [number, number]; length: number }[]; length: number }>;

  /**
   * Finds the longest sequence of bytes that two strings have in common, gaps allowed.
   * Returns its length only.
   * `LCS … LEN` · since 7.0.0 · O(n × m) of the two lengths
   * @see https://redis.io/commands/lcs/
   */
  lcsLen(key1: Arg, key2: Arg): Out<V, M, V['integer']>;

  /**
   * Returns the strings of several keys, null for keys that are absent or hold something else.
   * `MGET` · since 1.0.0 · O(n) of the keys
   * @see https://redis.io/commands/mget/
   */
  mget(...keys: Arg[] | [readonly Arg[]]): Out<V, M, (V['bytes'] | null)[]>;

  /**
   * Gives several keys a string each, atomically.
   * `MSET` · since 1.0.1 · O(n) of the keys
   * @see https://redis.io/commands/mset/
   */
  mset(pairs: Pairs): Out<V, M, 'OK'>;

  /**
   * Gives several keys a string each, if none of them exists.
   * `MSETNX` · since 1.0.1 · O(n) of the keys
   * @see https://redis.io/commands/msetnx/
   */
  msetnx(pairs: Pairs): Out<V, M, boolean>;

  /**
   * Shows elements to a HyperLogLog, making it if it is absent; true if its estimate may have changed.
   * `PFADD` · since 2.8.9 · O(1) per element
   * @see https://redis.io/commands/pfadd/
   */
  pfadd(key: Arg, ...elements: Arg[] | [readonly Arg[]]): Out<V, M, boolean>;

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
   * Gives a key a string and a TTL in milliseconds.
   * `PSETEX` · since 2.6.0 · O(1)
   * @see https://redis.io/commands/psetex/
   */
  psetex(key: Arg, milliseconds: number | bigint, value: Arg): Out<V, M, 'OK'>;

  /**
   * Sends a message to a channel; returns how many listeners got it.
   * `PUBLISH` · since 2.0.0 · O(n + m) of the listeners and of all patterns
   * @see https://redis.io/commands/publish/
   */
  publish(channel: Arg, message: Arg): Out<V, M, V['integer']>;

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
  pubsubNumsub(options?: { channels?: readonly (Arg)[] }): Out<V, M, [V['bytes'], V['integer']][]>;

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
  pubsubShardnumsub(options?: { channels?: readonly (Arg)[] }): Out<V, M, [V['bytes'], V['integer']][]>;

  /**
   * Chooses the database of the connection.
   * `SELECT` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/select/
   */
  select(index: number | bigint): Out<V, M, 'OK'>;

  /**
   * Gives a key a string, whatever it held before; its TTL is dropped unless kept or set.
   * `SET` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/set/
   */
  set(key: Arg, value: Arg, options?: { nx?: boolean; xx?: boolean; ex?: number | bigint; px?: number | bigint; exat?: number | bigint | Date; pxat?: number | bigint | Date; keepTtl?: boolean }): Out<V, M, boolean>;

  /**
   * Gives a key a string, whatever it held before; its TTL is dropped unless kept or set.
   * Returns the old string.
   * `SET … GET` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/set/
   */
  setGet(key: Arg, value: Arg, options?: { nx?: boolean; xx?: boolean; ex?: number | bigint; px?: number | bigint; exat?: number | bigint | Date; pxat?: number | bigint | Date; keepTtl?: boolean }): Out<V, M, V['bytes'] | null>;

  /**
   * Sets the bit at an offset, in a string that grows as needed; returns the bit that was there.
   * `SETBIT` · since 2.2.0 · O(1), and O(n) of the bytes added
   * @see https://redis.io/commands/setbit/
   */
  setbit(key: Arg, offset: number | bigint, value: number | bigint): Out<V, M, 0 | 1>;

  /**
   * Gives a key a string and a TTL in seconds.
   * `SETEX` · since 2.0.0 · O(1)
   * @see https://redis.io/commands/setex/
   */
  setex(key: Arg, seconds: number | bigint, value: Arg): Out<V, M, 'OK'>;

  /**
   * Gives a key a string if the key does not exist.
   * `SETNX` · since 1.0.0 · O(1)
   * @see https://redis.io/commands/setnx/
   */
  setnx(key: Arg, value: Arg): Out<V, M, boolean>;

  /**
   * Overwrites a string from an offset on, with zeros before it where it was shorter; returns the new length.
   * `SETRANGE` · since 2.2.0 · O(n) of the bytes written
   * @see https://redis.io/commands/setrange/
   */
  setrange(key: Arg, offset: number | bigint, value: Arg): Out<V, M, V['integer']>;

  /**
   * Sends a message to a shard channel; returns how many listeners got it.
   * `SPUBLISH` · since 7.0.0 · O(n) of the listeners
   * @see https://redis.io/commands/spublish/
   */
  spublish(channel: Arg, message: Arg): Out<V, M, V['integer']>;

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
  substr(key: Arg, start: number | bigint, end: number | bigint): Out<V, M, V['bytes']>;
}
