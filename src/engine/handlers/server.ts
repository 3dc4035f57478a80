import { helpReply } from '../../commands/help.js';
import type { serverCommands } from '../../commands/server.js';
import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, NO_REPLY, OK, type Reply, replyErrors, VerbatimReply } from '../../core/reply.js';
import { exchangeKeyspaces } from '../database.js';
import type { Engine } from '../engine.js';
import type { HandlersOf } from '../handler.js';
import { infoText } from '../info.js';
import { lolwut } from '../lolwut.js';
import { releaseOf } from '../redis-version.js';
import { busyError } from '../scripting/scripting.js';
import type { EngineSession } from '../session.js';
import { aclHandlers } from './acl.js';
import { commandHandlers } from './command.js';
import { configHandlers } from './config.js';
import { debugHandlers } from './debug.js';
import { readInteger } from './late-integer.js';
import { latencyHandlers } from './latency.js';
import { memoryHandlers } from './memory.js';
import { replicationHandlers } from './replication.js';
import { savingHandlers } from './saving.js';
import { slowlogHandlers } from './slowlog.js';

const firstIndex = new ErrorReply('ERR invalid first DB index');
const secondIndex = new ErrorReply('ERR invalid second DB index');
const noSwap = new ErrorReply('ERR SWAPDB is not allowed in cluster mode');
const noSuchDatabase = new ErrorReply('ERR DB index is out of range');
const noShutdown = new ErrorReply('ERR No shutdown in progress.');
const monitorDenied = new ErrorReply("ERR MONITOR isn't allowed for DENY BLOCKING client");
const cannotLoad = new ErrorReply('ERR Error loading the extension. Please check the server logs.');
const noSuchModule = new ErrorReply('ERR Error unloading module: no such module with that name');

function databaseIndex(text: Bytes, error: ErrorReply): number {
  const index = parseInteger(text);
  if (typeof index !== 'number' || Math.abs(index) > 2 ** 31 - 1) throw error;
  return index;
}

function flushed(call: EngineSession, databases: Engine['databases']): Reply {
  for (const db of databases) call.engine.dirty += db.flush();
  call.engine.tracking.flushed();
  call.engine.propagate(call.db.index, [...call.argv]);
  return OK;
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
  ...replicationHandlers,
  ...savingHandlers,
  ...slowlogHandlers,

  dbsize: ({ db }) => db.size,

  flushall(call) {
    const { saver, replication } = call.engine;
    // Before: they would have to write down all that goes.
    saver.abandon();
    replication.syncs.abandon();
    const reply = flushed(call, call.engine.databases);
    saver.flushed();
    return reply;
  },

  flushdb: (call) => flushed(call, [call.db]),

  info: ({ engine }, { sections }) => new VerbatimReply(infoText(engine, sections)),

  lolwut({ engine }, { args }) {
    const [columns, rows] = lolwutSize(args);
    return new VerbatimReply(lolwut(engine.random, releaseOf(engine.settings), columns, rows));
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

  shutdown(call, { nosave = false, save = false, now = false, force = false, abort = false }) {
    const { engine } = call;
    if ((abort && (nosave || save || now || force)) || (nosave && save)) throw replyErrors.syntax;
    const { shutdown } = engine.replication;
    if (abort) {
      if (shutdown.abort()) return OK;
      throw noShutdown;
    }
    const { busy } = engine.scripting;
    if (busy !== null && !nosave) throw busyError(busy);
    const reply = shutdown.begin(call, { save, nosave, now, force });
    // Nothing can end while a script keeps the thread.
    if (busy !== null) busy.killed = true;
    return reply;
  },

  swapdb({ engine }, { index1, index2 }) {
    if (engine.cluster !== null) throw noSwap;
    const a = databaseIndex(index1, firstIndex);
    const b = databaseIndex(index2, secondIndex);
    if (engine.databases[a] === undefined || engine.databases[b] === undefined) throw noSuchDatabase;
    if (a !== b) exchangeKeyspaces(engine.databases[a], engine.databases[b]);
    engine.dirty++;
    return OK;
  },

  time({ engine }) {
    const now = engine.clock.now();
    const seconds = Math.floor(now / 1000);
    return [String(seconds), String(Math.floor((now - seconds * 1000) * 1000))];
  },
};
