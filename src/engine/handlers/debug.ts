import type { debugCommands } from '../../commands/debug.js';
import { subcommandSyntax } from '../../commands/strict-end.js';
import type { Bytes } from '../../core/bytes.js';
import { ManualClock } from '../../core/clock.js';
import { formatFixed } from '../../core/double.js';
import { ErrorReply, OK, type Reply, replyErrors, Status, VerbatimReply } from '../../core/reply.js';
import { digestOfAll, digestOfValue } from '../digest.js';
import type { HandlersOf } from '../handler.js';
import { parseMemory } from '../memory-text.js';
import { rdbLength } from '../rdb-length.js';
import type { EngineSession } from '../session.js';
import { sleepBlocking } from '../sleep.js';
import { tableStatistics } from '../table-statistics.js';
import { ListValue } from '../values/list.js';
import { StreamValue } from '../values/stream.js';
import { populate } from './debug-populate.js';
import { protocolSample } from './debug-protocol.js';
import { readInteger } from './late-integer.js';
import { reload, reloadLog } from './saving.js';

const notSds = new ErrorReply('ERR Not an sds encoded string.');
const notListpack = new ErrorReply('ERR Not a listpack encoded object.');
const notQuicklist = new ErrorReply('ERR Not a quicklist encoded object.');
const notTable = new ErrorReply('ERR The value stored at the specified key is not represented using an hash table');
const noDatabase = new ErrorReply('ERR Out of range database');
const wrongThreshold = new ErrorReply('ERR argument must be a memory value bigger than 1 and smaller than 4gb');
const noClientEviction = new ErrorReply('ERR maxmemory-clients is disabled.');
const noManualClock = new ErrorReply('ERR The clock of this server is not moved by hand');
const notMilliseconds = new ErrorReply('ERR value is not a number of milliseconds');
const noCrash = new ErrorReply('ERR this server does not crash, leak or restart on demand');

const PACKED_THRESHOLD_MAX = 2 ** 32 - 2 ** 20;

/** The value of an argument as C's atoi parses it. */
function leadingInteger(text: Bytes): number {
  return Number.parseInt(text, 10) || 0;
}

function slotOf({ db }: EngineSession, key: Bytes): number {
  const slot = db.keyspace.find(key);
  if (slot < 0) throw replyErrors.noSuchKey;
  return slot;
}

function liveSlotOf({ db }: EngineSession, key: Bytes): number {
  const slot = db.peek(key);
  if (slot < 0) throw replyErrors.noSuchKey;
  return slot;
}

function encodingOf({ db }: EngineSession, slot: number): string {
  const { keyspace } = db;
  return keyspace.typeOf(slot) === 0 ? keyspace.stringEncoding(slot) : keyspace.collection(slot).encoding;
}

function objectFacts(call: EngineSession, key: Bytes): Status {
  const { db, engine } = call;
  const { keyspace } = db;
  const slot = slotOf(call, key);
  const stamp = keyspace.stamp(slot);
  const idleSeconds = engine.useClock.lfu ? 0 : Math.floor(engine.useClock.idleMs(stamp) / 1000);
  const facts = [
    `at:0x${slot.toString(16).padStart(12, '0')}`,
    'refcount:1',
    `encoding:${encodingOf(call, slot)}`,
    `serializedlength:${rdbLength(engine, keyspace, slot)}`,
    `lru:${stamp}`,
    `lru_seconds_idle:${idleSeconds}`,
  ];
  const value = keyspace.typeOf(slot) === 0 ? null : keyspace.collection(slot);
  if (value instanceof ListValue) {
    const perNode = formatFixed(value.size / Math.max(1, value.nodeCount), 2);
    facts.push(
      `ql_nodes:${value.nodeCount}`,
      `ql_avg_node:${perNode}`,
      `ql_listpack_max:${engine.settings.limits.listMaxListpackSize}`,
    );
    facts.push('ql_compressed:0', `ql_uncompressed_size:${value.memoryBytes}`);
  }
  return new Status(`Value ${facts.join(' ')}`);
}

function sdsFacts(call: EngineSession, key: Bytes): Status {
  const { keyspace } = call.db;
  const slot = slotOf(call, key);
  if (keyspace.typeOf(slot) !== 0 || keyspace.isInt(slot)) throw notSds;
  const facts = (part: string, length: number): string => {
    const block = keyspace.table.slab.capacityOf(length);
    return `${part}_sds_len:${length}, ${part}_sds_avail:${block - length}, ${part}_zmalloc: ${block}`;
  };
  return new Status(`${facts('key', key.length)}, ${facts('val', keyspace.stringLength(slot))}`);
}

function keyspaceTables({ engine }: EngineSession, text: Bytes): VerbatimReply {
  const index = readInteger(text);
  const keyspace = typeof index === 'number' ? engine.databases[index]?.keyspace : undefined;
  if (keyspace === undefined) throw noDatabase;
  const { size } = keyspace.expiries;
  // Expiries are a dense list: as many chains of length one as there are entries.
  const expires = tableStatistics([size === 0 ? [0] : [0, size]]);
  return new VerbatimReply(`[Dictionary HT]\n${tableStatistics(keyspace.table.chainCounts())}[Expires HT]\n${expires}`);
}

