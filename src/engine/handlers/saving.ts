import type { savingCommands } from '../../commands/saving.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, OK, type Reply, Status } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import type { Saver } from '../saver.js';
import type { EngineSession } from '../session.js';

/** Redis' error without a text. */
const plainError = new ErrorReply('ERR');
const savingAlready = new ErrorReply('ERR Background save already in progress');
const rewritingAlready = new ErrorReply('ERR Background append only file rewriting already in progress');
const otherChild = new ErrorReply(
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
);
const cannotRewrite = new ErrorReply(
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
);
const wrongReload = new ErrorReply('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
const cannotLoad = new ErrorReply('ERR Error trying to load the RDB dump');
const noJournal = new ErrorReply('ERR there is no append-only file');

const nothingToCancel = new ErrorReply('ERR Background saving is currently not in progress or scheduled');

const started = new Status('Background saving started');
const scheduled = new Status('Background saving scheduled');
const rewriteStarted = new Status('Background append only file rewriting started');
const rewriteScheduled = new Status('Background append only file rewriting scheduled');

/** Handlers of SAVE and its relatives. */
export const savingHandlers: HandlersOf<typeof savingCommands> = {
  bgrewriteaof({ engine: { saver }, inExec }) {
    const { journal } = saver;
    if (journal?.rewriting) return rewritingAlready;
    if (journal === null) return cannotRewrite;
    if (saver.background !== null || inExec) {
      saver.rewriteScheduled = true;
      return rewriteScheduled;
    }
    return journal.rewrite() ? rewriteStarted : cannotRewrite;
  },

  bgsave({ engine: { saver }, inExec }, { schedule, cancel }) {
    if (cancel) return cancelled(saver);
    if (saver.background !== null) return savingAlready;
    if (inExec || saver.journal?.rewriting) {
      if (!inExec && !schedule) return otherChild;
      saver.scheduled = true;
      return scheduled;
    }
    return saver.saveInBackground() ? started : plainError;
  },

  lastsave: ({ engine }) => Math.floor(engine.lastSaveAt / 1000),

  save({ engine: { saver } }) {
    if (saver.background !== null) return savingAlready;
    return saver.save() ? OK : plainError;
  },
};

/** BGSAVE CANCEL: what runs is given up, and what was to come is not begun. */
function cancelled(saver: Saver): Reply {
  if (saver.background !== null) {
    saver.abandon();
    return new Status('Background saving cancelled');
  }
  if (!saver.scheduled) return nothingToCancel;
  saver.scheduled = false;
  return new Status('Scheduled background saving cancelled');
}

/** DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE]. */
export function reload({ engine }: EngineSession, args: readonly Bytes[]): Reply {
  const words = new Set(args.map((arg) => arg.toLowerCase()));
  for (const word of words) if (!['merge', 'noflush', 'nosave'].includes(word)) throw wrongReload;
  try {
    engine.saver.reload({ save: !words.has('nosave'), flush: !words.has('noflush'), merge: words.has('merge') });
  } catch (error) {
    engine.surroundings.log('warning', `DEBUG RELOAD: ${error instanceof Error ? error.message : String(error)}`);
    return cannotLoad;
  }
  engine.surroundings.log('warning', 'DB reloaded by DEBUG RELOAD');
  return OK;
}

/** DEBUG LOADAOF. */
export function reloadLog({ engine }: EngineSession): Reply {
  if (engine.saver.journal === null) throw noJournal;
  try {
    engine.saver.journal.reload();
  } catch (error) {
    engine.surroundings.log('warning', `DEBUG LOADAOF: ${error instanceof Error ? error.message : String(error)}`);
    return cannotLoad;
  }
  engine.dirty = 0;
  engine.surroundings.log('warning', 'Append Only File loaded by DEBUG LOADAOF');
  return OK;
}
