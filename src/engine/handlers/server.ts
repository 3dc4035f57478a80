import { helpReply } from '../../commands/help.js';
import type { serverCommands } from '../../commands/server.js';
import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, NO_REPLY, OK, type Reply, replyErrors, VerbatimReply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import type { HandlersOf } from '../handler.js';
import { infoText } from '../info.js';
import { lolwut } from '../lolwut.js';
import type { EngineSession } from '../session.js';
import { aclHandlers } from './acl.js';
import { commandHandlers } from './command.js';
import { configHandlers } from './config.js';
import { debugHandlers } from './debug.js';
import { readInteger } from './late-integer.js';
import { latencyHandlers } from './latency.js';
import { memoryHandlers } from './memory.js';
import { savingHandlers } from './saving.js';
import { slowlogHandlers } from './slowlog.js';

const firstIndex = new ErrorReply('ERR invalid first DB index');
const secondIndex = new ErrorReply('ERR invalid second DB index');
const noSuchDatabase = new ErrorReply('ERR DB index is out of range');
const wrongPort = new ErrorReply('ERR Invalid master port');
const cannotFollow = new ErrorReply('ERR replication is not supported yet: only REPLICAOF NO ONE');
const noReplicas = new ErrorReply('ERR FAILOVER requires connected replicas.');
const noFailover = new ErrorReply('ERR No failover in progress.');
const wrongTimeout = new ErrorReply('ERR FAILOVER timeout must be greater than 0');
const noShutdown = new ErrorReply('ERR No shutdown in progress.');
const cannotShutDown = new ErrorReply('ERR Errors trying to SHUTDOWN. Check logs.');
const monitorDenied = new ErrorReply("ERR MONITOR isn't allowed for DENY BLOCKING client");
const cannotLoad = new ErrorReply('ERR Error loading the extension. Please check the server logs.');
const noSuchModule = new ErrorReply('ERR Error unloading module: no such module with that name');

const PORT_MAX = 65_535;

function databaseIndex(text: Bytes, error: ErrorReply): number {
  const index = parseInteger(text);
  if (typeof index !== 'number' || Math.abs(index) > 2 ** 31 - 1) throw error;
  return index;
}

function flushed(call: EngineSession, databases: Engine['databases']): Reply {
  for (const db of databases) call.engine.dirty += db.flush();
  call.engine.propagate(call.db.index, [...call.argv]);
  return OK;
}

function follow(host: Bytes, port: Bytes): Reply {
  if (host.toLowerCase() === 'no' && port.toLowerCase() === 'one') return OK;
  const number = parseInteger(port);
  if (typeof number !== 'number' || number < 0 || number > PORT_MAX) throw wrongPort;
  throw cannotFollow;
}

/** Reads what FAILOVER may say, only to refuse it as a server without replicas does. */
function failover(args: readonly Bytes[]): never {
  if (args.length === 1 && args[0].toLowerCase() === 'abort') throw noFailover;
  const seen = new Set<string>();
  for (let i = 0; i < args.length; i++) {
    const word = args[i].toLowerCase();
    if (seen.has(word)) throw replyErrors.syntax;
    if (word === 'timeout' && i + 1 < args.length) {
      if (readInteger(args[++i]) <= 0) throw wrongTimeout;
    } else if (word === 'to' && i + 2 < args.length) {
      readInteger(args[i + 2]);
      i += 2;
    } else if (word !== 'force') {
      throw replyErrors.syntax;
    }
    seen.add(word);
  }
  throw noReplicas;
}

/** LOLWUT [VERSION n] [columns] [rows]. */
function lolwutSize(args: readonly Bytes[]): number[] {
  const rest = args.length >= 2 && args[0].toLowerCase() === 'version' ? args.slice(2) : args;
  if (rest !== args) readInteger(args[1]);
  return rest.slice(0, 2).flatMap((arg) => {
    const number = parseInteger(arg);
    return number === null ? [] : [Number(number)];
  });
}

/** Handlers of the server group. */
export const serverHandlers: HandlersOf<typeof serverCommands> = {
  ...aclHandlers,
  ...commandHandlers,
  ...configHandlers,
  ...debugHandlers,
  ...latencyHandlers,
  ...memoryHandlers,
  ...savingHandlers,
  ...slowlogHandlers,

  dbsize: ({ db }) => db.size,

  failover: (_call, { args }) => failover(args),

  flushall(call) {
    const reply = flushed(call, call.engine.databases);
    call.engine.saver.flushed();
    return reply;
  },

  flushdb: (call) => flushed(call, [call.db]),

  info: ({ engine }, { sections }) => new VerbatimReply(infoText(engine, sections)),

  lolwut({ engine }, { args }) {
    const [columns, rows] = lolwutSize(args);
    return new VerbatimReply(lolwut(engine.random, columns, rows));
  },

  moduleHelp: () => helpReply('module'),

  moduleList: () => [],

  moduleLoad: () => cannotLoad,

  moduleLoadex: () => cannotLoad,

  moduleUnload: () => noSuchModule,

  monitor(call) {
    if (call.inExec) throw monitorDenied;
    if (call.monitor) return NO_REPLY;
    call.monitor = true;
    call.engine.monitors.add(call);
    call.engine.plainChanged();
    return OK;
  },

  replicaof: (_call, { host, port }) => follow(host, port),

  role: () => ['master', 0, []],

  shutdown({ engine }, { nosave = false, save = false, now = false, force = false, abort = false }) {
    if ((abort && (nosave || save || now || force)) || (nosave && save)) throw replyErrors.syntax;
    if (abort) throw noShutdown;
    if (engine.onShutdown === null) throw cannotShutDown;
    if (!engine.saver.saveBeforeExit({ save, nosave }) && !force) throw cannotShutDown;
    engine.onShutdown({ nosave, now, force });
    return NO_REPLY;
  },

  slaveof: (_call, { host, port }) => follow(host, port),

  swapdb({ engine }, { index1, index2 }) {
    const a = databaseIndex(index1, firstIndex);
    const b = databaseIndex(index2, secondIndex);
    if (engine.databases[a] === undefined || engine.databases[b] === undefined) throw noSuchDatabase;
    engine.swapDatabases(a, b);
    engine.dirty++;
    return OK;
  },

  time({ engine }) {
    const now = engine.clock.now();
    const seconds = Math.floor(now / 1000);
    return [String(seconds), String(Math.floor((now - seconds * 1000) * 1000))];
  },
};