function valueTable(call: EngineSession, key: Bytes): VerbatimReply {
  const { keyspace } = call.db;
  const slot = liveSlotOf(call, key);
  const value = keyspace.typeOf(slot) === 0 ? null : keyspace.collection(slot);
  const table = value === null || value instanceof ListValue || value instanceof StreamValue ? null : value.table;
  if (table === null) throw notTable;
  return new VerbatimReply(tableStatistics(table.chainCounts()));
}

function replyBuffer(call: EngineSession, [what, value]: readonly Bytes[]): Reply {
  const word = what.toLowerCase();
  if (word === 'peak-reset-time') {
    if (!['never', 'reset'].includes(value.toLowerCase())) readInteger(value);
  } else if (word !== 'resizing') {
    throw subcommandSyntax(call.argv);
  }
  return OK;
}

function packedThreshold(text: Bytes): Reply {
  const bytes = parseMemory(text);
  if (bytes === null || bytes > PACKED_THRESHOLD_MAX) throw wrongThreshold;
  return OK;
}

/** Our own: moves a `ManualClock`, for tests over a connection. */
function moveClock({ engine: { clock }, argv }: EngineSession, [how, text]: readonly Bytes[]): Reply {
  if (!(clock instanceof ManualClock)) throw noManualClock;
  const ms = Number(text);
  const word = how.toLowerCase();
  if (word !== 'advance' && word !== 'set') throw subcommandSyntax(argv);
  if (text === '' || !(ms >= 0 && ms < Infinity)) throw notMilliseconds;
  if (word === 'set') clock.set(ms);
  else clock.advance(ms);
  return OK;
}

type Run = (call: EngineSession, args: readonly Bytes[]) => Reply;

interface Subcommand {
  min: number;
  max: number;
  usage: string;
  about: string;
  run: Run;
}

function sub(usage: string, about: string, min: number, max: number, run: Run): [string, Subcommand] {
  return [usage.split(' ')[0].toLowerCase(), { min, max, usage, about, run }];
}

const accepted: Run = () => OK;
const refused: Run = () => noCrash;

/** By lower-case word: how many arguments, and what it does. */
const subcommands = new Map<string, Subcommand>([
  sub('AOF-FLUSH-SLEEP <microsec>', 'Accepted; there is no append-only file yet.', 1, 1, accepted),
  sub('ASSERT', 'Refused.', 0, Infinity, refused),
  sub('CHANGE-REPL-ID', 'Gives the history of changes a new id.', 0, 0, ({ engine }) => {
    engine.replication.stream.rename();
    return OK;
  }),
  sub('CLIENT-EVICTION', 'Clients are not evicted by memory: always an error.', 0, 0, () => noClientEviction),
  sub('CONFIG-REWRITE-FORCE-ALL', 'As CONFIG REWRITE, with all parameters.', 0, 0, ({ engine }) => {
    const file = engine.surroundings.configFile;
    if (file === null) throw new ErrorReply('ERR CONFIG-REWRITE-FORCE-ALL failed: Bad address');
    file.write(engine.config.rewrite(file.read(), true));
    return OK;
  }),
  sub('CRASH-AND-RECOVER [<milliseconds>]', 'Refused.', 0, Infinity, refused),
  sub('DIGEST', 'A checksum of all data.', 0, 0, ({ engine }) => new Status(digestOfAll(engine.databases))),
  sub('DIGEST-VALUE <key> [<key> ...]', 'Checksums of values.', 0, Infinity, ({ db }, keys) =>
    keys.map((key) => new Status(digestOfValue(db, key))),
  ),
  sub('DROP-CLUSTER-PACKET-FILTER <type>', 'Accepted; there is no cluster yet.', 1, 1, (_call, [type]) => {
    readInteger(type);
    return OK;
  }),
  sub(
    'ERROR <text>',
    'Answers with an error of this text.',
    1,
    1,
    (_call, [text]) => new ErrorReply(text.replace(/[\r\n]/g, ' ')),
  ),
  sub('HTSTATS <database>', 'Statistics of the hash tables of a database.', 1, 1, (call, [index]) =>
    keyspaceTables(call, index),
  ),
  sub('HTSTATS-KEY <key>', 'Statistics of the hash table of a value.', 1, 1, (call, [key]) => valueTable(call, key)),
  sub('LEAK <text>', 'Refused.', 1, 1, refused),
  sub('LISTPACK <key>', 'Checks that a value is a listpack, and logs its size.', 1, 1, (call, [key]) => {
    const slot = liveSlotOf(call, key);
    if (encodingOf(call, slot) !== 'listpack') throw notListpack;
    call.engine.surroundings.log('notice', `DEBUG LISTPACK: ${call.db.keyspace.collection(slot).size} entries`);
    return new Status('Listpack structure printed on stdout');
  }),
  sub('LOADAOF', 'Loads the data anew from the append-only file.', 0, Infinity, reloadLog),
  sub('LOG <message>', 'Writes a message to the log.', 1, 1, ({ engine }, [message]) => {
    engine.surroundings.log('warning', `DEBUG LOG: ${message}`);
    return OK;
  }),
  sub('OBJECT <key>', 'Facts about a value.', 1, 1, (call, [key]) => objectFacts(call, key)),
  sub('OOM', 'Refused.', 0, Infinity, refused),
  sub('PANIC', 'Refused.', 0, Infinity, refused),
  sub('PAUSE-CRON <0|1>', 'Stops the periodic work, or lets it go on.', 1, 1, ({ engine }, [on]) => {
    engine.cronPaused = leadingInteger(on) !== 0;
    return OK;
  }),
  sub(
    'POPULATE <count> [<prefix>] [<size>]',
    'Makes keys <prefix>:0, <prefix>:1 … where they are absent.',
    1,
    3,
    populate,
  ),
  sub('PROTOCOL <type>', 'Answers with a sample of a type of reply.', 1, 1, (call, [type]) =>
    protocolSample(call, type),
  ),
  sub('QUICKLIST <key> [<0|1>]', 'Checks that a value is a quicklist, and logs its size.', 1, 2, (call, [key]) => {
    const slot = liveSlotOf(call, key);
    if (encodingOf(call, slot) !== 'quicklist') throw notQuicklist;
    call.engine.surroundings.log('notice', `DEBUG QUICKLIST: ${call.db.keyspace.collection(slot).size} entries`);
    return new Status('Quicklist structure printed on stdout');
  }),
  sub('QUICKLIST-PACKED-THRESHOLD <size>', 'Accepted; list nodes have one form only.', 1, 1, (_call, [size]) =>
    packedThreshold(size),
  ),
  sub('RELOAD [option ...]', 'Saves the data and loads them: NOSAVE, NOFLUSH, MERGE.', 0, Infinity, reload),
  sub(
    'REPLICATE <word> [<word> ...]',
    'Hands a command to whoever repeats the changes.',
    1,
    Infinity,
    ({ engine, db }, words) => {
      engine.propagate(db.index, [...words]);
      return OK;
    },
  ),
  sub(
    'REPLYBUFFER <PEAK-RESET-TIME|RESIZING> <value>',
    'Accepted; reply buffers are shared by all clients.',
    2,
    2,
    replyBuffer,
  ),
  sub('RESTART [<milliseconds>]', 'Refused.', 0, Infinity, refused),
  sub('SDSLEN <key>', 'How many bytes a key and its string take.', 1, 1, (call, [key]) => sdsFacts(call, key)),
  sub('SEGFAULT', 'Refused.', 0, Infinity, refused),
  sub('SET-ACTIVE-EXPIRE <0|1>', 'Turns active expiry off or on.', 1, 1, ({ engine }, [on]) => {
    engine.activeExpiry.enabled = leadingInteger(on) !== 0;
    return OK;
  }),
  sub(
    'SET-DISABLE-DENY-SCRIPTS <0|1>',
    'Whether scripts may give commands that are denied to scripts.',
    1,
    1,
    ({ engine }, [on]) => {
      engine.scripting.allowsAll = leadingInteger(on) !== 0;
      return OK;
    },
  ),
  sub('SET-SKIP-CHECKSUM-VALIDATION <0|1>', 'Whether RESTORE checks the checksum.', 1, 1, ({ engine }, [on]) => {
    engine.skipChecksums = leadingInteger(on) !== 0;
    return OK;
  }),
  sub(
    'SLEEP <seconds>',
    'Blocks the whole engine; a clock that is moved by hand moves.',
    1,
    1,
    ({ engine }, [text]) => {
      const seconds = Number.parseFloat(text) || 0;
      if (engine.clock instanceof ManualClock) engine.clock.advance(Math.max(0, seconds) * 1000);
      else sleepBlocking(seconds * 1_000_000);
      return OK;
    },
  ),
  sub(
    'CLOCK <ADVANCE|SET> <milliseconds>',
    'Moves the clock of a server that has one to be moved by hand.',
    2,
    2,
    moveClock,
  ),
]);

function help(): Reply {
  const lines = [...subcommands.values()].flatMap(({ usage, about }) => [usage, `    ${about}`]);
  const all = [
    'DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
    ...lines,
    'HELP',
    '    Prints this help.',
  ];
  return all.map((line) => new Status(line));
}

/** Handlers of DEBUG. */
export const debugHandlers: HandlersOf<typeof debugCommands> = {
  debug(call, { subcommand, args }) {
    const word = subcommand.toLowerCase();
    if (word === 'help' && args.length === 0) return help();
    const found = subcommands.get(word);
    if (!found || args.length < found.min || args.length > found.max) throw subcommandSyntax(call.argv);
    return found.run(call, args);
  },
};
